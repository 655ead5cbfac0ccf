"""Twilio's HTTP API as far as a messaging client calls it: send, list and fetch messages, fetch media."""

import hmac
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from helpdesk.demo.phones.contents import BadVariables, Content
from helpdesk.demo.phones.faults import Faults
from helpdesk.demo.phones.hub import hub, json_answer, with_send_faults
from helpdesk.demo.phones.mitra import BSUID, E164
from helpdesk.demo.phones.reports import start_reports
from helpdesk.demo.phones.state import ChatMessage
from helpdesk.domain.messages import ChannelCode

VERSION = "2010-04-01"
_MAX_BODY = 1600
_CODE_OF_STATUS = {400: 21620, 401: 20003, 403: 20003, 404: 20404, 429: 20429, 503: 20503}
_MESSAGES = {
    20001: "Parameter is not valid",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21610: "Attempt to send to unsubscribed recipient",
    21655: "The ContentSid is Invalid",
    21656: "The Content Variables parameter is invalid.",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    63007: "Twilio could not find a Channel with the specified From address",
}

blueprint = Blueprint("twilio", __name__, url_prefix=f"/{VERSION}/Accounts/<account_sid>")


class _Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


def error(status: int, code: int, message: str = "") -> Response:
    """Return an error in Twilio's shape."""
    return json_answer(
        {
            "code": code,
            "message": message or _MESSAGES.get(code, "An error occurred"),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        },
        status,
    )


@blueprint.before_request
def let_in() -> Response | None:
    """Slow down if told so, then ask for the account and its token."""
    hub().courier.pause(hub().faults.current().delay_seconds)
    if refusal := refusal_of_stranger():
        return refusal
    if (request.view_args or {}).get("account_sid") != hub().settings.twilio_account_sid:
        return error(404, 20404)
    return None


def refusal_of_stranger() -> Response | None:
    """Return 401 to whoever has not the account's token."""
    given = request.authorization
    account = hub().settings.twilio_account_sid
    password = (given.password or "") if given else ""
    is_known = any(
        hmac.compare_digest(password.encode(), token.encode()) for token in hub().settings.auth_tokens
    )
    if given is None or given.username != account or not is_known:
        return error(401, 20003)
    return None


@blueprint.post("/Messages.json")
def create_message(account_sid: str) -> Response:
    return with_send_faults(_accept, _refuse)


def _refuse(faults: Faults) -> Response:
    code = faults.fail_code or _CODE_OF_STATUS.get(faults.fail_status, 20500)
    return error(faults.fail_status, code, faults.fail_description or "")


def _accept() -> Response:
    try:
        message = _read_message(request.form)
    except _Refused as refusal:
        return error(400, refusal.code)
    hub().world.add(message)
    start_reports(hub(), message)
    return json_answer(_resource(message), 201)


def _read_message(form: MultiDict[str, str]) -> ChatMessage:
    to, sender, service = form.get("To", ""), form.get("From", ""), form.get("MessagingServiceSid")
    content, text = _said(form)
    if not to:
        raise _Refused(21604)
    if not sender and not service:
        raise _Refused(21603)
    if not text and not form.getlist("MediaUrl"):
        raise _Refused(21602)
    if len(text) > _MAX_BODY:
        raise _Refused(21617)
    channel = ChannelCode.WHATSAPP if to.startswith("whatsapp:") else ChannelCode.SMS
    phone = to.removeprefix("whatsapp:")
    if not (E164.fullmatch(phone) or (channel is ChannelCode.WHATSAPP and BSUID.fullmatch(phone))):
        raise _Refused(21211)
    if sender and sender.startswith("whatsapp:") is not (channel is ChannelCode.WHATSAPP):
        raise _Refused(63007)
    return ChatMessage(
        message_id="SM" + uuid.uuid4().hex,
        channel=channel,
        phone=phone,
        is_from_mitra=False,
        text=text,
        at=hub().settings.now(),
        sender=sender.removeprefix("whatsapp:") or _default_sender(channel),
        messaging_service_sid=service,
        status_callback=form.get("StatusCallback") or None,
        buttons=content.buttons if content else (),
        list_title=content.list_title if content else "",
    )


def _said(form: Mapping[str, str]) -> tuple[Content | None, str]:
    """Return the Content that is sent, and the words."""
    content_sid = form.get("ContentSid", "")
    if not content_sid:
        return None, form.get("Body", "")
    content = hub().contents.get(content_sid)
    if content is None:
        raise _Refused(21655)
    try:
        return content, content.text(form.get("ContentVariables", ""))
    except BadVariables:
        raise _Refused(21656) from None


def _default_sender(channel: ChannelCode) -> str:
    settings = hub().settings
    return settings.twilio_whatsapp_from if channel is ChannelCode.WHATSAPP else settings.twilio_sms_from


