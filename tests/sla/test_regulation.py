"""The law's time limits as data: complete, readable, and exact about dates and refusals."""

from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from factories import head_office
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.models.calendars import CalendarBook
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.policy import CalendarCode, Form, Metric, shipped_policies
from helpdesk.sla.regulation import (
    due_dates,
    last_date,
    load_regulation,
    period_steps,
    report_due,
    rule,
    rule_of_form,
    shipped_regulation,
)
from helpdesk.sla.standing import DocumentPeriod, Refusal, Standing, Step, why_not

WEEK = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
PLAIN = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": WEEK})


def wib(day: str, time: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}+07:00").astimezone(UTC)


def test_every_rule_of_the_law_is_there_with_its_article() -> None:
    rules = shipped_regulation().rules
    assert list(rules) == ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "R1", "R2"]
    assert all("POJK" in each.article for each in rules.values())


@pytest.mark.parametrize(
    ("code", "days", "more", "grounds"),
    [
        ("C1", 5, 0, ""),
        ("C2", 10, 10, "ab"),
        ("C3", 10, 10, "abc"),
        ("C5", 10, 0, ""),
        ("C7", 10, 0, ""),
    ],
)
def test_days_and_grounds_are_those_of_the_law(code: str, days: int, more: int, grounds: str) -> None:
    limit = rule(code)
    extension = limit.extension
    assert (limit.days, extension.days if extension else 0) == (days, more)
    assert (
        "".join(each.code for each in extension.grounds if extension) == grounds if extension else not grounds
    )


def test_the_policies_promise_what_the_rules_say() -> None:
    for policy in shipped_policies():
        target = next((each for each in policy.targets if each.metric is Metric.REGULATORY), None)
        if target is None or not target.calendar.is_day_based or policy.forms is None:
            continue
        (form,) = policy.forms
        assert target.duration == timedelta(days=rule_of_form(form).days), policy.code


DATES = [
    ("2026-03-13", "2026-03-27 2026-03-23", "2026-04-06 2026-03-30", "2026-04-20 2026-04-14"),
    ("2026-05-13", "2026-05-22 2026-05-21", "2026-06-03 2026-05-29", "2026-06-18 2026-06-15"),
    ("2026-08-14", "2026-08-24 2026-08-24", "2026-09-01 2026-09-01", "2026-09-15 2026-09-15"),
    ("2026-11-23", "2026-11-30 2026-11-30", "2026-12-07 2026-12-07", "2026-12-21 2026-12-21"),
    ("2026-12-21", "2026-12-30 2026-12-29", "2027-01-08 2027-01-07", "2027-01-22 2027-01-21"),
    ("2027-03-04", "2027-03-19 2027-03-16", "2027-03-30 2027-03-23", "2027-04-13 2027-04-07"),
]


@pytest.mark.parametrize(("day", "five", "ten", "twenty"), DATES, ids=[row[0] for row in DATES])
def test_the_table_of_dates_both_columns(
    session: Session, day: str, five: str, ten: str, twenty: str
) -> None:
    book, unit = CalendarBook(session), head_office(session)
    calendar, strict = book.calendar(CalendarCode.REGULATORY, unit), book.calendar(CalendarCode.STRICT, unit)
    longer = rule("C3").extension
    assert longer is not None
    lengths = (rule("C1").days, rule("C3").days, rule("C3").days + longer.days)
    for days, expected in zip(lengths, (five, ten, twenty), strict=True):
        due = due_dates(wib(day), days, calendar=calendar, strict=strict)
        said = f"{last_date(due.due_at, calendar)} {last_date(due.strict_due_at, strict)}"
        assert said == expected
        assert due.due_at.astimezone(calendar.zone).hour == 0, "24:00 there"


