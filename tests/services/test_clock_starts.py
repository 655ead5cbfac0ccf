"""Clocks of a new ticket: which start, and when they are due."""

from datetime import datetime

import pytest
from clock_samples import ACK, FIRST, REGULATORY, RESOLUTION, dues, live, started, sweep, wib
from factories import NOW, make_ticket, make_unit
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.services import sla
from helpdesk.sla.policy import Metric


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"severity": Severity.S3},
            {
                ACK: wib("2026-11-24", "10:00"),
                FIRST: wib("2026-11-25", "10:00"),
                RESOLUTION: wib("2026-12-03", "10:00"),
                REGULATORY: wib("2026-12-08", "00:00"),
            },
            id="written-S3",
        ),
        pytest.param(
            {"severity": Severity.S1, "channel": ChannelCode.PHONE},
            {
                ACK: wib("2026-11-23", "12:00"),
                FIRST: wib("2026-11-24", "10:00"),
                RESOLUTION: wib("2026-11-26", "10:00"),
                REGULATORY: wib("2026-12-01", "00:00"),
            },
            id="verbal-S1",
        ),
        pytest.param(
            {"severity": Severity.S4, "kind": TicketKind.ENQUIRY},
            {
                ACK: wib("2026-11-24", "10:00"),
                FIRST: wib("2026-11-26", "10:00"),
                RESOLUTION: wib("2026-12-03", "10:00"),
            },
            id="enquiry-has-no-regulatory-clock",
        ),
        pytest.param(
            {"severity": Severity.S2, "category_code": "DAT-HAK", "kind": TicketKind.REQUEST},
            {
                ACK: wib("2026-11-23", "11:00"),
                RESOLUTION: wib("2026-11-25", "10:00"),
                REGULATORY: wib("2026-11-26", "10:00"),
            },
            id="data-rights-by-the-clock-on-the-wall",
        ),
        pytest.param(
            {"severity": Severity.S2, "received_at": wib("2026-11-21", "09:00")},
            {
                ACK: wib("2026-11-23", "12:00"),
                FIRST: wib("2026-11-23", "17:00"),
                RESOLUTION: wib("2026-11-27", "17:00"),
                REGULATORY: wib("2026-12-05", "00:00"),
            },
            id="received-on-a-saturday",
        ),
    ],
)
def test_a_ticket_starts_with_the_clocks_of_its_policy(
    session: Session, changes: dict[str, object], expected: dict[Metric, datetime]
) -> None:
    ticket = started(session, **changes)
    assert dues(session, ticket) == expected
    assert ticket.next_due_at == min(expected.values())


def test_paper_entered_days_later_counts_from_the_day_it_was_received(session: Session) -> None:
    ticket = make_ticket(session, channel=ChannelCode.LWK, received_at=wib("2026-11-19"), created_at=NOW)
    sla.start_clocks(session, ticket, now=NOW)
    assert live(session, ticket, ACK).due_at == wib("2026-11-20")
    assert sweep(session, ticket, NOW)[:4] == [
        ("warning_50", wib("2026-11-19", "15:00")),
        ("warning_75", wib("2026-11-19", "17:00")),
        ("warning_90", wib("2026-11-20", "09:12")),
        ("breached", wib("2026-11-20")),
    ]


def test_a_point_in_wita_is_due_by_its_own_clock(session: Session) -> None:
    ticket = started(session, unit=make_unit(session, zone="Asia/Makassar"))
    assert live(session, ticket, ACK).due_at == wib("2026-11-24", "10:00")
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-07", "23:00")
    early = started(
        session, unit=make_unit(session, zone="Asia/Makassar"), received_at=wib("2026-11-23", "07:00")
    )
    assert live(session, early, ACK).due_at == wib("2026-11-23", "16:00")


@pytest.mark.parametrize(
    ("channel", "received_on", "due_on", "strict_on"),
    [
        pytest.param(ChannelCode.PHONE, "2026-12-21", "2026-12-31", "2026-12-30", id="lisan-december"),
        pytest.param(ChannelCode.WHATSAPP, "2026-12-21", "2027-01-09", "2027-01-08", id="tertulis-december"),
        pytest.param(ChannelCode.PHONE, "2026-03-13", "2026-03-28", "2026-03-24", id="lisan-lebaran"),
        pytest.param(ChannelCode.WHATSAPP, "2026-11-23", "2026-12-08", "2026-12-08", id="tertulis-plain"),
    ],
)
def test_the_strict_date_works_through_cuti_bersama(
    session: Session, channel: ChannelCode, received_on: str, due_on: str, strict_on: str
) -> None:
    """Vectors of domain.md 1.6; due is 24:00 of the named day."""
    ticket = started(session, channel=channel, received_at=wib(received_on))
    clock = live(session, ticket, REGULATORY)
    assert (clock.due_at, clock.strict_due_at) == (wib(due_on, "00:00"), wib(strict_on, "00:00"))
