"""More time before the regulator: on its grounds, once, told before the time ends (POJK 22/2023 Ps. 75)."""

from datetime import date, timedelta

import pytest
from answer_samples import fail
from clock_samples import REGULATORY, kinds, line, live, sweep, wib
from factories import make_user
from installing import NOW
from overlap import overlap
from regulation_samples import ACT, asked, event, regulatory, told, verbal, written
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import resolve, said

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.privacy import ERASED
from helpdesk.domain.severity import Impact, Urgency
from helpdesk.models.messages import Message
from helpdesk.models.people import Team
from helpdesk.models.sla import SlaClockEvent, SlaExtension, StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.queries.regulation import regulation_of
from helpdesk.queries.sla_explain import explain
from helpdesk.queries.sla_notes import awaited
from helpdesk.runtime import Runtime
from helpdesk.services import calendars, complaints, documents, extensions, privacy, tickets
from helpdesk.services.extensions import ExtensionDraft
from helpdesk.sla.policy import Form

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = wib("2026-12-08", "00:00")
LONGER = wib("2026-12-22", "00:00")
EXAMINED = ExtensionDraft("b", "Rekening koran dicek lagi")
BANK = ExtensionDraft("", "Bank belum membalas", party="Bank Contoh")
TWENTY_DAYS = 20 * 24 * 3600


def extend(
    session: Session, ticket: Ticket, draft: ExtensionDraft = EXAMINED, *, now: object
) -> SlaExtension:
    return extensions.extend(session, ticket.id, draft, now=now, **ACT)  # type: ignore[arg-type]


def test_ten_days_more_from_the_same_start_and_she_hears_the_date_and_why(session: Session) -> None:
    ticket = written(session)
    used_before = line(session, ticket, REGULATORY, now=NOW + 3 * DAY).used_seconds
    row = extend(session, ticket, now=NOW + 3 * DAY)
    clock = live(session, ticket, REGULATORY)
    assert (clock.started_at, clock.target_seconds, clock.due_at) == (NOW, TWENTY_DAYS, LONGER)
    assert clock.strict_due_at == LONGER
    assert line(session, ticket, REGULATORY, now=NOW + 3 * DAY).used_seconds == used_before > 0
    assert (row.due_before, row.due_after) == (DUE, LONGER)
    assert ticket.next_due_at is not None
    words = said(session, ticket.id)[-1]
    assert "catatan kami diperiksa lagi" in words
    assert "Senin, 21 Desember, jam 24.00 WIB" in words
    told_in = session.get_one(Message, row.message_id)
    assert (told_in.purpose, told_in.body) == ("notice", words)
    data = event(session, ticket, "sla_extended").data
    assert data is not None
    assert (data["rule"], data["ground"], data["due_after"]) == ("C3", "b", LONGER.isoformat())


def test_the_preview_says_what_will_be_said_and_changes_nothing(session: Session) -> None:
    ticket = written(session)
    seen = extensions.preview(session, ticket.id, EXAMINED, lender=ACT["lender"], now=NOW + DAY)  # type: ignore[arg-type]
    assert (seen.due_before, seen.due_after) == (DUE, LONGER)
    assert len(regulatory(session, ticket)) == 1
    extend(session, ticket, now=NOW + DAY)
    assert said(session, ticket.id)[-1] == seen.text


def test_the_preview_counts_as_the_extension_does_also_with_a_holiday_of_meanwhile(session: Session) -> None:
    ticket = written(session)
    calendars.add_holiday(
        session,
        on=date(2026, 12, 3),
        name="Libur",
        kind=calendars.HolidayKind.NATIONAL,
        unit_code=None,
        actor="user:x",
        now=NOW + HOUR,
    )
    seen = extensions.preview(session, ticket.id, EXAMINED, lender=ACT["lender"], now=NOW + DAY)  # type: ignore[arg-type]
    row = extend(session, ticket, now=NOW + DAY)
    assert (seen.due_before, seen.due_after) == (row.due_before, row.due_after)


def test_at_the_last_second_yes_and_at_midnight_no(session: Session) -> None:
    ticket = written(session)
    for late in (DUE, DUE + HOUR):
        with pytest.raises(Conflict) as caught:
            extend(session, ticket, now=late)
        assert caught.value.code == "time_is_up"
    extend(session, ticket, now=DUE - timedelta(seconds=1))
    assert live(session, ticket, REGULATORY).due_at == LONGER


