"""Setting up: data keys are made once, reference data is written once."""

from datetime import UTC, date, datetime
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

import pytest
from factories import NOW
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.crypto import KeyRing
from helpdesk.db import Base
from helpdesk.domain.errors import ConfigurationError
from helpdesk.domain.taxonomy import CATEGORIES
from helpdesk.models.people import OrgUnit, UnitKind
from helpdesk.models.sla import DataKey, Holiday, HolidayKind, SlaCalendar, SlaPolicyRow, SlaTargetRow
from helpdesk.models.tickets import CategoryRow
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.setup import load_data_keys, seed_reference
from helpdesk.sla.policy import shipped_policies

OLD, NEW = "an-old-key-of-sixteen-or-more", "a-new-key-of-sixteen-or-more"


def row_counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_a_second_seeding_only_reads(session: Session) -> None:
    before = row_counts(session)
    with counted(session) as statements:
        seed_reference(session, now=NOW)
    written = [each for each in statements if not each.lstrip().upper().startswith("SELECT")]
    assert written == []
    assert row_counts(session) == before


def test_the_shipped_reference_data_is_there(session: Session) -> None:
    office = session.scalars(select(OrgUnit).where(OrgUnit.code == "HO")).one()
    assert (office.kind, office.path, office.zone) == (
        UnitKind.HEAD_OFFICE,
        f"/{office.id}/",
        "Asia/Jakarta",
    )
    assert set(session.scalars(select(CategoryRow.code))) == set(CATEGORIES)
    assert session.scalar(select(func.count()).select_from(SlaCalendar)) == 4
    codes = list(session.scalars(select(SlaPolicyRow.code).order_by(SlaPolicyRow.rank)))
    assert codes == [policy.code for policy in shipped_policies()]
    targets = sum(len(policy.targets) for policy in shipped_policies())
    assert session.scalar(select(func.count()).select_from(SlaTargetRow)) == targets


def test_a_changed_name_of_a_category_is_set_right_and_an_own_category_stays(session: Session) -> None:
    row = session.get_one(CategoryRow, "PNG-KERAS")
    row.name_id = "Nama lama"
    own = CategoryRow(
        code="XYZ-LAMA",
        group_code="XYZ",
        name_id="Lama",
        name_en="Old",
        regulator_type="LYN",
        default_severity=row.default_severity,
        is_conduct=False,
    )
    session.add(own)
    session.flush()
    seed_reference(session, now=NOW)
    assert row.name_id == CATEGORIES["PNG-KERAS"].name_id
    assert session.get(CategoryRow, "XYZ-LAMA") is own


def holiday(session: Session, on: date, kind: HolidayKind) -> Holiday | None:
    is_here = (Holiday.unit_id.is_(None), Holiday.province.is_(None), Holiday.withdrawn_at.is_(None))
    return session.scalars(
        select(Holiday).where(Holiday.on == on, Holiday.kind == kind, *is_here)
    ).one_or_none()


@pytest.mark.parametrize(
    ("on", "kind", "name"),
    [
        pytest.param(date(2026, 12, 25), HolidayKind.NATIONAL, "Hari Raya Natal", id="national"),
        pytest.param(
            date(2026, 12, 24), HolidayKind.CUTI_BERSAMA, "Cuti Bersama Hari Raya Natal", id="cuti-bersama"
        ),
        pytest.param(
            date(2025, 8, 17), HolidayKind.NATIONAL, "Hari Kemerdekaan Republik Indonesia", id="last-year"
        ),
        pytest.param(
            date(2028, 8, 17), HolidayKind.NATIONAL, "Hari Kemerdekaan Republik Indonesia", id="two-years-on"
        ),
    ],
)
def test_holidays_come_from_the_package_in_indonesian(
    session: Session, on: date, kind: HolidayKind, name: str
) -> None:
    row = holiday(session, on, kind)
    assert row is not None
    assert row.name == name


def test_the_year_2026_has_the_days_of_the_decree(session: Session) -> None:
    counts = dict(
        session.execute(
            select(Holiday.kind, func.count())
            .where(Holiday.on.between(date(2026, 1, 1), date(2026, 12, 31)))
            .group_by(Holiday.kind)
        ).all()
    )
    assert counts == {HolidayKind.NATIONAL: 17, HolidayKind.CUTI_BERSAMA: 8}


