"""Edges at which other helpdesks are wrong, by the name of the peer: working time, clocks and ladder.

The number in a docstring is that of the acceptance test in lessons.md section 8; those that need a ticket are in
tests/services/test_peer_edges_clocks.py and test_peer_edges_sweeps.py.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sla_samples import SPLIT_DAY, always, at, office

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.calendar import (
    WEEKDAYS,
    BusinessCalendar,
    CalendarNeverOpen,
    add_working_days,
    add_working_time,
    working_time_between,
)
from helpdesk.sla.clock import ClockState, Pause, SlaClock, breach_instant, due_at, paused_for, state, used
from helpdesk.sla.escalation import shipped_rules, steps_due
from helpdesk.sla.policy import Form, Metric, choose_policy, load_policies

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
DAY = "2026-06-01T"  # a Monday
NINE = at(DAY + "09:00")


def clock(hours: float = 4, **changes: object) -> SlaClock:
    """A resolution clock begun on Monday at nine, in an office with a lunch break."""
    return replace(SlaClock(Metric.RESOLUTION, NINE, NINE, hours * HOUR, office()), **changes)  # type: ignore[arg-type]


def pause(begins: str, ends: str | None = None) -> Pause:
    return Pause(at(DAY + begins), at(DAY + ends) if ends else None, "waits for the contact")


def ten_to_six(zone: str = "UTC") -> BusinessCalendar:
    return BusinessCalendar.from_mapping(
        {"zone": zone, "hours": {key: [["10:00", "18:00"]] for key in WEEKDAYS}}
    )


# ---------------------------------------------------------------- acceptance tests 11 to 23, as far as they are pure


def test_frappe_a_paused_clock_is_not_failed_after_its_old_due_time() -> None:
    """11. Frappe: saving anything at 13:30 while paused since 10:00 turns a four-hour target to Failed."""
    it = clock(4, pauses=(pause("10:00"),))
    for now in (at(DAY + "13:30"), at(DAY + "14:00"), at("2026-06-05T09:00")):
        assert state(it, now) is ClockState.PAUSED
        assert steps_due(it, shipped_rules(), severity=Severity.S3, done=frozenset(), now=now) == []


def test_frappe_resolved_straight_from_paused_leaves_the_pause_out_of_every_figure() -> None:
    """12. Frappe books 4.52 h for one hour of work, and a resolution failed by 1,860 s."""
    done = at(DAY + "13:31")
    it = clock(4, pauses=(pause("10:00"),), met_at=done)
    assert (used(it, done), paused_for(it, done)) == (HOUR, 2 * HOUR + 31 * MINUTE)  # lunch is nobody's time
    assert (state(it, done), breach_instant(it, done)) == (ClockState.MET, None)
    assert steps_due(it, shipped_rules(), severity=Severity.S3, done=frozenset(), now=done) == []


def test_glpi_another_target_during_a_pause_keeps_used_and_paused_time() -> None:
    """13. GLPI #6902, #15605: pending and a change of SLA do not go together."""
    it = clock(16, pauses=(pause("10:00"),))
    other = replace(it, target=2 * HOUR)
    now = at(DAY + "16:00")
    assert (
        (used(other, now), paused_for(other, now)) == (used(it, now), paused_for(it, now)) == (HOUR, 5 * HOUR)
    )
    ended = replace(other, pauses=(pause("10:00", "16:00"),))
    assert due_at(ended) == at(DAY + "17:00")


def test_osticket_what_comes_in_at_lunch_starts_in_the_second_window() -> None:
    """14. osTicket drops the second window of a day, Chatwoot #14009 knows only one."""
    lunch = at(DAY + "12:30")
    assert office().next_open(lunch) == at(DAY + "13:00")
    assert add_working_time(office(), lunch, HOUR) == at(DAY + "14:00")
    assert working_time_between(office(), at(DAY + "08:00"), at(DAY + "17:00")) == 8 * HOUR


def test_django_helpdesk_two_holidays_make_it_due_later_and_never_earlier() -> None:
    """15. django-helpdesk escalates earlier when there are holidays."""
    plain, holidays = office(), office(holidays=["2026-06-02", "2026-06-03"])
    start = at(DAY + "15:00")
    assert add_working_time(plain, start, 4 * HOUR) == at("2026-06-02T10:00")
    assert add_working_time(holidays, start, 4 * HOUR) == at("2026-06-04T10:00")
    for hours in range(1, 60):
        assert add_working_time(holidays, start, hours * HOUR) >= add_working_time(plain, start, hours * HOUR)


