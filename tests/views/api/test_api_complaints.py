"""What the Mitra app may do."""

import pytest
from factories import make_contact, make_message, make_ticket
from sqlalchemy import update

from api.api_calls import PNG, STORY, Api, Quiet, body_of, file_complaint, problem_of, refused, resolve
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.messages import Attachment
from helpdesk.runtime import Runtime


def test_a_complaint_is_filed_with_its_public_view_and_address(mitra_app: Api) -> None:
    answer = mitra_app.post(
        "/complaints",
        {
            "mitra_id": "M-77",
            "name": "Siti",
            "phone": "085712345678",
            "text": STORY,
            "category": "BYR-POST",
            "language": "id",
            "occurred_on": "2026-11-16",
            "amount": 150000,
        },
    )

    found = body_of(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/complaints/{found['number']}"
    assert found["number"][-5] == "-"
    assert (found["status"], found["kind"], found["category"]) == (
        "new",
        "complaint",
        "Bayar via VA/agen, belum tercatat",
    )
    assert found["status_text"]
    assert found["received_at"] == "2026-11-23T03:00:00Z"
    assert found["resolve_by"].endswith("Z")
    assert [(said["direction"], said["text"]) for said in found["messages"]] == [("in", STORY)]


def test_a_number_is_read_with_and_without_its_dash(mitra_app: Api) -> None:
    number = file_complaint(mitra_app)

    for written in (number, number.replace("-", "")):
        assert body_of(mitra_app.get(f"/complaints/{written}"))["number"] == number


def test_the_category_and_status_are_told_in_her_language(mitra_app: Api) -> None:
    found = body_of(mitra_app.post("/complaints", {"text": STORY, "category": "byr-post", "language": "en"}))

    assert found["category"] == "Digital payment not posted"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"text": ""}, "text", id="empty text"),
        pytest.param({"text": "  \n "}, "text", id="blank text"),
        pytest.param({"text": "x" * 20_001}, "text", id="text too long"),
        pytest.param({"text": None}, "text", id="no text"),
        pytest.param({"text": "\ud800"}, "text", id="broken unicode"),
        pytest.param({"category": "TIDAK-ADA"}, "category", id="unknown category"),
        pytest.param({"language": "jv"}, "language", id="unknown language"),
        pytest.param({"amount": -1}, "amount", id="negative amount"),
        pytest.param({"occurred_on": "kemarin"}, "occurred_on", id="no date"),
        pytest.param({"occurred_on": "2026-11-24"}, "occurred_on", id="tomorrow"),
        pytest.param({"attachments": ["x"]}, "attachments.0", id="no id"),
        pytest.param({"mitra_id": "M\u0000"}, "mitra_id", id="NUL"),
        *(
            pytest.param({name: "half \ud800 a sign"}, name, id=f"half a sign in {name}")
            for name in ("mitra_id", "name", "phone", "text", "category")
        ),
        pytest.param(
            {"attachments": ["00000000-0000-4000-8000-000000000000"]}, "attachments", id="unknown attachment"
        ),
    ],
)
def test_a_faulty_complaint_is_refused_by_field(quiet: Quiet, change: dict[str, object], field: str) -> None:
    problem = problem_of(quiet.mitra_app.post("/complaints", {"text": STORY} | change), 422)

    assert [error["field"] for error in problem["errors"]] == [field]


def test_a_story_of_twenty_thousand_characters_is_kept_whole(mitra_app: Api) -> None:
    story = ("kata " * 4000).strip()[:20_000]

    found = body_of(mitra_app.post("/complaints", {"text": story}))

    assert found["messages"][0]["text"] == story


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        pytest.param(b"{not json", "application/json", id="broken JSON"),
        pytest.param(b"", "application/json", id="nothing"),
        pytest.param(b"[]", "application/json", id="a list"),
        pytest.param(b"\xff\xfe{", "application/json", id="no UTF-8"),
    ],
)
def test_what_is_no_json_object_is_refused(quiet: Quiet, data: bytes, content_type: str) -> None:
    assert refused(quiet.mitra_app.send("/complaints", data, content_type)) == 422


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_a_body_of_another_kind_is_refused(quiet: Quiet, content_type: str) -> None:
    assert refused(quiet.mitra_app.send("/complaints", b'{"text": "x"}', content_type)) == 415


def test_json_of_a_hostile_depth_is_refused(quiet: Quiet) -> None:
    assert refused(quiet.mitra_app.send("/complaints", b"[" * 200_000, "application/json")) == 400


