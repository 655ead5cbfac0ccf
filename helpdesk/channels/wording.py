"""Small translations that all adapters share: clean text and typed keys of a person."""

import re
from contextlib import suppress

import phonenumbers

_PLUS_NUMBER = re.compile(r"\+[0-9]{6,15}")
HOME_REGION = "ID"
"""Numbers written without a country code are Indonesian."""


def clean(text: str) -> str:
    """Return the text without what a database cannot hold: NUL, and halves of UTF-16 pairs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


def phone_key(number: str) -> str | None:
    """Return `tel:` and the E.164 form, or None for what is no phone number (a short code, a sender's name).

    Numbers are only put into one writing, never corrected: the original goes back to the provider.
    """
    written = number.strip()
    with suppress(phonenumbers.NumberParseException):
        parsed = phonenumbers.parse(written, HOME_REGION)
        if phonenumbers.is_valid_number(parsed):
            return f"tel:{phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)}"
    # A number plan newer than the library is still the provider's word for where the person is.
    return f"tel:{written}" if _PLUS_NUMBER.fullmatch(written) else None
