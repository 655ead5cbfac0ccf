"""How local dates are written on screens, and read from forms."""

from datetime import date

from babel.dates import format_date

from helpdesk.domain.errors import InvalidInput
from helpdesk.views.formatting import language_of

_PATTERNS = {"full": "EEEE, d MMMM y", "date": "d MMMM y", "short": "d MMM", "month": "MMMM y"}


def day_text(on: date | None, style: str = "date", language: str | None = None) -> str:
    """Write a local date. Styles: full, date, short, month. None is a dash."""
    if on is None:
        return "–"
    spoken = language_of(language)
    return format_date(on, _PATTERNS[style], locale=spoken)


def read_day(text: str, *, field: str) -> date | None:
    """Read what a date field sends, None when it is empty. Raises InvalidInput."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"not a date: {text[:40]!r}", field=field, code="date") from None
