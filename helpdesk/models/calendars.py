"""Turns rows into what the pure SLA rules take: the business calendar of a unit, and clocks on it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar, SlaClockRow, SlaPauseRow
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.clock import Pause, SlaClock
from helpdesk.sla.hours import OpenHours
from helpdesk.sla.policy import CalendarCode

BEFORE_ALL_CHANGES = datetime(2000, 1, 1, tzinfo=UTC)
"""By which state a promise counts that was given before the first change of a calendar."""


class _Entry(NamedTuple):
    on: date
    name: str
    kind: HolidayKind
    unit_id: int | None
    province: str | None
    is_cancelled: bool
    entered_at: datetime | None
    withdrawn_at: datetime | None


class _Place(NamedTuple):
    path: str
    province: str | None


class CalendarBook:
    """The calendars of one use case: their rows are read once, each calendar is built once.

    Make a new book per use case: it does not see what is changed behind its back.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: Sequence[SlaCalendar] | None = None
        self._entries: Sequence[_Entry] | None = None
        self._changes: Sequence[datetime] | None = None
        self._provinces: Mapping[str, str] | None = None
        self._units: dict[int, OrgUnit] = {}
        self._closed: dict[tuple[_Place, tuple[str, ...], datetime | None], Mapping[date, str]] = {}
        self._built: dict[tuple[int, str, frozenset[date]], BusinessCalendar] = {}
        self._found: dict[tuple[int, _Place, str, datetime | None], BusinessCalendar] = {}

    def row(self, key: int | CalendarCode, *, as_of: datetime | None = None) -> SlaCalendar:
        """Return a version by its id, or the one in force (then, or now) by its code. Raises NotFound."""
        for row in reversed(self._versions()):
            if row.id == key or (row.code == key and _stands(row.published_at, row.retired_at, as_of)):
                return row
        raise NotFound(f"no SLA calendar {key!r}")

    def unit(self, unit_id: int) -> OrgUnit:
        """Return the unit. Raises NotFound."""
        if unit_id not in self._units:
            unit = self._session.get(OrgUnit, unit_id)
            if unit is None:
                raise NotFound(f"no unit with id {unit_id}")
            self._units[unit_id] = unit
        return self._units[unit_id]

    def as_of(self, now: datetime) -> datetime:
        """Return by which state of the calendars a promise given now counts: the newest change that is seen here.

        Not simply `now`: of two transactions at one moment, one may enter a day that the other does not see yet.
        """
        versions = (instant for row in self._versions() for instant in (row.published_at, row.retired_at))
        changes = [*self._holiday_changes(), *(instant for instant in versions if instant is not None)]
        return max((instant for instant in changes if instant <= now), default=BEFORE_ALL_CHANGES)

    def calendar(
        self,
        key: int | CalendarCode,
        unit: OrgUnit,
        *,
        zone: str | None = None,
        as_of: datetime | None = None,
    ) -> BusinessCalendar:
        """Return the calendar as it holds at `unit`, in its zone (a clock passes the zone it started in).

        `as_of`: with the closed days as they stood then, and by code the version of then; None: as they stand now.
        """
        row, place, state = self.row(key, as_of=as_of), self._place(unit), self._state(as_of)
        asked = (row.id, place, zone or unit.zone, state)
        if asked not in self._found:
            closed = self._closed_days(place, tuple(row.closed_kinds), state)
            self._found[asked] = self._build(row, zone or unit.zone, frozenset(closed))
        return self._found[asked]

    def holiday_names(
        self, key: int | CalendarCode, unit: OrgUnit, *, as_of: datetime | None = None
    ) -> Mapping[date, str]:
        """Return the closed days of a calendar at `unit` with their names; of a day closed twice both."""
        row = self.row(key, as_of=as_of)
        return self._closed_days(self._place(unit), tuple(row.closed_kinds), self._state(as_of))

    def with_hours(self, key: int | CalendarCode, unit: OrgUnit, hours: OpenHours) -> BusinessCalendar:
        """Return what the calendar would be at `unit` with other hours."""
        return BusinessCalendar.from_mapping(
            hours.to_mapping() | {"zone": unit.zone, "holidays": list(self.holiday_names(key, unit))}
        )

    def _build(self, row: SlaCalendar, zone: str, closed: frozenset[date]) -> BusinessCalendar:
        """Build it; units with the same closed days share one, and so do states with the same."""
        place = (row.id, zone, closed)
        if place not in self._built:
            self._built[place] = BusinessCalendar.from_mapping(
                {
                    "zone": zone,
                    "hours": row.hours,
                    "special_days": row.special_days,
                    "breaks": row.breaks,
                    "holidays": closed,
                }
            )
        return self._built[place]

    def _closed_days(
        self, place: _Place, kinds: tuple[str, ...], state: datetime | None
    ) -> Mapping[date, str]:
        asked = (place, kinds, state)
        if asked not in self._closed:
            standing = (
                each for each in self._holidays() if _stands(each.entered_at, each.withdrawn_at, state)
            )
            self._closed[asked] = _closed_days(standing, place, kinds)
        return self._closed[asked]

    def _state(self, as_of: datetime | None) -> datetime | None:
        """Return the change of the holidays that was the newest then, None: of all. Many clocks share one."""
        changes = self._holiday_changes()
        if as_of is None or not changes or as_of >= changes[-1]:
            return None
        count = bisect_right(changes, as_of)
        return changes[count - 1] if count else BEFORE_ALL_CHANGES

    def _place(self, unit: OrgUnit) -> _Place:
        """Return where the unit is; one without a province is in that of the nearest unit above it."""
        if unit.province is not None:
            return _Place(unit.path, unit.province)
        if self._provinces is None:
            self._provinces = self._read_provinces()
        above = (self._provinces.get(part) for part in reversed(unit.path.split("/")))
        return _Place(unit.path, next((province for province in above if province is not None), None))

    def _read_provinces(self) -> Mapping[str, str]:
        """Return the provinces by the unit's id as paths write it; nothing where no entry is for a province."""
        if all(entry.province is None for entry in self._holidays()):
            return {}
        found = select(OrgUnit.id, OrgUnit.province).where(OrgUnit.province.is_not(None))
        return {str(unit_id): province for unit_id, province in self._session.execute(found) if province}

    def _versions(self) -> Sequence[SlaCalendar]:
        if self._rows is None:
            self._rows = self._session.scalars(select(SlaCalendar).order_by(SlaCalendar.version)).all()
        return self._rows

    def _holidays(self) -> Sequence[_Entry]:
        if self._entries is None:
            columns = select(*(getattr(Holiday, name) for name in _Entry._fields)).order_by(Holiday.id)
            self._entries = [_Entry(*row) for row in self._session.execute(columns)]
        return self._entries

    def _holiday_changes(self) -> Sequence[datetime]:
        if self._changes is None:
            instants = {at for each in self._holidays() for at in (each.entered_at, each.withdrawn_at)}
            self._changes = sorted(at for at in instants if at is not None)
        return self._changes


