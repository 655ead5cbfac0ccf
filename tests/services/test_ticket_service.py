"""What staff do with a ticket, and what registering whole complaints promises."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories import make_ladder, make_team, make_unit, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds, said, tell, ticket_of

from helpdesk.crypto import keys_of
from helpdesk.domain.chain import ChainEntry, first_broken
from helpdesk.domain.errors import Conflict, InvalidInput, InvalidTransition
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Impact, Urgency
from helpdesk.models.contacts import Contact
from helpdesk.models.people import Position, Role, Team
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.queries.visibility import load_viewer, visible
from helpdesk.services import complaints, registration, tickets
from helpdesk.services.contacts import Person
from helpdesk.services.escalations import barred_user_ids
from helpdesk.services.registration import Submission


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


WEB = Submission(
    channel=ChannelCode.WEB,
    person=Person(name="Kartini", phone="0857 1111 3333"),
    text="uang pinjaman saya belum cair",
    received_at=NOW,
    menu_choice=2,
)


def register(session: Session, submission: Submission = WEB, *, key: str | None = "key") -> Ticket:
    done = registration.register(session, submission, scope="test", key=key, lender=LENDER, now=NOW)
    return session.scalars(select(Ticket).where(Ticket.number == done.number)).one()


def last_event(session: Session, ticket: Ticket, kind: str) -> dict[str, Any]:
    """Return the data of the newest event of that kind."""
    events = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == kind)
    data = session.scalars(events.order_by(TicketEvent.serial.desc()).limit(1)).one().data
    assert data is not None
    return data


def test_of_many_who_take_a_ticket_one_wins(session: Session, ticket: Ticket) -> None:
    first, second = make_user(session), make_user(session)
    tickets.claim(session, ticket.id, user_id=first.id, actor="user:1", now=NOW)
    with pytest.raises(Conflict):
        tickets.claim(session, ticket.id, user_id=second.id, actor="user:2", now=NOW)
    assert (ticket.assignee_id, ticket.status) == (first.id, TicketStatus.OPEN)


def test_nobody_may_be_assigned_a_complaint_about_themselves(session: Session, ticket: Ticket) -> None:
    accused = make_user(session)
    session.add(TicketSubject(ticket_id=ticket.id, user_id=accused.id))
    session.flush()
    with pytest.raises(InvalidInput) as caught:
        tickets.assign(session, ticket.id, assignee_id=accused.id, actor="user:s", now=NOW)
    assert caught.value.code == "conflict_of_interest"


def test_a_note_is_kept_redacted_and_never_sent(session: Session, ticket: Ticket) -> None:
    note = tickets.add_note(
        session, ticket.id, "NIK 3201014507850001 sudah dicek", author_id=None, actor="user:1", now=NOW
    )
    assert "3201014507850001" not in note.body
    assert note.delivery is None


def test_severity_by_hand_needs_a_reason_and_keeps_the_floor_of_the_category(
    session: Session, ticket: Ticket
) -> None:
    with pytest.raises(InvalidInput):
        tickets.override_severity(
            session, ticket.id, impact=Impact.I1, urgency=Urgency.U1, reason=" ", actor="u", now=NOW
        )
    tickets.override_severity(
        session, ticket.id, impact=Impact.I1, urgency=Urgency.U1, reason="salah baca", actor="u", now=NOW
    )
    assert ticket.severity == "S2"  # BYR-POST has the default S2
    tickets.override_severity(
        session, ticket.id, impact=Impact.I4, urgency=Urgency.U3, reason="ada ancaman", actor="u", now=NOW
    )
    assert ticket.severity == "S1"


def test_a_transition_that_is_not_allowed_is_refused(session: Session, ticket: Ticket) -> None:
    with pytest.raises(InvalidTransition):
        tickets.change_status(session, ticket.id, TicketStatus.NEW, actor="u", now=NOW)
    with pytest.raises(InvalidInput):
        tickets.change_status(session, ticket.id, TicketStatus.RESOLVED, actor="u", now=NOW)


def test_every_change_is_one_more_link_of_an_unbroken_chain(session: Session, ticket: Ticket) -> None:
    tickets.add_note(session, ticket.id, "catatan", author_id=None, actor="user:1", now=NOW)
    tickets.change_status(
        session, ticket.id, TicketStatus.PENDING, actor="user:1", now=NOW + timedelta(seconds=1)
    )
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
    ).all()
    seal = keys_of(session).seal
    entries = [ChainEntry(e.serial, e.at, e.kind, e.actor, e.seal, e.link) for e in events]
    assert first_broken(entries, head=ticket.chain_head, seal=seal) is None
    assert first_broken(entries[:-1], head=ticket.chain_head, seal=seal) == len(entries)
    assert first_broken(entries[:1] + entries[2:], head=ticket.chain_head, seal=seal) == 2
    forged = [*entries[:-1], replace(entries[-1], actor="user:2")]
    assert first_broken(forged, head=ticket.chain_head, seal=seal) == len(entries)


def test_the_same_key_gives_the_same_ticket_and_another_content_is_refused(session: Session) -> None:
    first = register(session)
    assert register(session).id == first.id
    with pytest.raises(InvalidInput) as caught:
        register(session, replace(WEB, text="cerita lain"))
    assert caught.value.code == "key_reused"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(WEB, subjects=("a member of staff",)), id="subjects"),
        pytest.param(replace(WEB, place="field"), id="place"),
        pytest.param(replace(WEB, kind=TicketKind.ENQUIRY), id="kind"),
        pytest.param(replace(WEB, received_at=NOW - timedelta(days=2)), id="time of receipt"),
        pytest.param(replace(WEB, person=replace(WEB.person, village="Ciburuy")), id="village"),
        pytest.param(replace(WEB, person=replace(WEB.person, majelis="Melati")), id="majelis"),
        pytest.param(replace(WEB, person=replace(WEB.person, unit_id=1)), id="unit"),
    ],
)
def test_a_correction_under_the_same_key_is_never_taken_for_a_repeat(
    session: Session, changed: Submission
) -> None:
    register(session)
    with pytest.raises(InvalidInput) as caught:
        register(session, changed)
    assert caught.value.code == "key_reused"


def test_a_second_press_is_the_same_request_though_its_moment_is_another(session: Session) -> None:
    first = register(session)
    later = NOW + timedelta(seconds=3)
    again = registration.register(
        session, replace(WEB, received_at=later), scope="test", key="key", lender=LENDER, now=later
    )
    assert (again.number, again.is_repeat) == (first.number, True)


def test_the_coarse_choice_decides_where_the_story_says_nothing(session: Session) -> None:
    ticket = register(session, replace(WEB, text="tolong ya", menu_choice=3))
    assert ticket.category_code == "PNG-LAYAN"
    assert ticket.is_about_staff


def test_who_chose_petugas_is_kept_from_the_point_whatever_her_words_say(session: Session) -> None:
    ticket = register(
        session, replace(WEB, text="uang angsuran saya ke petugas belum tercatat", menu_choice=3)
    )
    assert (ticket.category_code, ticket.is_about_staff) == ("BYR-TUNAI", True)


def test_words_about_staff_are_kept_from_the_point_whatever_she_chose(session: Session) -> None:
    words = "Sudah bayar tapi belum masuk, petugas membentak saya"
    ticket = register(session, replace(WEB, text=words, menu_choice=1))
    assert (ticket.category_code, ticket.is_about_staff) == ("BYR-TUNAI", True)


def test_a_wrong_phone_is_kept_as_text_and_not_used_for_sending(session: Session) -> None:
    ticket = register(
        session, replace(WEB, channel=ChannelCode.PHONE, person=Person(name="Aminah", phone="12345"))
    )
    contact = session.get_one(Contact, ticket.contact_id)
    assert (contact.phone, contact.phone_digest, ticket.handle_id) == ("12345", None, None)


def test_a_phone_complaint_is_confirmed_by_sms_and_is_verbal(session: Session) -> None:
    ticket = register(session, replace(WEB, channel=ChannelCode.PHONE))
    assert ticket.form == "lisan"
    (sms,) = said(session, ticket.id)
    assert len(sms) <= 160


def test_a_mitra_id_is_one_contact_and_a_shared_phone_is_not(session: Session) -> None:
    one = register(session, replace(WEB, person=Person(mitra_id="M-1", phone="085711113333")), key="a")
    two = register(session, replace(WEB, person=Person(mitra_id="M-2", phone="085711113333")), key="b")
    again = register(session, replace(WEB, person=Person(mitra_id="M-1")), key="c")
    assert one.contact_id == again.contact_id != two.contact_id


def test_more_words_of_the_mitra_open_an_answered_complaint_again(session: Session) -> None:
    ticket = register(session)
    ticket.status, ticket.resolved_at = TicketStatus.RESOLVED, NOW
    registration.add_to(session, ticket.number, "belum beres", channel=ChannelCode.WEB, now=NOW)
    assert ticket.status == TicketStatus.OPEN


def test_a_rating_outside_one_to_five_is_refused(session: Session, ticket: Ticket) -> None:
    ticket.resolved_at = NOW
    with pytest.raises(InvalidInput):
        complaints.rate(session, ticket, 6, now=NOW)
    complaints.rate(session, ticket, 2, comment="lama", now=NOW)
    assert event_kinds(session, ticket.id)[-1] == "rated_by_contact"


def test_personal_data_lies_encrypted_in_the_database(session: Session) -> None:
    ticket = register(session)
    session.flush()
    from sqlalchemy import text

    rows = session.execute(
        text("SELECT name, phone FROM contacts WHERE id = :id"), {"id": ticket.contact_id}
    ).one()
    assert not any("Kartini" in value or "5711113333" in value for value in rows)
    body = (
        session.execute(text("SELECT body FROM messages WHERE ticket_id = :id"), {"id": ticket.id})
        .scalars()
        .all()
    )
    assert not any("cair" in value for value in body)
    assert (
        keys_of(session).digest("phone", "+6285711113333")
        == session.get_one(Contact, ticket.contact_id).phone_digest
    )


def test_teams_are_known_by_their_code(session: Session, ticket: Ticket) -> None:
    make_team(session, "pembayaran")
    tickets.assign(session, ticket.id, assignee_id=None, team="penipuan", actor="u", now=NOW)
    with pytest.raises(InvalidInput):
        tickets.assign(session, ticket.id, assignee_id=None, team="tidak-ada", actor="u", now=NOW)


class TestALaterJudgement:
    THREAT = (
        "Angsuran saya sudah dibayar lewat agen di pasar tiga hari yang lalu dan struknya masih ada. " * 2
        + "Petugas mengancam mau bunuh saya sekarang."
    )

    def test_a_corrected_category_is_judged_by_her_whole_story(self, session: Session) -> None:
        ticket = register(session, replace(WEB, text=self.THREAT))
        assert (ticket.severity, "bunuh" in ticket.subject) == ("S1", False)
        tickets.set_category(session, ticket.id, "BYR-POST", actor="user:a", now=NOW)
        assert (ticket.category_code, ticket.severity) == ("BYR-POST", "S1")

    def test_a_corrected_category_keeps_what_a_person_rated(self, session: Session, ticket: Ticket) -> None:
        tickets.override_severity(
            session, ticket.id, impact=Impact.I4, urgency=Urgency.U3, reason="ada ancaman", actor="u", now=NOW
        )
        tickets.set_category(session, ticket.id, "BYR-SALDO", actor="user:a", now=NOW)
        assert (ticket.category_code, ticket.severity, ticket.impact) == ("BYR-SALDO", "S1", Impact.I4)
        assert ticket.is_severity_overridden
        assert ticket.routing_reason["team"] == "perlindungan"

    def test_the_default_of_the_right_category_is_the_floor_of_what_a_person_rated(
        self, session: Session
    ) -> None:
        ticket = ticket_of(session, tell(session, "xyzzy qwerty plugh", now=NOW))
        tickets.override_severity(
            session, ticket.id, impact=Impact.I1, urgency=Urgency.U1, reason="iseng", actor="u", now=NOW
        )
        tickets.set_category(session, ticket.id, "BYR-POST", actor="user:a", now=NOW)
        assert (ticket.severity, ticket.impact) == ("S2", Impact.I1)

    def test_the_story_after_a_greeting_keeps_what_a_person_rated_and_who_has_it(
        self, session: Session
    ) -> None:
        ticket = ticket_of(session, tell(session, "halo", now=NOW))
        agent = make_user(session)
        tickets.claim(session, ticket.id, user_id=agent.id, actor="user:a", now=NOW)
        tickets.override_severity(
            session, ticket.id, impact=Impact.I4, urgency=Urgency.U3, reason="menangis", actor="u", now=NOW
        )
        team_id = ticket.team_id
        tell(session, now=NOW + timedelta(minutes=1))
        assert (ticket.category_code, ticket.severity, ticket.team_id) == ("BYR-POST", "S1", team_id)

    def test_a_corrected_category_does_not_let_the_point_in(self, session: Session) -> None:
        ticket = register(
            session, replace(WEB, text="petugas membentak saya, uang belum cair", menu_choice=3)
        )
        tickets.set_category(session, ticket.id, "PRD-LAMBAT", actor="user:a", now=NOW)
        assert (ticket.category_code, ticket.is_about_staff) == ("PRD-LAMBAT", True)

    def test_who_may_can_decide_that_it_is_not_about_staff(self, session: Session) -> None:
        ticket = register(session, replace(WEB, text="uang belum cair", menu_choice=3))
        tickets.set_category(session, ticket.id, "PRD-LAMBAT", is_about_staff=False, actor="user:s", now=NOW)
        assert not ticket.is_about_staff
        data = last_event(session, ticket, "category_changed")
        assert (data["from"]["about_staff"], data["to"]["about_staff"]) == ("yes", "")

    @pytest.mark.parametrize("how", ["by its category", "by whom it names"])
    def test_nobody_decides_that_a_complaint_about_staff_is_none(self, session: Session, how: str) -> None:
        accused = make_user(session)
        ticket = register(session, replace(WEB, subjects=(accused.public_id,) if "names" in how else ()))
        code = "PRD-LAMBAT" if "names" in how else "PNG-KASAR"
        tickets.set_category(session, ticket.id, code, is_about_staff=False, actor="user:s", now=NOW)
        assert ticket.is_about_staff

    @pytest.mark.parametrize("is_barred", [True, False], ids=["of its point", "of another point"])
    def test_an_assignee_who_became_barred_loses_the_ticket_to_the_new_team(
        self, session: Session, is_barred: bool
    ) -> None:
        _region, area, point = make_ladder(session)
        home = point if is_barred else make_unit(session, parent=area)
        agent = make_user(session, unit=home, teams=(make_team(session, "pembayaran"),))
        ticket = register(session, replace(WEB, person=replace(WEB.person, unit_id=point.id), text=PAID))
        tickets.claim(session, ticket.id, user_id=agent.id, actor="user:a", now=NOW)
        tickets.set_category(session, ticket.id, "PNG-KASAR", actor="user:b", now=NOW)
        assert ticket.assignee_id == (None if is_barred else agent.id)
        told = session.get_one(Team, ticket.team_id).code
        assert told == ticket.routing_reason["team"] == ("perlindungan" if is_barred else "pembayaran")
        data = last_event(session, ticket, "category_changed")
        before, after = data["from"], data["to"]
        if is_barred:
            assert (before["assignee"], after["assignee"]) == (agent.public_id, "")
            assert (before["team"], after["team"]) == ("pembayaran", "perlindungan")
        else:
            assert "assignee" not in before

    def test_her_story_after_a_greeting_may_take_the_ticket_from_the_point(self, session: Session) -> None:
        _region, _area, point = make_ladder(session)
        agent = make_user(session, unit=point, teams=(make_team(session, "triage"),))
        ticket = ticket_of(session, tell(session, "halo", now=NOW))
        ticket.unit_id = point.id
        tickets.claim(session, ticket.id, user_id=agent.id, actor="user:a", now=NOW)
        tell(session, "BP saya membentak saya di depan orang", now=NOW + timedelta(minutes=1))
        assert (ticket.is_about_staff, ticket.assignee_id) == (True, None)
        data = last_event(session, ticket, "became_about_staff")
        assert (data["from"]["assignee"], data["to"]["assignee"]) == (agent.public_id, "")
        routed = last_event(session, ticket, "rated")["team"]
        assert (data["from"]["team"], routed) == ("triage", ticket.routing_reason["team"])

    def test_her_further_words_do_not_let_colleagues_of_the_accused_in(self, session: Session) -> None:
        _region, _area, point = make_ladder(session)
        accused = make_user(session, Role.FIELD, position=Position.BP, unit=point)
        manager = make_user(session, Role.FIELD, position=Position.BM, unit=point)
        ticket = register(
            session,
            Submission(
                channel=ChannelCode.PHONE,
                person=Person(name="Kartini", phone="+6285711112222", unit_id=point.id),
                text="tolong hubungi saya",
                received_at=NOW,
                subjects=(accused.public_id,),
            ),
        )
        assert (ticket.category_code, ticket.is_about_staff) == (None, True)
        told = tell(session, "sudah bayar tapi belum masuk", now=NOW, channel=ChannelCode.SMS)
        assert (told.ticket_id, ticket.category_code) == (ticket.id, "BYR-POST")
        assert ticket.is_about_staff
        assert {accused.id, manager.id} <= barred_user_ids(session, ticket)
        viewer = load_viewer(session, manager.id)
        assert viewer is not None
        assert session.scalar(select(Ticket.id).where(visible(viewer))) is None
