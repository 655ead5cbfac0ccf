"""Every error raised on purpose. views/errors.py alone turns them into HTTP, cli alone into exit statuses."""

from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import SendOutcome


class HelpdeskError(Exception):
    """Base of all expected errors; the message is English, for logs and the command line."""


class InvalidInput(HelpdeskError):
    """A value from outside breaks a rule. `field` names it; `code` selects the user's text in the views."""

    def __init__(self, message: str, *, field: str = "", code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


def required(value: str, field: str) -> str:
    """Return the value; raise InvalidInput where it is empty."""
    if not value:
        raise InvalidInput(f"{field} is required", field=field, code="required")
    return value


class NotFound(HelpdeskError):
    """The thing does not exist, or this viewer may not know that it does."""


class Forbidden(HelpdeskError):
    """The viewer is known and may not do this."""


class Conflict(HelpdeskError):
    """Somebody else was first, or the thing is not in the state that the action needs."""

    def __init__(self, message: str, *, code: str = "conflict") -> None:
        super().__init__(message)
        self.code = code


class InvalidTransition(Conflict):
    """A ticket status may not change that way (domain/lifecycle.py)."""


class InvalidSignature(HelpdeskError):
    """A webhook is not from who it says; nothing of it is stored."""


class CannotParse(HelpdeskError):
    """A stored webhook is not understood; it waits for a person."""


class ConfigurationError(HelpdeskError):
    """Settings are missing or wrong; the message lists all of them."""


class SendFailed(HelpdeskError):
    """A provider did not take a message. `outcome` says what to do next (channels.md A1.6)."""

    def __init__(
        self,
        code: str,
        *,
        outcome: SendOutcome,
        detail: str = "",
        retry_after: float | None = None,
        fault: ChannelFault | None = None,
    ) -> None:
        super().__init__(f"{code}: {outcome}{f' ({detail})' if detail else ''}")
        self.code = code
        self.outcome = outcome
        self.retry_after = retry_after
        """Seconds, where the provider named them."""
        self.fault = fault
        """What the code says of the channel itself."""


class AskFailed(HelpdeskError):
    """A provider could not be asked for what it has for us; asking again later is always right."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FetchFailed(HelpdeskError):
    """An attachment could not be fetched. `is_final`: trying again will not help."""

    def __init__(self, code: str, *, is_final: bool, size_bytes: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final
        self.size_bytes = size_bytes
        """Of a file that is too large, where it is known."""


class Unusable(HelpdeskError):
    """A file came, but nothing can be made of it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
