"""What Twilio knows of messages to us and of ours, each as the webhook that should have brought it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from urllib.parse import urlencode, urlsplit

from twilio.base import values
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from helpdesk.channels.asking import Complaint, Listed
from helpdesk.channels.twilio_errors import CLIENT_ERRORS, send_failure
from helpdesk.channels.twilio_forms import WHATSAPP_PREFIX, FormFields, read_report
from helpdesk.channels.twilio_media import API_HOST
from helpdesk.domain.errors import AskFailed, CannotParse
from helpdesk.domain.messages import ChannelCode, DeliveryReport, SentCopy, WebhookRequest

PAGE = 500
MOST_FILES = 10
"""Of one message (Twilio, read 2026-11)."""
MOST_COMPLAINTS = 100
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def list_received(client: Client, code: ChannelCode, *, to: str | None, since: datetime) -> Iterator[Listed]:
    """Return what was sent to `to`, or to any of our numbers, since then; newest first. Raises AskFailed."""
    try:
        for each in client.messages.stream(to=to or values.unset, date_sent_after=since, page_size=PAGE):
            sent_at = each.date_sent or each.date_created
            if each.direction == "inbound" and each.sid and sent_at and _is_of(code, each):
                yield Listed(
                    each.sid,
                    sent_at,
                    partial(_webhook, code, each, partial(_files, client)),
                    partial(_webhook, code, each, _unlisted),
                )
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None


def list_sent(client: Client, *, to: str, since: datetime) -> list[SentCopy]:
    """Return what we sent to `to` since then; newest first. Raises AskFailed."""
    try:
        found = client.messages.list(to=to, date_sent_after=since, page_size=PAGE, limit=PAGE)
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    return [
        SentCopy(each.sid, each.body or "", at)
        for each in found
        if each.direction != "inbound" and each.sid and (at := each.date_created or each.date_sent)
    ]


def report_on(client: Client, code: ChannelCode, sid: str) -> DeliveryReport:
    """Return where a message of ours stands, as the webhook that should have told us. Raises AskFailed."""
    try:
        found = client.messages(sid).fetch()
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    fields = {"MessageSid": sid, "MessageStatus": found.status, "ErrorCode": found.error_code}
    form = FormFields(tuple((name, str(value)) for name, value in fields.items() if value is not None))
    try:
        report = read_report(form, code)
    except CannotParse:
        report = None
    if report is None:
        raise AskFailed("bad_response")
    return report


def list_complaints(client: Client, code: ChannelCode, since: datetime) -> list[Complaint]:
    """Return the errors of Twilio's debugger that our webhook of this channel made. Raises AskFailed.

    11200 to 11299: it was not reached, or answered with an error; 12300: not in a form that Twilio reads (Twilio,
    Alerts resource and error dictionary, read 2026-11). Other applications of the account have other addresses.
    """
    try:
        found = client.monitor.v1.alerts.list(
            start_date=since, page_size=MOST_COMPLAINTS, limit=MOST_COMPLAINTS
        )
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    return [
        Complaint(each.error_code, each.date_generated)
        for each in found
        if each.error_code
        and (each.error_code.startswith("112") or each.error_code == "12300")
        and each.date_generated
        and each.date_generated >= since.replace(microsecond=0)  # Twilio names whole seconds
        and urlsplit(each.request_url or "").path.endswith(f"/webhooks/{code}")
    ]


def _is_of(code: ChannelCode, message: MessageInstance) -> bool:
    is_whatsapp = (message.to or "").startswith(WHATSAPP_PREFIX)
    return is_whatsapp is (code is ChannelCode.WHATSAPP)


def _webhook(
    code: ChannelCode,
    message: MessageInstance,
    files_of: Callable[[MessageInstance], dict[str, str | None]],
) -> WebhookRequest:
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "AccountSid": message.account_sid,
        "MessagingServiceSid": message.messaging_service_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": message.num_media,
        "ApiVersion": message.api_version,
    }
    if message.num_media not in (None, "", "0"):
        fields |= files_of(message)
    form = tuple((name, str(value)) for name, value in fields.items() if value is not None)
    return WebhookRequest(code, f"/webhooks/{code}", _FORM, form, urlencode(form).encode())


def _files(client: Client, message: MessageInstance) -> dict[str, str | None]:
    try:
        media = client.messages(str(message.sid)).media.list()
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None
    fields: dict[str, str | None] = {}
    for number, each in enumerate(media):
        fields[f"MediaUrl{number}"] = f"https://{API_HOST}{(each.uri or '').removesuffix('.json')}"
        fields[f"MediaContentType{number}"] = each.content_type
    return fields


def _unlisted(message: MessageInstance) -> dict[str, str | None]:
    """Return a place for each file where there is none, so that its reader sees that something is missing."""
    count = int(message.num_media or 0) if str(message.num_media or "").isdigit() else 0
    where = f"https://{API_HOST}/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media"
    return {f"MediaUrl{number}": f"{where}/unlisted{number}" for number in range(min(count, MOST_FILES))}
