"""The simulator fails as it was told to."""

import json
from dataclasses import replace

import pytest
import requests
from phone_talk import (
    ACCOUNT,
    MITRA,
    TOKEN,
    Receiver,
    faults,
    inbound,
    send_whatsapp,
    sent,
    telegram_send,
    telegram_send_plainly,
)
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings


def test_a_failing_send_is_counted_down_and_not_recorded(phones: str, twilio: Client) -> None:
    with faults(phones, fail_next=2, fail_status=503, fail_code=20503):
        for _ in range(2):
            with pytest.raises(TwilioRestException) as refusal:
                send_whatsapp(twilio)
            assert (refusal.value.status, refusal.value.code) == (503, 20503)
        assert sent(phones) == []
        send_whatsapp(twilio)
    assert len(sent(phones)) == 1


@pytest.mark.parametrize(("is_accepted", "count"), [(False, 0), (True, 1)])
def test_a_cut_connection_leaves_the_outcome_unknown(
    phones: str, twilio: Client, is_accepted: bool, count: int
) -> None:
    with (
        faults(phones, drop_connection_next=1, accept_before_fault=is_accepted),
        pytest.raises(requests.ConnectionError),
    ):
        send_whatsapp(twilio)
    assert len(sent(phones)) == count


def test_a_garbled_answer_does_not_parse(phones: str, twilio: Client) -> None:
    with faults(phones, broken_json_next=1), pytest.raises(json.JSONDecodeError):
        send_whatsapp(twilio)


def test_a_slow_provider_outlasts_the_clients_patience(phones: str) -> None:
    url = f"{phones}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    with faults(phones, delay_seconds=0.5), pytest.raises(requests.ReadTimeout):
        requests.get(url, auth=(ACCOUNT, TOKEN), timeout=0.1)


@pytest.mark.parametrize(
    ("wanted", "statuses"),
    [
        pytest.param({"reorder_statuses": True}, ["read", "delivered", "sent"], id="last first"),
        pytest.param(
            {"repeat_webhooks": 1}, ["sent", "sent", "delivered", "delivered", "read", "read"], id="twice"
        ),
        pytest.param({"final_status": "delivered"}, ["sent", "delivered"], id="never read"),
        pytest.param(
            {"final_status": "undelivered", "error_code": 30003}, ["sent", "undelivered"], id="unreachable"
        ),
        pytest.param({"final_status": "failed", "error_code": 63016}, ["failed"], id="outside the window"),
    ],
)
def test_statuses_come_as_ordered(
    phones: str, twilio: Client, receiver: Receiver, wanted: dict[str, object], statuses: list[str]
) -> None:
    with faults(phones, **wanted):
        send_whatsapp(twilio)
        hooks = [receiver.next() for _ in statuses]
    assert [hook.form["MessageStatus"] for hook in hooks] == statuses
    assert hooks[-1].form.get("ErrorCode") == (str(wanted["error_code"]) if "error_code" in wanted else None)


def test_dropped_statuses_never_arrive(phones: str, twilio: Client, receiver: Receiver) -> None:
    with faults(phones, drop_statuses=True, final_status="sent"):
        send_whatsapp(twilio, "diam")
    send_whatsapp(twilio, "terdengar")
    assert receiver.statuses(3) == ["sent", "delivered", "read"]
    assert receiver.hooks.empty()


def test_a_repeated_webhook_keeps_its_token(phones: str, receiver: Receiver) -> None:
    with faults(phones, repeat_webhooks=2):
        inbound(phones, channel="sms", text="Halo", **{"from": MITRA})
    hooks = [receiver.next() for _ in range(3)]
    assert len({hook.headers["I-Twilio-Idempotency-Token"] for hook in hooks}) == 1
    assert receiver.hooks.empty()


def test_a_lost_webhook_is_still_in_the_providers_list(
    phones: str, twilio: Client, receiver: Receiver
) -> None:
    with faults(phones, drop_inbound=True):
        assert inbound(phones, channel="sms", text="Hilang", **{"from": MITRA})["status"] is None
    assert [message.body for message in twilio.messages.list(from_=MITRA)] == ["Hilang"]
    assert receiver.hooks.empty()


def test_an_answer_other_than_2xx_is_told_and_shown(phones: str, receiver: Receiver) -> None:
    receiver.answer = 503
    assert inbound(phones, channel="sms", text="Halo", **{"from": MITRA})["status"] == 503
    page = requests.get(f"{phones}/", params={"sms": MITRA}, timeout=10).text
    assert "Aplikasi menjawab 503" in page


def test_an_app_that_is_away_is_told_and_shown(settings: PhoneSettings) -> None:
    with running(replace(settings, app_url="http://127.0.0.1:9")) as phones:
        answer = inbound(phones, channel="sms", text="Halo", **{"from": MITRA})
        assert (answer["status"], answer["error"]) == (None, "ConnectionError")
        page = requests.get(f"{phones}/", params={"sms": MITRA}, timeout=10).text
    assert "Aplikasi tidak menjawab" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"unknown": 1},
        {"fail_next": -1},
        {"fail_next": "3"},
        {"final_status": "gone"},
        {"fail_status": 200},
        {"drop_statuses": 1},
    ],
    ids=str,
)
def test_a_fault_that_does_not_exist_is_refused(phones: str, wrong: dict[str, object]) -> None:
    answer = requests.post(f"{phones}/faults", json=wrong, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_only_the_last_messages_are_kept(settings: PhoneSettings) -> None:
    with running(replace(settings, keep=3)) as phones:
        for number in range(5):
            telegram_send_plainly(phones, str(number))
        assert [entry["body"] for entry in sent(phones)] == ["2", "3", "4"]
        requests.delete(f"{phones}/sent", timeout=10)
        assert sent(phones) == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        pytest.param({"fail_status": 403}, Forbidden, id="blocked"),
        pytest.param({"fail_status": 400}, BadRequest, id="chat not found"),
        pytest.param({"fail_status": 429, "retry_after": 3}, RetryAfter, id="too many"),
        pytest.param({"fail_status": 502}, NetworkError, id="bad gateway"),
    ],
)
def test_telegram_refuses_as_ordered(
    phones: str, wanted: dict[str, int], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the old type of retry_after warns
    with faults(phones, fail_next=1, **wanted), pytest.raises(error):
        telegram_send(phones)
    assert sent(phones) == []
