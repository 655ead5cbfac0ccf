"""The outcome of a ticket: one page that asks for all of it, and ends with the answer sent."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import (
    DISPOSITION_NAMES,
    REDRESS_NAMES,
    UNASSESSED,
    Disposition,
    RedressKind,
    RedressOffer,
    ResolutionDraft,
    check_resolution,
    late_reasons,
    load_root_causes,
    may_not_be_refused,
    needs_amount,
)
from helpdesk.domain.conversation import tells_something
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.domain.rupiah import parse_rupiah
from helpdesk.queries.conversation import MessageRow
from helpdesk.queries.ticket import TicketView, ticket_by_number, ticket_id_of
from helpdesk.queries.visibility import Action
from helpdesk.services import complaints
from helpdesk.services.replies import checked_text
from helpdesk.views import value_words
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.input_texts import conflict_text, input_text
from helpdesk.views.ticket_page import composer_of
from helpdesk.views.tickets import back, newer_text, once

bp = Blueprint("complaints", __name__)

REDRESS_ROWS = 3

_MISSING: Mapping[str, LazyString] = {
    "disposition": lazy_gettext("Pilih putusan."),
    "root_cause": lazy_gettext("Pilih sebab."),
    "answer": lazy_gettext("Tulis jawaban untuk Mitra."),
    "redress": lazy_gettext("Pilih apa yang diberikan, karena pengaduan diterima."),
    "late_reason": lazy_gettext("Pilih kenapa terlambat."),
    "late_note": lazy_gettext("Tulis kenapa terlambat."),
}
"""What services.complaints may miss; an amount that is missing is told by its row already."""
_ANCHORS: Mapping[str, str] = {"redress": "redress_kind_1"}
_ORDER = (
    "disposition",
    "root_cause",
    *(f"redress_{part}_{row}" for row in range(1, REDRESS_ROWS + 1) for part in ("kind", "amount")),
    "late_reason",
    "late_note",
    "answer",
)
_UNDECIDED = frozenset({Disposition.WITHDRAWN, Disposition.DUPLICATE, Disposition.OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True)
class ResolveForm:
    """What was typed, and what is wrong: field id to text."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Everything that is missing or wrong, in the order of the form, with the field it leads to."""
        return sorted(
            self.errors.items(), key=lambda error: _ORDER.index(error[0]) if error[0] in _ORDER else 0
        )


@bp.get("/tickets/<number>/resolve")
@requires(Action.RESOLVE)
def resolve(number: str) -> ResponseReturnValue:
    """Ask for the outcome."""
    view = _view(number)
    if view.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        flash(conflict_text(Conflict("answered already", code="closed")), "warning")
        return redirect(url_for("tickets.ticket", number=view.number), 303)
    return _show(view, ResolveForm())


@bp.post("/tickets/<number>/resolve")
@requires(Action.RESOLVE)
def record(number: str) -> ResponseReturnValue:
    """Record the outcome and send the answer, or list at once everything that is missing or wrong."""
    view, typed = _view(number), _typed()
    errors: dict[str, str] = {}
    draft = _draft(view, typed, errors)
    try:
        check_resolution(draft, kind=view.kind, category=view.category, is_late=bool(view.missed))
    except InvalidInput as error:
        errors |= errors_of(error)
    if errors:
        return _show(view, ResolveForm(typed, errors)), 422
    try:
        _resolve(number, draft, typed)
    except InvalidInput as error:
        # A promise may have run out while the form was open: then the page asks why from now on.
        return _show(_view(number), ResolveForm(typed, errors_of(error))), 422
    except Conflict as error:
        return _refused(number, typed, error), 409
    flash(_("Selesai. Jawaban sedang dikirim.") if draft.answer else _("Selesai."), "success")
    return back(number, "end")


def _resolve(number: str, draft: ResolutionDraft, typed: Mapping[str, str]) -> None:
    who, now, lender = viewer(), runtime().now(), runtime().lender
    seen = typed.get("seen_message_id", "")
    seen_id = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None

    def act(session: Session) -> None:
        ticket_id = ticket_id_of(session, who, number)
        once(
            session, ticket_id, "resolve", typed.get("key", ""), repr(draft), now=now,
            act=lambda: complaints.resolve(
                session, ticket_id, draft, author_id=who.user_id, actor=who.actor, seen_message_id=seen_id,
                lender=lender, now=now,
            ),
        )  # fmt: skip

    runtime().write(act)


