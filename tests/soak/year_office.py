"""The organisation of the simulated year: a point in each zone of Indonesia, with the people of the ladder."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime

from factories import head_office, make_contact, make_ladder, make_team, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.people import OrgUnit, Position, Role, Team, User
from helpdesk.models.sla import Holiday, HolidayKind, SlaTargetRow

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


@dataclass(frozen=True, slots=True)
class Office:
    """Ids of what the simulation needs."""

    units: list[int]
    """The head office, then a point in each zone."""
    team_id: int
    contact_id: int
    levels: list[dict[str, set[int]]]
    """Who stands at a level for a ticket of each unit; of L1, the ticket's team, it is one person of any team."""
    public_ids: dict[int, str]

    def actor(self, place: int, level: str | None) -> str:
        """Whoever acts for a level at a place; without one, an agent whom nobody escalates to."""
        return "user:agent" if level is None else f"user:{self.public_ids[min(self.levels[place][level])]}"

    def reach_of(self, place: int) -> dict[str, str]:
        """For each level, the highest one above it at which the same people stand without a break."""
        reach: dict[str, str] = {}
        for level, people in sorted(self.levels[place].items(), reverse=True):
            above = f"L{int(level[1:]) + 1}"
            is_same = self.levels[place].get(above) == people
            reach[level] = reach[above] if is_same else level
        return reach

    def levels_of(self, place: int) -> dict[str, set[str]]:
        """For the person who acts for each level: all levels at which she is told."""
        standing = self.levels[place]
        return {
            level: {
                each for each, people in standing.items() if each != "L1" and min(standing[level]) in people
            }
            for level in standing
        }


def open_office(session: Session) -> Office:
    """Make units, people and closed days. Every team has one member."""
    central = head_office(session)
    members = {
        team.code: make_user(session, teams=(team,)).id for team in session.scalars(select(Team)).all()
    }
    leaders = {make_user(session, Role.SUPERVISOR).id, members["perlindungan"]}
    above = {
        "L1": set(members.values()),
        "L4": leaders,
        "L5": {make_user(session, Role.COMPLIANCE).id, make_user(session, position=Position.COMMITTEE).id},
        "L6": {make_user(session, position=Position.DIRECTOR).id},
    }
    units, levels = [central.id], [above | {"L2": leaders, "L3": leaders}]
    for zone in ZONES:
        region, area, point = make_ladder(session, zone=zone)
        managers = {
            "L2": {make_user(session, Role.FIELD, position=Position.AM, unit=area).id},
            "L3": {make_user(session, Role.FIELD, position=Position.RM, unit=region).id},
        }
        units.append(point.id)
        levels.append(above | managers)
        _close(session, region)
    _close(session, None)
    _cap(session)
    public_ids = {user.id: user.public_id for user in session.scalars(select(User))}
    return Office(units, make_team(session, "triage").id, make_contact(session).id, levels, public_ids)


def _close(session: Session, unit: OrgUnit | None) -> None:
    """A local holiday of a region; or days off of the company and of all, some of them known only in that year."""
    if unit is not None:
        _enter(session, date(2027, 3, 2 + unit.id % 20), HolidayKind.LOCAL, unit_id=unit.id)
        return
    for on in (date(2026, 12, 10), date(2027, 2, 3)):
        _enter(session, on, HolidayKind.COMPANY)
    _enter(session, date(2027, 5, 5), HolidayKind.COMPANY, withdrawn_at=_at(2027, 4, 20))
    for on in (date(2027, 3, 10), date(2027, 3, 24)):
        _enter(session, on, HolidayKind.COMPANY, entered_at=_at(2027, 3, 4))
    for on in (date(2027, 8, 18), date(2027, 8, 19), date(2027, 9, 1)):
        _enter(session, on, HolidayKind.CUTI_BERSAMA, entered_at=_at(2027, 8, 9))


def _enter(session: Session, on: date, kind: HolidayKind, **more: object) -> None:
    session.add(Holiday(on=on, kind=kind, name="Libur", is_own=True, **more))
    session.flush()


def _at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 1, 0, 0, tzinfo=UTC)


def _cap(session: Session) -> None:
    """Let clocks wait for the contact a day or two, or half an hour, or as long as it takes."""
    targets = session.scalars(select(SlaTargetRow).where(SlaTargetRow.is_pausable)).all()
    for target, hours in zip(targets, itertools.cycle((16, 4, 0.5, None)), strict=False):
        target.pause_cap_seconds = None if hours is None else int(hours * 3600)
    session.flush()
