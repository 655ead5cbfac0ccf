"""What lies in the database: nothing that names a person or tells her story can be read there."""

from datetime import timedelta

import pytest
from factories import NOW, head_office, make_user
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session
from talk import LENDER

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    DeliveryReport,
    InboundMessage,
    MediaKind,
    WebhookRequest,
)
from helpdesk.models.complaints import ImprovementStatus
from helpdesk.models.contacts import ContactWord
from helpdesk.models.messages import Message
from helpdesk.queries.contacts import lookup
from helpdesk.queries.visibility import load_viewer
from helpdesk.services import delivery, improvements, intake, lwk, replies, tickets, webhooks
from helpdesk.services.contacts import Person, contact_for
from helpdesk.services.lwk_closing import Closer, close_batch

CHAT = "7188990011"
PHONE = "81377665544"
WORDS = ("Marsinah", "terkuras", "Cikembar", "ditelepon", "slip-marsinah")


def conversation(session: Session) -> None:
    """A person writes by Telegram, is answered, and the provider reports; one webhook waits, one report too."""
    received = intake.receive_message(
        session,
        InboundMessage(
            channel=ChannelCode.TELEGRAM,
            external_id=f"{CHAT}:41",
            address=CHAT,
            aliases=(f"tg:{CHAT}", f"tel:+62{PHONE}"),
            text="Saya Marsinah di Cikembar, tabungan saya terkuras, hp 0813-7766-5544",
            display_name="Marsinah",
            reply_to_external_id=f"{CHAT}:40",
            attachments=(AttachmentRef(f"file-{CHAT}", MediaKind.PHOTO, "image/jpeg", "slip-marsinah.jpg"),),
            facts={"contact_phone": f"+62{PHONE}"},
        ),
        lender=LENDER,
        now=NOW,
    )
    replies.reply(
        session, received.ticket_id, "Ibu Marsinah, kami periksa hari ini.", author_id=None,
        actor="user:1", seen_message_id=None, lender=LENDER, now=NOW,
    )  # fmt: skip
    note = "Marsinah sudah ditelepon"
    tickets.add_note(session, received.ticket_id, note, author_id=None, actor="user:1", now=NOW)
    batch = lwk.open_batch(
        session, unit_id=head_office(session).id, received_on=NOW.date(), form_count=1, amount_total=0,
        user_id=make_user(session).id, actor="user:1", now=NOW,
    )  # fmt: skip
    by = Closer(make_user(session).id, "user:1")
    close_batch(session, batch.public_id, reason="formulir Marsinah hilang", by=by, now=NOW)
    for at, claimed in enumerate(
        delivery.claim_due(session, ChannelCode.TELEGRAM, now=NOW + timedelta(minutes=1)), start=50
    ):
        delivery.record_sent(session, claimed.outbox_id, external_id=f"{CHAT}:{at}", now=NOW)
    for at in (50, 99):  # the second one is of a message that is not known yet
        report = DeliveryReport(ChannelCode.TELEGRAM, f"{CHAT}:{at}", DeliveryStatus.DELIVERED)
        delivery.apply_report(session, report, now=NOW)
    body = f'{{"chat": {CHAT}, "text": "Marsinah terkuras"}}'.encode()
    request = WebhookRequest("telegram", f"https://bantuan.example/webhooks/telegram?c={CHAT}", {}, (), body)
    webhooks.store(session, request, now=NOW)


def stored(session: Session) -> str:
    """Every value of every table, as whoever copies the database reads it."""
    metadata = MetaData()
    connection = session.connection()
    metadata.reflect(connection)
    found: list[str] = []
    for table in metadata.tables.values():
        for row in connection.execute(select(table)):
            for value in row:
                is_bytes = isinstance(value, bytes | memoryview)
                found.append(bytes(value).decode("latin-1") if is_bytes else str(value))
    return "\n".join(found).casefold()


@pytest.mark.parametrize("secret", [CHAT, PHONE, *WORDS])
def test_no_person_and_no_story_can_be_read_in_the_database(session: Session, secret: str) -> None:
    conversation(session)
    assert secret.casefold() not in stored(session)


def test_what_must_be_read_again_is_there_for_us(session: Session) -> None:
    conversation(session)
    ids = session.scalars(select(Message.external_id).where(Message.external_id.is_not(None))).all()
    assert {f"{CHAT}:41", f"{CHAT}:50"} <= set(ids)
    reported = select(Message.delivery).where(Message.delivery == DeliveryStatus.DELIVERED)
    assert len(session.scalars(reported).all()) == 1


def test_a_secret_in_a_finding_is_not_kept(session: Session) -> None:
    owner = make_user(session)
    finding, _count = improvements.create(
        session, title="PIN 482913 diminta", finding="NIK 3529544104790029 tertulis di slip", category=None,
        owner_id=owner.id, due_on=None, actor="user:1", now=NOW,
    )  # fmt: skip
    decision = "slip dengan NIK 3529544104790029 ditarik"
    improvements.move(
        session, finding.public_id, ImprovementStatus.FIXING, decision=decision, actor="user:1", now=NOW
    )
    assert (finding.title, finding.finding) == ("PIN [PIN ••••] diminta", "NIK [NIK ••••] tertulis di slip")
    assert finding.decision == "slip dengan NIK [NIK ••••] ditarik"


NIK = "3201234509870001"


def test_an_identity_number_is_kept_in_no_field_of_a_person(session: Session) -> None:
    typed = f"Sari NIK {NIK}"
    person = Person(name=typed, phone=typed, village=typed, majelis=typed, mitra_id=NIK)
    contact = contact_for(session, person, now=NOW)
    session.refresh(contact)
    assert NIK not in repr([contact.name, contact.phone, contact.village, contact.majelis, contact.mitra_id])
    assert contact.majelis == "Sari NIK [NIK ••••]"
    words = session.scalars(select(ContactWord.word).where(ContactWord.contact_id == contact.id)).all()
    assert keys_of(session).digest("word", NIK) not in words


def test_who_uses_an_identity_number_as_her_id_is_still_found_by_it(session: Session) -> None:
    contact = contact_for(session, Person(name="Sari", mitra_id=NIK), now=NOW)
    assert contact_for(session, Person(mitra_id=NIK), now=NOW) is contact
    clerk = load_viewer(session, make_user(session).id)
    assert clerk is not None
    assert [(row.id, row.mitra_id) for row in lookup(session, clerk, mitra_id=NIK)] == [(contact.id, None)]
