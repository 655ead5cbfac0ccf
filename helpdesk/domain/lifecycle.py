"""Ticket statuses, the allowed transitions, and which statuses pause a service clock (domain.md 7.4)."""

from enum import StrEnum

from helpdesk.domain.errors import InvalidTransition


class TicketKind(StrEnum):
    """Complaint: dissatisfaction, the word need not be used. Relabelling one is audited (ISO 10002)."""

    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    REQUEST = "request"


class TicketStatus(StrEnum):
    """Contract.md section 5."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"  # waiting for the contact
    ON_HOLD = "on_hold"  # waiting for a third party
    RESOLVED = "resolved"  # the answer has been sent; the contact may accept or object
    CLOSED = "closed"


class SetAside(StrEnum):
    """Why a ticket is no complaint of anybody's; it is kept, and can be brought back."""

    SPAM = "spam"
    WRONG_NUMBER = "wrong_number"  # somebody who meant to write to others


ACTIVE_STATUSES = frozenset({TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD})

LIVE_STATUSES = ACTIVE_STATUSES | {TicketStatus.RESOLVED}
"""In work, or answered and open to an objection: what the contact says may still belong there."""

PAUSING_STATUSES = frozenset({TicketStatus.PENDING})
"""Service clocks stand still only while we wait for the contact; a third party's delay is ours to answer for."""

_ALLOWED: dict[TicketStatus, frozenset[TicketStatus]] = {
    TicketStatus.NEW: frozenset(
        {
            TicketStatus.OPEN,
            TicketStatus.PENDING,
            TicketStatus.ON_HOLD,
            TicketStatus.RESOLVED,
            TicketStatus.CLOSED,
        }
    ),
    TicketStatus.OPEN: frozenset(
        {TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.RESOLVED, TicketStatus.CLOSED}
    ),
    TicketStatus.PENDING: frozenset(
        {TicketStatus.OPEN, TicketStatus.ON_HOLD, TicketStatus.RESOLVED, TicketStatus.CLOSED}
    ),
    TicketStatus.ON_HOLD: frozenset(
        {TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.RESOLVED, TicketStatus.CLOSED}
    ),
    TicketStatus.RESOLVED: frozenset({TicketStatus.OPEN, TicketStatus.CLOSED}),
    TicketStatus.CLOSED: frozenset({TicketStatus.OPEN}),
}


def check_transition(current: TicketStatus, target: TicketStatus) -> None:
    """Raise InvalidTransition unless `current` may become `target`; staying the same is refused too."""
    if target not in _ALLOWED[current]:
        raise InvalidTransition(f"a ticket that is {current} cannot become {target}", code="transition")


def allowed_targets(current: TicketStatus) -> frozenset[TicketStatus]:
    """Return the statuses that a ticket in `current` may take next."""
    return _ALLOWED[current]
