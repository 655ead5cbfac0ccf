"""What the ticket page shows: the timeline, the clocks, and where an answer would go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketStatus
from helpdesk.domain.messages import CHAT_CHANNELS, WHATSAPP_WINDOW, ChannelCode, Direction, Purpose
from helpdesk.domain.severity import Impact, Severity, SeverityMatrix, Urgency
from helpdesk.queries import agents
from helpdesk.queries.agents import AgentRow, TeamRow
from helpdesk.queries.contact_tasks import Attempt, TaskRow, attempts_of, tasks_of
from helpdesk.queries.conversation import EventRow, MessageRow, actor_names
from helpdesk.queries.duty import Duty, duties
from helpdesk.queries.escalation_plan import PlannedEscalation, escalation_plan
from helpdesk.queries.notifications import Answer, answers_of, told_of_escalations
from helpdesk.queries.regulation import RegulationView, regulation_of
from helpdesk.queries.sendings import Sending, may_be_asked, sendings_of
from helpdesk.queries.sla import stories
from helpdesk.queries.sla_explain import explained
from helpdesk.queries.sla_next import what_is_next
from helpdesk.queries.sla_notes import awaited, notes_of
from helpdesk.queries.talks import TalkRow, talks_of
from helpdesk.queries.ticket import OtherTicket, TicketView, ticket_by_number
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import escalations, triage
from helpdesk.views.assignment_words import WhyLine, standings, why_assigned
from helpdesk.views.clock_views import (
    ClockView,
    in_language,
)
from helpdesk.views.clocks_page import clock_view, reopenings
from helpdesk.views.moved_messages import moves_of
from helpdesk.views.shipped_names import shipped
from helpdesk.views.ticket_words import (
    TOLD_BY_MESSAGES,
    Change,
    KnownNames,
    changes_of,
    event_text,
    is_plan_only,
)

_AUTOMATIC = frozenset({Purpose.RECEIPT, Purpose.CHAT, Purpose.NOTICE})


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """A message, or an event in words; exactly one of both."""

    at: datetime
    message: MessageRow | None = None
    text: str = ""
    is_unseen: bool = False
    came_from: str = ""
    """Number of the ticket that the message was moved from."""
    went_to: tuple[str, str] | None = None
    """Of an event: the ticket where the message lies now, and its public id."""

    @property
    def kind(self) -> str:
        """The look: in, out, note or system."""
        return self.message.direction.value if self.message else "system"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the audit trail in words."""

    event: EventRow
    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Composer:
    """Where an answer goes. Without a channel there is no address: print or call."""

    channel: ChannelCode | None
    address: str
    is_blocked: bool
    is_opted_out: bool
    """She asked for no more surveys; answers are still sent."""
    closes_at: datetime | None
    """WhatsApp's window; None elsewhere."""
    is_window_closed: bool

    @property
    def counter(self) -> str:
        """What the counter below the box counts."""
        return "sms" if self.channel is ChannelCode.SMS else "4000"


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Everything that the template needs besides what was typed."""

    ticket: TicketView
    now: datetime
    timeline: tuple[TimelineItem, ...]
    history: tuple[HistoryLine, ...]
    clocks: tuple[ClockView, ...]
    following: tuple[str, ...]
    """Which clock is next, and why."""
    plan: tuple[PlannedEscalation, ...]
    answers: tuple[Answer, ...]
    """Escalations of the clocks that run, and who has answered them."""
    may_acknowledge: bool
    composer: Composer
    may: frozenset[str]
    teams: tuple[TeamRow, ...]
    people: tuple[AgentRow, ...]
    duties: Mapping[int, Duty]
    """Who of them is at work, by id."""
    next_statuses: tuple[TicketStatus, ...]
    cells: Mapping[tuple[Impact, Urgency], Severity]
    floor: Severity | None
    why: tuple[WhyLine, ...]
    """How the team stood when the ticket was given to the assignee by itself."""
    regulation: RegulationView
    sendings: Mapping[int, Sending]
    """What there is to tell of messages on their way, by id."""
    talks: tuple[TalkRow, ...]
    """Its calls and visits."""
    tasks: tuple[TaskRow, ...]
    """Calls, letters and visits."""
    attempts: Mapping[int, tuple[Attempt, ...]]
    """Earlier ways of messages, by id."""
    may_be_asked: bool
    """Outside WhatsApp's window: a template asks her whether she wants to read the answer."""

    @property
    def is_finished(self) -> bool:
        """Whether it must be reopened before anything is sent."""
        return self.ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)

    @property
    def neighbours(self) -> tuple[OtherTicket, ...]:
        """The person's other complaints in work, to which a message may be moved."""
        return tuple(other for other in self.ticket.others if other.status in ACTIVE_STATUSES)

    @property
    def has_typed_number(self) -> bool:
        """Whether answers go to a number that somebody typed: she has not written from it."""
        return bool(self.composer.address) and self.ticket.channel not in CHAT_CHANNELS

    @property
    def has_moves(self) -> bool:
        """Whether one of her messages can move: to a neighbour, or away from others that stay."""
        told = sum(message.direction is Direction.IN for message in self.ticket.messages)
        return bool(self.neighbours) or told > 1

    @property
    def moved_by(self) -> str:
        """Who took the ticket from the team that the rule chose: escalation, a person; empty while it is there."""
        if self.ticket.routing_reason.get("team") == self.ticket.team_code:
            return ""
        return next(filter(None, map(_mover, reversed(self.ticket.events))), "")

    @property
    def header_clocks(self) -> tuple[ClockView, ...]:
        """The clocks that count, newest of each metric."""
        return tuple({view.line.metric: view for view in self.standing_clocks}.values())

    @property
    def standing_clocks(self) -> tuple[ClockView, ...]:
        """The clocks that were not replaced or ended, met or not."""
        return tuple(view for view in self.clocks if view.line.superseded_at is None)

    def is_told_here(self, view: ClockView) -> bool:
        """Whether the page holds its ledger: of clocks that count no more only the page of the clocks does."""
        return any(view is each for each in self.header_clocks)

    @property
    def past_clocks(self) -> tuple[ClockView, ...]:
        """The clocks that count no more; one of them may have been late before."""
        return tuple(view for view in self.clocks if view.line.superseded_at is not None)


