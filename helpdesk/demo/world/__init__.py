"""The sample world of the demo: six months of an invented lender's complaints, dated relative to today."""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.demo.phones.contents import BODIES
from helpdesk.demo.world.build import Built, invent_world, write_world
from helpdesk.demo.world.calls import keep_recordings
from helpdesk.domain.message_templates import NEWS, Standing, TemplateState
from helpdesk.domain.wording import Language
from helpdesk.models.people import Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import message_templates
from helpdesk.services.trail import SYSTEM

__all__ = ["LOGINS", "PASSWORD", "build_world"]

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


def build_world(rt: Runtime, *, while_writing: Callable[[], None] = lambda: None) -> None:
    """Fill an empty installation; one that has tickets is left as it is. All or nothing.

    `while_writing` is called once the transaction that writes has begun.
    """
    if rt.read(lambda session: session.scalar(select(Ticket.id).limit(1))) is not None:
        return
    started = time.monotonic()
    console = Console(stderr=True)
    with (
        _without_collector(),
        Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task("Dunia contoh / sample world", total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"Dunia contoh: {step}", completed=done, total=total)

        world = rt.read(
            lambda session: invent_world(
                session, password=PASSWORD, lender=rt.lender, now=rt.now(), on_progress=show
            )
        )
        show("basis data", 0, 1)

        def write(session: Session) -> None:
            while_writing()
            write_world(session, world)
            _approve_templates(session, now=rt.now())

        rt.write(write)
        keep_recordings(rt)
    print(_summary(world.built, time.monotonic() - started), file=sys.stderr)  # noqa: T201


def _approve_templates(session: Session, *, now: datetime) -> None:
    """Register the question that may be asked after WhatsApp's 24 hours, in both languages, as two people do."""
    second = session.scalars(select(User.public_id).where(User.role == Role.COMPLIANCE)).first()
    for digit, language in enumerate(Language, start=1):
        row = message_templates.add(
            session,
            step=NEWS,
            language=language,
            name=f"kabar_{language}",
            content_id="HX" + str(digit) * 32,
            variables=["nama", "nomor"],
            actor=SYSTEM,
            now=now,
        )
        message_templates.take_standing(
            session, row.id, Standing(TemplateState.APPROVED, BODIES[language]), now=now
        )
        message_templates.confirm(
            session, row.content_id, language, actor=f"user:{second}", now=now,
            seen=message_templates.seen_sign(row.content_id, row.variables, row.body),
        )  # fmt: skip


@contextmanager
def _without_collector() -> Iterator[None]:
    """A million small rows without a cycle: looking for cycles among them takes a fifth of the time.

    They are frozen at the end, or the collector would look through them all once more before they are dropped.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()


def _summary(built: Built, seconds: float) -> str:
    return (
        f"demo: sample world of {built.tickets} tickets, {built.messages} messages, "
        f"{built.events} events in {seconds:.0f} s"
    )
