"""The audit trail as it is written: one chain, however many write, and a view of it that stands still."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from factories import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models.tickets import AuditEntry, AuditHead
from helpdesk.queries.audit_check import verify
from helpdesk.runtime import Runtime
from helpdesk.services.trail import audit

WRITERS, EACH = 8, 6


def entry(session: Session) -> None:
    audit(session, "signed_in", actor="system", at=NOW, data={})


def serials(session: Session) -> list[int]:
    return list(session.scalars(select(AuditEntry.serial).order_by(AuditEntry.serial)))


def test_many_writers_make_one_chain_without_a_gap(rt: Runtime) -> None:
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(lambda _: rt.write(entry), range(WRITERS * EACH)))
    assert rt.read(serials) == list(range(1, WRITERS * EACH + 1))
    assert rt.read(lambda session: session.scalars(select(AuditHead.serial)).one()) == WRITERS * EACH
    assert rt.snapshot(verify) is None


def test_an_entry_of_a_use_case_that_fails_leaves_chain_and_head_as_they_were(rt: Runtime) -> None:
    rt.write(entry)

    def fail(session: Session) -> None:
        entry(session)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        rt.write(fail)
    rt.write(entry)
    assert rt.read(serials) == [1, 2]
    assert rt.snapshot(verify) is None


def test_what_is_written_meanwhile_does_not_show_in_a_snapshot(rt: Runtime) -> None:
    rt.write(entry)

    def before_and_after(session: Session) -> tuple[int | None, int | None]:
        count = select(func.count()).select_from(AuditEntry)
        before = session.scalar(count)
        rt.write(entry)
        return before, session.scalar(count)

    assert rt.snapshot(before_and_after) == (1, 1)
    assert rt.read(serials) == [1, 2]