def _stands(begins: datetime | None, ends: datetime | None, as_of: datetime | None) -> bool:
    """Say whether what held from `begins` until `ends` did so at `as_of`; None: whether it still does."""
    if as_of is None:
        return ends is None
    return (begins is None or begins <= as_of) and (ends is None or as_of < ends)


def _closed_days(entries: Iterable[_Entry], place: _Place, kinds: Iterable[str]) -> Mapping[date, str]:
    """Return the dates closed at a place with their names: of one kind, the entry nearest to it decides.

    A point beats its area, that the region, that the province; what the whole company enters beats the nation.
    """
    wanted = frozenset(kinds)
    units = [int(part) for part in place.path.strip("/").split("/")]
    nearest: dict[tuple[date, HolidayKind], tuple[int, _Entry]] = {}
    for entry in entries:
        nearness = _nearness(entry, units, place.province) if entry.kind in wanted else None
        known = nearest.get((entry.on, entry.kind))
        if nearness is not None and (known is None or known[0] < nearness):
            nearest[entry.on, entry.kind] = nearness, entry
    names: dict[date, str] = {}
    for _, entry in nearest.values():
        if not entry.is_cancelled:
            names[entry.on] = f"{names[entry.on]}, {entry.name}" if entry.on in names else entry.name
    return names


def _nearness(entry: _Entry, units: Sequence[int], province: str | None) -> int | None:
    """Return how near an entry is to the last of `units`, named from the root on; None: it does not hold there."""
    if entry.province is not None:
        return 2 if entry.province == province else None
    if entry.unit_id is None:
        return 0
    if entry.unit_id not in units:
        return None
    depth = units.index(entry.unit_id)
    return depth + 2 if depth else 1


def clock_of(
    row: SlaClockRow, pauses: Iterable[SlaPauseRow], *, book: CalendarBook, unit: OrgUnit
) -> SlaClock:
    """Return the clock of a row as the pure rules take it, on the calendars by which it was promised."""
    zone, as_of = row.zone, row.calendar_as_of
    is_regulatory = book.row(row.calendar_id).code == CalendarCode.REGULATORY
    return SlaClock(
        metric=row.metric,
        started_at=row.started_at,
        counts_from=row.counts_from,
        target=timedelta(seconds=row.target_seconds),
        calendar=book.calendar(row.calendar_id, unit, zone=zone, as_of=as_of),
        strict_calendar=book.calendar(CalendarCode.STRICT, unit, zone=zone, as_of=as_of)
        if is_regulatory
        else None,
        pauses=tuple(
            Pause(each.started_at, each.ended_at, each.reason, each.actor, each.ends_by) for each in pauses
        ),
        met_at=row.met_at,
        superseded_at=row.superseded_at,
        breached_at=row.breached_at,
        promised_at=row.due_at,
        strict_promised_at=row.strict_due_at,
    )
