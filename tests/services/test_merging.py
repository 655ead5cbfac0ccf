"""Tickets are merged and taken apart again: chain, clocks, rating, restriction, trail; compared with an oracle."""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from clock_samples import ACK, REGULATORY, RESOLUTION, live
from factories import make_contact, make_handle, make_user
from installing import NOW
from merge_samples import AGENT, complaint, person, stands
from overlap import overlap
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, said, tell

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.privacy import ERASED
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.contacts import Handle
from helpdesk.models.merges import end_of, merged_into
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import Notification, Position, Role
from helpdesk.models.tickets import Ticket, TicketSubject
from helpdesk.queries.audit_check import verify
from helpdesk.queries.ojk import ojk_report
from helpdesk.queries.periods import parse_period
from helpdesk.queries.visibility import load_viewer
from helpdesk.runtime import Runtime
from helpdesk.services import contact_tasks, merging, periods, privacy, replies, tickets
from helpdesk.sla.regulation import DOCUMENTS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 2 * DAY


@pytest.fixture
def handle(session: Session) -> Handle:
    return person(session)[1]


@pytest.fixture
def chain(session: Session, handle: Handle) -> tuple[Ticket, Ticket, Ticket]:
    """A, B and C, received on three days, B being the first."""
    a = complaint(session, handle, "angsuran belum masuk", at=NOW - 3 * DAY)
    b = complaint(session, handle, "uang saya salah potong", at=NOW - 5 * DAY)
    c = complaint(session, handle, "setoran saya hilang", at=NOW - DAY)
    return a, b, c


def merge(session: Session, source: Ticket, target: Ticket, **more: object) -> Ticket:
    at = {"actor": AGENT, "now": NOW, **more}
    return merging.merge(session, source.id, target_id=target.id, **at)  # type: ignore[arg-type]


def unmerge(session: Session, source: Ticket, **more: object) -> Ticket:
    return merging.unmerge(session, source.id, **{"actor": AGENT, "now": NOW + HOUR, **more})  # type: ignore[arg-type]


