"""The same POST again changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from api.api_calls import STORY, Api, body_of, file_complaint, problem_of, refused, resolve

PARALLEL = 20


def at_once(call: Callable[[], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(PARALLEL) as pool:
        return [each.result() for each in [pool.submit(call) for _ in range(PARALLEL)]]


def test_twenty_at_once_make_one_ticket(mitra_app: Api, staff: Api) -> None:
    answers = at_once(lambda: mitra_app.post("/complaints", {"mitra_id": "M-3", "text": STORY}, key="k-1"))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(body_of(staff.get("/tickets"))["items"]) == 1


def test_twenty_at_once_move_a_status_once(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)

    answers = at_once(lambda: staff.post(f"/tickets/{number}/status", {"status": "pending"}, key="k-2"))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    events = body_of(staff.get(f"/tickets/{number}"))["events"]
    assert [event["kind"] for event in events].count("status_changed") == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"text": "Tambahan"}),
        ("rating", {"score": 3}),
        ("answer", {"accepted": False, "comment": "Belum"}),
    ],
)
def test_a_repeat_of_the_app_gets_the_first_answer(
    mitra_app: Api, staff: Api, path: str, body: dict[str, object]
) -> None:
    number = file_complaint(mitra_app)
    resolve(staff, number)

    first = mitra_app.post(f"/complaints/{number}/{path}", body, key="k")
    again = mitra_app.post(f"/complaints/{number.replace('-', '')}/{path}", body, key="k")

    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert first.status_code in (200, 201)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("replies", {"text": "Kami periksa"}),
        ("notes", {"text": "Sudah telepon"}),
        ("assign", {"team": "digital"}),
        ("status", {"status": "on_hold"}),
        ("severity", {"impact": "I4", "urgency": "U3", "reason": "Sakit"}),
        ("resolve", {"disposition": "withdrawn"}),
    ],
)
def test_a_repeat_of_staff_gets_the_first_answer_and_does_nothing(
    mitra_app: Api, staff: Api, path: str, body: dict[str, object]
) -> None:
    number = file_complaint(mitra_app)

    first = staff.post(f"/tickets/{number}/{path}", body, key="k")
    count = len(body_of(staff.get(f"/tickets/{number}"))["events"])
    again = staff.post(f"/tickets/{number}/{path}", body, key="k")

    assert first.status_code in (200, 201), first.text
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert len(body_of(staff.get(f"/tickets/{number}"))["events"]) == count


def test_a_key_of_another_request_is_refused(mitra_app: Api, staff: Api) -> None:
    one, two = file_complaint(mitra_app), file_complaint(mitra_app)
    staff.post(f"/tickets/{one}/notes", {"text": "Satu"}, key="k")

    for answer in (
        staff.post(f"/tickets/{one}/notes", {"text": "Dua"}, key="k"),
        staff.post(f"/tickets/{two}/notes", {"text": "Satu"}, key="k"),
    ):
        assert problem_of(answer, 422)["code"] == "key_reused"


def test_a_key_belongs_to_one_kind_of_request(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    resolve(staff, number)

    assert mitra_app.post(f"/complaints/{number}/messages", {"text": "a"}, key="k").status_code == 201
    assert mitra_app.post(f"/complaints/{number}/rating", {"score": 5}, key="k").status_code == 200


def test_a_refused_request_may_be_mended_under_its_key(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    assert refused(staff.post(f"/tickets/{number}/assign", {"team": "tidak-ada"}, key="k")) == 422

    assert staff.post(f"/tickets/{number}/assign", {"team": "digital"}, key="k").status_code == 200


def test_a_repeated_upload_is_one_file(mitra_app: Api) -> None:
    first, again = mitra_app.upload(key="k"), mitra_app.upload(key="k")

    assert (again.status_code, again.text) == (first.status_code, first.text) == (201, first.text)
    assert refused(mitra_app.upload(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "lain.pdf", key="k")) == 422


def test_a_key_that_is_too_long_is_refused(mitra_app: Api) -> None:
    assert refused(mitra_app.post("/complaints", {"text": STORY}, key="k" * 256)) == 422


def test_without_a_key_each_post_counts(mitra_app: Api) -> None:
    assert file_complaint(mitra_app) != file_complaint(mitra_app)
