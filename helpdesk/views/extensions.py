"""The extension wizard: ground and reason, a look at the letter, and out it goes; letters to print."""

import secrets
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound, required
from helpdesk.domain.letters import Letter, letter
from helpdesk.domain.numbers import format_number
from helpdesk.domain.wording import Language, long_date
from helpdesk.queries.regulation import PeriodRow, RegulationView, regulation_of
from helpdesk.queries.ticket import TicketView, ticket_by_number, ticket_id_of
from helpdesk.queries.visibility import Action
from helpdesk.services import extensions
from helpdesk.services.extensions import ExtensionDraft, Preview
from helpdesk.sla.regulation import HANDLING, PARTY, Ground, rule
from helpdesk.sla.standing import Step
from helpdesk.views import regulation_words, value_words
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.input_texts import conflict_text, input_text
from helpdesk.views.ticket_page import composer_of
from helpdesk.views.tickets import FormState, once, typed_fields

bp = Blueprint("extensions", __name__)


@bp.get("/tickets/<number>/extension")
@requires(Action.REPLY)
def wizard(number: str) -> ResponseReturnValue:
    """Ask for ground and reason."""
    return _ask(number, FormState())


@bp.post("/tickets/<number>/extension/preview")
@requires(Action.REPLY)
def preview(number: str) -> ResponseReturnValue:
    """Show what she will read before it is sent; nothing is changed."""
    who, now, lender = viewer(), runtime().now(), runtime().lender
    try:
        draft = _draft()
    except InvalidInput as error:
        return _refused(number, error)

    def look(session: Session) -> Preview:
        return extensions.preview(session, ticket_id_of(session, who, number), draft, lender=lender, now=now)

    try:
        seen = runtime().write(look)  # it locks the ticket
    except (InvalidInput, Conflict) as error:
        return _refused(number, error)
    view, _regulation = _load(number)
    return render_template(
        "tickets/extension_preview.html",
        t=view,
        draft=draft,
        seen=seen,
        zone=who.zone,
        key=secrets.token_urlsafe(18),
        letter=_letter(view, draft.code, ground=seen.ground, reason=draft.reason, party=draft.party,
                       before=seen.due_before, after=seen.due_after),
        composer=composer_of(view, now=now),
    )  # fmt: skip


@bp.post("/tickets/<number>/extension")
@requires(Action.REPLY)
def extend(number: str) -> ResponseReturnValue:
    """Extend, and send the notice with it."""
    who, now, lender, draft = viewer(), runtime().now(), runtime().lender, _draft()
    key = request.form.get("key", "")[:100]

    def write(session: Session) -> None:
        ticket_id = ticket_id_of(session, who, number)
        once(
            session, ticket_id, "extension", key, repr(draft), now=now,
            act=lambda: extensions.extend(session, ticket_id, draft, actor=who.actor, lender=lender, now=now),
        )  # fmt: skip

    try:
        runtime().write(write)
    except (InvalidInput, Conflict) as error:
        return _refused(number, error)
    flash(_("Waktu diperpanjang. Pemberitahuan sedang dikirim."), "success")
    return redirect(url_for("tickets.ticket", number=number), 303)


@bp.get("/tickets/<number>/extensions/<int:extension_id>/letter")
@requires(Action.READ_TICKET)
def extension_letter(number: str, extension_id: int) -> ResponseReturnValue:
    """The notice of an extension on paper."""
    view, regulation = _load(number)
    row = next((each for each in regulation.extensions if each.id == extension_id), None)
    if row is None or row.ground is None:
        raise NotFound("no such extension")
    words = _letter(
        view, row.code, ground=row.ground, reason=row.reason, party=row.party or "", before=row.due_before,
        after=row.due_after,
    )  # fmt: skip
    return _printed(view, words, at=row.at)


@bp.get("/tickets/<number>/periods/<int:period_id>/letter")
@requires(Action.READ_TICKET)
def documents_letter(number: str, period_id: int) -> ResponseReturnValue:
    """What is missing and until when, on paper; after an extension the new date."""
    view, regulation = _load(number)
    row = next((each for each in regulation.periods if each.id == period_id), None)
    if row is None or row.is_by_hand:
        raise NotFound("no such letter")
    return _printed(view, _documents_letter(view, row), at=row.extended_at or row.started_at)


def _ask(number: str, state: FormState) -> str:
    view, regulation = _load(number)
    return render_template(
        "tickets/extension.html",
        t=view,
        reg=regulation,
        state=state,
        zone=viewer().zone,
        grounds=_grounds(),
        law=regulation_words,
        words=value_words,
    )


def _refused(number: str, error: InvalidInput | Conflict) -> ResponseReturnValue:
    if isinstance(error, InvalidInput):
        return _ask(number, FormState("extend", typed_fields(), {error.field: input_text(error)})), 422
    return _ask(number, FormState("extend", typed_fields(), notice=conflict_text(error))), 409


def _grounds() -> tuple[Ground, ...]:
    extension = rule(HANDLING).extension
    return extension.grounds if extension else ()


def _draft() -> ExtensionDraft:
    """Return what was filled in. Raises InvalidInput where the form asked for a party and has none."""
    form = request.form
    if form.get("step") == Step.EXTEND_FOR_PARTY:
        required(form.get("party", "").strip(), "party")
    return ExtensionDraft(form.get("ground", ""), form.get("reason", ""), form.get("party", ""))


def _load(number: str) -> tuple[TicketView, RegulationView]:
    who, now = viewer(), runtime().now()

    def load(session: Session) -> tuple[TicketView, RegulationView]:
        view = ticket_by_number(session, who, number, now=now)
        return view, regulation_of(session, view.id, now=now)

    return runtime().read(load)


def _printed(view: TicketView, words: Letter, *, at: datetime) -> str:
    return render_template("tickets/notice.html", t=view, letter=words, at=at)


def _letter(
    view: TicketView,
    code: str,
    *,
    ground: Ground,
    reason: str,
    party: str,
    before: datetime,
    after: datetime,
) -> Letter:
    language = Language(view.language)
    extension = rule(code).extension
    values = _common(view) | {
        "tgl_lama": _last_day(before, view),
        "tgl": _last_day(after, view),
        "sebab": ground.name_en if language is Language.EN else ground.name_id,
        "alasan": reason.strip(),
        "pihak": party.strip(),
        "pasal": extension.article if extension else "",
    }
    return letter("third_party" if code == PARTY else "extension", language=language, values=values)


def _documents_letter(view: TicketView, row: PeriodRow) -> Letter:
    language = Language(view.language)
    is_english = language is Language.EN
    extension = rule(row.code).extension
    values = _common(view) | {
        "tgl": _last_day(row.due_at, view),
        "hal": row.subject_en if is_english else row.subject_id,
    }
    if row.extension_ground is None or extension is None:
        return letter("documents", language=language, values=values)
    ground = extension.ground(row.extension_ground)
    # The ground's name speaks about her, to staff; the letter speaks to her, as the message did.
    values["sebab"] = ground.says_en if is_english else ground.says_id
    return letter("documents_extension", language=language, values=values)


def _last_day(due_at: datetime, view: TicketView) -> str:
    """Return the day that ends at the due instant, with its year."""
    return long_date(due_at - timedelta(seconds=1), zone=view.zone, language=Language(view.language))


def _common(view: TicketView) -> dict[str, str]:
    return {
        "nomor": format_number(view.number),
        "tgl_terima": long_date(view.received_at, zone=view.zone, language=Language(view.language)),
    }
