"""The regulator's time limits of a ticket: form, documents, more time, and periods recorded by hand."""

import secrets
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import late_reasons
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.queries.regulation import regulation_of
from helpdesk.queries.ticket import ticket_by_number, ticket_id_of
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import documents, periods
from helpdesk.services.lwk import received_at
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import BY_HAND, DOCUMENTS, rule
from helpdesk.views import regulation_words, value_words
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.complaints import errors_of
from helpdesk.views.fields import parse_day, short_field
from helpdesk.views.input_texts import conflict_text, input_text
from helpdesk.views.tickets import FormState, once, typed_fields

bp = Blueprint("regulation", __name__)

Act = Callable[[Session, int, Viewer, datetime], object]


@bp.get("/tickets/<number>/regulation")
@requires(Action.READ_TICKET)
def index(number: str) -> ResponseReturnValue:
    """Everything that may be done now, and why the rest may not."""
    return _show(number, FormState())


def _show(number: str, state: FormState) -> str:
    who, now = viewer(), runtime().now()

    def load(session: Session) -> tuple[object, object]:
        view = ticket_by_number(session, who, number, now=now)
        return view, regulation_of(session, view.id, now=now)

    view, regulation = runtime().read(load)
    return render_template(
        "tickets/regulation.html",
        t=view,
        reg=regulation,
        state=state,
        now=now,
        zone=who.zone,
        key=secrets.token_urlsafe(18),
        may=frozenset(action.value for action in Action if can(who, action)),
        words=value_words,
        law=regulation_words,
        by_hand=[rule(code) for code in BY_HAND],
        c6=rule("C6"),
        documents_rule=rule(DOCUMENTS),
        late_reasons=late_reasons(),
    )


