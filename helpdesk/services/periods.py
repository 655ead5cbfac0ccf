"""Statutory periods that are no promise of ours: begun, extended and ended by people, enforced by the worker."""

from collections.abc import Sequence, Set
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound, required
from helpdesk.domain.privacy import redact
from helpdesk.domain.reasons import stated
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit
from helpdesk.models.regulation import due_of
from helpdesk.models.sla import StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations
from helpdesk.services.trail import SYSTEM, lock_ticket, record
from helpdesk.sla.policy import CalendarCode
from helpdesk.sla.regulation import BY_HAND, DOCUMENTS, EXPIRED, PARTY, PeriodStep, Rule, period_steps, rule
from helpdesk.sla.standing import Refusal

MAX_SUBJECT = 500
MAX_ID = 2**63 - 1
"""Of a large integer column: a longer number in an address names nothing."""
ANSWERED = "answered"
_ENDS_WITH_TICKET = (DOCUMENTS, PARTY)
"""Nobody waits for these once the complaint is answered; the regulator's own go on."""


def begin(
    session: Session,
    ticket: Ticket,
    code: str,
    *,
    subject: str,
    started_at: datetime,
    actor: str,
) -> StatutoryPeriod:
    """Begin a period of a locked ticket; the caller writes the event that says why."""
    limit = rule(code)
    book = CalendarBook(session)
    unit = book.unit(ticket.unit_id)
    due = due_of(book, unit, limit=limit, started_at=started_at, days=limit.days)
    period = StatutoryPeriod(
        ticket_id=ticket.id,
        code=code,
        started_at=started_at,
        due_at=due.due_at,
        strict_due_at=due.strict_due_at,
        subject=subject,
        actor=actor,
    )
    _plan(session, ticket, period, limit, after=started_at)
    session.add(period)
    session.flush()
    return period


def record_by_hand(
    session: Session,
    ticket_id: int,
    code: str,
    *,
    subject: str,
    started_at: datetime,
    actor: str,
    now: datetime,
) -> StatutoryPeriod:
    """Keep what the regulator's system shows (C5, C6, C7). One of a kind may be open at a time."""
    if code not in BY_HAND:
        raise InvalidInput(f"{code!r} is not recorded by hand", field="code", code="choice")
    subject = _subject(subject)
    if started_at > now:
        raise InvalidInput("it has not begun yet", field="started_on", code="future")
    ticket = lock_ticket(session, ticket_id)
    if started_at < _day_of_receipt(session, ticket):
        raise InvalidInput("the complaint came later", field="started_on", code="before_receipt")
    if any(period.code == code for period in open_periods(session, ticket.id)):
        raise Conflict(f"a period {code} is open already", code="period_open")
    period = begin(session, ticket, code, subject=subject, started_at=started_at, actor=actor)
    _note(session, ticket, "period_begun", period, actor=actor, at=now)
    return period


def prolong(
    session: Session, ticket_id: int, period_id: int, *, ground: str, reason: str, actor: str, now: datetime
) -> StatutoryPeriod:
    """Extend a period that a person recorded, where its rule allows it and before it ends."""
    reason = stated(redact(reason).text)
    ticket = lock_ticket(session, ticket_id)
    period = _open(session, ticket, period_id)
    if period.code not in BY_HAND:
        raise InvalidInput("this period has its own steps", field="period", code="choice")
    lengthen(session, ticket, period, ground=ground, now=now)
    _note(session, ticket, "period_extended", period, actor=actor, at=now, ground=ground, reason=reason)
    return period


def lengthen(
    session: Session, ticket: Ticket, period: StatutoryPeriod, *, ground: str, now: datetime
) -> None:
    """Give a period the extension of its rule, counted from its own start. Raises Conflict."""
    limit = rule(period.code)
    if limit.extension is None:
        raise Conflict(f"{period.code} cannot be extended", code="not_extendable")
    limit.extension.ground(ground)
    if period.extended_at is not None:
        raise Conflict(f"{period.code} was extended already", code=Refusal.EXTENDED_ALREADY)
    if now >= period.due_at:
        raise Conflict(f"{period.code} has run out", code=Refusal.TIME_IS_UP)
    period.extended_at, period.extension_ground = now, ground
    book = CalendarBook(session)
    unit = book.unit(ticket.unit_id)
    days = limit.days + limit.extension.days
    due = due_of(book, unit, limit=limit, started_at=period.started_at, days=days)
    period.due_at, period.strict_due_at = due.due_at, due.strict_due_at
    _plan(session, ticket, period, limit, after=now)
    session.flush()


