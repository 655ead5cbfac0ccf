"""The second process: it encrypts, chains and indexes what has been played while the rest is played."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, attach_key_ring, keys_of
from helpdesk.db import Base, make_engine
from helpdesk.demo.world.chain import Chain, Happening
from helpdesk.demo.world.rows import Batch, Row, seal
from helpdesk.domain.search import index_words
from helpdesk.models.messages import Message
from helpdesk.models.tickets import TicketEvent


@dataclass(frozen=True, slots=True)
class Lived:
    """What one ticket has of the long tables."""

    ticket_id: int
    messages: list[Row]
    happenings: list[Happening]


@dataclass(frozen=True, slots=True)
class SealedLives:
    """The same of many tickets, as the driver takes it, and how their chains end."""

    messages: Batch
    events: Batch
    words: list[tuple[bytes, int]]
    heads: dict[int, bytes]


@contextmanager
def second_process(session: Session) -> Iterator[Executor]:
    """Lend a process that runs the functions of this module with the keys of the session."""
    engine = session.get_bind().engine
    pool = ProcessPoolExecutor(
        max_workers=1,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(engine.url, keys_of(session)),
    )
    pool.submit(os.getpid)  # it starts with its first task, and takes two seconds for it
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_engine: Engine
"""Of the second process; it never connects."""
_keys: KeyRing


def _begin(url: URL, keys: KeyRing) -> None:
    global _engine, _keys
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which ends this one
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    _engine, _keys = make_engine(url.render_as_string(hide_password=False)), keys
    attach_key_ring(_engine, keys)


def _end_with_the_first() -> None:
    """Leave nothing behind where the first process was killed and could not end us."""
    first = parent_process()
    if first is not None:
        first.join()
        os._exit(1)


def seal_rows(table: type[Base], rows: list[Row]) -> Batch:
    """Seal rows of any table."""
    return seal(table, rows, _engine.dialect)


def seal_lives(lives: list[Lived]) -> SealedLives:
    """Seal, chain and index what is long of many tickets."""
    messages: list[Row] = []
    events: list[Row] = []
    words: list[tuple[bytes, int]] = []
    heads = {}
    for life in lives:
        owner: Row = {"ticket_id": life.ticket_id}
        chain = Chain(_keys)
        messages += (owner | message for message in life.messages)
        events += (owner | chain.add(*happening) for happening in life.happenings)
        words += ((word, life.ticket_id) for word in _words(message["body"] for message in life.messages))
        heads[life.ticket_id] = chain.head
    return SealedLives(seal_rows(Message, messages), seal_rows(TicketEvent, events), words, heads)


def _words(texts: Iterable[str]) -> set[bytes]:
    """Return the digests of all words, as services/tickets.py indexes them."""
    return {_digest(word) for text in texts for word in index_words(text)}


@lru_cache(maxsize=20_000)
def _digest(word: str) -> bytes:
    return _keys.digest("word", word)
