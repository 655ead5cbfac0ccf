"""The promises that every channel adapter keeps; a new channel adds one row to the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from helpdesk.channels import BUILDERS, build_channels
from helpdesk.channels.base import CanFetch, Channel
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import CannotParse, ConfigurationError, InvalidSignature, SendFailed
from helpdesk.domain.messages import ChannelCode, InboundMessage, OutboundMessage, WebhookRequest

from .fake_provider import Answer, FakeProvider
from .webhooks import META_TOKEN, PAYLOADS, TELEGRAM_TOKEN, TWILIO_TOKEN, Settings, webhook_from, with_meta

SECRETS = (TWILIO_TOKEN, TELEGRAM_TOKEN, META_TOKEN)
SENT_BY_TELEGRAM = {
    "ok": True,
    "result": {"message_id": 88, "date": 1893456000, "chat": {"id": 8101, "type": "private"}},
}


@dataclass(frozen=True)
class Case:
    """What the suite must know of one adapter."""

    name: str
    """As payloads begin with; the channel's code, but for the second provider of one."""
    signature_header: str
    address: str
    accepted: Answer
    sent_id: str
    refused: tuple[tuple[Answer, str, SendOutcome], ...]

    @property
    def text_webhook(self) -> WebhookRequest:
        return webhook_from(next(PAYLOADS.glob(f"{self.name}_text.*")).name)

    @property
    def code(self) -> ChannelCode:
        return ChannelCode.WHATSAPP if self.name == "meta" else ChannelCode(self.name)

    @property
    def message(self) -> OutboundMessage:
        return OutboundMessage("m-1", self.code, self.address, "Aduan 4821-9375 kami terima.")


def twilio_error(status: int, code: int) -> Answer:
    said = {"status": status, "code": code, "message": "The 'To' number +6285700011101 is not valid"}
    return Answer.of_json(status, said)


def telegram_error(status: int, description: str, **parameters: int) -> Answer:
    said = {"ok": False, "error_code": status, "description": description}
    return Answer.of_json(status, said | ({"parameters": parameters} if parameters else {}))


def meta_error(status: int, code: int) -> Answer:
    return Answer.of_json(status, {"error": {"code": code, "message": "to +6285700011101"}})


