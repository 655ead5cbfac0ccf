"""The English catalogue is complete: every text of a screen with its placeholders, and nothing else."""

import gettext
import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "helpdesk" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
SOURCES = ("helpdesk", "templates")

Key = tuple[str | None, str]
"""Context and Indonesian text (of a plural, the singular)."""

PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%|\{\w+\}")

SAME_IN_BOTH = frozenset(
    {
        "%(count)s Mitra",
        "%(kb)s KB",
        "Auditor",
        "Batch",
        "Batch %(label)s",
        "File",
        "Form %(form_no)s",
        "LWK",
        "Majelis",
        "Mitra",
        "No.",
        "Poster (PDF)",
        "Poster A3",
        "Poster A4",
        "SMS",
        "Status",
        "Telegram",
        "Video",
        "Web",
        "WhatsApp",
        "status",
        "target %(target)s",
    }
)
"""Names, units and words that both languages share."""


def wanted(path: str) -> bool:
    first = Path(path).relative_to(ROOT).parts[0]
    return first in SOURCES and not Path(path).name.startswith((".", "__"))


@cache
def texts_of_sources() -> frozenset[Key]:
    """Return what `make translations` would collect, with its keywords and mapping."""
    marks = re.findall(r" -k (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    keywords = {**DEFAULT_KEYWORDS, **parse_keywords(marks)}
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, keywords=keywords, directory_filter=wanted)
    return frozenset((context, ids if isinstance(ids, str) else ids[0]) for *_, ids, _, context in found)


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def entries() -> list[Message]:
    return [message for message in catalogue() if message.id]


def key_of(message: Message) -> Key:
    return message.context, texts(message.id)[0]


def texts(ids: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the one text, or all forms of a plural."""
    return (ids,) if isinstance(ids, str) else tuple(ids or ("",))


def test_every_text_of_a_screen_is_in_the_catalogue() -> None:
    missing = texts_of_sources() - {key_of(message) for message in entries()}
    assert sorted(missing, key=str) == [], "run `make translations`, then write the English"


def test_the_catalogue_keeps_no_text_that_no_screen_has() -> None:
    left = {key_of(message) for message in entries()} - texts_of_sources()
    assert sorted(left, key=str) == [], "run `make translations`"
    assert not catalogue().obsolete


def test_every_text_has_english_that_somebody_confirmed() -> None:
    unfinished = [message.id for message in entries() if message.fuzzy or not all(texts(message.string))]
    assert unfinished == []


def test_plurals_have_both_english_forms() -> None:
    plurals = [message for message in entries() if message.pluralizable]
    assert plurals
    assert [message.id for message in plurals if len(texts(message.string)) != catalogue().num_plurals] == []


def test_both_languages_have_the_same_placeholders() -> None:
    wrong = [
        (source, english)
        for message in entries()
        for english in texts(message.string)
        for source in texts(message.id)[:1]
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(english))
    ]
    assert wrong == []


def test_blanks_around_a_text_are_kept() -> None:
    wrong = [
        message.id
        for message in entries()
        for source, english in zip(texts(message.id), texts(message.string), strict=True)
        if (source[:1].isspace(), source[-1:].isspace()) != (english[:1].isspace(), english[-1:].isspace())
    ]
    assert wrong == []


def test_only_names_and_shared_words_are_the_same_in_english() -> None:
    same = {
        source for message in entries() for source in texts(message.id) if source in texts(message.string)
    }
    assert sorted(same - SAME_IN_BOTH) == []


def test_the_compiled_catalogue_speaks_english() -> None:
    compiled = BytesIO()
    # A catalogue without a header counts as fuzzy itself, so `make` compiles with --use-fuzzy as well.
    write_mo(compiled, catalogue(), use_fuzzy=True)
    compiled.seek(0)
    spoken = gettext.GNUTranslations(compiled)
    assert spoken.gettext("Antrean") == "Queue"
    assert [spoken.ngettext("%(num)s tiket berhasil.", "", n) for n in (1, 2)] == [
        "%(num)s ticket done.",
        "%(num)s tickets done.",
    ]
