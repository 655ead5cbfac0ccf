"""Who answers an escalation of the past, and when: always in time, so that nothing of it went on up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.clockwork import Running
from helpdesk.demo.world.people import Staff
from helpdesk.demo.world.rows import Row
from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit, Position, User
from helpdesk.services.escalations import PROTECTION_TEAM
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.escalation import Level

_POSITIONS = {
    Level.L2: Position.AM,
    Level.L3: Position.RM,
    Level.L5: Position.COMMITTEE,
    Level.L6: Position.DIRECTOR,
}
_SLOWEST = {Severity.S1: 45, Severity.S2: 150, Severity.S3: 300, Severity.S4: 300}
"""Minutes; less than the ladder gives (sla/data/escalation.yaml)."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer to come; it is given if the clock still runs then."""

    at: datetime
    by: User
    clock: Running
    event: Row


class Answers:
    """The people above one ticket."""

    def __init__(self, staff: Staff, unit: OrgUnit, *, severity: Severity, subjects: tuple[int, ...]) -> None:
        self._staff = staff
        self._units = {int(part) for part in unit.path.strip("/").split("/")}
        self._severity = severity
        self._subjects = subjects
        self._awaited: list[Awaited] = []

    def ask(self, clock: Running, event: Row, level: Level, *, office: BusinessCalendar, number: str) -> None:
        """Let somebody of the level answer the escalation later, in service hours unless it is an S1."""
        people = self._standing(level)
        if not people:
            return
        chance = Chance("answers", number, event["step"], clock.row.started_at)
        told_at: datetime = event["noticed_at"]
        begins = told_at if self._severity is Severity.S1 else office.next_open(told_at)
        wait = timedelta(minutes=chance.randint(5, _SLOWEST[self._severity]))
        self._awaited.append(Awaited(begins + wait, chance.one(people), clock, event))

    def given(self, until: datetime) -> list[Awaited]:
        """Write down who has answered by then, as far as the clocks still run, and return that in order."""
        due = sorted((each for each in self._awaited if each.at <= until), key=lambda each: each.at)
        self._awaited = [each for each in self._awaited if each.at > until]
        given = [each for each in due if each.clock.is_live]
        for each in given:
            each.event["acknowledged_at"], each.event["acknowledged_by_id"] = each.at, each.by.id
        return given

    def _standing(self, level: Level) -> list[User]:
        levels = list(Level)
        here = levels.index(level)
        for each in (*levels[here:], *reversed(levels[:here])):
            found = [user for user in self._at(each) if user.id not in self._subjects]
            if found:
                return found
        return []

    def _at(self, level: Level) -> list[User]:
        if level is Level.L4:
            return self._staff.members[PROTECTION_TEAM]
        position = _POSITIONS.get(level)
        return [
            user for user in self._staff.users if user.position == position and user.unit_id in self._units
        ]
