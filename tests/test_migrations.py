"""The migrated schema is the models' schema, on both databases, and goes up from empty and down again."""

import ast
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from factories import NOW, make_ladder, make_team, make_ticket, make_user
from installing import settings_for
from sqlalchemy import Row, inspect, text
from sqlalchemy.orm import Session

from helpdesk.db import make_engine
from helpdesk.domain.severity import Severity
from helpdesk.migrate import alembic_config, differences, is_current, upgrade
from helpdesk.models.people import Position, Role
from helpdesk.models.sla import Holiday, HolidayKind, StatutoryPeriod
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services import presence, sla, sweeps

VERSIONS = sorted((Path(__file__).resolve().parent.parent / "migrations" / "versions").glob("*.py"))


def test_upgrading_from_empty_gives_the_schema_of_the_models(rt: Runtime) -> None:
    assert differences(rt.engine) == []
    assert is_current(rt.engine)


def test_the_constraints_of_the_models_are_in_the_schema(rt: Runtime) -> None:
    found = inspect(rt.engine)
    checks = {check["name"] for check in found.get_check_constraints("tickets")}
    assert {"ck_tickets_status", "ck_tickets_severity", "ck_tickets_amount_not_negative"} <= checks
    unique = {index["name"] for index in found.get_indexes("sla_clocks") if index["unique"]}
    assert "uq_sla_clocks_live" in unique


def test_upgrading_twice_changes_nothing(rt: Runtime) -> None:
    upgrade(rt.settings.database_url)
    assert is_current(rt.engine)


def test_downgrading_leaves_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'down.db'}"
    upgrade(url)
    command.downgrade(alembic_config(url), "base")
    engine = make_engine(url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_application_code(path: Path) -> None:
    names = {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not [name for name in names if name.startswith("helpdesk")]


def test_serial_numbers_have_no_gap() -> None:
    assert [path.name[:4] for path in VERSIONS] == [f"{serial:04}" for serial in range(1, len(VERSIONS) + 1)]


def fill(session: Session) -> None:
    """Rows of what later versions brought: a ladder that told people, periods, presence, changed holidays."""
    region, area, point = make_ladder(session)
    team = make_team(session)
    make_user(session, Role.FIELD, position=Position.AM, unit=area, notify_via=["email"])
    agent = make_user(session, teams=(team,))
    presence.note_seen(session, agent.id, now=NOW)
    ticket = make_ticket(session, unit=point, team=team, severity=Severity.S2)
    sla.start_clocks(session, ticket, now=NOW)
    assert [action.level for action in sweeps.run_within(session, now=NOW)] == ["L2"]
    period: dict[str, Any] = {"code": "C2", "started_at": NOW, "due_at": NOW, "strict_due_at": NOW}
    session.add(StatutoryPeriod(ticket_id=ticket.id, subject="KTP", actor="user:a", **period))
    for place in ({}, {"unit_id": region.id}, {"province": "Bali"}):
        for withdrawn_at in (NOW, NOW + timedelta(hours=1), None):
            session.add(
                Holiday(
                    on=date(2026, 12, 3),
                    name="Pilkada",
                    kind=HolidayKind.LOCAL,
                    entered_at=NOW,
                    withdrawn_at=withdrawn_at,
                    **place,
                )
            )


@pytest.fixture
def filled(template: Callable[[Path], str], tmp_path: Path) -> str:
    """The address of a database with rows, that nothing is connected to."""
    url = template(tmp_path)
    runtime = build_runtime(settings_for(url, tmp_path), now=lambda: NOW)
    runtime.load_keys()
    runtime.write(fill)
    runtime.close()
    return url


def rows(url: str, statement: str) -> Sequence[Row[Any]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(statement)).all()
    engine.dispose()
    return found


def test_a_database_with_rows_goes_down_and_up_again(filled: str) -> None:
    command.downgrade(alembic_config(filled), "0001")
    standing = rows(filled, "SELECT unit_id IS NULL FROM holidays WHERE name = 'Pilkada'")
    assert sorted(bool(is_national) for (is_national,) in standing) == [False, True]
    upgrade(filled)
    engine = make_engine(filled)
    assert is_current(engine)
    assert differences(engine) == []
    engine.dispose()


def test_what_was_escalated_before_answers_were_asked_for_waits_for_none(filled: str) -> None:
    """Nobody could answer then: after the upgrade every old escalation would climb to the board."""
    command.downgrade(alembic_config(filled), "0001")
    upgrade(filled)
    every = rows(filled, "SELECT acknowledged_at = noticed_at, acknowledged_by_id FROM sla_clock_events")
    assert [(bool(is_answered), by) for is_answered, by in every] == [(True, None)]
