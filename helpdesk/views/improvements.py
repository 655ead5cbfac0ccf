"""The improvement board: findings made from complaints, owned, decided, and told to those who complained."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.queries import improvements as board
from helpdesk.queries.improvements import ImprovementStatus
from helpdesk.queries.periods import day_start, local_date
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import idempotency, improvements
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.days import day_text, read_day
from helpdesk.views.formatting import language_of
from helpdesk.views.input_texts import input_text

bp = Blueprint("improvements", __name__)

DEFAULT_WEEKS = 4
"""How far back tickets are linked when the address names no week."""
MAX_FINDING = 4000

COLUMNS: Mapping[ImprovementStatus, LazyString] = {
    ImprovementStatus.NEW: lazy_gettext("Baru"),
    ImprovementStatus.INVESTIGATING: lazy_gettext("Diselidiki"),
    ImprovementStatus.FIXING: lazy_gettext("Diperbaiki"),
    ImprovementStatus.TOLD: lazy_gettext("Dikabari"),
}

Errors = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form of a new finding holds, as typed."""

    title: str = ""
    finding: str = ""
    category: str = ""
    due_on: str = ""
    since: str = ""
    until: str = ""
    key: str = ""

    @property
    def content(self) -> str:
        """A mark of everything typed, for a form that was sent twice."""
        parts = (self.title, self.finding, self.category, self.due_on, self.since, self.until)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """A draft that was understood. `until` is the first day that no longer counts."""

    title: str
    finding: str
    category: str | None
    due_on: date | None
    since: date | None
    until: date | None


@bp.get("/improvements")
@requires(Action.READ_TRENDS)
def index() -> ResponseReturnValue:
    """The four columns."""
    who, today = viewer(), _today()
    columns = runtime().read(lambda session: board.improvement_board(session, who))
    return render_template(
        "improvements/index.html",
        columns=columns,
        names=COLUMNS,
        today=today,
        may_edit=can(who, Action.EDIT_IMPROVEMENTS),
        day_text=day_text,
    )


@bp.get("/improvements/new")
@requires(Action.EDIT_IMPROVEMENTS)
def new() -> ResponseReturnValue:
    """The form, filled in from a trend where the address names one."""
    today, week = _today(), request.args.get("week", "")
    try:
        since = read_day(week, field="week") or today - timedelta(weeks=DEFAULT_WEEKS)
    except InvalidInput:
        since = today - timedelta(weeks=DEFAULT_WEEKS)
    category = request.args.get("category", "").upper()
    known = taxonomy.CATEGORIES.get(category)
    draft = Draft(
        title=_title_for(known) if known else "",
        category=known.code if known else "",
        since=since.isoformat(),
        until=today.isoformat(),
        key=secrets.token_urlsafe(16),
    )
    return _form(draft, {})


@bp.post("/improvements/new")
@requires(Action.EDIT_IMPROVEMENTS)
def create() -> ResponseReturnValue:
    """Open the finding and link the tickets of its category."""
    who, now = viewer(), runtime().now()
    fields = ("title", "finding", "category", "due_on", "since", "until", "key")
    draft = Draft(**{name: request.form.get(name, "").strip() for name in fields})
    finding, errors = _read(draft)
    if finding is None:
        return _form(draft, errors), 422
    read = finding
    try:
        public_id, count = runtime().write(lambda session: _open(session, who, draft, read, now=now))
    except InvalidInput as refused:
        return _form(draft, {refused.field: input_text(refused)}), 422
    words = ngettext("Perbaikan dibuat, %(num)s tiket.", "Perbaikan dibuat, %(num)s tiket.", count)
    flash(words, "success")
    return redirect(url_for(".page", public_id=public_id), 303)


@bp.get("/improvements/<public_id>")
@requires(Action.READ_TRENDS)
def page(public_id: str) -> ResponseReturnValue:
    """One finding with the tickets that this person may see."""
    return _page(public_id, {})


@bp.post("/improvements/<public_id>/move")
@requires(Action.EDIT_IMPROVEMENTS)
def move(public_id: str) -> ResponseReturnValue:
    """Move it to another column; leaving the investigation needs a decision."""
    who, now = viewer(), runtime().now()
    wanted, decision = request.form.get("status", ""), request.form.get("decision", "").strip()
    if wanted not in set(ImprovementStatus):
        return _page(public_id, {"status": _("Pilih status dari daftar.")}), 422
    status = ImprovementStatus(wanted)
    try:
        runtime().write(
            lambda session: improvements.move(
                session, public_id, status, decision=decision, actor=who.actor, now=now
            )
        )
    except InvalidInput:
        return _page(public_id, {"decision": _("Tulis keputusannya dulu.")}), 422
    flash(_("Pindah ke %(column)s.", column=COLUMNS[status]), "success")
    return redirect(url_for(".page", public_id=public_id), 303)


