"""What is Twilio's own: forms, signatures, addresses."""

import json
from collections.abc import Mapping

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioServiceException
from twilio.http.response import Response

from helpdesk.channels import build_channels
from helpdesk.channels.base import Channel
from helpdesk.channels.twilio_common import RebasedHttpClient
from helpdesk.channels.twilio_errors import send_failure
from helpdesk.channels.wording import clean, phone_key
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import CannotParse, InvalidSignature
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    DeliveryReport,
    InboundMessage,
    MediaKind,
    OptOut,
    OutboundMessage,
    TemplateUse,
    WebhookRequest,
)

from .fake_provider import Answer, FakeProvider
from .webhooks import ACCOUNT, OLD_TWILIO_TOKEN, Settings, twilio_webhook, webhook_from

PHONE = "+6285700011101"
PHONE_KEY = f"tel:{PHONE}"


def sid(prefix: str, number: int) -> str:
    return f"{prefix}{number:032x}"


def media(message: int, number: int, kind: MediaKind, media_type: str | None) -> AttachmentRef:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid('MM', message)}"
    return AttachmentRef(f"{url}/Media/{sid('ME', number)}", kind, media_type)


def whatsapp(number: int, **said: object) -> InboundMessage:
    known: dict[str, object] = {
        "channel": ChannelCode.WHATSAPP,
        "external_id": sid("SM", number),
        "address": f"whatsapp:{PHONE}",
        "aliases": (PHONE_KEY,),
    }
    return InboundMessage(**(known | said))  # type: ignore[arg-type]


def sms(number: int, **said: object) -> InboundMessage:
    return whatsapp(number, **({"channel": ChannelCode.SMS, "address": PHONE} | said))


def report(
    channel: ChannelCode,
    number: int,
    status: DeliveryStatus,
    error: str | None = None,
    outcome: SendOutcome | None = None,
    fault: ChannelFault | None = None,
) -> DeliveryReport:
    return DeliveryReport(channel, sid("SM", number), status, error, outcome, fault)


UNDERSTOOD: dict[str, ChannelItem] = {
    "whatsapp_text": whatsapp(1, text="Uang saya terpotong dua kali 😡", display_name="Ratna Lestari"),
    "whatsapp_button": whatsapp(
        2,
        text="Ya, setuju",
        choice="{terima:ya}",
        aliases=(PHONE_KEY, "bsuid:ID.7100000000000001"),
        reply_to_external_id=sid("MM", 77),
    ),
    "whatsapp_row": whatsapp(
        60,
        text="1. Angsuran",
        choice="1. Angsuran",
        aliases=(PHONE_KEY, "bsuid:ID.7100000000000001"),
        reply_to_external_id=sid("MM", 77),
    ),
    "whatsapp_user_id_only": whatsapp(
        3,
        text="Halo",
        address="whatsapp:ID.7100000000000002",
        aliases=("bsuid:ID.7100000000000002", "bsuid:ID.ENT.8100000000000002"),
    ),
    "whatsapp_location": whatsapp(
        4,
        facts={"latitude": "-7.797068", "longitude": "110.370529", "place": "Balai Desa, Jl. Melati 4"},
    ),
    "whatsapp_voice_without_body": whatsapp(
        5, external_id=sid("MM", 5), attachments=(media(5, 5, MediaKind.VOICE, "audio/ogg"),)
    ),
    "whatsapp_card_and_hostile_media": whatsapp(
        6,
        text="lihat",
        attachments=(
            AttachmentRef("http://192.0.2.9/rahasia", MediaKind.PHOTO, "image/jpeg"),
            media(6, 6, MediaKind.CONTACT, "text/vcard"),
        ),
    ),
    "whatsapp_without_prefix": whatsapp(7, text="Halo", address=PHONE),
    "whatsapp_reaction": whatsapp(8, facts={"unsupported": "reaction"}),
    "whatsapp_nul": whatsapp(9, text="sebelumsesudah", display_name="Ratna"),
    "whatsapp_report_read": report(ChannelCode.WHATSAPP, 50, DeliveryStatus.READ),
    "whatsapp_report_outside_window": report(
        ChannelCode.WHATSAPP, 51, DeliveryStatus.FAILED, "63016", SendOutcome.NEEDS_TEMPLATE
    ),
    "sms_text": sms(20, text="Angsuran belum masuk"),
    "sms_media_without_types": sms(
        21,
        attachments=(media(21, 1, MediaKind.DOCUMENT, None), media(21, 2, MediaKind.DOCUMENT, None)),
    ),
    "sms_stop": sms(22, text="Berhenti", opt_out=OptOut.STOP, is_provider_answered=True),
    "sms_from_a_name": sms(23, text="Promo", address="BANKTETANGGA", aliases=("sms:BANKTETANGGA",)),
    "sms_report_undelivered": report(
        ChannelCode.SMS, 60, DeliveryStatus.FAILED, "30005", SendOutcome.BAD_ADDRESS
    ),
    "sms_report_filtered": report(
        ChannelCode.SMS, 62, DeliveryStatus.FAILED, "30007", fault=ChannelFault.FILTERED
    ),
    "sms_report_old_field": report(ChannelCode.SMS, 61, DeliveryStatus.SENT),
}


