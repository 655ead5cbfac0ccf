"""Requests that wait for news, in so few threads that all others go on."""

import time
from collections.abc import Callable
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

_KEY = "helpdesk_waiting"


def init_waiting(app: Flask, *, places: int = PLACES) -> None:
    """Let so many requests of this process wait at once; what comes above is answered without waiting."""
    app.extensions[_KEY] = BoundedSemaphore(max(places, 1))


def wait_for(read: Callable[[], T], *, is_news: Callable[[T], bool], seconds: float) -> T:
    """Return what `read` gives as soon as it is news, after `seconds` whatever it gives, at once without a place.

    Each look is a transaction of its own: nothing is held while it waits.
    """
    found = read()
    if seconds <= 0 or is_news(found):
        return found
    places: BoundedSemaphore = current_app.extensions[_KEY]
    if not places.acquire(blocking=False):
        return found
    try:
        end = time.monotonic() + seconds
        while not is_news(found) and (left := end - time.monotonic()) > 0:
            time.sleep(min(EVERY, left))
            found = read()
        return found
    finally:
        places.release()
