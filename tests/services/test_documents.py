"""Form, conversion and documents of a complaint (POJK 22/2023 Ps. 70, 71, 74, 76)."""

from datetime import timedelta

import pytest
from answer_samples import again, fail, item_of, report, sent
from clock_samples import FIRST, REGULATORY, RESOLUTION, kinds, line, live, wib
from factories import make_user
from installing import NOW
from overlap import overlap
from regulation_samples import ACT, ASK, asked, event, regulatory, told, verbal, written
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import resolve, said, tell

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Urgency
from helpdesk.models.complaints import Resolution
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.people import Team
from helpdesk.models.regulation import on_record
from helpdesk.models.sla import StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, documents, tickets
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import Form
from helpdesk.sla.standing import Refusal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIFTH_DAY_ENDS = wib("2026-12-01", "00:00")
TENTH_DAY_ENDS = wib("2026-12-08", "00:00")


class TestForm:
    def test_it_is_corrected_with_a_reason_and_the_clocks_fit_from_the_same_start(
        self, session: Session
    ) -> None:
        ticket = verbal(session)
        assert live(session, ticket, REGULATORY).due_at == FIFTH_DAY_ENDS
        documents.change_form(
            session, ticket.id, Form.TERTULIS, reason="Surat diantar", actor="user:x", now=NOW + DAY
        )
        clock = live(session, ticket, REGULATORY)
        assert (ticket.form, ticket.is_form_overridden) == (Form.TERTULIS, True)
        assert (clock.started_at, clock.due_at) == (NOW, TENTH_DAY_ENDS)
        assert regulatory(session, ticket)[0].superseded_at == NOW + DAY
        data = event(session, ticket, "form_changed").data
        assert data == {"from": {"form": "lisan"}, "to": {"form": "tertulis"}, "reason": "Surat diantar"}

    def test_without_a_reason_it_stays(self, session: Session) -> None:
        with pytest.raises(InvalidInput):
            documents.change_form(
                session, verbal(session).id, Form.TERTULIS, reason=" ", actor="user:x", now=NOW
            )

    def test_the_same_again_is_refused(self, session: Session) -> None:
        ticket = verbal(session)
        with pytest.raises(Conflict) as caught:
            documents.change_form(
                session, ticket.id, Form.LISAN, reason="Ditelepon dari WA", actor="user:x", now=NOW
            )
        assert caught.value.code == "form_same"

    def test_a_breach_under_the_old_form_stays(self, session: Session) -> None:
        ticket = verbal(session)
        documents.change_form(
            session,
            ticket.id,
            Form.TERTULIS,
            reason="Surat menyusul",
            actor="user:x",
            now=FIFTH_DAY_ENDS + HOUR,
        )
        old = regulatory(session, ticket)[0]
        assert old.breached_at == FIFTH_DAY_ENDS


class TestConversion:
    def test_she_is_asked_to_write_and_both_clocks_stay_visible(self, session: Session) -> None:
        ticket = verbal(session)
        number = ticket.number
        documents.convert(
            session, ticket.id, ["supporting"], reason="Perlu bukti setor", now=NOW + DAY, **ASK
        )  # type: ignore[arg-type]
        assert (ticket.number, ticket.form, ticket.status) == (number, Form.TERTULIS, TicketStatus.PENDING)
        assert "Tulis dan kirim foto struk atau surat" in said(session, ticket.id)[-1]
        assert event(session, ticket, "form_changed").data["reason"] == "Perlu bukti setor"  # type: ignore[index]
        (spoken,) = regulatory(session, ticket)
        assert spoken.superseded_at == NOW + DAY
        documents.complete(session, ticket.id, actor="user:x", now=NOW + 2 * DAY)
        first, second = regulatory(session, ticket)
        assert (first.id, second.started_at, second.due_at) == (
            spoken.id, NOW + 2 * DAY, wib("2026-12-10", "00:00"),
        )  # fmt: skip

    def test_after_the_verbal_clock_ran_out_it_is_refused(self, session: Session) -> None:
        ticket = verbal(session)
        for late in (FIFTH_DAY_ENDS, FIFTH_DAY_ENDS + HOUR):
            with pytest.raises(Conflict) as caught:
                documents.convert(
                    session, ticket.id, ["supporting"], reason="perlu bukti setor", now=late, **ASK
                )  # type: ignore[arg-type]
            assert caught.value.code == "time_is_up"
        assert ticket.form == Form.LISAN

    def test_a_request_that_never_arrived_leaves_it_verbal(self, session: Session) -> None:
        ticket = verbal(session)
        documents.convert(session, ticket.id, ["supporting"], reason="perlu bukti setor", now=NOW, **ASK)  # type: ignore[arg-type]
        message = session.scalars(select(Message).where(Message.ticket_id == ticket.id)).all()[-1]
        delivery.record_failure(
            session, item_of(session, message).id, code="30003", outcome=SendOutcome.UNKNOWN, now=NOW + HOUR
        )
        clock = live(session, ticket, REGULATORY)
        assert (ticket.form, clock.started_at, clock.due_at) == (Form.LISAN, NOW, FIFTH_DAY_ENDS)


