"""The sample world agrees with the services: chains, clocks, the sweep; and it shows what the demo is to show."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from installing import NOW, settings_for
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from helpdesk.demo.world import LOGINS, PASSWORD, build_world
from helpdesk.demo.world.build import Built, World, invent_world, write_world
from helpdesk.demo.world.rows import Sealed
from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.domain.messages import ChannelCode, InboundMessage, Purpose
from helpdesk.domain.privacy import redact
from helpdesk.migrate import upgrade
from helpdesk.models.complaints import Improvement, ImprovementStatus, Rating
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.paper import LwkBatch
from helpdesk.models.people import OrgUnit, Position, Team, User
from helpdesk.models.sla import SlaClockRow, SlaExtension, StatutoryPeriod
from helpdesk.models.tickets import AuditHead, Ticket, TicketEvent, TicketSubject
from helpdesk.queries import audit_check, paper, queue
from helpdesk.queries.paper_lists import sealed_forms
from helpdesk.queries.visibility import Viewer, load_viewer
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services import accounts, intake, ownership, sweeps
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.setup import seed_reference

FEW_WEEKS = 6
"""The whole half-year would take a quarter of a minute, and its oldest months show nothing new."""


def invent(rt: Runtime, *, weeks: int) -> World:
    return rt.read(
        lambda session: invent_world(
            session, password=PASSWORD, lender=rt.lender, now=NOW, on_progress=_silent, weeks=weeks
        )
    )


def build(rt: Runtime, *, weeks: int) -> Built:
    world = invent(rt, weeks=weeks)
    rt.write(lambda session: write_world(session, world))
    return world.built


def _silent(_step: str, _done: int, _total: int) -> None:
    pass


def installed(folder: Path) -> Runtime:
    url = f"sqlite:///{folder}/world.db"
    upgrade(url)
    runtime = build_runtime(settings_for(url, folder), now=lambda: NOW)
    runtime.load_keys()
    runtime.write(lambda session: seed_reference(session, now=NOW))
    return runtime


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A world of some weeks, built once; its tests only read."""
    runtime = installed(tmp_path_factory.mktemp("world"))
    build(runtime, weeks=FEW_WEEKS)
    yield runtime
    runtime.close()


def viewer(rt: Runtime, email: str) -> Viewer:
    found = rt.read(
        lambda session: load_viewer(
            session, session.scalars(select(User.id).where(User.email == email)).one()
        )
    )
    assert found is not None
    return found


def clocks_by_ticket(session: Session) -> dict[int, list[SlaClockRow]]:
    grouped: dict[int, list[SlaClockRow]] = {}
    for row in session.scalars(select(SlaClockRow).order_by(SlaClockRow.id)):
        grouped.setdefault(row.ticket_id, []).append(row)
    return grouped


def test_every_audit_chain_holds(world: Runtime) -> None:
    assert world.read(audit_check.verify) is None


def test_a_sweep_at_the_present_finds_nothing_to_do(world: Runtime) -> None:
    assert world.read(lambda session: sweeps.plan(session, now=NOW)) == []


def test_two_people_have_hours_and_only_fraud_is_assigned_by_itself(world: Runtime) -> None:
    def look(session: Session) -> tuple[list[str], list[str]]:
        rostered = session.scalars(select(User.name).where(User.shift.is_not(None)).order_by(User.name))
        served = session.scalars(select(Team.code).where(Team.is_auto_assigned))
        return list(rostered), list(served)

    assert world.read(look) == (["Indra Kusuma", "Joko Susilo"], ["penipuan"])


def test_nobody_of_the_sample_world_loses_a_ticket_for_what_happened_before(world: Runtime) -> None:
    later = NOW + timedelta(days=3)
    assert world.read(lambda session: ownership.unanswered_ids(session, now=later)) == []
    returned = world.read(lambda session: ownership.returns(session, now=later))
    assigned = select(func.count()).where(Ticket.assignee_id.is_not(None), Ticket.status.in_(ACTIVE_STATUSES))
    assert len(returned) < (world.read(lambda session: session.scalar(assigned)) or 0) / 10


