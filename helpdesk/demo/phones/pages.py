"""The page with the three phones, and what a person does on it. Works without JavaScript."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.demo.phones.faults import Faults
from helpdesk.demo.phones.hub import hub
from helpdesk.demo.phones.mitra import BadUtterance, Utterance, read_person, say
from helpdesk.demo.phones.people import PEOPLE, PHONES, own_number
from helpdesk.demo.phones.screen import Holder, Screen, read_screen
from helpdesk.demo.phones.state import Button, ChatMessage, MediaFile
from helpdesk.demo.phones.texts import texts
from helpdesk.domain.messages import ChannelCode

_SHOWN = 60
_TICKS = {"queued": "◷", "sent": "✓", "delivered": "✓✓", "read": "✓✓", "failed": "⚠", "undelivered": "⚠"}
_INLINE_TYPES = {
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/wav",
}
SAMPLES = {
    "photo": ("sample-receipt.jpg", "image/jpeg"),
    "voice": ("sample-voice.ogg", "audio/ogg"),
}

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as drawn."""

    message: ChatMessage
    time: str
    tick: str
    status: str
    warning: str
    files: tuple[MediaFile, ...]


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone as drawn."""

    holder: Holder
    title: str
    bubbles: tuple[Bubble, ...]
    keys: tuple[tuple[str, Button], ...]
    list_title: str
    thread_address: str


@blueprint.get("/")
def show_phones() -> str:
    screen = read_screen(request.args)
    return render_template(
        "phones.html",
        screen=screen,
        t=texts(screen.language),
        phones=[_phone(screen, holder) for holder in screen.holders],
        people=PEOPLE,
        brand=hub().settings.brand,
        clock=_time(screen),
        zone=hub().settings.timezone,
        is_faulty=hub().faults.current() != Faults(),
    )


@blueprint.get("/phones/<channel>/thread")
def show_thread(channel: str) -> BaseResponse:
    """Return the bubbles alone, for the script that looks for new ones."""
    screen = read_screen(request.args)
    holder = screen.holder(_known(channel))
    html = render_template(
        "_thread.html", phone=_phone(screen, holder), t=texts(screen.language), screen=screen
    )
    response = Response(html, mimetype="text/html", headers={"Cache-Control": "no-cache"})
    response.add_etag()
    return response.make_conditional(request)


@blueprint.post("/phones/<channel>/send")
def send(channel: str) -> Response:
    """Say what was typed, then show the phones again (POST, redirect, GET)."""
    code = _known(channel)
    screen = read_screen(request.form)
    problem = ""
    try:
        say(hub(), _utterance(code))
    except BadUtterance:
        problem = "nothing_said" if _is_person(code) else "bad_person"
    return _see_other(screen.address(tab=code.value, problem=problem) + f"#{code.value}")


def _see_other(address: str) -> Response:
    response = Response(status=303)
    response.headers["Location"] = address
    return response


def _is_person(channel: ChannelCode) -> bool:
    try:
        read_person(channel.value, request.form.get("from", ""))
    except BadUtterance:
        return False
    return True


def _utterance(channel: ChannelCode) -> Utterance:
    _, phone = read_person(channel.value, request.form.get("from", ""))
    name = request.form.get("name", "").strip()[:80]
    carrier_id, _, index = request.form.get("key", "").rpartition("|")
    if carrier_id:
        return _press(channel, phone, name, carrier_id=carrier_id, index=index)
    text = request.form.get("text", "").strip()
    return Utterance(channel, phone, text=text, name=name, files=_files())


def _press(channel: ChannelCode, phone: str, name: str, *, carrier_id: str, index: str) -> Utterance:
    carrier = hub().world.get(carrier_id)
    if carrier is None or carrier.phone != phone or not index.isdigit() or int(index) >= len(carrier.buttons):
        raise BadUtterance("that key is gone")
    button = carrier.buttons[int(index)]
    if button.kind == "contact":
        return Utterance(channel, phone, name=name, contact_phone=own_number(phone))
    if button.kind in ("inline", "reply", "row"):
        return Utterance(
            channel, phone, text=button.label, name=name, pressed=button.data, pressed_on=carrier_id,
            is_row=button.kind == "row",
        )  # fmt: skip
    return Utterance(channel, phone, text=button.label, name=name)


def _files() -> tuple[MediaFile, ...]:
    sample = request.form.get("sample", "")
    if sample in SAMPLES:
        return (sample_file(sample),)
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    if upload is None or not content:
        return ()
    media_type = upload.mimetype or "application/octet-stream"
    return (hub().world.add_file(content, media_type=media_type, filename=upload.filename or "file"),)


def sample_file(kind: str) -> MediaFile:
    """Return a fresh copy of the sample photo or voice note."""
    filename, media_type = SAMPLES[kind]
    content = (Path(__file__).parent / "static" / filename).read_bytes()
    return hub().world.add_file(content, media_type=media_type, filename=filename)


@blueprint.get("/files/<file_id>")
def show_file(file_id: str) -> Response:
    file = hub().world.file(file_id)
    if file is None:
        abort(404)
    if file.media_type not in _INLINE_TYPES:
        headers = {"Content-Disposition": "attachment"}
        return Response(file.content, mimetype="application/octet-stream", headers=headers)
    return Response(
        file.content, mimetype=file.media_type, headers={"Cache-Control": "private, max-age=3600"}
    )


def _known(channel: str) -> ChannelCode:
    if channel not in {code.value for code in PHONES}:
        abort(404)
    return ChannelCode(channel)


def _phone(screen: Screen, holder: Holder) -> Phone:
    said = hub().world.messages(channel=holder.channel, phone=holder.address)[-_SHOWN:]
    last = next((message for message in reversed(said) if not message.is_from_mitra), None)
    keys = (
        tuple((f"{last.message_id}|{index}", key) for index, key in enumerate(last.buttons)) if last else ()
    )
    return Phone(
        holder=holder,
        title=PHONES[holder.channel],
        bubbles=tuple(_bubble(screen, message) for message in said),
        keys=keys,
        list_title=last.list_title if last else "",
        thread_address=f"/phones/{holder.channel.value}/thread?" + urlencode(screen.fields()),
    )


def _bubble(screen: Screen, message: ChatMessage) -> Bubble:
    words = texts(screen.language)
    status = words[message.status] + (f" ({message.error_code})" if message.error_code else "")
    return Bubble(
        message=message,
        time=_time(screen, message),
        tick=_TICKS[message.status],
        status=status,
        warning=_warning(screen, message),
        files=tuple(file for file_id in message.media if (file := hub().world.file(file_id))),
    )


def _warning(screen: Screen, message: ChatMessage) -> str:
    if not message.is_from_mitra or message.status != "failed":
        return ""
    words = texts(screen.language)
    return words["app_said"].format(status=message.app_status) if message.app_status else words["app_silent"]


def _time(screen: Screen, message: ChatMessage | None = None) -> str:
    instant = message.at if message else hub().settings.now()
    local = instant.astimezone(ZoneInfo(hub().settings.timezone))
    return local.strftime("%H.%M" if screen.language == "id" else "%H:%M")