@pytest.mark.parametrize(
    "days", [{}, {"hours": {}}, {"hours": {"mon": []}, "special_days": {"2020-01-01": SPLIT_DAY}}]
)
def test_frappe_no_working_day_is_an_error_and_no_endless_loop(days: dict[str, object]) -> None:
    """16. In Frappe the walk from day to day never ends."""
    never = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta"} | days)
    for ask in (
        lambda: add_working_time(never, NINE, SECOND),
        lambda: never.next_open(NINE),
        lambda: add_working_days(never, date(2026, 6, 1), 1),
    ):
        with pytest.raises(CalendarNeverOpen):
            ask()
    assert working_time_between(never, NINE, at("2036-06-01T09:00")) == timedelta()


def test_zammad_pauses_of_seconds_and_two_in_one_minute_are_exact() -> None:
    """19. Zammad knows pauses by HH:MM, and of two that begin in one minute only one."""
    pauses = (pause("10:00:05", "10:00:25"), pause("10:00:30", "10:00:50"))
    assert due_at(clock(4, pauses=pauses)) == at(DAY + "14:00:40")
    assert used(clock(4, pauses=pauses), at(DAY + "10:01")) == HOUR + 20 * SECOND


def test_a_scheduler_that_stood_still_for_three_hours_misses_nothing_and_repeats_nothing() -> None:
    """22. Frappe notices by the hour, OTRS drops what is older than ten minutes of working time."""
    late = at(DAY + "17:00")
    missed = steps_due(clock(4), shipped_rules(), severity=Severity.S3, done=frozenset(), now=late)
    instants = {"warning_50": "11:00", "warning_75": "12:00", "warning_90": "13:36", "breached": "14:00"}
    assert {step.code: step.at for step in missed if step.code in instants} == {
        code: at(DAY + clock_time) for code, clock_time in instants.items()
    }
    assert [step.at for step in missed] == sorted(step.at for step in missed)
    done = frozenset(step.code for step in missed)
    assert len(done) == len(missed)
    assert steps_due(clock(4), shipped_rules(), severity=Severity.S3, done=done, now=late + HOUR) == []


# ---------------------------------------------------------------- where others compute something else (ADR 0014)


def test_zammad_020_seconds_are_not_floored_to_minutes() -> None:
    assert working_time_between(always(), NINE, NINE + 3 * SECOND) == 3 * SECOND


def test_zammad_058_a_due_instant_is_not_rounded_up_to_the_minute() -> None:
    hours = {key: [["08:00", "20:00"]] for key in WEEKDAYS[:5]}
    berlin = BusinessCalendar.from_mapping({"zone": "Europe/Berlin", "hours": hours})
    start = datetime(2016, 11, 7, 13, 26, 36, tzinfo=UTC)
    assert add_working_time(berlin, start, 20 * HOUR) == datetime(2016, 11, 9, 9, 26, 36, tzinfo=UTC)


def test_biz_026_used_up_at_closing_is_due_at_closing() -> None:
    assert add_working_time(office(), at(DAY + "16:00"), HOUR) == at(DAY + "17:00")


@pytest.mark.parametrize("name", ["BIZ-009", "GLPI-006"])
def test_biz_and_glpi_an_end_before_its_start_is_negative_and_not_nothing(name: str) -> None:
    assert working_time_between(office(), at(DAY + "11:00"), at(DAY + "10:00")) == -HOUR


def test_chatwoot_002_an_empty_calendar_does_not_fall_back_to_the_clock_on_the_wall() -> None:
    with pytest.raises(CalendarNeverOpen):
        add_working_time(BusinessCalendar.from_mapping({"zone": "UTC"}), NINE, HOUR)


def test_erpnext_013_a_pause_before_opening_moves_nothing() -> None:
    start = datetime(2020, 3, 4, 4, 0, tzinfo=UTC)
    pauses = [(start + 15 * MINUTE, start + HOUR)]
    assert add_working_time(ten_to_six(), start, 6 * HOUR, pauses) == datetime(2020, 3, 4, 16, 0, tzinfo=UTC)


def test_erpnext_018_no_working_time_is_zero_and_not_one_second() -> None:
    sunday = at("2026-06-07T10:00")
    assert working_time_between(office(), sunday, sunday + HOUR) == timedelta()
    answered = clock(4, started_at=sunday, counts_from=sunday, met_at=sunday + HOUR)
    assert (used(answered, sunday + HOUR), state(answered, sunday + HOUR)) == (timedelta(), ClockState.MET)


