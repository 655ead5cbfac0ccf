"""What never reached us is fetched from its provider, once: by its list, by a webhook set again, by polling."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from installing import Clock, settings_for
from sqlalchemy import func, select

from helpdesk import collecting, inbox, jobs
from helpdesk.channels import twilio_listing
from helpdesk.collecting import Look
from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.domain.errors import AskFailed
from helpdesk.domain.messages import WebhookRequest
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import Ticket
from helpdesk.models.watches import ChannelWatch
from helpdesk.models.webhooks import WebhookEvent, WebhookOrigin
from helpdesk.queries import health
from helpdesk.queries.channel_alarms import alarms
from helpdesk.runtime import Runtime, build_runtime

ACCOUNT, TOKEN, BOT = "ACcollect", "collect-token", "7000000001:collectcollect"
PUBLIC = "https://pengaduan.example.id"
HERE = f"{PUBLIC}/webhooks/telegram"
MITRA = "+6285711112222"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phones(clock: Clock) -> Iterator[str]:
    """The providers; their webhooks find nobody."""
    settings = PhoneSettings(
        app_url=NOBODY,
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        telegram_bot_token=BOT,
        telegram_webhook_secret="collect-secret",
        twilio_whatsapp_from="+6221555000100",
        retry_delay_seconds=0,
        now=clock,
    )
    with running(settings) as address:
        yield address


@pytest.fixture
def install(
    template: Callable[[Path], str], tmp_path: Path, phones: str, clock: Clock
) -> Iterator[Callable[..., Runtime]]:
    """Function that makes an installation with changed settings."""
    made: list[Runtime] = []

    def build(**changes: object) -> Runtime:
        values: dict[str, object] = {
            "public_url": PUBLIC,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_whatsapp_from": "whatsapp:+6221555000100",
            "twilio_api_base": phones,
            "telegram_bot_token": BOT,
            "telegram_webhook_secret": "collect-secret",
            "telegram_api_base": phones,
        }
        rt = build_runtime(settings_for(template(tmp_path), tmp_path, **(values | changes)), now=clock)
        rt.load_keys()
        made.append(rt)
        return rt

    yield build
    for rt in made:
        rt.close()


def say(phones: str, text: str, *, channel: str = "whatsapp", person: str = MITRA, **more: object) -> str:
    """Say something on a phone; returns the provider's id. Nobody takes the webhook."""
    said = httpx.post(
        f"{phones}/api/inbound", json={"channel": channel, "from": person, "text": text, **more}
    ).json()
    return str(said["external_id"])


def arrived(rt: Runtime) -> list[tuple[str | None, str]]:
    """Id and words of what is in tickets, in the order in which it was taken."""
    query = select(Message).where(Message.direction == "in").order_by(Message.id)
    return rt.read(lambda session: [(each.external_id, each.body) for each in session.scalars(query)])


def count(rt: Runtime, table: type) -> int:
    return rt.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def watch(rt: Runtime, channel: str) -> ChannelWatch:
    return rt.read(lambda session: session.get_one(ChannelWatch, channel))


def look(rt: Runtime, channel: str = "whatsapp", *, owner: str = "worker", **how: Any) -> Look:
    found = collecting.reconcile(rt, channel, owner=owner, **how)
    assert found is not None
    return found


def poll(rt: Runtime, owner: str = "worker") -> int:
    return collecting.poll(rt, "telegram", owner=owner, wait_seconds=0)


def gauge(rt: Runtime, name: str, clock: Clock) -> float:
    found = rt.read(lambda session: health.gauges(session, now=clock.now))
    return next(value for each, _, value in found if each == name)


def test_lost_webhooks_are_taken_from_twilios_list_once_and_in_order(
    install: Callable[..., Runtime], phones: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_listing, "PAGE", 2)  # so that there are several
    rt = install()
    said = []
    for part in range(5):
        said.append((say(phones, f"angsuran saya salah bagian {part}"), f"angsuran saya salah bagian {part}"))
        clock.pass_by(seconds=10)
    picture = say(phones, "ini buktinya", media=["photo"])
    say(phones, "lewat SMS", channel="sms")  # is off here
    assert look(rt) == Look(listed_count=6)  # they may still be on their way
    clock.pass_by(minutes=3)
    young = say(phones, "baru saja")
    assert look(rt) == Look(listed_count=7, healed_count=6)
    assert arrived(rt) == [*said, (picture, "ini buktinya")]
    assert count(rt, Ticket) == 1
    reference = rt.read(lambda session: session.scalars(select(Attachment)).one()).reference
    assert str(reference).startswith(
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{picture}/"
    )
    clock.pass_by(minutes=3)
    assert look(rt).healed_count == 1
    assert arrived(rt)[-1] == (young, "baru saja")
    assert look(rt).healed_count == 0
    assert gauge(rt, "webhooks_healed", clock) == 7
    origins = rt.read(lambda session: set(session.scalars(select(WebhookEvent.origin))))
    assert origins == {WebhookOrigin.HEALED}