def test_all_of_a_chain_lies_at_its_end_and_comes_back_exactly(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    before = [stands(session, ticket) for ticket in chain]
    merge(session, a, b)
    merge(session, b, c)
    assert [end_of(session, ticket.id) for ticket in chain] == [c.id] * 3
    assert said(session, c.id, "in") == [
        "angsuran belum masuk",
        "uang saya salah potong",
        "setoran saya hilang",
    ]
    assert [(t.status, t.kind) for t in (a, b)] == [(TicketStatus.CLOSED, TicketKind.ENQUIRY)] * 2
    assert verify(session) is None
    unmerge(session, a)  # while B still stands merged
    assert (said(session, a.id, "in"), said(session, b.id, "in")) == (["angsuran belum masuk"], [])
    assert (a.status, end_of(session, b.id), c.received_at) == (TicketStatus.NEW, c.id, NOW - 5 * DAY)
    unmerge(session, b)
    after = [stands(session, ticket) for ticket in chain]
    for was in before[1:]:  # what others were merged into was taken up by whoever did it
        was["clocks"].pop(ACK)
    for key in before[0].keys() - {"steps", "next"}:  # what was overdue was noticed
        assert [each[key] for each in after] == [each[key] for each in before], key
    assert verify(session) is None
    assert "merged_into" in event_kinds(session, a.id)


def test_the_target_counts_from_the_earliest_receipt_and_again_from_its_own(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    own = {metric: live(session, c, metric).due_at for metric in (REGULATORY, RESOLUTION)}
    soonest = {metric: live(session, b, metric).due_at for metric in own}
    merge(session, a, c)
    merge(session, b, c)
    assert c.received_at == NOW - 5 * DAY
    for metric, due in soonest.items():
        clock = live(session, c, metric)
        assert clock.started_at == NOW - 5 * DAY
        assert clock.due_at <= due  # type: ignore[operator]
    unmerge(session, b)
    assert c.received_at == NOW - 3 * DAY
    unmerge(session, a)
    assert {metric: live(session, c, metric).due_at for metric in own} == own


def test_a_call_keeps_its_five_days_in_the_letter_that_stands_for_it(
    session: Session, handle: Handle
) -> None:
    call = complaint(session, handle, at=NOW - DAY, channel=ChannelCode.PHONE)
    letter = complaint(session, handle, at=NOW - HOUR)
    own, due = live(session, letter, REGULATORY).due_at, live(session, call, REGULATORY).due_at
    assert due < own  # type: ignore[operator]
    merge(session, call, letter)
    tickets.set_category(session, letter.id, "TRG-ADM", actor=AGENT, now=NOW)
    tickets.set_category(session, letter.id, "BYR-POST", actor=AGENT, now=NOW)
    assert live(session, letter, REGULATORY).due_at == due
    unmerge(session, call)
    assert live(session, letter, REGULATORY).due_at == own


def test_a_breach_on_record_stays_and_time_in_between_counts(session: Session, handle: Handle) -> None:
    old = complaint(session, handle, at=NOW - 40 * DAY)
    new = complaint(session, handle, at=NOW - DAY)
    merge(session, old, new)
    due = live(session, new, REGULATORY).due_at
    assert due is not None
    assert due < NOW
    unmerge(session, old, now=NOW + 20 * DAY)
    assert live(session, old, REGULATORY).due_at == due
    assert due < live(session, new, REGULATORY).due_at


def test_a_pause_of_the_source_lasts_on_and_its_owner_has_it_again(session: Session, handle: Handle) -> None:
    owner = make_user(session)
    source, target = complaint(session, handle, at=NOW - DAY), complaint(session, handle, at=NOW - HOUR)
    tickets.assign(session, source.id, assignee_id=owner.id, actor=AGENT, now=NOW - HOUR)
    tickets.change_status(session, source.id, TicketStatus.PENDING, actor=AGENT, now=NOW - HOUR)
    before = stands(session, source)
    assert before["pauses"]
    merge(session, source, target)
    assert (source.assignee_id, source.next_due_at) == (None, None)
    unmerge(session, source, now=LATER)
    assert stands(session, source) == before
    told = select(Notification.kind).where(Notification.user_id == owner.id).order_by(Notification.id)
    assert session.scalars(told).all() == ["merged_into", "unmerged"]


def test_the_graver_rating_holds_and_goes_with_its_ticket(session: Session, handle: Handle) -> None:
    grave = complaint(session, handle, "dc datang ngancam mau bunuh saya", at=NOW - HOUR)
    mild = complaint(session, handle, at=NOW - DAY)
    was, own = grave.severity, (mild.severity, mild.severity_reasons)
    assert was < own[0]
    merge(session, grave, mild)
    assert (mild.severity, mild.severity_reasons[-1]["rule"]) == (was, "merged")
    unmerge(session, grave)
    assert (mild.severity, mild.severity_reasons) == own


def test_what_a_person_rated_since_is_not_rated_back(session: Session, handle: Handle) -> None:
    grave = complaint(session, handle, "dc datang ngancam mau bunuh saya", at=NOW - HOUR)
    mild = complaint(session, handle, at=NOW - DAY)
    merge(session, grave, mild)
    tickets.override_severity(
        session, mild.id, impact=Impact.I3, urgency=Urgency.U2, reason="sudah ditelepon", actor=AGENT, now=NOW
    )
    stated = mild.severity
    unmerge(session, grave)
    assert mild.severity == stated != Severity.S1


def test_whoever_is_kept_from_the_source_is_kept_from_the_target(session: Session, handle: Handle) -> None:
    subject = make_user(session, Role.FIELD, position=Position.BP)
    source = complaint(session, handle, at=NOW - HOUR, subjects=(subject.id,), is_about_staff=True)
    target = complaint(session, handle, at=NOW - DAY)
    tickets.assign(session, target.id, assignee_id=subject.id, actor=AGENT, now=NOW - HOUR)
    merge(session, source, target)
    named = session.scalars(select(TicketSubject.user_id).where(TicketSubject.ticket_id == target.id)).all()
    assert (target.is_about_staff, named, target.assignee_id) == (True, [subject.id], None)
    unmerge(session, source)
    assert target.is_about_staff  # what was told there meanwhile may have been about them


def test_an_undone_ticket_that_was_emptied_is_not_opened_by_a_message_that_comes_back(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, _, c = chain
    merge(session, a, c)
    with pytest.raises(Conflict) as refused:
        tickets.change_status(session, a.id, TicketStatus.OPEN, reason="salah", actor=AGENT, now=NOW)
    assert refused.value.code == "merged"


def test_what_is_refused(session: Session, chain: tuple[Ticket, Ticket, Ticket]) -> None:
    a, b, c = chain
    stranger = complaint(session, make_handle(session, contact=make_contact(session)), at=NOW)
    greeting = complaint(session, session.get_one(Handle, a.handle_id), at=NOW, kind=TicketKind.ENQUIRY)
    asked = complaint(session, session.get_one(Handle, a.handle_id), at=NOW)
    periods.record_by_hand(session, asked.id, "C5", subject="OJK", started_at=NOW, actor=AGENT, now=NOW)
    waits = complaint(session, session.get_one(Handle, a.handle_id), at=NOW)
    periods.begin(session, waits, DOCUMENTS, subject="KTP", started_at=NOW, actor=AGENT)
    merge(session, a, b)
    merge(session, b, c)
    for source, target, code in (
        (c, c, "merge_same"),
        (c, a, "merge_cycle"),
        (c, b, "merge_cycle"),
        (a, c, "merge_closed"),
        (stranger, c, "merge_person"),
        (c, greeting, "merge_kind"),
        (asked, c, "merge_periods"),
        (greeting, waits, "merge_documents"),
    ):
        with pytest.raises(Conflict) as refused:
            merge(session, source, target)
        assert refused.value.code == code
    with pytest.raises(Conflict, match="not merged"):
        unmerge(session, c)
    assert merge(session, greeting, a).id == c.id  # a number that was merged leads on
    assert c.received_at == NOW - 5 * DAY


def test_nobody_takes_or_rates_a_ticket_that_rests(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    """It would come back otherwise than it was, and what it gave its target would hold no more."""
    a, b, _c = chain
    merge(session, a, b)
    by: dict[str, object] = {"actor": AGENT, "now": NOW}
    acts: tuple[Callable[[], None], ...] = (
        lambda: tickets.assign(session, a.id, assignee_id=None, **by),  # type: ignore[arg-type]
        lambda: tickets.set_category(session, a.id, "LNY", **by),  # type: ignore[arg-type]
        lambda: tickets.override_severity(
            session,
            a.id,
            impact=Impact.I1,
            urgency=Urgency.U1,
            reason="x",
            **by,  # type: ignore[arg-type]
        ),
    )
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "merged"


def test_what_goes_with_it_is_a_call_that_is_still_owed(session: Session, handle: Handle) -> None:
    source, target = complaint(session, handle, at=NOW - DAY), complaint(session, handle, at=NOW - HOUR)
    contact_tasks.wanted(session, source, reason="asked", now=NOW - HOUR)
    task = session.scalars(select(ContactTask)).one()
    merge(session, source, target)
    session.refresh(task)
    assert task.ticket_id == target.id
    unmerge(session, source)
    session.refresh(task)
    assert task.ticket_id == source.id


def test_her_words_before_our_last_reply_are_answered_by_it_and_later_ones_wait(
    session: Session, handle: Handle
) -> None:
    target = complaint(session, handle, at=NOW - DAY)
    replies.reply(
        session, target.id, "Kami cek.", author_id=None, actor=AGENT, seen_message_id=None, lender=LENDER,
        now=NOW - 2 * HOUR, then_status=TicketStatus.PENDING,
    )  # fmt: skip
    source = complaint(session, handle, at=NOW - HOUR)
    merge(session, source, target)
    assert (target.status, "next_response" in stands(session, target)["clocks"]) == (TicketStatus.OPEN, True)  # type: ignore[operator]
    unmerge(session, source)
    assert "next_response" not in stands(session, target)["clocks"]  # type: ignore[operator]


def test_the_regulator_counts_it_once(session: Session, chain: tuple[Ticket, Ticket, Ticket]) -> None:
    a, _, c = chain
    auditor = load_viewer(session, make_user(session, Role.COMPLIANCE).id)
    assert auditor is not None
    period = parse_period("2026-11", "Asia/Jakarta")

    def received() -> int:
        return ojk_report(session, auditor, period).total.received

    before = received()
    merge(session, a, c)
    assert received() == before - 1
    unmerge(session, a)
    assert received() == before


def test_she_is_erased_with_all_of_it(session: Session, chain: tuple[Ticket, Ticket, Ticket]) -> None:
    a, _, c = chain
    merge(session, a, c)
    privacy.erase(session, c.contact_id, force=True, actor=AGENT, now=NOW)
    session.expire_all()
    assert set(said(session, c.id, "in")) == {ERASED}
    assert verify(session) is None
    with pytest.raises(Conflict, match="erased"):
        unmerge(session, a)


def test_of_two_agents_who_merge_crosswise_one_is_refused(rt: Runtime) -> None:
    ids = rt.write(
        lambda session: [
            complaint(session, handle, at=NOW - days * DAY).id
            for handle in [person(session)[1]]
            for days in (1, 2)
        ]
    )

    def crosswise(source: int, target: int) -> None:
        def act(session: Session) -> Ticket:
            return merging.merge(session, source, target_id=target, actor=AGENT, now=NOW)

        with pytest.raises(Conflict):
            overlap(
                rt,
                act,
                lambda session: merging.merge(session, target, target_id=source, actor=AGENT, now=NOW),
            )

    crosswise(*ids)
    assert rt.read(lambda session: [merged_into(session, each) for each in ids]) == [ids[1], None]


def test_what_she_writes_at_the_moment_of_a_merge_lands_in_the_target(rt: Runtime) -> None:
    def begin(session: Session) -> list[int]:
        handle = person(session)[1]
        return [complaint(session, handle, at=NOW - days * DAY).id for days in (1, 2)]

    target_id, source_id = rt.write(begin)

    def writes(session: Session) -> None:
        tell(session, "uangnya kapan kembali?", now=NOW)

    def merges(session: Session) -> Ticket:
        return merging.merge(session, source_id, target_id=target_id, actor=AGENT, now=NOW)

    overlap(rt, merges, writes)
    landed = rt.read(
        lambda session: session.scalars(
            select(Message.ticket_id).where(Message.direction == "in").order_by(Message.id)
        ).all()
    )
    assert landed == [target_id] * 3


@pytest.mark.parametrize("seed", range(300 if os.environ.get("HELPDESK_SOAK") else 3))
def test_any_order_of_merges_and_undoings_agrees_with_an_oracle(session: Session, seed: int) -> None:
    chance, handle, clock = random.Random(seed), person(session)[1], count(1)
    words = ["angsuran belum masuk", "dc ngancam mau bunuh saya", "uang saya salah potong", "mau tanya saldo"]
    all_ = [complaint(session, handle, text, at=NOW - (7 * nth % 5) * DAY) for nth, text in enumerate(words)]
    own = {t.id: (t.severity, t.received_at, set(_messages(session, t))) for t in all_}
    began = [stands(session, each) for each in all_]
    target: dict[int, int] = {}
    for _ in range(14):
        source, other = chance.sample(all_, 2)
        now = NOW + next(clock) * HOUR
        if source.id in target:
            unmerge(session, source, now=now)
            del target[source.id]
        else:
            end = _end(target, other.id)
            if end == source.id:
                with pytest.raises(Conflict):
                    merge(session, source, other, now=now)
            else:
                merge(session, source, other, now=now)
                target[source.id] = end
        for each in all_:
            within = [own[t] for t in own if each.id in _path(target, t)]
            held = [own[t][2] for t in own if _end(target, t) == each.id]
            assert merged_into(session, each.id) == target.get(each.id)
            assert (each.status == TicketStatus.CLOSED) == (each.id in target)
            assert set(_messages(session, each)) == set().union(*held)
            assert each.severity == min(severity for severity, _, _ in within)
            assert each.received_at == min(receipt for _, receipt, _ in within)
            if each.id not in target:
                assert live(session, each, REGULATORY).started_at == each.received_at
    assert verify(session) is None
    for source_id in list(target):
        unmerge(session, session.get_one(Ticket, source_id), now=NOW + next(clock) * HOUR)
    ended = [stands(session, each) for each in all_]
    for each in (*began, *ended):
        each["clocks"].pop(ACK, None)  # met by whoever merged
    for key in began[0].keys() - {"steps", "next"}:
        assert [each[key] for each in ended] == [each[key] for each in began], key


def _messages(session: Session, ticket: Ticket) -> list[int]:
    return list(session.scalars(select(Message.id).where(Message.ticket_id == ticket.id)))


def _path(target: dict[int, int], ticket_id: int) -> list[int]:
    path = [ticket_id]
    while path[-1] in target:
        path.append(target[path[-1]])
    return path


def _end(target: dict[int, int], ticket_id: int) -> int:
    return _path(target, ticket_id)[-1]
