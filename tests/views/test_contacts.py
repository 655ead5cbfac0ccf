"""Finding people: by name, phone, numbers; the phone stays masked until it is opened, which is recorded."""

import pytest
from flask import Flask
from sqlalchemy import select
from visits import a_user, signed_in, stored

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact
from helpdesk.models.people import Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.services import registration
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission

PHONE = "+6281234567890"


@pytest.fixture
def number(rt: Runtime) -> str:
    """Number of a complaint of Siti Aminah."""
    submission = Submission(
        channel=ChannelCode.WEB,
        person=Person(name="Siti Aminah <b>", phone=PHONE, mitra_id="20417", village="Sukamaju"),
        text="Angsuran saya belum dicatat",
        received_at=rt.now(),
    )
    return rt.write(
        lambda session: (
            registration.register(
                session, submission, scope="web", key=None, lender=rt.lender, now=rt.now()
            ).number
        )
    )


@pytest.mark.parametrize("query", ["siti aminah", "0812 3456 7890", "20417", "number"])
def test_a_person_is_found(app: Flask, rt: Runtime, number: str, query: str) -> None:
    visit = signed_in(app, a_user(rt, Role.SUPERVISOR))
    visit.get(f"/contacts?q={number[:4]}-{number[4:]}" if query == "number" else f"/contacts?q={query}")
    assert "Siti Aminah &lt;b&gt;" in visit.page
    assert "7890" in visit.text
    assert "3456" not in visit.text.replace("0812 3456 7890", "")


def test_what_does_not_fit_is_said(app: Flask, rt: Runtime) -> None:
    visit = signed_in(app, a_user(rt, Role.SUPERVISOR))
    visit.get("/contacts?q=tidak+ada+orangnya")
    assert "Tidak ada yang cocok" in visit.text


def contact_id(rt: Runtime) -> str:
    return stored(rt, select(Contact.public_id))[0]


def test_the_page_shows_only_tickets_that_the_viewer_may_see(app: Flask, rt: Runtime, number: str) -> None:
    shown = f"{number[:4]}-{number[4:]}"
    supervisor = signed_in(app, a_user(rt, Role.SUPERVISOR))
    supervisor.get(f"/contacts/{contact_id(rt)}")
    assert shown in supervisor.text
    other = signed_in(app, a_user(rt, Role.AGENT, teams=("team-lain",)))
    other.get(f"/contacts/{contact_id(rt)}")
    assert shown not in other.text
    assert "Tidak ada pengaduan yang boleh Anda lihat" in other.text


def test_opening_the_phone_is_recorded(app: Flask, rt: Runtime, number: str) -> None:
    user = a_user(rt, Role.SUPERVISOR)
    visit = signed_in(app, user)
    visit.get(f"/contacts/{contact_id(rt)}")
    assert "0812-3456-7890" not in visit.text
    visit.post(f"/contacts/{contact_id(rt)}/phone")
    assert "0812-3456-7890" in visit.text
    [entry] = stored(rt, select(AuditEntry).where(AuditEntry.kind == "phone_revealed"))
    assert (entry.actor, entry.data) == (f"user:{user.public_id}", {"contact": contact_id(rt)})


@pytest.mark.parametrize("role", [Role.FIELD, Role.PRODUCT, Role.AUDITOR, Role.ADMIN])
def test_other_roles_do_not_search_people(app: Flask, rt: Runtime, role: Role) -> None:
    assert signed_in(app, a_user(rt, role)).get("/contacts").status_code == 403
