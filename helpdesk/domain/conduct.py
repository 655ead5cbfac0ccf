"""When a complaint is about staff: it is then kept from everybody of its point (design.md 1.6, domain.md 7.3)."""

from helpdesk.domain import taxonomy
from helpdesk.domain.triage import best_guess, placed

STAFF_CHOICE = 3
"""Menu choice `Petugas`: a paper form with it goes to head office in a sealed envelope (design.md W4)."""


def concerns_staff(category: str | None) -> bool:
    """Whether every complaint of this category is kept from its point: it is about staff, or staff may have done it."""
    if category is None:
        return False
    found = taxonomy.category(category)
    return found.is_conduct or found.suspects_staff


def is_about_staff(text: str, *, category: str | None, menu_choice: int | None, has_subjects: bool) -> bool:
    """Whether the complaint is about staff: by whom it names, by the contact's own choice, or by its category.

    Such a one may not even be written down at its point. Cash that was not posted may be (design.md W4), and is
    kept from the point once it is a ticket.

    `category` is one that a person named. Without it what the words alone propose counts too, also where the
    choice of another line decides the category: "he shouts at me" under "Repayment" is not for him to read.
    """
    if has_subjects or menu_choice == STAFF_CHOICE:
        return True
    if category is not None:
        return _is_conduct(category)
    if menu_choice is not None and menu_choice in taxonomy.MENU and _is_conduct(placed(text, menu_choice)):
        return True
    return _is_conduct(best_guess(text))


def _is_conduct(category: str | None) -> bool:
    return category is not None and taxonomy.category(category).is_conduct
