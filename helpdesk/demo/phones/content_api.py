"""Twilio's Content API as far as a messaging client calls it: create, list and fetch, and how approval stands."""

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from helpdesk.demo.phones.contents import BadContent, Content
from helpdesk.demo.phones.hub import hub, json_answer
from helpdesk.demo.phones.twilio_api import error, refusal_of_stranger

_PATH = "/v1/Content"
_BASE = f"https://content.twilio.com{_PATH}"

blueprint = Blueprint("contents", __name__, url_prefix=_PATH)


@blueprint.before_request
def let_in() -> Response | None:
    """Slow down if told so, then ask for the account and its token."""
    hub().courier.pause(hub().faults.current().delay_seconds)
    return refusal_of_stranger()


@blueprint.post("")
def create_content() -> Response:
    try:
        content = hub().contents.create(request.get_json(silent=True))
    except BadContent as refusal:
        return error(400, 20001, str(refusal))
    return json_answer(_resource(content), 201)


@blueprint.get("")
def list_contents() -> Response:
    """List page by page, in the order in which they were made."""
    page, size = (
        int(text) if (text := request.args.get(name, "")).isdigit() else 0 for name in ("Page", "PageSize")
    )
    size = min(size or 50, 1000)
    found = hub().contents.all()
    address = f"{_BASE}?{urlencode({'PageSize': size})}&Page="
    has_more = len(found) > (page + 1) * size
    return json_answer(
        {
            "contents": [_resource(content) for content in found[page * size : (page + 1) * size]],
            "meta": {
                "key": "contents",
                "page": page,
                "page_size": size,
                "url": f"{address}{page}",
                "first_page_url": f"{address}0",
                "previous_page_url": f"{address}{page - 1}" if page else None,
                "next_page_url": f"{address}{page + 1}" if has_more else None,
            },
        }
    )


@blueprint.get("/<sid>")
def fetch_content(sid: str) -> Response:
    content = hub().contents.get(sid)
    return json_answer(_resource(content)) if content else error(404, 20404)


@blueprint.get("/<sid>/ApprovalRequests")
def fetch_approval(sid: str) -> Response:
    content = hub().contents.get(sid)
    if content is None:
        return error(404, 20404)
    return json_answer(
        {
            "account_sid": hub().settings.twilio_account_sid,
            "sid": sid,
            "url": f"{_BASE}/{sid}/ApprovalRequests",
            "whatsapp": {
                "type": "whatsapp",
                "name": content.name,
                "category": "UTILITY",
                "content_type": next(iter(content.types)),
                "status": content.approval,
                "rejection_reason": "",
                "allow_category_change": True,
            },
        }
    )


def _resource(content: Content) -> dict[str, object]:
    written = content.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "sid": content.sid,
        "account_sid": hub().settings.twilio_account_sid,
        "friendly_name": content.name,
        "language": content.language,
        "variables": dict(content.variables),
        "types": dict(content.types),
        "date_created": written,
        "date_updated": written,
        "url": f"{_BASE}/{content.sid}",
        "links": {
            "approval_create": f"{_BASE}/{content.sid}/ApprovalRequests/whatsapp",
            "approval_fetch": f"{_BASE}/{content.sid}/ApprovalRequests",
        },
    }
