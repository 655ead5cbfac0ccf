"""Samples of tickets for auditors: drawn by span, size and seed, so that the same one can be drawn again."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.queries import audit
from helpdesk.queries.audit import SampledTicket
from helpdesk.queries.periods import day_start, local_date
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import trail
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, parse_count, parse_day

bp = Blueprint("samples", __name__)

SIZE, MOST = 25, 200
SPAN = timedelta(days=30)
_SEEDS = 10_000
_FIELDS = ("since", "until", "size", "seed")


@dataclass(frozen=True, slots=True)
class _Draw:
    since: date
    until: date
    """The last day, inclusive."""
    size: int
    seed: int

    @property
    def typed(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in _FIELDS}


@bp.get("/audit/sample")
@requires(Action.READ_AUDIT)
def index() -> ResponseReturnValue:
    """The form; with its values in the address also the sample. Drawing one is an entry of the trail."""
    who, now = viewer(), runtime().now()
    today = local_date(now, who.zone)
    if not any(name in request.args for name in _FIELDS):
        first = _Draw(today - SPAN, today, SIZE, secrets.randbelow(_SEEDS))
        return _page(first.typed, {}, None), 200
    typed = {name: request.args.get(name, "").strip()[:20] for name in _FIELDS}
    wanted, errors = _read(typed, today)
    if wanted is None:
        return _page(typed, errors, None), 422
    draw = wanted
    found = runtime().read(lambda session: _sample(session, who, draw))
    entry = draw.typed | {"count": len(found)}
    runtime().write(lambda session: trail.audit(session, "sample_drawn", actor=who.actor, at=now, data=entry))
    return _page(draw.typed, {}, found), 200


def _read(typed: dict[str, str], today: date) -> tuple[_Draw | None, dict[str, str]]:
    """Return what is to be drawn, or what is wrong with each field; without a seed a new one is taken."""
    errors: dict[str, str] = {}
    since = collect(errors, lambda: parse_day(typed["since"], today=today, field="since"), None)
    until = collect(errors, lambda: parse_day(typed["until"], today=today, field="until"), None)
    size = collect(errors, lambda: parse_count(typed["size"], field="size", most=MOST), SIZE)
    seed = typed["seed"] or str(secrets.randbelow(_SEEDS))
    number = collect(errors, lambda: parse_count(seed, field="seed", least=0), 0)
    for name, day in (("since", since), ("until", until)):
        if day is None:
            errors.setdefault(name, _("Isi dulu bagian ini."))
    if since and until and until < since:
        errors["until"] = _("Tanggal akhir sebelum tanggal mulai.")
    if errors or since is None or until is None:
        return None, errors
    return _Draw(since, until, size, number), {}


def _sample(session: Session, who: Viewer, draw: _Draw) -> tuple[SampledTicket, ...]:
    since: datetime = day_start(draw.since, who.zone)
    until = day_start(draw.until + timedelta(days=1), who.zone)
    return audit.sample(session, who, since=since, until=until, size=draw.size, seed=draw.seed)


def _page(typed: dict[str, str], errors: dict[str, str], found: tuple[SampledTicket, ...] | None) -> str:
    who = viewer()
    return render_template(
        "audit/sample.html",
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        found=found,
        most=MOST,
        zone=who.zone,
        may_see_tickets=can(who, Action.READ_TICKET),
    )
