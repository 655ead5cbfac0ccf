"""The three things every entry point needs: the database, the channels, and the time."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session, sessionmaker

from helpdesk.channels import build_channels
from helpdesk.channels.base import Channel
from helpdesk.channels.email_smtp import SmtpMailer, build_mailer
from helpdesk.config import Settings
from helpdesk.crypto import KeyRing, attach_key_ring
from helpdesk.db import make_engine
from helpdesk.domain.lender import Lender
from helpdesk.services.setup import load_data_keys, read_data_keys
from helpdesk.storage import Storage
from helpdesk.wallclock import utc_now

T = TypeVar("T")
UseCase = Callable[[Session], T]

logger = logging.getLogger(__name__)

MAX_GROUP = 64
"""Use cases that share one commit on SQLite: more would only lengthen the wait of the first."""

DATABASE_AWAY = (DBAPIError, NoConnectionFree)
"""What a request meets when the database is away or all its connections are in use: trying again may help."""

MAX_RETRIES = 5
_RACE_STATES = frozenset({"23505", "40001", "40P01"})  # unique violation, serialization failure, deadlock


@dataclass
class Runtime:
    """What app, jobs and cli are built on. `write` and `read` are the only ways to a transaction (invariant 3)."""

    settings: Settings
    engine: Engine
    channels: Mapping[str, Channel]
    now: Callable[[], datetime] = utc_now
    mailer: SmtpMailer | None = None
    """For notices to staff; None where no mail server is set."""
    _writer: "GroupWriter | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        if self.engine.dialect.name == "sqlite":
            self._writer = GroupWriter(self.engine)

    def write(self, use_case: UseCase[T]) -> T:
        """Run `use_case` in one transaction and return after its commit is durable."""
        if self._writer is not None:
            return self._writer.run(use_case)
        for _ in range(MAX_RETRIES):
            try:
                with self._sessions.begin() as session:
                    return use_case(session)
            except (IntegrityError, OperationalError) as error:
                if not _is_race(error):
                    raise
        with self._sessions.begin() as session:
            return use_case(session)

    def read(self, use_case: UseCase[T]) -> T:
        """Run `use_case`; whatever it changes is thrown away."""
        with self._sessions() as session:
            return use_case(session)

    def snapshot(self, use_case: UseCase[T]) -> T:
        """Run a reading `use_case` on a view that stands still while others write, over all its statements."""
        if self._writer is not None:
            return self.read(use_case)  # SQLite gives every transaction such a view
        with self._sessions(bind=self.engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            return use_case(session)

    def load_keys(self) -> None:
        """Load the data keys (made at the first call of the installation)."""
        ring = KeyRing(self.settings.encryption_key_list)
        # Read first: a process that starts beside a long write would wait for the lock and give up.
        keys = self.read(lambda session: read_data_keys(session, ring))
        index_key, chain_key = keys or self.write(lambda session: load_data_keys(session, ring))
        attach_key_ring(
            self.engine, KeyRing(self.settings.encryption_key_list, index_key=index_key, chain_key=chain_key)
        )

    @property
    def lender(self) -> Lender:
        """What outgoing texts may name."""
        known = self.settings
        return Lender(known.brand, known.contact_phone, known.urgent_phone, known.contact_hours, known.zone)

    @property
    def storage(self) -> Storage:
        """The folder of attachments."""
        return Storage(self.settings.storage_dir, KeyRing(self.settings.encryption_key_list))

    def close(self) -> None:
        """Stop the writer, the channels and the connections."""
        if self._writer is not None:
            self._writer.close()
        for channel in self.channels.values():
            channel.close()
        self.engine.dispose()


def _is_race(error: DBAPIError) -> bool:
    """Whether another transaction was in the way: the second run finds its row and takes the repeat path."""
    return getattr(error.orig, "sqlstate", None) in _RACE_STATES


def build_runtime(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Runtime:
    """Build the runtime; touches no table (call load_keys() once the schema is there)."""
    engine = make_engine(settings.database_url)
    attach_key_ring(engine, KeyRing(settings.encryption_key_list))
    return Runtime(settings, engine, build_channels(settings), now, build_mailer(settings))


class GroupWriter:
    """One writer thread: use cases that wait together share one durable commit, each in its own savepoint.

    SQLite takes one writer at a time and a commit waits for the disk; threads that commit on their own queue
    up for seconds, a group pays once (libraries.md 5). A failing use case rolls back alone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._queue: queue.SimpleQueue[tuple[UseCase[object], Future[object]] | None] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, use_case: UseCase[T]) -> T:
        """Run in the next group; return after the commit, or raise what the use case or the commit raised."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a use case may not start another transaction")
        self._ensure_thread()
        future: Future[object] = Future()
        self._queue.put((use_case, future))
        return future.result()  # type: ignore[return-value]

    def close(self) -> None:
        """Finish what is queued and stop the thread."""
        with self._start:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None

    def _ensure_thread(self) -> None:
        # Started at the first write, so that a forked web worker has its own.
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._loop, name="sqlite-writer", daemon=True)
                    self._thread.start()

    def _loop(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            is_last = False
            while len(group) < MAX_GROUP and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    is_last = True
                    break
                group.append(item)
            self._commit(group)
            if is_last:
                return

    def _commit(self, group: list[tuple[UseCase[object], Future[object]]]) -> None:
        done: list[tuple[Future[object], object]] = []
        try:
            with self._engine.begin() as connection:
                for use_case, future in group:
                    try:
                        # An own session per use case: nothing of a failed one stays in an identity map.
                        with Session(
                            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
                        ) as session:
                            result = use_case(session)
                            session.commit()
                        done.append((future, result))
                    except Exception as error:  # whatever it was belongs to its caller
                        future.set_exception(error)
        except Exception as error:
            logger.exception("group commit failed")
            for _, future in group:  # also those whose turn never came: the database may not even have opened
                if not future.done():
                    future.set_exception(error)
            return
        for future, result in done:
            future.set_result(result)
