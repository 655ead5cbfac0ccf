"""Delivery reports that never reached us are asked for, by the real client, seldom, and taken as if they had come."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask
from front_door import MITRA, count, installed, report_post, sent, twilio_post
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, tell, ticket_of

from helpdesk import jobs, outbox
from helpdesk.app import create_app
from helpdesk.models.messages import DeliveryEvent, Message
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import late_reports, replies

LATE = late_reports.LATE


@pytest.fixture
def rt(template: Callable[[Path], str], tmp_path: Path, phones: str) -> Iterator[Runtime]:
    with installed(template, tmp_path, phones) as runtime:
        yield runtime


@pytest.fixture
def app(rt: Runtime) -> Flask:
    return create_app(rt)


def reply(rt: Runtime, text: str) -> int:
    """A person writes, staff answer, and everything goes out. Returns her ticket."""

    def write(session: Session) -> int:
        ticket = ticket_of(session, tell(session, now=NOW, phone=MITRA))
        replies.reply(
            session,
            ticket.id,
            text,
            author_id=None,
            actor="user:x",
            seen_message_id=None,
            lender=LENDER,
            now=NOW,
        )
        return ticket.id

    ticket_id = rt.write(write)
    while outbox.send_all(rt):
        pass
    return ticket_id


def known_at_twilio(phones: str, status: str) -> None:
    """Return once the simulator's courier has moved every message of ours there; our webhooks heard nothing."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        told = httpx.get(f"{phones}/api/conversations").json()
        if {each["status"] for each in told if each["from"] == "app"} == {status}:
            return
    pytest.fail(f"not all {status}")


def pass_by(rt: Runtime, span: timedelta) -> None:
    now = rt.now() + span
    rt.now = lambda: now


def deliveries(rt: Runtime) -> list[str | None]:
    query = select(Message.delivery).where(Message.direction == "out").order_by(Message.id)
    return list(rt.read(lambda session: session.scalars(query).all()))


@pytest.mark.parametrize("final", ["read", "undelivered"])
def test_what_twilio_knows_and_never_told_is_asked_for_once(rt: Runtime, phones: str, final: str) -> None:
    httpx.post(f"{phones}/faults", json={"final_status": final, "error_code": 30003, "drop_statuses": True})
    ticket_id = reply(rt, "Kabar dari kami, Ibu. " * 120)  # in parts
    known_at_twilio(phones, final)
    assert outbox.ask_for_reports(rt) == 0  # they may still come
    pass_by(rt, LATE)
    found = outbox.ask_for_reports(rt)
    assert found == len(sent(phones)) > len(deliveries(rt))
    # What must arrive and failed is on its next way.
    assert set(deliveries(rt)) == ({"read"} if final == "read" else {"failed", "queued"})
    assert count(rt, DeliveryEvent) == found
    kinds = rt.read(lambda session: event_kinds(session, ticket_id))
    assert ("delivery_failed" in kinds) is (final == "undelivered")
    pass_by(rt, LATE)
    jobs.ask_for_reports(rt)
    assert count(rt, DeliveryEvent) == found


def test_what_twilio_does_not_know_either_is_asked_for_less_and_less_and_comes_late_or_never(
    app: Flask, rt: Runtime, phones: str
) -> None:
    httpx.post(f"{phones}/faults", json={"final_status": "sent"})
    twilio_post(app, "whatsapp", "STATUS")()
    outbox.send_all(rt)
    known_at_twilio(phones, "sent")
    asked: list[float] = []
    whatsapp = rt.channels["whatsapp"]
    ask = whatsapp.report_on  # type: ignore[attr-defined]

    class Asked:
        def __getattr__(self, name: str) -> object:
            return getattr(whatsapp, name)

        def report_on(self, external_id: str) -> object:
            asked.append((rt.now() - NOW).total_seconds() / 60)
            return ask(external_id)

    rt.channels = {**rt.channels, "whatsapp": Asked()}  # type: ignore[dict-item]
    while rt.now() < NOW + late_reports.GIVEN_UP + timedelta(days=1):
        outbox.ask_for_reports(rt)
        pass_by(rt, timedelta(minutes=5))
    assert asked == [15, 30, 60, 120, 240, 480, 960, 1920]
    assert count(rt, DeliveryEvent) == 0
    assert report_post(app, "whatsapp", sent(phones)[0]["id"], "delivered")() == 204
    assert deliveries(rt) == ["delivered"]


@pytest.mark.parametrize("fault", ["away", "unknown"])
def test_a_provider_that_cannot_say_changes_nothing(rt: Runtime, phones: str, fault: str) -> None:
    httpx.post(f"{phones}/faults", json={"drop_statuses": True})
    reply(rt, "Kabar dari kami, Ibu.")
    known_at_twilio(phones, "read")
    pass_by(rt, LATE)
    if fault == "unknown":
        httpx.delete(f"{phones}/sent")
    else:
        rt.channels["whatsapp"]._http._base = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    before = deliveries(rt)
    assert outbox.ask_for_reports(rt) == 0
    assert deliveries(rt) == before
    assert set(before) == {"sent"}
    assert count(rt, Ticket) == 1