class TestRequest:
    def test_she_hears_what_is_missing_and_until_when(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, "supporting", "power_of_attorney", note="struk 3 November", now=NOW + HOUR)
        words = said(session, ticket.id)[-1]
        assert "surat kuasa, foto struk atau surat, struk 3 November" in words
        assert "Senin, 7 Desember, jam 24.00 WIB" in words
        assert ticket.status == TicketStatus.PENDING

    def test_it_supersedes_the_regulators_clock_and_starts_her_period(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW + HOUR)
        (clock,) = regulatory(session, ticket)
        assert line(session, ticket, REGULATORY, now=NOW + DAY).state == ClockState.SUPERSEDED
        assert clock.superseded_at == NOW + HOUR
        assert (period.code, period.due_at, period.strict_due_at) == ("C2", TENTH_DAY_ENDS, TENTH_DAY_ENDS)
        assert line(session, ticket, RESOLUTION, now=NOW + DAY).state == ClockState.PAUSED
        assert line(session, ticket, FIRST, now=NOW + DAY).state == ClockState.MET

    def test_a_limit_that_is_broken_is_not_begun_anew_by_asking(self, session: Session) -> None:
        ticket = written(session)
        for late in (TENTH_DAY_ENDS, TENTH_DAY_ENDS + HOUR):
            with pytest.raises(Conflict) as refused:
                asked(session, ticket, now=late)
            assert refused.value.code == Refusal.TIME_IS_UP
        assert asked(session, ticket, now=TENTH_DAY_ENDS - timedelta(seconds=1))

    def test_no_other_change_starts_the_regulators_clock_meanwhile(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW + HOUR)
        tickets.override_severity(
            session,
            ticket.id,
            impact=Impact.I4,
            urgency=Urgency.U3,
            reason="x",
            actor="user:x",
            now=NOW + DAY,
        )
        tell(session, "ini struknya", now=NOW + DAY)
        assert ticket.status == TicketStatus.OPEN
        assert [row.superseded_at for row in regulatory(session, ticket)] == [NOW + HOUR]

    def test_what_the_record_has_is_never_asked_of_her(self, session: Session) -> None:
        ticket = written(session)
        contact = session.get_one(Contact, ticket.contact_id)
        assert on_record(contact) == set()
        contact.mitra_digest = keys_of(session).digest("mitra", "M-1")
        assert on_record(contact) == {"identity", "product"}
        with pytest.raises(InvalidInput) as caught:
            asked(session, ticket, "identity", "supporting", now=NOW)
        assert caught.value.code == "on_record"

    @pytest.mark.parametrize(
        ("items", "note", "code"),
        [((), "", "required"), (("zebra",), "", "choice"), (("supporting",), "kirim PIN ibu", "asks_secret")],
    )
    def test_a_request_is_checked(
        self, session: Session, items: tuple[str, ...], note: str, code: str
    ) -> None:
        ticket = written(session)
        with pytest.raises(InvalidInput) as caught:
            documents.request(session, ticket.id, items, note=note, now=NOW, **ASK)  # type: ignore[arg-type]
        assert caught.value.code == code

    def test_a_verbal_complaint_is_converted_instead(self, session: Session) -> None:
        with pytest.raises(Conflict) as caught:
            asked(session, verbal(session), now=NOW)
        assert caught.value.code == "not_written"

    def test_twice_is_once(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        with pytest.raises(Conflict) as caught:
            asked(session, ticket, now=NOW)
        assert caught.value.code == "documents_asked"

    def test_a_request_that_was_lost_on_its_way_asked_nothing(self, session: Session) -> None:
        ticket = written(session)
        make_user(session, teams=(session.get_one(Team, ticket.team_id),))
        asked(session, ticket, now=NOW + HOUR)
        message = session.scalars(
            select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id.desc())
        ).first()
        assert message is not None
        fail(session, message, now=NOW + 2 * HOUR)
        clock = live(session, ticket, REGULATORY)
        assert (clock.started_at, clock.due_at) == (NOW, TENTH_DAY_ENDS)
        period = session.scalars(select(StatutoryPeriod)).one()
        assert (period.outcome, ticket.status) == ("undelivered", TicketStatus.OPEN)
        assert told(session, ticket, "notice_undelivered") >= 1


