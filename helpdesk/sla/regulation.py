"""The regulator's time limits (POJK 22/2023) as the data file has them, and the dates that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.wording import Language
from helpdesk.sla.calendar import BusinessCalendar, add_working_time
from helpdesk.sla.clock import counting_start
from helpdesk.sla.escalation import Level
from helpdesk.sla.policy import CalendarCode, Form
from helpdesk.sla.reading import (
    check_unique,
    read_bool,
    read_list,
    read_mapping,
    read_text,
    read_word,
)

DAY = timedelta(days=1)

SPOKEN, DOCUMENTS, HANDLING, PARTY = "C1", "C2", "C3", "C4"
"""Codes of the rules: a verbal complaint, her documents, a written one, the wait for another party."""


class Bound(StrEnum):
    """Who must act before the time ends."""

    LENDER = "lender"
    CONTACT = "contact"
    PARTY = "party"


class Start(StrEnum):
    """What is day 0."""

    RECEIVED = "received"
    REQUESTED = "requested"
    COMPLETE = "complete"  # the required documents are
    POSTED = "posted"  # our answer, in the regulator's system
    ANSWERED = "answered"
    PERIOD_END = "period_end"


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason for which the law allows an extension."""

    code: str
    name_id: str
    name_en: str
    says_id: str
    """In the few words that a Mitra reads."""
    says_en: str


@dataclass(frozen=True, slots=True)
class Extension:
    """How much longer, how often, and on which grounds."""

    article: str
    days: int
    times: int
    grounds: tuple[Ground, ...]

    def ground(self, code: str) -> Ground:
        """Return the ground with that code. Raises InvalidInput."""
        for ground in self.grounds:
            if ground.code == code:
                return ground
        raise InvalidInput(f"no ground {code!r} in {self.article}", field="ground", code="ground")


@dataclass(frozen=True, slots=True)
class Rule:
    """One time limit of the law."""

    code: str
    name_id: str
    name_en: str
    article: str
    bound: Bound
    start: Start
    calendar: CalendarCode
    days: int
    """0 for a report, which is due on dates."""
    days_when: Mapping[str, int]
    extension: Extension | None
    outcomes: tuple[str, ...]
    tells: tuple[Level, ...]
    due_on: tuple[tuple[int, int], ...]
    """Month and day of each year."""

    def days_for(self, case: str = "") -> int:
        """Return the days of a named case, or the ordinary ones."""
        return self.days_when.get(case, self.days)


@dataclass(frozen=True, slots=True)
class Document:
    """Something that a written complaint needs."""

    code: str
    name_id: str
    name_en: str
    says_id: str
    says_en: str
    is_on_record: bool
    """The lender knows it of a Mitra who is matched to a record: she is never asked for it."""


@dataclass(frozen=True, slots=True)
class Regulation:
    """All rules and the checklist."""

    rules: Mapping[str, Rule]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class DueDates:
    """24:00 of the last day: by the law's calendar, and as if cuti bersama were worked."""

    due_at: datetime
    strict_due_at: datetime


@dataclass(frozen=True, slots=True)
class PeriodStep:
    """Something that is done once as a period runs out."""

    code: str
    at: datetime


WARNING_SHARE = 75
EXPIRED = "expired"

BY_HAND = ("C5", "C6", "C7")
"""Periods that a person records from what the regulator's system says."""


def rule(code: str) -> Rule:
    """Return the rule with that code. Raises NotFound."""
    try:
        return shipped_regulation().rules[code]
    except KeyError:
        raise NotFound(f"no rule {code!r}") from None


def rule_of_form(form: Form) -> Rule:
    """Return the rule under which a complaint of that form is handled."""
    return rule(SPOKEN if form is Form.LISAN else HANDLING)


def words_of_documents(subject: str, language: Language) -> str:
    """Return what a document period asks for (codes of the checklist, then a note) in the words of a Mitra."""
    codes, _, note = subject.partition("\n")
    known = {each.code: each for each in shipped_regulation().documents}
    names = [
        known[code].says_en if language is Language.EN else known[code].says_id
        for code in codes.split(",")
        if code in known
    ]
    return ", ".join([*names, note] if note else names)


def due_dates(
    started_at: datetime, days: int, *, calendar: BusinessCalendar, strict: BusinessCalendar
) -> DueDates:
    """Return the two ends of a time of whole working days; the calendars are open all day on working days."""
    first_day = counting_start(started_at, zone=calendar.zone, is_day_based=True)
    return DueDates(
        add_working_time(calendar, first_day, days * DAY), add_working_time(strict, first_day, days * DAY)
    )


def last_date(due: datetime, calendar: BusinessCalendar) -> date:
    """Return the day that ends at the due instant."""
    return calendar.local_date(due - timedelta(microseconds=1))


def period_steps(
    started_at: datetime, days: int, *, due_at: datetime, strict: BusinessCalendar
) -> tuple[PeriodStep, ...]:
    """Return the warnings, on the strict calendar, and the end of a period in the order of their instants."""
    first_day = counting_start(started_at, zone=strict.zone, is_day_based=True)
    share = add_working_time(strict, first_day, days * DAY * WARNING_SHARE / 100)
    last_day = strict.next_open(add_working_time(strict, first_day, (days - 1) * DAY))
    steps = (
        PeriodStep(f"warning_{WARNING_SHARE}", share),
        PeriodStep("warning_last_day", last_day),
        PeriodStep(EXPIRED, due_at),
    )
    return tuple(sorted(steps, key=lambda step: step.at))


