"""Runs commands as an operator does: settings in a file, output and errors apart."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpdesk.cli import main
from helpdesk.runtime import Runtime

from .runs import Run, write_env


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own settings have no say, and no log handler of a command outlives its test."""
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        monkeypatch.delenv(name)
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
    for handler in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(handler)


@pytest.fixture
def run_anywhere() -> Run:
    """Run a command with nothing but its arguments."""

    def run(*args: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, list(args), input=typed)

    return run


@pytest.fixture(scope="session")
def spare_env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings file of an installation for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("spare")
    env = write_env(folder / "spare.env", f"sqlite:///{folder}/spare.db")
    assert CliRunner().invoke(main, ["--env", str(env), "db", "upgrade"]).exit_code == 0
    return env


@pytest.fixture
def env_file(rt: Runtime, tmp_path: Path) -> Path:
    """Settings file of the test's own installation."""
    return write_env(tmp_path / "test.env", rt.settings.database_url)


@pytest.fixture
def run(run_anywhere: Run, env_file: Path) -> Run:
    """Run a command on the test's own installation."""

    def run(*args: str, typed: str | None = None) -> Result:
        return run_anywhere("--env", str(env_file), *args, typed=typed)

    return run
