"""The audit trail: who did what and when, and the check that nothing in it was changed."""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.numbers import parse_number
from helpdesk.queries import admin, audit_check
from helpdesk.queries import audit as entries
from helpdesk.queries.admin import UserRow
from helpdesk.queries.audit import AuditFilter, AuditRow
from helpdesk.queries.paging import Page
from helpdesk.queries.visibility import Action, can
from helpdesk.services import trail
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.audit_words import ACTORS, actor_text, kind_choices, kind_text, pairs
from helpdesk.views.input_texts import input_text

bp = Blueprint("audit", __name__)

_KIND = re.compile(r"[a-z_]{1,40}")


@bp.get("/audit")
@requires(Action.READ_AUDIT)
def index() -> ResponseReturnValue:
    """A page of the trail, newest first. Reading it is an entry too."""
    who, now = viewer(), runtime().now()
    typed = {name: request.args.get(name, "").strip()[:80] for name in ("number", "actor", "kind")}
    wanted, errors = _read(typed)
    page: Page[AuditRow] = Page((), None)
    people: tuple[UserRow, ...] = ()
    try:
        page, people = runtime().read(lambda session: _find(session, wanted))
    except InvalidInput as refused:
        errors = {**errors, "": input_text(refused)}
    data = {name: value for name, value in typed.items() if value and name not in errors}
    runtime().write(lambda session: _note(session, "audit_read", data, actor=who.actor, now=now))
    kept = {name: value for name, value in typed.items() if value}
    body = render_template(
        "audit/index.html",
        rows=page.items,
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        actors=_actor_choices(people, typed["actor"]),
        kinds=kind_choices(typed["kind"]),
        kind_text=kind_text,
        actor_text=actor_text,
        pairs=pairs,
        people={user.public_id: user.name for user in people},
        zone=who.zone,
        may_see_tickets=can(who, Action.READ_TICKET),
        next_url=f"/audit?{urlencode(kept | {'after': page.next})}" if page.next else "",
        first_url=f"/audit?{urlencode(kept)}" if request.args.get("after") else "",
    )
    return body, 422 if errors else 200


@bp.post("/audit/verify")
@requires(Action.READ_AUDIT)
def verify() -> ResponseReturnValue:
    """Check every chain and keep what came of it."""
    who, now = viewer(), runtime().now()
    broken = runtime().snapshot(audit_check.verify)
    data = {"broken": f"{broken.chain} #{broken.serial}"} if broken else {"broken": ""}
    runtime().write(lambda session: _note(session, "audit_verified", data, actor=who.actor, now=now))
    if broken is None:
        flash(_("Semua rantai utuh. Tidak ada catatan yang diubah."), "success")
    else:
        flash(
            _("Rantai %(chain)s putus di catatan %(serial)s.", chain=broken.chain, serial=broken.serial),
            "danger",
        )
    return redirect(url_for(".index"), 303)


def _find(session: Session, wanted: AuditFilter) -> tuple[Page[AuditRow], tuple[UserRow, ...]]:
    after = request.args.get("after") or None
    return entries.audit_page(session, viewer(), wanted, after=after), admin.users(session)


def _note(session: Session, kind: str, data: dict[str, str], *, actor: str, now: datetime) -> None:
    trail.audit(session, kind, actor=actor, at=now, data=data)


def _read(typed: Mapping[str, str]) -> tuple[AuditFilter, dict[str, str]]:
    """Return the filter and what is wrong; what is wrong narrows to nothing."""
    errors: dict[str, str] = {}
    if typed["number"] and parse_number(typed["number"]) is None:
        errors["number"] = _("Nomor ini tidak benar. Contoh: 4821-9375")
    if typed["kind"] and not _KIND.fullmatch(typed["kind"]):
        errors["kind"] = _("Pilih jenis dari daftar.")
    return AuditFilter(number=typed["number"], actor=typed["actor"], kind=typed["kind"]), errors


def _actor_choices(people: tuple[UserRow, ...], chosen: str) -> list[tuple[str, str]]:
    """Return everybody who can have acted; one that is not among them (a token) stays chosen."""
    fixed = [("", _("Semua")), *((code, str(name)) for code, name in ACTORS.items())]
    choices = [*fixed, *((f"user:{user.public_id}", f"{user.name} ({user.email})") for user in people)]
    if chosen not in {code for code, _name in choices}:
        choices.append((chosen, chosen))
    return choices
