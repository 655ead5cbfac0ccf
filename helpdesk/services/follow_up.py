"""The kode kabar: with the ticket number it opens the status page for one who has no phone of her own."""

import hashlib

from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.phones import normalise_phone
from helpdesk.services.registration import ticket_by_number

PURPOSE = "follow_up"
"""Of its digest, as queries/public.py reads it."""

_SIGNS = "ABCDEFGHJKLMNPQRTUVWXY346789"
"""Without signs that look or sound alike (0 O, 1 I, 2 Z, 5 S)."""
_LENGTH = 7


def follow_up_code(secret: str) -> str:
    """Return the kode kabar of a form: derived from its secret key, so that every repeat shows the same."""
    rest = int.from_bytes(hashlib.sha256(f"kode kabar {secret}".encode()).digest())
    signs = []
    for _ in range(_LENGTH):
        rest, place = divmod(rest, len(_SIGNS))
        signs.append(_SIGNS[place])
    return "".join(signs)


def typed_code(text: str) -> str:
    """Return the kode kabar in what was typed, in any case and with blanks, dashes or dots; empty if it is none.

    What has no letter counts as digits of a phone: a code without one is drawn once in 48,000 times.
    """
    code = "".join(sign for sign in text.upper() if sign not in "-." and not sign.isspace())
    is_code = len(code) == _LENGTH and set(code) <= set(_SIGNS) and not code.isdigit()
    return code if is_code else ""


def needs_code(phone: str | None) -> bool:
    """Whether she cannot be known again by the last digits of a phone of hers."""
    return normalise_phone(phone or "") is None


def give_code(session: Session, number: str, code: str) -> None:
    """Let this code open the status page of the complaint."""
    ticket_by_number(session, number).follow_up_code_digest = keys_of(session).digest(PURPOSE, code)
