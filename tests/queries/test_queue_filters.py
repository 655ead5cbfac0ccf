"""The words of the filter box."""

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.queries.filters import DueBand, QueueFilter, View, filter_text, parse_filter

READ = {
    "nothing": ("", QueueFilter()),
    "the example of the page": (
        "kanal:wa sev:1 cabang:Bogor",
        QueueFilter(
            channels=frozenset({ChannelCode.WHATSAPP}), severities=frozenset({Severity.S1}), unit="Bogor"
        ),
    ),
    "english": (
        "channel:telegram severity:S2 branch:Garut status:new",
        QueueFilter(
            channels=frozenset({ChannelCode.TELEGRAM}),
            severities=frozenset({Severity.S2}),
            unit="Garut",
            statuses=frozenset({TicketStatus.NEW}),
        ),
    ),
    "quoted value": ('cabang:"Bogor Kota" bayar', QueueFilter(unit="Bogor Kota", q="bayar")),
    "a key twice widens": (
        "status:baru status:menunggu",
        QueueFilter(statuses=frozenset({TicketStatus.NEW, TicketStatus.PENDING})),
    ),
    "overdue": ("lewat", QueueFilter(band=DueBand.OVERDUE)),
    "band": ("batas:1jam", QueueFilter(band=DueBand.HOUR)),
    "mine": ("petugas:saya", QueueFilter(view=View.MINE)),
    "nobody": ("petugas:-", QueueFilter(is_unassigned=True)),
    "unheard": ("suara:belum", QueueFilter(is_unheard=True)),
    "team and category": ("tim:PAY kategori:FRD", QueueFilter(team="PAY", category="FRD")),
    "free words keep their order": ("uang belum cair", QueueFilter(q="uang belum cair")),
    "an unknown key is a word": ("jam:5 http://x", QueueFilter(q="jam:5 http://x")),
    "a number is a word": ("4821-9375", QueueFilter(q="4821-9375")),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ.keys())
def test_the_filter_box_is_read(text: str, expected: QueueFilter) -> None:
    assert parse_filter(text) == expected


@pytest.mark.parametrize(("text", "wanted"), READ.values(), ids=READ.keys())
def test_what_a_filter_is_written_as_reads_back_the_same(text: str, wanted: QueueFilter) -> None:
    assert parse_filter(filter_text(wanted), view=wanted.view) == wanted


@pytest.mark.parametrize(
    "text", ["sev:9", "kanal:fax", "status:kacau", "kategori:XYZ", "batas:kapan", "suara:apa", "x" * 500]
)
def test_a_value_that_its_key_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_filter(text)


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(InvalidInput):
        QueueFilter(view="semua")


@pytest.mark.parametrize(
    ("wanted", "is_active"),
    [
        (QueueFilter(), True),
        (QueueFilter(view=View.ALL), False),
        (QueueFilter(view=View.ALL, band=DueBand.OVERDUE), True),
        (QueueFilter(statuses=frozenset({TicketStatus.CLOSED})), False),
        (QueueFilter(view=View.ALL, statuses=frozenset({TicketStatus.NEW})), True),
    ],
)
def test_finished_tickets_are_looked_for_only_where_they_may_match(
    wanted: QueueFilter, is_active: bool
) -> None:
    assert wanted.is_active_only is is_active
