"""Calls, letters and visits that wait for a person: the list, what came of one, and the letter to print."""

from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.posters.letter import letter as letter_pdf
from helpdesk.queries import contact_tasks as queries
from helpdesk.queries.terms import number_key
from helpdesk.queries.visibility import Action, Viewer
from helpdesk.services import contact_tasks
from helpdesk.services.trail import lock_ticket
from helpdesk.views import contact_task_words as words
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.poster_facts import pdf_answer
from helpdesk.views.tickets import act_on

bp = Blueprint("contact_tasks", __name__)


@bp.get("/tasks")
@requires(Action.REPLY)
def index() -> ResponseReturnValue:
    """Everything that is open, soonest due first."""
    who, now = viewer(), runtime().now()
    rows = runtime().read(lambda session: queries.open_tasks(session, who))
    return render_template(
        "tasks/index.html", rows=rows, kinds=words.KINDS, reasons=words.REASONS, zone=who.zone, now=now
    )


@bp.post("/tickets/<number>/tasks")
@requires(Action.REPLY)
def add(number: str) -> ResponseReturnValue:
    """An agent wants to be reminded of a call, a letter or a visit."""
    chosen = request.form.get("kind", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if chosen not in set(TaskKind):
            raise InvalidInput("no such task", field="kind", code="choice")
        ticket = lock_ticket(session, ticket_id)
        contact_tasks.open_task(session, ticket, TaskKind(chosen), reason="by_hand", actor=who.actor, now=now)

    return act_on(number, "task", act, done=_("Tugas dicatat."), anchor="tugas")


@bp.post("/tickets/<number>/tasks/<public_id>")
@requires(Action.REPLY)
def finish(number: str, public_id: str) -> ResponseReturnValue:
    """Say what came of a task."""
    result, note = request.form.get("result", ""), request.form.get("note", "")[:1000]

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if result not in set(TaskResult):
            raise InvalidInput("no such result", field="result", code="choice")
        contact_tasks.finish(
            session, ticket_id, public_id, result=TaskResult(result), note=note, user_id=who.user_id,
            actor=who.actor, now=now,
        )  # fmt: skip

    return act_on(number, "task", act, done=_("Hasil tugas dicatat."), anchor="tugas")


@bp.get("/tickets/<number>/tasks/<public_id>/letter.pdf")
@requires(Action.READ_TICKET)
def letter(number: str, public_id: str) -> ResponseReturnValue:
    """The letter of a task, ready to be printed."""
    rt, who = runtime(), viewer()
    facts = rt.read(lambda session: queries.letter_of(session, who, number_key(number), public_id))
    return pdf_answer("surat", letter_pdf(words.letter_words(facts, lender=rt.lender, now=rt.now())))
