"""POST /webhooks/<channel>: verify, store, answer, and only then process."""

import logging

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from helpdesk import inbox
from helpdesk.domain.messages import WebhookRequest
from helpdesk.runtime import DATABASE_AWAY
from helpdesk.views.access import public, runtime

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes of a webhook; files come by reference, so that no honest one is near this."""


@bp.post("/<channel>")
@public
def receive(channel: str) -> ResponseReturnValue:
    """Store a provider's request. 403 unsigned, 404 channel off, 503 when it could not be stored."""
    request.max_content_length = MAX_BODY
    body = request.get_data(cache=True)
    rt = runtime()
    incoming = WebhookRequest(
        channel=channel,
        url=signed_url(rt.settings.public_url),
        headers={name.lower(): value for name, value in request.headers.items()},
        form=inbox.form_fields(request.headers.get("Content-Type", ""), body),
        body=body,
    )
    try:
        event_id = inbox.accept(rt, incoming)
    except DATABASE_AWAY:
        logger.exception("webhook on %s could not be stored", channel)
        return Response(status=503, headers={"Retry-After": "5"})
    answer = Response(status=204)
    # The provider has its answer before we begin to think; a crash here leaves the event for the worker.
    answer.call_on_close(lambda: inbox.process(rt, event_id))
    return answer


@bp.get("/<channel>")
@public
def shake_hands(channel: str) -> ResponseReturnValue:
    """Answer a provider that asks whether this address is meant. 403 to a stranger, 404 for other providers."""
    return Response(inbox.handshake(runtime(), channel, request.args), mimetype="text/plain")


def signed_url(public_url: str) -> str:
    """Return the address that the provider signed: our public one with the raw path and query (channels.md A1.2)."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if not raw.startswith("/"):
        query = request.query_string.decode("latin-1")
        raw = request.path + (f"?{query}" if query else "")
    return f"{public_url}{raw}"