def test_day_0_may_be_a_saturday_or_an_evening() -> None:
    saturday = due_dates(wib("2026-11-21"), 5, calendar=PLAIN, strict=PLAIN)
    assert last_date(saturday.due_at, PLAIN) == date(2026, 11, 27)
    evening = due_dates(wib("2026-11-20", "23:59"), 5, calendar=PLAIN, strict=PLAIN)
    assert last_date(evening.due_at, PLAIN) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("code", "today", "expected"),
    [
        ("R1", date(2026, 6, 30), date(2026, 7, 10)),
        ("R1", date(2026, 12, 31), date(2027, 1, 11)),
        ("R1", date(2027, 1, 10), date(2027, 1, 11)),
        ("R1", date(2027, 1, 11), date(2027, 1, 11)),
        ("R1", date(2027, 1, 12), date(2027, 7, 12)),
        ("R1", date(2027, 6, 30), date(2027, 7, 12)),
        ("R2", date(2026, 1, 1), date(2026, 9, 30)),
    ],
)
def test_reports_are_due_on_their_day_or_the_next_working_one(
    session: Session, code: str, today: date, expected: date
) -> None:
    calendar = CalendarBook(session).calendar(CalendarCode.REGULATORY, head_office(session))
    assert report_due(rule(code), today, calendar=calendar) == expected


def test_a_period_warns_twice_and_ends_at_midnight() -> None:
    started = wib("2026-11-23")
    due = due_dates(started, 10, calendar=PLAIN, strict=PLAIN)
    steps = period_steps(started, 10, due_at=due.due_at, strict=PLAIN)
    assert [(step.code, step.at) for step in steps] == [
        ("warning_75", wib("2026-12-03", "12:00")),
        ("warning_last_day", wib("2026-12-07", "00:00")),
        ("expired", wib("2026-12-08", "00:00")),
    ]


def test_the_last_day_is_a_working_day() -> None:
    started = wib("2026-11-16")  # the tenth day after it is Monday 30 November
    due = due_dates(started, 10, calendar=PLAIN, strict=PLAIN)
    last = period_steps(started, 10, due_at=due.due_at, strict=PLAIN)[1]
    assert last.at == wib("2026-11-30", "00:00")


def standing(**changes: object) -> Standing:
    values: dict[str, object] = {
        "kind": TicketKind.COMPLAINT, "form": Form.TERTULIS, "is_active": True, "is_day_based": True,
        "due_at": wib("2026-12-08", "00:00"), "extensions": (), "documents": None,
        "were_documents_completed": False,
    }  # fmt: skip
    return Standing(**(values | changes))  # type: ignore[arg-type]