def load_page(
    session: Session, who: Viewer, number: str, *, now: datetime, seen_message_id: int | None = None
) -> TicketPage:
    """Read the page. `seen_message_id`: mark what is newer. Raises NotFound for what may not be seen."""
    view = ticket_by_number(session, who, number, now=now)
    may = frozenset(action.value for action in Action if can(who, action))
    teams = agents.teams(session)
    people = agents.assignable(session, who, number) if Action.ASSIGN in may else ()
    names = KnownNames(
        {team.code: shipped(team.name) for team in teams},
        _people_named(session, view.events),
        told_of_escalations(session, view.id),
    )
    answers = answers_of(session, view.id)
    told, regulation = stories(session, view.id, now=now), regulation_of(session, view.id, now=now)
    matrix = triage.current_matrix(session) if Action.SEVERITY in may else None
    finished = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    return TicketPage(
        ticket=view,
        now=now,
        timeline=_timeline(view, names, seen_message_id),
        history=tuple(HistoryLine(e, event_text(e, names), changes_of(e, names)) for e in view.events),
        clocks=tuple(
            clock_view(each, now=now, reopened=reopenings(view.events))
            for each in explained(
                session,
                told,
                now=now,
                notes=notes_of(regulation, view.zone, now=now),
                regulation=regulation,
            )
        ),
        following=in_language(
            [*awaited(regulation, view.zone, now=now), *what_is_next(view.clocks, now=now)]
        ),
        plan=escalation_plan(
            session,
            view.id,
            [(each.line, each.clock) for each in told],
            severity=view.severity,
            now=now,
        ),
        answers=answers,
        may_acknowledge=_may_acknowledge(session, who, view.id, answers),
        composer=composer_of(view, now=now),
        may=may,
        teams=teams,
        people=people,
        duties=duties(session, [person.id for person in people], now=now),
        next_statuses=tuple(status for status in view.next_statuses if status not in finished),
        cells=matrix.document.cells if matrix else {},
        floor=_floor(matrix, view.category),
        why=why_assigned(view.events, view.assignee_id, names.people),
        regulation=regulation,
        sendings=sendings_of(session, view.id),
        talks=talks_of(session, who, view.id),
        tasks=tasks_of(session, who, view.id),
        attempts=attempts_of(session, view.id),
        may_be_asked=may_be_asked(session, view),
    )


