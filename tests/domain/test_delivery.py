"""Delivery statuses only move forward."""

from datetime import timedelta
from itertools import permutations

import pytest

from helpdesk.domain.delivery import DeliveryStatus, advance, may_send_again, spread
from helpdesk.domain.privacy import ERASED

S = DeliveryStatus


@pytest.mark.parametrize(
    ("current", "reported", "result"),
    [
        pytest.param(S.QUEUED, S.SENT, S.SENT, id="forward"),
        pytest.param(S.DELIVERED, S.SENT, S.DELIVERED, id="a late report changes nothing"),
        pytest.param(S.READ, S.DELIVERED, S.READ, id="read stays read"),
        pytest.param(S.SENT, S.FAILED, S.FAILED, id="failed after sent"),
        pytest.param(S.FAILED, S.SENT, S.FAILED, id="sent does not undo a failure"),
        pytest.param(S.FAILED, S.DELIVERED, S.DELIVERED, id="arrival outweighs a failure"),
        pytest.param(S.DELIVERED, S.FAILED, S.DELIVERED, id="what arrived cannot fail"),
        pytest.param(S.SENDING, S.SENDING, S.SENDING, id="a repeat changes nothing"),
    ],
)
def test_a_report_moves_a_message_forward_or_not_at_all(
    current: DeliveryStatus, reported: DeliveryStatus, result: DeliveryStatus
) -> None:
    assert advance(current, reported) == result


def test_the_order_of_reports_does_not_matter() -> None:
    for reports in permutations([S.SENT, S.DELIVERED, S.READ, S.FAILED]):
        status = S.SENDING
        for reported in reports:
            status = advance(status, reported)
        assert status == S.READ


def test_only_what_failed_and_still_says_something_may_be_sent_again() -> None:
    states = (None, *DeliveryStatus)
    assert [state for state in states if may_send_again(state, "Baik, Ibu.")] == [DeliveryStatus.FAILED]
    assert not any(may_send_again(state, ERASED) for state in states)


def test_those_who_were_refused_together_come_back_one_by_one_and_none_too_early() -> None:
    wait = timedelta(seconds=30)
    waits = [spread(wait, f"message-{number}:1") for number in range(200)]
    assert wait <= min(waits) < wait * 1.01
    assert wait * 1.19 < max(waits) < wait * 1.2
    assert len(set(waits)) == 200
    assert spread(wait, "message-7:1") == waits[7] != spread(wait, "message-7:2")
