"""The ticket page: read, reply, note, take, hand over, move, re-rate."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Urgency
from helpdesk.queries import agents
from helpdesk.queries.regulation import RegulationView, regulation_of
from helpdesk.queries.ticket import TicketView, ticket_by_number, ticket_id_of, worked_on_number
from helpdesk.queries.visibility import Action, Viewer, require
from helpdesk.services import acknowledgements, delivery, idempotency, reconciling, replies, tickets
from helpdesk.services.trail import lock_ticket
from helpdesk.views import contact_task_words, regulation_words, value_words
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.clocks_page import load_clocks
from helpdesk.views.input_texts import conflict_text, input_text
from helpdesk.views.ticket_page import load_page, newer_authors

bp = Blueprint("tickets", __name__)

THEN = {"pending": TicketStatus.PENDING, "on_hold": TicketStatus.ON_HOLD}
"""What a reply may do to the status besides being sent."""


@dataclass(frozen=True, slots=True)
class FormState:
    """What was typed into one form of the page, and what is wrong with it."""

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    seen_message_id: int | None = None

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        """Return what stands in a field of a form."""
        return self.typed.get(name, otherwise) if form == self.form else otherwise

    def error(self, form: str, name: str) -> str:
        """Return what is wrong with a field of a form."""
        return self.errors.get(name, "") if form == self.form else ""


@bp.get("/tickets/<number>")
@requires(Action.READ_TICKET)
def ticket(number: str) -> ResponseReturnValue:
    """The page of one ticket."""
    return show(number, FormState())


def show(number: str, state: FormState) -> str:
    """Render the page with what was typed kept."""
    who, now = viewer(), runtime().now()
    page = runtime().read(
        lambda session: load_page(session, who, number, now=now, seen_message_id=state.seen_message_id)
    )
    return render_template(
        "tickets/ticket.html",
        page=page,
        t=page.ticket,
        state=state,
        who=who,
        zone=page.ticket.zone,
        key=secrets.token_urlsafe(18),
        words=value_words,
        task_words=contact_task_words,
        law=regulation_words,
        groups=taxonomy.groups(),
        impacts=tuple(Impact),
        urgencies=tuple(Urgency),
    )


@bp.get("/tickets/<number>/clocks")
@requires(Action.READ_TICKET)
def clocks(number: str) -> ResponseReturnValue:
    """Every stretch of every clock: the ticket page holds those of a long life only in few lines."""
    who, now = viewer(), runtime().now()
    page = runtime().read(lambda session: load_clocks(session, who, number, now=now))
    return render_template(
        "tickets/clocks.html",
        number=page.number,
        following=page.following,
        clocks=page.clocks,
        zone=page.zone,
    )


@bp.get("/tickets/<number>/letter")
@requires(Action.READ_TICKET)
def letter(number: str) -> ResponseReturnValue:
    """Our last words on paper, for a contact without an address."""
    who, now = viewer(), runtime().now()

    def load(session: Session) -> tuple[TicketView, RegulationView]:
        found = ticket_by_number(session, who, number, now=now)
        return found, regulation_of(session, found.id, now=now)

    view, law = runtime().read(load)
    return render_template("tickets/letter.html", t=view, now=now, facilitation=law.facilitation)


@bp.post("/tickets/<number>/replies")
@requires(Action.REPLY)
def reply(number: str) -> ResponseReturnValue:
    """Send words to the contact. The hidden key makes a second press of the button harmless."""
    number, text, seen = worked_on(number), request.form.get("text", ""), _seen_message_id()
    then = THEN.get(request.form.get("then", ""))
    key = request.form.get("key", "")[:100]
    lender = runtime().lender

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        once(
            session, ticket_id, "reply", key, text, now=now,
            act=lambda: replies.reply(
                session, ticket_id, text, author_id=who.user_id, actor=who.actor, seen_message_id=seen, lender=lender,
                now=now, then_status=then,
            ),
        )  # fmt: skip

    return act_on(number, "reply", act, done=_("Balasan sedang dikirim."), anchor="end")


def worked_on(number: str) -> str:
    """Return the number of the ticket that stands for this one, if it was merged."""
    return runtime().read(lambda session: worked_on_number(session, viewer(), number))


def once(
    session: Session,
    ticket_id: int,
    scope: str,
    key: str,
    content: str,
    *,
    now: datetime,
    act: Callable[[], object],
) -> None:
    """Do `act` unless the same form was sent before. The ticket is locked first: two at once come one by one."""
    lock_ticket(session, ticket_id)
    scope = f"{scope}:{ticket_id}"
    if key and idempotency.earlier_result(session, scope, key, content) is not None:
        return
    act()
    if key:
        idempotency.remember(session, scope, key, content, result={}, now=now)


@bp.post("/tickets/<number>/notes")
@requires(Action.NOTE)
def note(number: str) -> ResponseReturnValue:
    """Keep an internal note."""
    text, key, number = request.form.get("text", ""), request.form.get("key", "")[:100], worked_on(number)

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        once(
            session, ticket_id, "note", key, text, now=now,
            act=lambda: tickets.add_note(
                session, ticket_id, text, author_id=who.user_id, actor=who.actor, now=now
            ),
        )  # fmt: skip

    return act_on(number, "note", act, done=_("Catatan disimpan."), anchor="end")


@bp.post("/tickets/<number>/messages/<public_id>/again")
@requires(Action.REPLY)
def send_again(number: str, public_id: str) -> ResponseReturnValue:
    """Queue a failed message once more."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        delivery.send_again(session, ticket_id, message_id=public_id, actor=who.actor, now=now)

    return act_on(number, "again", act, done=_("Pesan dikirim ulang."), anchor="end")


