"""Turns rows into what the pure SLA rules take: the business calendar of a unit, and clocks on it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar, SlaClockRow, SlaPauseRow
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.clock import Pause, SlaClock
from helpdesk.sla.policy import CalendarCode


class _Entry(NamedTuple):
    on: date
    kind: HolidayKind
    unit_id: int | None
    is_cancelled: bool
    name: str


class CalendarBook:
    """The calendars of one use case: their rows are read once, each calendar is built once.

    Make a new book per use case: it does not see what is changed behind its back.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[int | CalendarCode, SlaCalendar] | None = None
        self._entries: list[_Entry] | None = None
        self._units: dict[int, OrgUnit] = {}
        self._closed: dict[tuple[str, tuple[str, ...]], frozenset[date]] = {}
        self._built: dict[tuple[int, str, frozenset[date]], BusinessCalendar] = {}
        self._found: dict[tuple[int | CalendarCode, str, str], BusinessCalendar] = {}

    def row(self, key: int | CalendarCode) -> SlaCalendar:
        """Return a version by its id, or the one in force by its code. Raises NotFound."""
        if self._rows is None:
            rows = list(self._session.scalars(select(SlaCalendar).order_by(SlaCalendar.version)))
            in_force = {row.code: row for row in rows if row.retired_at is None}
            self._rows = {row.id: row for row in rows} | in_force
        if key not in self._rows:
            raise NotFound(f"no SLA calendar {key!r}")
        return self._rows[key]

    def unit(self, unit_id: int) -> OrgUnit:
        """Return the unit. Raises NotFound."""
        if unit_id not in self._units:
            unit = self._session.get(OrgUnit, unit_id)
            if unit is None:
                raise NotFound(f"no unit with id {unit_id}")
            self._units[unit_id] = unit
        return self._units[unit_id]

    def calendar(
        self, key: int | CalendarCode, unit: OrgUnit, *, zone: str | None = None
    ) -> BusinessCalendar:
        """Return the calendar as it holds at `unit`, in its zone (a clock passes the zone it started in)."""
        zone = zone or unit.zone
        asked = (key, unit.path, zone)
        if asked not in self._found:
            self._found[asked] = self._build(self.row(key), unit.path, zone)
        return self._found[asked]

    def holiday_names(
        self, key: int | CalendarCode, unit: OrgUnit, *, as_of: datetime | None = None
    ) -> Mapping[date, str]:
        """Return what the closed days of a calendar are called at `unit`."""
        kinds = tuple(self.row(key).closed_kinds)
        closed = self._closed_days(unit.path, kinds)
        entries = self._holidays() if kinds else []
        return {entry.on: entry.name for entry in entries if entry.on in closed and entry.kind in kinds}

    def _build(self, row: SlaCalendar, path: str, zone: str) -> BusinessCalendar:
        """Build it; units with the same closed days share one."""
        closed = self._closed_days(path, tuple(row.closed_kinds))
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

    def _closed_days(self, path: str, kinds: tuple[str, ...]) -> frozenset[date]:
        if (path, kinds) not in self._closed:
            entries = self._holidays() if kinds else []
            self._closed[path, kinds] = closed_days(entries, path, kinds)
        return self._closed[path, kinds]

    def _holidays(self) -> list[_Entry]:
        if self._entries is None:
            columns = select(Holiday.on, Holiday.kind, Holiday.unit_id, Holiday.is_cancelled, Holiday.name)
            self._entries = [_Entry(*row) for row in self._session.execute(columns)]
        return self._entries


def closed_days(entries: Iterable[_Entry], path: str, kinds: Iterable[str]) -> frozenset[date]:
    """Return the dates closed at the unit with `path`: of one kind, the entry nearest to the unit decides."""
    depths: dict[int | None, int] = {
        int(part): depth for depth, part in enumerate(path.strip("/").split("/"))
    }
    depths[None] = -1
    wanted = frozenset(kinds)
    nearest: dict[tuple[date, HolidayKind], _Entry] = {}
    for entry in entries:
        if entry.kind not in wanted or entry.unit_id not in depths:
            continue
        known = nearest.get((entry.on, entry.kind))
        if known is None or depths[known.unit_id] < depths[entry.unit_id]:
            nearest[entry.on, entry.kind] = entry
    return frozenset(entry.on for entry in nearest.values() if not entry.is_cancelled)


def clock_of(
    row: SlaClockRow, pauses: Iterable[SlaPauseRow], *, book: CalendarBook, unit: OrgUnit
) -> SlaClock:
    """Return the clock of a row as the pure rules take it."""
    is_regulatory = book.row(row.calendar_id).code == CalendarCode.REGULATORY
    return SlaClock(
        metric=row.metric,
        started_at=row.started_at,
        counts_from=row.counts_from,
        target=timedelta(seconds=row.target_seconds),
        calendar=book.calendar(row.calendar_id, unit, zone=row.zone),
        strict_calendar=book.calendar(CalendarCode.STRICT, unit, zone=row.zone) if is_regulatory else None,
        pauses=tuple(
            Pause(each.started_at, each.ended_at, each.reason, each.actor, each.ends_by) for each in pauses
        ),
        met_at=row.met_at,
        superseded_at=row.superseded_at,
        breached_at=row.breached_at,
        promised_at=row.due_at,
        strict_promised_at=row.strict_due_at,
    )
