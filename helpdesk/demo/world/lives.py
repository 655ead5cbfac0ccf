"""How a ticket goes on after it came in: agents take it, ask, answer; the Mitra agrees, objects, or says nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.demo.world import stories
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle, StillToCome, actor_of
from helpdesk.demo.world.data import talk
from helpdesk.demo.world.office import Office
from helpdesk.demo.world.outcomes import Outcome, draw_outcome
from helpdesk.domain.complaints import Disposition
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.people import User
from helpdesk.services.complaints import ENDS_AT_ONCE, silence_ends
from helpdesk.services.trail import CONTACT, SYSTEM
from helpdesk.sla.policy import Metric

OFFICE_DAY = 9 / 8
"""Hours from opening to closing in an hour of service time: the office helper does not know lunch."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a ticket is worked on. Shares are of the promised time."""

    response: float
    resolution: float
    is_forgotten: bool = False


def usual_pace(chance: Chance) -> Pace:
    """Most promises are kept, some are not."""
    response = chance.uniform(1.1, 2.2) if chance.happens(0.06) else chance.betavariate(1.5, 5)
    resolution = (
        chance.uniform(1.05, 1.7) if chance.happens(0.07) else 0.06 + chance.betavariate(1.4, 3.6) * 0.88
    )
    return Pace(response, resolution)


def busy_pace(chance: Chance) -> Pace:
    """The last weeks were busy: answers come, but late within what was promised."""
    return Pace(chance.betavariate(1.5, 5), chance.uniform(0.6, 0.97))


def prompt_pace(chance: Chance) -> Pace:
    """Nothing runs out."""
    return Pace(chance.uniform(0.02, 0.2), chance.uniform(0.5, 0.85))


def forgotten_pace(chance: Chance) -> Pace:
    """Taken up, then left lying: what a supervisor looks for."""
    return Pace(chance.uniform(0.1, 0.3), 9.0, is_forgotten=True)