def test_a_verbal_complaint_gets_no_more_time(session: Session) -> None:
    with pytest.raises(Conflict) as caught:
        extend(session, verbal(session), now=NOW)
    assert caught.value.code == "not_written"


def test_it_is_given_once(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW + DAY)
    with pytest.raises(Conflict) as caught:
        extend(session, ticket, now=NOW + 2 * DAY)
    assert caught.value.code == "extended_already"
    assert kinds(session, ticket).count("sla_extended") == 1


def test_not_while_her_documents_are_awaited(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW)
    with pytest.raises(Conflict) as caught:
        extend(session, ticket, now=NOW + DAY)
    assert caught.value.code == "documents_asked"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ExtensionDraft("z", "x"), "ground"),
        (ExtensionDraft("a", "  "), "reason"),
        (ExtensionDraft("a", "karena x"), "reason"),
        (ExtensionDraft("a", "x" * 301), "reason"),
        (ExtensionDraft("a", "Kirim PIN Ibu"), "reason"),
    ],
)
def test_ground_and_reason_are_needed(session: Session, draft: ExtensionDraft, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        extend(session, written(session), draft, now=NOW)
    assert caught.value.field == field


def test_warnings_count_on_the_new_target_and_what_was_done_is_not_done_again(session: Session) -> None:
    ticket = written(session)
    before = sweep(session, ticket, NOW + 8 * DAY)
    assert any(step == "warning_50" for step, _ in before)
    extend(session, ticket, now=NOW + 8 * DAY)
    assert sweep(session, ticket, NOW + 8 * DAY + HOUR) == []
    clock = live(session, ticket, REGULATORY)
    later = sweep(session, ticket, LONGER - timedelta(seconds=1))
    of_clock = session.scalars(select(SlaClockEvent).where(SlaClockEvent.clock_id == clock.id))
    at = {each.step: each.at for each in of_clock}
    assert at["warning_50"] == DUE
    assert ("breached", LONGER) not in later
    assert ("breached", LONGER) in sweep(session, ticket, LONGER)


def test_a_new_severity_keeps_the_extension(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW + DAY)
    tickets.override_severity(
        session,
        ticket.id,
        impact=Impact.I4,
        urgency=Urgency.U3,
        reason="x",
        actor="user:x",
        now=NOW + 2 * DAY,
    )
    clock = live(session, ticket, REGULATORY)
    assert (clock.started_at, clock.target_seconds, clock.due_at) == (NOW, TWENTY_DAYS, LONGER)


def test_under_the_law_of_personal_data_it_counts_no_more(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW + DAY)
    tickets.set_category(session, ticket.id, "DAT-BOCOR", actor="user:x", now=NOW + DAY)
    assert live(session, ticket, REGULATORY).target_seconds == 72 * 3600


def test_after_an_objection_the_new_time_may_be_extended_again(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW + HOUR)
    resolve(session, ticket, now=NOW + 2 * HOUR)
    complaints.reject(session, ticket, now=NOW + 3 * HOUR)
    assert live(session, ticket, REGULATORY).target_seconds == TWENTY_DAYS // 2
    extend(session, ticket, now=NOW + 4 * HOUR)
    assert live(session, ticket, REGULATORY).target_seconds == TWENTY_DAYS


def test_the_team_hears_of_a_notice_that_never_arrived(session: Session) -> None:
    ticket = written(session)
    make_user(session, teams=(session.get_one(Team, ticket.team_id),))
    row = extend(session, ticket, now=NOW + DAY)
    fail(session, session.get_one(Message, row.message_id), now=NOW + 2 * DAY)
    assert told(session, ticket, "notice_undelivered") >= 1
    assert live(session, ticket, REGULATORY).due_at == LONGER


class TestThirdParty:
    def test_only_after_the_first_extension(self, session: Session) -> None:
        with pytest.raises(Conflict) as caught:
            extend(session, written(session), BANK, now=NOW)
        assert caught.value.code == "not_extended_yet"

    def test_ten_days_from_the_end_of_the_running_time_and_a_period_for_the_party(
        self, session: Session
    ) -> None:
        ticket = written(session)
        extend(session, ticket, now=NOW + DAY)
        row = extend(session, ticket, BANK, now=NOW + 2 * DAY)
        clock = live(session, ticket, REGULATORY)
        assert (row.code, row.ground, row.party, row.due_before) == ("C4", "party", "Bank Contoh", LONGER)
        assert clock.due_at == row.due_after == wib("2027-01-09", "00:00")
        period = session.scalars(select(StatutoryPeriod)).one()
        assert (period.code, period.subject, period.due_at) == (
            "C4", "Bank Contoh", wib("2026-12-10", "00:00"),
        )  # fmt: skip
        assert "kami menunggu pihak lain" in said(session, ticket.id)[-1]
        with pytest.raises(Conflict) as caught:
            extend(session, ticket, BANK, now=NOW + 3 * DAY)
        assert caught.value.code == "extended_already"

    def test_not_after_the_extended_time(self, session: Session) -> None:
        ticket = written(session)
        extend(session, ticket, now=NOW + DAY)
        with pytest.raises(Conflict) as caught:
            extend(session, ticket, BANK, now=LONGER)
        assert caught.value.code == "time_is_up"


def test_reason_party_and_subject_are_erased_with_the_person(session: Session) -> None:
    ticket = written(session)
    first = extend(session, ticket, now=NOW + DAY)
    second = extend(session, ticket, BANK, now=NOW + 2 * DAY)
    period = session.scalars(select(StatutoryPeriod)).one()
    privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=NOW + 3 * DAY)
    for row in (first, second, period):
        session.refresh(row)
    assert [(row.reason, row.party) for row in (first, second)] == [(ERASED, None), (ERASED, None)]
    assert period.subject == ERASED


