"""Twilio's Content resources: what may be pressed under a WhatsApp text goes out only as one of these.

Inside the 24 hours they need nobody's approval (Twilio, twilio/quick-reply and twilio/list-picker, read 2026-11): at
most three buttons of 20 characters or ten rows. The text stays ours: it is the one variable, of up to 1,024 characters
here, and must not be empty (error 21656).
"""

from collections.abc import Mapping
from typing import Final

from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from helpdesk.channels.twilio_errors import CLIENT_ERRORS, send_failure
from helpdesk.domain.errors import AskFailed
from helpdesk.domain.message_templates import Standing, TemplateState
from helpdesk.domain.options import ButtonSet

PAGE: Final = 500
TEXT_VARIABLE: Final = "1"
_BODY: Final = "{{1}}"
_SAMPLE: Final = "Apa kabar?"
_STATES: Final = {
    "unsubmitted": TemplateState.PENDING,
    "received": TemplateState.PENDING,
    "pending": TemplateState.PENDING,
    "approved": TemplateState.APPROVED,
    "rejected": TemplateState.REJECTED,
    "paused": TemplateState.PAUSED,
    "disabled": TemplateState.PAUSED,
}
"""Twilio, approval requests of the Content API, read 2026-11."""


class _Request(ContentList.ContentCreateRequest):  # type: ignore[misc]
    """The client would name every kind of content with null."""

    def to_dict(self) -> dict[str, object]:
        whole: dict[str, dict[str, object]] = super().to_dict()
        kinds = {name: kind for name, kind in whole["types"].items() if kind is not None}
        return {**whole, "types": kinds}


def list_contents(client: Client) -> Mapping[str, str]:
    """Return the ids of all contents of the account by their names; of several the oldest. Raises AskFailed."""
    try:
        found = [
            (each.date_created, each.friendly_name, each.sid)
            for each in client.content.v1.contents.stream(page_size=PAGE)
        ]
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    dated = [(at, name, sid) for at, name, sid in found if at and name and sid]
    return {name: sid for _at, name, sid in sorted(dated, reverse=True)}


def keep_set(client: Client, offered: ButtonSet) -> str:
    """Have Twilio keep a set of buttons, and return its id. Raises AskFailed; it may be kept all the same."""
    request = _Request(
        {
            "friendly_name": offered.name,
            "language": offered.language,
            "variables": {TEXT_VARIABLE: _SAMPLE},
            "types": _kind(offered),
        }
    )
    try:
        sid = client.content.v1.contents.create(request).sid
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    if not isinstance(sid, str) or not sid:
        raise AskFailed("bad_response")
    return sid


def standing_of(client: Client, content_id: str) -> Standing:
    """Return what Twilio says of a template: its text, and how WhatsApp's approval stands. Raises AskFailed."""
    try:
        kept = client.content.v1.contents(content_id)
        kinds, approval = kept.fetch().types, kept.approval_fetch().fetch().whatsapp
        word, body = str((approval or {})["status"]).lower(), _body_of(kinds)
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    if word not in _STATES:
        raise AskFailed(f"status {word[:40]}")
    return Standing(_STATES[word], body)


def _body_of(kinds: Mapping[str, object]) -> str:
    """Return the text of the first kind of content that has one."""
    bodies = (kind["body"] for kind in kinds.values() if isinstance(kind, dict) and "body" in kind)
    return str(next(bodies, ""))


def _kind(offered: ButtonSet) -> dict[str, object]:
    """Ids are the labels: a pressed one says what is typed otherwise. Every row must have a second line."""
    if offered.list_title:
        rows = [
            {"id": option.label, "item": option.label, "description": option.detail or option.label}
            for option in offered.options
        ]
        return {"twilio/list-picker": {"body": _BODY, "button": offered.list_title, "items": rows}}
    keys = [{"type": "QUICK_REPLY", "title": each.label, "id": each.label} for each in offered.options]
    return {"twilio/quick-reply": {"body": _BODY, "actions": keys}}
