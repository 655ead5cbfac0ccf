"""Texts that a provider must have approved before they start a conversation (WhatsApp outside its window)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.domain.errors import InvalidInput

NEWS = "T22"
"""The text that asks whether she wants to read what waits for her."""
STEPS = (NEWS,)
"""Standing texts that may be sent as a template."""
VARIABLES = ("nama", "nomor", "merek", "telp")
"""What a template may be filled with; nothing of these tells what a complaint is about."""

_CONTENT_ID = re.compile(r"HX[0-9a-fA-F]{32}|[a-z0-9_]{1,512}")
"""Twilio's Content SID, or Meta's name of a template."""
_PLACE = re.compile(r"\{\{(\w+)\}\}")


class TemplateState(StrEnum):
    """What the provider says of a template; only an approved one is sent."""

    PENDING = "pending"
    APPROVED = "approved"
    PAUSED = "paused"
    REJECTED = "rejected"


def checked_content_id(content_id: str) -> str:
    """Return the provider's name of a template. Raises InvalidInput (`content_id`)."""
    if not _CONTENT_ID.fullmatch(content_id):
        raise InvalidInput("a Content SID is HX and 32 hex digits", field="content_id", code="content_id")
    return content_id


def checked_variables(variables: Sequence[str]) -> tuple[str, ...]:
    """Return what fills {{1}}, {{2}} … in order. Raises InvalidInput (`variables`)."""
    unknown = [name for name in variables if name not in VARIABLES]
    if unknown:
        raise InvalidInput(
            f"a template may be filled with {', '.join(VARIABLES)}, not {unknown[0]!r}",
            field="variables",
            code="variables",
        )
    return tuple(variables)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a provider says of a template when it is asked."""

    state: TemplateState
    body: str
    """Its text, with {{1}}, {{2}} … for what fills it."""


def says_its_state(content_id: str) -> bool:
    """Whether the provider is asked how a template stands (Twilio), so that nobody has to claim it."""
    return content_id.startswith("HX")


def fits(body: str, variables: Sequence[str]) -> bool:
    """Whether a text has exactly the places that are filled."""
    return set(_PLACE.findall(body)) == {str(place) for place in range(1, len(variables) + 1)}


def filled(body: str, variables: Sequence[str], values: Mapping[str, str]) -> str:
    """Return the text as she reads it."""
    by_place = {str(place): values.get(name, "") for place, name in enumerate(variables, start=1)}
    return _PLACE.sub(lambda found: by_place.get(found[1], found[0]), body)
