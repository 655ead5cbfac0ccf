"""Data-subject rights, retention, and the audit chain that survives both."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from factories import make_unit, make_user
from installing import NOW
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from talk import PAID, message, tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.domain.privacy import ERASED
from helpdesk.domain.talks import Speaker
from helpdesk.models.contacts import Contact, ContactWord, Handle
from helpdesk.models.explanations import Explanation
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.paper import LwkBatch, LwkPage
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import AuditEntry, Ticket, TicketEvent, TicketWord
from helpdesk.queries.audit_check import verify
from helpdesk.runtime import Runtime
from helpdesk.services import intake, privacy

from .runs import Run, is_one_clear_line

PHONE = "+6285711112222"
NAME = "Ibu Sulastri"
LONG_AGO = NOW - timedelta(days=6 * 366)


def write_in(session: Session, at: datetime, *, phone: str = PHONE, words: str = PAID) -> Ticket:
    return ticket_of(session, tell(session, words, now=at, phone=phone, display_name=NAME))


def close(session: Session, ticket: Ticket, at: datetime) -> Ticket:
    ticket.status, ticket.closed_at, ticket.resolved_at = TicketStatus.CLOSED, at, at
    session.flush()
    return ticket


@pytest.fixture
def old(rt: Runtime) -> Ticket:
    """A ticket that was closed more than five years ago."""
    return rt.write(lambda session: close(session, write_in(session, LONG_AGO), LONG_AGO))


@pytest.fixture
def fresh(rt: Runtime) -> Ticket:
    """A ticket that is being worked on."""
    return rt.write(lambda session: write_in(session, NOW))


@pytest.mark.parametrize("reference", ["number", "dash", "phone", "id"])
def test_an_export_holds_everything_and_is_recorded(
    run: Run, rt: Runtime, fresh: Ticket, reference: str
) -> None:
    public_id = rt.read(lambda session: session.scalars(select(Contact.public_id)).one())
    references = {
        "number": fresh.number, "dash": f"{fresh.number[:-4]}-{fresh.number[-4:]}", "phone": "0857-1111-2222",
        "id": public_id,
    }  # fmt: skip
    result = run("privacy", "export", references[reference])
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert (data["name"], data["phone"], data["contact"]) == (NAME, PHONE, public_id)
    assert [handle["address"] for handle in data["handles"]] == [f"whatsapp:{PHONE}"]
    (ticket,) = data["tickets"]
    assert [one["text"] for one in ticket["messages"] if one["direction"] == "in"] == [PAID]
    assert ticket["events"]
    kinds = rt.read(lambda session: session.scalars(select(AuditEntry.kind)).all())
    assert kinds == ["personal_data_exported"]


def test_an_export_holds_what_was_kept_of_calls_tasks_and_ways(rt: Runtime, fresh: Ticket, run: Run) -> None:
    def add(session: Session) -> None:
        contact = session.get_one(Contact, fresh.contact_id)
        contact.notice_shown_at = NOW
        handle = session.scalars(select(Handle)).one()
        handle.is_shared = True
        said = select(Message).where(Message.ticket_id == fresh.id).order_by(Message.id)
        first = session.scalars(said).all()[0]
        talk = Talk(
            message_id=first.id, newest_id=first.id, speaker=Speaker.CHILD, speaker_name="Wati, anaknya",
            safe_hour="setelah magrib", is_recording_due=False,
        )  # fmt: skip
        way = DeliveryAttempt(
            message_id=first.id, channel=ChannelCode.SMS, handle_id=handle.id, status=DeliveryStatus.FAILED,
            error_code="30003", ended_at=NOW,
        )  # fmt: skip
        task = ContactTask(
            public_id="task", ticket_id=fresh.id, kind=TaskKind.CALL, reason="asked", due_at=NOW,
            created_at=NOW, done_at=NOW, result=TaskResult.REACHED, note="bicara dengan anaknya",
        )  # fmt: skip
        session.add_all((talk, way, task))

    rt.write(add)
    data = json.loads(run("privacy", "export", fresh.number).stdout)
    assert data["notice_shown_at"]
    assert [handle["is_shared"] for handle in data["handles"]] == [True]
    (ticket,) = data["tickets"]
    first = ticket["messages"][0]
    assert (first["talk"]["speaker_name"], first["talk"]["safe_hour"]) == ("Wati, anaknya", "setelah magrib")
    assert [(way["channel"], way["error_code"]) for way in first["attempts"]] == [("sms", "30003")]
    assert [(task["kind"], task["note"]) for task in ticket["tasks"]] == [("call", "bicara dengan anaknya")]


def test_a_phone_that_several_share_names_them_all(run: Run, rt: Runtime, fresh: Ticket) -> None:
    def share(session: Session) -> None:
        first = session.get_one(Contact, fresh.contact_id)
        session.add(Contact(public_id="second", phone=PHONE, phone_digest=first.phone_digest, created_at=NOW))

    rt.write(share)
    result = run("privacy", "export", PHONE)
    assert is_one_clear_line(result)
    assert "second" in result.stderr


def test_erasing_is_refused_with_the_reason_and_recorded_while_a_ticket_is_open(
    run: Run, rt: Runtime, fresh: Ticket
) -> None:
    result = run("privacy", "erase", fresh.number)
    assert is_one_clear_line(result)
    assert "not closed" in result.stderr
    assert rt.read(lambda session: session.scalars(select(Contact.name)).one()) == NAME
    kinds = rt.read(lambda session: session.scalars(select(AuditEntry.kind)).all())
    assert kinds == ["erasure_refused"]


def test_erasing_is_refused_until_five_years_after_closing(session: Session) -> None:
    ticket = close(session, write_in(session, NOW), NOW)
    almost = NOW.replace(year=NOW.year + 5) - timedelta(seconds=1)
    (reason,) = privacy.obstacles(session, ticket.contact_id, now=almost)
    assert "2031-11-23" in reason
    assert privacy.obstacles(session, ticket.contact_id, now=almost + timedelta(seconds=1)) == ()


def everything(rt: Runtime) -> str:
    """Each text that the database holds, decrypted."""

    def read(session: Session) -> str:
        contact = session.scalars(select(Contact)).one()
        parts: list[object] = [contact.name, contact.phone, contact.mitra_id, contact.village]
        parts += session.scalars(select(Handle.address)).all()
        parts += session.scalars(select(Ticket.subject)).all()
        parts += session.scalars(select(Ticket.severity_reasons)).all()
        for row in session.scalars(select(Message)):
            parts += [row.body, row.facts, row.external_id]
        parts += session.scalars(select(TicketEvent.data)).all()
        return repr(parts)

    return rt.read(read)


def test_an_erased_contact_leaves_no_word_behind_and_the_chain_stays_whole(
    run: Run, rt: Runtime, old: Ticket
) -> None:
    assert PHONE in everything(rt)
    result = run("privacy", "erase", old.number)
    assert result.exit_code == 0, result.stderr
    left = everything(rt)
    for word in (NAME, PHONE, PHONE[1:], "angsuran", "SM"):
        assert word not in left
    assert rt.read(lambda session: session.scalars(select(TicketWord.word)).all()) == []
    assert rt.read(lambda session: session.scalars(select(ContactWord.word)).all()) == []
    assert rt.read(verify) is None
    assert run("audit", "verify").exit_code == 0
    kept = select(Ticket.category_code, Ticket.severity)
    assert rt.read(lambda session: session.execute(kept).one()) == (old.category_code, old.severity)
    assert is_one_clear_line(run("privacy", "erase", old.number))  # there is nothing left to erase


def test_force_erases_an_open_ticket_and_says_so_in_the_trail(run: Run, rt: Runtime, fresh: Ticket) -> None:
    assert run("privacy", "erase", fresh.number, "--force").exit_code == 0
    assert NAME not in everything(rt)
    kind, data = rt.read(lambda session: session.execute(select(AuditEntry.kind, AuditEntry.data)).one())
    assert kind == "contact_erased"
    assert "not closed" in data["overridden"][0]
    assert "failed" in run("outbox", "list").stdout  # the receipt that had not gone out yet


def test_the_person_is_a_new_contact_when_she_writes_again(run: Run, rt: Runtime, old: Ticket) -> None:
    run("privacy", "erase", old.number)
    again = rt.write(lambda session: write_in(session, NOW))
    assert again.contact_id != old.contact_id
    assert again.id != old.id


def test_files_of_an_erased_contact_are_gone_from_the_disk(run: Run, rt: Runtime, tmp_path: Path) -> None:
    photo = AttachmentRef("ref", MediaKind.PHOTO)

    def with_file(session: Session) -> Ticket:
        sent = message(files=(photo,), display_name=NAME)
        ticket = ticket_of(session, intake.receive_message(session, sent, lender=rt.lender, now=LONG_AGO))
        session.scalars(select(Attachment)).one().storage_key = key
        return close(session, ticket, LONG_AGO)

    key = rt.storage.put(b"photo")
    ticket = rt.write(with_file)
    run("privacy", "erase", ticket.number)
    assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []
    left = select(Attachment.reference, Attachment.filename, Attachment.storage_key, Attachment.error_code)
    assert rt.read(lambda session: session.execute(left).one()) == (None, None, None, "erased")


def test_a_handle_that_serves_another_contacts_ticket_stays_in_use(session: Session) -> None:
    mine = close(session, write_in(session, LONG_AGO), LONG_AGO)
    other = Contact(public_id="other", created_at=LONG_AGO)
    session.add(other)
    session.flush()
    theirs = close(session, write_in(session, LONG_AGO + timedelta(days=99)), LONG_AGO)
    theirs.contact_id = other.id
    session.flush()
    privacy.erase(session, mine.contact_id, force=False, actor="cli", now=NOW)
    handle = session.scalars(select(Handle)).one()
    assert (handle.contact_id, handle.address) == (other.id, f"whatsapp:{PHONE}")


def test_retention_names_who_is_due_then_erases_exactly_those(run: Run, rt: Runtime, old: Ticket) -> None:
    kept = rt.write(lambda session: write_in(session, NOW, phone="+6285733334444"))
    assert "1 contacts are due." in run("privacy", "retention", "--dry-run").stdout
    assert PHONE in rt.read(lambda session: session.scalars(select(Contact.phone).order_by(Contact.id)).all())
    assert "1 contacts erased." in run("privacy", "retention").stdout
    assert "0 contacts erased." in run("privacy", "retention").stdout
    erased = rt.read(
        lambda session: session.scalars(select(Contact.id).where(Contact.erased_at.is_not(None))).all()
    )
    assert erased == [old.contact_id]
    assert kept.contact_id not in erased


def test_retention_forgets_old_explanations_and_scans_that_no_ticket_has(
    run: Run, rt: Runtime, fresh: Ticket
) -> None:
    """Of each an old one goes; the recent ones, a majelis, and a page that a ticket has, stay as they are."""

    def add(session: Session) -> None:
        who, unit = make_user(session), make_unit(session)
        batch = LwkBatch(
            public_id="batch", unit_id=unit.id, received_on=LONG_AGO.date(), form_count=3, created_at=LONG_AGO,
            entered_by_id=who.id,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        for at, (majelis, person) in itertools.product((LONG_AGO, NOW), (("Melati", None), (None, "Wati"))):
            line = Explanation(
                public_id=str(uuid4()), unit_id=unit.id, explained_on=at.date(), majelis=majelis, person=person,
                audience_digest=b"x", present_count=1, means="verbal", language="id", points=["how"],
                explained_by_id=who.id, entered_by_id=who.id, created_at=at,
            )  # fmt: skip
            session.add(line)
        message_id = session.scalars(select(Message.id)).first()
        for position, (at, of_message) in enumerate(((LONG_AGO, None), (NOW, None), (LONG_AGO, message_id))):
            file = Attachment(
                public_id=str(uuid4()), message_id=of_message, channel="lwk", kind=MediaKind.PHOTO,
                storage_key=rt.storage.put(b"page"), state="stored", created_at=at,
            )  # fmt: skip
            session.add(file)
            session.flush()
            page = LwkPage(
                batch_id=batch.id, position=position, attachment_id=file.id, use="form", created_at=at,
                uploaded_by_id=who.id,
            )  # fmt: skip
            session.add(page)

    rt.write(add)
    assert (
        "1 explanations, 1 scanned pages and 0 webhooks are due."
        in run("privacy", "retention", "--dry-run").stdout
    )
    assert "1 explanations, 1 scanned pages and 0 webhooks forgotten." in run("privacy", "retention").stdout
    assert "0 explanations, 0 scanned pages and 0 webhooks forgotten." in run("privacy", "retention").stdout
    lines = select(Explanation).order_by(Explanation.id)
    told = rt.read(lambda session: [line.majelis or line.person for line in session.scalars(lines)])
    assert told == ["Melati", ERASED, "Melati", "Wati"]
    pages = select(Attachment.storage_key).order_by(Attachment.id)
    keys = rt.read(lambda session: session.scalars(pages).all())
    assert [key is not None for key in keys] == [False, True, True]
    assert rt.storage.old_keys(before=datetime.max.replace(tzinfo=UTC)) == set(filter(None, keys))
    kinds = rt.read(lambda session: session.scalars(select(AuditEntry.kind)).all())
    assert kinds.count("leftovers_erased") == 1


TAMPERINGS = {
    "another actor": "UPDATE ticket_events SET actor = 'user:somebody' WHERE serial = 2",
    "an entry cut out": "DELETE FROM ticket_events WHERE serial = 2",
    "other details": "UPDATE ticket_events SET data = 'x' WHERE serial = 2",
    "another time": "UPDATE ticket_events SET at = '2020-01-01 00:00:00' WHERE serial = 2",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_the_first_broken_entry_is_named_and_the_status_is_1(
    run: Run, rt: Runtime, fresh: Ticket, statement: str
) -> None:
    whole = run("audit", "verify")
    assert (whole.exit_code, whole.stdout) == (0, "The audit trail is whole.\n")
    rt.write(lambda session: session.execute(text(statement)))
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert f"entry 2 of ticket {fresh.number[:-4]}-{fresh.number[-4:]}" in result.stdout


@pytest.mark.parametrize(
    "change", ["actor = 'user:somebody'", "data = 'x'"], ids=["another actor", "other details"]
)
def test_a_broken_entry_of_the_general_trail_is_named_too(run: Run, rt: Runtime, change: str) -> None:
    for name in ("one", "two", "three"):
        run("token", "add", "--scope", "app", "--name", name)
    rt.write(lambda session: session.execute(text(f"UPDATE audit_entries SET {change} WHERE serial = 2")))
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "entry 2 of the general trail" in result.stdout
