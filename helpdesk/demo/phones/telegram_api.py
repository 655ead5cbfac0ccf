"""Telegram's Bot API as far as a support bot calls it."""

import hmac
import json
import re
from functools import partial

from flask import Blueprint, Response, request

from helpdesk.demo.phones.faults import Faults
from helpdesk.demo.phones.hub import hub, json_answer, with_send_faults
from helpdesk.demo.phones.mitra import bot_user, deliver_update
from helpdesk.demo.phones.state import Button, ChatMessage
from helpdesk.demo.phones.updates import OtherPoller
from helpdesk.domain.messages import ChannelCode

_MAX_TEXT_UNITS = 4096
_MAX_FILE_BYTES = 20 * 1024 * 1024
_MERELY_TRUE = frozenset(
    {
        "sendChatAction",
        "answerCallbackQuery",
        "setMyCommands",
        "deleteMyCommands",
        "setMyDescription",
        "logOut",
        "close",
    }
)
_DESCRIPTIONS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request",
}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/ogg": "oga",
    "audio/mpeg": "mp3",
    "application/pdf": "pdf",
}

blueprint = Blueprint("telegram", __name__)


def ok(result: object) -> Response:
    return json_answer({"ok": True, "result": result})


def error(status: int, description: str = "", *, retry_after: int | None = None) -> Response:
    """Return an error in Telegram's shape."""
    if status == 429:
        description = description or f"Too Many Requests: retry after {retry_after}"
    payload: dict[str, object] = {
        "ok": False,
        "error_code": status,
        "description": description or _DESCRIPTIONS.get(status, "Internal Server Error"),
    }
    if status == 429:
        payload["parameters"] = {"retry_after": retry_after}
    return json_answer(payload, status)


def _is_our_token(token: str) -> bool:
    return hmac.compare_digest(token.encode(), hub().settings.telegram_bot_token.encode())


def _parameters() -> dict[str, str]:
    """Read a call from query, form or JSON; composed values stay JSON text, as in a form."""
    given = {**request.args.to_dict(), **request.form.to_dict()}
    body = request.get_json(silent=True) if request.is_json else None
    if isinstance(body, dict):
        given |= {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()
        }
    return given


@blueprint.route("/bot<token>/<method>", methods=["GET", "POST"])
def call(token: str, method: str) -> Response:
    hub().courier.pause(hub().faults.current().delay_seconds)
    if not _is_our_token(token):
        return error(401)
    if method == "sendMessage":
        return with_send_faults(_send_message, _refuse)
    if method in _MERELY_TRUE:
        return ok(True)
    handler = _METHODS.get(method.lower())
    return handler() if handler else error(404)


def _refuse(faults: Faults) -> Response:
    return error(faults.fail_status, faults.fail_description or "", retry_after=faults.retry_after)


def _send_message() -> Response:
    given = _parameters()
    chat_id, text = given.get("chat_id", ""), given.get("text", "")
    if not re.fullmatch(r"-?[1-9]\d{0,15}", chat_id):
        return error(400)
    if not text.strip():
        return error(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > _MAX_TEXT_UNITS:
        return error(400, "Bad Request: message is too long")
    number = hub().world.next_number()
    message = ChatMessage(
        message_id=f"{chat_id}:{number}",
        channel=ChannelCode.TELEGRAM,
        phone=chat_id,
        is_from_mitra=False,
        text=text,
        at=hub().settings.now(),
        status="delivered",
        buttons=_buttons(given.get("reply_markup", "")),
    )
    hub().world.add(message)
    chat = {"id": int(chat_id), "type": "private", "first_name": _name_of(chat_id)}
    sent_at = int(message.at.timestamp())
    return ok({"message_id": number, "from": bot_user(hub()), "chat": chat, "date": sent_at, "text": text})


def _name_of(chat_id: str) -> str:
    said = hub().world.messages(channel=ChannelCode.TELEGRAM, phone=chat_id)
    return next((message.name for message in reversed(said) if message.name), "Mitra")


def _buttons(reply_markup: str) -> tuple[Button, ...]:
    try:
        markup = json.loads(reply_markup) if reply_markup else {}
    except ValueError:
        return ()
    rows = (markup.get("inline_keyboard") or markup.get("keyboard") or []) if isinstance(markup, dict) else []
    return tuple(_button(key) for row in rows for key in row)


def _button(key: object) -> Button:
    if not isinstance(key, dict):
        return Button(str(key), "text")
    label = str(key.get("text", ""))
    if "callback_data" in key:
        return Button(label, "inline", str(key["callback_data"]))
    if "url" in key:
        return Button(label, "url", str(key["url"]))
    return Button(label, "contact" if key.get("request_contact") else "text")


def _get_me() -> Response:
    rights = {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }
    return ok(bot_user(hub()) | rights)


def _get_file() -> Response:
    file = hub().world.file(_parameters().get("file_id", ""))
    if file is None or hub().faults.take_missing_media():
        return error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    if len(file.content) > _MAX_FILE_BYTES:
        return error(400, "Bad Request: file is too big")
    folder = {"photo": "photos", "voice": "voice"}.get(file.kind, "documents")
    return ok(
        {
            "file_id": file.file_id,
            "file_unique_id": file.file_id[-16:],
            "file_size": len(file.content),
            "file_path": f"{folder}/{file.file_id}.{_ENDINGS.get(file.media_type, 'bin')}",
        }
    )


def _set_webhook() -> Response:
    given = _parameters()
    secret = given.get("secret_token")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        return error(400, "Bad Request: secret token contains unallowed characters")
    here = hub()
    for pending in here.bot.set_webhook(given.get("url", ""), secret):
        here.courier.schedule(0, partial(deliver_update, here, pending))
    return ok(True)


def _delete_webhook() -> Response:
    hub().bot.set_webhook("", None)
    return ok(True)


def _webhook_info() -> Response:
    return ok(hub().bot.info())


def _get_updates() -> Response:
    if hub().bot.url():
        return error(409, "Conflict: can't use getUpdates method while webhook is active")
    given = _parameters()
    offset, limit, seconds = (
        int(given.get(name, default))
        for name, default in (("offset", "0"), ("limit", "100"), ("timeout", "0"))
    )
    try:
        taken, found = hub().bot.poll(offset, limit, min(seconds, 50))
    except OtherPoller:
        return error(409)
    for each in taken:
        hub().world.record_answer(each.message_id, app_status=200, app_error="")
    return ok([each.update for each in found])


_METHODS = {
    "getme": _get_me,
    "getfile": _get_file,
    "setwebhook": _set_webhook,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _webhook_info,
    "getupdates": _get_updates,
}


@blueprint.get("/file/bot<token>/<folder>/<name>")
def download(token: str, folder: str, name: str) -> Response:
    if not _is_our_token(token):
        return error(401)
    file = hub().world.file(name.partition(".")[0])
    return Response(file.content, mimetype="application/octet-stream") if file else error(404)