@bp.post("/tickets/<number>/messages/<public_id>/arrived")
@requires(Action.REPLY)
def confirm_arrival(number: str, public_id: str) -> ResponseReturnValue:
    """Say that a message of unknown outcome has arrived."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        reconciling.confirm(session, ticket_id, message_id=public_id, actor=who.actor, now=now)

    return act_on(number, "again", act, done=_("Dicatat: pesan sudah sampai."), anchor="end")


@bp.post("/tickets/<number>/take")
@requires(Action.ASSIGN)
def take(number: str) -> ResponseReturnValue:
    """Take a ticket that nobody has."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if who.user_id is not None:
            tickets.claim(session, ticket_id, user_id=who.user_id, actor=who.actor, now=now)

    return act_on(number, "take", act, done=_("Tiket ini sekarang milik Anda."))


@bp.post("/tickets/<number>/acknowledge")
@requires(Action.ANSWER_ESCALATION)
def acknowledge(number: str) -> ResponseReturnValue:
    """Answer the escalations up to the person's own level: she has it, nobody above need be told."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if who.user_id is not None:
            acknowledgements.acknowledge(session, ticket_id, user_id=who.user_id, actor=who.actor, now=now)

    return act_on(number, "acknowledge", act, done=_("Eskalasi sudah ditanggapi."), anchor="escalations")


@bp.post("/tickets/<number>/assign")
@requires(Action.ASSIGN)
def assign(number: str) -> ResponseReturnValue:
    """Give the ticket to a person of its team, back to the team's queue, or to another team."""
    team, person = request.form.get("team", ""), request.form.get("assignee", "")
    seen = request.form.get("seen_assignee", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        assignee_id = None
        if not team and person:
            people = {each.public_id: each.id for each in agents.assignable(session, who, number)}
            if person not in people:
                raise InvalidInput("not in the ticket's team", field="assignee", code="not_assignable")
            assignee_id = people[person]
        tickets.assign(
            session, ticket_id, assignee_id=assignee_id, team=team or None,
            seen_assignee=seen, actor=who.actor, now=now,
        )  # fmt: skip

    return act_on(number, "assign", act, done=_("Tiket sudah ditugaskan."))


@bp.post("/tickets/<number>/status")
@requires(Action.STATUS)
def status(number: str) -> ResponseReturnValue:
    """Move the status by hand; an answered ticket opens again this way."""
    wanted, reason = request.form.get("status", ""), request.form.get("reason", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if wanted not in set(TicketStatus):
            raise InvalidInput(f"no status {wanted!r}", field="status", code="unknown_status")
        target = TicketStatus(wanted)
        tickets.change_status(session, ticket_id, target, reason=reason, actor=who.actor, now=now)

    return act_on(number, "status", act, done=_("Status sudah diubah."))


@bp.post("/tickets/<number>/category")
@requires(Action.CLASSIFY)
def category(number: str) -> ResponseReturnValue:
    """Correct the category; severity and team follow. Who may set the severity may open it to its point."""
    code, is_opened = request.form.get("category", ""), request.form.get("not_about_staff") == "1"

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        about_staff = False if is_opened else None
        if is_opened:
            require(who, Action.SEVERITY)
        tickets.set_category(session, ticket_id, code, is_about_staff=about_staff, actor=who.actor, now=now)

    return act_on(number, "category", act, done=_("Kategori sudah diubah."))


@bp.post("/tickets/<number>/severity")
@requires(Action.SEVERITY)
def severity(number: str) -> ResponseReturnValue:
    """Set impact and urgency by hand, with the reason."""
    impact, urgency = request.form.get("impact", ""), request.form.get("urgency", "")
    reason = request.form.get("reason", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        for name, value, words in (("impact", impact, Impact), ("urgency", urgency, Urgency)):
            if value not in set(words):
                raise InvalidInput(f"no {name} {value!r}", field=name, code="choice")
        tickets.override_severity(
            session, ticket_id, impact=Impact(impact), urgency=Urgency(urgency), reason=reason, actor=who.actor, now=now
        )  # fmt: skip

    return act_on(number, "severity", act, done=_("Tingkat sudah diubah."))


Act = Callable[[Session, int, Viewer, datetime], None]


def act_on(number: str, form: str, act: Act, *, done: str, anchor: str = "") -> ResponseReturnValue:
    """Do one thing with a ticket that the viewer may see; on refusal show the page with what was typed."""
    who, now = viewer(), runtime().now()
    try:
        runtime().write(lambda session: act(session, ticket_id_of(session, who, number), who, now))
    except InvalidInput as error:
        name = "text" if error.code == "key_reused" else error.field
        return show(number, FormState(form, typed_fields(), {name: input_text(error)})), 422
    except Conflict as error:
        return refuse(number, form, error)
    flash(done, "success")
    return back(number, anchor)


def refuse(number: str, form: str, error: Conflict) -> ResponseReturnValue:
    """Answer 409 with the ticket as it is now; the words that were typed stay in their box."""
    seen = _seen_message_id()
    text = newer_text(number, seen) if error.code == "newer" and seen is not None else conflict_text(error)
    return show(number, FormState(form, typed_fields(), notice=text, seen_message_id=seen)), 409


def newer_text(number: str, seen: int) -> str:
    """Say how many messages must be read first, and whose they are."""
    who, now = viewer(), runtime().now()
    page = runtime().read(lambda session: load_page(session, who, number, now=now))
    count, author = newer_authors(page, seen)
    if not author:
        return str(_("Ada %(count)s pesan baru. Baca dulu.", count=count))
    return str(_("Ada %(count)s pesan baru dari %(author)s. Baca dulu.", count=count, author=author))


def back(number: str, anchor: str = "") -> ResponseReturnValue:
    """Lead back to the ticket, or to the queue when it has left the viewer's sight."""
    try:
        runtime().read(lambda session: ticket_id_of(session, viewer(), number))
    except NotFound:
        flash(_("Tiket ini sekarang di tim lain."), "info")
        return redirect(url_for("queue.index"), 303)
    return redirect(url_for("tickets.ticket", number=number, _anchor=anchor or None), 303)


def typed_fields() -> dict[str, str]:
    """Return what was typed; a form's own hidden fields begin anew."""
    return {name: value for name, value in request.form.items() if name not in ("csrf_token", "key")}


def _seen_message_id() -> int | None:
    value = request.form.get("seen_message_id", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