def _draft(view: TicketView, typed: Mapping[str, str], errors: dict[str, str]) -> ResolutionDraft:
    """Return what was filled in; what cannot be read or sent joins `errors`, beside its field."""
    chosen = typed.get("disposition", "")
    disposition = Disposition(chosen) if chosen in set(Disposition) else None
    if disposition is None and view.kind is not TicketKind.COMPLAINT:
        disposition = Disposition.UPHELD  # an enquiry is answered; nobody was at fault
    is_undecided = disposition in _UNDECIDED or view.kind is not TicketKind.COMPLAINT
    cause = typed.get("root_cause") or (UNASSESSED if is_undecided else None)
    answer = typed.get("answer", "").strip()
    if answer:
        try:
            checked_text(answer)
        except InvalidInput as error:
            errors["answer"] = input_text(error)
    return ResolutionDraft(
        disposition,
        cause,
        _offers(typed, errors),
        answer,
        typed.get("summary", "").strip(),
        late_code=typed.get("late_reason", "").strip(),
        late_reason=typed.get("late_note", "").strip(),
    )


def _offers(typed: Mapping[str, str], errors: dict[str, str]) -> tuple[RedressOffer, ...]:
    offers = []
    for row in range(1, REDRESS_ROWS + 1):
        kind, amount = typed.get(f"redress_kind_{row}", ""), typed.get(f"redress_amount_{row}", "").strip()
        if kind in set(RedressKind):
            offers.append(_offer(RedressKind(kind), amount, f"redress_amount_{row}", errors))
        elif amount:
            errors[f"redress_kind_{row}"] = str(_("Pilih jenisnya, atau kosongkan jumlah uangnya."))
    return tuple(offers)


def _offer(kind: RedressKind, typed: str, field: str, errors: dict[str, str]) -> RedressOffer:
    try:
        amount = parse_rupiah(typed) if typed else None
    except InvalidInput:
        amount = 0
    if amount == 0 or (amount is None and needs_amount(kind)):
        errors[field] = input_text(InvalidInput("no amount", field=field, code="amount"))
    return RedressOffer(kind, amount)


def errors_of(error: InvalidInput) -> dict[str, str]:
    """Return a text per field; services.complaints names all missing facts at once, joined by commas."""
    if error.code != "resolution_incomplete":
        name = "answer" if error.code == "key_reused" else error.field
        return {_ANCHORS.get(name, name): input_text(error)}
    return {
        _ANCHORS.get(name, name): str(_MISSING[name]) for name in error.field.split(",") if name in _MISSING
    }


def _refused(number: str, typed: Mapping[str, str], error: Conflict) -> str:
    """Show the form again with the newest state of the ticket and every word kept."""
    seen = typed.get("seen_message_id", "")
    is_newer = error.code == "newer" and seen.isdigit()
    text = newer_text(number, int(seen)) if is_newer else conflict_text(error)
    return _show(_view(number), ResolveForm(typed, notice=text))


def _view(number: str) -> TicketView:
    who, now = viewer(), runtime().now()
    return runtime().read(lambda session: ticket_by_number(session, who, number, now=now))


def _show(view: TicketView, form: ResolveForm) -> str:
    now: datetime = runtime().now()
    refusable = not may_not_be_refused(view.category)
    return render_template(
        "tickets/resolve.html",
        t=view,
        form=form,
        composer=composer_of(view, now=now),
        key=secrets.token_urlsafe(18),
        words=value_words,
        zone=viewer().zone,
        last_words=_last_words(view.messages),
        dispositions=[
            (code.value, names)
            for code, names in DISPOSITION_NAMES.items()
            if refusable or code != "out_of_scope"
        ],
        kinds=[(code.value, names) for code, names in REDRESS_NAMES.items()],
        causes=load_root_causes(),
        late_reasons=late_reasons(),
        rows=range(1, REDRESS_ROWS + 1),
    )


def _last_words(messages: Sequence[MessageRow]) -> list[MessageRow]:
    """Return the last three messages of hers that tell something; her commands and short answers do not."""
    told = [
        message
        for message in messages
        if message.direction is Direction.IN
        and tells_something(message.text, facts=message.facts, has_files=bool(message.attachments))
    ]
    return told[-3:]


def _typed() -> dict[str, str]:
    return {name: value[:20_000] for name, value in request.form.items() if name != "csrf_token"}
