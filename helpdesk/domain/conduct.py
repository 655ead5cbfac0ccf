"""When a complaint is about staff: it is then kept from everybody of its point (design.md 1.6, domain.md 7.3)."""

from helpdesk.domain import taxonomy
from helpdesk.domain.triage import best_guess, placed

STAFF_CHOICE = 3
"""Menu choice `Petugas`: a paper form with it goes to head office in a sealed envelope (design.md W4)."""


def concerns_staff(category: str | None) -> bool:
    """Whether every complaint of this category is about staff."""
    return category is not None and taxonomy.category(category).is_conduct


def is_about_staff(text: str, *, category: str | None, menu_choice: int | None, has_subjects: bool) -> bool:
    """Whether the complaint is about staff: by whom it names, by the contact's own choice, or by its category.

    `category` is one that a person named. Without it what the words alone propose counts too, also where the
    choice of another line decides the category: "he shouts at me" under "Repayment" is not for him to read.
    """
    if has_subjects or menu_choice == STAFF_CHOICE:
        return True
    if category is not None:
        return concerns_staff(category)
    if menu_choice is not None and menu_choice in taxonomy.MENU and concerns_staff(placed(text, menu_choice)):
        return True
    return concerns_staff(best_guess(text))
