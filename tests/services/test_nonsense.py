"""People who talk nonsense by chat: no message is lost, nothing loops, and nobody hears of another's complaint."""

import os
import random
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, message, resolve

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.domain.numbers import find_number, format_number
from helpdesk.domain.privacy import ERASED
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit_check import verify
from helpdesk.services import chat_nudges, intake, replies, tickets

TURNS = 10_000 if os.environ.get("HELPDESK_SOAK") else 400
MOST_TEXTS = 4
CHANNELS = (ChannelCode.WHATSAPP, ChannelCode.TELEGRAM, ChannelCode.SMS)
WORDS = (
    "halo", "Assalamualaikum", "ya", "tidak", "1", "2", "3", "0", "9", "satu", "1️⃣", "👍", "😡", "", "?", "P", "SELESAI",
    "LEWAT", "STATUS", "DATA", "DARURAT", "BERHENTI", "MULAI", "BATAL", "LAPOR", "sudah", "belum", "terima kasih",
    "yes", "no", "DONE", "SKIP", "STOP", "REPORT", "hello", "Siti Aminah, Sukamaju", "Kartini", "bukan saya", "betul",
    "Bu saya sudah bayar angsuran lewat VA tapi belum masuk", "petugas minta uang 50 ribu", "petugas memukul saya",
    "aplikasi tidak bisa login", "my money is gone", "uang saya hilang ditipu orang", "xyzzy plugh", "tidak ada",
    "nama saya dipakai orang lain untuk pinjam", "kenapa pencairan saya dipotong", "makasih ya bu", "tolong",
)  # fmt: skip


@dataclass
class People:
    """Ten Mitra, some of them on several channels, and staff who now and then do something."""

    session: Session
    rng: random.Random
    sent: dict[str, str] = field(default_factory=dict)
    """The phone that said each external id."""
    serial: int = 0

    def speak(self, *, minute: int) -> tuple[str, ChannelCode, str]:
        rng = self.rng
        phone, channel = f"+62857111122{rng.randrange(10):02}", rng.choice(CHANNELS)
        text = rng.choice(WORDS)
        if rng.random() < 0.1:
            text = f"{text} {format_number(rng.choice(self.numbers() or ['12345674']))}".strip()
        if rng.random() < 0.2:
            text = f"{text} {rng.choice(WORDS)}".strip()
        self.serial += 1
        said, more = f"IN{self.serial}", dict[str, str]()
        if rng.random() < 0.1 and self.sent:
            more["reply_to_external_id"] = rng.choice(list(self.sent))
        if rng.random() < 0.05 and self.sent and channel == ChannelCode.TELEGRAM:
            more["edits"] = rng.choice(list(self.sent))
        files = (AttachmentRef("ref", MediaKind.VOICE, "audio/ogg"),) if rng.random() < 0.05 else ()
        inbound = message(text, phone=phone, channel=channel, external_id=said, files=files, **more)
        now = NOW + minute * timedelta(minutes=1)
        intake.receive_message(self.session, inbound, lender=LENDER, now=now)
        again = intake.receive_message(self.session, inbound, lender=LENDER, now=now)
        assert again.is_repeat
        self.sent[said] = phone
        return said, channel, phone

    def numbers(self) -> list[str]:
        return list(self.session.scalars(select(Ticket.number).order_by(Ticket.id.desc()).limit(30)))

    def staff(self, *, minute: int) -> None:
        ticket = self.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(30)).all()
        chosen = self.rng.choice(list(ticket) or [None])
        now = NOW + minute * timedelta(minutes=1)
        if chosen is None or chosen.status in (TicketStatus.CLOSED, TicketStatus.RESOLVED):
            return
        deed = self.rng.randrange(3)
        if deed == 0:
            with suppress(InvalidInput):  # a late one wants its reason
                resolve(self.session, chosen, now=now)
        elif deed == 1:
            tickets.add_note(self.session, chosen.id, "x", author_id=None, actor="system", now=now)
        else:
            replies.reply(
                self.session, chosen.id, "Kami cek dulu, Ibu.", author_id=None, actor="user:x",
                seen_message_id=None, lender=LENDER, now=now,
            )  # fmt: skip


@pytest.mark.timeout(TURNS)
def test_nonsense_loses_nothing_loops_nowhere_and_leaks_nothing(session: Session) -> None:
    people = People(session, random.Random(6))
    minute = newest = 0
    for turn in range(TURNS):
        minute += people.rng.choice((0, 1, 3, 30, 700))
        _said, _channel, phone = people.speak(minute=minute)
        answers = outbound_after(session, newest)
        assert len(answers) <= MOST_TEXTS, [row.body for row in answers]
        steps = [(row.facts or {}).get("step", "") for row in answers]
        assert max(Counter(steps).values(), default=0) <= 1, steps
        for row in answers:
            assert_hers(session, row, phone)
        if people.rng.random() < 0.1:
            people.staff(minute=minute)
        if people.rng.random() < 0.1:
            for handle_id in chat_nudges.due_ids(session, now=NOW + minute * timedelta(minutes=1)):
                chat_nudges.nudge(session, handle_id, lender=LENDER, now=NOW + minute * timedelta(minutes=1))
        newest = session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).first() or 0
        if turn % 200 == 0:
            session.expire_all()
    kept = Counter(session.scalars(select(Message.external_id).where(Message.direction == "in")).all())
    assert set(kept) == set(people.sent)
    assert set(kept.values()) == {1}
    untold = session.scalars(
        select(Ticket).where(Ticket.kind == "complaint", Ticket.acknowledged_at.is_(None))
    ).all()
    assert [ticket.number for ticket in untold] == []
    assert verify(session) is None


def outbound_after(session: Session, message_id: int) -> list[Message]:
    return list(
        session.scalars(
            select(Message)
            .where(Message.id > message_id, Message.direction == "out", Message.body != ERASED)
            .order_by(Message.id)
        )
    )


def assert_hers(session: Session, row: Message, phone: str) -> None:
    """Whatever number a text names is of a ticket of the same phone, or one that is not found."""
    handle = session.get_one(Handle, row.handle_id)
    assert phone in handle.address
    if (row.facts or {}).get("step") == "T08d":
        return  # it repeats what she wrote
    for number in re.findall(r"\d{4}-\d{4,5}", row.body):
        ticket = session.scalars(select(Ticket).where(Ticket.number == find_number(number))).one()
        contact = session.get_one(Contact, ticket.contact_id)
        of_handle = session.get_one(Handle, ticket.handle_id)
        assert phone in of_handle.address or contact.phone == phone, row.body
