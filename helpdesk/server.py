"""The production web server: gunicorn with threads, and the scheduler on demand in exactly one process."""

import fcntl
import logging
import os
import signal
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from helpdesk import jobs
from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.views.api.waiting import init_waiting

logger = logging.getLogger(__name__)


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's own lines go the way of all others: one form, no secrets."""

    def setup(self, cfg: object) -> None:
        """Leave the handlers to logs.configure_logging()."""
        super().setup(cfg)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True


class GracefulArbiter(Arbiter):  # type: ignore[misc]
    """Ctrl-C ends as SIGTERM does: requests under way are answered first."""

    def handle_int(self) -> None:
        """Take SIGINT for SIGTERM."""
        self.handle_term()


class WebServer(BaseApplication):  # type: ignore[misc]
    """One service. Everything that holds a connection or a thread is made after the fork."""

    def __init__(
        self, settings: Settings, *, bind: str, workers: int, threads: int, with_worker: bool
    ) -> None:
        self._settings = settings
        self._threads = threads
        self._worker: Worker | None = None
        self._runtime: Runtime | None = None
        self._turn = SchedulerTurn() if with_worker else None
        self._options: dict[str, object] = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "logger_class": ServerLog,
            "loglevel": settings.log_level.lower(),
            "keepalive": 5,
            "control_socket_disable": True,
            # Who is in front of us is said by TRUSTED_PROXIES alone (app.py), not by gunicorn's own guess.
            "forwarded_allow_ips": "",
            "post_worker_init": self._begin,
            "worker_exit": self._end,
            "on_exit": self._clean_up,
        }
        super().__init__(prog="helpdesk serve")

    def load_config(self) -> None:
        """Hand our options to gunicorn; its limits of request line and headers stay."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until a signal ends it; leaves by SystemExit."""
        GracefulArbiter(self).run()

    def load(self) -> Flask:
        """Build the application of this process."""
        self._runtime = build_runtime(self._settings)
        self._runtime.load_keys()
        app = create_app(self._runtime)
        init_waiting(
            app, places=self._threads // 4, is_open=lambda: bool(self._worker and self._worker.alive)
        )
        return app

    def _begin(self, worker: Worker) -> None:
        self._worker = worker
        # A terminal sends Ctrl-C to the whole group; the master alone acts on it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._turn is not None and self._runtime is not None:
            self._turn.wait_for(self._runtime)

    def _end(self, _server: object, _worker: object) -> None:
        if self._turn is not None:
            self._turn.end()
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    def _clean_up(self, _server: object) -> None:
        if self._turn is not None:
            self._turn.lock_file.unlink(missing_ok=True)


def _new_lock_file() -> Path:
    handle, name = tempfile.mkstemp(prefix="helpdesk-scheduler-")
    os.close(handle)
    return Path(name)


@dataclass
class SchedulerTurn:
    """Lets one process of the service run the scheduler; the kernel passes the turn on when it dies."""

    lock_file: Path = field(default_factory=_new_lock_file)
    _scheduler: BackgroundScheduler | None = None
    _runtime: Runtime | None = None
    _is_over: bool = False
    _change: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, rt: Runtime) -> None:
        """Start the scheduler as soon as no other process of the service runs it."""
        threading.Thread(target=self._wait, args=(rt,), name="scheduler-turn", daemon=True).start()

    def end(self) -> None:
        """Let running jobs finish and start no more."""
        with self._change:
            self._is_over = True
        if self._scheduler is not None and self._runtime is not None:
            jobs.stop_scheduler(self._scheduler, self._runtime)

    def _wait(self, rt: Runtime) -> None:
        # Never closed: the lock is held until this process ends, however it ends.
        handle = os.open(self.lock_file, os.O_RDWR)
        fcntl.flock(handle, fcntl.LOCK_EX)
        with self._change:
            if not self._is_over:
                self._runtime = rt
                self._scheduler = jobs.start_scheduler(rt)
                logger.info("scheduler runs in process %s", os.getpid())