def finish(
    session: Session, ticket_id: int, period_id: int, *, outcome: str, actor: str, now: datetime
) -> StatutoryPeriod:
    """Record how a period ended. Documents have their own steps."""
    ticket = lock_ticket(session, ticket_id)
    period = _open(session, ticket, period_id)
    if period.code == DOCUMENTS or outcome not in rule(period.code).outcomes:
        raise InvalidInput(f"{period.code} cannot end as {outcome!r}", field="outcome", code="choice")
    end(period, outcome=outcome, at=now)
    _note(session, ticket, "period_ended", period, actor=actor, at=now, outcome=outcome)
    return period


def end(period: StatutoryPeriod, *, outcome: str, at: datetime) -> None:
    """End a period; if its time was up before, that stays on record."""
    if period.expired_at is None and at > period.due_at:
        period.expired_at = period.due_at
    period.ended_at, period.outcome, period.next_step_at = at, outcome, None


def reopen(
    session: Session, ticket: Ticket, period: StatutoryPeriod, *, started_at: datetime, now: datetime
) -> None:
    """An end is taken back; from another start than before the whole time counts, with all its warnings."""
    period.ended_at = period.outcome = None
    limit = rule(period.code)
    if started_at != period.started_at:
        period.started_at, period.extended_at, period.extension_ground = started_at, None, None
        book = CalendarBook(session)
        unit = book.unit(ticket.unit_id)
        due = due_of(book, unit, limit=limit, started_at=started_at, days=limit.days)
        period.due_at, period.strict_due_at, period.steps_done = due.due_at, due.strict_due_at, ""
    done = _done(period)
    period.expired_at = period.due_at if EXPIRED in done else None
    _remember(period, _steps(session, ticket, period, limit), done=done)
    session.flush()


def end_with(session: Session, ticket: Ticket, *, actor: str, at: datetime) -> None:
    """The complaint is answered: what was waited for is needed no more."""
    for period in open_periods(session, ticket.id):
        if period.code in _ENDS_WITH_TICKET:
            end(period, outcome=ANSWERED, at=at)
            _note(session, ticket, "period_ended", period, actor=actor, at=at, outcome=ANSWERED)
    session.flush()


def unended(session: Session, ticket: Ticket, *, ended_at: datetime | None, now: datetime) -> None:
    """The ticket that ended at `ended_at` had not ended: what ended with it goes on."""
    for period in session.scalars(
        select(StatutoryPeriod).where(
            StatutoryPeriod.ticket_id == ticket.id,
            StatutoryPeriod.ended_at == ended_at,
            StatutoryPeriod.outcome == ANSWERED,
        )
    ).all():
        reopen(session, ticket, period, started_at=period.started_at, now=now)


def due_facts(session: Session, ticket: Ticket, due_at: datetime) -> dict[str, str]:
    """Return a due instant as events keep it, with the zone in which it is midnight."""
    zone = session.scalars(select(OrgUnit.zone).where(OrgUnit.id == ticket.unit_id)).one()
    return {"due_at": due_at.isoformat(), "zone": zone}


def open_periods(session: Session, ticket_id: int) -> Sequence[StatutoryPeriod]:
    """Return the periods of a ticket that have not ended, oldest first."""
    return session.scalars(
        select(StatutoryPeriod)
        .where(StatutoryPeriod.ticket_id == ticket_id, StatutoryPeriod.ended_at.is_(None))
        .order_by(StatutoryPeriod.id)
    ).all()


