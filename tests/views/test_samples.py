"""Samples for auditors: drawn by a form, listed with links, kept in the trail."""

import pytest
from factories import NOW
from sqlalchemy import select
from ticket_stories import SignIn, a_ticket, reload

from helpdesk.models.people import Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime

TODAY = NOW.date().isoformat()
SPAN = f"since={TODAY}&until={TODAY}"


def drawn(rt: Runtime) -> list[dict[str, object] | None]:
    """What the trail keeps of each sample, oldest first."""
    entries = select(AuditEntry.data).where(AuditEntry.kind == "sample_drawn").order_by(AuditEntry.serial)
    return rt.read(lambda session: list(session.scalars(entries)))


def test_an_auditor_draws_a_sample_and_reads_its_tickets(signed_in: SignIn, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit")
    assert 'href="/audit/sample"' in visit.page
    visit.get("/audit/sample")
    assert drawn(rt) == []
    visit.get(f"/audit/sample?{SPAN}&size=5&seed=7")
    assert f'href="/tickets/{ticket.number}"' in visit.page
    assert "nomor acak 7" in visit.text
    assert drawn(rt) == [{"since": TODAY, "until": TODAY, "size": "5", "seed": "7", "count": 1}]
    assert visit.get(f"/tickets/{ticket.number}").status_code == 200
    version = reload(rt, ticket).version
    assert visit.post(f"/tickets/{ticket.number}/notes", text="x").status_code in (403, 404)
    assert reload(rt, ticket).version == version


def test_without_a_seed_one_is_taken_and_shown(signed_in: SignIn, rt: Runtime) -> None:
    a_ticket(rt)
    visit = signed_in(Role.AUDITOR)
    visit.get(f"/audit/sample?{SPAN}&size=5&seed=")
    (entry,) = drawn(rt)
    assert entry is not None
    assert f'name="seed" type="text" value="{entry["seed"]}"' in visit.page


def test_a_span_without_tickets_says_so(signed_in: SignIn, rt: Runtime) -> None:
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/audit/sample?since=2020-01-01&until=2020-01-31&size=5&seed=1")
    assert "Tidak ada tiket yang diterima dalam rentang ini." in visit.text
    assert [entry["count"] for entry in drawn(rt) if entry] == [0]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"since={TODAY}&until=2020-01-01&size=5&seed=1", "Tanggal akhir sebelum tanggal mulai."),
        (f"since=&until={TODAY}&size=5&seed=1", "Isi dulu bagian ini."),
        (f"{SPAN}&size=201&seed=1", "Tulis angka"),
        (f"{SPAN}&size=5&seed=abc", "Tulis angka"),
        ("since=x&until=2020-01-01&size=5&seed=1", "Tulis tanggal"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_not_kept(
    signed_in: SignIn, rt: Runtime, query: str, words: str
) -> None:
    visit = signed_in(Role.AUDITOR)
    assert visit.get(f"/audit/sample?{query}").status_code == 422
    assert words in visit.text
    assert drawn(rt) == []


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.FIELD, Role.PRODUCT, Role.ADMIN])
def test_nobody_else_draws_samples(signed_in: SignIn, role: Role) -> None:
    assert signed_in(role).get("/audit/sample").status_code == 403
