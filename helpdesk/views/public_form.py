"""The public form: five short pages, answers kept on the server, one complaint at the end of them."""

import secrets
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.phones import last_four, normalise_phone
from helpdesk.queries.public import PublicStatus, public_view
from helpdesk.services import public_form
from helpdesk.services.follow_up import follow_up_code, needs_code
from helpdesk.views.access import public, runtime
from helpdesk.views.errors import on_http
from helpdesk.views.fields import short_field
from helpdesk.views.mitra import (
    draft_answers,
    draft_token,
    follow_draft,
    go,
    keep_answers,
    language,
    leave_draft,
    menu_name,
    promised,
    sender,
    whatsapp_link,
)
from helpdesk.views.uploads import add_sent, file_error, no_room, not_sent, too_large

bp = Blueprint("form", __name__, url_prefix="/lapor")

MAX_STORY = 5_000
MAX_LINE = 100

_ICONS = {1: "money", 2: "bank", 3: "person", 4: "warn", 5: "mobile", 6: "question"}
HIDDEN_MARK = "••••"
"""Stands in every text from which redact() took a secret."""

Errors = dict[str, str]


@bp.get("")
@public
def choice() -> ResponseReturnValue:
    """Page 1: what it is about. After a finished form it begins a new one."""
    if "number" in draft_answers():
        leave_draft()
    return _choice_page(draft_answers().get("choice", ""))


@bp.post("")
@public
def choose() -> ResponseReturnValue:
    """Keep the choice."""
    chosen = request.form.get("choice", "")
    if chosen not in {str(number) for number in taxonomy.MENU}:
        return _choice_page("", {"choice": _("Pilih satu masalah")})
    if "number" in draft_answers():
        leave_draft()
    keep_answers({"choice": chosen})
    return go("form.story")


@bp.get("/cerita")
@public
def story() -> ResponseReturnValue:
    """Page 2: her story, which she may skip."""
    if "choice" not in draft_answers():
        return go("form.choice")
    return _story_page(draft_answers().get("story", ""))


@bp.post("/cerita")
@public
def tell() -> ResponseReturnValue:
    """Keep the story, or that she skips it or wants to be called."""
    if "choice" not in draft_answers():
        return go("form.choice")
    text, way = request.form.get("story", "").replace("\0", ""), request.form.get("way", "")
    if len(text) > MAX_STORY:
        return _story_page(text, {"story": _("Cerita terlalu panjang. Tulis yang penting dulu.")})
    if not text.strip() and way not in ("skip", "call"):
        return _story_page(text, {"story": _("Tulis cerita Ibu. Atau tekan Lewati.")})
    keep_answers({"story": text.strip(), "call": "yes" if way == "call" else ""})
    return go("form.person")


@bp.get("/kontak")
@public
def person() -> ResponseReturnValue:
    """Page 3: name, phone, village. All may stay empty."""
    if "choice" not in draft_answers():
        return go("form.choice")
    return _person_page(draft_answers())


@bp.post("/kontak")
@public
def introduce() -> ResponseReturnValue:
    """Keep who she is. A phone that cannot be one is asked for once more, then kept as she wrote it."""
    if "choice" not in draft_answers():
        return go("form.choice")
    typed = {name: short_field(name) for name in ("name", "phone", "village")}
    errors = _person_errors(typed, warned_of=request.form.get("phone_seen"))
    if errors:
        return _person_page(draft_answers() | typed, errors)
    keep_answers(typed)
    return go("form.review")


@bp.get("/periksa")
@public
def review() -> ResponseReturnValue:
    """Page 4: what will be sent, and the notice."""
    if "choice" not in draft_answers():
        return go("form.choice")
    if "number" in draft_answers():
        return go("form.done")
    return _review_page()


@bp.post("/periksa")
@public
def send() -> ResponseReturnValue:
    """Make the complaint: one per draft, however often and from however many hands this arrives."""
    rt = runtime()
    token = request.form.get("key", "") or draft_token()
    follow_draft(token)
    if "choice" not in draft_answers():
        return go("form.choice")
    if request.form.get("website"):  # only a program sees this field
        return _review_page(_("Pengaduan belum terkirim. Coba tekan Kirim lagi."))
    now, who, spoken = rt.now(), sender(), language()
    words = _words_for_none(draft_answers())
    try:
        rt.write(
            lambda session: public_form.submit(
                session, token, words=words, language=spoken, sender=who, lender=rt.lender, now=now
            )
        )
    except Conflict as error:
        if error.code != "too_many":
            return go("form.choice")
        text = _(
            "Terlalu banyak pengaduan dari jaringan ini. Cerita Ibu masih tersimpan. Tunggu satu jam, lalu kirim lagi."
        )
        return _review_page(text, HTTPStatus.TOO_MANY_REQUESTS)
    follow_draft(token)
    return go("form.done")