def due_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Return the periods that have a step to take, the longest overdue first."""
    due = (
        select(StatutoryPeriod.id)
        .where(StatutoryPeriod.ended_at.is_(None), StatutoryPeriod.next_step_at <= now)
        .order_by(StatutoryPeriod.next_step_at, StatutoryPeriod.id)
        .limit(limit)
    )
    return list(session.scalars(due))


def check(session: Session, period_id: int, *, now: datetime) -> int:
    """Take the steps that one period owes by `now`, each once (`steps_done` keeps them); return how many."""
    ticket_id = session.scalars(
        select(StatutoryPeriod.ticket_id).where(StatutoryPeriod.id == period_id)
    ).one()
    ticket = lock_ticket(session, ticket_id)
    period = session.get_one(StatutoryPeriod, period_id, populate_existing=True)
    planned = period.next_step_at
    if period.ended_at is not None or planned is None or planned > now:
        return 0
    steps = _steps(session, ticket, period, rule(period.code))
    done = _done(period)
    due = [step for step in steps if step.code not in done and step.at <= now]
    for step in due:
        _carry_out(session, ticket, period, step, now=now)
    _remember(period, steps, done=done | {step.code for step in due})
    session.flush()
    return len(due)


def _carry_out(
    session: Session, ticket: Ticket, period: StatutoryPeriod, step: PeriodStep, *, now: datetime
) -> None:
    is_over = step.code == EXPIRED
    if is_over:
        period.expired_at = step.at
    kind = "period_expired" if is_over else "period_warning"
    data = {"period": period.code, "step": step.code, "at": step.at.isoformat()}
    record(session, ticket, kind, actor=SYSTEM, at=now, data=data)
    for level in rule(period.code).tells:
        escalations.notify(session, ticket, level, kind, at=now)


def _plan(session: Session, ticket: Ticket, period: StatutoryPeriod, limit: Rule, *, after: datetime) -> None:
    """Plan all steps anew; those that would have come by `after` are not taken."""
    steps = _steps(session, ticket, period, limit)
    _remember(period, steps, done={step.code for step in steps if step.at <= after})


def _remember(period: StatutoryPeriod, steps: Sequence[PeriodStep], *, done: Set[str]) -> None:
    period.steps_done = ",".join(sorted(done))
    period.next_step_at = next((step.at for step in steps if step.code not in done), None)


def _done(period: StatutoryPeriod) -> frozenset[str]:
    return frozenset(filter(None, period.steps_done.split(",")))


def _steps(session: Session, ticket: Ticket, period: StatutoryPeriod, limit: Rule) -> tuple[PeriodStep, ...]:
    book = CalendarBook(session)
    strict = book.calendar(CalendarCode.STRICT, book.unit(ticket.unit_id))
    more = limit.extension.days if limit.extension and period.extended_at else 0
    return period_steps(period.started_at, limit.days + more, due_at=period.due_at, strict=strict)


def _day_of_receipt(session: Session, ticket: Ticket) -> datetime:
    """Return the midnight at which it began: what is recorded by hand has a day, no hour."""
    zone = session.scalars(select(OrgUnit.zone).where(OrgUnit.id == ticket.unit_id)).one()
    return ticket.received_at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _open(session: Session, ticket: Ticket, period_id: int) -> StatutoryPeriod:
    period = session.get(StatutoryPeriod, period_id, populate_existing=True) if period_id <= MAX_ID else None
    if period is None or period.ticket_id != ticket.id:
        raise NotFound(f"the ticket has no period {period_id}")
    if period.ended_at is not None:
        raise Conflict("this period has ended", code="period_ended")
    return period


def _note(
    session: Session,
    ticket: Ticket,
    kind: str,
    period: StatutoryPeriod,
    *,
    actor: str,
    at: datetime,
    **data: str,
) -> None:
    facts = {"period": period.code, **due_facts(session, ticket, period.due_at), **data}
    record(session, ticket, kind, actor=actor, at=at, data=facts)


def _subject(text: str) -> str:
    subject = required(redact(text.replace("\0", "")).text.strip(), "subject")
    if len(subject) > MAX_SUBJECT:
        raise InvalidInput(
            f"the text is longer than {MAX_SUBJECT} characters", field="subject", code="too_long"
        )
    return subject