@pytest.mark.parametrize("payload", UNDERSTOOD)
def test_a_form_says_what_the_person_or_the_provider_said(
    payload: str, channels: Mapping[str, Channel]
) -> None:
    request = webhook_from(f"{payload}.form")

    assert channels[request.channel].parse(request) == [UNDERSTOOD[payload]]


@pytest.mark.parametrize(
    "payload", ["whatsapp_report_unknown_word", "whatsapp_neither", "whatsapp_forged_log_line"]
)
def test_what_is_not_understood_waits_for_a_person(payload: str, channels: Mapping[str, Channel]) -> None:
    with pytest.raises(CannotParse) as caught:
        channels["whatsapp"].parse(webhook_from(f"{payload}.form"))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", DeliveryStatus.QUEUED),
        ("accepted", DeliveryStatus.QUEUED),
        ("scheduled", DeliveryStatus.QUEUED),
        ("sending", DeliveryStatus.SENDING),
        ("sent", DeliveryStatus.SENT),
        ("partially_delivered", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("undelivered", DeliveryStatus.FAILED),
        ("failed", DeliveryStatus.FAILED),
        ("canceled", DeliveryStatus.FAILED),
    ],
)
def test_each_status_word_has_one_meaning(
    word: str, status: DeliveryStatus, channels: Mapping[str, Channel]
) -> None:
    request = twilio_webhook("sms", (("MessageSid", "SM1"), ("MessageStatus", word)))

    assert channels["sms"].parse(request) == [DeliveryReport(ChannelCode.SMS, "SM1", status)]


