"""What channels offer whose provider can be asked for what did not come by itself: separate, small protocols."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from helpdesk.domain.messages import WebhookRequest


@dataclass(frozen=True, slots=True)
class Listed:
    """A message to us that the provider has in its list."""

    message_id: str
    """As its `external_id` will be."""
    sent_at: datetime
    request: Callable[[], WebhookRequest]
    """The webhook as it should have come, without a signature. May ask the provider again: raises AskFailed."""
    without_files: Callable[[], WebhookRequest]
    """The same where it cannot be asked for its files: each is one that will not be found."""


@runtime_checkable
class CanList(Protocol):
    """A channel whose provider lists what was sent to us."""

    def list_received(self, since: datetime) -> Iterator[Listed]:
        """Return messages to us since then, page by page, in no particular order. Raises AskFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a provider says against an answer of our webhook."""

    code: str
    at: datetime


@runtime_checkable
class HasComplaints(Protocol):
    """A channel whose provider writes down where its requests to us failed."""

    def complaints(self, since: datetime) -> Sequence[Complaint]:
        """Return what was written down since then, a hundred at most. Raises AskFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Polled:
    """Something new, as the webhook would have brought it."""

    position: int
    """What is up to here need not be told again."""
    request: WebhookRequest


@runtime_checkable
class CanPoll(Protocol):
    """A channel whose provider can be asked for news, instead of calling us."""

    @property
    def is_polled(self) -> bool:
        """Whether the settings want it so: no webhook comes then."""
        ...

    def poll(self, after: int | None, *, wait_seconds: int) -> Sequence[Polled]:
        """Return what is new after a position, and wait for it; what is up to it is forgotten by the provider.

        Raises AskFailed: `webhook_set` while the provider has a webhook of ours, `other_poller` beside another.
        """
        ...

    def stop_polling(self) -> None:
        """End a waiting poll, and all later ones at once: the process is about to end."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What a provider says of its deliveries to us."""

    address: str
    """Where it calls; empty where it does not."""
    pending_count: int
    error: str | None
    """Its words on the last delivery that failed."""
    error_at: datetime | None


@runtime_checkable
class HasStanding(Protocol):
    """A channel whose provider was told where to call, may forget it, and says how its calls fare."""

    def standing(self) -> Standing:
        """Raises AskFailed."""
        ...

    def set_webhook(self, address: str) -> None:
        """Tell the provider where to call from now on; what is pending it keeps. Raises AskFailed."""
        ...

    def drop_webhook(self) -> None:
        """Tell the provider to call nowhere; what is pending it keeps. Raises AskFailed."""
        ...