def test_what_twilio_writes_down_against_our_webhook_is_an_alarm_and_counted_once(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt = install()

    def known() -> list[tuple[str, str, str, int]]:
        found = rt.read(lambda session: alarms(session, now=clock.now))
        return [(each.channel, each.fault, each.code, each.times) for each in found]

    for _ in range(2):
        say(phones, "angsuran saya salah")
        say(phones, "angsuran saya salah", channel="sms")  # of another channel, or another application
        clock.pass_by(minutes=3)
    assert look(rt).healed_count == 2
    assert known() == []  # a restart, perhaps
    say(phones, "lagi")
    clock.pass_by(minutes=3)
    for _ in range(2):
        look(rt)
        assert known() == [("whatsapp", "webhook", "11205", 3)]
    rt.channels["whatsapp"]._http._others["monitor.twilio.com"] = NOBODY  # type: ignore[attr-defined]
    say(phones, "sekali lagi")
    clock.pass_by(minutes=3)
    assert (look(rt).healed_count, look(rt).fault) == (1, None)  # healing needs no such list


def test_the_look_after_an_outage_goes_back_to_the_last_that_was_whole(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt, away = install(), install(twilio_api_base=NOBODY)
    assert look(rt).fault is None
    early = say(phones, "sebelum padam")
    clock.pass_by(days=2)
    assert look(away).fault == "not_connected"
    assert (watch(away, "whatsapp").fault, watch(away, "whatsapp").covered_until) == ("not_connected", None)
    assert gauge(away, "provider_faults", clock) == 1
    late = say(phones, "sesudah padam")
    clock.pass_by(minutes=10)
    assert look(rt).healed_count == 2
    assert [external_id for external_id, _ in arrived(rt)] == [early, late]
    assert watch(rt, "whatsapp").covered_until == clock.now


def test_one_message_that_cannot_be_asked_for_keeps_back_no_other_and_is_fetched_later(
    install: Callable[..., Runtime], phones: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files(_client: object, _sid: str) -> dict[str, str | None]:
        raise AskFailed("20500")

    rt = install()
    picture, words = say(phones, "ini buktinya", media=["photo"]), say(phones, "angsuran saya salah")
    clock.pass_by(minutes=3)
    with monkeypatch.context() as broken:
        broken.setattr(twilio_listing, "_files", files)
        assert look(rt) == Look(listed_count=2, healed_count=1, fault="20500")
    assert [external_id for external_id, _ in arrived(rt)] == [words]
    assert (watch(rt, "whatsapp").fault, watch(rt, "whatsapp").covered_until) == ("20500", None)
    clock.pass_by(minutes=3)
    assert look(rt).healed_count == 1
    assert arrived(rt)[-1][0] == picture
    assert watch(rt, "whatsapp").covered_until == clock.now


def test_words_whose_files_are_never_listed_are_taken_without_them_and_no_look_is_kept_back(
    install: Callable[..., Runtime], phones: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_files(*_: object) -> None:
        raise AskFailed("20404")

    rt = install()
    look(rt)
    picture = say(phones, "ini buktinya, uang saya hilang", media=["photo"])
    clock.pass_by(minutes=3)
    monkeypatch.setattr(twilio_listing, "_files", no_files)
    assert (look(rt).fault, arrived(rt)) == ("20404", [])
    clock.pass_by(minutes=30)
    assert (look(rt).fault, arrived(rt)) == ("20404", [])
    clock.pass_by(hours=1)
    assert look(rt) == Look(listed_count=1, healed_count=1)
    assert arrived(rt) == [(picture, "ini buktinya, uang saya hilang")]
    assert watch(rt, "whatsapp").covered_until == clock.now
    file = rt.read(lambda session: session.scalars(select(Attachment)).one())
    assert (file.state, str(file.reference).endswith("/Media/unlisted0")) == ("pending", True)
    clock.pass_by(hours=1)
    assert look(rt).healed_count == 0


def test_what_waits_in_the_inbox_or_comes_after_all_is_not_healed_twice(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt = install()
    waits, lost = say(phones, "menunggu di sini"), say(phones, "hilang di jalan")
    body = f"MessageSid={waits}&From=whatsapp%3A%2B6285711112222&Body=menunggu+di+sini".encode()
    channel = rt.channels["whatsapp"]
    form = {"content-type": inbox.FORM}
    came = WebhookRequest("whatsapp", HERE, form, inbox.form_fields(inbox.FORM, body), body)
    event_id = rt.write(
        lambda session: inbox.webhooks.store(session, came, channel.envelope(came), now=clock.now)
    ).event_id
    clock.pass_by(minutes=5)
    assert look(rt).healed_count == 1
    inbox.process(rt, event_id)
    late = body.replace(waits.encode(), lost.encode())
    again = WebhookRequest("whatsapp", HERE, form, inbox.form_fields(inbox.FORM, late), late)
    stored = rt.write(
        lambda session: inbox.webhooks.store(session, again, channel.envelope(again), now=clock.now)
    )
    inbox.process(rt, stored.event_id)
    assert sorted(str(external_id) for external_id, _ in arrived(rt)) == sorted([waits, lost])
    assert look(rt).healed_count == 0


def test_a_lost_webhook_is_set_again_and_what_was_pending_is_fetched_where_that_does_not_help(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt = install()
    url = f"{phones}/bot{BOT}/getWebhookInfo"
    assert look(rt, "telegram").is_webhook_set_again
    assert httpx.get(url).json()["result"]["url"] == HERE
    assert look(rt, "telegram") == Look(pending_count=0)
    clock.pass_by(minutes=1)
    said = say(phones, "angsuran saya salah", channel="telegram", person="555001")
    clock.pass_by(minutes=4)
    assert look(rt, "telegram") == Look(pending_count=1, is_webhook_set_again=True)
    assert gauge(rt, "provider_pending", clock) == 1
    assert arrived(rt) == []
    clock.pass_by(minutes=1)
    later = say(phones, "sudah saya bayar", channel="telegram", person="555001")
    clock.pass_by(minutes=4)
    assert look(rt, "telegram") == Look(healed_count=2, pending_count=0, is_webhook_set_again=True)
    assert [external_id for external_id, _ in arrived(rt)] == [said, later]
    assert httpx.get(url).json()["result"] | {"last_error_date": 0} == {
        "url": HERE,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "last_error_date": 0,
        "last_error_message": "Connection timed out",
    }
    assert (watch(rt, "telegram").healed_count, watch(rt, "telegram").provider_error) == (
        2,
        "Connection timed out",
    )
    say(phones, "lagi", channel="telegram", person="555001")
    assert look(rt, "telegram", is_forced=True).healed_count == 1  # a person does not wait for two looks


def test_a_bot_is_polled_and_an_update_is_forgotten_only_when_it_is_on_disk(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    httpx.post(f"{phones}/bot{BOT}/setWebhook", data={"url": HERE})  # left over from another mode
    rt = install(telegram_mode="polling", telegram_webhook_secret=None)
    said = say(phones, "angsuran saya salah", channel="telegram", person="555001")
    assert look(rt, "telegram") == Look(is_polled=True)
    assert poll(rt) == 1
    assert [external_id for external_id, _ in arrived(rt)] == [said]
    info = f"{phones}/bot{BOT}/getWebhookInfo"
    assert httpx.get(info).json()["result"]["pending_update_count"] == 1  # not confirmed yet

    def forget(session: object) -> None:
        row = session.get_one(ChannelWatch, "telegram")  # type: ignore[attr-defined]
        row.position = None  # as if the database were restored from before

    rt.write(forget)
    assert poll(rt) == 1
    assert poll(rt) == 0
    assert httpx.get(info).json()["result"]["pending_update_count"] == 0
    assert (len(arrived(rt)), count(rt, WebhookEvent)) == (1, 1)
    later = say(phones, "sudah saya bayar", channel="telegram", person="555001")
    assert poll(rt) == 1
    assert [external_id for external_id, _ in arrived(rt)] == [said, later]
    assert watch(rt, "telegram").healed_count == 0


def test_one_process_polls_at_a_time_and_another_takes_over_when_it_died(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt = install(telegram_mode="polling")
    say(phones, "angsuran saya salah", channel="telegram", person="555001")
    services = collecting.watches
    span = collecting.POLL_LEASE
    dead = rt.write(
        lambda session: services.take_lease(session, "telegram", owner="dead", span=span, now=clock.now)
    )
    assert dead is not None
    assert poll(rt) == 0
    clock.pass_by(seconds=span.total_seconds() + 1)
    assert poll(rt) == 1


def test_many_workers_ask_no_oftener_than_one(install: Callable[..., Runtime], clock: Clock) -> None:
    rt, rest = install(), jobs.LOOK_REST
    assert look(rt, rest=rest).listed_count == 0
    clock.pass_by(seconds=30)
    assert look(rt, owner="another", rest=rest) == Look(is_busy=True)
    clock.pass_by(seconds=rest.total_seconds())
    assert look(rt, owner="another", rest=rest).listed_count == 0


def test_a_provider_that_is_away_is_left_alone_for_a_while_and_told(
    install: Callable[..., Runtime], phones: str, clock: Clock
) -> None:
    rt = install(telegram_mode="polling", telegram_bot_token="7000000001:wrong")
    assert poll(rt) == 0
    first = watch(rt, "telegram")
    assert (first.fault, first.fault_at) == ("invalid_token", clock.now)
    clock.pass_by(seconds=5)
    assert poll(rt) == 0
    assert watch(rt, "telegram").fault_at == first.fault_at  # was not asked
    clock.pass_by(seconds=15)
    assert poll(rt) == 0
    assert watch(rt, "telegram").fault_at == clock.now
