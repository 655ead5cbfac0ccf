"""What channels offer whose provider keeps parts of our messages, which are then sent by its id."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from helpdesk.domain.message_templates import Standing
from helpdesk.domain.options import ButtonSet


@runtime_checkable
class CanKeepButtons(Protocol):
    """A channel whose provider shows only those buttons that it was given before."""

    def kept_contents(self) -> Mapping[str, str]:
        """Return the provider's ids of all that it keeps, by name. Raises AskFailed."""
        ...

    def keep_buttons(self, offered: ButtonSet) -> str:
        """Give the provider a set of buttons and return its id. Raises AskFailed."""
        ...


@runtime_checkable
class CanTellStanding(Protocol):
    """A channel whose provider says whether a template is approved, and how it reads."""

    def standing_of(self, content_id: str) -> Standing:
        """Return how a template stands. Raises AskFailed."""
        ...
