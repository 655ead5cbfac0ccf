"""What is wrong with what may be pressed under a text: it fits, and means in its place what the shipped one means."""

from collections.abc import Iterator

from helpdesk.domain.conversation import menu_choice, understand
from helpdesk.domain.dialogue import MENUS
from helpdesk.domain.messages import Option
from helpdesk.domain.options import Offer, has_options, offer_of
from helpdesk.domain.text_faults import TextFault
from helpdesk.domain.wording import Language, TextBook, TextForm

BUTTON_LIMIT, ROW_LIMIT, DETAIL_LIMIT = 20, 24, 72
BYTES_LIMIT = 64
"""What Telegram sends back of a label that was pressed."""


def option_faults(book: TextBook, step: str, language: Language) -> Iterator[TextFault]:
    """Yield what is wrong with what may be pressed under the text of a step."""
    text = book.texts(step).get((TextForm.OPTIONS, language), "")
    if not has_options(step):
        if text:
            yield TextFault("no_options")
        return
    if set("{}") & set(text):
        yield TextFault("braces")
    offer, shipped = offer_of(step, language, book), offer_of(step, language)
    if bool(offer.list_title) is not bool(shipped.list_title):
        yield TextFault("title" if shipped.list_title else "no_title")
        return
    yield from _size_faults(offer)
    if len(offer.options) != len(shipped.options):
        yield TextFault("option_count", details={"count": len(shipped.options), "found": len(offer.options)})
        return
    for option, before in zip(offer.options, shipped.options, strict=True):
        if not _means_the_same(book, step, option, before):
            yield TextFault("option_meaning", details={"words": option.label, "shipped": before.label})


def _size_faults(offer: Offer) -> Iterator[TextFault]:
    most = ROW_LIMIT if offer.list_title else BUTTON_LIMIT
    sized = [(offer.list_title, BUTTON_LIMIT)]
    for option in offer.options:
        sized += [(option.label, most), (option.detail, DETAIL_LIMIT if offer.list_title else 0)]
    for words, limit in sized:
        if len(words) > limit:
            yield TextFault("label_too_long", details={"words": words, "limit": limit})
    labels = [option.label for option in offer.options]
    if any(len(label.encode()) > BYTES_LIMIT for label in labels):
        yield TextFault("label_too_long", details={"words": max(labels, key=len), "limit": most})
    if len(set(labels)) < len(labels) or not all(labels):
        yield TextFault("same_label")


def _means_the_same(book: TextBook, step: str, option: Option, before: Option) -> bool:
    """A menu hears the line; everywhere else, and at the line for a person, the kind of answer counts."""
    line = menu_choice(before.label, step) if step in MENUS else None
    if line is not None:
        return menu_choice(option.label, step, book) == line
    heard, meant = understand(option.label), understand(before.label)
    return (heard.kind, heard.choice) == (meant.kind, meant.choice)
