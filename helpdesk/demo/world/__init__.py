"""The sample world of the demo: six months of an invented lender's complaints, dated relative to today."""

import sys
import time

from rich.progress import Progress
from rich.console import Console
from sqlalchemy import select

from helpdesk.demo.world.build import Built, build
from helpdesk.demo.world.data import organisation
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime

PASSWORD = "demo-demo-demo"  # noqa: S105  (printed at the start of every demo)

LOGINS: tuple[tuple[str, str], ...] = (
    ("agen@demo.id", "agen / agent"),
    ("supervisor@demo.id", "penyelia / supervisor"),
    ("lapangan@demo.id", "petugas lapangan / field officer (Point Bogor)"),
    ("produk@demo.id", "tim produk / product"),
    ("kepatuhan@demo.id", "kepatuhan / compliance"),
    ("auditor@demo.id", "audit internal / internal audit"),
    ("admin@demo.id", "administrator"),
)


def build_world(rt: Runtime) -> None:
    """Fill an empty installation; one that has tickets is left as it is. All or nothing."""
    if rt.read(lambda session: session.scalar(select(Ticket.id).limit(1))) is not None:
        return
    started = time.monotonic()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, object] = {}
        built = rt.write(
            lambda session: build(
                session, password=PASSWORD, lender=rt.lender, now=rt.now(), on_progress=lambda *_: None
            )
        )
    _say(built, time.monotonic() - started)