def test_working_hours_099_a_whole_sunday_with_the_clocks_set_back_has_25_hours() -> None:
    paris = BusinessCalendar.from_mapping({"zone": "Europe/Paris", "hours": {"sun": [["00:00", "24:00"]]}})
    start, end = datetime(2020, 10, 24, 22, 0, tzinfo=UTC), datetime(2020, 10, 25, 23, 0, tzinfo=UTC)
    assert working_time_between(paris, start, end) == 25 * HOUR


# ---------------------------------------------------------------- further edges of lessons.md, sections 1, 3, 4, 5


def test_chatwoot_6467_holidays_are_closed() -> None:
    assert add_working_time(office(holidays=["2026-06-01"]), NINE, HOUR) == at("2026-06-02T09:00")


def test_libredesk_seconds_are_not_lost_each_day() -> None:
    hours = {key: [["08:00:07", "16:59:59"]] for key in WEEKDAYS}
    odd = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": hours})
    a_day = 9 * HOUR - 8 * SECOND
    assert working_time_between(odd, at("2026-06-01T00:00"), at("2026-07-01T00:00")) == 30 * a_day
    assert add_working_time(odd, at("2026-06-01T00:00"), 30 * a_day) == at("2026-06-30T16:59:59")


def test_zammad_23_59_is_not_taken_for_midnight() -> None:
    hours = {"mon": [["08:00", "23:59"]], "tue": [["00:00", "24:00"]]}
    late = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": hours})
    assert not late.is_open(at(DAY + "23:59:30"))
    assert late.is_open(at("2026-06-02T23:59:59"))
    assert add_working_time(late, at(DAY + "23:58"), 2 * MINUTE) == at("2026-06-02T00:01")


def test_zammad_leaving_a_pause_does_not_break_the_promise_at_once() -> None:
    """Its deadlines are gone while paused, computed from creation afterwards, and may have passed."""
    it = clock(4, pauses=(pause("10:00", "16:30"),))
    assert state(it, at(DAY + "16:30")) is ClockState.RUNNING
    assert due_at(it) == at("2026-06-02T10:30")


def test_glpi_24481_nothing_breaks_while_it_is_pending() -> None:
    it = clock(4, pauses=(pause("13:59:59"),))
    assert state(it, at("2027-06-01T09:00")) is ClockState.PAUSED
    assert breach_instant(it, at("2027-06-01T09:00")) is None


def test_osticket_3034_a_pause_moves_the_due_instant_by_its_open_part() -> None:
    over_lunch = clock(4, pauses=(pause("11:30", "13:15"),))
    assert due_at(over_lunch) == at(DAY + "14:45")


def test_otobo_a_suspended_clock_gains_no_four_minutes() -> None:
    it = clock(4, pauses=(pause("10:00", "11:00"),))
    assert due_at(it) == at(DAY + "15:00")


def test_frappe_the_zone_is_that_of_the_place_and_not_of_the_server() -> None:
    hour_earlier = add_working_time(office("Asia/Makassar"), at("2026-06-01T06:00"), HOUR)
    assert hour_earlier == at("2026-06-01T08:00")  # 09:00 in Makassar
    assert add_working_time(office("Asia/Jakarta"), at("2026-06-01T06:00"), HOUR) == at("2026-06-01T09:00")


def test_chatwoot_warnings_come_before_the_breach() -> None:
    told = steps_due(clock(4), (), severity=Severity.S3, done=frozenset(), now=at(DAY + "13:59:59"))
    assert [step.code for step in told] == ["warning_50", "warning_75", "warning_90"]


def test_zammad_which_policy_holds_does_not_depend_on_how_it_is_spelt() -> None:
    """Its SLAs are tried in the order of their names."""

    def policy(code: str, **more: object) -> dict[str, object]:
        target = {"within": "4h", "calendar": "service"}
        names = {"code": code, "name_id": code, "name_en": code, "version": 1}
        regulatory = {"within": "5d", "calendar": "regulatory"}
        return names | {"targets": {"resolution": target, "regulatory": regulatory}} | more

    chosen = [
        choose_policy(
            load_policies({"policies": [policy(first, when={"severities": ["S1"]}), policy(last)]}),
            kind=TicketKind.COMPLAINT,
            severity=Severity.S1,
            form=Form.LISAN,
            category=None,
        ).code
        for first, last in (("aaa", "zzz"), ("zzz", "aaa"))
    ]
    assert chosen == ["aaa", "zzz"]


def test_chatwoot_and_osticket_hours_of_a_day_may_not_be_told_backwards() -> None:
    with pytest.raises(InvalidInput):
        BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": {"mon": [["22:00", "06:00"]]}})