@blueprint.get("/Messages.json")
def list_messages(account_sid: str) -> Response:
    """List newest first, filtered by To, From and DateSent, page by page."""
    page, size = _number("Page", 0), min(_number("PageSize", 50), 1000) or 50
    try:
        found = [message for message in reversed(_twilio_messages()) if _matches(message)]
    except _Refused as refusal:
        return error(400, refusal.code)
    shown = found[page * size : (page + 1) * size]
    query = urlencode(_filters())
    uri = (
        f"/{VERSION}/Accounts/{account_sid}/Messages.json?{query}{'&' if query else ''}PageSize={size}&Page="
    )
    return json_answer(
        {
            "messages": [_resource(message) for message in shown],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(shown) - 1, 0),
            "uri": f"{uri}{page}",
            "first_page_uri": f"{uri}0",
            "previous_page_uri": f"{uri}{page - 1}" if page else None,
            "next_page_uri": f"{uri}{page + 1}" if len(found) > (page + 1) * size else None,
        }
    )


def _filters() -> dict[str, str]:
    names = ("To", "From", "DateSent", "DateSent>", "DateSent<")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdigit() else default


def _twilio_messages() -> list[ChatMessage]:
    return [message for message in hub().world.messages() if message.channel is not ChannelCode.TELEGRAM]


def _matches(message: ChatMessage) -> bool:
    to, sender = _ends(message)
    args = request.args
    return (
        args.get("To") in (None, "", to)
        and args.get("From") in (None, "", sender)
        and _is_within(
            message.at, args.get("DateSent", ""), args.get("DateSent>", ""), args.get("DateSent<", "")
        )
    )


def _is_within(at: datetime, day: str, since: str, until: str) -> bool:
    """Both ends count; a bare date is the whole UTC day, as Twilio has it."""
    if day and not _instant(day) <= at < _instant(day) + timedelta(days=1):
        return False
    if since and at < _instant(since):
        return False
    last = (
        _instant(until) + (timedelta(days=1) if len(until) == 10 else timedelta(seconds=1)) if until else None
    )
    return last is None or at < last


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _Refused(20001) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@blueprint.get("/Messages/<message_sid>.json")
def fetch_message(account_sid: str, message_sid: str) -> Response:
    message = hub().world.get(message_sid)
    return json_answer(_resource(message)) if message else error(404, 20404)


@blueprint.get("/Messages/<message_sid>/Media.json")
def list_media(account_sid: str, message_sid: str) -> Response:
    message = hub().world.get(message_sid)
    if message is None:
        return error(404, 20404)
    uri = f"/{VERSION}/Accounts/{account_sid}/Messages/{message_sid}/Media"
    files = [file for file_id in message.media if (file := hub().world.file(file_id))]
    media = [
        {
            "sid": file.file_id,
            "account_sid": account_sid,
            "parent_sid": message_sid,
            "content_type": file.media_type,
            "date_created": format_datetime(message.at),
            "date_updated": format_datetime(message.at),
            "uri": f"{uri}/{file.file_id}.json",
        }
        for file in files
    ]
    return json_answer(
        {"media_list": media, "page": 0, "page_size": 50, "uri": uri + ".json", "next_page_uri": None}
    )


@blueprint.get("/Messages/<message_sid>/Media/<media_sid>")
def fetch_media(account_sid: str, message_sid: str, media_sid: str) -> Response:
    message = hub().world.get(message_sid)
    file = hub().world.file(media_sid)
    if message is None or file is None or media_sid not in message.media or hub().faults.take_missing_media():
        return error(404, 20404)
    return Response(file.content, mimetype=file.media_type)


def _ends(message: ChatMessage) -> tuple[str, str]:
    """Return To and From as Twilio writes them."""
    prefix = "whatsapp:" if message.channel is ChannelCode.WHATSAPP else ""
    there, here = prefix + message.phone, prefix + message.sender
    return (here, there) if message.is_from_mitra else (there, here)


def _resource(message: ChatMessage) -> dict[str, object]:
    to, sender = _ends(message)
    account = hub().settings.twilio_account_sid
    uri = f"/{VERSION}/Accounts/{account}/Messages/{message.message_id}"
    written = format_datetime(message.at)
    is_waiting = message.status == "queued"
    return {
        "account_sid": account,
        "api_version": VERSION,
        "body": message.text,
        "date_created": written,
        "date_sent": None if is_waiting and not message.is_from_mitra else written,
        "date_updated": written,
        "direction": "inbound" if message.is_from_mitra else "outbound-api",
        "error_code": message.error_code,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        "num_segments": "0" if message.messaging_service_sid and is_waiting else "1",
        "price": None,
        "price_unit": "USD",
        "sid": message.message_id,
        "status": "received" if message.is_from_mitra else message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }
