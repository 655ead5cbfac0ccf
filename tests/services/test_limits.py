"""Limits count devices behind one address apart, and the address as a whole."""

from datetime import timedelta

from installing import NOW
from sqlalchemy.orm import Session

from helpdesk.services.limits import CROWD, Sender, is_too_much

HOUR = timedelta(hours=1)


def test_a_village_behind_one_address_is_not_one_sender(session: Session) -> None:
    def send(device: str) -> bool:
        return is_too_much(session, "x", Sender("1.2.3.4", device), allowed=2, window=HOUR, now=NOW)

    assert [send("a") for _ in range(3)] == [False, False, True]
    assert [send(str(number)) for number in range(2 * CROWD - 3)] == [False] * (2 * CROWD - 3)
    assert send("another")
