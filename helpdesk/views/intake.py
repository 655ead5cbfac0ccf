"""Phone and visit: staff write a complaint down for a Mitra and read its number back to her."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.call_script import Way, way_of
from helpdesk.domain.errors import Forbidden, InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.phones import normalise_phone
from helpdesk.domain.talks import Speaker
from helpdesk.queries.callers import Caller, callers
from helpdesk.queries.contacts import ContactRow
from helpdesk.queries.directory import StaffChoice, UnitChoice, entry_units, staff_by_ids, staff_named
from helpdesk.queries.periods import local_date
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import entry
from helpdesk.services.contacts import Person
from helpdesk.services.entry import Typist
from helpdesk.services.follow_up import follow_up_code, needs_code
from helpdesk.services.registration import Submission
from helpdesk.services.talks import Told
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_amount, parse_day, parse_instant, short_field
from helpdesk.views.labels import label
from helpdesk.views.mitra import link, menu_name, whatsapp_link
from helpdesk.views.script import Script
from helpdesk.views.talks import read_back_page

bp = Blueprint("intake", __name__, url_prefix="/intake")

MAX_LINE = 100
MAX_STORY = 10_000
SENSITIVE = {"is_sensitive": "1", "category": "PNG-KERAS", "choice": "3"}
"""What is set where a person tells of violence or harassment: then she is asked for a safe hour only."""
REMEMBERED = 5
"""Numbers that a session may still read back, also where the ticket went to another team."""

_LINES = ("name", "phone", "mitra_id", "majelis", "village", "speaker_name", "safe_hour")
_FIELDS = (
    *_LINES,
    "channel",
    "place",
    "kind",
    "unit",
    "text",
    "category",
    "choice",
    "occurred_on",
    "amount",
    "received_at",
    "staff",
    "speaker",
    "is_phone_shared",
    "is_sensitive",
    "key",
)


@dataclass(frozen=True, slots=True)
class DeskForm:
    """What was typed, the staff that were ticked, and what is wrong."""

    typed: Mapping[str, str] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class DeskLists:
    """What the page offers to choose from."""

    units: tuple[UnitChoice, ...]
    found: tuple[Caller, ...]
    staff: tuple[StaffChoice, ...]


@bp.get("")
@requires(Action.ENTER_PHONE)
def index() -> ResponseReturnValue:
    """Look the caller up, and the form, filled with what is known of her."""
    who, search = viewer(), _search()
    found = runtime().read(lambda session: callers(session, who, search["q"], place=search["at"]))
    chosen = next(
        (each.contact for each in found if each.contact.public_id == request.args.get("contact")), None
    )
    typed = _way(request.args.get("way", "")) | {"kind": "complaint"}
    if chosen is not None:
        typed |= _known(chosen, search["q"])
    elif search["q"] and normalise_phone(search["q"]):
        typed["phone"] = search["q"]
    if _is_shared(search["q"], found):
        typed["is_phone_shared"] = "1"
    return _page(DeskForm(typed | {"key": str(uuid.uuid4())}))


@bp.post("")
@requires(Action.ENTER_PHONE)
def save() -> ResponseReturnValue:
    """Make the ticket, or show again what was typed: with staff to choose from, or with what is wrong."""
    rt, who = runtime(), viewer()
    typed = {name: short_field(name) for name in _FIELDS}
    typed["text"] = request.form.get("text", "").replace("\0", "").strip()
    typed["key"] = typed["key"] or str(uuid.uuid4())
    subjects = tuple(request.form.getlist("subject"))
    match request.form.get("action"):
        case "find_staff":
            return _page(DeskForm(typed, subjects))
        case "sensitive":
            return _page(DeskForm(typed | SENSITIVE, subjects))
        case "ordinary":
            return _page(DeskForm(typed | {"is_sensitive": "", "category": "", "choice": ""}, subjects))
    now = rt.now()
    units = rt.read(lambda session: entry_units(session, who))
    errors: dict[str, str] = {}
    submission = _submission(typed, subjects, units=units, who=who, errors=errors, now=now)
    if errors:
        return _page(DeskForm(typed, subjects, errors))
    try:
        number = rt.write(
            lambda session: entry.register_for_contact(
                session,
                submission,
                typist=typist(who),
                key=typed["key"],
                lender=rt.lender,
                now=now,
            )
        )
    except Forbidden:
        rt.write(lambda session: entry.note_refused_entry(session, actor=who.actor, now=now))
        kept = {"channel": typed["channel"], "place": typed["place"], "key": str(uuid.uuid4())}
        return _page(DeskForm(kept, notice=stopped_text()), HTTPStatus.FORBIDDEN)
    except InvalidInput as error:
        return _page(
            DeskForm(typed, subjects, {error.field if error.field in typed else "": field_text(error)})
        )
    _remember(number, follow_up_code(typed["key"]) if needs_code(submission.person.phone) else "")
    return redirect(url_for(".read_back", number=number), code=303)


@bp.get("/<number>")
@requires(Action.ENTER_PHONE)
def read_back(number: str) -> ResponseReturnValue:
    """The number and the promised dates, with the words to say."""
    return read_back_page(number)


def typist(who: Viewer) -> Typist:
    """Return who enters, as the use cases want it."""
    point_id = who.unit_id if who.is_at_point else None
    return Typist(who.user_id, who.public_id, who.actor, point_id, who.name)


def stopped_text() -> str:
    """What staff read who may not write down a call or a visit: by which ways she can tell it herself."""
    rt = runtime()
    phone, address = rt.lender.phone, rt.settings.public_url + link("form.choice")
    if whatsapp_link(""):
        ways = _(
            "Minta Ibu menelepon %(phone)s (gratis), atau menulis lewat WhatsApp atau %(address)s.",
            phone=phone,
            address=address,
        )
    else:
        ways = _(
            "Minta Ibu menelepon %(phone)s (gratis), atau menulis di %(address)s.",
            phone=phone,
            address=address,
        )
    told = _("Pengaduan ini tentang petugas, jadi tidak dicatat di cabang.")
    reason = _("Dengan begitu petugas yang diadukan tidak bisa membacanya.")
    return f"{told} {ways} {reason}"


def sealed_text() -> str:
    """What staff read whose own point a paper form is about (design.md W4)."""
    text: str = _("Form ini tentang petugas. Kirim amplop tertutup ke pusat.")
    return text


def _submission(
    typed: Mapping[str, str],
    subjects: tuple[str, ...],
    *,
    units: tuple[UnitChoice, ...],
    who: Viewer,
    errors: dict[str, str],
    now: datetime,
) -> Submission:
    """Read the form; everything wrong joins `errors`."""
    errors |= _line_errors(typed)
    channel = _channel(typed)
    zone, today = ZoneInfo(who.zone), local_date(now, who.zone)
    return Submission(
        channel=channel,
        person=Person(
            name=typed["name"] or None,
            phone=typed["phone"] or None,
            village=typed["village"] or None,
            mitra_id=typed["mitra_id"] or None,
            majelis=typed["majelis"] or None,
            unit_id=_unit(typed["unit"], units, who, errors),
        ),
        text=typed["text"],
        received_at=collect(
            errors, lambda: parse_instant(typed["received_at"], zone=zone, now=now, field="received_at"), now
        ),
        kind=TicketKind(typed["kind"]) if typed["kind"] in set(TicketKind) else TicketKind.COMPLAINT,
        category=typed["category"] or None,
        menu_choice=int(typed["choice"])
        if typed["choice"] in {str(each) for each in taxonomy.MENU}
        else None,
        place=(typed["place"] or "office") if channel is ChannelCode.VISIT else None,
        occurred_on=collect(
            errors, lambda: parse_day(typed["occurred_on"], today=today, field="occurred_on"), None
        ),
        amount=collect(errors, lambda: parse_amount(typed["amount"], field="amount"), None),
        subjects=subjects,
        registered_by_id=who.user_id,
        actor=who.actor,
        told=told(typed),
    )


def _channel(typed: Mapping[str, str]) -> ChannelCode:
    return ChannelCode.VISIT if typed.get("channel") == "visit" else ChannelCode.PHONE


def told(typed: Mapping[str, str]) -> Told:
    """Read who spoke."""
    return Told(
        speaker=Speaker(typed["speaker"]) if typed["speaker"] in set(Speaker) else Speaker.SELF,
        speaker_name=typed["speaker_name"] or None,
        is_phone_shared=bool(typed["is_phone_shared"]),
        safe_hour=typed["safe_hour"] or None,
    )


def _line_errors(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {name: _("Terlalu panjang. Pendekkan dulu.") for name in _LINES if len(typed[name]) > MAX_LINE}
    if not typed["text"] and not typed["is_sensitive"]:
        errors["text"] = _("Tulis cerita Mitra.")
    if len(typed["text"]) > MAX_STORY:
        errors["text"] = _("Terlalu panjang. Pendekkan dulu.")
    if typed["channel"] not in ("phone", "visit"):
        errors["channel"] = _("Pilih telepon atau datang.")
    if typed["channel"] == "visit" and typed["place"] not in ("office", "field"):
        errors["place"] = _("Pilih kantor atau lapangan.")
    if typed["category"] and typed["category"] not in taxonomy.CATEGORIES:
        errors["category"] = _("Pilih kategori dari daftar.")
    is_new_phone = short_field("phone_seen") != typed["phone"]
    if typed["phone"] and is_new_phone and normalise_phone(typed["phone"]) is None:
        errors["phone"] = phone_text()
    return errors


def phone_text() -> str:
    """What staff read about a phone that cannot be one: asked once, then kept as it was written."""
    text: str = _("Tulis nomor HP, contoh 0812 3456 7890. Sudah betul? Simpan sekali lagi.")
    return text


def _unit(code: str, units: tuple[UnitChoice, ...], who: Viewer, errors: dict[str, str]) -> int | None:
    """Return the point: the own one for its staff, none where it is not known."""
    if who.is_at_point:
        return who.unit_id
    if not code:
        return None
    chosen = next((unit.id for unit in units if unit.code == code), None)
    if chosen is None:
        errors["unit"] = _("Pilih cabang dari daftar.")
    return chosen


def _search() -> dict[str, str]:
    """Return whom to look for: words, and her majelis or village."""
    return {name: request.args.get(name, "").replace("\0", "").strip() for name in ("q", "at")}


def _is_shared(query: str, found: tuple[Caller, ...]) -> bool:
    """Whether several people are known by the phone that was looked for."""
    return len(found) > 1 and normalise_phone(query) is not None


def _way(code: str) -> dict[str, str]:
    """Return channel and place of a way; without one, what is usual for who enters."""
    usual = Way.OFFICE if viewer().is_at_point else Way.PHONE
    way = Way(code) if code in set(Way) else usual
    if way is Way.PHONE:
        return {"channel": "phone", "place": "office"}
    return {"channel": "visit", "place": way.value}


def _known(row: ContactRow, query: str) -> dict[str, str]:
    """Fill the form from the contact. The phone is masked, so only what the caller said goes in."""
    units = runtime().read(lambda session: entry_units(session, viewer()))
    unit = next((unit.code for unit in units if unit.id == row.unit_id), "")
    return {
        "name": row.name or "",
        "mitra_id": row.mitra_id or "",
        "majelis": row.majelis or "",
        "village": row.village or "",
        "unit": unit,
        "phone": query if normalise_phone(query) else "",
    }


def _remember(number: str, code: str) -> None:
    entered: dict[str, str] = cookie.get("entered", {})
    kept = list(entered.items())[-(REMEMBERED - 1) :]
    cookie["entered"] = dict(kept) | {number: code}


def _page(form: DeskForm, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    who, search = viewer(), _search()
    wanted = form.typed.get("staff", "")

    def load(session: Session) -> DeskLists:
        staff = dict.fromkeys((*staff_by_ids(session, form.subjects), *staff_named(session, wanted)))
        found = callers(session, who, search["q"], place=search["at"])
        return DeskLists(entry_units(session, who), found, tuple(staff))

    lists = runtime().read(load)
    unknown = ("", _("Belum tahu"))
    page = render_template(
        "intake/form.html",
        form=form,
        lists=lists,
        search=search,
        is_shared=_is_shared(search["q"], lists.found),
        script=Script(
            way_of(_channel(form.typed), form.typed.get("place")),
            jam_aman=form.typed.get("safe_hour"),
        ),
        ways=[Script(way) for way in Way],
        groups=taxonomy.groups(),
        unit_options=[unknown, *((unit.code, unit.name) for unit in lists.units)],
        menu_options=[unknown, *((str(each.number), menu_name(each)) for each in taxonomy.MENU.values())],
        may_read_contacts=can(who, Action.READ_CONTACTS),
        max_story=MAX_STORY,
        speakers=[(each.value, label(each, "speaker")) for each in Speaker],
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else status
