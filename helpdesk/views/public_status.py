"""News of a complaint for one who knows its number: four steps, the promise, more words, her answer to ours."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.numbers import parse_number
from helpdesk.domain.wording import status_words
from helpdesk.queries.conversation import MessageRow
from helpdesk.queries.public import PublicStatus, PublicTicket, public_ticket, public_view
from helpdesk.services import answers, complaints, limits, registration
from helpdesk.services.follow_up import typed_code
from helpdesk.services.limits import Sender
from helpdesk.views.access import public, runtime
from helpdesk.views.mitra import go, language, promised, sender
from helpdesk.views.uploads import add_sent, file_error, no_room, too_large

bp = Blueprint("status", __name__, url_prefix="/lapor/status")

LOOKUPS_PER_HOUR = 60
"""Of one device."""
DIGITS_PER_HOUR = 8
"""Wrong digits for one number, from anywhere: four of them are quickly tried through."""
CODES_PER_HOUR = 600
"""Wrong kode kabar for one number, more than one address may try: none of 28^7 is found so, and nobody locks out
its holder."""
WORDS_PER_HOUR = 30
"""Of one device."""
KNOWN_FOR = timedelta(minutes=30)
"""A proven look-up ends by itself: phones are shared."""
MAX_WORDS = 5_000

_HOUR = timedelta(hours=1)
_PROOF = "status"


@bp.get("")
@public
def ask() -> ResponseReturnValue:
    """The look-up form."""
    return _ask_page(number=request.args.get("nomor", "")[:40])


@bp.post("")
@public
def look_up() -> ResponseReturnValue:
    """Check number and proof; a wrong number and a wrong proof are answered alike."""
    number, proof = request.form.get("number", "").strip(), request.form.get("code", "").strip()
    errors = {"number": _("Tulis nomor pengaduan")} if not number else {}
    if not proof:
        errors["code"] = _("Tulis 4 angka terakhir nomor HP, atau kode kabar")
    if errors:
        return _ask_page(number, proof, errors)
    rt = runtime()
    now, who, known = rt.now(), sender(), parse_number(number[:40]) or ""
    if rt.write(lambda session: _is_too_much(session, "status", who, LOOKUPS_PER_HOUR, now)):
        return _too_many(number)
    code, tried = typed_code(proof[:40]), known or number[:40]
    limit, allowed = ("status-code", CODES_PER_HOUR) if code else ("status-digits", DIGITS_PER_HOUR)
    # Counted before it is compared, and taken back when it fits: of many at once no more are compared than may be.
    if rt.write(lambda session: _is_over(session, limit, tried, allowed, now)):
        return _too_many(number)
    if not rt.read(lambda session: _is_proven(session, known, "" if code else proof[:40], code or proof)):
        return _ask_page(number, "", {"number": _("Nomor atau kodenya belum cocok. Periksa lagi.")})
    rt.write(lambda session: limits.take_back(session, limit, tried, window=_HOUR, now=now))
    cookie[_PROOF] = {"number": known, "strong": bool(code), "at": int(now.timestamp())}
    return go("status.news")


@bp.get("/kabar")
@public
def news() -> ResponseReturnValue:
    """The news of the complaint that was looked up."""
    return _news_page() if _proven() else go("status.ask")


@bp.post("/tambah")
@public
def add() -> ResponseReturnValue:
    """Add her further words; the hidden key makes a second press of the button harmless."""
    proven = _proven()
    if not proven:
        return go("status.ask")
    text = request.form.get("story", "")
    if len(text) > MAX_WORDS:
        return _news_page({"story": _("Cerita terlalu panjang. Tulis yang penting dulu.")}, text)
    try:
        _count_words()
        add_sent(proven, text=text.strip())
    except InvalidInput as error:
        if error.code == "required":
            return _news_page({"story": _("Tulis dulu tambahan cerita Ibu, atau pilih foto.")}, text)
        return _news_page({"photo": file_error(error)}, text)
    except Conflict as error:
        if error.code == "full":
            return _news_page({"photo": no_room(error)}, text)
        return _news_page({"story": _conflict(error)}, text)
    return _told(_("Cerita Ibu sudah kami terima."))


@bp.errorhandler(RequestEntityTooLarge)
def too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Files above the limit."""
    return _news_page({"photo": too_large()}) if _proven() else go("status.ask")


@bp.post("/jawab")
@public
def answer() -> ResponseReturnValue:
    """She says whether our answer solves it."""
    proven = _proven()
    if not proven:
        return go("status.ask")
    is_solved, comment = request.form.get("solved") == "yes", request.form.get("comment", "")[:MAX_WORDS]
    try:
        _write(
            lambda session, now: answers.answer(
                session, proven, is_accepted=is_solved, comment=comment, channel=ChannelCode.WEB, now=now
            )
        )
    except Conflict as error:
        return _news_page({"comment": _conflict(error)})
    if is_solved:
        return _told(_("Terima kasih, Ibu. Semoga usaha Ibu lancar."))
    return _told(_("Baik, Ibu. Pengaduan ini kami buka lagi. Petugas lain akan memeriksa ulang."))


