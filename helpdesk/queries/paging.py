"""Pages of a list and their opaque cursors."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from helpdesk.domain.errors import InvalidInput

Row = TypeVar("Row")
CursorPart = str | int | None

LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the rest (None at the end)."""

    items: tuple[Row, ...]
    next: str | None


def encode_cursor(kind: str, *parts: CursorPart) -> str:
    """Return an opaque cursor; `kind` names the order, so that a cursor of another list is refused."""
    text = json.dumps([kind, *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, kind: str, shape: tuple[type, ...]) -> list[CursorPart]:
    """Return the parts, each of its type in `shape` or None. Raises InvalidInput for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise _bad() from None
    if not isinstance(found, list) or len(found) != len(shape) + 1 or found[0] != kind:
        raise _bad()
    parts = found[1:]
    for part, wanted in zip(parts, shape, strict=True):
        if part is not None and (type(part) is not wanted or (isinstance(part, int) and abs(part) >= 2**63)):
            raise _bad()
    return parts


def instant_text(at: datetime | None) -> str | None:
    """Return the cursor form of an instant."""
    return None if at is None else at.astimezone(UTC).isoformat()


def instant_of(text: CursorPart) -> datetime:
    """Return the instant of a cursor part. Raises InvalidInput."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise _bad() from None
    if at.tzinfo is None:
        raise _bad()
    return at


def id_of(part: CursorPart) -> int:
    """Return the row id of a cursor part. Raises InvalidInput."""
    if not isinstance(part, int):
        raise _bad()
    return part


def check_limit(limit: int) -> int:
    """Return `limit` between 1 and MAX_LIMIT."""
    return max(1, min(limit, MAX_LIMIT))


def _bad() -> InvalidInput:
    return InvalidInput("this cursor is not ours", field="cursor", code="bad_cursor")
