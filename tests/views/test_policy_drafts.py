"""The editor of a draft: what is typed stays, what is wrong is told beside it, and nothing is in force yet."""

from html import unescape

from policy_visits import DRAFT, FIELDS, S3, SEVEN_DAYS, changed
from sqlalchemy import select
from ticket_stories import SignIn
from visits import Visit, a_user, stored

from helpdesk.models.people import Role
from helpdesk.models.sla import SlaPolicyEdition
from helpdesk.runtime import Runtime


def test_a_reason_is_needed_and_what_was_typed_stays(author: Visit) -> None:
    changed(author, **{"resolution-amount": "11"})
    answer = author.post(f"{DRAFT}/submit", seen=author.hidden("seen"), note="Sementara")
    assert answer.status_code == 422
    assert "Baca peringatannya, lalu centang." in author.text
    assert "Sementara</textarea>" in author.page
    assert author.page.count("Salah: ") > 0
    author.post(f"{DRAFT}/submit", seen=author.hidden("seen"), note="", read="1")
    assert "Isi dulu bagian ini." in author.text


def test_a_draft_against_the_law_cannot_be_asked_for(author: Visit) -> None:
    changed(author, **{"regulatory-amount": "12"})
    assert (
        "Batas OJK di Pengaduan S3 tertulis lebih lama dari hukum: 10 hari kerja untuk "
        "Pengaduan; tingkat S3; tertulis."
    ) in author.text
    assert '<button class="btn btn-primary" type="submit" disabled>Minta persetujuan' in author.page
    assert author.post(f"{DRAFT}/submit", seen=author.hidden("seen"), note="x").status_code == 422


WRONG: dict[str, tuple[dict[str, object], str, str]] = {
    "no resolution": ({"resolution-amount": ""}, "promises", "perlu janji selesai dan batas OJK"),
    "no number": ({"resolution-amount": "nol"}, "resolution-amount", "angka bulat"),
    "forged unit": ({"resolution-unit": "moons"}, "resolution-amount", "angka bulat"),
    "unit": ({"resolution-unit": "d"}, "resolution-amount", "tidak cocok dengan kalendernya"),
    "unknown calendar": ({"resolution-calendar": "moon"}, "resolution-amount", "belum benar"),
    "cap alone": ({"first_response-cap": "2"}, "first_response-cap", "hanya untuk janji yang boleh dijeda"),
    "unit of a cap": ({"next_response-cap-unit": "d"}, "next_response-cap", "tidak cocok"),
    "regulator pauses": ({"regulatory-pausable": "1"}, "regulatory-amount", "tidak pernah dijeda"),
    "no name": ({"name_id": " "}, "name_id", "Isi dulu"),
    "a long name": ({"name_en": "x" * 121}, "name_en", "terlalu panjang"),
    "unknown severity": ({"severities": ["S9"]}, "severities", "belum benar"),
    "for all": ({"kinds": [], "severities": [], "forms": []}, "kinds", "harus punya syarat"),
}


def test_a_wrong_part_is_told_beside_it_and_the_rest_stays(author: Visit, rt: Runtime) -> None:
    author.get(S3)
    for case, (fields, field, words) in WRONG.items():
        answer = author.post(S3, **(SEVEN_DAYS | fields), seen=author.hidden("seen"), do="save")
        assert answer.status_code == 422, case
        assert words.lower() in author.text.lower(), case
        assert f'id="{field}-error"' in author.page, case
        assert 'name="first_response-amount" type="text" value="2"' in author.page, case
    (draft,) = stored(rt, select(SlaPolicyEdition).where(SlaPolicyEdition.version.is_(None)))
    assert "within: 7wd" not in draft.document


def test_a_preview_shows_sentence_and_example_and_saves_nothing(author: Visit, rt: Runtime) -> None:
    author.get(S3)
    answer = author.post(
        S3,
        **SEVEN_DAYS,
        seen=author.hidden("seen"),
        do="preview",
        at="2026-12-23T16:00",
        unit="HO",
    )
    assert answer.status_code == 200
    assert "penyelesaian 7 hari kerja (jam layanan, jeda" in author.text
    # 8 and 7 working days on: 24 is cuti bersama, 25 is a holiday, 26 and 27 are a weekend.
    for words in ("Yang berlaku", "Rancangan", "25 Des", "Hari Raya Natal", "Cuti Bersama Hari Raya Natal"):
        assert words in author.text
    (draft,) = stored(rt, select(SlaPolicyEdition).where(SlaPolicyEdition.version.is_(None)))
    assert "within: 7wd" not in draft.document