def test_a_sweep_an_hour_later_has_little_to_do(world: Runtime) -> None:
    later = NOW + timedelta(hours=1)
    actions = world.read(lambda session: sweeps.plan(session, now=later))
    assert len(actions) < 60


def test_clocks_are_as_the_services_would_derive_them(world: Runtime) -> None:
    def differences(session: Session) -> list[str]:
        found = []
        recent = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(200)).all()
        for ticket in recent:
            before = {row.id: _derived(row) for row in _rows(session, ticket)}
            next_due_at = ticket.next_due_at
            _derive_again(session, ticket)
            after = {row.id: _derived(row) for row in _rows(session, ticket)}
            if after != before or ticket.next_due_at != next_due_at:
                found.append(ticket.number)
        return found

    assert world.read(differences) == []


def _rows(session: Session, ticket: Ticket) -> list[SlaClockRow]:
    return list(session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id)))


def _derive_again(session: Session, ticket: Ticket) -> None:
    clocks = TicketClocks(session, ticket)
    for row in clocks.live():
        row.due_at = row.strict_due_at = None  # else what is stored stays
        clocks.refresh(row, now=NOW)
    clocks.save()


def _derived(row: SlaClockRow) -> tuple[object, ...]:
    return row.due_at, row.strict_due_at, row.next_step_at, row.breached_at


def test_a_breach_is_on_record_exactly_where_a_clock_stopped_too_late(world: Runtime) -> None:
    def wrong(session: Session) -> list[int]:
        return [
            row.id
            for row in session.scalars(select(SlaClockRow))
            if row.due_at is not None
            and (row.breached_at is not None)
            != (min(filter(None, (row.met_at, row.superseded_at)), default=NOW) > row.due_at)
        ]

    assert world.read(wrong) == []


def test_every_finished_ticket_has_stopped_clocks_and_no_deadline(world: Runtime) -> None:
    def wrong(session: Session) -> list[str]:
        clocks = clocks_by_ticket(session)
        finished = session.scalars(select(Ticket).where(Ticket.status.not_in(ACTIVE_STATUSES)))
        return [
            ticket.number
            for ticket in finished
            if ticket.next_due_at is not None
            or any(row.met_at is None and row.superseded_at is None for row in clocks[ticket.id])
        ]

    assert world.read(wrong) == []


def test_events_of_a_ticket_go_forward_in_time(world: Runtime) -> None:
    def wrong(session: Session) -> list[int]:
        newest: dict[int, datetime] = {}
        back = []
        columns = select(TicketEvent.ticket_id, TicketEvent.at)
        for ticket_id, at in session.execute(columns.order_by(TicketEvent.ticket_id, TicketEvent.serial)):
            if newest.get(ticket_id, at) > at:
                back.append(ticket_id)
            newest[ticket_id] = at
        return back

    assert world.read(wrong) == []


def viewer_of(session: Session, email: str) -> Viewer:
    found = load_viewer(session, session.scalars(select(User.id).where(User.email == email)).one())
    assert found is not None
    return found


def test_the_queue_of_the_agent_has_work_of_every_kind(world: Runtime) -> None:
    counts = world.read(lambda session: queue.counts(session, viewer_of(session, "agen@demo.id")))
    assert counts.views[queue.View.UNASSIGNED] > 0
    assert counts.views[queue.View.MINE] > 0
    assert counts.views[queue.View.PENDING] > 0
    assert len(counts.teams) >= 6


def test_few_open_tickets_are_overdue(world: Runtime) -> None:
    def overdue(session: Session) -> int:
        late = select(func.count()).select_from(Ticket)
        late = late.where(Ticket.status.in_(ACTIVE_STATUSES), Ticket.next_due_at <= NOW)
        return session.scalar(late) or 0

    assert 4 <= world.read(overdue) <= 12


def test_the_field_login_is_kept_from_the_complaint_about_it(world: Runtime) -> None:
    field = viewer(world, "lapangan@demo.id")
    about = world.read(
        lambda session: session.scalars(
            select(TicketSubject.ticket_id).where(TicketSubject.user_id == field.user_id)
        ).all()
    )
    page = world.read(
        lambda session: queue.ticket_ids_page(
            session, field, queue.parse_filter("", view=queue.View.ALL), now=NOW, limit=100
        )
    )
    assert len(about) == 1
    assert page.items
    assert about[0] not in page.items


