"""The migrated schema is the models' schema, on both databases, and goes up from empty and down again."""

import ast
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect

from helpdesk.db import make_engine
from helpdesk.migrate import alembic_config, differences, is_current, upgrade
from helpdesk.runtime import Runtime

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
