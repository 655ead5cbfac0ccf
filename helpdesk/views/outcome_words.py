"""What the outcome of a ticket is called: disposition, root cause, redress, and why it came late."""

from typing import Protocol

from helpdesk.domain.complaints import (
    DISPOSITION_NAMES,
    REDRESS_NAMES,
    Disposition,
    RedressKind,
    late_reasons,
    root_cause,
)
from helpdesk.domain.errors import NotFound
from helpdesk.views.formatting import language_of


class Named(Protocol):
    """Whatever has a name in both languages."""

    @property
    def name_id(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def in_language(names: Named) -> str:
    """Return the name in the language of the request."""
    return names.name_en if language_of(None) == "en" else names.name_id


def cause_name(code: str) -> str:
    """Return the name of a root cause; an unknown code is shown as it is."""
    try:
        found = root_cause(code)
    except NotFound:
        return code
    return in_language(found)


def disposition_name(code: str) -> str:
    """Return the name of a disposition; an unknown code is shown as it is."""
    return in_language(DISPOSITION_NAMES[Disposition(code)]) if code in set(Disposition) else code


def late_reason_name(code: str) -> str:
    """Return why an answer came late; an unknown code is shown as it is."""
    return next((in_language(each) for each in late_reasons() if each.code == code), code)


def redress_name(kind: RedressKind) -> str:
    """Return what is given, in words."""
    return in_language(REDRESS_NAMES[kind])
