"""Why a clock stands where it stands: in plain words, in both languages, in few statements."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories import NOW, make_ticket, make_user
from sqlalchemy import update
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import clocks_of
from helpdesk.queries.sla_explain import Explanation, explain
from helpdesk.queries.sla_next import next_clock, what_is_next
from helpdesk.queries.sla_words import due, moment
from helpdesk.services import sla, sweeps
from helpdesk.sla.clock import ClockState
from helpdesk.sla.explain import FEW_LINES, StretchKind
from helpdesk.sla.policy import Form, Metric

HOUR = timedelta(hours=1)


def started(session: Session, **changes: object) -> Ticket:
    ticket = make_ticket(session, **changes)  # type: ignore[arg-type]
    sla.start_clocks(session, ticket, now=ticket.received_at)
    return ticket


def paused(session: Session, ticket: Ticket, *, actor: str = "system") -> None:
    """Let it stand still from one hour after its receipt."""
    sla.pause(session, ticket, reason="waiting_for_contact", actor=actor, at=NOW + HOUR)


def told(session: Session, ticket: Ticket, metric: Metric, *, after: timedelta) -> Explanation:
    found = [each for each in explain(session, ticket.id, now=NOW + after) if each.clock.metric is metric]
    return found[-1]


def test_an_explanation_tells_the_story_in_both_languages(session: Session) -> None:
    ticket = started(session)
    siti = make_user(session, Role.AGENT, name="Siti Rahma")
    paused(session, ticket, actor=f"user:{siti.public_id}")
    sla.resume(session, ticket, at=NOW + 4 * HOUR)
    resolution = told(session, ticket, Metric.RESOLUTION, after=5 * HOUR)
    assert [each.kind for each in resolution.stretches] == [
        StretchKind.RUNNING,
        StretchKind.PAUSED,
        StretchKind.CLOSED,
        StretchKind.PAUSED,
        StretchKind.RUNNING,
    ]
    assert resolution.why_en == (
        "Policy S3 complaint, written, version 2, promises 8 working days, counted in service hours.",
        "Counted from Mon 23 Nov 10:00 WIB.",
        "It stood still 1 time, together 2 working hours.",
        "It stood still Mon 23 Nov 11:00 – Mon 23 Nov 14:00: waiting for the contact (by Siti Rahma).",
        "8 working days (64:00) = 4:00 today + 7 × 8:00 (Tue 24 Nov – Wed 2 Dec) + 4:00 Thu 3 Dec "
        "→ Thu 3 Dec 12:00 WIB.",
        "Used 2 working hours; 7 working days 6 working hours left.",
    )
    assert resolution.why_id[3:] == (
        "Dijeda Sen 23 Nov 11.00 – Sen 23 Nov 14.00: menunggu Mitra (oleh Siti Rahma).",
        "8 hari kerja (64:00) = 4:00 hari ini + 7 × 8:00 (Sel 24 Nov – Rab 2 Des) + 4:00 Kam 3 Des "
        "→ Kam 3 Des 12.00 WIB.",
        "Terpakai 2 jam kerja; tersisa 7 hari kerja 6 jam kerja.",
    )


def test_the_regulators_clock_names_the_days_that_do_not_count(session: Session) -> None:
    ticket = started(session, received_at=NOW + timedelta(days=28))
    why = told(session, ticket, Metric.REGULATORY, after=timedelta(days=29)).why_id
    assert why[1:4] == (
        "Mulai Sen 21 Des 10.00 WIB: hari itu hari ke-0; dihitung mulai Sel 22 Des 00.00, tengah malam sesudahnya.",
        "Tidak pernah dijeda.",
        "10 hari kerja: hari ke-1 Sel 22 Des, hari ke-10 berakhir Jum 8 Jan 2027 24.00 WIB.",
    )
    assert why[4].startswith("Tidak dihitung: Kam 24 Des (")
    assert "Jum 25 Des (" in why[4]
    assert "Sab 26 Des, Min 27 Des" in why[4]
    assert why[5] == (
        "Kalau cuti bersama dihitung (Kam 24 Des): Kam 7 Jan 2027 24.00 WIB. Peringatan memakai batas ini."
    )


def test_time_that_counts_day_and_night_has_no_addends_to_tell(session: Session) -> None:
    ticket = started(session, category_code="DAT-BOCOR")
    why = told(session, ticket, Metric.REGULATORY, after=HOUR).why_en
    assert "72 hours without a break → Thu 26 Nov 10:00 WIB." in why


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param(ClockState.PAUSED, "It stands still after", id="paused"),
        pytest.param(ClockState.MET, "Met after", id="met"),
        pytest.param(ClockState.SUPERSEDED, "Replaced by", id="superseded"),
        pytest.param(ClockState.BREACHED, "Late: ", id="breached"),
    ],
)
def test_every_state_has_its_sentence(session: Session, state: ClockState, words: str) -> None:
    ticket = started(session)
    now = NOW + timedelta(hours=1)
    match state:
        case ClockState.PAUSED:
            paused(session, ticket)
        case ClockState.MET:
            sla.resolved(session, ticket, at=now)
        case ClockState.SUPERSEDED:
            ticket.severity = Severity.S1
            sla.refit(session, ticket, now=now)
        case _:
            now = NOW + timedelta(days=30)
    found = [each for each in explain(session, ticket.id, now=now) if each.clock.state is state]
    assert found
    assert all(each.why_en[-1].startswith(words) for each in found)


def test_an_answer_that_is_owed_no_more_was_ended_and_not_replaced(session: Session) -> None:
    ticket = started(session)
    sla.resolved(session, ticket, at=NOW + HOUR)
    first = told(session, ticket, Metric.FIRST_RESPONSE, after=2 * HOUR)
    assert first.why_en[-1] == "Ended after 1 working hour; no promise was broken."
    assert first.stretches[-1].kind is StretchKind.STOPPED


def test_a_clock_that_replaced_another_says_which_and_what_it_kept(session: Session) -> None:
    ticket = started(session)
    paused(session, ticket)
    for hours, level in ((2, Severity.S2), (3, Severity.S1)):
        ticket.severity = level
        sla.refit(session, ticket, now=NOW + hours * HOUR)
    assert told(session, ticket, Metric.RESOLUTION, after=4 * HOUR).why_en[2] == (
        "It replaced the promise of S2 complaint, written, version 2 (5 working days) on Mon 23 Nov 13:00, "
        "from the same start: 1 working hour used by then and 1 pause were kept."
    )


def test_a_pause_with_a_cap_says_until_when_at_most(session: Session) -> None:
    ticket = started(session)
    paused(session, ticket)
    session.flush()
    session.execute(update(SlaPauseRow).values(ends_by=NOW + 5 * HOUR))
    session.expire_all()
    resolution = told(session, ticket, Metric.RESOLUTION, after=timedelta(minutes=90))
    assert (
        "Dijeda sejak Sen 23 Nov 11.00: menunggu Mitra (oleh sistem); dijeda paling lama sampai "
        "Sen 23 Nov 15.00 WIB, lalu jalan lagi sendiri." in resolution.why_id
    )
    assert resolution.why_en[-1] == (
        "It stands still after 1 working hour; 7 working days 7 working hours left, "
        "due Thu 3 Dec 14:00 WIB at the latest."
    )
    assert [each.kind for each in resolution.ahead[:4]] == [
        StretchKind.PAUSED,
        StretchKind.CLOSED,
        StretchKind.PAUSED,
        StretchKind.RUNNING,
    ]


def test_a_promise_that_the_calendar_no_longer_gives_stays_and_says_so(session: Session) -> None:
    ticket = started(session)
    session.flush()
    session.execute(
        update(SlaClockRow)
        .where(SlaClockRow.metric == Metric.RESOLUTION)
        .values(target_seconds=SlaClockRow.target_seconds + 3600)
    )
    session.expire_all()
    why = told(session, ticket, Metric.RESOLUTION, after=HOUR).why_en
    assert any(
        each.startswith("The promise stays Thu 3 Dec 10:00 WIB: the calendar now gives") for each in why
    )


def test_more_sentences_of_others_are_told_by_the_newest_clock_of_their_metric(session: Session) -> None:
    ticket = started(session)
    ticket.severity = Severity.S1
    sla.refit(session, ticket, now=NOW + HOUR)
    notes = {Metric.REGULATORY: [("Diperpanjang.", "Extended.")]}
    found = explain(session, ticket.id, now=NOW + 2 * HOUR, notes=notes)
    assert [("Extended." in each.why_en) for each in found if each.clock.metric is Metric.REGULATORY] == [
        False,
        True,
    ]


def test_a_clock_of_many_days_is_told_in_few_lines_without_losing_a_stretch(session: Session) -> None:
    ticket = started(session, received_at=NOW + timedelta(microseconds=700_000))
    resolution = told(session, ticket, Metric.RESOLUTION, after=timedelta(days=60, microseconds=900_000))
    assert len(resolution.stretches) > 100
    assert len(resolution.lines) <= FEW_LINES
    assert sum(each.counted_seconds for each in resolution.lines) == resolution.clock.used_seconds
    assert len(resolution.stretch_lines()) == len(resolution.stretches)


def test_a_folded_line_is_short_and_its_stretches_say_who_paused(session: Session) -> None:
    ticket = started(session)
    paused(session, ticket)
    lines = told(session, ticket, Metric.RESOLUTION, after=timedelta(days=6)).lines
    folded = next(line for line in lines if line.words_id == "dijeda; tutup")
    assert {part.words_id for part in folded.parts} == {"dijeda: menunggu Mitra (sistem)", "tutup"}


def test_an_explanation_takes_as_many_statements_for_one_pause_as_for_many_clocks(session: Session) -> None:
    plain, busy = started(session), started(session)
    paused(session, busy, actor=f"user:{make_user(session, Role.AGENT).public_id}")
    for hours, level in ((2, Severity.S2), (3, Severity.S1), (4, Severity.S4)):
        busy.severity = level
        sla.refit(session, busy, now=NOW + hours * HOUR)
    session.flush()
    found = []
    for ticket in (plain, busy):
        session.expunge_all()
        with counted(session) as statements:
            explain(session, ticket.id, now=NOW + 5 * HOUR)
        found.append(len(statements))
    assert found == [5, 6]


def test_the_next_clock_is_the_nearest_one_that_runs(session: Session) -> None:
    ticket = started(session)
    clocks = clocks_of(session, ticket.id, now=NOW)
    following = next_clock(clocks, now=NOW)
    assert following is not None
    assert following.due_at == min(each.due_at for each in clocks if each.due_at)
    ((_indonesian, english),) = what_is_next(clocks, now=NOW)
    assert english == (
        "Next: acknowledgement, Tue 24 Nov 10:00 WIB: "
        "the nearest of 4 promises that run, counted in service hours."
    )


def test_what_is_late_and_what_stands_still_is_told_beside_the_next(session: Session) -> None:
    ticket = started(session)
    paused(session, ticket)
    now = NOW + timedelta(days=2)
    assert [words for words, _english in what_is_next(clocks_of(session, ticket.id, now=now), now=now)] == [
        "Sudah terlewat: diterima petugas, balas pertama.",
        "Berikutnya: batas OJK, Sen 7 Des 24.00 WIB: satu-satunya yang berjalan, "
        "dihitung menurut hari kerja (cuti bersama libur).",
        "Sedang dijeda: penyelesaian (paling lambat Kam 17 Des 10.00 WIB).",
    ]


def test_a_promise_that_was_broken_before_it_was_replaced_is_still_named(session: Session) -> None:
    ticket = started(session, form=Form.LISAN)
    now = NOW + timedelta(days=9)  # after five working days, before ten
    ticket.form = Form.TERTULIS
    sla.refit(session, ticket, now=now)
    told = [english for _indonesian, english in what_is_next(clocks_of(session, ticket.id, now=now), now=now)]
    assert told[0] == "Late before it was replaced: resolution, OJK deadline."


def test_nothing_is_next_once_all_is_done(session: Session) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY)
    sla.resolved(session, ticket, at=NOW + HOUR)
    clocks = clocks_of(session, ticket.id, now=NOW + 2 * HOUR)
    assert what_is_next(clocks, now=NOW + 2 * HOUR) == ()
    assert next_clock(clocks, now=NOW + 2 * HOUR) is None


def test_hours_have_dots_in_indonesian_and_colons_in_english() -> None:
    jakarta, at = ZoneInfo("Asia/Jakarta"), datetime(2026, 11, 23, 9, 3, 48, tzinfo=UTC)
    assert moment(at, jakarta, now=NOW) == ("Sen 23 Nov 16.03.48", "Mon 23 Nov 16:03:48")
    midnight = datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert due(midnight, jakarta, now=NOW) == ("Sen 23 Nov 24.00 WIB", "Mon 23 Nov 24:00 WIB")


def graver_when_late(session: Session) -> Ticket:
    """A ticket whose resolution was late when it was rated S2 and S3 again, from the same start."""
    ticket = started(session, severity=Severity.S2)
    late = NOW + timedelta(days=10)
    sweeps.run_within(session, now=late)
    ticket.severity = Severity.S3
    sla.refit(session, ticket, now=late + HOUR)
    return ticket


def test_what_was_told_of_the_promise_before_is_not_called_done_before_its_time(session: Session) -> None:
    ticket = graver_when_late(session)
    resolution = told(session, ticket, Metric.RESOLUTION, after=timedelta(days=10, hours=2))
    carried = [words for words in resolution.why_id if words.startswith("Peringatan")]
    assert carried
    assert all(words.endswith("untuk janji sebelumnya.") for words in carried)
    assert "Warning at 50% was done" in " ".join(resolution.why_en)


def test_a_promise_kept_after_it_was_broken_does_not_look_kept(session: Session) -> None:
    ticket = started(session, severity=Severity.S2)
    late = NOW + timedelta(days=8)
    sweeps.run_within(session, now=late)
    ticket.severity = Severity.S3
    sla.refit(session, ticket, now=late)
    sla.resolved(session, ticket, at=late)
    resolution = told(session, ticket, Metric.RESOLUTION, after=timedelta(days=8))
    assert (resolution.clock.state, resolution.clock.breached_at) == (ClockState.MET, None)
    assert resolution.broken_before is not None
    clocks = clocks_of(session, ticket.id, now=late)
    assert "Late before it was replaced" in str(what_is_next(clocks, now=late))


def test_whoever_could_not_answer_meanwhile_reads_from_when_her_time_counts(session: Session) -> None:
    ticket = started(session, severity=Severity.S2)
    sweeps.run_within(session, now=NOW)
    for hours, severity in ((1, Severity.S3), (2, Severity.S2)):
        ticket.severity = severity
        sla.refit(session, ticket, now=NOW + hours * HOUR)
    resolution = told(session, ticket, Metric.RESOLUTION, after=3 * HOUR)
    assert "waktu menjawab dihitung dari Sen 23 Nov 12.00." in " ".join(resolution.why_id)
    assert "the time to answer counts from Mon 23 Nov 12:00." in " ".join(resolution.why_en)


def test_what_is_told_at_the_instant_of_a_replacement_is_told_for_the_new_promise(session: Session) -> None:
    ticket = started(session)
    ticket.severity = Severity.S2
    sla.refit(session, ticket, now=NOW + HOUR)
    sweeps.run_within(session, now=NOW + HOUR)
    resolution = told(session, ticket, Metric.RESOLUTION, after=2 * HOUR)
    assert "jatuh Sen 23 Nov 10.00, dikerjakan Sen 23 Nov 11.00." in " ".join(resolution.why_id)
    assert "janji sebelumnya" not in " ".join(resolution.why_id)