@bp.post("/tickets/<number>/form")
@requires(Action.CLASSIFY)
def change_form(number: str) -> ResponseReturnValue:
    """Correct lisan or tertulis, with the reason."""
    form, reason = request.form.get("form", ""), request.form.get("reason", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if form not in set(Form):
            raise InvalidInput(f"no form {form!r}", field="form", code="choice")
        documents.change_form(session, ticket_id, Form(form), reason=reason, actor=who.actor, now=now)

    return _try(number, "form", act, done=_("Bentuk pengaduan sudah diubah."))


@bp.post("/tickets/<number>/conversion")
@requires(Action.REPLY)
def convert(number: str) -> ResponseReturnValue:
    """Ask her to file a verbal complaint in writing."""
    items, note, reason = _items(), short_field("note"), request.form.get("reason", "")
    lender = runtime().lender  # not in act(): that runs in the writer's thread

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        documents.convert(
            session, ticket_id, items, note=note, reason=reason, author_id=who.user_id, actor=who.actor,
            lender=lender, now=now,
        )  # fmt: skip

    return _try(number, "convert", act, done=_("Mitra diminta mengadu tertulis."))


@bp.post("/tickets/<number>/documents")
@requires(Action.REPLY)
def request_documents(number: str) -> ResponseReturnValue:
    """Tell her what is missing and until when."""
    items, note, lender = _items(), short_field("note"), runtime().lender

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        documents.request(
            session, ticket_id, items, note=note, author_id=who.user_id, actor=who.actor,
            lender=lender, now=now,
        )  # fmt: skip

    return _try(number, "documents", act, done=_("Permintaan dokumen sedang dikirim."))


@bp.post("/tickets/<number>/documents/complete")
@requires(Action.STATUS)
def complete_documents(number: str) -> ResponseReturnValue:
    """All is there: the time of handling begins."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        documents.complete(session, ticket_id, actor=who.actor, now=now)

    return _try(number, "complete", act, done=_("Dokumen lengkap. Batas OJK mulai dihitung hari ini."))


@bp.post("/tickets/<number>/documents/extension")
@requires(Action.REPLY)
def extend_documents(number: str) -> ResponseReturnValue:
    """Give her more time for her documents."""
    ground, reason, lender = request.form.get("ground", ""), request.form.get("reason", ""), runtime().lender

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        documents.extend(
            session,
            ticket_id,
            ground=ground,
            reason=reason,
            actor=who.actor,
            lender=lender,
            now=now,
        )

    return _try(number, "more", act, done=_("Waktu Mitra sudah ditambah."))


@bp.post("/tickets/<number>/documents/refusal")
@requires(Action.RESOLVE)
def refuse_incomplete(number: str) -> ResponseReturnValue:
    """She never sent them: a person decides that the complaint counts as withdrawn."""
    late_code, late_reason = short_field("late_reason"), request.form.get("late_note", "").strip()
    lender = runtime().lender

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        documents.refuse_incomplete(
            session, ticket_id, late_code=late_code, late_reason=late_reason, actor=who.actor, lender=lender,
            now=now,
        )  # fmt: skip

    return _try(number, "refuse", act, done=_("Tiket ditutup, Mitra diberi tahu."))


@bp.post("/tickets/<number>/periods")
@requires(Action.RECORD_PERIOD)
def record_period(number: str) -> ResponseReturnValue:
    """Record what the regulator's system shows, from its day."""
    code, subject, day = (
        request.form.get("code", ""),
        request.form.get("subject", ""),
        short_field("started_on"),
    )

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        zone = ZoneInfo(ticket_by_number(session, who, number, now=now).zone)
        started = parse_day(day, today=now.astimezone(zone).date(), field="started_on")
        if started is None:
            raise InvalidInput("a day is needed", field="started_on", code="required")
        periods.record_by_hand(
            session, ticket_id, code, subject=subject, started_at=received_at(started, zone, now=now), actor=who.actor,
            now=now,
        )  # fmt: skip

    return _try(number, "period", act, done=_("Tenggat dicatat."))


@bp.post("/tickets/<number>/periods/<int:period_id>/end")
@requires(Action.RECORD_PERIOD)
def end_period(number: str, period_id: int) -> ResponseReturnValue:
    """Record how a period ended."""
    outcome = request.form.get("outcome", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        periods.finish(session, ticket_id, period_id, outcome=outcome, actor=who.actor, now=now)

    return _try(number, f"end-{period_id}", act, done=_("Tenggat selesai dicatat."))


@bp.post("/tickets/<number>/periods/<int:period_id>/extension")
@requires(Action.RECORD_PERIOD)
def prolong_period(number: str, period_id: int) -> ResponseReturnValue:
    """The regulator was asked for more time."""
    ground, reason = request.form.get("ground", ""), request.form.get("reason", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        periods.prolong(session, ticket_id, period_id, ground=ground, reason=reason, actor=who.actor, now=now)

    return _try(number, f"more-{period_id}", act, done=_("Perpanjangan dicatat."))


def _items() -> list[str]:
    return request.form.getlist("items")[:20]


def _try(number: str, form: str, act: Act, *, done: str) -> ResponseReturnValue:
    """Do one thing once per form; on refusal show the page with what was typed."""
    who, now = viewer(), runtime().now()
    key = request.form.get("key", "")[:100]
    content = repr(sorted(request.form.items(multi=True)))

    def write(session: Session) -> None:
        ticket_id = ticket_id_of(session, who, number)
        once(
            session, ticket_id, f"regulation-{form}", key, content, now=now,
            act=lambda: act(session, ticket_id, who, now),
        )  # fmt: skip

    try:
        runtime().write(write)
    except InvalidInput as error:
        missing = errors_of(error) if error.code == "resolution_incomplete" else {}
        errors = missing or {error.field: input_text(error)}
        return _show(number, FormState(form, typed_fields(), errors)), 422
    except Conflict as error:
        return _show(number, FormState(form, typed_fields(), notice=conflict_text(error))), 409
    flash(done, "success")
    return redirect(url_for("tickets.ticket", number=number), 303)
