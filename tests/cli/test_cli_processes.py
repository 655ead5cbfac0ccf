"""The console script as a real process: help, a faulty setting, serving and stopping."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from installing import postgres_url
from sqlalchemy import create_engine, text

from .runs import write_env

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]  # longer than all that is waited for below

COMMAND = [sys.executable, "-m", "helpdesk.cli"]
WITHIN = 150.0
"""Seconds that a process gets on a busy machine."""


def environment() -> dict[str, str]:
    """The environment without our settings; on SIGABRT a process writes where its threads stand."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    return others | {"PYTHONFAULTHANDLER": "1"}


def finished(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *args],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        env=environment() | variables,
        check=False,
    )


@contextmanager
def running(log: Path, *args: str, command: Sequence[str] = COMMAND) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service in its own process group, with its log in a file."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, *args], stdout=stream, stderr=stream, env=environment(), start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(process: subprocess.Popen[bytes], log: Path, is_so: Callable[[], bool]) -> None:
    """Ask again and again until it is so; fail with the log when the process ends or time runs out."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        with suppress(OSError):  # not listening yet
            if is_so():
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
        assert process.poll() is None, log.read_text()
    raise AssertionError(log.read_text())


def ended(process: subprocess.Popen[bytes], log: Path, *, within: float = WITHIN) -> int:
    """Return the status of a process that was told to end.

    One that still runs after `within` seconds fails the test with its log and the place of each of its threads.
    """
    try:
        return process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        pytest.fail(f"still running after {within:.0f} s\n{log.read_text()}", pytrace=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Settings file of an installation on SQLite."""
    env = write_env(tmp_path / "real.env", f"sqlite:///{tmp_path}/real.db")
    done = finished("--env", str(env), "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return env


def test_a_process_that_does_not_end_shows_its_log_and_its_threads(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    deaf = [sys.executable, "-c", "import threading; print('deaf', flush=True); threading.Event().wait()"]
    with running(log, command=deaf) as process:
        wait_until(process, log, lambda: "deaf" in log.read_text())
        with pytest.raises(pytest.fail.Exception) as failure:
            ended(process, log, within=0.1)
    assert "Fatal Python error: Aborted" in str(failure.value)
    assert "line 1 in <module>" in str(failure.value)


def test_help_needs_no_settings() -> None:
    done = finished("--help")
    assert done.returncode == 0
    assert "helpdesk --env" in done.stdout
    assert done.stderr == ""


def test_faulty_settings_are_one_line_that_names_them_all_and_status_2(tmp_path: Path) -> None:
    env = tmp_path / "empty.env"
    env.touch()
    done = finished("--env", str(env), "serve", HELPDESK_TIMEZONE="Mars", HELPDESK_LOG_FORMAT="xml")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "TIMEZONE", "LOG_FORMAT"):
        assert f"HELPDESK_{name}" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_one_service_serves_and_schedules_until_a_signal_ends_it(
    installed: Path, tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    log = tmp_path / "serve.log"

    def is_ready() -> bool:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(json.load(answer)["worker"])

    with running(
        log, "--env", str(installed), "serve", "--bind", f"127.0.0.1:{port}", "--with-worker"
    ) as service:
        wait_until(service, log, is_ready)
        busy = finished("--env", str(installed), "serve", "--bind", f"127.0.0.1:{port}")
        assert (busy.returncode, len(busy.stderr.splitlines())) == (2, 1)
        os.killpg(service.pid, number)  # as a terminal sends Ctrl-C: to the whole group
        assert ended(service, log) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_a_worker_beats_until_a_signal_ends_it(installed: Path, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"

    def is_seen() -> bool:
        return "ok    worker" in finished("--env", str(installed), "doctor").stdout

    with running(log, "--env", str(installed), "worker") as service:
        wait_until(service, log, is_seen)
        service.send_signal(signal.SIGTERM)
        assert ended(service, log) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def schedulers(log: Path) -> list[int]:
    """Processes that took over the schedule, in order."""
    return [int(found) for found in re.findall(r"scheduler runs in process (\d+)", log.read_text())]


@pytest.mark.postgres
def test_of_several_web_processes_one_schedules_and_another_follows_when_it_dies(
    postgres_uri: str, tmp_path: Path
) -> None:
    server = create_engine(postgres_url(postgres_uri, "postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE several_web_processes"))
    server.dispose()
    env = write_env(tmp_path / "pg.env", postgres_url(postgres_uri, "several_web_processes"))
    assert finished("--env", str(env), "db", "upgrade").returncode == 0
    log = tmp_path / "serve.log"
    args = (
        "--env",
        str(env),
        "serve",
        "--workers",
        "2",
        "--bind",
        f"127.0.0.1:{free_port()}",
        "--with-worker",
    )
    with running(log, *args) as service:
        wait_until(service, log, lambda: len(schedulers(log)) == 1)
        os.kill(schedulers(log)[0], signal.SIGKILL)
        wait_until(service, log, lambda: len(schedulers(log)) == 2)
        assert len(set(schedulers(log))) == 2
        service.send_signal(signal.SIGTERM)
        assert ended(service, log) == 0, log.read_text()