@bp.post("/nilai")
@public
def rate() -> ResponseReturnValue:
    """She rates the service, 1 to 5."""
    proven = _proven()
    if not proven:
        return go("status.ask")
    score = request.form.get("score", "")
    if score not in ("1", "2", "3", "4", "5"):
        return _news_page({"score": _("Pilih satu nilai")})
    try:
        _write(
            lambda session, now: complaints.rate(
                session, registration.ticket_by_number(session, proven), int(score), now=now
            )
        )
    except Conflict as error:
        return _news_page({"score": _conflict(error)})
    return _told(_("Terima kasih atas nilai dari Ibu."))


@bp.post("/tutup")
@public
def leave() -> ResponseReturnValue:
    """Forget the look-up on this phone."""
    cookie.pop(_PROOF, None)
    return go("start")


def _proven() -> str:
    """Return the number that this browser has proven to know lately, else an empty text."""
    proof = cookie.get(_PROOF)
    if not isinstance(proof, dict):
        return ""
    age = runtime().now() - datetime.fromtimestamp(int(proof.get("at", 0)), tz=runtime().now().tzinfo)
    return str(proof.get("number", "")) if age <= KNOWN_FOR else ""


def _is_proven(session: Session, number: str, digits: str, code: str) -> bool:
    try:
        public_view(session, number, digits=digits, code=code)
    except NotFound:
        return False
    return True


def _is_too_much(session: Session, limit: str, who: Sender, allowed: int, now: datetime) -> bool:
    return limits.is_too_much(session, limit, who, allowed=allowed, window=_HOUR, now=now)


def _is_over(session: Session, limit: str, who: str, allowed: int, now: datetime) -> bool:
    return limits.is_over(session, limit, who, allowed=allowed, window=_HOUR, now=now)


def _count_words() -> None:
    """Count what she sends. Raises Conflict (`too_many`)."""
    rt = runtime()
    now, who = rt.now(), sender()
    if rt.write(lambda session: _is_too_much(session, "status-words", who, WORDS_PER_HOUR, now)):
        raise Conflict("too many words from this device", code="too_many")


def _write(use_case: Callable[[Session, datetime], object]) -> None:
    """Run a use case of hers, counted per network address. Raises Conflict (`too_many`)."""
    rt = runtime()
    now, who = rt.now(), sender()

    def counted(session: Session) -> None:
        use_case(session, now)
        if _is_too_much(session, "status-words", who, WORDS_PER_HOUR, now):
            raise Conflict("too many words from this address", code="too_many")

    rt.write(counted)


def _conflict(error: Conflict) -> str:
    text: str = _("Pengaduan ini baru saja berubah. Baca dulu kabarnya.")
    if error.code == "too_many":
        text = _("Terlalu banyak kiriman. Tunggu satu jam, lalu coba lagi.")
    return text


def _told(text: str) -> ResponseReturnValue:
    """Say it once on the page that follows."""
    cookie["told"] = text
    return go("status.news")


def _ask_page(number: str = "", proof: str = "", errors: dict[str, str] | None = None) -> ResponseReturnValue:
    page = render_template("public/status.html", number=number, code=proof, errors=errors or {})
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK


def _too_many(number: str) -> ResponseReturnValue:
    errors = {"number": _("Terlalu banyak percobaan. Tunggu satu jam, lalu coba lagi.")}
    page = render_template("public/status.html", number=number, code="", errors=errors)
    return page, HTTPStatus.TOO_MANY_REQUESTS


def _news_page(errors: dict[str, str] | None = None, story: str = "") -> ResponseReturnValue:
    number = _proven()
    ticket = runtime().read(lambda session: public_ticket(session, number))
    found = ticket.status
    page = render_template(
        "public/news.html",
        found=found,
        steps=_steps(found),
        status_words=status_words(found.status, language(), is_read=found.is_read)[1],
        resolve_by=promised(found.resolve_by, found.zone),
        answer_by=promised(found.answer_by, found.zone),
        answers=_answers(ticket, is_strong=bool(cookie[_PROOF].get("strong"))),
        told=cookie.pop("told", "") if not errors else "",
        errors=errors or {},
        story=story,
        key=secrets.token_urlsafe(16),
        is_answered=found.status is TicketStatus.RESOLVED,
        is_closed=found.status is TicketStatus.CLOSED,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK


def _answers(ticket: PublicTicket, *, is_strong: bool) -> tuple[MessageRow, ...]:
    """Our words to her, only for the holder of a kode kabar: four digits of a phone are known to neighbours,
    and whoever has a phone got them there. What is held back of a matter about staff is not told here at all."""
    if not is_strong or ticket.is_held_back:
        return ()
    own_words = (Purpose.REPLY, Purpose.ANSWER)
    return tuple(
        said for said in ticket.messages if said.direction is Direction.OUT and said.purpose in own_words
    )


def _steps(found: PublicStatus) -> list[tuple[str, str]]:
    """Diterima, Dibaca, Dikerjakan, Selesai, each done, now or todo (design.md W1)."""
    places = {TicketStatus.NEW: int(found.is_read), TicketStatus.RESOLVED: 3, TicketStatus.CLOSED: 4}
    now_at = places.get(found.status, 2)
    names = (_("Diterima"), _("Dibaca"), _("Dikerjakan"), _("Selesai"))
    return [
        (name, "done" if place < now_at else "now" if place == now_at else "todo")
        for place, name in enumerate(names)
    ]