def report_due(report: Rule, today: date, *, calendar: BusinessCalendar) -> date:
    """Return the first date from `today` on when the report is due: its day of the year, or the next working day."""
    years = (today.year - 1, today.year, today.year + 1)
    days = sorted(date(year, month, day) for year in years for month, day in report.due_on)
    rolled = (_working_day(each, calendar) for each in days)
    return next(each for each in rolled if each >= today)


def _working_day(day: date, calendar: BusinessCalendar) -> date:
    while not calendar.is_working_day(day):
        day += DAY
    return day


_RULE_KEYS = (
    "code",
    "name_id",
    "name_en",
    "article",
    "bound",
    "start",
    "calendar",
    "days",
    "days_when",
    "extension",
    "outcomes",
    "tells",
    "due_on",
)
_GROUND_KEYS = ("code", "name_id", "name_en", "says_id", "says_en")


def load_regulation(mapping: Mapping[str, object]) -> Regulation:
    """Read `{"rules": […], "documents": […]}`. Raises InvalidInput."""
    document = read_mapping(mapping, "document", allowed=("rules", "documents"))
    rules = [_rule(each, f"rules[{at}]") for at, each in enumerate(read_list(document.get("rules"), "rules"))]
    check_unique((each.code for each in rules), "rules")
    items = read_list(document.get("documents"), "documents")
    documents = tuple(_document(each, f"documents[{at}]") for at, each in enumerate(items))
    check_unique((each.code for each in documents), "documents")
    return Regulation({each.code: each for each in rules}, documents)


@cache
def shipped_regulation() -> Regulation:
    """Return the rules as the package ships them."""
    text = files("helpdesk.sla").joinpath("data", "regulation.yaml").read_text(encoding="utf-8")
    return load_regulation(yaml.safe_load(text))


def _rule(value: object, field: str) -> Rule:
    entry = read_mapping(value, field, allowed=_RULE_KEYS)
    code = read_text(entry, "code", field)
    due_on = entry.get("due_on")
    extension = entry.get("extension")
    levels = entry.get("tells")
    return Rule(
        code=code,
        name_id=read_text(entry, "name_id", code),
        name_en=read_text(entry, "name_en", code),
        article=read_text(entry, "article", code),
        bound=read_word(Bound, entry.get("bound"), f"{code}.bound"),
        start=read_word(Start, entry.get("start"), f"{code}.start"),
        calendar=read_word(CalendarCode, entry.get("calendar"), f"{code}.calendar"),
        days=0 if due_on is not None else _days(entry, "days", code),
        days_when=_cases(entry.get("days_when"), code),
        extension=None if extension is None else _extension(extension, f"{code}.extension"),
        outcomes=tuple(map(str, _optional(entry.get("outcomes"), f"{code}.outcomes"))),
        tells=tuple(read_word(Level, each, f"{code}.tells") for each in _optional(levels, f"{code}.tells")),
        due_on=tuple(_month_and_day(each, code) for each in _optional(due_on, f"{code}.due_on")),
    )


def _extension(value: object, field: str) -> Extension:
    entry = read_mapping(value, field, allowed=("article", "days", "times", "grounds"))
    grounds = read_list(entry.get("grounds"), f"{field}.grounds")
    return Extension(
        article=read_text(entry, "article", field),
        days=_days(entry, "days", field),
        times=_days(entry, "times", field),
        grounds=tuple(_ground(each, f"{field}.grounds[{at}]") for at, each in enumerate(grounds)),
    )


def _ground(value: object, field: str) -> Ground:
    entry = read_mapping(value, field, allowed=_GROUND_KEYS)
    code = read_text(entry, "code", field)
    return Ground(
        code,
        read_text(entry, "name_id", field),
        name_en=read_text(entry, "name_en", field),
        says_id=str(entry.get("says_id", "")),
        says_en=str(entry.get("says_en", "")),
    )


def _document(value: object, field: str) -> Document:
    entry = read_mapping(value, field, allowed=(*_GROUND_KEYS, "is_on_record"))
    return Document(
        code=read_text(entry, "code", field),
        name_id=read_text(entry, "name_id", field),
        name_en=read_text(entry, "name_en", field),
        says_id=read_text(entry, "says_id", field),
        says_en=read_text(entry, "says_en", field),
        is_on_record=read_bool(entry, "is_on_record", field, default=False),
    )


def _days(entry: Mapping[str, object], key: str, field: str) -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidInput(f"{field}.{key}: a number from 1 is needed, not {value!r}", field=f"{field}.{key}")
    return value


def _cases(value: object, field: str) -> Mapping[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{field}.days_when: a mapping is needed", field=f"{field}.days_when")
    return {str(case): _days(value, case, f"{field}.days_when") for case in value}


def _optional(value: object, field: str) -> list[object]:
    return [] if value is None else read_list(value, field)


def _month_and_day(value: object, field: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2000-{value}")
    except ValueError:
        raise InvalidInput(
            f"{field}.due_on: month-day is needed, not {value!r}", field=f"{field}.due_on"
        ) from None
    return day.month, day.day