def test_an_edit_of_a_page_that_is_old_keeps_what_was_typed(author: Visit) -> None:
    author.get(S3)
    seen = author.hidden("seen")
    changed(author, **{"resolution-amount": "6"})
    author.get(S3)
    answer = author.post(S3, **SEVEN_DAYS, seen=seen, do="save")
    assert answer.status_code == 409
    assert "Rancangan berubah sejak Anda membukanya." in author.text
    assert 'name="resolution-amount" type="text" value="7"' in author.page
    author.send(S3, **SEVEN_DAYS, seen=author.hidden("seen"), do="save")
    assert "<ins>penyelesaian 7 hari kerja" in author.page


def test_a_policy_more_goes_first_and_can_be_moved_and_retired(author: Visit) -> None:
    author.get(f"{DRAFT}/add")
    fields = FIELDS | {
        "code": "pengaduan-vip",
        "name_id": "VIP",
        "name_en": "VIP",
        "categories": ["PNG-KERAS"],
    }
    author.send(f"{DRAFT}/add", **fields, seen=author.hidden("seen"), do="save")
    assert "VIP baru pengaduan-vip" in author.text
    assert "kategori Intimidasi" in author.text or "kategori" in author.text

    def order() -> list[str]:
        return [part.split('"')[0] for part in unescape(author.page).split('<li class="mb-3" id="')[1:]]

    assert order()[:2] == ["pengaduan-vip", "data-rights"]
    author.send(f"{DRAFT}/policies/pengaduan-vip/move", seen=author.hidden("seen"), to="down")
    assert order()[:2] == ["data-rights", "pengaduan-vip"]
    author.send(f"{DRAFT}/policies/pengaduan-vip/retire", seen=author.hidden("seen"))
    assert "Aturan dikeluarkan dari rancangan." in author.text
    assert "pengaduan-vip" not in order()


def test_a_new_code_is_a_word_of_its_own(author: Visit) -> None:
    author.get(f"{DRAFT}/add")
    for code, words in (("Kode Besar", "Huruf kecil"), ("service-s4", "sudah pernah dipakai")):
        answer = author.post(f"{DRAFT}/add", **FIELDS, code=code, seen=author.hidden("seen"), do="save")
        assert answer.status_code == 422
        assert words in author.text


def test_the_fallback_keeps_its_place_and_takes_other_promises(author: Visit, rt: Runtime) -> None:
    page = f"{DRAFT}/policies/fallback"
    author.get(page)
    assert "Semua tiket yang tidak diambil aturan di atasnya." in author.text
    fields = FIELDS | {
        "regulatory-amount": "5",
        "resolution-amount": "3",
        "name_id": "Lain",
        "name_en": "Rest",
    }
    author.send(page, **fields, seen=author.hidden("seen"), do="save")
    assert "Disimpan dalam rancangan." in author.text
    author.send(f"{DRAFT}/policies/fallback/retire", seen=author.hidden("seen"))
    assert "tetap ada dan tetap terakhir" in author.text


def test_another_administrator_sees_the_draft_and_may_only_discard_it(
    author: Visit, signed_in: SignIn
) -> None:
    changed(author)
    other = signed_in(Role.ADMIN)
    other.get("/admin/policies")
    assert "sedang menulis rancangan." in other.text
    assert other.get(S3).status_code == 403
    other.get(DRAFT)
    assert "Tambah aturan" not in other.text
    other.send(f"{DRAFT}/discard", seen=other.hidden("seen"))
    assert "Rancangan dibuang." in other.text
    assert author.get(DRAFT).status_code == 303


def test_an_unknown_policy_of_the_draft_is_not_found(author: Visit) -> None:
    assert author.get(f"{DRAFT}/policies/none").status_code == 404
    author.get(DRAFT)
    assert author.post(f"{DRAFT}/policies/none/retire", seen=author.hidden("seen")).status_code == 404


def test_without_a_draft_its_page_leads_to_the_policies(admin: Visit, rt: Runtime) -> None:
    assert admin.get(DRAFT).status_code == 303
    a_user(rt, Role.ADMIN)
    assert admin.get(f"{DRAFT}/add").status_code == 404
