"""Scans of a batch: a PDF or photos, now or later, split by page and matched to the forms in order."""

from http import HTTPStatus
from io import BytesIO

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk import files
from helpdesk.domain.errors import Conflict, HelpdeskError, InvalidInput, NotFound
from helpdesk.queries import paper_scans
from helpdesk.queries.visibility import Action
from helpdesk.services import lwk_scans
from helpdesk.services.lwk_scans import Picture
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.errors import on_http, on_known
from helpdesk.views.fields import collect, parse_count, short_field
from helpdesk.views.lwk.blueprint import Typed, bp, refusal_text

MOST_BYTES = 60 * 1024 * 1024
"""Of one upload: 40 pages of a careless scanner."""
MOST_FILES = 100
MOST_NUMBER = 999_999
"""On a form."""


@bp.url_value_preprocessor
def let_scans_be_large(endpoint: str | None, _values: object) -> None:
    """Set before the token of the form is checked, which reads the whole request; nobody else may send so much."""
    if endpoint == "lwk.upload" and current_user.is_authenticated:
        request.max_content_length = MOST_BYTES


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say what to do; nothing of what was sent has been kept."""
    batch_id = (request.view_args or {}).get("batch_id", "")
    if request.endpoint != "lwk.upload":
        return on_http(error)
    try:
        return _scans_view(
            batch_id,
            Typed({}, {"scans": _("Terlalu besar. Kirim dalam beberapa bagian.")}),
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    except HelpdeskError as refusal:  # a batch that is not hers
        return on_known(refusal)


@bp.get("/<batch_id>/scans")
@requires(Action.ENTER_LWK)
def scans(batch_id: str) -> ResponseReturnValue:
    """The pages of a batch in their order, each with the form that it belongs to."""
    return _scans_view(batch_id, Typed())


@bp.post("/<batch_id>/scans")
@requires(Action.ENTER_LWK)
def upload(batch_id: str) -> ResponseReturnValue:
    """Take a PDF or photos; every page becomes a picture."""
    rt, who = runtime(), viewer()
    rt.read(lambda session: paper_scans.pages(session, who, batch_id))
    sent = [file.read() for file in request.files.getlist("scans") if file.filename]
    if not sent or len(sent) > MOST_FILES or who.user_id is None:
        return _scans_view(batch_id, Typed({}, {"scans": _("Pilih PDF atau foto.")}))
    try:
        sheets = _sheets(sent)
        with rt.storage.keeping(sheets) as keys:
            pictures = [Picture(*pair) for pair in zip(sheets, keys, strict=True)]
            now, user_id = rt.now(), who.user_id
            added, superfluous = rt.write(
                lambda session: lwk_scans.add_pages(
                    session, batch_id, pictures, user_id=user_id, actor=who.actor, now=now
                )
            )
    except InvalidInput as error:
        return _scans_view(batch_id, Typed({}, {"scans": _scan_text(error)}))
    except Conflict:
        return _scans_view(batch_id, Typed({}, {"scans": _("Terlalu banyak halaman untuk satu batch.")}))
    for key in superfluous:
        rt.storage.delete(key)
    flash(_("%(count)s halaman baru.", count=added), "success")
    return redirect(url_for(".scans", batch_id=batch_id), code=303)


@bp.post("/<batch_id>/scans/<int:page_id>")
@requires(Action.ENTER_LWK)
def change(batch_id: str, page_id: int) -> ResponseReturnValue:
    """Move or turn one page, or say what it is."""
    rt, who = runtime(), viewer()
    rows = rt.read(lambda session: paper_scans.pages(session, who, batch_id))[1]
    what, now = request.form.get("change", ""), rt.now()
    # To shift one page shifts those behind it, so all of them must be hers to see.
    if any(row.is_hidden for row in rows if what != "turn" or row.id == page_id):
        raise NotFound("not hers to arrange")
    try:
        rt.write(
            lambda session: lwk_scans.change_page(session, batch_id, page_id, what, actor=who.actor, now=now)
        )
    except Conflict as error:
        flash(refusal_text(error), "warning")
    return redirect(url_for(".scans", batch_id=batch_id, _anchor=f"page-{page_id}"), code=303)


@bp.post("/<batch_id>/scans/<int:page_id>/number")
@requires(Action.ENTER_LWK)
def read_number(batch_id: str, page_id: int) -> ResponseReturnValue:
    """The number on the page was read: it goes to that form, and the next unread page has the focus."""
    rt, who = runtime(), viewer()
    rows = rt.read(lambda session: paper_scans.pages(session, who, batch_id))[1]
    found = next((row for row in rows if row.id == page_id), None)
    if found is None or found.is_hidden:
        raise NotFound("not hers to see")
    name, form_no = f"no-{page_id}", None
    if request.form.get("do") != "undo":
        typed, errors = short_field("form_no"), dict[str, str]()
        form_no = collect(errors, lambda: parse_count(typed, field=name, most=MOST_NUMBER), None)
        if errors:
            return _scans_view(batch_id, Typed({name: typed}, errors))
    # Another number than the order says moves the pages behind it.
    if form_no != found.form_no and any(row.is_hidden for row in rows):
        raise NotFound("not hers to arrange")
    now = rt.now()
    before = rt.write(
        lambda session: lwk_scans.read_number(session, batch_id, page_id, form_no, actor=who.actor, now=now)
    )
    later = [row for row in rows if row.place > found.place and row.is_unread and not row.is_hidden]
    anchor = f"no-{later[0].id}" if later and form_no is not None else f"page-{page_id}"
    moved = page_id if before not in (None, form_no) else None
    there = url_for(".scans", batch_id=batch_id, moved=moved, before=moved and before, _anchor=anchor)
    return redirect(there, code=303)


@bp.get("/<batch_id>/scans/<int:page_id>.jpg")
@requires(Action.ENTER_LWK)
def page(batch_id: str, page_id: int) -> ResponseReturnValue:
    """The picture of a page."""
    rt, who = runtime(), viewer()
    found = rt.read(lambda session: paper_scans.page_of(session, who, batch_id, page_id))
    answer: Response = send_file(
        BytesIO(rt.storage.get(str(found.storage_key))),
        mimetype=found.media_type,
        conditional=True,
        etag=str(found.storage_key),
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _sheets(sent: list[bytes]) -> list[bytes]:
    """Return the pages of all files. Raises InvalidInput (`too_many_pages`) before the rest is looked at."""
    sheets: list[bytes] = []
    for content in sent:
        sheets.extend(files.sheets_of(content))
        if len(sheets) > lwk_scans.MOST_PAGES:
            raise InvalidInput("more pages than a batch has", field="scans", code="too_many_pages")
    return sheets


def _scan_text(error: InvalidInput) -> str:
    if error.code == "too_many_pages":
        return str(_("Terlalu banyak halaman untuk satu batch."))
    if error.code in ("file_type", "empty_file"):
        return str(_("Pilih PDF atau foto."))
    return str(_("File ini tidak bisa dibuka. Pindai sekali lagi."))


def _scans_view(
    batch_id: str, typed: Typed, *, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> ResponseReturnValue:
    """Show the pages; `status` where something is wrong with what was sent."""
    who = viewer()
    (batch, rows), unscanned = runtime().read(
        lambda session: (
            paper_scans.pages(session, who, batch_id),
            paper_scans.forms_without_page(session, who, batch_id),
        )
    )
    page = render_template(
        "lwk/scans.html",
        batch=batch,
        rows=rows,
        errors=typed.errors,
        typed=typed.values,
        unread_count=sum(1 for row in rows if row.is_unread),
        unscanned=unscanned,
        moved=request.args.get("moved", type=int),
        before=request.args.get("before", type=int),
        may_arrange=not any(row.is_hidden for row in rows),
    )
    return page, status if typed.errors else HTTPStatus.OK
