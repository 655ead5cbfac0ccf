"""When and to whom the way to complain was explained, per branch and month, and who has not heard it for a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.explanations import Means, Tongue, majelis_key
from helpdesk.models.contacts import Contact
from helpdesk.models.explanations import Explanation
from helpdesk.models.people import OrgUnit, Role, UnitKind, User
from helpdesk.queries.contacts import reachable
from helpdesk.queries.directory import within
from helpdesk.queries.paging import LIMIT, Page, check_limit, decode_cursor, encode_cursor, id_of
from helpdesk.queries.periods import Period, day_start, local_date, period_between
from helpdesk.queries.terms import tally
from helpdesk.queries.visibility import Action, Viewer, can, require

MONTHS = 12
NAMED = 100
"""So many Mitra are named; all of them are counted."""


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    """One line of the checklist."""

    public_id: str
    explained_on: date
    unit: str
    audience: str
    is_majelis: bool
    present_count: int
    means: Means
    language: Tongue
    points: tuple[str, ...]
    explained_by: str
    entered_by_id: int
    is_voided: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """A member of staff who explains."""

    id: int
    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines; the last day belongs to it."""

    unit_id: int | None = None
    means: Means | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A point in the last twelve months: lines, people by month, and who read our notice by themselves."""

    unit_id: int
    unit: str
    session_count: int
    people_by_month: tuple[int, ...]
    automatic_count: int
    """Mitra to whom the chat showed the notice, and whom no line names."""
    last_on: date | None

    @property
    def people_count(self) -> int:
        """Everybody who was present, counted each time."""
        return sum(self.people_by_month)


@dataclass(frozen=True, slots=True)
class MajelisRow:
    """A majelis of the point as its Mitra or the lines name it."""

    name: str
    member_count: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Unreached:
    """Who of a point has not heard it since `since`."""

    since: date
    majelis: tuple[MajelisRow, ...]
    """Without an explanation since then; longest ago first."""
    people: tuple[tuple[str, str], ...]
    """Name and majelis of known Mitra, empty for who may not know them."""
    people_count: int
    known_count: int


def listed(
    session: Session, viewer: Viewer, wanted: Filter, *, after: str | None = None, limit: int = LIMIT
) -> Page[ExplanationRow]:
    """Return lines of the viewer's points, the latest day first."""
    limit = check_limit(limit)
    query = _lines(viewer, wanted)
    if after is not None:
        day, last = decode_cursor(after, "explanations", (str, int))
        on = date.fromisoformat(str(day))
        is_older = and_(Explanation.explained_on == on, Explanation.id < id_of(last))
        query = query.where((Explanation.explained_on < on) | is_older)
    found = session.execute(query.limit(limit + 1)).all()
    following = None
    if len(found) > limit:
        line = found[limit - 1][0]
        following = encode_cursor("explanations", line.explained_on.isoformat(), line.id)
    return Page(tuple(_row(*each) for each in found[:limit]), following)


def all_lines(session: Session, viewer: Viewer, wanted: Filter) -> tuple[ExplanationRow, ...]:
    """Return every line for a file, voided ones left out."""
    found = session.execute(_lines(viewer, wanted).where(Explanation.voided_at.is_(None)))
    return tuple(_row(*each) for each in found)


def may_void(session: Session, viewer: Viewer, public_id: str) -> bool:
    """Whether the viewer entered it, or supervises all."""
    require(viewer, Action.ENTER_EXPLANATIONS)
    is_own = Explanation.entered_by_id == viewer.user_id
    is_hers = true() if can(viewer, Action.REASSIGN) else is_own
    found = select(Explanation.id).where(Explanation.public_id == public_id, is_hers)
    return session.scalar(found) is not None


