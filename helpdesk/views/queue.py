"""The queue: saved views, the filter, live rows, search, and acts on several tickets at once."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import HelpdeskError, InvalidInput, NotFound
from helpdesk.domain.numbers import parse_number
from helpdesk.domain.search import is_unsearchable
from helpdesk.queries import agents
from helpdesk.queries import queue as rows
from helpdesk.queries.agents import AgentRow
from helpdesk.queries.filters import View
from helpdesk.queries.paging import Page
from helpdesk.queries.queue import QueueCounts, QueueFilter, QueueRow, parse_filter
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action, Viewer, can, require
from helpdesk.services import merging, tickets
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.formatting import language_of, ticket_number
from helpdesk.views.input_texts import conflict_text, input_text
from helpdesk.views.shipped_names import shipped
from helpdesk.views.sla_chip import ChipView, chip_for

bp = Blueprint("queue", __name__)

MAX_BULK = 200

VIEW_NAMES: Mapping[View, LazyString] = {
    View.URGENT: lazy_gettext("Mendesak"),
    View.MINE: lazy_gettext("Milik saya"),
    View.UNASSIGNED: lazy_gettext("Belum diambil"),
    View.PENDING: lazy_gettext("Menunggu Mitra"),
    View.REOPENED: lazy_gettext("Dibuka lagi"),
    View.FRAUD: lazy_gettext("Penipuan"),
    View.LWK: lazy_gettext("Form LWK"),
    View.ALL: lazy_gettext("Semua"),
    View.SET_ASIDE: lazy_gettext("Disisihkan"),
    View.RETURNED: lazy_gettext("Kembali ke antrean"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as macros/ticket.html draws it."""

    number: str
    subject: str
    severity: str
    contact: str
    branch: str
    channel: str
    status: str
    assignee: str | None
    is_unread: bool
    is_unheard: bool
    chip: ChipView


