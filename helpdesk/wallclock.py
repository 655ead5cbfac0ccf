"""The only reader of the time of day; everything else is told what time it is."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return this instant as an aware UTC datetime."""
    return datetime.now(UTC)
