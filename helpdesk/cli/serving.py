"""`helpdesk serve` and `helpdesk worker`: the two services of an installation."""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click

from helpdesk import jobs
from helpdesk.cli.base import Context, require_schema
from helpdesk.domain.errors import InvalidInput
from helpdesk.logs import configure_logging
from helpdesk.runtime import build_runtime

logger = logging.getLogger(__name__)


@click.command(short_help="Run the web server.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes; 1 on SQLite."
)
@click.option(
    "--threads", type=click.IntRange(2, 512), default=64, show_default=True, help="Threads per process."
)
@click.option(
    "--bind", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to listen."
)
@click.option("--with-worker", is_flag=True, help="Run the scheduler in this service too.")
@click.pass_obj
def serve(context: Context, workers: int, threads: int, *, bind: str, with_worker: bool) -> None:
    """Run the production web server until SIGTERM or Ctrl-C.

    With --with-worker it is all that an installation on one machine needs.

    \b
    Example:
      helpdesk serve --bind 0.0.0.0:8000 --with-worker
    """
    settings = context.settings()
    if workers > 1 and settings.is_sqlite:
        raise InvalidInput("--workers above 1 needs PostgreSQL: SQLite takes one writing process")
    rt = build_runtime(settings)
    try:
        require_schema(rt.engine)
        rt.load_keys()  # a wrong key is said in one line here, not by every web process
    finally:
        rt.close()  # each web process opens its own after the fork
    check_bind(bind)
    # The web application takes a second to import, which no other command should pay for.
    from helpdesk.server import WebServer

    configure_logging(settings)
    WebServer(settings, bind=bind, workers=workers, threads=threads, with_worker=with_worker).run()


@click.command(short_help="Run the scheduler and the outbox sender.")
@click.pass_obj
def worker(context: Context) -> None:
    """Run the scheduler until SIGTERM or Ctrl-C. Any number may run: each due action happens once.

    \b
    Example:
      helpdesk worker
    """
    with held_back({signal.SIGTERM, signal.SIGINT}) as ends, context.runtime() as rt:
        configure_logging(rt.settings)
        scheduler = jobs.start_scheduler(rt)
        logger.info("worker %s started", jobs.worker_name())
        signal.sigwait(ends)
        jobs.stop_scheduler(scheduler, rt)
        logger.info("worker %s stopped", jobs.worker_name())


@contextmanager
def held_back(signals: set[signal.Signals]) -> Iterator[set[signal.Signals]]:
    """Let `signals` wait to be taken by sigwait(): a handler that sets an Event hangs when one comes twice.

    Ends as it began, whatever happened: a process started afterwards would inherit the block and never end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield signals
    finally:
        while signal.sigpending() & signals:
            signal.sigwait(signals)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def check_bind(bind: str) -> None:
    """Raise InvalidInput unless `bind` is a free HOST:PORT; gunicorn itself would try for seconds."""
    host, separator, port = bind.rpartition(":")
    if not (host and separator and port.isascii() and port.isdigit() and int(port) < 65536):
        raise InvalidInput(f"--bind {bind!r} is not HOST:PORT", field="bind")
    name = host.strip("[]")
    try:
        found = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(found[0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        raise InvalidInput(f"cannot listen on {bind}: {error.strerror or error}", field="bind") from None
