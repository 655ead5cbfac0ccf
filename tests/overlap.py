"""Two use cases at once, arranged without waiting for the clock: the second starts while the first is not committed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from helpdesk.runtime import Runtime

T = TypeVar("T")

_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def waits(rt: Runtime, rival: Future[object]) -> bool:
    """Return once the rival is done (False) or waits for a lock of ours (True); SQLite has one writer at a time."""
    if rt.engine.dialect.name == "sqlite":
        return False
    while not rival.done():
        if rt.read(lambda session: session.scalar(_WAITS)):
            return True
    return False


def overlap(
    rt: Runtime,
    first: Callable[[Session], object],
    second: Callable[[Session], object],
    then: Callable[[Session], object] = lambda session: None,
) -> bool:
    """Run `first`; start `second` elsewhere; go on with `then` and commit once `second` is done or waits.

    Returns whether it waited. What either of them raises is raised here.
    """
    with ThreadPoolExecutor(1) as pool:
        rivals: list[Future[object]] = []

        def held(session: Session) -> bool:
            first(session)
            session.flush()
            if not rivals:  # rt.write runs the loser of a race again
                rivals.append(pool.submit(rt.write, second))
            did_wait = waits(rt, rivals[0])
            then(session)
            return did_wait

        result = rt.write(held)
        rivals[0].result(timeout=60)
    return result