def test_all_logins_of_the_contract_sign_in(world: Runtime) -> None:
    signed_in = world.read(
        lambda session: [accounts.authenticate(session, email, PASSWORD) for email, _ in LOGINS]
    )
    assert [user.role for user in signed_in if user] == [
        "agent", "supervisor", "field", "product", "compliance", "auditor", "admin",
    ]  # fmt: skip


def test_every_position_of_the_ladder_is_filled_in_two_zones(world: Runtime) -> None:
    positions = world.read(lambda session: set(session.scalars(select(User.position))))
    zones = world.read(lambda session: set(session.scalars(select(OrgUnit.zone))))
    assert positions == set(Position)
    assert zones == {"Asia/Jakarta", "Asia/Makassar"}


def test_only_the_letters_of_this_morning_wait_to_be_sent(world: Runtime) -> None:
    def look(session: Session) -> tuple[Counter[Purpose], list[str]]:
        letters = select(Message.purpose).join(OutboxItem, OutboxItem.message_id == Message.id)
        return Counter(session.scalars(letters)), list(session.scalars(select(SlaExtension.code)))

    assert world.read(look) == (Counter({Purpose.REPLY: 2, Purpose.NOTICE: 1}), ["C3"])


def test_two_mitra_are_asked_for_documents(world: Runtime) -> None:
    waiting = select(StatutoryPeriod.code).where(StatutoryPeriod.ended_at.is_(None))
    assert world.read(lambda session: list(session.scalars(waiting))) == ["C2", "C2"]


def test_every_channel_column_and_batch_is_there(world: Runtime) -> None:
    channels = world.read(lambda session: set(session.scalars(select(Ticket.channel))))
    columns = world.read(lambda session: set(session.scalars(select(Improvement.status))))
    batches = world.read(lambda session: Counter(session.scalars(select(LwkBatch.closed_at.is_(None)))))
    assert channels == set(ChannelCode)
    assert columns == set(ImprovementStatus)
    assert 2 <= batches[True] <= 4
    assert batches[False] > 2
    assert world.read(lambda session: session.scalar(select(func.count()).select_from(Rating))) > 20


def test_paper_batches_stand_in_every_way_and_agree_with_their_forms(world: Runtime) -> None:
    supervisor = viewer(world, "supervisor@demo.id")
    rows = world.read(lambda session: paper.batches(session, supervisor))
    closed = [row for row in rows if row.closed_at]
    assert {row.is_balanced for row in closed} == {True, False}
    assert [row.close_reason is None for row in closed] == [row.is_balanced for row in closed]
    assert all(row.closed_by != row.close_asked_by for row in closed)
    assert [row for row in rows if row.held_count] == [
        row for row in rows if row.held_count and not row.closed_at
    ]
    officer = viewer(world, "lapangan@demo.id")
    own = world.read(lambda session: paper.batches(session, officer))
    waiting = [row for row in own if row.close_asked_at]
    assert [row.close_asked_by_id != officer.user_id for row in waiting] == [True], (
        "one that she may agree to"
    )
    assert [row for row in own if not row.closed_at and not row.close_asked_at]
    envelopes = world.read(lambda session: sealed_forms(session, supervisor))
    assert envelopes
    assert all(row.number for row in envelopes)


def test_no_text_holds_a_secret_and_no_phone_is_a_real_test_number(world: Runtime) -> None:
    bodies = world.read(lambda session: session.scalars(select(Message.body)).all())
    phones = world.read(lambda session: session.scalars(select(Contact.phone)).all())
    assert [body for body in bodies if redact(body).kinds] == []
    assert [phone for phone in phones if phone and phone.startswith("+62812000")] == []
    assert len(set(bodies)) > 1000