@bp.post("/improvements/<public_id>/tickets")
@requires(Action.EDIT_IMPROVEMENTS)
def add_ticket(public_id: str) -> ResponseReturnValue:
    """Link one ticket; only one that this person may see."""
    who, now, number = viewer(), runtime().now(), request.form.get("number", "").strip()
    try:
        is_new = runtime().write(lambda session: _link(session, who, public_id, number, now=now))
    except InvalidInput:
        return _page(public_id, {"number": _("Nomor ini tidak ada. Contoh: 4821-9375")}), 422
    flash(_("Tiket ditambahkan.") if is_new else _("Tiket ini sudah ada di sini."), "success")
    return redirect(url_for(".page", public_id=public_id), 303)


def _open(session: Session, who: Viewer, draft: Draft, finding: Finding, *, now: datetime) -> tuple[str, int]:
    """Return the public id and how many tickets were linked; a form sent twice makes one finding."""
    scope = f"improvement:{who.public_id}"
    if draft.key:
        earlier = idempotency.earlier_result(session, scope, draft.key, draft.content)
        if earlier is not None:
            return earlier["public_id"], int(earlier["count"])
    if who.user_id is None:
        raise NotFound("a finding is owned by a member of staff")
    row, count = improvements.create(
        session,
        title=finding.title,
        finding=finding.finding,
        category=finding.category,
        owner_id=who.user_id,
        point_id=who.point_id,
        due_on=finding.due_on,
        since=day_start(finding.since, who.zone) if finding.since else None,
        until=day_start(finding.until, who.zone) if finding.until else None,
        actor=who.actor,
        now=now,
    )
    if draft.key:
        result = {"public_id": row.public_id, "count": str(count)}
        idempotency.remember(session, scope, draft.key, draft.content, result=result, now=now)
    return row.public_id, count


def _link(session: Session, who: Viewer, public_id: str, number: str, *, now: datetime) -> bool:
    try:
        ticket_id_of(session, who, number)
    except NotFound:
        raise InvalidInput("no such ticket", field="number", code="unknown_number") from None
    row = improvements.by_public_id(session, public_id)
    return improvements.link(session, row, number, actor=who.actor, now=now)


def _read(draft: Draft) -> tuple[Finding | None, Errors]:
    """Return the draft as understood, or what is wrong with each field."""
    errors: dict[str, str] = {}
    days: dict[str, date | None] = {}
    if not draft.title:
        errors["title"] = _("Tulis judulnya.")
    if len(draft.finding) > MAX_FINDING:
        errors["finding"] = _("Teks terlalu panjang. Pendekkan dulu.")
    if draft.category and draft.category not in taxonomy.CATEGORIES:
        errors["category"] = _("Pilih kategori dari daftar.")
    for name in ("due_on", "since", "until"):
        try:
            days[name] = read_day(getattr(draft, name), field=name)
        except InvalidInput:
            errors[name] = _("Tulis tanggal, contoh 2026-08-31.")
    since, until = days.get("since"), days.get("until")
    if since and until and until < since:
        errors["until"] = _("Tanggal akhir sebelum tanggal mulai.")
    if errors:
        return None, errors
    following = until + timedelta(days=1) if until else None
    return Finding(
        draft.title, draft.finding, draft.category or None, days["due_on"], since=since, until=following
    ), {}


def _form(draft: Draft, errors: Errors) -> str:
    is_english = language_of(None) == "en"
    choices = [
        (each.code, f"{each.name_en if is_english else each.name_id} ({each.code})")
        for group in taxonomy.groups()
        for each in group.categories
    ]
    return render_template(
        "improvements/new.html",
        draft=draft,
        errors=errors,
        summary=list(errors.items()),
        categories=[("", _("Tanpa kategori")), *choices],
    )


def _page(public_id: str, errors: Errors) -> str:
    who = viewer()
    found = runtime().read(lambda session: board.improvement(session, who, public_id))
    return render_template(
        "improvements/page.html",
        found=found,
        names=COLUMNS,
        columns=[(status.value, str(name)) for status, name in COLUMNS.items()],
        errors=errors,
        summary=list(errors.items()),
        typed=request.form,
        today=_today(),
        may_edit=can(who, Action.EDIT_IMPROVEMENTS),
        may_see_tickets=can(who, Action.READ_TICKET),
        zone=who.zone,
        day_text=day_text,
    )


def _today() -> date:
    return local_date(runtime().now(), viewer().zone)


def _title_for(category: taxonomy.Category) -> str:
    name = category.name_en if language_of(None) == "en" else category.name_id
    return str(_("%(category)s naik", category=name))
