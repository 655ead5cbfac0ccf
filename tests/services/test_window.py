"""WhatsApp's 24 hours, kept by the sender: what waits, the one question that opens it, and what her word then means."""

from datetime import datetime, timedelta

import pytest
from answer_samples import answer, item_of
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, decide, event_kinds, steps_of, tell, ticket_of

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.message_templates import Standing, TemplateState
from helpdesk.domain.messages import WHATSAPP_WINDOW, ChannelCode, DeliveryReport, Purpose
from helpdesk.domain.outreach import ladder
from helpdesk.domain.wording import Language
from helpdesk.models.contacts import Handle
from helpdesk.models.message_templates import MessageTemplate
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.services import channel_ladder, complaints, delivery, intake, invitations, message_templates
from helpdesk.services.delivery import Claimed

DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)
LATER = NOW + DAY + SECOND
CONTENT = "HX" + "0a" * 16
BODY = "Ibu {{1}}, ada kabar untuk nomor {{2}}. Balas YA."
FAILED, QUEUED, SENT = DeliveryStatus.FAILED, DeliveryStatus.QUEUED, DeliveryStatus.SENT


@pytest.fixture
def ticket(session: Session) -> Ticket:
    """A complaint whose automatic texts have gone."""
    ticket = ticket_of(session, tell(session, now=NOW))
    assert [item.message.text[:1] for item in sent(session, NOW)]
    return ticket


@pytest.fixture
def news(session: Session) -> MessageTemplate:
    row = message_templates.add(
        session,
        step="T22",
        language="id",
        name="kabar",
        content_id=CONTENT,
        variables=["nama", "nomor"],
        actor="user:admin",
        now=NOW,
    )
    message_templates.take_standing(session, row.id, Standing(TemplateState.APPROVED, BODY), now=NOW)
    confirmed(session)
    return row


def confirmed(session: Session, *, by: str = "user:other", body: str = BODY) -> None:
    sign = message_templates.seen_sign(CONTENT, ["nama", "nomor"], body)
    message_templates.confirm(session, CONTENT, "id", seen=sign, actor=by, now=NOW)


def sent(session: Session, now: datetime) -> list[Claimed]:
    """One pass of the sender: hold what may not go, hand the rest to the provider."""
    for outbox_id in invitations.outside_ids(session, ChannelCode.WHATSAPP, window=DAY, now=now):
        invitations.hold_due(session, outbox_id, window=DAY, now=now)
    gone: list[Claimed] = []
    while claimed := delivery.claim_due(session, ChannelCode.WHATSAPP, now=now, window=DAY):
        delivery.record_sent(session, claimed[0].outbox_id, external_id=f"X{claimed[0].outbox_id}", now=now)
        gone += claimed
    return gone


def texts(claimed: list[Claimed]) -> list[str]:
    return [
        item.message.template.content_id if item.message.template else item.message.text for item in claimed
    ]