UNCERTAIN = (
    (Answer(503, b"<html>", {"Content-Type": "text/html"}), "an error page", SendOutcome.UNKNOWN),
    (Answer(200, b"{broken"), "an answer that is no JSON", SendOutcome.UNKNOWN),
    (Answer(201, b'{"strange": 1}'), "an answer without the id", SendOutcome.UNKNOWN),
    (Answer(200, b"[]"), "an answer that is a list", SendOutcome.UNKNOWN),
    (Answer(0), "hung up after reading", SendOutcome.UNKNOWN),
)
TWILIO_REFUSED = (
    (twilio_error(401, 20003), "wrong token", SendOutcome.RETRY),
    (twilio_error(429, 20429), "too many at once", SendOutcome.RETRY),
    (twilio_error(429, 99999), "429 with a new code", SendOutcome.RETRY),
    (twilio_error(400, 63018), "daily tier used up", SendOutcome.RETRY),
    (twilio_error(400, 21211), "no such number", SendOutcome.BAD_ADDRESS),
    (twilio_error(400, 63024), "invalid recipient", SendOutcome.BAD_ADDRESS),
    (twilio_error(400, 21610), "has said STOP", SendOutcome.OPTED_OUT),
    (twilio_error(400, 63016), "outside the window", SendOutcome.NEEDS_TEMPLATE),
    (twilio_error(400, 21617), "too long", SendOutcome.REJECTED),
    (twilio_error(400, 99999), "a code of tomorrow", SendOutcome.REJECTED),
    (twilio_error(500, 20500), "their fault", SendOutcome.UNKNOWN),
    *UNCERTAIN,
)
TELEGRAM_REFUSED = (
    (telegram_error(401, "Unauthorized"), "wrong token", SendOutcome.RETRY),
    (telegram_error(403, "Forbidden: bot was blocked by the user"), "blocked", SendOutcome.BAD_ADDRESS),
    (telegram_error(400, "Bad Request: chat not found"), "no such chat", SendOutcome.BAD_ADDRESS),
    (telegram_error(400, "Bad Request: message text is empty"), "empty text", SendOutcome.REJECTED),
    (telegram_error(429, "Too Many Requests: retry after 7", retry_after=7), "flood", SendOutcome.RETRY),
    (telegram_error(429, "Too Many Requests"), "flood without a time", SendOutcome.RETRY),
    (telegram_error(502, "Bad Gateway"), "their fault", SendOutcome.UNKNOWN),
    *UNCERTAIN,
)
META_REFUSED = (
    (meta_error(401, 190), "token expired", SendOutcome.RETRY),
    (meta_error(400, 131056), "too many to one person", SendOutcome.RETRY),
    (meta_error(429, 99999), "429 with a new code", SendOutcome.RETRY),
    (meta_error(400, 131026), "not on WhatsApp", SendOutcome.BAD_ADDRESS),
    (meta_error(400, 131047), "outside the window", SendOutcome.NEEDS_TEMPLATE),
    (meta_error(404, 132001), "no such template", SendOutcome.REJECTED),
    (meta_error(400, 99999), "a code of tomorrow", SendOutcome.REJECTED),
    (meta_error(500, 131000), "their fault", SendOutcome.UNKNOWN),
    (Answer(401, b"no"), "refused by something between", SendOutcome.RETRY),
    *UNCERTAIN,
)
CASES = (
    Case(
        name="whatsapp",
        signature_header="x-twilio-signature",
        address="whatsapp:+6285700011101",
        accepted=Answer.of_json(201, {"sid": "SM001", "status": "queued"}),
        sent_id="SM001",
        refused=TWILIO_REFUSED,
    ),
    Case(
        name="sms",
        signature_header="x-twilio-signature",
        address="+6285700011101",
        accepted=Answer.of_json(201, {"sid": "SM002", "status": "queued"}),
        sent_id="SM002",
        refused=TWILIO_REFUSED,
    ),
    Case(
        name="telegram",
        signature_header="x-telegram-bot-api-secret-token",
        address="8101",
        accepted=Answer.of_json(200, SENT_BY_TELEGRAM),
        sent_id="8101:88",
        refused=TELEGRAM_REFUSED,
    ),
    Case(
        name="meta",
        signature_header="x-hub-signature-256",
        address="6285700011101",
        accepted=Answer.of_json(200, {"messages": [{"id": "wamid.out9"}]}),
        sent_id="wamid.out9",
        refused=META_REFUSED,
    ),
)
REFUSALS = [
    pytest.param(case, answer, outcome, id=f"{case.name}: {name}")
    for case in CASES
    for answer, name, outcome in case.refused
]
every_channel = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_every_registered_channel_is_in_this_suite(channels: Mapping[str, Channel]) -> None:
    assert sorted(channels) == sorted(case.name for case in CASES)
    assert len(channels) == len(BUILDERS)


def test_a_channel_without_credentials_is_off() -> None:
    off = Settings(twilio_auth_token=None, telegram_bot_token=None)
    only_sms = Settings(twilio_whatsapp_from=None, telegram_webhook_secret=None)

    assert list(build_channels(off)) == []
    assert list(build_channels(only_sms)) == ["sms"]
    assert sorted(build_channels(with_meta())) == ["sms", "telegram", "whatsapp"]


def test_two_providers_for_one_channel_are_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="two providers for whatsapp"):
        build_channels(with_meta(twilio_whatsapp_from="+622150001000"))


@every_channel
def test_a_genuine_request_is_let_in(case: Case, channels: Mapping[str, Channel]) -> None:
    channels[case.name].verify(case.text_webhook)

    assert len(channels[case.name].parse(case.text_webhook)) == 1


def without(request: WebhookRequest, header: str) -> WebhookRequest:
    return replace(request, headers={k: v for k, v in request.headers.items() if k != header})


def with_wrong(request: WebhookRequest, header: str) -> WebhookRequest:
    return replace(request, headers={**request.headers, header: request.headers[header][:-2] + "x="})


