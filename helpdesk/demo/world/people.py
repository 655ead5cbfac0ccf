"""The invented organisation and its staff: regions, areas, points, and the ladder from officer to director."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.data import AreaData, PointData, RegionData, StaffData, organisation
from helpdesk.demo.world.ledger import Ledger
from helpdesk.models.people import OrgUnit, Position, Presence, Role, Team, TeamMember, UnitKind, User
from helpdesk.services.accounts import hash_password
from helpdesk.services.setup import HEAD_OFFICE_CODE
from helpdesk.sla.roster import parse_roster

FIELD_EMAIL = "lapangan@demo.id"
_WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
JOINED = timedelta(days=200)
"""Staff were there before the history begins."""


@dataclass(frozen=True, slots=True)
class Point:
    """A Point with what the history needs of it."""

    unit: OrgUnit
    weight: int
    villages: tuple[str, ...]
    is_west: bool
    manager: User
    officers: tuple[User, ...]


@dataclass(slots=True)
class Staff:
    """Everybody who works for the invented lender."""

    head_office: OrgUnit
    teams: dict[str, Team]
    points: list[Point] = field(default_factory=list)
    members: dict[str, list[User]] = field(default_factory=dict)
    """Agents of each team; the supervisors are left out."""
    users: list[User] = field(default_factory=list)

    def user(self, email: str) -> User:
        """Return the user with that address."""
        return next(user for user in self.users if user.email == email)

    def point(self, code: str) -> Point:
        """Return the Point with that code."""
        return next(point for point in self.points if point.unit.code == code)


def hire(session: Session, ledger: Ledger, *, password: str, now: datetime) -> Staff:
    """Keep units and users for the writing; returns them with their ids."""
    head_office = session.scalars(select(OrgUnit).where(OrgUnit.code == HEAD_OFFICE_CODE)).one()
    teams = {team.code: team for team in session.scalars(select(Team))}
    staff = Staff(head_office, teams)
    # One hash for everybody: argon2 is slow on purpose, and this password stands in the README anyway.
    desk = _Desk(ledger, staff, hash_password(password), joined=now - JOINED, now=now)
    for each in organisation()["staff"]:
        user = desk.hire(
            each["email"], each["name"], Role(each["role"]), Position(each["position"]), unit=head_office
        )
        desk.join_teams(user, each["teams"])
        desk.roster(user, each)
    for region in organisation()["regions"]:
        _found_region(desk, region)
    ledger.keep(*desk.units, *staff.users, *desk.memberships, *desk.presences)
    for user in staff.users:
        data: dict[str, object] = {"user": user.public_id, "role": user.role}
        ledger.audit(user.created_at, "user_added", "system", data)
    return staff


def address_of(name: str) -> str:
    """Return the work address of a person."""
    words = [word.strip(".").lower() for word in name.split()]
    return f"{words[0]}.{words[-1]}@demo.id" if len(words) > 1 else f"{words[0]}@demo.id"


@dataclass(slots=True)
class _Desk:
    """Invents units and users."""

    ledger: Ledger
    staff: Staff
    password_hash: str
    joined: datetime
    now: datetime
    chance: Chance = field(default_factory=lambda: Chance("staff"))
    units: list[OrgUnit] = field(default_factory=list)
    memberships: list[TeamMember] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)

    def hire(self, email: str, name: str, role: Role, position: Position, *, unit: OrgUnit) -> User:
        user = User(
            id=self.ledger.new_id(User),
            public_id=self.chance.public_id(),
            email=email,
            name=name,
            password_hash=self.password_hash,
            role=role,
            position=position,
            unit_id=unit.id,
            created_at=self.joined,
        )
        self.staff.users.append(user)
        return user

    def join_teams(self, user: User, codes: list[str]) -> None:
        for code in codes:
            self.memberships.append(TeamMember(team_id=self.staff.teams[code].id, user_id=user.id))
            if user.role is Role.AGENT:
                self.staff.members.setdefault(code, []).append(user)

    def roster(self, user: User, data: StaffData) -> None:
        """Give somebody her hours, and what she is good at. Whoever has them was there a moment ago."""
        user.skills, user.capacity = data.get("skills", []), data.get("capacity")
        if "shift" in data:
            user.shift = parse_roster(dict.fromkeys(_WORKDAYS, ", ".join(data["shift"])))
            self.presences.append(Presence(user_id=user.id, seen_at=self.now, is_away=False))

    def found(
        self, code: str, name: str, kind: UnitKind, *, parent: OrgUnit, zone: str, province: str
    ) -> OrgUnit:
        unit_id = self.ledger.new_id(OrgUnit)
        path = f"{parent.path}{unit_id}/"
        unit = OrgUnit(
            id=unit_id,
            code=code,
            name=name,
            kind=kind,
            parent_id=parent.id,
            path=path,
            zone=zone,
            province=province,
        )
        self.units.append(unit)
        return unit


def _found_region(desk: _Desk, data: RegionData) -> None:
    region = desk.found(
        data["code"],
        data["name"],
        UnitKind.REGION,
        parent=desk.staff.head_office,
        zone=data["zone"],
        province=data["province"],
    )
    # Managers hold the role `field` too: they are told by the ladder, and the queue is not theirs.
    desk.hire(address_of(data["manager"]), data["manager"], Role.FIELD, Position.RM, unit=region)
    for area in data["areas"]:
        _found_area(desk, region, area, data=data)


def _found_area(desk: _Desk, region: OrgUnit, area: AreaData, *, data: RegionData) -> None:
    province = area.get("province", data["province"])
    unit = desk.found(
        area["code"], area["name"], UnitKind.AREA, parent=region, zone=data["zone"], province=province
    )
    desk.hire(address_of(area["manager"]), area["manager"], Role.FIELD, Position.AM, unit=unit)
    for point in area["points"]:
        _found_point(desk, unit, point, zone=data["zone"], province=province)


def _found_point(desk: _Desk, area: OrgUnit, data: PointData, *, zone: str, province: str) -> None:
    unit = desk.found(data["code"], data["name"], UnitKind.POINT, parent=area, zone=zone, province=province)
    manager = desk.hire(address_of(data["manager"]), data["manager"], Role.FIELD, Position.BM, unit=unit)
    officers = [
        desk.hire(address_of(name), name, Role.FIELD, Position.BP, unit=unit) for name in data["officers"]
    ]
    login = organisation()["field_login"]
    if login["point"] == data["code"]:
        officers.append(desk.hire(login["email"], login["name"], Role.FIELD, Position.BP, unit=unit))
    desk.staff.points.append(
        Point(
            unit,
            data["weight"],
            tuple(data["villages"]),
            is_west=zone == "Asia/Jakarta",
            manager=manager,
            officers=tuple(officers),
        )
    )