@dataclass(frozen=True, slots=True)
class RailEntry:
    """A saved view in the rail; `count` is None where nothing is counted."""

    view: str
    name: str
    count: int | None
    is_current: bool
    key: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for, before it is understood."""

    view: str
    filter: str
    after: str | None

    @property
    def arguments(self) -> dict[str, str]:
        """Everything but the page, for links."""
        return {"view": self.view} | ({"filter": self.filter} if self.filter else {})

    def address(self, after: str | None = None) -> str:
        """Return the address of a page of this list."""
        return f"/queue?{urlencode(self.arguments | ({'after': after} if after else {}))}"


def _asked() -> _Asked:
    given = request.values
    return _Asked(
        given.get("view") or View.URGENT, given.get("filter", "").strip(), given.get("after") or None
    )


@bp.get("/queue")
@requires(Action.READ_QUEUE)
def index() -> ResponseReturnValue:
    """One page of a view, soonest due first."""
    asked, who, now = _asked(), viewer(), runtime().now()
    error, wanted = "", QueueFilter()
    try:
        wanted = parse_filter(asked.filter, view=asked.view)
    except InvalidInput as refused:
        if refused.field == "view":
            raise NotFound(f"no view {asked.view}") from refused
        error = input_text(refused)

    found = runtime().read(
        lambda session: _find(session, who, None if error else wanted, asked.after, now=now)
    )
    rail = _rail(found.counts, asked.view)
    body = render_template(
        "queue/queue.html",
        asked=asked,
        zone=who.zone,
        lines=_lines(found.page, who, now),
        rail=rail,
        current=next(entry for entry in rail if entry.is_current),
        people=found.people,
        etag=found.etag,
        live_arguments=asked.arguments | ({"after": asked.after} if asked.after else {}),
        unassigned_count=found.counts.views[View.UNASSIGNED],
        error=error,
        is_unsearchable=wanted.is_unsearchable,
        may_assign=can(who, Action.ASSIGN),
        may_merge=can(who, Action.CLASSIFY),
        next_url=asked.address(found.page.next) if found.page.next else "",
    )
    return body, 422 if error else 200


@dataclass(frozen=True, slots=True)
class _Found:
    page: Page[QueueRow]
    counts: QueueCounts
    etag: str
    people: tuple[AgentRow, ...]


def _find(
    session: Session, who: Viewer, wanted: QueueFilter | None, after: str | None, *, now: datetime
) -> _Found:
    """Read the whole page on one view of the database; without a filter it has no rows."""
    page: Page[QueueRow] = Page((), None)
    if wanted is not None:
        page = rows.queue_page(session, who, wanted, now=now, after=after)
    return _Found(
        page=page,
        counts=rows.counts(session, who),
        etag=_etag(session, who, now),
        people=agents.workload(session, who) if can(who, Action.ASSIGN) else (),
    )


@bp.get("/queue/rows")
@requires(Action.READ_QUEUE)
def live_rows() -> ResponseReturnValue:
    """The same rows as a fragment; 304 while no ticket changed within the minute."""
    asked, who, now = _asked(), viewer(), runtime().now()
    wanted = parse_filter(asked.filter, view=asked.view)
    etag = runtime().read(lambda session: _etag(session, who, now))
    if request.if_none_match.contains(etag):
        return _with_etag(Response(status=304), etag)
    page = runtime().read(lambda session: rows.queue_page(session, who, wanted, now=now, after=asked.after))
    body = render_template(
        "queue/_rows.html", lines=_lines(page, who, now), may_assign=can(who, Action.ASSIGN)
    )
    return _with_etag(Response(body, content_type="text/html; charset=utf-8"), etag)


@bp.get("/search")
@requires(Action.READ_TICKET)
def search() -> ResponseReturnValue:
    """Tickets that hold all words; a whole number leads straight to its ticket."""
    who, now, q = viewer(), runtime().now(), request.args.get("q", "").strip()
    number = parse_number(q)
    if number is not None and _is_visible(who, number):
        return redirect(url_for("tickets.ticket", number=number), 303)
    error = ""
    page: Page[QueueRow] = Page((), None)
    try:
        wanted = QueueFilter(view=View.ALL, q=q)
        if q:
            after = request.args.get("after")
            page = runtime().read(lambda s: rows.queue_page(s, who, wanted, now=now, after=after))
    except InvalidInput as refused:
        error = input_text(refused)
    next_url = url_for(".search", q=q, after=page.next) if page.next else ""
    body = render_template(
        "queue/search.html",
        q=q,
        zone=who.zone,
        lines=_lines(page, who, now),
        error=error,
        is_unsearchable=is_unsearchable(q),
        next_url=next_url,
        may_assign=False,
    )
    return body, 422 if error else 200


@bp.post("/queue/bulk")
@requires(Action.ASSIGN)
def bulk() -> ResponseReturnValue:
    """Take, hand over or merge the chosen tickets, each on its own: one that fails stops no other."""
    asked, person = _asked(), request.form.get("assignee", "")
    numbers = list(dict.fromkeys(request.form.getlist("number")))[:MAX_BULK]
    is_taking = request.form.get("action") == "take"
    if not numbers:
        flash(_("Pilih dulu satu tiket atau lebih."), "warning")
    elif request.form.get("action") == "merge":
        _merge(numbers)
    elif not is_taking and not person:
        flash(_("Pilih dulu petugasnya."), "warning")
    else:
        _do_each(numbers, _take if is_taking else _hand_to(person))
    return redirect(asked.address(), 303)


def _merge(numbers: list[str]) -> None:
    """Merge the chosen tickets into the one that was received first."""
    who = viewer()
    require(who, Action.CLASSIFY)
    first = runtime().read(lambda session: rows.first_received(session, who, numbers))
    others = [number for number in numbers if number != first]
    if first is None or not others:
        flash(_("Pilih dulu dua tiket atau lebih dari satu Mitra."), "warning")
    else:
        _do_each(others, _merge_into(first))


def _merge_into(target: str) -> "_Act":
    def act(session: Session, who: Viewer, number: str, now: datetime) -> None:
        source_id, target_id = (ticket_id_of(session, who, each) for each in (number, target))
        merging.merge(session, source_id, target_id=target_id, actor=who.actor, now=now)

    return act


def _do_each(numbers: list[str], act: "_Act") -> None:
    """Act on each ticket and tell what came of it."""
    failed = [(number, reason) for number in numbers if (reason := _attempt(act, number))]
    done = len(numbers) - len(failed)
    if done:
        flash(ngettext("%(num)s tiket berhasil.", "%(num)s tiket berhasil.", done), "success")
    for number, reason in failed:
        flash(_("%(number)s gagal: %(reason)s", number=ticket_number(number), reason=reason), "error")


_Act = Callable[[Session, Viewer, str, datetime], None]


def _take(session: Session, who: Viewer, number: str, now: datetime) -> None:
    ticket_id = ticket_id_of(session, who, number)
    if who.user_id is not None:
        tickets.claim(session, ticket_id, user_id=who.user_id, actor=who.actor, now=now)


def _hand_to(public_id: str) -> _Act:
    def act(session: Session, who: Viewer, number: str, now: datetime) -> None:
        ticket_id = ticket_id_of(session, who, number)
        person = agents_by_id(session, who, number).get(public_id)
        if person is None:
            raise InvalidInput("not in the ticket's team", field="assignee", code="not_assignable")
        # A list shows no more than a name: what somebody else has is moved on its own page, or by a supervisor.
        seen = None if can(who, Action.REASSIGN) else _own_or_nobodys(session, ticket_id, who)
        tickets.assign(session, ticket_id, assignee_id=person, seen_assignee=seen, actor=who.actor, now=now)

    return act


def _own_or_nobodys(session: Session, ticket_id: int, who: Viewer) -> str:
    return who.public_id if agents.assignee_of(session, ticket_id) == who.public_id else ""


def agents_by_id(session: Session, who: Viewer, number: str) -> Mapping[str, int]:
    """Return the row ids of those who may be given the ticket, by public id."""
    return {person.public_id: person.id for person in agents.assignable(session, who, number)}


def _is_visible(who: Viewer, number: str) -> bool:
    try:
        runtime().read(lambda session: ticket_id_of(session, who, number))
    except NotFound:
        return False
    return True


def _attempt(act: _Act, number: str) -> str:
    """Do one ticket; return why it failed, empty when it did not."""
    who, now = viewer(), runtime().now()
    try:
        runtime().write(lambda session: act(session, who, number, now))
    except InvalidInput as error:
        return input_text(error)
    except HelpdeskError as error:
        return conflict_text(error)
    return ""


def _lines(page: Page[QueueRow], who: Viewer, now: datetime) -> list[Line]:
    return [line_of(row, who, now=now) for row in page.items]


def line_of(row: QueueRow, who: Viewer, *, now: datetime) -> Line:
    """Return a row of the queue with its chip, in the viewer's zone."""
    if row.chip is None:
        chip = chip_for(None, state="none", now=now, zone=who.zone)
    else:
        state = "paused" if row.chip.is_paused else "running"
        chip = chip_for(row.chip.due_at, state=state, now=now, zone=who.zone, started_at=row.chip.started_at)
    return Line(
        number=row.number,
        subject=row.subject,
        severity=row.severity,
        contact=row.contact,
        branch=row.unit,
        channel=row.channel,
        status=row.status,
        assignee=row.assignee,
        is_unread=row.is_unread,
        is_unheard=row.is_unheard,
        chip=chip,
    )


def _rail(counts: QueueCounts, current: str) -> list[RailEntry]:
    entries = [
        RailEntry(view, str(name), counts.views.get(view), view == current, str(at))
        for at, (view, name) in enumerate(VIEW_NAMES.items(), start=1)
    ]
    if len(counts.teams) > 1:
        for team in counts.teams:
            view = f"team:{team.code}"
            entries.append(RailEntry(view, shipped(team.name), team.count, view == current, ""))
    if not any(entry.is_current for entry in entries):
        name = current.removeprefix("team:")
        entries.append(RailEntry(current, name, 0, is_current=True, key=""))
    return entries


def _etag(session: Session, who: Viewer, now: datetime) -> str:
    """Return the mark of this viewer's rows. Chips count minutes, so a new minute is new rows."""
    parts = (who.public_id, language_of(None), rows.latest_change(session), now.strftime("%Y%m%d%H%M"))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]


def _with_etag(answer: Response, etag: str) -> Response:
    answer.set_etag(etag)
    return answer
