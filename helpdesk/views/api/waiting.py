"""Requests that wait for news, in so few threads that all others go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TypeVar

from flask import Flask, current_app

T = TypeVar("T")

LONGEST = 25
"""Seconds; many proxies end a request after 30."""
EVERY = 1.0
"""Seconds between two looks."""
PLACES = 8
"""Of a process, unless its server says otherwise."""

COME_AGAIN = 10
"""Seconds after which one who found no place should ask again."""

_KEY = "helpdesk_waiting"


@dataclass(frozen=True, slots=True)
class _Room:
    places: BoundedSemaphore
    is_open: Callable[[], bool]


def init_waiting(app: Flask, *, places: int = PLACES, is_open: Callable[[], bool] = lambda: True) -> None:
    """Let so many requests of this process wait at once, and nobody once the process is about to end."""
    app.extensions[_KEY] = _Room(BoundedSemaphore(max(places, 1)), is_open)


def wait_for(read: Callable[[], T], *, is_news: Callable[[T], bool], seconds: float) -> tuple[T, bool]:
    """Return what `read` gives as soon as it is news, after `seconds` whatever it gives, at once without a place.

    The bool says that there was none. Each look is a transaction of its own: nothing is held while it waits.
    """
    found = read()
    if seconds <= 0 or is_news(found):
        return found, False
    room: _Room = current_app.extensions[_KEY]
    if not room.places.acquire(blocking=False):
        return found, True
    try:
        end = time.monotonic() + seconds
        while not is_news(found) and room.is_open() and (left := end - time.monotonic()) > 0:
            time.sleep(min(EVERY, left))
            found = read()
        return found, False
    finally:
        room.places.release()
