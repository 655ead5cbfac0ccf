"""Statutory periods: begun and ended by people, warned of and ended by the worker, each step once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from clock_samples import kinds, wib
from factories import make_ladder, make_ticket, make_user
from installing import NOW
from regulation_samples import ACT, asked, event, told, written
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from talk import resolve

from helpdesk import jobs
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Role, Team
from helpdesk.models.sla import Holiday, HolidayKind, StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import calendars, complaints, documents, periods

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WARNED, LAST_DAY, DUE = wib("2026-12-03", "12:00"), wib("2026-12-07", "00:00"), wib("2026-12-08", "00:00")


def check(session: Session, now: object) -> int:
    due = periods.due_ids(session, now=now)  # type: ignore[arg-type]
    return sum(periods.check(session, each, now=now) for each in due)  # type: ignore[arg-type]


def add_holiday(session: Session, *, on: date, now: datetime) -> None:
    calendars.add_holiday(
        session, on=on, name="Libur", kind=HolidayKind.NATIONAL, unit_code=None, actor="user:x", now=now
    )


def ojk(session: Session, ticket: Ticket, code: str = "C6", **more: object) -> StatutoryPeriod:
    values: dict[str, object] = {
        "subject": "Kronologi",
        "started_at": NOW,
        "actor": "user:x",
        "now": NOW + HOUR,
    }
    return periods.record_by_hand(session, ticket.id, code, **(values | more))  # type: ignore[arg-type]


def test_two_warnings_and_the_end_each_once_at_its_instant(session: Session) -> None:
    ticket = written(session)
    make_user(session, teams=(session.get_one(Team, ticket.team_id),))
    period = asked(session, ticket, now=NOW)
    assert check(session, WARNED - timedelta(seconds=1)) == 0
    assert [check(session, at) for at in (WARNED, WARNED + HOUR, LAST_DAY, DUE, DUE + DAY)] == [1, 0, 1, 1, 0]
    assert kinds(session, ticket).count("period_warning") == 2
    assert event(session, ticket, "period_expired").data == {
        "period": "C2", "step": "expired", "at": DUE.isoformat(),
    }  # fmt: skip
    assert (period.expired_at, period.next_step_at) == (DUE, None)
    assert told(session, ticket, "period_expired") == 1


def test_after_a_long_sleep_all_come_in_order_with_their_true_instants(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW)
    assert check(session, DUE + 30 * DAY) == 3
    assert kinds(session, ticket)[-3:] == ["period_warning", "period_warning", "period_expired"]


def test_nothing_closes_by_itself(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW)
    check(session, DUE + 30 * DAY)
    assert (ticket.status, ticket.closed_at) == ("pending", None)


def test_a_warning_whose_instant_moved_is_given_once(session: Session) -> None:
    ticket = written(session)
    add_holiday(session, on=date(2026, 12, 1), now=NOW - DAY)
    period = asked(session, ticket, now=NOW)
    planned = period.next_step_at
    holiday = session.scalars(select(Holiday).where(Holiday.on == date(2026, 12, 1))).one()
    calendars.cancel_holiday(session, holiday.id, actor="user:x", now=NOW + DAY)
    assert planned is not None
    assert [check(session, planned), check(session, planned + timedelta(seconds=1))] == [1, 0]
    assert event(session, ticket, "period_warning").data["at"] == WARNED.isoformat()  # type: ignore[index]
    add_holiday(session, on=date(2026, 12, 4), now=planned)
    check(session, period.due_at)
    assert [kinds(session, ticket).count(each) for each in ("period_warning", "period_expired")] == [2, 1]


def test_an_extension_moves_the_steps_that_have_not_come(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW)
    check(session, WARNED)
    documents.extend(session, ticket.id, ground="a", reason="surat di kampung", now=WARNED + HOUR, **ACT)  # type: ignore[arg-type]
    assert check(session, DUE) == 0
    longer = wib("2026-12-22", "00:00")
    assert check(session, longer - timedelta(seconds=1)) == 2
    assert check(session, longer) == 1


def test_what_has_ended_is_not_looked_at(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW)
    documents.complete(session, ticket.id, actor="user:x", now=NOW + HOUR)
    assert check(session, DUE + DAY) == 0


def test_the_regulators_request_is_recorded_from_its_day_and_compliance_is_told(session: Session) -> None:
    ticket = written(session)
    officer = make_user(session, Role.COMPLIANCE)
    period = ojk(session, ticket)
    assert (period.due_at, period.subject) == (DUE, "Kronologi")
    check(session, WARNED)
    assert told(session, ticket, "period_warning") >= 1
    assert officer.id


def test_it_outlives_the_answer_of_the_complaint(session: Session) -> None:
    ticket = written(session)
    period = ojk(session, ticket, "C7")
    resolve(session, ticket, now=NOW + HOUR)
    assert period.ended_at is None
    periods.finish(session, ticket.id, period.id, outcome="answered", actor="user:x", now=NOW + 2 * DAY)
    assert (period.outcome, period.ended_at) == ("answered", NOW + 2 * DAY)


def test_only_c6_may_be_extended_and_only_before_its_end(session: Session) -> None:
    ticket = written(session)
    c6, c7 = ojk(session, ticket), ojk(session, ticket, "C7")
    more = {"ground": "asked", "reason": "Data dari bank", "actor": "user:x"}
    with pytest.raises(Conflict) as caught:
        periods.prolong(session, ticket.id, c7.id, now=NOW + DAY, **more)
    assert caught.value.code == "not_extendable"
    with pytest.raises(Conflict) as late:
        periods.prolong(session, ticket.id, c6.id, now=DUE, **more)
    assert late.value.code == "time_is_up"
    periods.prolong(session, ticket.id, c6.id, now=DUE - HOUR, **more)
    assert c6.due_at == wib("2026-12-22", "00:00")
    with pytest.raises(Conflict) as twice:
        periods.prolong(session, ticket.id, c6.id, now=DUE - HOUR, **more)
    assert twice.value.code == "extended_already"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "C2"}, "code"),
        ({"code": "zebra"}, "code"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 501}, "subject"),
        ({"started_at": NOW + DAY}, "started_on"),
        ({"started_at": wib("2026-11-22", "23:59")}, "started_on"),
        ({"started_at": datetime(1, 1, 1, 5, tzinfo=UTC)}, "started_on"),
    ],
)
def test_what_is_recorded_is_checked(session: Session, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ojk(session, written(session), **changes)
    assert caught.value.field == field


def test_it_may_begin_earlier_on_the_day_of_the_receipt(session: Session) -> None:
    assert ojk(session, written(session), started_at=NOW - HOUR).due_at == DUE


def test_one_of_a_kind_is_open_at_a_time_and_ends_once(session: Session) -> None:
    ticket = written(session)
    period = ojk(session, ticket, "C5")
    with pytest.raises(Conflict) as caught:
        ojk(session, ticket, "C5")
    assert caught.value.code == "period_open"
    end = {"outcome": "silent", "actor": "user:x", "now": NOW + DAY}
    periods.finish(session, ticket.id, period.id, **end)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        periods.finish(session, ticket.id, period.id, **end)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        periods.finish(session, make_ticket(session).id, period.id, **end)  # type: ignore[arg-type]


def test_documents_do_not_end_by_hand(session: Session) -> None:
    ticket = written(session)
    period = asked(session, ticket, now=NOW)
    with pytest.raises(InvalidInput):
        periods.finish(session, ticket.id, period.id, outcome="complete", actor="user:x", now=NOW)


def test_far_away_she_has_twenty_days_to_object(session: Session) -> None:
    point = make_ladder(session)[2]
    book = CalendarBook(session)
    assert complaints.silence_ends(book, point, NOW) == DUE
    point.is_remote = True
    assert complaints.silence_ends(book, point, NOW) == wib("2026-12-22", "00:00")


def test_what_is_due_is_found_by_its_index(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        due = (
            "SELECT id FROM statutory_periods WHERE ended_at IS NULL AND next_step_at <= '2026-12-07' "
            "ORDER BY next_step_at, id LIMIT 200"
        )
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {due}").all()
        assert "ix_statutory_periods_next_step_at" in str(plan)


def late_periods(rt: Runtime, count: int) -> list[int]:
    def begin(session: Session) -> list[int]:
        found = []
        for at in range(count):
            ticket = written(session, phone=f"+62857111{at:05}")
            found.append(asked(session, ticket, now=NOW).id)
        session.execute(update(StatutoryPeriod).values(next_step_at=NOW - DAY, due_at=NOW - HOUR))
        return found

    return rt.write(begin)


def test_several_workers_take_each_step_once(rt: Runtime) -> None:
    late_periods(rt, 6)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(jobs.check_periods, rt) for _ in range(4)]:
            done.result(timeout=120)
    events = rt.read(lambda session: [kinds(session, ticket) for ticket in session.scalars(select(Ticket))])
    assert [each.count("period_expired") for each in events] == [1] * 6


def test_a_poisoned_period_stops_no_other(rt: Runtime) -> None:
    ids = late_periods(rt, 3)
    rt.write(
        lambda session: session.execute(
            update(StatutoryPeriod).where(StatutoryPeriod.id == ids[0]).values(code="C99")
        )
    )
    jobs.check_periods(rt)
    over = rt.read(
        lambda session: set(
            session.scalars(select(StatutoryPeriod.id).where(StatutoryPeriod.expired_at.is_not(None)))
        )
    )
    assert over == set(ids[1:])
    assert jobs.check_periods in [job.run for job in jobs.SCHEDULE]


def test_it_is_no_part_of_the_sweep_of_promises(rt: Runtime) -> None:
    late_periods(rt, 1)
    jobs.sla_sweep(rt)
    assert rt.read(lambda session: list(session.scalars(select(StatutoryPeriod.expired_at)))) == [None]
