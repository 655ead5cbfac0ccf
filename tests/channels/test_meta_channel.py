"""What is Meta's own: batches, the handshake, keys under texts, templates, files behind an id."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import pytest

from helpdesk.channels.base import CanFetch, CanShakeHands, Channel
from helpdesk.channels.whatsapp_meta import WhatsappMeta, build
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import CannotParse, FetchFailed, InvalidSignature
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    DeliveryReport,
    Envelope,
    FetchedFile,
    InboundMessage,
    MediaKind,
    Option,
    OutboundMessage,
    TemplateUse,
    WebhookRequest,
)

from .fake_provider import Answer, FakeProvider
from .webhooks import META_NUMBER, META_TOKEN, meta_webhook, webhook_from, with_meta

PHONE = "6285700011101"
PHONE_KEY = f"tel:+{PHONE}"
SENT_AT = datetime(2030, 1, 1, tzinfo=UTC)


def said(number: int, text: str = "", **more: object) -> InboundMessage:
    known: dict[str, object] = {
        "channel": ChannelCode.WHATSAPP,
        "external_id": f"wamid.{number:03}",
        "address": PHONE,
        "aliases": (PHONE_KEY,),
        "text": text,
        "sent_at": SENT_AT,
        "display_name": "Ratna Lestari",
    }
    return InboundMessage(**(known | more))  # type: ignore[arg-type]


def file(
    number: int, kind: MediaKind, media_type: str, name: str | None = None, text: str = ""
) -> InboundMessage:
    return said(number, text, attachments=(AttachmentRef(f"8800{number - 6:02}", kind, media_type, name),))


def report(
    status: DeliveryStatus,
    code: str | None = None,
    outcome: SendOutcome | None = None,
    fault: ChannelFault | None = None,
) -> list[ChannelItem]:
    return [DeliveryReport(ChannelCode.WHATSAPP, "wamid.out1", status, code, outcome, fault)]


FAILED = DeliveryStatus.FAILED
USER_ID = "ID.7100000000000002"
UNDERSTOOD: dict[str, list[ChannelItem]] = {
    "text": [said(1, "Uang saya terpotong dua kali 😡")],
    "reply": [said(2, "ini jawaban", reply_to_external_id="wamid.out1")],
    "button_of_template": [
        said(3, "Ya, setuju", choice="terima:ya", reply_to_external_id="wamid.out1"),
    ],
    "button": [said(4, "Betul", choice="Betul", reply_to_external_id="wamid.out2")],
    "row": [said(5, "1. Angsuran", choice="1. Angsuran")],
    "form_reply": [said(6, "Terkirim")],
    "image": [file(7, MediaKind.PHOTO, "image/jpeg", text="bukti")],
    "voice": [file(8, MediaKind.VOICE, "audio/ogg")],
    "audio": [file(9, MediaKind.AUDIO, "audio/mpeg")],
    "document": [file(10, MediaKind.DOCUMENT, "application/pdf", "../kuitansi.pdf")],
    "sticker": [file(11, MediaKind.STICKER, "image/webp")],
    "location": [
        said(
            12,
            facts={"latitude": "-7.797068", "longitude": "110.370529", "place": "Balai Desa, Jl. Melati 4"},
        )
    ],
    "contacts": [said(13, "Pak Petugas +62 857-0001-1102")],
    "reaction": [said(14, "👍", reply_to_external_id="wamid.out1")],
    "reaction_taken_back": [],
    "unsupported": [said(16, facts={"unsupported": "unsupported"})],
    "order": [said(17, facts={"unsupported": "order"})],
    "number_changed": [],
    "group": [],
    "user_id_only": [
        said(20, "Halo", address=USER_ID, aliases=(f"bsuid:{USER_ID}", "bsuid:ID.ENT.8100000000000002"))
    ],
    "user_id_as_sender": [said(21, "Halo", address=USER_ID, aliases=(f"bsuid:{USER_ID}",))],
    "user_id_and_phone": [said(22, "Halo", aliases=(PHONE_KEY, "bsuid:ID.7100000000000001"))],
    "batch": [
        said(23, "satu"),
        said(
            24,
            "dari Sri",
            address="6285700011103",
            aliases=("tel:+6285700011103",),
            display_name="Sri",
        ),
        DeliveryReport(ChannelCode.WHATSAPP, "wamid.out3", DeliveryStatus.DELIVERED),
        said(25, "tiga"),
    ],
    "another_number": [],
    "another_field": [],
    "nul": [said(28, "ab")],
    "text_of_an_odd_shape": [said(30, facts={"unsupported": "text"})],
    "report_read": [
        DeliveryReport(ChannelCode.WHATSAPP, "wamid.out1", DeliveryStatus.READ, message_id="m-77")
    ],
    "report_outside_window": report(FAILED, "131047", SendOutcome.NEEDS_TEMPLATE),
    "report_undeliverable": report(FAILED, "131026", SendOutcome.BAD_ADDRESS),
    "report_template_paused": report(FAILED, "132015", SendOutcome.REJECTED, ChannelFault.TEMPLATE),
    "report_new_code": report(FAILED, "139999"),
    "report_deleted": [],
}


@pytest.mark.parametrize("payload", UNDERSTOOD)
def test_an_update_says_what_people_and_meta_said(payload: str, channels: Mapping[str, Channel]) -> None:
    assert channels["meta"].parse(webhook_from(f"meta_{payload}.json")) == UNDERSTOOD[payload]


@pytest.mark.parametrize("payload", ["not_json", "not_an_account", "without_sender", "report_unknown_word"])
def test_what_is_not_understood_waits_for_a_person(payload: str, channels: Mapping[str, Channel]) -> None:
    with pytest.raises(CannotParse):
        channels["meta"].parse(webhook_from(f"meta_{payload}.json"))


@pytest.mark.parametrize(
    ("payload", "envelope"),
    [
        ("text", Envelope(PHONE, "wamid.001")),
        ("user_id_only", Envelope(USER_ID, "wamid.020")),
        ("batch", Envelope()),
        ("report_read", Envelope()),
        ("not_json", Envelope()),
    ],
)
def test_the_outside_names_a_sender_where_there_is_one(
    payload: str, envelope: Envelope, channels: Mapping[str, Channel]
) -> None:
    assert channels["meta"].envelope(webhook_from(f"meta_{payload}.json")) == envelope


def test_the_secret_before_the_exchange_verifies_and_a_form_never_does(
    channels: Mapping[str, Channel],
) -> None:
    channels["meta"].verify(meta_webhook(b"{}", secret="rahasia-lama"))
    signed = meta_webhook(b"a=1")
    form = WebhookRequest("whatsapp", signed.url, signed.headers, (("a", "1"),), b"a=1")
    for request in (meta_webhook(b"{}", secret="lain"), form):
        with pytest.raises(InvalidSignature):
            channels["meta"].verify(request)


ASKED = {"hub.mode": "subscribe", "hub.verify_token": "kata-meta", "hub.challenge": "1158201444"}


def test_the_handshake_gives_the_challenge_back_to_meta_only(channels: Mapping[str, Channel]) -> None:
    channel = channels["meta"]
    assert isinstance(channel, CanShakeHands)
    assert channel.handshake(ASKED) == "1158201444"
    for wrong in ({}, ASKED | {"hub.verify_token": "lain"}, ASKED | {"hub.mode": "x"}):
        with pytest.raises(InvalidSignature):
            channel.handshake(wrong)


ACCEPTED = Answer.of_json(200, {"messages": [{"id": "wamid.out9"}]})
BUTTONS = (Option("Sudah"), Option("Belum"))
ROWS = (Option("1. Angsuran", "Bayaran belum dicatat"), Option("2. Lain"))
TEXT = {"type": "text", "text": {"body": "Halo", "preview_url": False}}


def keys(kind: str, action: object) -> dict[str, object]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": "Halo"}, "action": action}}


def template(name: str, language: str, *values: str) -> dict[str, object]:
    parameters = [{"type": "text", "text": value} for value in values]
    body = {"components": [{"type": "body", "parameters": parameters}]} if values else {}
    return {"type": "template", "template": {"name": name, "language": {"code": language}, **body}}


CONTENTS = {
    "text": ({}, TEXT),
    "buttons": (
        {"options": BUTTONS},
        keys(
            "button",
            {"buttons": [{"type": "reply", "reply": {"id": o.label, "title": o.label}} for o in BUTTONS]},
        ),
    ),
    "list": (
        {"options": ROWS, "list_title": "Pilih"},
        keys(
            "list",
            {
                "button": "Pilih",
                "sections": [
                    {
                        "rows": [
                            {
                                "id": "1. Angsuran",
                                "title": "1. Angsuran",
                                "description": "Bayaran belum dicatat",
                            },
                            {"id": "2. Lain", "title": "2. Lain"},
                        ]
                    }
                ],
            },
        ),
    ),
    "template": (
        {"template": TemplateUse("kabar_aduan", {"2": "Senin", "1": "4821-9375"}), "options": BUTTONS},
        template("kabar_aduan", "id", "4821-9375", "Senin"),
    ),
    "template in English": (
        {"template": TemplateUse("kabar_aduan", {}, "en")},
        template("kabar_aduan", "en"),
    ),
}


def send(channel: Channel, address: str, text: str = "Halo", **more: object) -> None:
    channel.send(OutboundMessage("m-1", ChannelCode.WHATSAPP, address, text, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_message_goes_as_what_it_holds(
    content: str, provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    more, expected = CONTENTS[content]
    provider.will_answer(ACCEPTED)
    send(channels["meta"], PHONE, **cast(dict[str, object], more))

    seen = provider.seen[0]
    assert seen.path == f"/v24.0/{META_NUMBER}/messages"
    assert seen.headers["authorization"] == f"Bearer {META_TOKEN}"
    known = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE}
    assert json.loads(seen.body) == known | {"biz_opaque_callback_data": "m-1"} | cast(
        dict[str, object], expected
    )


def test_a_text_that_is_too_long_for_keys_goes_without_them(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(ACCEPTED)
    send(channels["meta"], PHONE, "x" * 1025, options=BUTTONS)

    assert json.loads(provider.seen[0].body)["type"] == "text"


@pytest.mark.parametrize(
    ("address", "where"),
    [
        (PHONE, {"to": PHONE}),
        (f"whatsapp:+{PHONE}", {"to": PHONE}),
        (f"+{PHONE}", {"to": PHONE}),
        (USER_ID, {"recipient": USER_ID}),
        ("ID.ENT.8100000000000002", {"recipient": "ID.ENT.8100000000000002"}),
    ],
    ids=["as received", "received by Twilio", "of staff", "user id", "parent user id"],
)
def test_an_answer_goes_to_a_number_or_a_user_id(
    address: str, where: dict[str, str], provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(ACCEPTED)
    send(channels["meta"], address)

    body = json.loads(provider.seen[0].body)
    assert {name: body[name] for name in ("to", "recipient") if name in body} == where


PHOTO = AttachmentRef("880001", MediaKind.PHOTO, "image/jpeg", None)


def lies_at(address: str) -> Answer:
    return Answer.of_json(200, {"url": address, "mime_type": "image/jpeg", "id": "880001"})


def test_a_file_is_fetched_by_its_address_of_the_minute(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(
        lies_at(f"{provider.address}/files/?mid=1"), Answer(200, b"isi", {"Content-Type": "image/jpeg"})
    )

    assert cast(CanFetch, channels["meta"]).fetch(PHOTO) == FetchedFile(b"isi", "image/jpeg", None)
    assert [seen.path for seen in provider.seen] == ["/v24.0/880001", "/files/?mid=1"]
    assert {seen.headers["authorization"] for seen in provider.seen} == {f"Bearer {META_TOKEN}"}


@pytest.mark.parametrize(
    ("reference", "answers", "code"),
    [
        ("../me", [], "foreign_address"),
        ("1/../../me?x=", [], "foreign_address"),
        ("880001", [lies_at("STRANGER/x")], "foreign_address"),
        ("880001", [lies_at("http://lookaside.fbsbx.com/x")], "foreign_address"),
        ("880001", [lies_at("https://lookaside.fbsbx.com.evil.example/x")], "foreign_address"),
        ("880001", [lies_at("https://[x")], "foreign_address"),
        ("880001", [Answer(200, b"[]")], "foreign_address"),
        ("880001", [Answer(302, b"", {"Location": "STRANGER/x"})], "foreign_redirect"),
    ],
    ids=[
        "a path",
        "a path with a query",
        "a stranger",
        "unencrypted",
        "a longer name",
        "no address",
        "no object",
        "led away",
    ],
)
def test_the_token_goes_to_nobody_else(
    reference: str,
    answers: list[Answer],
    code: str,
    provider: FakeProvider,
    stranger: FakeProvider,
    channels: Mapping[str, Channel],
) -> None:
    def there(text: str) -> str:
        return text.replace("STRANGER", stranger.address)

    provider.will_answer(
        *(
            Answer(
                answer.status,
                there(answer.body.decode()).encode(),
                {name: there(value) for name, value in answer.headers.items()},
            )
            for answer in answers
        )
    )
    with pytest.raises(FetchFailed) as caught:
        cast(CanFetch, channels["meta"]).fetch(AttachmentRef(reference, MediaKind.PHOTO))

    assert (caught.value.code, caught.value.is_final) == (code, True)
    assert len(provider.seen) == len(answers)
    assert stranger.seen == []


def test_meta_is_off_where_one_of_its_credentials_is_missing() -> None:
    whole = build(with_meta())
    assert isinstance(whole, WhatsappMeta)
    whole.close()
    for name in ("meta_access_token", "meta_phone_number_id", "meta_app_secret", "meta_verify_token"):
        assert build(with_meta(**{name: None})) is None