def test_an_own_entry_wins_over_the_package(session: Session) -> None:
    row = holiday(session, date(2026, 12, 24), HolidayKind.CUTI_BERSAMA)
    assert row is not None
    row.is_own, row.is_cancelled, row.name = True, True, "Masuk kerja"
    own = Holiday(on=date(2026, 12, 31), name="Tutup buku", kind=HolidayKind.NATIONAL, is_own=True)
    session.add(own)
    session.flush()
    seed_reference(session, now=NOW)
    session.expire_all()
    assert (row.name, row.is_cancelled) == ("Masuk kerja", True)
    assert holiday(session, own.on, own.kind) is own


def test_a_new_installation_has_always_known_its_holidays(session: Session) -> None:
    assert set(session.scalars(select(Holiday.entered_at))) == {None}


def test_a_day_that_the_package_no_longer_has_goes_and_is_remembered(session: Session) -> None:
    gone = Holiday(on=date(2026, 12, 28), name="Ditarik kembali", kind=HolidayKind.CUTI_BERSAMA)
    session.add(gone)
    session.flush()
    seed_reference(session, now=NOW)
    assert holiday(session, gone.on, gone.kind) is None
    assert gone.withdrawn_at == NOW


def test_a_day_that_the_package_adds_or_names_anew_is_known_from_then_on(session: Session) -> None:
    added = holiday(session, date(2026, 12, 25), HolidayKind.NATIONAL)
    renamed = holiday(session, date(2027, 1, 1), HolidayKind.NATIONAL)
    assert added is not None
    assert renamed is not None
    session.delete(added)
    renamed.name = "Tahun Baru (perkiraan)"
    session.flush()
    seed_reference(session, now=NOW)
    for old in (added, renamed):
        row = holiday(session, old.on, old.kind)
        assert row is not None
        assert row is not old
        assert (row.entered_at, row.is_own) == (NOW, False)
    assert renamed.withdrawn_at == NOW


def test_the_next_year_brings_the_next_holidays(session: Session) -> None:
    assert holiday(session, date(2029, 1, 1), HolidayKind.NATIONAL) is None
    seed_reference(session, now=datetime(2027, 1, 2, tzinfo=UTC))
    assert holiday(session, date(2029, 1, 1), HolidayKind.NATIONAL) is not None
    assert holiday(session, date(2025, 1, 1), HolidayKind.NATIONAL) is not None


def test_the_keys_are_made_once_and_lie_encrypted(session: Session) -> None:
    session.query(DataKey).delete()
    ring = KeyRing([OLD])
    keys = load_data_keys(session, ring)
    assert load_data_keys(session, ring) == keys
    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]
    stored = session.scalars(select(DataKey.value)).all()
    assert {ring.decrypt(value.encode()) for value in stored} == set(keys)


def test_the_keys_stay_the_same_when_the_encryption_key_is_changed(session: Session) -> None:
    session.query(DataKey).delete()
    keys = load_data_keys(session, KeyRing([OLD]))
    assert load_data_keys(session, KeyRing([NEW, OLD])) == keys
    with pytest.raises(ConfigurationError):
        load_data_keys(session, KeyRing([NEW]))


def test_two_processes_that_start_at_once_get_the_same_keys(rt: Runtime, tmp_path: Path) -> None:
    """The second insert meets rows that its own first look did not see."""
    ring = KeyRing([OLD])
    rt.write(lambda session: session.query(DataKey).delete())

    def raced(session: Session) -> tuple[bytes, bytes]:
        looked: list[str] = []

        def rival(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO data_keys") and not looked:
                looked.append(statement)
                mine = session.connection()
                for name in ("index", "chain"):
                    value = ring.encrypt(name.encode() * 8).decode()
                    mine.execute(DataKey.__table__.insert().values(name=name, value=value))

        event.listen(rt.engine, "before_cursor_execute", rival)
        keys = load_data_keys(session, ring)
        event.remove(rt.engine, "before_cursor_execute", rival)
        return keys

    assert rt.write(raced) == (b"index" * 8, b"chain" * 8)


def test_a_process_starts_while_another_one_writes(rt: Runtime) -> None:
    """The demo's web process comes up beside its world, whose one transaction may last longer than any timeout."""
    busy = rt.engine.execution_options(sqlite_begin="IMMEDIATE").connect()
    second = build_runtime(rt.settings)
    try:
        with busy, busy.begin():
            busy.execute(text("UPDATE workers SET seen_at = seen_at"))
            event.listen(second.engine, "connect", _without_patience)
            second.load_keys()
            assert second.read(lambda session: session.scalar(select(func.count()).select_from(DataKey))) == 2
    finally:
        second.close()


def _without_patience(connection: object, _record: object) -> None:
    if isinstance(connection, SqliteConnection):
        connection.execute("PRAGMA busy_timeout=0")