FIELDS = (("From", PHONE), ("Body", "a b\nc 😡"), ("Kosong", ""), ("Baru", "1"), ("Baru", "2"))
URL = "https://aduan.example/webhooks/sms"
SIGNED = {
    "fields with repeats and empty values": twilio_webhook("sms", FIELDS),
    "the token before the exchange": twilio_webhook("sms", FIELDS, token=OLD_TWILIO_TOKEN),
    "escapes in path and query": twilio_webhook("sms", FIELDS, url=f"{URL}/caf%C3%A9%2Fx?q=%C3%A9"),
    "an explicit port": twilio_webhook("sms", FIELDS, url="http://127.0.0.1:8000/webhooks/sms"),
}
BODY_HASH = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaf8a8"
FORGED = {
    "another token": twilio_webhook("sms", FIELDS, token="token-orang-lain"),
    "JSON": twilio_webhook("sms", FIELDS, content_type="application/json"),
    "a body outside the form": WebhookRequest(
        "sms",
        f"{URL}?bodySHA256={BODY_HASH}",
        twilio_webhook("sms", (), url=f"{URL}?bodySHA256={BODY_HASH}", content_type="text/plain").headers,
        (),
        b"{}",
    ),
    "one more field": WebhookRequest(
        "sms", URL, twilio_webhook("sms", FIELDS).headers, (*FIELDS, ("Body", "lain")), b""
    ),
    "another address": WebhookRequest(
        "sms", "https://lain.example/webhooks/sms", twilio_webhook("sms", FIELDS).headers, FIELDS, b""
    ),
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_covers_the_raw_address_and_all_fields(
    name: str, channels: Mapping[str, Channel]
) -> None:
    channels["sms"].verify(SIGNED[name])

    assert SIGNED[name].headers["x-twilio-signature"]


@pytest.mark.parametrize("name", FORGED)
def test_a_signature_over_anything_else_is_refused(name: str, channels: Mapping[str, Channel]) -> None:
    with pytest.raises(InvalidSignature):
        channels["sms"].verify(FORGED[name])


ACCEPTED = Answer.of_json(201, {"sid": "SM9"})


@pytest.mark.parametrize(
    ("code", "address", "to", "sender"),
    [
        ("whatsapp", f"whatsapp:{PHONE}", f"whatsapp:{PHONE}", "whatsapp:+622150001000"),
        ("whatsapp", PHONE, f"whatsapp:{PHONE}", "whatsapp:+622150001000"),
        ("whatsapp", PHONE.removeprefix("+"), f"whatsapp:{PHONE}", "whatsapp:+622150001000"),
        ("whatsapp", "whatsapp:ID.71", "whatsapp:ID.71", "whatsapp:+622150001000"),
        ("sms", PHONE, PHONE, "+15005550006"),
    ],
    ids=["whatsapp", "prefix was missing", "received by Meta", "user id", "sms"],
)
def test_an_answer_goes_to_the_address_as_received(
    code: str, address: str, to: str, sender: str, provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(ACCEPTED)
    callback = "https://aduan.example/webhooks/sms?m=1"
    channels[code].send(OutboundMessage("m-1", ChannelCode(code), address, "Halo", status_callback=callback))

    seen = provider.seen[0]
    assert seen.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert seen.form == {
        "To": [to],
        "From": [sender],
        "Body": ["Halo"],
        "StatusCallback": [f"{callback}#rc=5&rp=all"],
        "ValidityPeriod": ["14400"],
    }


def test_a_template_goes_by_its_id_with_its_variables(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(ACCEPTED)
    template = TemplateUse("HX" + "1" * 32, {"1": "4821-9375", "2": "Sénin"})
    address = f"whatsapp:{PHONE}"
    channels["whatsapp"].send(
        OutboundMessage("m-1", ChannelCode.WHATSAPP, address, "Halo", template=template)
    )

    form = provider.seen[0].form
    assert form["ContentSid"] == [template.content_id]
    assert "Body" not in form
    assert json.loads(form["ContentVariables"][0]) == {"1": "4821-9375", "2": "Sénin"}


UNSURE = [
    (requests.ReadTimeout(), "timeout", SendOutcome.UNKNOWN),
    (requests.ConnectTimeout(), "not_connected", SendOutcome.RETRY),
    (requests.ConnectionError(), "connection_lost", SendOutcome.UNKNOWN),
    (TwilioServiceException("t", "title", 429, 20429), "20429", SendOutcome.RETRY),
    (TwilioServiceException("t", "title", 400, 21610), "21610", SendOutcome.OPTED_OUT),
    (ValueError(), "bad_response", SendOutcome.UNKNOWN),
    (TwilioException("no page", Response(401, '{"code": 20003}')), "20003", SendOutcome.RETRY),
    (TwilioException("no page", Response(502, "<html>")), "502", SendOutcome.UNKNOWN),
    (TwilioException("no page"), "bad_response", SendOutcome.UNKNOWN),
]


@pytest.mark.parametrize(("error", "code", "outcome"), UNSURE, ids=lambda value: type(value).__name__)
def test_what_the_client_raises_is_translated(error: Exception, code: str, outcome: SendOutcome) -> None:
    failure = send_failure(error)

    assert (failure.code, failure.outcome) == (code, outcome)


def test_a_used_up_daily_tier_is_not_tried_again_at_once() -> None:
    failure = send_failure(TwilioServiceException("t", "title", 400, 63018))

    assert failure.retry_after == 3600


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+6285700011101", "tel:+6285700011101"),
        ("085700011101", "tel:+6285700011101"),
        (" +62 857-0001-1101 ", "tel:+6285700011101"),
        ("+999123456", "tel:+999123456"),
        ("2021", None),
        ("BANKTETANGGA", None),
        ("", None),
    ],
)
def test_a_phone_has_one_key_however_it_is_written(written: str, key: str | None) -> None:
    assert phone_key(written) == key


def test_text_is_cleaned_of_what_no_database_holds() -> None:
    assert clean("a\x00b😡\ud83d\u202ec") == "ab😡�\u202ec"


def form(number: int, **fields: str) -> tuple[tuple[str, str], ...]:
    return (("MessageSid", sid("SM", number)), *fields.items())


AT_THE_OTHER_ADDRESS: dict[str, tuple[str, dict[str, str], ChannelItem]] = {
    "whatsapp message": (
        "sms",
        {"From": f"whatsapp:{PHONE}", "To": "whatsapp:+622150001000", "Body": "Halo", "ProfileName": "Ratna"},
        whatsapp(70, text="Halo", display_name="Ratna"),
    ),
    "whatsapp message without prefix": (
        "sms",
        {"From": PHONE, "Body": "Halo", "WaId": PHONE.removeprefix("+")},
        whatsapp(70, text="Halo", address=PHONE),
    ),
    "whatsapp report": (
        "sms",
        {"To": f"whatsapp:{PHONE}", "MessageStatus": "read"},
        report(ChannelCode.WHATSAPP, 70, DeliveryStatus.READ),
    ),
    "sms to our sender of sms": (
        "whatsapp",
        {"From": PHONE, "To": "+15005550006", "Body": "Halo"},
        sms(70, text="Halo"),
    ),
    "sms report": (
        "whatsapp",
        {"From": "+15005550006", "To": PHONE, "MessageStatus": "delivered"},
        report(ChannelCode.SMS, 70, DeliveryStatus.DELIVERED),
    ),
}


@pytest.mark.parametrize("case", AT_THE_OTHER_ADDRESS)
def test_a_form_at_the_address_of_the_other_medium_is_what_it_says(
    case: str, channels: Mapping[str, Channel]
) -> None:
    address, fields, expected = AT_THE_OTHER_ADDRESS[case]
    request = twilio_webhook(address, form(70, **fields))
    channels[address].verify(request)
    assert channels[address].parse(request) == [expected]


def test_a_country_tells_nothing_of_the_medium(channels: Mapping[str, Channel]) -> None:
    fields = form(72, From=PHONE, To="+15005550099", Body="Halo", FromCountry="ID", ToState="CA")
    request = twilio_webhook("whatsapp", fields)
    assert channels["whatsapp"].parse(request) == [whatsapp(72, text="Halo", address=PHONE)]


def test_one_number_for_both_media_tells_nothing_of_the_medium() -> None:
    both = build_channels(Settings(twilio_whatsapp_from="whatsapp:+15005550006"))
    request = twilio_webhook("whatsapp", form(71, From=PHONE, To="+15005550006", Body="Halo"))
    assert both["whatsapp"].parse(request) == [whatsapp(71, text="Halo", address=PHONE)]
    for channel in both.values():
        channel.close()


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ("https://api.twilio.com", "https://content.twilio.com"),
        ("https://api.dublin.ie1.twilio.com/", "https://content.dublin.ie1.twilio.com"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("https://twilio.proxy.example", "https://twilio.proxy.example"),
    ],
)
def test_contents_have_a_host_of_their_own_at_twilio_and_none_at_a_stand_in(base: str, asked: str) -> None:
    client = RebasedHttpClient(base)
    seen: list[str] = []
    client._inner.request = lambda method, url, **options: seen.append(url)  # type: ignore[method-assign,assignment]
    client.request("GET", "https://content.twilio.com/v1/Content?PageSize=2")
    client.request("GET", "https://api.twilio.com/2010-04-01/x.json")
    client.close()
    assert seen == [f"{asked}/v1/Content?PageSize=2", f"{base.rstrip('/')}/2010-04-01/x.json"]