def test_a_body_of_more_than_a_megabyte_is_refused(quiet: Quiet) -> None:
    body = b'{"text": "' + b"x" * 1_100_000 + b'"}'

    assert refused(quiet.mitra_app.send("/complaints", body, "application/json")) == 413


def test_a_mitras_complaints_are_listed_newest_first_in_pages(mitra_app: Api) -> None:
    numbers = [file_complaint(mitra_app, mitra_id="M-5") for _ in range(3)]
    file_complaint(mitra_app, mitra_id="M-6")

    first = body_of(mitra_app.get("/complaints", mitra_id="M-5", limit=2))
    second = body_of(mitra_app.get("/complaints", mitra_id="M-5", limit=2, cursor=first["next"]))

    assert [item["number"] for item in first["items"] + second["items"]] == numbers[::-1]
    assert second["next"] is None
    assert body_of(mitra_app.get("/complaints", mitra_id="tak-dikenal")) == {"items": [], "next": None}


@pytest.mark.parametrize("query", [{}, {"mitra_id": "M", "limit": 101}, {"mitra_id": "M", "cursor": "?"}])
def test_a_faulty_list_request_is_refused(quiet: Quiet, query: dict[str, object]) -> None:
    assert refused(quiet.mitra_app.get("/complaints", **query)) == 422


def test_the_app_follows_a_known_mitra_on_every_channel_and_nobody_else(rt: Runtime, mitra_app: Api) -> None:
    file_complaint(mitra_app, mitra_id="M-9")

    def make(session) -> tuple[str, str]:  # type: ignore[no-untyped-def]
        known = make_contact(session, mitra_id="M-10", mitra_digest=b"any digest of 16")
        hers = make_ticket(session, contact=known, channel=ChannelCode.SMS)
        stranger = make_ticket(session, channel=ChannelCode.WEB, kind=TicketKind.COMPLAINT)
        make_message(session, hers)
        return hers.number, stranger.number

    hers, stranger = rt.write(make)

    assert mitra_app.get(f"/complaints/{hers}").status_code == 200
    assert refused(mitra_app.get(f"/complaints/{stranger}")) == 404
    assert refused(mitra_app.post(f"/complaints/{stranger}/messages", {"text": "saya"})) == 404
    assert refused(mitra_app.get("/complaints/12345678")) == 404
    assert refused(mitra_app.get("/complaints/bukan-nomor")) == 404


def test_notes_and_names_of_staff_are_not_in_the_public_view(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    staff.post(f"/tickets/{number}/notes", {"text": "Rahasia internal"})
    staff.post(f"/tickets/{number}/replies", {"text": "Kami periksa ya, Bu."})

    answer = mitra_app.get(f"/complaints/{number}")

    assert [said["direction"] for said in body_of(answer)["messages"]] == ["in", "out"]
    assert "Rahasia" not in answer.text


def test_a_file_is_uploaded_once_and_given_to_one_complaint(mitra_app: Api) -> None:
    answer = mitra_app.upload()
    file_id = body_of(answer)["id"]
    filed = body_of(mitra_app.post("/complaints", {"text": STORY, "attachments": [file_id]}))

    assert answer.status_code == 201
    assert [(file["id"], file["kind"], file["filename"]) for file in filed["messages"][0]["attachments"]] == [
        (file_id, "photo", "bukti.png")
    ]
    assert refused(mitra_app.post("/complaints", {"text": STORY, "attachments": [file_id]})) == 422


def test_what_was_written_down_of_a_voice_is_for_staff(mitra_app: Api, staff: Api, rt: Runtime) -> None:
    file_id = body_of(mitra_app.upload())["id"]
    number = body_of(mitra_app.post("/complaints", {"text": STORY, "attachments": [file_id]}))["number"]
    rt.write(lambda session: session.execute(update(Attachment).values(transcript="sudah bayar")))

    [seen] = body_of(staff.get(f"/tickets/{number}"))["messages"][0]["attachments"]
    [shown] = body_of(mitra_app.get(f"/complaints/{number}"))["messages"][0]["attachments"]

    assert (seen["transcript"], seen["error_code"], seen["duration_seconds"]) == ("sudah bayar", None, None)
    assert "transcript" not in shown


def test_the_bytes_of_a_file_lie_encrypted_in_the_storage(rt: Runtime, mitra_app: Api) -> None:
    mitra_app.upload()

    stored = [path.read_bytes() for path in rt.settings.storage_dir.rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert PNG not in stored[0]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"<html><script>alert(1)</script>", 422, id="a page"),
        pytest.param(b"", 422, id="nothing"),
        pytest.param(b"MZ\x90\x00" + b"\0" * 100, 422, id="a program"),
        pytest.param(PNG + b"\0" * (8 * 1024 * 1024), 413, id="over the limit"),
        pytest.param(PNG + b"\0" * (10 * 1024 * 1024), 413, id="far over the limit"),
    ],
)
def test_a_file_that_is_not_taken_is_not_kept(quiet: Quiet, content: bytes, status: int) -> None:
    assert refused(quiet.mitra_app.upload(content)) == status

    assert not list(quiet.storage.rglob("*"))


