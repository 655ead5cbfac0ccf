"""The policy editor: sentences, checks, a worked example, and two people between a draft and what is in force."""

import pytest
from factories import make_unit
from policy_visits import DRAFT, FIELDS, S3, changed
from sqlalchemy import select
from ticket_stories import SignIn
from visits import Visit, stored

from helpdesk.models.people import Role
from helpdesk.models.sla import SlaPolicyEdition, SlaPolicyRow
from helpdesk.runtime import Runtime


@pytest.fixture
def second(signed_in: SignIn) -> Visit:
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/admin/policies")
    return visit


def submitted(author: Visit, **fields: object) -> None:
    changed(author, **fields)
    author.send(f"{DRAFT}/submit", seen=author.hidden("seen"), note="Lebih cepat untuk Mitra", read="1")
    assert "Menunggu orang kedua" in author.text


def versions(rt: Runtime) -> list[int]:
    query = select(SlaPolicyRow.version).where(SlaPolicyRow.code == "complaint-s3-tertulis")
    return stored(rt, query.order_by(SlaPolicyRow.version))


def test_a_policy_reads_as_one_sentence_in_both_languages(admin: Visit) -> None:
    admin.get("/admin/policies")
    assert (
        "Pengaduan; tingkat S1; lisan: diterima petugas 2 jam (setiap saat); balas pertama 1 hari kerja "
        "(jam layanan); balas berikut 1 hari kerja (jam layanan, jeda saat Menunggu Mitra, paling lama 10 hari "
        "kerja); penyelesaian 3 hari kerja (jam layanan, jeda saat Menunggu Mitra, paling lama 10 hari kerja); "
        "batas OJK 5 hari kerja (hari kerja OJK)."
    ) in admin.text
    admin.get("/admin/policies?lang=en")
    assert (
        "3 working days (service hours, paused while waiting for the Mitra, at most 10 working days)"
        in admin.text
    )
    assert "; OJK deadline 5 working days (" in admin.text
    assert "; first reply 1 working day (" in admin.text


def test_the_policies_in_force_are_checked(admin: Visit) -> None:
    assert "Tidak ada celah" in admin.text
    assert "Hak subjek data pribadi didahulukan dari: Pengaduan S1 lisan" in admin.text


ROLES = {
    Role.ADMIN: 200,
    Role.SUPERVISOR: 200,
    Role.COMPLIANCE: 200,
    Role.AGENT: 403,
    Role.FIELD: 403,
    Role.PRODUCT: 403,
    Role.AUDITOR: 403,
}


def test_who_may_read_the_policies(signed_in: SignIn) -> None:
    pages = [f"/admin/policies{page}" for page in ("", "/editions", "/compare?a=1&b=1", "/example")]
    for role, status in ROLES.items():
        visit = signed_in(role)
        assert [visit.get(page).status_code for page in pages] == [status] * len(pages), role


def test_only_an_administrator_writes(signed_in: SignIn, author: Visit, rt: Runtime) -> None:
    changed(author)
    seen = author.hidden("seen")
    actions = ["", "/submit", "/discard", "/policies/service-s4/move", "/policies/service-s4/retire", "/add"]
    for role in set(Role) - {Role.ADMIN}:
        visit = signed_in(role)
        assert [visit.get(page).status_code for page in (S3, f"{DRAFT}/add")] == [403, 403], role
        visit.get("/notices")  # a page with a token
        for action in actions:
            assert visit.post(f"{DRAFT}{action}", seen=seen, note="x").status_code == 403, (role, action)
            visit.get("/notices")
        assert visit.post(S3, **FIELDS, seen=seen).status_code == 403, role
    (draft,) = stored(rt, select(SlaPolicyEdition).where(SlaPolicyEdition.version.is_(None)))
    assert "within: 7wd" in draft.document
    assert (draft.submitted_at, draft.discarded_at) == (None, None)


def test_not_everybody_is_a_second_person(signed_in: SignIn, author: Visit, rt: Runtime) -> None:
    submitted(author)
    seen = author.hidden("seen")
    for role in (Role.AGENT, Role.FIELD, Role.PRODUCT, Role.AUDITOR):
        visit = signed_in(role)
        assert visit.get(DRAFT).status_code == 403, role
        for action in ("publish", "send-back"):
            visit.get("/notices")
            answer = visit.post(f"{DRAFT}/{action}", seen=seen, reason="x")
            assert answer.status_code == 403, (role, action)
    assert versions(rt) == [2]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR, Role.COMPLIANCE], ids=lambda role: role.value)
def test_a_second_person_reads_what_changes_and_publishes(
    signed_in: SignIn, author: Visit, rt: Runtime, role: Role
) -> None:
    submitted(author)
    visit = signed_in(role)
    visit.get(DRAFT)
    assert "Lebih cepat untuk Mitra" in visit.text
    assert "<del>penyelesaian 8 hari kerja" in visit.page
    assert "<ins>penyelesaian 7 hari kerja" in visit.page
    assert "helpdesk sla recompute" in visit.text
    visit.send(f"{DRAFT}/publish", seen=visit.hidden("seen"))
    assert "Edisi 2 berlaku untuk tiket yang masuk mulai sekarang." in visit.text
    assert "penyelesaian 7 hari kerja" in visit.text
    assert versions(rt) == [2, 3]


