"""The SLA board on a desk, every number a link to its queue, and the wall, which names nobody."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.domain.taxonomy import groups
from helpdesk.queries.dashboard import sla_board
from helpdesk.queries.filters import QueueFilter, filter_text
from helpdesk.queries.health import SILENT, guard
from helpdesk.queries.queue import QueueRow, latest_change
from helpdesk.queries.visibility import Action, Viewer
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.formatting import language_of
from helpdesk.views.shipped_names import shipped
from helpdesk.views.sla_chip import ChipView, chip_for

bp = Blueprint("dashboard", __name__)

ON_TIME_TARGET = 0.95
"""Share of promises to be kept (design.md W5)."""


@dataclass(frozen=True, slots=True)
class UrgentLine:
    """An open S1 ticket: what and whose, never who complained."""

    number: str
    category_id: str | None
    category_en: str | None
    group_id: str
    group_en: str
    """The group of its category, short enough for the wall; empty without one."""
    is_restricted: bool
    team: str
    assignee: str | None
    chip: ChipView


@bp.get("/dashboard")
@requires(Action.READ_DASHBOARD)
def index() -> ResponseReturnValue:
    """The board with the links of a desk."""
    return render_template("dashboard/index.html", etag=_etag(viewer(), runtime().now()), **_board())


@bp.get("/dashboard/board")
@requires(Action.READ_DASHBOARD)
def live_board() -> ResponseReturnValue:
    """Its changing part alone; 304 while no ticket changed within the minute."""
    etag = _etag(viewer(), runtime().now())
    if request.if_none_match.contains(etag):
        answer = Response(status=304)
    else:
        answer = Response(
            render_template("dashboard/_board.html", **_board()), content_type="text/html; charset=utf-8"
        )
    answer.set_etag(etag)
    return answer


@bp.get("/wall")
@requires(Action.READ_DASHBOARD)
def wall() -> ResponseReturnValue:
    """The board to be read from four metres."""
    return render_template("dashboard/wall.html", **_board())


@bp.get("/wall/board")
@requires(Action.READ_DASHBOARD)
def live_wall() -> ResponseReturnValue:
    """Its changing part, always anew: js/wall.js tells the age of what it shows by its arrival."""
    return render_template("dashboard/_wall.html", **_board())


def queue_url(wanted: QueueFilter) -> str:
    """Return the address of the queue that a number counts."""
    text = filter_text(wanted)
    return f"/queue?{urlencode({'view': wanted.view} | ({'filter': text} if text else {}))}"


def _board() -> Mapping[str, object]:
    who, now = viewer(), runtime().now()
    board = runtime().read(lambda session: sla_board(session, who, now=now))
    return {
        "board": board,
        "urgent": [_urgent_line(row, now=now, zone=who.zone) for row in board.open_s1],
        "zone": who.zone,
        "now": now,
        "target": ON_TIME_TARGET,
        "is_on_target": board.on_time_share is None or board.on_time_share >= ON_TIME_TARGET,
        "guard": board.guard,
        "is_behind": board.guard.lag > SILENT,
        "queue_url": queue_url,
    }


def _urgent_line(row: QueueRow, *, now: datetime, zone: str) -> UrgentLine:
    if row.chip is None:
        chip = chip_for(None, state="none", now=now, zone=zone)
    else:
        state = "paused" if row.chip.is_paused else "running"
        chip = chip_for(row.chip.due_at, state=state, now=now, zone=zone, started_at=row.chip.started_at)
    group = next(
        (each for each in groups() if row.category and each.code == row.category.split("-")[0]), None
    )
    return UrgentLine(
        number=row.number,
        category_id=row.category_id,
        category_en=row.category_en,
        group_id=group.name_id if group else "",
        group_en=group.name_en if group else "",
        is_restricted=row.is_about_staff,
        team=shipped(row.team),
        assignee=row.assignee,
        chip=chip,
    )


def _etag(who: Viewer, now: datetime) -> str:
    change, state = runtime().read(lambda session: (latest_change(session), guard(session, now=now)))
    alarm = f"{state.is_silent}{state.lag > SILENT}"  # told at once, not at the next minute
    parts = (who.public_id, language_of(None), change, now.strftime("%Y%m%d%H%M"), alarm)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]
