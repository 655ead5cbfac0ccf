"""The checklist of explanations: kept once, voided and not changed, counted by branch and month, missed by name."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from factories import make_ticket, make_unit, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.explanations import Means, Point, Tongue
from helpdesk.domain.privacy import ERASED
from helpdesk.models.contacts import Contact
from helpdesk.models.explanations import Explanation
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.queries.explanations import (
    Filter,
    all_lines,
    by_branch,
    last_months,
    listed,
    majelis_names,
    may_void,
    tellers,
    unreached,
)
from helpdesk.queries.visibility import Viewer, load_viewer
from helpdesk.services import disclosure, explanations, privacy
from helpdesk.services.contacts import Person, contact_for
from helpdesk.services.explanations import Draft

TODAY = date(2026, 11, 23)
YEAR_AGO = date(2025, 11, 23)


def a_viewer(session: Session, role: Role, **more: object) -> Viewer:
    found = load_viewer(session, make_user(session, role, **more).id)  # type: ignore[arg-type]
    assert found is not None
    return found


def draft_of(unit: OrgUnit, who: Viewer, **changes: object) -> Draft:
    draft = Draft(
        unit_id=unit.id,
        explained_on=TODAY,
        majelis="Melati",
        person="",
        present_count=12,
        means=Means.VERBAL,
        language=Tongue.SUNDANESE,
        points=frozenset({Point.HOW, Point.FREE}),
        explained_by_id=who.user_id or 0,
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def keep(session: Session, draft: Draft, who: Viewer) -> str:
    return explanations.record(session, draft, user_id=who.user_id or 0, actor=who.actor, now=NOW)


def a_mitra(session: Session, unit: OrgUnit, name: str, majelis: str = "", mitra_id: str = "") -> Contact:
    person = Person(name=name, majelis=majelis or None, mitra_id=mitra_id or None, unit_id=unit.id)
    return contact_for(session, person, now=NOW)


def test_a_line_is_kept_once_and_audited(session: Session) -> None:
    unit = make_unit(session, code="BGR")
    who = a_viewer(session, Role.FIELD, unit=unit)
    keep(session, draft_of(unit, who), who)
    [line] = listed(session, who, Filter()).items
    assert (line.audience, line.present_count, line.points, line.means) == (
        "Melati",
        12,
        ("how", "free"),
        Means.VERBAL,
    )
    with pytest.raises(InvalidInput) as error:
        keep(session, draft_of(unit, who, majelis=" MELATI "), who)
    assert error.value.code == "recorded"
    keep(session, draft_of(unit, who, means=Means.LWK), who)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "explanation_recorded")).all()
    assert [entry.data["means"] for entry in entries if entry.data] == ["verbal", "lwk"]
    assert not any("Melati" in str(entry.data) for entry in entries)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"majelis": ""}, "audience", id="nobody"),
        pytest.param({"person": "Siti"}, "audience", id="both"),
        pytest.param({"points": frozenset()}, "points", id="nothing said"),
        pytest.param({"present_count": 501}, "count", id="too many"),
        pytest.param({"present_count": 0}, "count", id="none there"),
    ],
)
def test_a_line_that_says_nothing_is_refused(session: Session, changes: dict[str, object], code: str) -> None:
    unit = make_unit(session, code="BGR")
    who = a_viewer(session, Role.FIELD, unit=unit)
    with pytest.raises(InvalidInput) as error:
        keep(session, draft_of(unit, who, **changes), who)
    assert error.value.code == code
    assert session.scalars(select(Explanation)).all() == []


def test_who_sees_and_voids_what(session: Session) -> None:
    unit, other = make_unit(session, code="BGR"), make_unit(session, code="GRT")
    field, colleague = (a_viewer(session, Role.FIELD, unit=unit) for _ in range(2))
    far, supervisor = a_viewer(session, Role.FIELD, unit=other), a_viewer(session, Role.SUPERVISOR)
    line = keep(session, draft_of(unit, field), field)
    assert [len(listed(session, each, Filter()).items) for each in (field, colleague, far, supervisor)] == [
        1,
        1,
        0,
        1,
    ]
    assert [may_void(session, each, line) for each in (field, colleague, far, supervisor)] == [
        True,
        False,
        False,
        True,
    ]
    assert next(each.public_id for each in tellers(session, field)) == field.public_id
    assert len(tellers(session, field)) == 2
    assert [each.public_id for each in tellers(session, supervisor)] == [supervisor.public_id]
    with pytest.raises(Forbidden):
        may_void(session, a_viewer(session, Role.COMPLIANCE), line)
    with pytest.raises(Forbidden):
        listed(session, a_viewer(session, Role.PRODUCT), Filter())
    explanations.void(session, line, actor=field.actor, now=NOW)
    with pytest.raises(Conflict):
        explanations.void(session, line, actor=field.actor, now=NOW)
    assert all_lines(session, supervisor, Filter()) == ()
    assert [each.is_voided for each in listed(session, field, Filter()).items] == [True]
    keep(session, draft_of(unit, field), field)


def test_branches_are_counted_by_month_and_those_with_nothing_come_first(session: Session) -> None:
    bogor, garut = make_unit(session, code="BGR"), make_unit(session, code="GRT")
    who = a_viewer(session, Role.SUPERVISOR)
    keep(session, draft_of(bogor, who), who)
    keep(session, draft_of(bogor, who, majelis="Mawar", explained_on=date(2026, 10, 1)), who)
    keep(session, draft_of(bogor, who, majelis="Tulip", explained_on=date(2025, 10, 1)), who)
    seen, named = a_mitra(session, bogor, "Siti"), a_mitra(session, bogor, "Kartini", mitra_id="20417")
    seen.notice_shown_at = named.notice_shown_at = NOW - timedelta(days=40)
    keep(session, draft_of(bogor, who, majelis="", person="20417", present_count=9), who)
    months = last_months(NOW, "Asia/Jakarta")
    assert [months[0].label, months[-1].label, len(months)] == ["2025-12", "2026-11", 12]
    with counted(session) as statements:
        first, second = by_branch(session, who, months)
    assert len(statements) == 3
    assert (first.unit, first.last_on, first.people_count) == (garut.name, None, 0)
    assert (second.session_count, second.people_by_month[-2:], second.automatic_count) == (3, (12, 13), 1)
    [near] = by_branch(session, a_viewer(session, Role.FIELD, unit=garut), months)
    assert near.unit == garut.name
    make_ticket(session, contact=seen, unit=bogor, is_about_staff=True)  # kept from the point, and so is she
    [point] = by_branch(session, a_viewer(session, Role.FIELD, unit=bogor), months)
    assert (point.automatic_count, by_branch(session, who, months)[1].automatic_count) == (0, 1)


def test_who_has_not_heard_it_for_a_year_is_named_to_those_who_may_know_her(session: Session) -> None:
    unit = make_unit(session, code="BGR")
    field, auditor = a_viewer(session, Role.FIELD, unit=unit), a_viewer(session, Role.AUDITOR)
    a_mitra(session, unit, "Ani", "Melati")
    a_mitra(session, unit, "Budiarti", "Mawar")
    a_mitra(session, unit, "Citra", "Mawar", "20417")
    a_mitra(session, unit, "Dewi", "Tulip").notice_shown_at = NOW
    hidden = a_mitra(session, unit, "Eka", "Anggrek")
    make_ticket(session, contact=hidden, unit=unit, is_about_staff=True)
    keep(session, draft_of(unit, field, majelis="melati"), field)
    keep(session, draft_of(unit, field, majelis="Mawar", explained_on=date(2025, 6, 1)), field)
    keep(session, draft_of(unit, field, majelis="", person="20417"), field)
    found = unreached(session, field, unit.id, since=YEAR_AGO)
    assert found.people == (("Budiarti", "Mawar"),)
    assert (found.people_count, found.known_count) == (1, 4)
    assert [(row.name, row.last_on) for row in found.majelis] == [
        ("Tulip", None),
        ("Mawar", date(2025, 6, 1)),
    ]
    assert majelis_names(session, field) == ("Mawar", "Melati", "Tulip")
    nameless = unreached(session, auditor, unit.id, since=YEAR_AGO)
    assert (nameless.people, nameless.people_count) == ((), 2)
    stranger = a_viewer(session, Role.FIELD, unit=make_unit(session, code="GRT"))
    assert unreached(session, stranger, unit.id, since=YEAR_AGO).known_count == 0


def test_an_erased_mitra_is_in_no_line_any_more(session: Session) -> None:
    """Neither by her id nor by her name as typed at her point, nor to be found by guessing it."""
    unit, other = make_unit(session, code="BGR"), make_unit(session, code="GRT")
    who = a_viewer(session, Role.SUPERVISOR)
    contact = a_mitra(session, unit, "Citra Ayu", mitra_id="20417")
    a_mitra(session, unit, "Citra", mitra_id="20418")
    for person, where in (
        ("20417", unit),
        (" citra  AYU ", unit),
        ("Citra Ayu", other),
        ("20418", unit),
    ):
        keep(session, draft_of(where, who, majelis="", person=person), who)
    keep(session, draft_of(unit, who, majelis="Citra Ayu"), who)
    exported = disclosure.export(session, contact.id, actor="system", now=NOW)
    assert [line.person.strip() for line in exported.explanations] == ["20417", "citra  AYU"]
    privacy.erase(session, contact.id, force=True, actor="system", now=NOW)
    session.expire_all()
    lines = listed(session, who, Filter()).items
    assert sorted(line.audience for line in lines) == [
        "20418",
        "Citra Ayu",
        "Citra Ayu",
        ERASED,
        ERASED,
    ]
    assert {line.present_count for line in lines if line.audience == ERASED} == {1}
    digests = {
        explanations.audience_digest(keys_of(session), unit.id, majelis="", person=words)
        for words in ("20417", "Citra Ayu")
    }
    assert digests.isdisjoint(session.scalars(select(Explanation.audience_digest)))
