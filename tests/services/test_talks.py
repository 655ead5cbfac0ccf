"""Calls and visits: read back, corrected with both versions kept, recorded or with a reason why not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from factories import make_unit, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted
from talk import LENDER

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.talks import NoRecording, Speaker
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import Role
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.queries import audit_check
from helpdesk.queries.talks import Gap, gap_counts, gaps, read_back_of, reason_counts, talks_of
from helpdesk.queries.visibility import Viewer, load_viewer
from helpdesk.services import entry, privacy, talks
from helpdesk.services.contacts import Person
from helpdesk.services.entry import Typist
from helpdesk.services.registration import Submission
from helpdesk.services.talks import Correction, Recording, Told
from helpdesk.sla.policy import Form

STORY = "Saya sudah bayar tanggal 3 tapi belum dicatat"
OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(40)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
LATER = NOW + timedelta(minutes=3)


def a_viewer(session: Session, role: Role, **more: object) -> Viewer:
    found = load_viewer(session, make_user(session, role, **more).id)  # type: ignore[arg-type]
    assert found is not None
    return found


def told(session: Session, who: Viewer, **changes: object) -> tuple[Ticket, Talk, str]:
    """Write a call down; returns its ticket, the talk, and the id of its message."""
    submission = Submission(
        channel=ChannelCode.PHONE,
        person=Person(name="Siti Aminah", phone="0812 3456 7890"),
        text=STORY,
        received_at=NOW,
        amount=150_000,
        registered_by_id=who.user_id,
        actor=who.actor,
    )
    number = entry.register_for_contact(
        session,
        replace(submission, **changes),  # type: ignore[arg-type]
        typist=Typist(who.user_id, who.public_id, who.actor, who.point_id),
        key=f"k{session.scalar(select(Ticket.id).order_by(Ticket.id.desc()).limit(1))}",
        lender=LENDER,
        now=NOW,
    )
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    talk, public_id = session.execute(
        select(Talk, Message.public_id)
        .join(Message, Message.id == Talk.message_id)
        .where(Message.ticket_id == ticket.id)
    ).one()
    return ticket, talk, public_id


def kinds(session: Session, ticket: Ticket) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("channel", "place", "form", "is_due"),
    [
        pytest.param(ChannelCode.PHONE, None, Form.LISAN, True, id="phone"),
        pytest.param(ChannelCode.VISIT, "field", Form.LISAN, False, id="field"),
        pytest.param(ChannelCode.VISIT, "office", Form.TERTULIS, False, id="office"),
    ],
)
def test_the_way_decides_the_form_and_whether_a_recording_is_wanted(
    session: Session, channel: ChannelCode, place: str | None, form: Form, is_due: bool
) -> None:
    who = a_viewer(session, Role.AGENT)
    ticket, talk, _ = told(session, who, channel=channel, place=place)
    assert (ticket.form, talk.is_recording_due, talk.entered_by_id) == (form, is_due, who.user_id)


def test_who_speaks_for_her_is_kept_encrypted_and_a_shared_phone_is_known_to_the_chat(
    session: Session,
) -> None:
    who = a_viewer(session, Role.SUPERVISOR)
    said = Told(Speaker.HUSBAND, "Pak Budi", is_phone_shared=True, safe_hour="jam 10 pagi")
    ticket, talk, _ = told(session, who, told=said)
    [row] = talks_of(session, who, ticket.id)
    assert (row.speaker, row.speaker_name, row.safe_hour) == (Speaker.HUSBAND, "Pak Budi", "jam 10 pagi")
    assert session.scalars(select(Handle.is_shared)).all() == [True]
    privacy.erase(session, ticket.contact_id, force=True, actor="system", now=LATER)
    session.refresh(talk)
    assert (talk.speaker_name, talk.safe_hour) == (None, None)


def test_the_name_of_one_who_speaks_for_herself_is_not_kept_twice(session: Session) -> None:
    _, talk, _ = told(session, a_viewer(session, Role.AGENT), told=Told(Speaker.SELF, "Siti"))
    assert talk.speaker_name is None


def test_a_correction_keeps_both_versions_and_wants_to_be_read_again(session: Session) -> None:
    who = a_viewer(session, Role.SUPERVISOR)
    ticket, _talk, talk_id = told(session, who)
    talks.read_back(session, talk_id, actor=who.actor, now=LATER)
    talks.read_back(session, talk_id, actor=who.actor, now=LATER)
    assert kinds(session, ticket).count("read_back") == 1
    right = Correction("Saya bayar tanggal 4, PIN saya 123456", 175_000, date(2026, 11, 4))
    talks.correct(session, talk_id, right, actor=who.actor, now=LATER)
    session.flush()
    said = read_back_of(session, who, ticket.number)
    assert (said.first_text, said.amount, said.occurred_on) == (STORY, 175_000, date(2026, 11, 4))
    assert "tanggal 4" in said.text
    assert "123456" not in said.text
    assert said.talk.read_back_at is None
    event = session.scalars(select(TicketEvent).where(TicketEvent.kind == "read_back_corrected")).one()
    assert event.data == {
        "talk": talk_id,
        "from": {"amount": 150_000, "occurred_on": None},
        "to": {"amount": 175_000, "occurred_on": "2026-11-04"},
    }
    with pytest.raises(InvalidInput, match="nothing"):
        talks.correct(session, talk_id, replace(right, text=said.text), actor=who.actor, now=LATER)
    assert audit_check.verify(session) is None


def test_a_correction_that_tells_of_the_officer_keeps_her_point_out(session: Session) -> None:
    point = make_unit(session, code="BGR")
    who = a_viewer(session, Role.FIELD, unit=point)
    ticket, _, talk_id = told(session, who, person=Person(name="Siti", unit_id=point.id))
    right = Correction("Petugas membentak dan mengancam saya di rumah", None, None)
    talks.correct(session, talk_id, right, actor=who.actor, now=LATER)
    assert ticket.is_about_staff
    with pytest.raises(NotFound):
        read_back_of(session, who, ticket.number)


def test_a_recording_is_a_sound_of_the_call_and_settles_the_reason(session: Session) -> None:
    who = a_viewer(session, Role.SUPERVISOR)
    ticket, talk, talk_id = told(session, who)
    assert gap_counts(session, who) == {Gap.UNRECORDED: 1, Gap.UNREAD: 1, Gap.EXPLAINED: 0}
    talks.explain_no_recording(session, talk_id, NoRecording.FAILED, actor=who.actor, now=LATER)
    session.flush()
    assert gap_counts(session, who) == {Gap.UNRECORDED: 0, Gap.UNREAD: 1, Gap.EXPLAINED: 1}
    assert reason_counts(session, who) == [(NoRecording.FAILED, 1)]
    with pytest.raises(InvalidInput, match="sound"), session.begin_nested():
        talks.add_recording(session, talk_id, Recording(PDF, "a.pdf", "k1"), actor=who.actor, now=LATER)
    talks.add_recording(session, talk_id, Recording(OGG, "a.ogg", "k2"), actor=who.actor, now=LATER)
    session.flush()
    assert (talk.recorded_at, talk.no_recording) == (LATER, None)
    assert session.scalars(select(Attachment.message_id)).all() == [talk.message_id]
    with pytest.raises(Conflict):
        talks.explain_no_recording(session, talk_id, NoRecording.REFUSED, actor=who.actor, now=LATER)
    assert kinds(session, ticket)[-2:] == ["recording_missing", "recording_added"]


def test_the_lists_hold_what_the_viewer_may_see_in_few_statements(session: Session) -> None:
    hearer = a_viewer(session, Role.AGENT)
    ticket, _, talk_id = told(session, hearer)
    told(session, hearer, channel=ChannelCode.VISIT, place="office")
    supervisor, stranger = a_viewer(session, Role.SUPERVISOR), a_viewer(session, Role.AGENT)
    with counted(session) as statements:
        assert [row.id for row in gaps(session, supervisor, Gap.UNRECORDED).items] == [talk_id]
        assert len(gaps(session, supervisor, Gap.UNREAD).items) == 2
    assert len(statements) == 2
    first = gaps(session, supervisor, Gap.UNREAD, limit=1)
    rest = gaps(session, supervisor, Gap.UNREAD, after=first.next, limit=1)
    assert [len(first.items), len(rest.items), rest.next] == [1, 1, None]
    assert gaps(session, stranger, Gap.UNREAD).items == ()
    assert read_back_of(session, hearer, ticket.number).text == STORY, "she has her on the telephone"
    with pytest.raises(NotFound):
        read_back_of(session, stranger, ticket.number)
    with pytest.raises(Forbidden):
        gap_counts(session, a_viewer(session, Role.PRODUCT))