def newer_authors(page: TicketPage, seen_message_id: int) -> tuple[int, str]:
    """Return how many messages a person has not read yet, and who wrote the last; automatic ones are none."""
    newer = [
        message
        for message in page.ticket.messages
        if message.id > seen_message_id and message.purpose not in _AUTOMATIC
    ]
    if not newer:
        return 0, ""
    last = newer[-1]
    return len(newer), (last.author or page.ticket.contact.name or "")


def composer_of(view: TicketView, *, now: datetime) -> Composer:
    """Say where services.replies would send: where she wrote from, else her phone by SMS."""
    phone = view.contact.phone or ""
    if view.handle is not None:
        closes_at = None
        if view.handle.channel is ChannelCode.WHATSAPP and view.handle.last_inbound_at is not None:
            closes_at = view.handle.last_inbound_at + WHATSAPP_WINDOW
        is_phone = view.handle.channel in (ChannelCode.WHATSAPP, ChannelCode.SMS)
        is_closed = view.handle.channel is ChannelCode.WHATSAPP and (closes_at is None or closes_at <= now)
        return Composer(
            channel=view.handle.channel if view.handle.channel in CHAT_CHANNELS else None,
            address=phone if is_phone else "",
            is_blocked=view.handle.is_blocked,
            is_opted_out=view.handle.opted_out_at is not None,
            closes_at=closes_at,
            is_window_closed=is_closed,
        )
    channel: ChannelCode | None = None
    if view.channel is ChannelCode.APP:
        channel = ChannelCode.APP
    elif any(sign.isdigit() for sign in phone):  # a phone that is none is shown as stars alone
        channel = ChannelCode.SMS
    return Composer(
        channel, phone, is_blocked=False, is_opted_out=False, closes_at=None, is_window_closed=False
    )


def _may_acknowledge(session: Session, who: Viewer, ticket_id: int, answers: Sequence[Answer]) -> bool:
    """Whether an escalation waits for a person of the viewer's level or above."""
    waiting = [each.level for each in answers if each.acknowledged_at is None]
    if not waiting or who.user_id is None or not can(who, Action.ANSWER_ESCALATION):
        return False
    level = escalations.level_on(session, ticket_id, who.user_id)
    return level is not None and level >= min(waiting)


def _timeline(view: TicketView, names: KnownNames, seen: int | None) -> tuple[TimelineItem, ...]:
    """Merge conversation and events by time; of two at one instant the words come first."""
    moves = moves_of(view)
    messages = [
        (
            message.at,
            0,
            at,
            TimelineItem(
                message.at,
                message,
                is_unseen=seen is not None and message.id > seen,
                came_from=moves.came_from.get(message.public_id, ""),
            ),
        )
        for at, message in enumerate(view.messages)
    ]
    events = [
        (
            event.at,
            1,
            event.serial,
            TimelineItem(event.at, text=event_text(event, names), went_to=moves.went_to.get(event.serial)),
        )
        for event in view.events
        if event.kind not in TOLD_BY_MESSAGES and not is_plan_only(event, names)
    ]
    return tuple(item for *_order, item in sorted([*messages, *events], key=lambda each: each[:3]))


def _mover(event: EventRow) -> str:
    """Say who moved the ticket to another team; empty for any other event."""
    if event.data.get("team_to"):
        return "escalation"
    teams = [
        side.get("team") if isinstance(side, Mapping) else None
        for side in (event.data.get("from"), event.data.get("to"))
    ]
    return "person" if event.kind == "assigned" and teams[0] != teams[1] else ""


def _people_named(session: Session, events: Sequence[EventRow]) -> dict[str, str]:
    """Return the names of those to whom the ticket was given, by public id."""
    ids: set[str] = set()
    for event in events:
        for side in (event.data.get("from"), event.data.get("to")):
            assignee = side.get("assignee") if isinstance(side, Mapping) else None
            if isinstance(assignee, str) and assignee:
                ids.add(f"user:{assignee}")
        ids.update(f"user:{each.get('person')}" for each in standings(event))
    return {actor.removeprefix("user:"): name for actor, name in actor_names(session, ids).items()}


def _floor(matrix: SeverityMatrix | None, category: str | None) -> Severity | None:
    return matrix.floor(category) if matrix is not None and category is not None else None
