"""What a person has to say where the law or a letter asks why."""

from helpdesk.domain.errors import InvalidInput

MAX_REASON = 2_000
MIN_REASON = 10
"""Characters: one letter is no reason, a few words are."""


def stated(reason: str, *, field: str = "reason") -> str:
    """Return a reason that says something. Raises InvalidInput for none, for less than a few words, and for a book."""
    said = " ".join(reason.split())
    if not said:
        raise InvalidInput(f"{field} is required", field=field, code="required")
    if len(said) < MIN_REASON:
        raise InvalidInput(f"{field} is shorter than {MIN_REASON} characters", field=field, code="too_short")
    if len(said) > MAX_REASON:
        raise InvalidInput(f"{field} is longer than {MAX_REASON} characters", field=field, code="too_long")
    return reason.strip()