def test_two_who_extend_at_once_extend_once(rt: Runtime) -> None:
    ticket_id = rt.write(lambda session: written(session).id)

    def press(session: Session) -> None:
        extensions.extend(session, ticket_id, EXAMINED, now=NOW + HOUR, **ACT)  # type: ignore[arg-type]

    with pytest.raises(Conflict):
        overlap(rt, press, press)
    rows = rt.read(lambda session: regulatory(session, session.get_one(Ticket, ticket_id)))
    assert [row.target_seconds for row in rows] == [TWENTY_DAYS // 2, TWENTY_DAYS]
    assert len(rt.read(lambda session: session.scalars(select(SlaExtension)).all())) == 1


def test_the_form_is_fixed_once_more_time_was_given(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW)
    with pytest.raises(Conflict) as caught:
        documents.change_form(
            session, ticket.id, Form.LISAN, reason="Ditelepon dari WA", actor="user:x", now=NOW
        )
    assert caught.value.code == "form_fixed"


def test_the_ledger_tells_what_was_promised_and_what_was_added(session: Session) -> None:
    ticket = written(session)
    extend(session, ticket, now=NOW + DAY)
    law = regulation_of(session, ticket.id, now=NOW + 2 * DAY)
    told = explain(session, ticket.id, now=NOW + 2 * DAY, regulation=law)
    before, after = (each for each in told if each.clock.metric is REGULATORY)
    assert "menjanjikan 10 hari kerja, dihitung" in before.why_id[0]
    assert "karena waktunya diperpanjang sampai Sen 21 Des 24.00 WIB" in before.why_id[-1]
    assert "promises 10 + 10 working days (extended under POJK 22/2023 Ps. 75(2)-(4))," in after.why_en[0]


def test_a_clock_that_documents_ended_says_so_and_they_are_next(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW + HOUR)
    law = regulation_of(session, ticket.id, now=NOW + DAY)
    told = explain(session, ticket.id, now=NOW + DAY, regulation=law)
    ended = next(each for each in told if each.clock.metric is REGULATORY)
    assert "karena dokumen diminta dari Mitra" in ended.why_id[-1]
    ((words, _english),) = awaited(law, "Asia/Jakarta", now=NOW + DAY)
    assert words.startswith("Berikutnya: dokumen dari Mitra, Sen 7 Des 24.00 WIB")
    late = awaited(law, "Asia/Jakarta", now=NOW + 40 * DAY)
    assert late[0][0] == "Dokumen dari Mitra: waktunya lewat sejak Sen 7 Des 2026 24.00 WIB."