def request_of(session: Session, period: StatutoryPeriod) -> Message:
    return session.get_one(Message, period.message_id)


class TestLostRequests:
    """Each request answers for its own period (ADR 0006, 0017)."""

    def test_the_late_failure_of_an_older_one_leaves_the_newer_alone(self, session: Session) -> None:
        ticket = written(session)
        first = asked(session, ticket, now=NOW)
        fail(session, request_of(session, first), now=NOW + HOUR)
        second = asked(session, ticket, now=NOW + DAY)
        again(session, request_of(session, first), now=NOW + DAY + HOUR)
        assert (first.outcome, second.ended_at) == ("undelivered", None), "only one counts at a time"
        fail(session, request_of(session, first), now=NOW + DAY + 2 * HOUR)
        assert second.ended_at is None
        assert all(clock.superseded_at for clock in regulatory(session, ticket))

    def test_sent_again_it_asks_from_then_with_the_whole_time(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        fail(session, request_of(session, period), now=NOW + HOUR)
        at = NOW + DAY
        again(session, request_of(session, period), now=at)
        assert (ticket.status, period.ended_at, period.outcome) == (TicketStatus.PENDING, None, None)
        assert (period.started_at, period.due_at) == (at, wib("2026-12-09", "00:00"))
        assert period.next_step_at is not None
        assert [clock.superseded_at for clock in regulatory(session, ticket)] == [NOW, at]
        assert event(session, ticket, "documents_requested").data["reason"] == "send_again"  # type: ignore[index]
        documents.complete(session, ticket.id, actor="user:x", now=at + DAY)
        assert live(session, ticket, REGULATORY).started_at == at + DAY

    def test_arrived_after_all_it_asked_when_it_was_sent(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        message = request_of(session, period)
        sent(session, message, "SMx")
        report(session, "SMx", DeliveryStatus.FAILED, now=NOW + HOUR)
        assert period.outcome == "undelivered"
        report(session, "SMx", DeliveryStatus.DELIVERED, now=NOW + 2 * HOUR)
        assert (period.started_at, period.due_at, period.ended_at) == (NOW, TENTH_DAY_ENDS, None)
        assert all(clock.superseded_at for clock in regulatory(session, ticket))

    def test_a_conversion_sent_again_is_written_again(self, session: Session) -> None:
        ticket = verbal(session)
        period = documents.convert(
            session, ticket.id, ["supporting"], reason="Perlu bukti setor", now=NOW, **ASK
        )  # type: ignore[arg-type]
        fail(session, request_of(session, period), now=NOW + HOUR)
        assert ticket.form == Form.LISAN
        again(session, request_of(session, period), now=NOW + 2 * HOUR)
        assert (ticket.form, period.ended_at) == (Form.TERTULIS, None)
        assert all(clock.superseded_at for clock in regulatory(session, ticket))

    def test_after_the_answer_it_asks_nothing(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        fail(session, request_of(session, period), now=NOW + HOUR)
        resolve(session, ticket, now=NOW + 2 * HOUR)
        again(session, request_of(session, period), now=NOW + 3 * HOUR)
        assert period.outcome == "undelivered"
        assert regulatory(session, ticket)[-1].met_at == NOW + 2 * HOUR


class TestComplete:
    def test_the_day_of_completeness_is_day_0(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW + HOUR)
        at = wib("2026-12-21", "09:00")
        documents.complete(session, ticket.id, actor="user:x", now=at)
        clock = live(session, ticket, REGULATORY)
        assert (clock.started_at, clock.due_at, clock.strict_due_at) == (
            at, wib("2027-01-09", "00:00"), wib("2027-01-08", "00:00"),
        )  # fmt: skip
        assert (period.outcome, period.ended_at, period.expired_at) == ("complete", at, TENTH_DAY_ENDS)
        assert ticket.status == TicketStatus.OPEN

    def test_completed_twice_it_counts_once(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        documents.complete(session, ticket.id, actor="user:x", now=NOW + HOUR)
        with pytest.raises(Conflict) as caught:
            documents.complete(session, ticket.id, actor="user:x", now=NOW + 2 * HOUR)
        assert caught.value.code == "no_documents_asked"
        assert live(session, ticket, REGULATORY).started_at == NOW + HOUR

    def test_they_cannot_be_asked_for_again_to_win_time(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        documents.complete(session, ticket.id, actor="user:x", now=NOW + HOUR)
        with pytest.raises(Conflict) as caught:
            asked(session, ticket, now=NOW + 2 * HOUR)
        assert caught.value.code == "documents_complete"

    def test_a_new_severity_keeps_the_new_start(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        documents.complete(session, ticket.id, actor="user:x", now=NOW + DAY)
        tickets.override_severity(
            session,
            ticket.id,
            impact=Impact.I4,
            urgency=Urgency.U3,
            reason="x",
            actor="user:x",
            now=NOW + 2 * DAY,
        )
        assert live(session, ticket, REGULATORY).started_at == NOW + DAY


class TestMoreTime:
    def test_she_gets_ten_days_more_and_hears_of_it(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        documents.extend(session, ticket.id, ground="a", reason="surat di kampung", now=NOW + DAY, **ACT)  # type: ignore[arg-type]
        assert period.due_at == wib("2026-12-22", "00:00")
        assert (period.extended_at, period.extension_ground) == (NOW + DAY, "a")
        assert "Senin, 21 Desember, jam 24.00 WIB" in said(session, ticket.id)[-1]

    def test_at_the_last_second_yes_and_afterwards_no(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        with pytest.raises(Conflict) as caught:
            documents.extend(
                session, ticket.id, ground="a", reason="surat di kampung", now=TENTH_DAY_ENDS, **ACT
            )  # type: ignore[arg-type]
        assert caught.value.code == "time_is_up"
        last = TENTH_DAY_ENDS - timedelta(seconds=1)
        documents.extend(session, ticket.id, ground="b", reason="surat di kampung", now=last, **ACT)  # type: ignore[arg-type]
        with pytest.raises(Conflict) as again:
            documents.extend(session, ticket.id, ground="b", reason="surat di kampung", now=last, **ACT)  # type: ignore[arg-type]
        assert again.value.code == "extended_already"

    def test_only_on_its_grounds(self, session: Session) -> None:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        with pytest.raises(InvalidInput):
            documents.extend(session, ticket.id, ground="c", reason="surat di kampung", now=NOW, **ACT)  # type: ignore[arg-type]


class TestNeverSent:
    def test_a_person_deems_her_to_have_withdrawn_and_she_hears_why(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        with pytest.raises(Conflict) as caught:
            documents.refuse_incomplete(session, ticket.id, now=TENTH_DAY_ENDS - timedelta(seconds=1), **ACT)  # type: ignore[arg-type]
        assert caught.value.code == "time_left"
        documents.refuse_incomplete(session, ticket.id, now=TENTH_DAY_ENDS, **ACT)  # type: ignore[arg-type]
        assert (ticket.status, period.outcome) == (TicketStatus.CLOSED, "withdrawn")
        assert "belum terima: foto struk atau surat" in said(session, ticket.id)[-1]
        outcome = session.scalars(select(Resolution).where(Resolution.ticket_id == ticket.id)).one()
        assert outcome.disposition == "withdrawn"
        assert event(session, ticket, "documents_refused").data == {"period": "C2", "ground": "a"}

    def test_an_answer_ends_the_wait(self, session: Session) -> None:
        ticket = written(session)
        period = asked(session, ticket, now=NOW)
        resolve(session, ticket, now=NOW + DAY)
        assert (period.outcome, period.next_step_at) == ("answered", None)
        assert regulatory(session, ticket)[0].met_at is None


def test_two_who_mark_documents_complete_at_once_start_one_clock(rt: Runtime) -> None:
    def begin(session: Session) -> int:
        ticket = written(session)
        asked(session, ticket, now=NOW)
        return ticket.id

    ticket_id = rt.write(begin)

    def press(session: Session) -> None:
        documents.complete(session, ticket_id, actor="user:x", now=NOW + HOUR)

    with pytest.raises(Conflict):
        overlap(rt, press, press)
    rows = rt.read(lambda session: regulatory(session, session.get_one(Ticket, ticket_id)))
    assert [row.started_at for row in rows] == [NOW, NOW + HOUR]
    events = rt.read(lambda session: kinds(session, session.get_one(Ticket, ticket_id)))
    assert events.count("documents_complete") == 1
