"""Telephone numbers: as typed, E.164 for the record, the national form for the eye (domain.md 6.4)."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from helpdesk.domain.folding import plain_digits

_HOME = "ID"
_LONGEST_TYPED = 40
_TYPED = re.compile(r"\+?[\d\s().\-/]+")
_REACHABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)


def normalise_phone(text: str) -> str | None:
    """Return E.164, or None where the text is not one person's number (short codes and hotlines are none)."""
    if len(text) > _LONGEST_TYPED:
        return None
    typed = plain_digits(text).strip()
    if not _TYPED.fullmatch(typed):
        return None
    number = _parse(typed)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) not in _REACHABLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national_form(phone: str) -> str:
    """Return how a person here writes it: `0812-3456-7890`; a foreign number keeps its country code."""
    number = _parse(phone)
    if number is None:
        return phone
    home = number.country_code == phonenumbers.country_code_for_region(_HOME)
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def last_four(phone: str) -> str:
    """Return the last four digits: with the ticket number they open the public status page."""
    return re.sub(r"\D", "", plain_digits(phone))[-4:]


def _parse(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, _HOME)
    except NumberParseException:
        return None
