"""The standing texts as documents: a YAML file as texts.yaml is one, and the JSON of one step."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.wording import Language, Part, StepTexts, TextForm, steps

MAX_TEXT = 1500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u2028-\u202e\ufeff]")

StepDocument = dict[str, dict[str, str]]


def normalised(text: str) -> str:
    """Return the text as it is kept: one form of line ends and letters, no blanks at the end of lines."""
    unified = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    lines = (line.rstrip() for line in _CONTROL.sub("", unified).split("\n"))
    return "\n".join(lines).strip()


def to_document(texts: StepTexts) -> StepDocument:
    """Return the texts of a step as JSON carries them, in the order of the file."""
    found: StepDocument = {}
    for form in TextForm:
        for language in Language:
            if (form, language) in texts:
                found.setdefault(form.value, {})[language.value] = texts[form, language]
    return found


def from_document(document: Mapping[str, Mapping[str, str]]) -> dict[Part, str]:
    """Return the texts that to_document() wrote; forms and languages that we no longer have are passed over."""
    return {
        (form, language): document[form][language]
        for form in TextForm
        for language in Language
        if language in document.get(form, {})
    }


def parse_texts(document: str) -> dict[str, dict[Part, str]]:
    """Read a YAML document of some steps or all. Raises InvalidInput that says where it is broken."""
    try:
        mapping = yaml.safe_load(document)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidInput(f"broken YAML{line}: {error.problem}", field="document", code="yaml") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"broken YAML: {error}", field="document", code="yaml") from None
    if not isinstance(mapping, dict) or not mapping:
        raise InvalidInput("texts are a mapping of steps to texts", field="document", code="yaml")
    faults: list[str] = []
    found = {str(step): _step(str(step), body, faults) for step, body in mapping.items()}
    if faults:
        raise InvalidInput("; ".join(faults), field="document", code="texts")
    return found


def write_texts(texts: Mapping[str, StepTexts]) -> str:
    """Return a document that parse_texts() reads back the same."""
    entries = {step: to_document(texts[step]) for step in sorted(texts)}
    return yaml.dump(entries, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


def fingerprint(parts: Iterable[object]) -> str:
    """Return the sign of a draft as somebody saw it: another text or another reason is another draft."""
    said = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _step(step: str, body: Any, faults: list[str]) -> dict[Part, str]:
    if step not in steps():
        faults.append(f"there is no step {step}")
        return {}
    if not isinstance(body, dict) or not body:
        faults.append(f"{step}: chat and sms, each with id and en")
        return {}
    found: dict[Part, str] = {}
    for form, pair in body.items():
        if form not in set(TextForm) or not isinstance(pair, dict):
            faults.append(f"{step}: {form} is neither chat nor sms with id and en")
            continue
        for language, text in pair.items():
            if language not in set(Language):
                faults.append(f"{step} {form}: {language} is neither id nor en")
            elif not isinstance(text, str) or len(text) > MAX_TEXT:
                faults.append(f"{step} {form} {language} is no text of at most {MAX_TEXT} characters")
            else:
                found[TextForm(form), Language(language)] = normalised(text)
    return found


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as people do."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
