"""When a complaint is about staff."""

import pytest

from helpdesk.domain.conduct import STAFF_CHOICE, concerns_staff, is_about_staff
from helpdesk.domain.taxonomy import MENU

CASH = "uang angsuran saya ke petugas belum tercatat"
SHOUTS = "BP saya membentak saya"
PAID = "Sudah bayar angsuran lewat VA tgl 3 tapi belum masuk"


@pytest.mark.parametrize(
    ("text", "category", "choice", "has_subjects", "expected"),
    [
        pytest.param(PAID, None, None, False, False, id="money"),
        pytest.param(PAID, None, None, True, True, id="somebody is named"),
        pytest.param(PAID, None, 3, False, True, id="her choice, words of money"),
        pytest.param(CASH, None, 3, False, True, id="her choice, words of cash"),
        pytest.param(CASH, None, 1, False, False, id="cash, and she did not choose staff"),
        pytest.param(PAID, "BYR-POST", 3, False, True, id="her choice, category named by a person"),
        pytest.param("", None, 3, False, True, id="her choice without a word"),
        pytest.param(SHOUTS, None, None, False, True, id="words"),
        pytest.param(SHOUTS, None, 1, False, True, id="words, another choice"),
        pytest.param(f"{PAID}. {SHOUTS}", None, 1, False, True, id="words behind a category of the choice"),
        pytest.param(SHOUTS, "BYR-POST", None, False, False, id="a person read it otherwise"),
        pytest.param(PAID, "PNG-KASAR", None, False, True, id="category"),
        pytest.param("", None, 9, False, False, id="no such choice"),
    ],
)
def test_about_staff_is_decided_by_names_choice_and_category(
    text: str, category: str | None, choice: int | None, has_subjects: bool, expected: bool
) -> None:
    found = is_about_staff(text, category=category, menu_choice=choice, has_subjects=has_subjects)
    assert found is expected


def test_cash_that_was_not_posted_is_kept_from_the_point_that_may_write_it_down() -> None:
    assert concerns_staff("BYR-TUNAI")
    assert not is_about_staff(CASH, category="BYR-TUNAI", menu_choice=1, has_subjects=False)


def test_the_choice_of_staff_stands_for_a_category_about_staff() -> None:
    # In chat the choice becomes this category at once, and nothing else is kept of it.
    assert concerns_staff(MENU[STAFF_CHOICE].fallback)
    assert not any(concerns_staff(each.fallback) for each in MENU.values() if each.number != STAFF_CHOICE)