def test_the_author_is_offered_no_decision_and_is_refused_one(author: Visit, rt: Runtime) -> None:
    submitted(author)
    assert "Terbitkan" not in author.text
    seen = author.hidden("seen")
    for action in ("publish", "send-back"):
        assert author.post(f"{DRAFT}/{action}", seen=seen, reason="x").status_code == 403
    assert versions(rt) == [2]


def test_compliance_finds_the_draft_from_the_reports(author: Visit, second: Visit) -> None:
    second.get("/reports")
    assert "Rancangan aturan SLA menunggu" not in second.text
    assert "/admin/policies" in second.page
    submitted(author)
    second.get("/reports")
    assert "Rancangan aturan SLA menunggu persetujuan orang kedua." in second.text


def test_a_draft_that_changed_meanwhile_is_to_be_read_again(
    author: Visit, second: Visit, rt: Runtime
) -> None:
    submitted(author)
    second.get(DRAFT)
    seen = second.hidden("seen")
    submitted(author, **{"resolution-amount": "6"})
    second.send(f"{DRAFT}/publish", seen=seen)
    assert "Rancangan berubah sejak Anda membukanya." in second.text
    assert "<ins>penyelesaian 6 hari kerja" in second.page
    assert versions(rt) == [2]


def test_the_later_of_two_second_persons_is_told(author: Visit, second: Visit, signed_in: SignIn) -> None:
    submitted(author)
    third = signed_in(Role.SUPERVISOR)
    for visit in (second, third):
        visit.get(DRAFT)
    seen = third.hidden("seen")
    second.send(f"{DRAFT}/publish", seen=second.hidden("seen"))
    third.post(f"{DRAFT}/publish", seen=seen)
    third.get("/admin/policies")
    assert "Rancangan sudah tidak ada." in third.text


def test_a_draft_is_sent_back_with_a_reason_and_the_author_reads_it(author: Visit, second: Visit) -> None:
    submitted(author)
    second.get(DRAFT)
    answer = second.post(f"{DRAFT}/send-back", seen=second.hidden("seen"), reason=" ")
    assert answer.status_code == 422
    assert "Isi dulu bagian ini." in second.text
    second.send(f"{DRAFT}/send-back", seen=second.hidden("seen"), reason="Enam hari saja")
    assert "Rancangan dikembalikan kepada penulisnya." in second.text
    author.get(DRAFT)
    assert "mengembalikan rancangan ini: Enam hari saja" in author.text
    assert "Lebih cepat untuk Mitra</textarea>" in author.page


def test_editions_are_compared_and_restored_as_a_draft(author: Visit, second: Visit, rt: Runtime) -> None:
    submitted(author)
    second.get(DRAFT)
    second.send(f"{DRAFT}/publish", seen=second.hidden("seen"))
    author.get("/admin/policies/editions")
    assert "Lebih cepat untuk Mitra" in author.text
    author.get("/admin/policies/compare?a=1&b=2")
    assert "<del>penyelesaian 8 hari kerja" in author.page
    assert "<ins>penyelesaian 7 hari kerja" in author.page
    assert "14 aturan tetap sama." in author.text
    author.get("/admin/policies/editions")
    author.send(DRAFT, source="1")
    assert "<ins>penyelesaian 8 hari kerja" in author.page
    second.get("/admin/policies/editions")
    assert "Pulihkan" not in second.text


def test_an_edition_that_is_not_there_is_not_found(admin: Visit) -> None:
    for query in (
        "a=1&b=9",
        "a=1",
        "a=x&b=1",
        "a=1&b=99999999999999999999",
        "a=1&b=0000000000199999999999",
        "a=-1&b=1",
    ):
        assert admin.get(f"/admin/policies/compare?{query}").status_code == 404, query


def test_an_example_is_worked_out_for_an_arrival_in_the_zone_of_its_unit(admin: Visit, rt: Runtime) -> None:
    rt.write(lambda session: make_unit(session, code="DPS", name="Denpasar", zone="Asia/Makassar"))
    admin.get("/admin/policies/example?code=complaint-s1-lisan&unit=DPS&at=2026-11-27T16:30")
    assert 'value="2026-11-27T16:30"' in admin.page
    # Friday 16.30 WITA: half an hour today, the rest on Monday; two hours by the clock run on.
    assert "Jumat 27 Nov 18.30 WITA" in admin.text or "18.30 WITA" in admin.text
    assert "16.30 WITA" in admin.text
    assert "tidak dihitung: 28 Nov, 29 Nov" in admin.text
    assert "dihitung mulai tengah malam sesudah hari diterima" in admin.text


def test_an_example_of_now_begins_where_the_reader_works(admin: Visit) -> None:
    admin.get("/admin/policies/example")
    assert 'value="2026-11-23T10:00"' in admin.page
    assert '<option value="HO" selected>' in admin.page


def test_a_wrong_arrival_is_told(admin: Visit) -> None:
    for query, status in (
        ("code=none", 404),
        ("at=besok", 422),
        ("at=2026-11-27T16:30%2B07:00", 422),
        ("at=0001-01-01T00:00", 422),
        ("unit=entah", 422),
    ):
        assert admin.get(f"/admin/policies/example?{query}").status_code == status, query
