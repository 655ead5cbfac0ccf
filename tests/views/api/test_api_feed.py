"""What product teams read."""

from factories import make_user

from api.api_calls import Api, Quiet, body_of, file_complaint, refused
from helpdesk.models.people import Role
from helpdesk.runtime import Runtime
from helpdesk.services import improvements


def test_trends_count_complaints_by_category_and_week(mitra_app: Api, reporting: Api) -> None:
    file_complaint(mitra_app, category="BYR-POST")
    file_complaint(mitra_app, category="BYR-POST")

    answer = reporting.get("/trends", weeks=4)

    found = body_of(answer)
    assert len(found["weeks"]) == 4
    assert found["weeks"][-1] == "2026-11-23"
    assert [(row["category"], row["count"], row["weeks"][-1]["count"]) for row in found["items"]] == [
        ("BYR-POST", 2, 2)
    ]
    assert found["units"][0]["unit_code"] == "HO"
    assert "Siti" not in answer.text


def test_the_window_has_bounds(quiet: Quiet) -> None:
    assert refused(quiet.reporting.get("/trends", weeks=0)) == 422
    assert refused(quiet.reporting.get("/trends", weeks=53)) == 422


def test_improvements_carry_no_personal_data(rt: Runtime, reporting: Api) -> None:
    def add(session) -> None:  # type: ignore[no-untyped-def]
        owner = make_user(session, Role.PRODUCT, name="Bu Produk")
        improvements.create(
            session,
            title="Kode bayar gagal",
            finding="Tanya Mitra di 085712345678, petugas dudung, kata bu dadang",
            category="BYR-KODE",
            owner_id=owner.id,
            due_on=None,
            actor="system",
            now=rt.now(),
        )

    rt.write(add)

    answer = reporting.get("/improvements")

    (item,) = body_of(answer)["items"]
    assert (item["title"], item["category"], item["status"]) == ("Kode bayar gagal", "BYR-KODE", "new")
    assert "085712345678" not in answer.text
    assert item["finding"] == "Tanya Mitra di [telepon], petugas [nama], kata bu [nama]"
    assert "Bu Produk" not in answer.text
