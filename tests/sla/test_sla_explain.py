"""The story of a clock."""

from datetime import timedelta

from sla_samples import at, office, whole_days

from helpdesk.sla.clock import Pause, SlaClock, used
from helpdesk.sla.explain import StretchKind, ledger
from helpdesk.sla.policy import Metric


def test_a_clock_tells_when_it_ran_and_why_not() -> None:
    start = at("2026-06-03T16:00")
    cal = office(holidays=["2026-06-04"])
    pauses = (Pause(at("2026-06-05T09:00"), at("2026-06-05T10:00"), "documents"),)
    it = SlaClock(Metric.RESOLUTION, start, start, timedelta(hours=8), cal, pauses=pauses)
    now = at("2026-06-05T12:30")
    told = ledger(it, now)
    assert [(stretch.kind, stretch.ended_at, stretch.note) for stretch in told] == [
        (StretchKind.RUNNING, at("2026-06-03T17:00"), ""),
        (StretchKind.CLOSED, at("2026-06-04T00:00"), ""),
        (StretchKind.HOLIDAY, at("2026-06-05T00:00"), ""),
        (StretchKind.CLOSED, at("2026-06-05T08:00"), ""),
        (StretchKind.RUNNING, at("2026-06-05T09:00"), ""),
        (StretchKind.PAUSED, at("2026-06-05T10:00"), "documents"),
        (StretchKind.RUNNING, at("2026-06-05T12:00"), ""),
        (StretchKind.CLOSED, now, ""),
    ]
    running = [stretch for stretch in told if stretch.kind is StretchKind.RUNNING]
    assert sum((s.ended_at - s.started_at for s in running), timedelta()) == used(it, now)


def test_the_day_of_receipt_and_the_weekend_do_not_count_for_the_regulator() -> None:
    received, counts_from = at("2026-06-05T10:00"), at("2026-06-06T00:00")
    it = SlaClock(Metric.REGULATORY, received, counts_from, timedelta(days=5), whole_days("public"))
    assert [stretch.kind for stretch in ledger(it, at("2026-06-09T10:00"))] == [
        StretchKind.RECEIPT,
        StretchKind.CLOSED,
        StretchKind.RUNNING,
    ]


def test_the_story_ends_when_the_clock_stops() -> None:
    start, met_at = at("2026-06-01T08:00"), at("2026-06-01T09:00")
    it = SlaClock(Metric.RESOLUTION, start, start, timedelta(hours=8), office(), met_at=met_at)
    assert [stretch.ended_at for stretch in ledger(it, at("2026-07-01T08:00"))] == [met_at]