@dataclass(slots=True)
class Life:
    """One ticket being lived."""

    chronicle: Chronicle
    office: Office
    chance: Chance
    pace: Pace
    agent: User

    def live(self) -> None:
        """Let things happen until the present."""
        try:
            self._take_up()
            if not self.pace.is_forgotten:
                self._work()
                self._end()
        except StillToCome:
            pass
        self.chronicle.finish()

    @property
    def _mitra_says(self) -> Callable[[str], str]:
        chronicle = self.chronicle

        def say(template: str) -> str:
            filled = stories.fill(self.chance, chronicle.mitra, template)
            return stories.spoken(self.chance, chronicle.mitra, filled)

        return say

    def _take_up(self) -> None:
        chronicle, chance = self.chronicle, self.chance
        if chronicle.ticket.channel in CHAT_CHANNELS and chance.happens(0.12):
            chronicle.go(chronicle.at + timedelta(seconds=chance.randint(40, 400)))
            chronicle.contact_writes(self._mitra_says(chance.one(talk()["more"])))
        chronicle.go(self._first_act())
        if chance.happens(0.6) or self.pace.is_forgotten:
            chronicle.claim(self.agent)
        if chance.happens(0.12):
            chronicle.go(self._soon(0.2, 1.0))
            chronicle.note(self.agent, chance.one(talk()["notes"]))
        if self.pace.is_forgotten and chance.happens(0.5):
            raise StillToCome
        promised = self._hours(Metric.FIRST_RESPONSE, fallback=8)
        chronicle.go(self._after_receipt(promised * (0.1 + self.pace.response)))
        self._reply("first")

    def _first_act(self) -> datetime:
        """Return when somebody looks at it: the gravest at any hour, the rest in office hours."""
        ticket = self.chronicle.ticket
        if ticket.severity is Severity.S1:
            minutes = self._hours(Metric.ACKNOWLEDGEMENT, fallback=2) * 60 * min(self.pace.response * 1.2, 2)
            return ticket.created_at + timedelta(minutes=6 + minutes)
        promised = self._hours(Metric.ACKNOWLEDGEMENT, fallback=4)
        return self.office.later(ticket.created_at, 0.05 + promised * self.pace.response * 0.8)

    def _work(self) -> None:
        chance, chronicle = self.chance, self.chronicle
        if chronicle.can_write() and chance.happens(0.2):
            self._ask()
        if chronicle.can_write() and chance.happens(0.08):
            chronicle.go(self._soon(4, 12))
            chronicle.contact_writes(self._mitra_says(chance.one(talk()["chasers"])))
            self._update()
        if chance.happens(0.13):
            self._hold()

    def _ask(self) -> None:
        """Ask for proof and wait; a few never answer."""
        chronicle, chance = self.chronicle, self.chance
        chronicle.go(self._soon(0.3, 2))
        self._reply("ask", then=TicketStatus.PENDING)
        if chance.happens(0.08):
            chronicle.go(self.office.next_open(chronicle.at + timedelta(days=chance.randint(8, 12))))
            self._resolve(Outcome(Disposition.WITHDRAWN, "NIHIL-NILAI", ()))
            raise StillToCome
        chronicle.go(chronicle.at + timedelta(hours=0.2 + chance.expovariate(1 / 26)))
        chronicle.contact_writes(self._mitra_says(chance.one(talk()["details"])))
        self._update()

    def _update(self) -> None:
        promised = self._hours(Metric.NEXT_RESPONSE, fallback=16)
        self.chronicle.go(self.office.later(self.chronicle.at, 0.2 + promised * min(self.pace.response, 1.3)))
        self._reply("update")

    def _hold(self) -> None:
        chronicle, chance = self.chronicle, self.chance
        chronicle.go(self._soon(0.5, 3))
        if chronicle.ticket.status is TicketStatus.OPEN:
            chronicle.change_status(
                self.agent, TicketStatus.ON_HOLD, reason=chance.one(talk()["third_parties"])
            )
            chronicle.go(self._soon(6, 20))
            chronicle.change_status(self.agent, TicketStatus.OPEN)

    def _end(self) -> None:
        promised = self._hours(Metric.RESOLUTION, fallback=40)
        self.chronicle.go(max(self._after_receipt(promised * self.pace.resolution), self._soon(0.3, 1.5)))
        self._resolve(draw_outcome(self.chance, self.chronicle.ticket))
        if self.chronicle.ticket.status is TicketStatus.RESOLVED:
            if self.chronicle.can_write() and self.chance.happens(0.07):
                self._object()
            self._close()

    def _close(self) -> None:
        closes_at = self.chronicle.ticket.closes_at
        if closes_at is None:
            return  # withdrawn, after the objection
        if self.chronicle.can_write() and self.chance.happens(0.42):
            self._accept()
        else:
            self.chronicle.go(closes_at)
            self.chronicle.close(actor=SYSTEM, reason="no_reply_in_time")

    def _resolve(self, outcome: Outcome) -> None:
        chronicle, agent = self.chronicle, self._current_agent()
        outcome.keep(chronicle, actor=actor_of(agent))
        ends_at_once = outcome.disposition in ENDS_AT_ONCE
        if not ends_at_once:
            words = stories.answer(
                self.chance, chronicle.mitra, outcome.disposition, chronicle.ticket.category_code
            )
            chronicle.reply(agent, words, is_answer=True)
        chronicle.move(TicketStatus.CLOSED if ends_at_once else TicketStatus.RESOLVED, actor=actor_of(agent))
        chronicle.resolved(agent)
        chronicle.ticket.closed_at = chronicle.at if ends_at_once else None
        if not ends_at_once:
            book = chronicle.world.rules.book
            chronicle.ticket.closes_at = silence_ends(book, chronicle.unit, chronicle.at)

    def _object(self) -> None:
        """The Mitra is not content: the same ticket opens again, and is answered again."""
        chronicle, chance = self.chronicle, self.chance
        chronicle.go(chronicle.at + timedelta(hours=chance.uniform(0.5, 40)))
        chronicle.contact_writes(self._mitra_says(chance.one(talk()["objections"])))
        chronicle.reopen()
        chronicle.resolutions[-1]["rejected_at"] = chronicle.at
        if chronicle.ticket.channel in CHAT_CHANNELS:
            chronicle.say("T12a")
        self._update()
        promised = self._hours(Metric.RESOLUTION, fallback=40)
        chronicle.go(self.office.later(chronicle.at, promised * chance.uniform(0.1, 0.6)))
        self._resolve(draw_outcome(chance, chronicle.ticket))

    def _accept(self) -> None:
        chronicle, chance = self.chronicle, self.chance
        chronicle.go(chronicle.at + timedelta(hours=0.05 + chance.expovariate(1 / 9)))
        is_chat = chronicle.ticket.channel not in (ChannelCode.APP, ChannelCode.WEB)
        if is_chat:
            chronicle.contact_writes(chance.one(talk()["accepts"]))
        chronicle.record("answer_accepted", CONTACT)
        chronicle.resolutions[-1]["accepted_at"] = chronicle.at
        chronicle.close(actor=CONTACT)
        if is_chat:
            chronicle.say("T13")
        if chance.happens(0.6):
            self._rate(is_chat=is_chat)

    def _rate(self, *, is_chat: bool) -> None:
        chronicle, chance = self.chronicle, self.chance
        chronicle.go(chronicle.at + timedelta(minutes=chance.uniform(0.5, 90)))
        is_late = any(clock.row.breached_at for clock in chronicle.clocks.all)
        weights = {1: 4, 2: 5, 3: 4, 4: 3, 5: 1.0} if is_late else {1: 1, 2: 2, 3: 4, 4: 9, 5: 10.0}
        score = chance.weighted(weights)
        if is_chat:
            chronicle.contact_writes(str(score))
        comment = chance.one(talk()["comments"]) if not is_chat and chance.happens(0.4) else None
        chronicle.rating = {"score": score, "comment": comment, "at": chronicle.at}
        chronicle.record("rated_by_contact", CONTACT, {"score": score})
        if is_chat:
            chronicle.say("T13b" if score <= 2 else "T13c")

    def _reply(self, kind: str, *, then: TicketStatus | None = None) -> None:
        chronicle, agent = self.chronicle, self._current_agent()
        category = chronicle.ticket.category_code
        words = stories.agent_says(self.chance, chronicle.mitra, kind, category, agent=agent)
        chronicle.reply(agent, words, then=then)

    def _current_agent(self) -> User:
        """Return who has it: a functional escalation may have taken it from the first agent."""
        staff, ticket = self.chronicle.world.staff, self.chronicle.ticket
        if ticket.assignee_id is None:
            team = next(code for code, team in staff.teams.items() if team.id == ticket.team_id)
            if self.agent not in staff.members[team]:
                self.agent = self.chance.one(staff.members[team])
        return self.agent

    def _soon(self, low: float, high: float) -> datetime:
        return self.office.later(self.chronicle.at, self.chance.uniform(low, high))

    def _after_receipt(self, hours: float) -> datetime:
        return self.office.later(self.chronicle.ticket.received_at, hours)

    def _hours(self, metric: Metric, *, fallback: float) -> float:
        """Return the promised time in hours of the office."""
        target = self.chronicle.world.rules.policy(self.chronicle.ticket).target(metric)
        if target is None:
            return fallback
        hours = target.duration.total_seconds() / 3600
        return hours * OFFICE_DAY if not target.calendar.is_day_based else hours / 3
