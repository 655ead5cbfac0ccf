"""What every channel adapter offers, and how to add one.

To add a channel:
1. Write `<channel>_<provider>.py` with a class that has the members of `Channel` below, and a function
   `build(settings) -> Channel | None` that returns None when the settings hold no credentials for it.
   An adapter only translates: it verifies that a request is the provider's, turns it into the shapes of
   `helpdesk.domain.messages`, sends one message, and turns every error of its provider into `SendFailed`.
   Finding the contact and the ticket, repeats, retries, splitting and storage are never its work.
2. Name its `build` in `BUILDERS` of `channels/__init__.py`; add its settings to `ChannelSettings`.
3. If its messages carry files, implement `CanFetch` too: a reference comes from outside and may be hostile.
   If a person who presses a button waits for a sign, `CanAcknowledge`; if the provider first asks with a GET whether
   the webhook is ours, `CanShakeHands`.
   If its provider can be asked for what did not come by itself, see `channels/asking.py`; if it keeps parts of our
   messages, `channels/contents.py`.
4. Record payloads in `tests/channels/payloads/` and add the channel to the table of
   `tests/channels/test_contract.py`, which runs the same promises over every adapter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelItem,
    DeliveryReport,
    Envelope,
    FetchedFile,
    OutboundMessage,
    SentCopy,
    WebhookRequest,
)
from helpdesk.domain.segments import TextLimit, TextUnit


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry, declared so that nobody has to ask which channel it is."""

    max_text: int
    """Longest text of one message, in `unit`; cutting a longer one is the caller's work."""
    unit: TextUnit = TextUnit.CHARACTERS
    has_options: bool = False
    """Whether it shows `OutboundMessage.options` as something to press; elsewhere the words are typed."""
    has_templates: bool = False
    """Whether it sends `OutboundMessage.template`."""
    window: timedelta | None = None
    """So long after her last message she may be written to freely, later only by a template; None: always."""

    @property
    def limit(self) -> TextLimit:
        """Return the limit by which the outbox cuts."""
        return TextLimit(self.max_text, self.unit)

    def length(self, text: str) -> int:
        """Return the length of a text in this channel's unit."""
        return self.limit.length(text)


class Channel(Protocol):
    """One medium through one provider."""

    @property
    def code(self) -> str:
        """The channel's code, also the last part of its webhook's path."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def verify(self, request: WebhookRequest) -> None:
        """Do nothing if the provider sent this; raise InvalidSignature otherwise."""
        ...

    def envelope(self, request: WebhookRequest) -> Envelope:
        """Return whose words a verified request brings, and of which message; an odd one tells nothing."""
        ...

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        """Return what a verified request says; nothing to say is an empty list. Raises CannotParse."""
        ...

    def send(self, message: OutboundMessage) -> str:
        """Hand one message to the provider and return the provider's id of it. Raises SendFailed."""
        ...

    def close(self) -> None:
        """Give back connections and threads; the channel is not used afterwards."""
        ...


@runtime_checkable
class CanFetch(Protocol):
    """A channel whose messages carry files that lie with the provider."""

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        """Return the file's bytes. Raises FetchFailed."""
        ...


@runtime_checkable
class CanFind(Protocol):
    """A channel whose provider lists what we sent: so a message of unknown outcome is found."""

    def sent_to(self, address: str, *, since: datetime) -> list[SentCopy]:
        """Return what was sent to an address since then. Raises AskFailed."""
        ...


@runtime_checkable
class CanReport(Protocol):
    """A channel whose provider can be asked what became of a message when its report never came."""

    def report_on(self, external_id: str) -> DeliveryReport:
        """Return where the message stands now. Raises AskFailed."""
        ...


@runtime_checkable
class CanAcknowledge(Protocol):
    """A channel whose person waits for a sign that what she pressed was taken."""

    def acknowledge(self, items: Sequence[ChannelItem]) -> None:
        """Give the sign without waiting for the provider. What comes of it is logged, never raised."""
        ...


@runtime_checkable
class CanShakeHands(Protocol):
    """A channel whose provider asks, before it sends anything, whether the webhook is meant to be there."""

    def handshake(self, query: Mapping[str, str]) -> str:
        """Return the answer to the provider's GET. Raises InvalidSignature for a stranger."""
        ...


class ChannelSettings(Protocol):
    """The settings that adapters read; helpdesk.config.Settings has them."""

    @property
    def public_url(self) -> str: ...
    @property
    def twilio_account_sid(self) -> str | None: ...
    @property
    def twilio_auth_token(self) -> str | None:
        """One token, or several with commas while they are exchanged: all verify, the first one sends."""
        ...

    @property
    def twilio_whatsapp_from(self) -> str | None: ...
    @property
    def twilio_sms_from(self) -> str | None: ...
    @property
    def twilio_api_base(self) -> str: ...
    @property
    def telegram_bot_token(self) -> str | None: ...
    @property
    def telegram_webhook_secret(self) -> str | None: ...
    @property
    def telegram_mode(self) -> str:
        """`webhook` or `polling`."""
        ...

    @property
    def telegram_api_base(self) -> str: ...
    @property
    def meta_access_token(self) -> str | None: ...
    @property
    def meta_phone_number_id(self) -> str | None: ...
    @property
    def meta_app_secret(self) -> str | None:
        """One secret, or several with commas while they are exchanged: all verify."""
        ...

    @property
    def meta_verify_token(self) -> str | None: ...
    @property
    def meta_api_base(self) -> str: ...
