"""Worker processes that sweep at a given instant, and die of kill -9 in the middle when they are told to."""

import multiprocessing
import os
import signal
from datetime import datetime
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from installing import settings_for
from sqlalchemy import event

from helpdesk import jobs
from helpdesk.runtime import Runtime, build_runtime

IMPORTS = ["helpdesk.jobs", "psycopg"]
"""What takes long to import; modules of the tests are not on the path yet when the server of processes starts."""


def serve(orders: Connection, url: str, folder: str, lifetime: int) -> None:
    """Body of the process: one sweep per order, and an answer when it is done."""
    rt = build_runtime(settings_for(url, Path(folder)))
    rt.load_keys()
    _die_after(rt, lifetime)
    while (now := orders.recv()) is not None:
        rt.now = lambda now=now: now
        jobs.sla_sweep(rt)
        orders.send("done")
    rt.close()


def _die_after(rt: Runtime, lifetime: int) -> None:
    """Kill this process before the last of so many statements and commits: wherever that is in a sweep."""
    left = count(lifetime, -1)

    def tick(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(rt.engine, "before_cursor_execute", tick)
    event.listen(rt.engine, "commit", tick)


class Workers:
    """So many processes as are wanted; one that died is started anew."""

    def __init__(self, url: str, folder: Path, chance: Random, *, lifetime: int) -> None:
        self._url, self._folder, self._chance, self._lifetime = url, folder, chance, lifetime
        # Children of a process that has all imports and no threads: a new one costs a fork.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(IMPORTS)
        self._running: list[tuple[BaseProcess, Connection]] = []
        self.deaths = 0

    def sweep(self, now: datetime, crew: int) -> None:
        """Let a crew of them sweep at once; whoever dies is replaced, until all have passed."""
        while len(self._running) < crew:
            self._running.append(self._start())
        busy = list(range(crew))
        while busy:
            for at in busy:
                self._running[at][1].send(now)
            busy = [at for at in busy if not self._is_done(at)]
            for at in busy:
                self.deaths += 1
                self._running[at][0].join()
                self._running[at] = self._start()

    def close(self) -> None:
        """Let all of them end."""
        for process, orders in self._running:
            orders.send(None)
            process.join()

    def _is_done(self, at: int) -> bool:
        try:
            return bool(self._running[at][1].recv())
        except (EOFError, ConnectionError):
            return False

    def _start(self) -> tuple[BaseProcess, Connection]:
        here, there = self._context.Pipe()
        lifetime = self._chance.randint(1, 2 * self._lifetime)
        process = self._context.Process(
            target=serve, args=(there, self._url, str(self._folder), lifetime), daemon=True
        )
        process.start()
        there.close()
        return process, here
