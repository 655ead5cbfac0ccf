"""What an installation needs before its first ticket: data keys and reference data."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, new_data_key
from helpdesk.domain.taxonomy import CATEGORIES, Category
from helpdesk.models.people import OrgUnit, UnitKind
from helpdesk.models.sla import DataKey
from helpdesk.models.tickets import CategoryRow
from helpdesk.services.policy_editions import seed_editions
from helpdesk.services.seeds import seed_calendars, seed_holidays, seed_matrix, seed_routing

HEAD_OFFICE_CODE = "HO"

_INDEX, _CHAIN = "index", "chain"


def load_data_keys(session: Session, ring: KeyRing) -> tuple[bytes, bytes]:
    """Return the key of look-up digests and the key of the audit chain; the first call makes both.

    Two processes may do so at once: the one that comes second takes the keys of the first.
    """
    keys = _stored_keys(session)
    missing = [name for name in (_INDEX, _CHAIN) if name not in keys]
    if missing:
        # The insert waits for a rival's transaction and then does nothing; what counts is read again.
        rows = [{"name": name, "value": ring.encrypt(new_data_key()).decode("ascii")} for name in missing]
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        if is_sqlite:
            session.execute(sqlite.insert(DataKey).on_conflict_do_nothing(), rows)
        else:
            session.execute(postgresql.insert(DataKey).on_conflict_do_nothing(), rows)
        keys = _stored_keys(session)
    return _decrypted(keys, ring)


def read_data_keys(session: Session, ring: KeyRing) -> tuple[bytes, bytes] | None:
    """Return both keys without writing, or None while the installation has none."""
    keys = _stored_keys(session)
    return _decrypted(keys, ring) if keys.keys() >= {_INDEX, _CHAIN} else None


def _decrypted(keys: dict[str, str], ring: KeyRing) -> tuple[bytes, bytes]:
    return ring.decrypt(keys[_INDEX].encode("ascii")), ring.decrypt(keys[_CHAIN].encode("ascii"))


def _stored_keys(session: Session) -> dict[str, str]:
    return {row.name: row.value for row in session.execute(select(DataKey.name, DataKey.value))}


def seed_reference(session: Session, *, now: datetime) -> None:
    """Write the reference data that the package ships. A second run changes nothing."""
    _seed_head_office(session)
    _seed_categories(session)
    seed_routing(session)
    seed_calendars(session)
    seed_holidays(session, now=now)
    seed_editions(session, now=now)
    seed_matrix(session, now=now)
    session.flush()


def _seed_head_office(session: Session) -> None:
    if session.scalar(select(OrgUnit.id).where(OrgUnit.code == HEAD_OFFICE_CODE)) is not None:
        return
    unit = OrgUnit(
        code=HEAD_OFFICE_CODE, name="Kantor Pusat", kind=UnitKind.HEAD_OFFICE, path="/", zone="Asia/Jakarta"
    )
    session.add(unit)
    session.flush()
    unit.path = f"/{unit.id}/"


def _seed_categories(session: Session) -> None:
    known = {row.code: row for row in session.scalars(select(CategoryRow))}
    for category in CATEGORIES.values():
        row = known.get(category.code)
        if row is None:
            row = CategoryRow(code=category.code)
            session.add(row)
        _describe(row, category)


def _describe(row: CategoryRow, category: Category) -> None:
    row.group_code = category.group
    row.name_id = category.name_id
    row.name_en = category.name_en
    row.regulator_type = category.regulator
    row.default_severity = category.default_severity
    row.is_conduct = category.is_conduct
