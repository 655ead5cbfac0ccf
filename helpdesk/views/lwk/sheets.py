"""Entry of one sheet after the other: the page, the look-up beside it, and what a sheet becomes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.phones import normalise_phone
from helpdesk.queries import paper, paper_entry, paper_scans
from helpdesk.queries.contacts import ContactRow
from helpdesk.queries.paper import BatchPage, BatchRow
from helpdesk.queries.paper_entry import Repeat
from helpdesk.queries.paper_scans import PageRow
from helpdesk.queries.visibility import Action, can
from helpdesk.services import entry
from helpdesk.services.lwk import FIELDS, PaperForm
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_amount, parse_count, parse_day, short_field
from helpdesk.views.formatting import ticket_number
from helpdesk.views.intake import phone_text, sealed_text, typist
from helpdesk.views.lwk.blueprint import FIELD_NAMES, MAX_FORM_NO, Typed, bp, refusal_text
from helpdesk.views.mitra import menu_name

MAX_LINE = 100
MAX_STORY = 10_000
NEW_PERSON = "new"
"""Picked in place of a Mitra: somebody who has that name, and whom we do not know."""
DIFFERENT = "different"
"""Picked in place of an earlier complaint: the form is another one."""

_LINES = ("mitra_id", "name", "phone", "majelis")
_SHEET = ("form_no", *_LINES, "contact", "choice", "occurred_on", "amount", "signature", "repeat", "key")
_YES, _NO = frozenset("yY1"), frozenset("tTnN0")


@dataclass(frozen=True, slots=True)
class Around:
    """Who the Mitra may be, who she is, and what the form may repeat."""

    people: tuple[ContactRow, ...] = ()
    contact: ContactRow | None = None
    repeats: tuple[Repeat, ...] = ()


@bp.get("/<batch_id>")
@requires(Action.READ_LWK)
def batch(batch_id: str) -> ResponseReturnValue:
    """Entry of the next sheet, beside the running tally; `form` names one that came in an envelope."""
    form_no = request.args.get("form", "")
    return batch_view(batch_id, Typed({"form_no": form_no} if form_no.isdecimal() else {}))


@bp.get("/<batch_id>/look-up")
@requires(Action.ENTER_LWK)
def look_up(batch_id: str) -> ResponseReturnValue:
    """What is known of the Mitra that is being typed, and of a likely repeat: a part of the page."""
    values = {
        name: request.args.get(name, "").strip()[:MAX_LINE] for name in ("mitra_id", "contact", "choice")
    }
    who = viewer()

    def load(session: Session) -> tuple[BatchRow, Around]:
        row = paper.batch_page(session, who, batch_id).batch
        return row, _around(session, row, values)

    row, around = runtime().read(load)
    return render_template(
        "lwk/_around.html", around=around, values=values, zone=row.zone, may_open=_may_open()
    )


@bp.post("/<batch_id>")
@requires(Action.ENTER_LWK)
def enter(batch_id: str) -> ResponseReturnValue:
    """Make one sheet a ticket, at once and for good."""
    rt, who = runtime(), viewer()
    values = {name: short_field(name) for name in _SHEET}
    values["text"] = request.form.get("text", "").replace("\0", "").strip()
    unreadable = tuple(name for name in FIELDS if name in request.form.getlist("unreadable"))

    def load(session: Session) -> tuple[BatchPage, Around, bool]:
        page = paper.batch_page(session, who, batch_id)
        return page, _around(session, page.batch, values), entry.has_entered(session, batch_id, values["key"])

    page, around, is_again = rt.read(load)
    errors: dict[str, str] = {}
    sheet = _sheet(values, page.batch, around, unreadable, errors)
    if not is_again and not can(who, Action.RECEIVE_SEALED) and sheet.form_no in page.sealed_nos:
        errors["form_no"] = refusal_text(Conflict("an envelope is opened at head office", code="form_no"))
    if errors or (_is_undecided(values, around) and not is_again):
        return batch_view(batch_id, Typed(values, errors, unreadable), around)
    now = rt.now()
    try:
        number = rt.write(
            lambda session: entry.enter_paper(
                session,
                batch_id,
                sheet,
                typist=typist(who),
                key=values["key"] or str(uuid.uuid4()),
                lender=rt.lender,
                now=now,
            )
        )
    except Forbidden:
        return _seal(batch_id, sheet.form_no, values)
    except InvalidInput as error:
        known = error.field if error.field in values else ""
        return batch_view(batch_id, Typed(values, {known: field_text(error)}, unreadable), around)
    except Conflict as error:
        return batch_view(batch_id, Typed(values, {"form_no": refusal_text(error)}, unreadable), around)
    _tell(sheet, number)
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _tell(sheet: PaperForm, number: str) -> None:
    told = {"form_no": sheet.form_no, "number": ticket_number(number)}
    if sheet.same_as:
        flash(_("Form %(form_no)s ditambahkan ke %(number)s", **told), "success")
    elif sheet.unreadable:
        flash(_("Form %(form_no)s tersimpan: %(number)s. Ditahan sampai Mitra ditelepon.", **told), "success")
    else:
        flash(_("Form %(form_no)s tersimpan: %(number)s", **told), "success")


def _seal(batch_id: str, form_no: int, values: Mapping[str, str]) -> ResponseReturnValue:
    """Keep the number of a sheet about staff, and nothing that it says."""
    rt, who = runtime(), viewer()
    now = rt.now()
    try:
        rt.write(lambda session: entry.seal_paper(session, batch_id, form_no, typist=typist(who), now=now))
    except Conflict as error:  # closed by another since it was looked at
        return batch_view(batch_id, Typed({"form_no": values["form_no"]}, {"form_no": refusal_text(error)}))
    flash(sealed_text(), "warning")
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _around(session: Session, row: BatchRow, values: Mapping[str, str]) -> Around:
    """Look up the Mitra and, once the problem is known too, what the form may repeat."""
    who = viewer()
    people = paper_entry.people(session, who, row.unit_id, values["mitra_id"])
    by_id = len(people) == 1 and any(sign.isdigit() for sign in values["mitra_id"])
    contact = next((each for each in people if by_id or each.public_id == values["contact"]), None)
    choice = values["choice"]
    if contact is None or choice not in {str(number) for number in taxonomy.MENU}:
        return Around(people, contact)
    found = paper_entry.repeats(
        session, who, contact.id, int(choice), received_on=row.received_on, zone=row.zone
    )
    return Around(people, contact, found)


def _is_undecided(values: Mapping[str, str], around: Around) -> bool:
    """Whether somebody has to say who she is, or whether the form repeats an earlier one."""
    answers = {DIFFERENT, *(each.number for each in around.repeats if each.can_join)}
    return bool(around.repeats) and values["repeat"] not in answers


def _sheet(
    values: Mapping[str, str],
    row: BatchRow,
    around: Around,
    unreadable: tuple[str, ...],
    errors: dict[str, str],
) -> PaperForm:
    """Read one sheet; everything wrong joins `errors`. It cannot tell of what happened after it was handed in."""
    _check_lines(values, errors)
    if around.people and around.contact is None and values["contact"] != NEW_PERSON:
        errors["mitra_id"] = _("Pilih Mitra dari daftar, atau orang baru.")
    read = {name for name in FIELDS if name not in unreadable}
    is_id = any(sign.isdigit() for sign in values["mitra_id"])
    given = values if "mitra" in read else dict(values) | dict.fromkeys(_LINES, "")
    return PaperForm(
        form_no=collect(errors, lambda: parse_count(values["form_no"], field="form_no", most=MAX_FORM_NO), 0),
        name=given["name"] or ("" if is_id else given["mitra_id"]),
        phone=given["phone"],
        mitra_id=given["mitra_id"] if is_id else "",
        majelis=given["majelis"],
        menu_choice=collect(errors, lambda: _menu_choice(values["choice"]), 0) if "choice" in read else None,
        occurred_on=collect(
            errors,
            lambda: parse_day(values["occurred_on"], today=row.received_on, field="occurred_on"),
            None,
        )
        if "occurred_on" in read
        else None,
        amount=collect(errors, lambda: parse_amount(values["amount"], field="amount"), None)
        if "amount" in read
        else None,
        text=values["text"],
        contact_id=around.contact.id if around.contact and "mitra" in read and not is_id else None,
        has_signature=collect(errors, lambda: _signature(values["signature"]), None)
        if "signature" in read
        else None,
        unreadable=unreadable,
        same_as=next((each.number for each in around.repeats if _is_joined(each, values["repeat"])), None),
    )


def _is_joined(row: Repeat, answer: str) -> bool:
    return row.can_join and row.number == answer


def _check_lines(values: Mapping[str, str], errors: dict[str, str]) -> None:
    for name in _LINES:
        if len(values[name]) > MAX_LINE:
            errors[name] = _("Terlalu panjang. Pendekkan dulu.")
    if len(values["text"]) > MAX_STORY:
        errors["text"] = _("Terlalu panjang. Pendekkan dulu.")
    is_new = short_field("phone_seen") != values["phone"]
    if "phone" not in errors and values["phone"] and is_new and normalise_phone(values["phone"]) is None:
        errors["phone"] = phone_text()


def _menu_choice(text: str) -> int:
    try:
        return parse_count(text, field="choice", most=max(taxonomy.MENU))
    except InvalidInput as error:
        raise InvalidInput(str(error), field="choice", code="menu_choice") from None


def _signature(text: str) -> bool | None:
    if not text:
        return None
    if text in _YES or text in _NO:
        return text in _YES
    raise InvalidInput("not yes or no", field="signature", code="yes_no")


def _may_open() -> bool:
    return can(viewer(), Action.READ_TICKET)


def batch_view(batch_id: str, typed: Typed, around: Around | None = None) -> ResponseReturnValue:
    """Show the page of a batch, with what was typed and what is wrong with it."""
    rt, who = runtime(), viewer()
    is_typist = can(who, Action.ENTER_LWK)

    def load(session: Session) -> tuple[BatchPage, tuple[PageRow, ...]]:
        found = paper.batch_page(session, who, batch_id)
        return found, paper_scans.pages(session, who, batch_id)[1] if is_typist else ()

    page, scanned = rt.read(load)
    values = {"form_no": str(page.next_form_no), "key": str(uuid.uuid4())} | dict(typed.values)
    around = around or Around()
    is_asked = _is_undecided({"repeat": ""} | values, around) and not typed.errors
    wanted = values["form_no"] if request.args.get("form") else ""
    is_envelope = wanted in {str(number) for number in page.sealed_nos}
    may_enter = is_typist and page.batch.closed_at is None
    html = render_template(
        "lwk/batch.html",
        batch=page.batch,
        forms=page.forms,
        gaps=page.gaps,
        pace=page.pace,
        around=around,
        zone=page.batch.zone,
        is_asked=is_asked,
        values=values,
        errors=typed.errors,
        unreadable=typed.unreadable,
        field_names=FIELD_NAMES,
        choices=", ".join(f"{each.number} {menu_name(each)}" for each in taxonomy.MENU.values()),
        may_open=_may_open(),
        may_enter=may_enter or (is_envelope and can(who, Action.RECEIVE_SEALED)),
        may_close=may_enter,
        is_envelope=is_envelope,
        may_scan=is_typist,
        scan_count=len(scanned),
        scan_rows=paper_scans.with_picture(paper_scans.waiting_pages(scanned)) if may_enter else (),
        user_id=who.user_id,
    )
    is_refused = typed.errors or is_asked
    return html, HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