def test_at_a_second_past_24_hours_only_a_template_goes_and_the_answer_waits(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    assert WHATSAPP_WINDOW == DAY
    reply = answer(session, ticket, "Uang Ibu sudah kembali.", now=LATER)
    [asked] = sent(session, LATER)
    assert asked.message.template
    assert asked.message.template.content_id == CONTENT
    assert asked.message.template.variables == {"1": "Mitra", "2": f"{ticket.number[:4]}-{ticket.number[4:]}"}
    assert (reply.delivery, item_of(session, reply).held_at) == (QUEUED, LATER)
    assert "message_held" in event_kinds(session, ticket.id)
    answer(session, ticket, "Satu lagi, Ibu.", now=LATER + SECOND)
    assert sent(session, LATER + DAY) == []  # asked once, however much waits
    tell(session, "Halo", now=LATER + DAY)
    assert texts(sent(session, LATER + DAY)) == ["Uang Ibu sudah kembali.", "Satu lagi, Ibu."]


def test_until_the_last_second_free_words_go(session: Session, ticket: Ticket, news: MessageTemplate) -> None:
    answer(session, ticket, "Baik, Ibu.", now=NOW + DAY - SECOND)
    assert texts(sent(session, NOW + DAY - SECOND)) == ["Baik, Ibu."]
    answer(session, ticket, "Lagi, Ibu.", now=NOW + DAY)
    assert texts(sent(session, NOW + DAY)) == [CONTENT]


@pytest.mark.parametrize(
    "word", ["YA", "ya bu", "1", "sudah", "Terima kasih", "2", "belum", "mana bu beritanya", "halo"]
)
def test_what_she_says_to_the_question_only_opens_the_answer(
    session: Session, ticket: Ticket, news: MessageTemplate, word: str
) -> None:
    decide(session, ticket, now=NOW)
    sent(session, LATER)
    before = steps_of(session, ticket.id)
    tell(session, word, now=LATER + DAY / 2)
    assert (ticket.status, ticket.kind) == (TicketStatus.RESOLVED, "complaint")
    assert steps_of(session, ticket.id) == before  # not a word of ours but the answer
    tell(session, "YA", now=LATER + DAY / 2)  # pressed twice: it is still not read
    assert ticket.status == TicketStatus.RESOLVED
    [opened] = sent(session, LATER + DAY / 2)
    assert "ini jawaban untuk nomor" in opened.message.text
    tell(session, "1", now=LATER + DAY / 2 + SECOND)
    assert ticket.status == TicketStatus.CLOSED


def test_more_words_are_heard_and_her_commands_too(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    decide(session, ticket, now=NOW)
    sent(session, LATER)
    tell(session, "STATUS", now=LATER + SECOND)
    assert steps_of(session, ticket.id)[-1] == "T08a"
    assert texts(sent(session, LATER + SECOND))[0].startswith("Ibu Mitra, ini jawaban")
    complaints.reject(session, ticket, now=LATER + SECOND)
    decide(session, ticket, now=LATER + SECOND)
    sent(session, LATER + 2 * DAY)
    tell(
        session, "Petugas Ibu datang lagi minta uang denda yang sama tadi pagi", now=LATER + 2 * DAY + SECOND
    )
    assert ticket.status == TicketStatus.OPEN


def test_a_refusal_for_the_closed_window_heals_to_the_same_state(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    """WhatsApp's clock rules, not ours: 63016 by the call, by a report, by one that is early."""
    early, called, told = (answer(session, ticket, text, now=NOW) for text in ("A", "B", "C"))
    items = [item_of(session, each) for each in (early, called, told)]
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, window=DAY, limit=len(items))
    refused = DeliveryReport(ChannelCode.WHATSAPP, "A1", FAILED, "63016", SendOutcome.NEEDS_TEMPLATE)
    delivery.apply_report(session, refused, now=NOW)
    delivery.record_sent(session, items[0].id, external_id="A1", now=NOW)
    delivery.record_failure(session, items[1].id, code="63016", outcome=SendOutcome.NEEDS_TEMPLATE, now=NOW)
    delivery.record_sent(session, items[2].id, external_id="C1", now=NOW)
    refused = DeliveryReport(ChannelCode.WHATSAPP, "C1", FAILED, "63016", SendOutcome.NEEDS_TEMPLATE)
    delivery.apply_report(session, refused, now=NOW)
    delivery.apply_report(session, refused, now=NOW)
    assert [each.delivery for each in (early, called, told)] == [QUEUED] * 3
    assert all(item.held_at == NOW and item.status == QUEUED for item in items)
    assert "delivery_failed" not in event_kinds(session, ticket.id)
    assert texts(sent(session, NOW)) == [CONTENT]
    tell(session, "YA", now=NOW + SECOND)
    assert texts(sent(session, NOW + SECOND)) == ["A", "B", "C"]


def test_where_nothing_may_be_sent_unasked_it_waits_without_a_question(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    ticket.is_about_staff = True
    answer(session, ticket, "Baik, Ibu.", now=LATER)
    assert sent(session, LATER) == []
    tell(session, "Ada kabar?", now=LATER + SECOND)
    assert texts(sent(session, LATER + SECOND))[0] == "Baik, Ibu."


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_reply_that_waits_unasked_or_unanswered_is_brought_by_a_person(
    session: Session, ticket: Ticket, request: pytest.FixtureRequest, is_asked: bool
) -> None:
    if is_asked:
        request.getfixturevalue("news")
    reply = answer(session, ticket, "Tanggal berapa bayarnya, Ibu?", now=LATER)
    sent(session, LATER)
    tasks = select(ContactTask.kind).where(ContactTask.message_id == reply.id)
    assert session.scalars(tasks).all() == ([] if is_asked else ["call"])
    late = LATER + ladder().unread_after
    outbox_id = item_of(session, reply).id
    assert (outbox_id in channel_ladder.unproven_ids(session, now=late)) is is_asked
    channel_ladder.climb(session, outbox_id, now=late)
    assert session.scalars(tasks).all() == ["call"]
    assert outbox_id not in channel_ladder.unproven_ids(session, now=late)
    tell(session, "Ada kabar?", now=late)
    assert "Tanggal berapa bayarnya, Ibu?" in texts(sent(session, late))


@pytest.mark.parametrize("state", [TemplateState.PENDING, TemplateState.PAUSED, TemplateState.REJECTED])
def test_only_an_approved_template_goes(
    session: Session, ticket: Ticket, news: MessageTemplate, state: TemplateState
) -> None:
    message_templates.take_standing(session, news.id, Standing(state, BODY), now=NOW)
    answer(session, ticket, now=LATER)
    assert sent(session, LATER) == []


def test_a_template_needs_a_second_person_for_what_the_provider_has(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    def told(body: str, state: TemplateState = TemplateState.APPROVED) -> bool:
        message_templates.take_standing(session, news.id, Standing(state, body), now=NOW)
        return message_templates.approved(session, "T22", Language.ID) is not None

    assert told(BODY)
    assert not told("Promo untuk {{1}}: {{2}}")  # other words than were confirmed
    with pytest.raises(Forbidden):
        confirmed(session, by="user:admin", body="Promo untuk {{1}}: {{2}}")
    with pytest.raises(Conflict) as refused:
        confirmed(session)  # of words that are there no more
    assert refused.value.code == "changed"
    assert not told("Ada kabar.")
    with pytest.raises(Conflict) as refused:
        confirmed(session, body="Ada kabar.")
    assert refused.value.code == "places"
    assert not told(BODY)
    confirmed(session)
    assert told(BODY)
    message_templates.withdraw(session, CONTENT, "id", actor="user:admin", now=NOW)
    assert not told(BODY)
    with pytest.raises(Conflict):
        message_templates.set_state(session, CONTENT, "id", TemplateState.APPROVED, actor="x", now=NOW)


def test_who_says_for_meta_that_it_is_approved_is_not_the_second_person(session: Session) -> None:
    def add(actor: str) -> None:
        message_templates.add(
            session, step="T22", language="id", name="kabar", content_id="kabar", variables=["nama"],
            actor=actor, now=NOW,
        )  # fmt: skip

    def confirm(actor: str) -> bool:
        sign = message_templates.seen_sign("kabar", ["nama"], None)
        message_templates.confirm(session, "kabar", "id", seen=sign, actor=actor, now=NOW)
        return message_templates.approved(session, "T22", Language.ID) is not None

    add("user:a")
    assert not confirm("user:b")  # nobody has said that Meta approved it
    message_templates.set_state(session, "kabar", "id", TemplateState.APPROVED, actor="user:b", now=NOW)
    with pytest.raises(Forbidden):
        confirm("user:b")
    assert confirm("user:a")


@pytest.mark.parametrize(
    "code", ["63041", "132001", "132015", "132016"], ids=["Twilio", "none", "paused", "off"]
)
def test_a_template_that_the_provider_has_paused_is_not_tried_on_others(
    session: Session, ticket: Ticket, news: MessageTemplate, code: str
) -> None:
    answer(session, ticket, now=LATER)
    invitations.hold_due(
        session,
        invitations.outside_ids(session, ChannelCode.WHATSAPP, window=DAY, now=LATER)[0],
        window=DAY,
        now=LATER,
    )
    [claimed] = delivery.claim_due(session, ChannelCode.WHATSAPP, now=LATER, window=DAY)
    delivery.record_failure(session, claimed.outbox_id, code=code, outcome=SendOutcome.REJECTED, now=LATER)
    assert news.state == TemplateState.PAUSED


def test_an_answer_that_she_has_not_read_closes_nothing(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    decide(session, ticket, now=NOW)
    sent(session, LATER)
    assert ticket.closes_at
    due = ticket.closes_at
    assert not complaints.close_silent(session, ticket.id, now=due)
    tell(session, "YA", now=due)
    sent(session, due)
    assert not complaints.close_silent(session, ticket.id, now=ticket.closes_at), "she had a day to object"
    assert complaints.close_silent(session, ticket.id, now=ticket.closes_at)


def test_who_writes_before_she_is_asked_is_not_asked(
    session: Session, ticket: Ticket, news: MessageTemplate
) -> None:
    held = answer(session, ticket, "Baik, Ibu.", now=LATER)
    [outbox_id] = invitations.outside_ids(session, ChannelCode.WHATSAPP, window=DAY, now=LATER)
    assert invitations.hold_due(session, outbox_id, window=DAY, now=LATER)
    tell(session, "Halo", now=LATER + SECOND)
    assert not invitations.hold_due(session, outbox_id, window=DAY, now=LATER + SECOND)
    assert texts(sent(session, LATER + SECOND))[0] == "Baik, Ibu."
    assert held.delivery == SENT
    asked = session.scalars(select(Message).where(Message.purpose == Purpose.NOTICE)).one()
    assert (asked.delivery, asked.error_code) == (FAILED, NOT_NEEDED)


def test_a_shared_phone_is_told_no_name(session: Session, ticket: Ticket, news: MessageTemplate) -> None:
    handle = session.get_one(Handle, ticket.handle_id)
    handle.is_shared = True
    values = invitations.news_values(session, ticket, handle)
    assert values["nama"] == "Mitra"


def test_what_is_heard_late_opened_the_window_when_she_wrote(session: Session, ticket: Ticket) -> None:
    from talk import message as hers

    intake.receive_message(session, hers("Halo", sent_at=NOW + SECOND), lender=LENDER, now=LATER)
    assert session.get_one(Handle, ticket.handle_id).last_inbound_at == NOW + SECOND


def test_a_template_is_registered_once_and_only_right(session: Session, news: MessageTemplate) -> None:
    def add(**changes: object) -> None:
        values = {"step": "T22", "language": "en", "name": "news", "content_id": "HX" + "1" * 32}
        values |= {"variables": ["nama"], "actor": "user:a", "now": NOW}
        message_templates.add(session, **(values | changes))  # type: ignore[arg-type]

    for wrong in ({"step": "T11"}, {"content_id": "HX12"}, {"variables": ["jawaban"]}, {"name": " "}):
        with pytest.raises(InvalidInput):
            add(**wrong)
    with pytest.raises(Conflict):
        add(content_id=CONTENT, language="id")
    add()
    assert session.scalar(select(OutboxItem).where(OutboxItem.template_id.is_not(None))) is None