def last_months(now: datetime, zone: str, *, count: int = MONTHS) -> tuple[Period, ...]:
    """Return the last months, oldest first; the last one holds `now`."""
    today = local_date(now, zone)
    serial = today.year * 12 + today.month - 1
    firsts = [date(each // 12, each % 12 + 1, 1) for each in range(serial - count + 1, serial + 2)]
    return tuple(
        period_between(first, after, zone, label=f"{first:%Y-%m}") for first, after in pairwise(firsts)
    )


def by_branch(session: Session, viewer: Viewer, months: Sequence[Period]) -> tuple[BranchRow, ...]:
    """Return every point that the viewer may enter for or oversees, those without any line first."""
    require(viewer, Action.READ_EXPLANATIONS)
    span = and_(
        Explanation.explained_on >= months[0].starts_on, Explanation.explained_on < months[-1].ends_on
    )
    sums = [func.coalesce(func.sum(Explanation.present_count).filter(_within(month)), 0) for month in months]
    lines = {
        row[0]: row
        for row in session.execute(
            select(
                Explanation.unit_id,
                func.coalesce(tally(span), 0),
                func.max(Explanation.explained_on),
                *sums,
            )
            .where(Explanation.voided_at.is_(None))
            .group_by(Explanation.unit_id)
        )
    }
    automatic = _automatic(session, viewer, months)
    units = session.execute(
        select(OrgUnit.id, OrgUnit.name)
        .where(OrgUnit.kind == UnitKind.POINT, within(viewer))
        .order_by(OrgUnit.name)
    )
    rows = [
        _branch(unit_id, name, lines.get(unit_id), automatic.get(unit_id, 0), len(months))
        for unit_id, name in units
    ]
    return tuple(sorted(rows, key=lambda row: (row.last_on or date.min, row.unit)))


def unreached(session: Session, viewer: Viewer, unit_id: int, *, since: date) -> Unreached:
    """Return who of a point has not heard it since that day, by majelis and by person. Not-theirs is empty."""
    require(viewer, Action.READ_EXPLANATIONS)
    lines = session.execute(
        select(Explanation.majelis, Explanation.contact_id, Explanation.explained_on)
        .join(OrgUnit, OrgUnit.id == Explanation.unit_id)
        .where(Explanation.unit_id == unit_id, Explanation.voided_at.is_(None), within(viewer))
    ).all()
    told = {row.contact_id for row in lines if row.contact_id is not None and row.explained_on >= since}
    heard: dict[str, date] = {}
    names: dict[str, str] = {}
    for majelis, _contact, on in lines:
        if majelis:
            key = majelis_key(majelis)
            names.setdefault(key, majelis)
            heard[key] = max(on, heard.get(key, on))
    members: dict[str, int] = {}
    missing: list[tuple[str, str]] = []
    people = _people(session, viewer, unit_id)
    for person in people:
        key = majelis_key(person.majelis or "")
        if key:
            names.setdefault(key, person.majelis or "")
            members[key] = members.get(key, 0) + 1
        is_shown = person.notice_shown_at is not None and person.notice_shown_at >= day_start(since, "UTC")
        if not is_shown and person.id not in told and heard.get(key, date.min) < since:
            missing.append((person.name or "", person.majelis or ""))
    rows = [
        MajelisRow(name, members.get(key, 0), heard.get(key))
        for key, name in names.items()
        if heard.get(key, date.min) < since
    ]
    may_name = can(viewer, Action.READ_CONTACTS) or viewer.role is Role.FIELD
    return Unreached(
        since=since,
        majelis=tuple(sorted(rows, key=lambda row: (row.last_on or date.min, row.name))),
        people=tuple(sorted(missing, key=lambda each: (each[1], each[0]))[:NAMED]) if may_name else (),
        people_count=len(missing),
        known_count=len(people),
    )


def tellers(session: Session, viewer: Viewer) -> tuple[Teller, ...]:
    """Return who may have explained it, the viewer first: her colleagues of the point; above it herself."""
    own = User.unit_id == viewer.unit_id if viewer.is_at_point else User.id == viewer.user_id
    found = session.execute(
        select(User.id, User.public_id, User.name)
        .where(own, User.disabled_at.is_(None))
        .order_by((User.id != viewer.user_id), User.name)
    )
    return tuple(Teller(*row) for row in found)


def majelis_names(session: Session, viewer: Viewer) -> tuple[str, ...]:
    """Return the majelis of the viewer's own point, to choose from while typing; none above it."""
    if not viewer.is_at_point:
        return ()
    found = session.scalars(
        select(Contact.majelis).where(
            Contact.unit_id == viewer.unit_id, reachable(viewer), Contact.majelis.is_not(None)
        )
    )
    return tuple(sorted({name for name in found if name}))


def _people(session: Session, viewer: Viewer, unit_id: int) -> Sequence[Contact]:
    return session.scalars(
        select(Contact)
        .join(OrgUnit, OrgUnit.id == Contact.unit_id)
        .where(
            Contact.unit_id == unit_id,
            Contact.erased_at.is_(None),
            Contact.name.is_not(None),
            reachable(viewer),
            within(viewer),
        )
        .order_by(Contact.id)
    ).all()


def _lines(viewer: Viewer, wanted: Filter) -> Select[Explanation, str, str]:
    require(viewer, Action.READ_EXPLANATIONS)
    teller = aliased(User)
    query = (
        select(Explanation, OrgUnit.name, teller.name)
        .join(OrgUnit, OrgUnit.id == Explanation.unit_id)
        .join(teller, teller.id == Explanation.explained_by_id)
        .where(within(viewer))
        .order_by(Explanation.explained_on.desc(), Explanation.id.desc())
    )
    if wanted.unit_id is not None:
        query = query.where(Explanation.unit_id == wanted.unit_id)
    if wanted.means is not None:
        query = query.where(Explanation.means == wanted.means)
    if wanted.since is not None:
        query = query.where(Explanation.explained_on >= wanted.since)
    if wanted.until is not None:
        query = query.where(Explanation.explained_on <= wanted.until)
    return query


def _automatic(session: Session, viewer: Viewer, months: Sequence[Period]) -> Mapping[int, int]:
    """Count the Mitra to whom a chat showed the notice; one who is named by a line is counted there."""
    named = select(Explanation.contact_id).where(
        Explanation.contact_id.is_not(None), Explanation.voided_at.is_(None)
    )
    found = session.execute(
        select(Contact.unit_id, func.count())
        .where(
            Contact.notice_shown_at >= months[0].start,
            Contact.notice_shown_at < months[-1].end,
            Contact.unit_id.is_not(None),
            Contact.id.not_in(named),
            reachable(viewer),
        )
        .group_by(Contact.unit_id)
    )
    return {unit_id: count for unit_id, count in found if unit_id is not None}


def _within(month: Period) -> ColumnElement[bool]:
    return and_(Explanation.explained_on >= month.starts_on, Explanation.explained_on < month.ends_on)


def _branch(
    unit_id: int, name: str, found: Sequence[object] | None, automatic: int, months: int
) -> BranchRow:
    if found is None:
        return BranchRow(unit_id, name, 0, (0,) * months, automatic, None)
    _unit, count, last_on, *people = found
    return BranchRow(
        unit_id,
        name,
        int(str(count)),
        tuple(int(str(each)) for each in people),
        automatic,
        last_on if isinstance(last_on, date) else None,
    )


def _row(line: Explanation, unit: str, teller: str) -> ExplanationRow:
    return ExplanationRow(
        public_id=line.public_id,
        explained_on=line.explained_on,
        unit=unit,
        audience=line.majelis or line.person or "",
        is_majelis=line.majelis is not None,
        present_count=line.present_count,
        means=line.means,
        language=line.language,
        points=tuple(line.points),
        explained_by=teller,
        entered_by_id=line.entered_by_id,
        is_voided=line.voided_at is not None,
    )