def test_the_world_is_built_on_both_databases_and_lives_on(rt: Runtime) -> None:
    built = build(rt, weeks=1)
    message = InboundMessage(
        ChannelCode.WHATSAPP, "SMnew", "whatsapp:+6285900000101", aliases=("tel:+6285900000101",),
        text="angsuran saya sudah dibayar tapi belum tercatat",
    )  # fmt: skip
    received = rt.write(lambda session: intake.receive_message(session, message, lender=rt.lender, now=NOW))
    assert received.is_new_ticket
    assert received.ticket_id == built.tickets + 1
    assert rt.read(audit_check.verify) is None


def test_a_message_begins_as_the_services_begin_it(rt: Runtime) -> None:
    build(rt, weeks=1)
    message = InboundMessage(ChannelCode.WHATSAPP, "SMnew", "whatsapp:+6285999", text="uang saya belum masuk")
    received = rt.write(lambda session: intake.receive_message(session, message, lender=rt.lender, now=NOW))

    def trail(session: Session, ticket_id: int) -> list[tuple[str, str, frozenset[str]]]:
        events = session.scalars(
            select(TicketEvent)
            .where(TicketEvent.ticket_id == ticket_id)
            .order_by(TicketEvent.serial)
            .limit(3)
        )
        return [(event.kind, event.actor, frozenset(event.data or {})) for event in events]

    def ours(session: Session) -> int:
        story = select(Ticket.id).where(Ticket.channel == ChannelCode.WHATSAPP, Ticket.kind == "complaint")
        return session.scalars(story.order_by(Ticket.id).limit(1)).one()

    expected = rt.read(lambda session: trail(session, received.ticket_id))
    assert rt.read(lambda session: trail(session, ours(session))) == expected


def test_inventing_the_world_keeps_nobody_from_writing(rt: Runtime) -> None:
    heard: list[str] = []

    def write_meanwhile(step: str, _done: int, _total: int) -> None:
        heard.append(step)
        rt.write(lambda session: session.execute(update(OrgUnit).values(province=step)))

    rt.read(
        lambda session: invent_world(
            session, password=PASSWORD, lender=rt.lender, now=NOW, on_progress=write_meanwhile, weeks=0
        )
    )
    assert set(heard) == {"riwayat", "enkripsi"}
    assert rt.read(lambda session: session.scalars(select(OrgUnit.province)).all()) == ["enkripsi"]


def test_what_starts_while_the_world_is_written_cannot_write_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rt = installed(tmp_path)
    monkeypatch.setattr("helpdesk.demo.world.invent_world", partial(invent_world, weeks=0))
    refusals: list[str] = []

    def other_process() -> None:
        with closing(sqlite3.connect(tmp_path / "world.db", timeout=0)) as other:
            assert other.execute("SELECT count(*) FROM tickets").fetchone() == (0,)
            with pytest.raises(sqlite3.OperationalError) as refusal:
                other.execute("BEGIN IMMEDIATE")
            refusals.append(str(refusal.value))

    build_world(rt, while_writing=other_process)
    assert refusals == ["database is locked"]
    assert rt.read(lambda session: session.scalar(select(func.count()).select_from(Ticket)))
    rt.close()


def test_a_start_that_was_cut_off_leaves_nothing_and_the_next_begins_anew(rt: Runtime) -> None:
    def count(session: Session) -> tuple[int | None, ...]:
        tables = (OrgUnit, User, Contact, Ticket, Message)
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in tables)

    world = invent(rt, weeks=0)
    before = rt.read(count)
    cut_off = replace(world, tables=world.tables | {AuditHead: Sealed("INSERT INTO nowhere", [(1,)])})
    with pytest.raises(DBAPIError):
        rt.write(lambda session: write_world(session, cut_off))
    assert rt.read(count) == before
    build(rt, weeks=0)
    assert all((now or 0) > (then or 0) for now, then in zip(rt.read(count), before, strict=True))
    assert rt.read(audit_check.verify) is None


def test_an_installation_with_tickets_is_left_alone(rt: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    build(rt, weeks=0)
    before = rt.read(lambda session: session.scalar(select(func.count()).select_from(Ticket)))
    build_world(rt)
    after = rt.read(lambda session: session.scalar(select(func.count()).select_from(Ticket)))
    assert before
    assert after == before
    assert capsys.readouterr().err == ""