def test_an_upload_without_a_file_is_refused(quiet: Quiet) -> None:
    assert refused(quiet.mitra_app.post("/attachments", {"file": "teks"})) == 415
    form = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nteks\r\n--x--\r\n'
    assert refused(quiet.mitra_app.send("/attachments", form, "multipart/form-data; boundary=x")) == 422


def test_more_words_become_a_message(mitra_app: Api) -> None:
    number = file_complaint(mitra_app)

    answer = mitra_app.post(f"/complaints/{number}/messages", {"text": "Ini buktinya"})

    assert answer.status_code == 201
    assert [said["text"] for said in body_of(answer)["messages"]] == [STORY, "Ini buktinya"]
    assert refused(mitra_app.post(f"/complaints/{number}/messages", {"text": ""})) == 422


def test_a_file_alone_is_a_message(mitra_app: Api) -> None:
    number = file_complaint(mitra_app)
    file_id = body_of(mitra_app.upload())["id"]

    answer = mitra_app.post(f"/complaints/{number}/messages", {"attachments": [file_id]})

    assert body_of(answer)["messages"][-1]["attachments"][0]["id"] == file_id


def test_accepting_the_answer_closes_the_complaint(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    assert refused(mitra_app.post(f"/complaints/{number}/answer", {"accepted": True})) == 409
    resolve(staff, number)

    answer = mitra_app.post(f"/complaints/{number}/answer", {"accepted": True, "comment": "Terima kasih"})

    found = body_of(answer)
    assert (answer.status_code, found["status"]) == (200, "closed")
    assert found["messages"][-1]["text"] == "Terima kasih"
    assert refused(mitra_app.post(f"/complaints/{number}/answer", {"accepted": True})) == 409
    assert refused(mitra_app.post(f"/complaints/{number}/messages", {"text": "lagi"})) == 409


def test_rejecting_the_answer_opens_the_same_complaint(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    resolve(staff, number)

    found = body_of(
        mitra_app.post(f"/complaints/{number}/answer", {"accepted": False, "comment": "Belum kembali"})
    )

    assert (found["status"], found["resolved_at"]) == ("open", None)
    full = body_of(staff.get(f"/tickets/{number}"))
    assert full["reopened_count"] == 1
    assert "next_response" in [clock["metric"] for clock in full["clocks"] if clock["state"] == "running"]


def test_a_message_opens_an_answered_complaint(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    resolve(staff, number)

    assert body_of(mitra_app.post(f"/complaints/{number}/messages", {"text": "Belum"}))["status"] == "open"


@pytest.mark.parametrize("body", [{"score": 4}, {"rating": 4, "comment": "Baik"}])
def test_a_rating_is_kept(mitra_app: Api, staff: Api, body: dict[str, object]) -> None:
    number = file_complaint(mitra_app)
    resolve(staff, number)

    answer = mitra_app.post(f"/complaints/{number}/rating", body)

    assert (answer.status_code, body_of(answer)["rating"]) == (200, 4)


def test_there_is_nothing_to_rate_before_the_first_answer(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)

    early = mitra_app.post(f"/complaints/{number}/rating", {"score": 4})
    assert (early.status_code, body_of(early)["code"]) == (409, "no_answer")

    resolve(staff, number)
    mitra_app.post(f"/complaints/{number}/answer", {"accepted": False})
    assert mitra_app.post(f"/complaints/{number}/rating", {"score": 1}).status_code == 200


@pytest.mark.parametrize("score", [0, 6, "5", 4.5, None, True])
def test_a_rating_is_a_number_from_one_to_five(quiet: Quiet, score: object) -> None:
    assert refused(quiet.mitra_app.post("/complaints/4821-9375/rating", {"score": score})) == 422
