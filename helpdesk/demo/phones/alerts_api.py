"""Twilio's Alerts resource: where its requests to the app failed."""

from datetime import datetime

from flask import Blueprint, Response, request

from helpdesk.demo.phones.hub import hub, json_answer
from helpdesk.demo.phones.state import ChatMessage
from helpdesk.demo.phones.twilio_api import refusal_of_stranger
from helpdesk.domain.messages import ChannelCode

_NOT_REACHED, _BAD_ANSWER = "11205", "11200"

blueprint = Blueprint("alerts", __name__, url_prefix="/v1/Alerts")
blueprint.before_request(refusal_of_stranger)


@blueprint.get("")
def list_alerts() -> Response:
    """List newest first, from StartDate on; there is one page."""
    since = datetime.fromisoformat(request.args.get("StartDate", "1970-01-01T00:00:00Z"))
    found = [
        _resource(each) for each in reversed(hub().world.messages()) if _failed(each) and each.at >= since
    ]
    return json_answer({"alerts": found, "meta": {"key": "alerts", "page": 0, "next_page_url": None}})


def _failed(message: ChatMessage) -> bool:
    is_webhook = message.is_from_mitra and message.channel is not ChannelCode.TELEGRAM
    return is_webhook and bool(message.app_error or (message.app_status or 200) >= 300)


def _resource(message: ChatMessage) -> dict[str, object]:
    return {
        "account_sid": hub().settings.twilio_account_sid,
        "sid": "NO" + message.message_id[2:],
        "error_code": _BAD_ANSWER if message.app_status else _NOT_REACHED,
        "log_level": "error",
        "date_generated": message.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "request_url": f"{hub().settings.public_url}/webhooks/{message.channel.value}",
        "request_method": "POST",
        "resource_sid": message.message_id,
    }