NOW = wib("2026-11-30")
DUE = wib("2026-12-08", "00:00")
WAITING = {"documents": DocumentPeriod(DUE, is_extended=False), "due_at": None}
REFUSED = [
    # Ps. 74
    (Step.CONVERT, {}, NOW, Refusal.NOT_VERBAL),
    (Step.CONVERT, {"form": Form.LISAN}, NOW, None),
    (Step.CONVERT, {"form": Form.LISAN}, DUE - timedelta(seconds=1), None),
    (Step.CONVERT, {"form": Form.LISAN}, DUE, Refusal.TIME_IS_UP),
    # Ps. 71
    (Step.REQUEST_DOCUMENTS, {}, NOW, None),
    (Step.REQUEST_DOCUMENTS, {"form": Form.LISAN}, NOW, Refusal.NOT_WRITTEN),
    (Step.REQUEST_DOCUMENTS, WAITING, NOW, Refusal.DOCUMENTS_ASKED),
    (Step.REQUEST_DOCUMENTS, {"were_documents_completed": True}, NOW, Refusal.DOCUMENTS_COMPLETE),
    (Step.REQUEST_DOCUMENTS, {"extensions": ("C3",)}, NOW, Refusal.EXTENDED_ALREADY),
    (Step.COMPLETE_DOCUMENTS, {}, NOW, Refusal.NO_DOCUMENTS_ASKED),
    (Step.COMPLETE_DOCUMENTS, WAITING | {"is_day_based": False}, DUE, None),
    (Step.EXTEND_DOCUMENTS, {}, NOW, Refusal.NO_DOCUMENTS_ASKED),
    (Step.EXTEND_DOCUMENTS, WAITING, DUE - timedelta(seconds=1), None),
    (Step.EXTEND_DOCUMENTS, WAITING, DUE, Refusal.TIME_IS_UP),
    (
        Step.EXTEND_DOCUMENTS,
        WAITING | {"documents": DocumentPeriod(DUE, is_extended=True)},
        NOW,
        Refusal.EXTENDED_ALREADY,
    ),
    # Ps. 76(1)a
    (Step.REFUSE_INCOMPLETE, WAITING, DUE - timedelta(seconds=1), Refusal.TIME_LEFT),
    (Step.REFUSE_INCOMPLETE, WAITING, DUE, None),
    (Step.REFUSE_INCOMPLETE, {}, DUE, Refusal.NO_DOCUMENTS_ASKED),
    # Ps. 75(2)-(4)
    (Step.EXTEND, {}, DUE - timedelta(seconds=1), None),
    (Step.EXTEND, {}, DUE, Refusal.TIME_IS_UP),
    (Step.EXTEND, {"form": Form.LISAN}, NOW, Refusal.NOT_WRITTEN),
    (Step.EXTEND, {"extensions": ("C3",)}, NOW, Refusal.EXTENDED_ALREADY),
    (Step.EXTEND, WAITING, NOW, Refusal.DOCUMENTS_ASKED),
    # Ps. 75(5)-(7)
    (Step.EXTEND_FOR_PARTY, {}, NOW, Refusal.NOT_EXTENDED_YET),
    (Step.EXTEND_FOR_PARTY, {"extensions": ("C3",)}, NOW, None),
    (Step.EXTEND_FOR_PARTY, {"extensions": ("C3",)}, DUE, Refusal.TIME_IS_UP),
    (Step.EXTEND_FOR_PARTY, {"extensions": ("C3", "C4")}, NOW, Refusal.EXTENDED_ALREADY),
    (Step.CHANGE_FORM, {}, NOW, None),
    (Step.CHANGE_FORM, WAITING, NOW, Refusal.FORM_FIXED),
    (Step.CHANGE_FORM, {"extensions": ("C3",)}, NOW, Refusal.FORM_FIXED),
]


@pytest.mark.parametrize(("step", "facts", "now", "refusal"), REFUSED)
def test_what_the_law_allows_and_what_not(
    step: Step, facts: dict[str, object], now: datetime, refusal: Refusal | None
) -> None:
    assert why_not(step, standing(**facts), now=now) is refusal


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.COMPLETE_DOCUMENTS])
@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"kind": TicketKind.ENQUIRY}, Refusal.NOT_COMPLAINT),
        ({"is_active": False}, Refusal.FINISHED),
        ({"is_day_based": False}, Refusal.OTHER_LAW),
    ],
)
def test_only_an_open_complaint_under_this_law_has_these_steps(
    step: Step, facts: dict[str, object], refusal: Refusal
) -> None:
    assert why_not(step, standing(**facts), now=NOW) is refusal


def test_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(NotFound):
        rule("C99")


MINIMAL = """
rules:
  - {code: X, name_id: a, name_en: b, article: c, bound: lender, start: received, calendar: regulatory, days: 5}
documents:
  - {code: d, name_id: a, name_en: b, says_id: a, says_en: b}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("days: 5", "days: 0"),
        ("days: 5", "days: 5, due_on: ['13-40']"),
        ("days: 5", "days: 5, days_when: {x: no}"),
        ("bound: lender", "bound: nobody"),
        ("article: c", "article: ''"),
        ("days: 5", "days: 5, extension: {article: a, days: 1, times: 1, grounds: []}"),
        ("days: 5", "days: 5, whatever: 1"),
    ],
)
def test_a_broken_file_is_refused(before: str, after: str) -> None:
    assert load_regulation(yaml.safe_load(MINIMAL)).rules["X"].days == 5
    with pytest.raises(InvalidInput):
        load_regulation(yaml.safe_load(MINIMAL.replace(before, after)))
