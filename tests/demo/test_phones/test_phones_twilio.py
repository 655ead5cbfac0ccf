"""The simulator answers Twilio's client as Twilio does and signs what it sends into the app."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from phone_talk import (
    ACCOUNT,
    MITRA,
    PUBLIC,
    SMS_FROM,
    TOKEN,
    WHATSAPP_FROM,
    Receiver,
    faults,
    inbound,
    send_whatsapp,
    sent,
)
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client


def test_an_accepted_whatsapp_message_is_listed_and_reported_step_by_step(
    phones: str, twilio: Client, receiver: Receiver
) -> None:
    sid = send_whatsapp(twilio)
    hooks = [receiver.next() for _ in range(3)]
    assert [hook.form["MessageStatus"] for hook in hooks] == ["sent", "delivered", "read"]
    assert all(hook.is_signed for hook in hooks)
    assert {hook.path for hook in hooks} == {"/webhooks/whatsapp?message=7"}
    assert hooks[0].form["MessageSid"] == sid
    (entry,) = sent(phones)
    assert (entry["channel"], entry["to"], entry["body"], entry["id"]) == (
        "whatsapp",
        MITRA,
        "Baik, Ibu.",
        sid,
    )
    assert datetime.fromisoformat(entry["at"]).tzinfo is not None


def test_an_sms_ends_at_delivered(phones: str, twilio: Client, receiver: Receiver) -> None:
    twilio.messages.create(to=MITRA, from_=SMS_FROM, body="Halo", status_callback=f"{PUBLIC}/webhooks/sms")
    assert receiver.statuses(2) == ["sent", "delivered"]
    assert twilio.messages.list(to=MITRA)[0].status == "delivered"


def test_messages_are_listed_newest_first_by_address_and_date(
    phones: str, twilio: Client, receiver: Receiver
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    inbound(phones, channel="whatsapp", **{"from": MITRA}, text="Tolong")
    for number in range(5):
        send_whatsapp(twilio, f"pesan {number}")
    send_whatsapp(twilio, "orang lain", to="+6285900000998")
    found = twilio.messages.list(to=f"whatsapp:{MITRA}", date_sent_after=began, page_size=2)
    assert [message.body for message in found] == [f"pesan {n}" for n in (4, 3, 2, 1, 0)]
    assert twilio.messages.list(date_sent_after=began + timedelta(days=1)) == []
    (said,) = twilio.messages.list(from_=f"whatsapp:{MITRA}")
    assert (said.direction, said.body, said.status) == ("inbound", "Tolong", "received")
    assert twilio.messages(said.sid).fetch().body == "Tolong"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param({"to": "whatsapp:0812"}, 21211, id="recipient is no number"),
        pytest.param({"body": "x" * 1601}, 21617, id="text too long"),
        pytest.param({"body": ""}, 21602, id="nothing to say"),
        pytest.param({"from_": SMS_FROM}, 63007, id="sender of another channel"),
    ],
)
def test_a_send_that_twilio_would_refuse_is_refused(
    phones: str, twilio: Client, wanted: dict[str, str], code: int
) -> None:
    fine = {"to": f"whatsapp:{MITRA}", "from_": f"whatsapp:{WHATSAPP_FROM}", "body": "Halo"}
    with pytest.raises(TwilioRestException) as refusal:
        twilio.messages.create(**(fine | wanted))
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert sent(phones) == []


def test_a_wrong_twilio_token_is_401(phones: str) -> None:
    url = f"{phones}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.post(url, auth=(ACCOUNT, "wrong"), data={}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_every_well_formed_recipient_is_accepted(phones: str, twilio: Client) -> None:
    recipients = ["+4915112345678", "ID.45661234567890", "+6281000000000"]
    for to in recipients:
        send_whatsapp(twilio, to=to)
    assert [entry["to"] for entry in sent(phones)] == recipients


@pytest.mark.parametrize(("channel", "prefix"), [("whatsapp", "whatsapp:"), ("sms", "")])
def test_what_a_mitra_writes_reaches_the_app_signed(
    phones: str, receiver: Receiver, channel: str, prefix: str
) -> None:
    answer = inbound(
        phones, channel=channel, name="Siti", text="Belum dicatat 😟 & rugi", **{"from": "0859 0000 0999"}
    )
    hook = receiver.next()
    assert hook.path == f"/webhooks/{channel}"
    assert hook.is_signed
    assert hook.headers["I-Twilio-Idempotency-Token"]
    form = hook.form
    assert (form["From"], form["Body"]) == (prefix + MITRA, "Belum dicatat 😟 & rugi")
    assert answer == {"status": 204, "external_id": form["MessageSid"], "error": ""}


def test_a_whatsapp_sender_may_have_no_number(phones: str, receiver: Receiver) -> None:
    inbound(phones, channel="whatsapp", text="Halo", **{"from": "ID.45661234567890"})
    form = receiver.next().form
    assert (form["From"], form["ExternalUserId"]) == ("whatsapp:ID.45661234567890", "ID.45661234567890")
    assert "WaId" not in form


def test_media_of_a_mitra_is_fetched_with_the_account(phones: str, receiver: Receiver) -> None:
    inbound(phones, channel="whatsapp", media=["photo", "voice"], **{"from": MITRA})
    form = receiver.next().form
    assert (form["NumMedia"], form["MediaContentType1"]) == ("2", "audio/ogg")
    assert requests.get(form["MediaUrl0"], timeout=10).status_code == 401
    voice = requests.get(form["MediaUrl1"], auth=(ACCOUNT, TOKEN), timeout=10)
    assert (voice.headers["Content-Type"], voice.content[:4]) == ("audio/ogg", b"OggS")
    with faults(phones, media_missing_next=1):
        late = [
            requests.get(form["MediaUrl0"], auth=(ACCOUNT, TOKEN), timeout=10).status_code for _ in range(2)
        ]
    assert late == [404, 200]