def with_odd(request: WebhookRequest, header: str) -> WebhookRequest:
    return replace(request, headers={**request.headers, header: "kunci-ñ\udcff"})


@every_channel
@pytest.mark.parametrize("spoil", [without, with_wrong, with_odd])
def test_a_request_that_is_not_the_providers_is_refused(
    case: Case, spoil: Callable[[WebhookRequest, str], WebhookRequest], channels: Mapping[str, Channel]
) -> None:
    with pytest.raises(InvalidSignature):
        channels[case.name].verify(spoil(case.text_webhook, case.signature_header))


@pytest.mark.parametrize("payload", sorted(path.name for path in PAYLOADS.iterdir()))
def test_every_recorded_payload_is_understood_or_set_aside(
    payload: str, channels: Mapping[str, Channel]
) -> None:
    request = webhook_from(payload)
    channel = channels[payload.partition("_")[0]]
    channel.verify(request)
    try:
        items = channel.parse(request)
    except CannotParse:
        return
    assert all(item.channel == channel.code for item in items)
    messages = [item for item in items if isinstance(item, InboundMessage)]
    assert all(message.external_id and message.address and message.aliases for message in messages)


@every_channel
def test_a_sent_message_returns_the_providers_id(
    case: Case, provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(case.accepted)

    assert channels[case.name].send(case.message) == case.sent_id
    assert len(provider.seen) == 1


@pytest.mark.parametrize(("case", "answer", "outcome"), REFUSALS)
def test_a_refusal_has_its_outcome_and_quotes_no_secret(
    case: Case, answer: Answer, outcome: SendOutcome, provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(answer)

    with pytest.raises(SendFailed) as caught:
        channels[case.name].send(case.message)

    assert caught.value.outcome is outcome
    assert len(provider.seen) == 1, "a message is handed over once"
    assert not any(secret in str(caught.value) for secret in (*SECRETS, "+6285700011101"))


def test_codes_that_blame_our_settings_name_the_fault(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    blamed = {
        ("sms", 20003): ChannelFault.AUTH,
        ("sms", 21606): ChannelFault.SENDER,
        ("sms", 21408): ChannelFault.COUNTRY,
        ("sms", 30007): ChannelFault.FILTERED,
        ("whatsapp", 63007): ChannelFault.SENDER,
        ("whatsapp", 63041): ChannelFault.TEMPLATE,
        ("whatsapp", 63019): ChannelFault.MEDIA,
        ("whatsapp", 21211): None,
    }
    found = {}
    for code, number in blamed:
        provider.will_answer(twilio_error(400, number))
        case = next(case for case in CASES if case.name == code)
        with pytest.raises(SendFailed) as caught:
            channels[code].send(case.message)
        found[code, number] = caught.value.fault
    provider.will_answer(telegram_error(401, "Unauthorized"))
    with pytest.raises(SendFailed) as caught:
        channels["telegram"].send(CASES[2].message)

    assert found == blamed
    assert caught.value.fault is ChannelFault.AUTH


@every_channel
def test_a_provider_that_is_not_there_was_certainly_sent_nothing(case: Case, provider: FakeProvider) -> None:
    nobody = FakeProvider()
    nobody.close()
    settings = with_meta() if case.name == "meta" else Settings()
    away = replace(
        settings,
        twilio_api_base=nobody.address,
        telegram_api_base=nobody.address,
        meta_api_base=nobody.address,
    )
    channel = build_channels(away)[case.code]
    try:
        with pytest.raises(SendFailed) as caught:
            channel.send(case.message)
    finally:
        channel.close()

    assert caught.value.outcome is SendOutcome.RETRY


@every_channel
def test_a_channel_may_be_closed_twice_and_unused(case: Case, channels: Mapping[str, Channel]) -> None:
    channels[case.name].close()
    channels[case.name].close()

    assert channels[case.name].code == case.code


@every_channel
def test_files_can_be_fetched_and_lengths_measured(case: Case, channels: Mapping[str, Channel]) -> None:
    channel = channels[case.name]

    assert isinstance(channel, CanFetch)
    assert channel.capabilities.length("aduan") == 5 < channel.capabilities.max_text
