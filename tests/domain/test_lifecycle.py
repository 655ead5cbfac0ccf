"""Which ticket statuses may follow which."""

import pytest

from helpdesk.domain.errors import InvalidTransition
from helpdesk.domain.lifecycle import (
    ACTIVE_STATUSES,
    PAUSING_STATUSES,
    TicketStatus,
    allowed_targets,
    check_transition,
)

S = TicketStatus


@pytest.mark.parametrize("status", list(TicketStatus))
def test_a_status_never_becomes_itself_or_new(status: TicketStatus) -> None:
    assert status not in allowed_targets(status)
    assert S.NEW not in allowed_targets(status)


@pytest.mark.parametrize("status", sorted(ACTIVE_STATUSES))
def test_every_active_ticket_can_be_resolved_or_closed(status: TicketStatus) -> None:
    assert allowed_targets(status) >= {S.RESOLVED, S.CLOSED}


@pytest.mark.parametrize("status", [S.RESOLVED, S.CLOSED])
def test_a_finished_ticket_can_be_opened_again_but_not_wait(status: TicketStatus) -> None:
    assert S.OPEN in allowed_targets(status)
    assert not allowed_targets(status) & {S.PENDING, S.ON_HOLD}


@pytest.mark.parametrize("current", list(TicketStatus))
@pytest.mark.parametrize("target", list(TicketStatus))
def test_check_transition_agrees_with_the_table(current: TicketStatus, target: TicketStatus) -> None:
    if target in allowed_targets(current):
        assert check_transition(current, target) is None
    else:
        with pytest.raises(InvalidTransition) as caught:
            check_transition(current, target)
        assert caught.value.code == "transition"


def test_clocks_stand_still_only_while_we_wait_for_the_contact() -> None:
    assert frozenset({S.PENDING}) == PAUSING_STATUSES
