"""The simulator's JSON side, for tests and scripts: what was sent, what to say, which faults to commit."""

import base64
import binascii
import dataclasses
from collections.abc import Mapping

from flask import Blueprint, Response, request

from helpdesk.demo.phones.faults import BadFaults, Faults, parse_faults
from helpdesk.demo.phones.hub import hub, json_answer
from helpdesk.demo.phones.mitra import BadUtterance, Utterance, read_person, say
from helpdesk.demo.phones.pages import SAMPLES, sample_file
from helpdesk.demo.phones.state import ChatMessage, MediaFile

blueprint = Blueprint("remote", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return json_answer({"status": "ok"})


@blueprint.get("/sent")
def list_sent() -> Response:
    """List accepted sends, oldest first."""
    to = request.args.get("to", "").replace(" ", "+").removeprefix("whatsapp:")
    found = hub().world.messages(channel=request.args.get("channel") or None, phone=to or None)
    return json_answer([_sent(message) for message in found if not message.is_from_mitra])


def _sent(message: ChatMessage) -> dict[str, object]:
    return {
        "channel": message.channel.value,
        "to": message.phone,
        "body": message.text,
        "at": _rfc3339(message),
        "id": message.message_id,
    }


def _rfc3339(message: ChatMessage) -> str:
    return message.at.isoformat().replace("+00:00", "Z")


@blueprint.delete("/sent")
def forget() -> Response:
    hub().world.clear()
    return Response(status=204)


@blueprint.post("/api/contents/<sid>")
def approve_content(sid: str) -> Response:
    """Let WhatsApp say how a template stands."""
    is_there = hub().contents.approve(sid, str(_body().get("status") or "approved"))
    return Response(status=204 if is_there else 404)


@blueprint.delete("/api/contents")
def forget_contents() -> Response:
    """Forget the contents that clients made."""
    hub().contents.clear()
    return Response(status=204)


@blueprint.get("/faults")
def show_faults() -> Response:
    return json_answer(dataclasses.asdict(hub().faults.current()))


@blueprint.post("/faults")
def put_faults() -> Response:
    try:
        faults = parse_faults(_body())
    except (BadFaults, BadUtterance) as error:
        return json_answer({"error": str(error)}, 400)
    hub().faults.put(faults)
    return show_faults()


@blueprint.delete("/faults")
def end_faults() -> Response:
    hub().faults.put(Faults())
    return Response(status=204)


@blueprint.post("/api/inbound")
def say_as_mitra() -> Response:
    """Say something as a Mitra; answers once the app has answered the webhook."""
    try:
        message = say(hub(), _utterance(_body()))
    except BadUtterance as error:
        return json_answer({"error": str(error)}, 400)
    return json_answer(
        {"status": message.app_status, "external_id": message.message_id, "error": message.app_error}
    )


def _body() -> Mapping[str, object]:
    body = request.get_json(silent=True)
    if body is None and not request.get_data():
        return {}
    if not isinstance(body, dict):
        raise BadUtterance("the body is a JSON object")
    return body


def _utterance(given: Mapping[str, object]) -> Utterance:
    def text(name: str) -> str:
        value = given.get(name)
        return "" if value is None else str(value)

    channel, phone = read_person(text("channel"), text("from"))
    media = given.get("media") or []
    if not isinstance(media, list):
        raise BadUtterance("media is a list")
    carrier = hub().world.get(text("press_on"))
    pressed = next((key for key in carrier.buttons if key.data == text("press")), None) if carrier else None
    on_whatsapp = pressed is not None and pressed.kind in ("reply", "row")
    return Utterance(
        channel,
        phone,
        text=pressed.label if pressed and on_whatsapp else text("text"),
        is_row=pressed is not None and pressed.kind == "row",
        name=text("name"),
        files=tuple(_file(item) for item in media),
        pressed=text("press"),
        pressed_on=text("press_on"),
        contact_phone=text("contact"),
    )


def _file(item: object) -> MediaFile:
    if isinstance(item, str) and item in SAMPLES:
        return sample_file(item)
    if not isinstance(item, dict):
        raise BadUtterance(f"media is {', '.join(SAMPLES)} or an object with content_type and base64")
    try:
        content = base64.b64decode(str(item.get("base64", "")), validate=True)
    except binascii.Error:
        raise BadUtterance("base64 of the file cannot be read") from None
    media_type = str(item.get("content_type") or "application/octet-stream")
    return hub().world.add_file(content, media_type=media_type, filename=str(item.get("filename") or "file"))


@blueprint.get("/api/conversations")
def list_conversation() -> Response:
    """List the bubbles of a phone, oldest first; without filters, of all phones."""
    channel, phone = request.args.get("channel") or None, request.args.get("phone", "").replace(" ", "+")
    found = hub().world.messages(channel=channel, phone=phone.removeprefix("whatsapp:") or None)
    return json_answer([_bubble(message) for message in found])


def _bubble(message: ChatMessage) -> dict[str, object]:
    return {
        "id": message.message_id,
        "channel": message.channel.value,
        "phone": message.phone,
        "name": message.name,
        "from": "mitra" if message.is_from_mitra else "app",
        "at": _rfc3339(message),
        "text": message.text,
        "status": message.status,
        "error_code": message.error_code,
        "list_title": message.list_title,
        "buttons": [dataclasses.asdict(button) for button in message.buttons],
        "media": [f"/files/{file_id}" for file_id in message.media],
        "app_status": message.app_status,
        "app_error": message.app_error,
    }
