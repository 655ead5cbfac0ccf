"""What may be pressed: short enough for a button, and understood when it is typed."""

import pytest

from helpdesk.domain.conversation import UtteranceKind, menu_choice, understand
from helpdesk.domain.options import Offer, offer_of
from helpdesk.domain.wording import Language, steps

OFFERS = [
    (step, language, offer)
    for step in sorted(steps())
    for language in Language
    if (offer := offer_of(step, language)).options
]
MENUS = {"T04", "T13", "T17b", "T21", "T23"}


@pytest.mark.parametrize(("step", "language", "offer"), OFFERS)
def test_it_fits_where_it_is_pressed(step: str, language: Language, offer: Offer) -> None:
    if offer.list_title:
        assert len(offer.options) <= 10
        assert len(offer.list_title) <= 20
        assert all(len(each.label) <= 24 and len(each.detail) <= 72 for each in offer.options)
    else:
        assert len(offer.options) <= 3
        assert all(len(each.label) <= 20 and not each.detail for each in offer.options)
    assert len({each.label for each in offer.options}) == len(offer.options)
    assert len(offer.phone_label) <= 20
    assert bool(offer.phone_label) is (step == "T03b")


@pytest.mark.parametrize(("step", "language", "offer"), OFFERS)
def test_each_is_an_answer_when_it_is_typed(step: str, language: Language, offer: Offer) -> None:
    for option in offer.options:
        kind = understand(option.label).kind
        assert kind not in (UtteranceKind.STORY, UtteranceKind.EMPTY) or menu_choice(option.label, step), (
            option
        )


@pytest.mark.parametrize(("step", "language", "offer"), [each for each in OFFERS if each[0] in MENUS])
def test_the_lines_of_a_menu_are_told_apart(step: str, language: Language, offer: Offer) -> None:
    chosen = [menu_choice(option.label, step) for option in offer.options]
    lines = [each for each in chosen if each is not None]
    assert lines == list(range(1, len(lines) + 1))
    assert len(chosen) - len(lines) == (1 if step == "T04" else 0)
