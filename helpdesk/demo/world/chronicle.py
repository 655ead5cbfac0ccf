"""One ticket of the past as the services would have left it: rows, chained events, clocks; nothing is written here."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.demo.world.answers import Answers
from helpdesk.demo.world.chain import Happening
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.clockwork import Clockwork, Running
from helpdesk.demo.world.facts import Notice, TicketFacts
from helpdesk.demo.world.ledger import Ledger
from helpdesk.demo.world.mitra import Mitra
from helpdesk.demo.world.people import Staff
from helpdesk.demo.world.rows import Row
from helpdesk.demo.world.rules import Rules
from helpdesk.domain.chain import said
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, PAUSING_STATUSES, TicketStatus, check_transition
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode, Direction, Purpose
from helpdesk.domain.numbers import format_number
from helpdesk.domain.wording import Language, say
from helpdesk.models.contacts import Handle
from helpdesk.models.people import OrgUnit, User
from helpdesk.services.acknowledgements import ACKNOWLEDGED
from helpdesk.services.clocks import codes_handing_over
from helpdesk.services.contacts import external_digest
from helpdesk.services.escalations import HEAD_OFFICE_TEAMS, PROTECTION_TEAM
from helpdesk.services.replies import EVENT_OF, promised_dates
from helpdesk.services.sla import FROM_RECEIPT
from helpdesk.services.trail import CONTACT, SYSTEM
from helpdesk.sla.escalation import BREACHED, Circumstance, Level, Step, StepAction
from helpdesk.sla.lateness import unexplained
from helpdesk.sla.policy import Metric

ANSWERED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
SETTLED = (Metric.RESOLUTION, Metric.REGULATORY)


class StillToCome(Exception):
    """What was asked for lies after the present: the ticket stays as it is."""


@dataclass(slots=True)
class Surroundings:
    """What all tickets share."""

    rules: Rules
    ledger: Ledger
    staff: Staff
    present: datetime


@dataclass(slots=True)
class Chronicle:
    """Call go() with the moment, then what happens at it."""

    world: Surroundings
    ticket: TicketFacts
    mitra: Mitra
    unit: OrgUnit
    chance: Chance
    subjects: tuple[int, ...] = ()
    at: datetime = field(init=False)
    clocks: Clockwork = field(init=False)
    happenings: list[Happening] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    clock_events: list[tuple[Running, Row]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    resolutions: list[Row] = field(default_factory=list)
    redress: list[list[Row]] = field(default_factory=list)
    rating: Row | None = None
    answers: Answers = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.ticket.created_at
        self.clocks = Clockwork(self.world.rules, self.unit, self.ticket.severity)
        ticket = self.ticket
        self.answers = Answers(self.world.staff, self.unit, severity=ticket.severity, subjects=self.subjects)
        if self.ticket.is_about_staff:
            self.clocks.circumstances.add(Circumstance.ABOUT_STAFF)

    def go(self, at: datetime) -> None:
        """Let time pass until `at`; sweeps do their work meanwhile. Raises StillToCome."""
        at = max(at, self.at)
        if at > self.world.present:
            raise StillToCome
        self._sweep(at)
        self.at = at

    def finish(self) -> None:
        """Let time pass until the present and derive what is stored."""
        self._sweep(self.world.present)
        self.clocks.finish(self.world.present)
        self.ticket.next_due_at = self.clocks.next_due_at()

    def open(self, text: str, *, actor: str, facts: dict[str, str] | None = None) -> None:
        """The ticket begins: first event, clocks, the story."""
        ticket = self.ticket
        self.record(
            "created",
            actor,
            {
                "channel": ticket.channel,
                "kind": ticket.kind,
                "category": ticket.category_code or "",
                "severity": ticket.severity,
                "rules": ", ".join(reason["rule"] for reason in ticket.severity_reasons),
                "matrix_version": str(ticket.matrix_version),
                "team": ticket.first_team,
            },
        )
        policy = self.world.rules.policy(ticket)
        for metric in FROM_RECEIPT:
            self.clocks.start(policy, metric, at=ticket.received_at)
        message = self._keep(Direction.IN, Purpose.STORY, text, channel=ticket.channel, facts=facts)
        message["at"] = ticket.received_at
        self._record_message("message_received", actor, message)

    def tell_number(self) -> None:
        """Acknowledge with the number: by message where the channel does not show it."""
        ticket = self.ticket
        ticket.acknowledged_at = self.at
        is_shown = ticket.channel in (ChannelCode.WEB, ChannelCode.APP)
        if is_shown or self._handle() is None:
            actor = CONTACT if ticket.registered_by_id is None else "staff"
            self.record("number_told", actor)
            return
        self.say("T06", purpose=Purpose.RECEIPT)

    def say(self, key: str, *, purpose: Purpose = Purpose.CHAT, **values: str) -> None:
        """Write one of the standing texts to the contact."""
        handle, lender = self._handle(), self.world.rules.lender
        channel = handle.channel if handle else self.ticket.channel
        common = {
            "merek": lender.brand,
            "telp": lender.phone,
            "telp_darurat": lender.urgent_phone,
            "nomor": format_number(self.ticket.number),
        }
        due = {each.row.metric: each.row.due_at for each in self.clocks.all if not each.row.superseded_at}
        promised = promised_dates(self.ticket.received_at, due, zone=self.unit.zone, language=Language.ID)
        body = say(key, language=Language.ID, channel=channel, values=common | promised | values)
        self._write(body, purpose, facts={"step": key})

    def contact_writes(self, text: str) -> None:
        """The contact adds something; she waits for an answer from now."""
        ticket = self.ticket
        handle = self._handle()
        channel = handle.channel if handle else ticket.channel
        message = self._keep(Direction.IN, Purpose.STORY, text, channel=channel, handle=handle)
        ticket.last_inbound_at = self.at
        self._record_message("message_received", CONTACT, message)
        if ticket.status is TicketStatus.PENDING:
            self.move(TicketStatus.OPEN, actor=CONTACT)
        if ticket.status in ACTIVE_STATUSES and not self.clocks.live(*ANSWERED):
            self.clocks.start(self.world.rules.policy(ticket), Metric.NEXT_RESPONSE, at=self.at)

    def claim(self, agent: User) -> None:
        """An agent takes the ticket."""
        team = self.ticket.first_team
        self.ticket.assignee_id = agent.id
        before = {"team": team, "assignee": ""}
        after = {"team": team, "assignee": agent.public_id}
        self.record("assigned", actor_of(agent), {"from": before, "to": after})
        if self.ticket.status is TicketStatus.NEW:
            self.move(TicketStatus.OPEN, actor=actor_of(agent))
        self._person_acted()

    def reply(
        self, agent: User, text: str, *, then: TicketStatus | None = None, is_answer: bool = False
    ) -> None:
        """An agent writes to the contact."""
        ticket, actor = self.ticket, actor_of(agent)
        self._write(text, Purpose.ANSWER if is_answer else Purpose.REPLY, author=agent)
        ticket.last_human_at = self.at
        if ticket.assignee_id is None:
            ticket.assignee_id = agent.id
            self.record("assigned", actor, {"from": {}, "to": {"by": "reply"}})
        self._meet(Metric.ACKNOWLEDGEMENT, *ANSWERED)
        if ticket.status is TicketStatus.NEW:
            self.move(TicketStatus.OPEN, actor=actor)
        if then is not None and then is not ticket.status:
            self.move(then, actor=actor)

    def note(self, agent: User, text: str) -> None:
        """An agent writes something for colleagues."""
        message = self._keep(Direction.NOTE, Purpose.NOTE, text, channel=self.ticket.channel, author=agent)
        self._record_message("note_added", actor_of(agent), message)
        self._person_acted()

    def change_status(self, agent: User, status: TicketStatus, *, reason: str = "") -> None:
        """An agent moves the status by hand."""
        self.move(status, actor=actor_of(agent), reason=reason)
        self._person_acted()

    def move(self, status: TicketStatus, *, actor: str, reason: str = "") -> None:
        """The status changes; clocks stand still while the contact must answer."""
        ticket = self.ticket
        check_transition(ticket.status, status)
        before, ticket.status = ticket.status, status
        ticket.closes_at = None
        if before in PAUSING_STATUSES and status not in PAUSING_STATUSES:
            self._resume()
        self.record("status_changed", actor, {"from": before, "to": status, "reason": reason})
        if status in PAUSING_STATUSES and before not in PAUSING_STATUSES:
            self._pause(actor=actor)

    def resolved(self, agent: User) -> None:
        """The answer was given: what is settled is met, what was still owed besides is owed no more."""
        self.ticket.resolved_at = self.at
        self.ticket.last_human_at = self.at
        self._meet(Metric.ACKNOWLEDGEMENT, *SETTLED)
        for running in self.clocks.live(*ANSWERED):
            self._settle()
            self.clocks.supersede(running, at=self.at)

    def late_metrics(self) -> tuple[Metric, ...]:
        """Return the promises that the resolution of this moment must give a late reason for."""
        explained = [row["at"] for row in self.resolutions if row["late_code"]]
        overdue = {each.row.metric: each.row.due_at for each in self.clocks.overdue(self.at)}
        breaches = [(each.row.metric, each.row.breached_at) for each in self.clocks.all]
        return unexplained([*breaches, *overdue.items()], explained_at=max(explained, default=None))

    def reopen(self) -> None:
        """The contact objects: the ticket opens and its clocks start again."""
        ticket = self.ticket
        self.record("answer_rejected", CONTACT)
        self.move(TicketStatus.OPEN, actor=CONTACT)
        ticket.reopened_count += 1
        ticket.resolved_at = ticket.closed_at = None
        self.clocks.circumstances.add(Circumstance.OBJECTION)
        policy = self.world.rules.policy(ticket)
        started = [metric for metric in SETTLED if self.clocks.start(policy, metric, at=self.at)]
        self.clocks.start(policy, Metric.NEXT_RESPONSE, at=self.at)
        self.record("sla_restarted", SYSTEM, {"metrics": ", ".join(started)})

    def close(self, *, actor: str, reason: str = "") -> None:
        """The ticket is over."""
        self.move(TicketStatus.CLOSED, actor=actor, reason=reason)
        self.ticket.closed_at = self.at

    def record(
        self, kind: str, actor: str, data: dict[str, object] | None = None, *, at: datetime | None = None
    ) -> None:
        """Append an event; it is chained later."""
        moment = at or self.at
        self.happenings.append((moment, kind, actor, data or {}))
        self.ticket.updated_at = moment
        self.ticket.version += 1

    def take_happenings(self) -> list[Happening]:
        """Return the events since the last call."""
        taken, self.happenings = self.happenings, []
        return taken

    def _record_message(self, kind: str, actor: str, message: Row) -> None:
        content = said(**{name: message[name] for name in ("direction", "author_id", "at", "body")})
        seal = self.world.ledger.keys.seal(content).hex()
        self.record(kind, actor, {"message": message["public_id"], "seal": seal})

    def can_write(self) -> bool:
        """Whether the contact has a way to write into this ticket."""
        return self._handle() is not None or self.ticket.channel in (ChannelCode.WEB, ChannelCode.APP)

    def _sweep(self, until: datetime) -> None:
        for owed in self.clocks.owed(until, created_at=self.ticket.created_at):
            self._hear_answers(owed.noticed_at)
            self._carry_out(owed.clock, owed.step, owed.noticed_at)
        self._hear_answers(until)

    def _hear_answers(self, until: datetime) -> None:
        for each in self.answers.given(until):
            data: dict[str, object] = {"level": each.event["level"], "steps": each.event["step"]}
            self.record(ACKNOWLEDGED, actor_of(each.by), data, at=each.at)

    def _settle(self) -> None:
        """Record breaches of this very moment that no sweep has seen."""
        for running in self.clocks.overdue(self.at):
            due = running.row.due_at or self.at
            self._carry_out(running, Step(BREACHED, due, StepAction.SLA_BREACHED), self.at)

    def _carry_out(self, running: Running, step: Step, noticed_at: datetime) -> None:
        running.done.add(step.code)
        row: Row = {"step": step.code, "action": step.action, "at": step.at, "noticed_at": noticed_at}
        row |= {"level": step.level, "acknowledged_at": None, "acknowledged_by_id": None}
        self.clock_events.append((running, row))
        metric = running.row.metric
        data: dict[str, object] = {"metric": metric, "step": step.code, "at": step.at.isoformat()}
        if step.level is not None:
            data["level"] = step.level
        if step.action is StepAction.SLA_BREACHED:
            running.row.breached_at = step.at
        if step.code in codes_handing_over():
            data |= self._hand_over()
        self.record(step.action, SYSTEM, data, at=noticed_at)
        self.notices.append(Notice(noticed_at, step.level or Level.L1, step.action, self.ticket.team_id, row))
        if step.level is not None:
            running.raised.append(row)
            self.answers.ask(running, row, step.level, office=self.clocks.office, number=self.ticket.number)

    def _hand_over(self) -> dict[str, str]:
        teams = self.world.staff.teams
        before = next(code for code, team in teams.items() if team.id == self.ticket.team_id)
        if before in HEAD_OFFICE_TEAMS:
            return {}
        self.ticket.team_id = teams[PROTECTION_TEAM].id
        if self.ticket.assignee_id not in {user.id for user in self.world.staff.members[PROTECTION_TEAM]}:
            self.ticket.assignee_id = None
        return {"team_from": before, "team_to": PROTECTION_TEAM}

    def _person_acted(self) -> None:
        self.ticket.last_human_at = self.at
        self._meet(Metric.ACKNOWLEDGEMENT)

    def _meet(self, *metrics: Metric) -> None:
        self._settle()
        for running in self.clocks.live(*metrics):
            self.clocks.meet(running, at=self.at)

    def _pause(self, *, actor: str) -> None:
        self._settle()
        rows = [each for each in self.clocks.live() if each.row.is_pausable and each.open_pause is None]
        for running in rows:
            self.clocks.pause(running, reason="waiting_for_contact", actor=actor, at=self.at)
        if rows:
            metrics = ", ".join(each.row.metric for each in rows)
            self.record("sla_paused", actor, {"metrics": metrics, "reason": "waiting_for_contact"})

    def _resume(self) -> None:
        metrics = [each.row.metric for each in self.clocks.live() if self.clocks.resume(each, at=self.at)]
        if metrics:
            self.record("sla_resumed", SYSTEM, {"metrics": ", ".join(metrics)})

    def _handle(self) -> Handle | None:
        if self.ticket.channel is ChannelCode.APP:
            return None
        wanted = self.ticket.channel if self.ticket.channel in CHAT_CHANNELS else ChannelCode.SMS
        return self.mitra.handles.get(wanted)

    def _write(
        self, body: str, purpose: Purpose, *, author: User | None = None, facts: dict[str, str] | None = None
    ) -> None:
        handle = self._handle()
        channel = handle.channel if handle else self.ticket.channel
        row = self._keep(
            Direction.OUT, purpose, body, channel=channel, handle=handle, author=author, facts=facts
        )
        if handle is not None:
            self.ticket.handle_id = handle.id
            share = self.chance.random()
            row["delivery"] = DeliveryStatus.READ if share < 0.7 else DeliveryStatus.DELIVERED
            row |= self._provider_id(channel)
        self._record_message(EVENT_OF[purpose], actor_of(author) if author else SYSTEM, row)

    def _keep(
        self,
        direction: Direction,
        purpose: Purpose,
        body: str,
        *,
        channel: ChannelCode,
        handle: Handle | None = None,
        author: User | None = None,
        facts: dict[str, str] | None = None,
    ) -> Row:
        is_inbound_chat = direction is Direction.IN and channel in CHAT_CHANNELS
        if is_inbound_chat and handle is None:
            handle = self._handle()
        row: Row = {
            "public_id": self.chance.public_id(),
            "direction": direction,
            "purpose": purpose,
            "channel": channel,
            "external_id": None,
            "external_digest": None,
            "handle_id": handle.id if handle else None,
            "author_id": author.id if author else None,
            "body": body,
            "facts": facts,
            "at": self.at,
            "delivery": None,
            "error_code": None,
        }
        if is_inbound_chat:
            row |= self._provider_id(channel)
        self.messages.append(row)
        return row

    def _provider_id(self, channel: ChannelCode) -> Row:
        if channel is ChannelCode.TELEGRAM:
            handle = self._handle()
            external_id = f"{handle.address if handle else 0}:{self.chance.randint(1000, 9_999_999)}"
        else:
            external_id = f"SM{self.chance.getrandbits(128):032x}"
        digest = external_digest(self.world.ledger.keys, external_id)
        return {"external_id": external_id, "external_digest": digest}


def actor_of(user: User) -> str:
    """Return how the trail names a member of staff."""
    return f"user:{user.public_id}"