@bp.get("/selesai")
@public
def done() -> ResponseReturnValue:
    """Page 5: the number, the promise, and room for files."""
    return _done_page() if "number" in draft_answers() else go("form.choice")


@bp.post("/selesai")
@public
def upload() -> ResponseReturnValue:
    """Take photos and voice for a complaint that is safe already."""
    answers = draft_answers()
    if "number" not in answers:
        return go("form.choice")
    try:
        add_sent(answers["number"])
    except InvalidInput as error:
        return _done_page(file_error(error))
    except Conflict as error:
        return _done_page(no_room(error))
    return go("form.done")


@bp.errorhandler(RequestEntityTooLarge)
def too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Files above the limit: the number stays on the screen."""
    return _done_page(too_large()) if "number" in draft_answers() else go("form.choice")


@bp.errorhandler(CSRFError)
def too_old(error: CSRFError) -> ResponseReturnValue:
    """A page that stood open for hours: where it was that of the files, its number stays on the screen."""
    is_upload = request.endpoint == f"{request.blueprint}.upload" and "number" in draft_answers()
    return _done_page(not_sent()) if is_upload else on_http(error)


def _choice_page(chosen: str, errors: Errors | None = None) -> ResponseReturnValue:
    options = [
        (str(each.number), menu_name(each), _ICONS[each.number], "") for each in taxonomy.MENU.values()
    ]
    return _page("choice", errors, chosen=chosen, options=options)


def _story_page(text: str, errors: Errors | None = None) -> ResponseReturnValue:
    return _page("story", errors, story=text, max_story=MAX_STORY)


def _person_page(answers: dict[str, str], errors: Errors | None = None) -> ResponseReturnValue:
    return _page("person", errors, answers=answers)


def _review_page(
    problem: str = "", status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> ResponseReturnValue:
    answers = draft_answers()
    return _page(
        "review",
        {"": problem} if problem else None,
        status,
        answers=answers,
        choice=menu_name(taxonomy.MENU[int(answers["choice"])]),
        key=draft_token(),
        hid_secret=HIDDEN_MARK in answers.get("story", ""),
    )


def _done_page(problem: str = "") -> ResponseReturnValue:
    answers, token = draft_answers(), draft_token()
    code = follow_up_code(token) if needs_code(answers.get("phone")) else ""
    found = _status_of(answers, code)
    number = found.number
    shown = f"{number[:-4]}-{number[-4:]}"
    saved = _("Nomor pengaduan saya %(number)s", number=shown)
    if code:
        saved = _("Nomor pengaduan saya %(number)s, kode kabar %(code)s", number=shown, code=code)
    # Without a phone we would not know whose message it is: then she sends it to herself.
    to_us = "" if code else whatsapp_link(saved)
    return _page(
        "done",
        {"photo": problem} if problem else None,
        found=found,
        code=code,
        digits=last_four(answers.get("phone", "")),
        answer_by=promised(found.answer_by, found.zone),
        resolve_by=promised(found.resolve_by, found.zone),
        save_link=to_us or f"https://wa.me/?text={quote(saved)}",
        file_count=runtime().read(lambda session: public_form.file_count(session, number)),
        key=secrets.token_urlsafe(16),
        has_call=bool(answers.get("call") and answers.get("phone")),
    )


def _page(
    name: str, errors: Errors | None, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY, **values: object
) -> ResponseReturnValue:
    """Answer one page of the form; with errors as a failed request that keeps what was typed."""
    page = render_template(f"public/{name}.html", errors=errors or {}, **values)
    return page, status if errors else HTTPStatus.OK


def _status_of(answers: dict[str, str], code: str) -> PublicStatus:
    number, phone = answers["number"], answers.get("phone", "")
    found = runtime().read(lambda session: public_view(session, number, digits=phone, code=code))
    return found


def _person_errors(typed: dict[str, str], *, warned_of: str | None) -> Errors:
    errors = {
        name: _("Terlalu panjang. Tulis lebih pendek.")
        for name, text in typed.items()
        if len(text) > MAX_LINE
    }
    phone = typed["phone"]
    is_new = warned_of is None or warned_of.strip() != phone
    wants_call = bool(draft_answers().get("call"))
    if "phone" not in errors and is_new and (phone or wants_call) and normalise_phone(phone) is None:
        errors["phone"] = _("Tulis nomor HP, contoh 0812 3456 7890")
    return errors


def _words_for_none(answers: dict[str, str]) -> str:
    """What stands for a story that she skipped; read by agents, so in Bahasa Indonesia."""
    entry = taxonomy.MENU[int(answers["choice"])]
    return f"{entry.name_id}. Minta ditelepon." if answers.get("call") else entry.name_id
