"""Merging by the API, and what the app and staff systems see of it: chains, undoing, one clock from the first receipt.

Cases 28 and 29 of the working paper on other helpdesks (lessons.md 8), by HTTP.
"""

from datetime import timedelta

import pytest
from installing import NOW

from api.api_calls import STORY, Api, body_of, file_complaint, refused
from helpdesk.runtime import Runtime


@pytest.fixture
def chain(rt: Runtime, mitra_app: Api, staff: Api) -> list[str]:
    """Numbers of A, B and C, filed on three days; A was merged into B and B into C."""
    numbers = []
    for days in range(3):
        rt.now = lambda days=days: NOW + timedelta(days=days)  # type: ignore[misc]
        numbers.append(file_complaint(mitra_app, text=f"{STORY} {days}"))
    a, b, c = numbers
    for source, target in ((a, b), (b, c)):
        assert staff.post(f"/tickets/{source}/merge", {"into": target}).status_code == 200
    return numbers


def ticket(staff: Api, number: str) -> dict[str, object]:
    return body_of(staff.get(f"/tickets/{number}"))


def told(found: dict[str, object]) -> list[str]:
    return [said["text"] for said in found["messages"] if said["direction"] == "in"]  # type: ignore[attr-defined]


def test_words_for_the_first_land_in_the_last_until_it_is_taken_out_again(
    mitra_app: Api, staff: Api, chain: list[str]
) -> None:
    a, b, c = chain
    seen = body_of(mitra_app.post(f"/complaints/{a}/messages", {"text": "Tambahan"}))
    assert (seen["number"], seen["status"]) == (a, "new")
    assert told(ticket(staff, c)) == [f"{STORY} 0", f"{STORY} 1", f"{STORY} 2", "Tambahan"]
    assert [ticket(staff, number)["merged_into"] for number in chain] == [b, c, None]
    replied = body_of(staff.post(f"/tickets/{a}/replies", {"text": "Baik, Ibu. Kami cek."}))
    assert replied["ticket"]["number"] == c
    assert body_of(mitra_app.get(f"/complaints/{a}"))["messages"][-1]["text"] == "Baik, Ibu. Kami cek."
    for target in (a, b, c):
        assert refused(staff.post(f"/tickets/{c}/merge", {"into": target})) == 409
    assert staff.post(f"/tickets/{a}/unmerge", {}).status_code == 200
    assert (told(ticket(staff, a)), ticket(staff, a)["status"]) == ([f"{STORY} 0"], "new")
    assert told(ticket(staff, c)) == [f"{STORY} 1", f"{STORY} 2", "Tambahan"]
    assert refused(staff.post(f"/tickets/{a}/unmerge", {})) == 409
    assert refused(staff.post(f"/tickets/{a}/merge", {"into": "9999-9999"})) == 404


def test_the_clock_of_the_regulator_counts_from_the_first_receipt(staff: Api, chain: list[str]) -> None:
    a, _, c = chain

    def started(number: str) -> list[object]:
        clocks = ticket(staff, number)["clocks"]
        return [
            each["started_at"]
            for each in clocks  # type: ignore[attr-defined]
            if each["metric"] == "regulatory" and each["state"] == "running"
        ]

    assert started(c) == ["2026-11-23T03:00:00Z"]
    assert (started(a), ticket(staff, a)["next_due_at"]) == ([], None)
    staff.post(f"/tickets/{a}/unmerge", {})
    assert (started(a), started(c)) == (["2026-11-23T03:00:00Z"], ["2026-11-24T03:00:00Z"])


def test_a_rating_and_the_word_to_an_answer_go_to_the_last(
    mitra_app: Api, staff: Api, chain: list[str]
) -> None:
    a, _, c = chain
    draft = {
        "disposition": "upheld",
        "root_cause": "MANUSIA-CATAT",
        "redress": [{"kind": "correction"}],
        "answer": "Ibu Siti, pembayaran Ibu sudah kami catat.",
        "late_reason": "third_party",
    }
    assert staff.post(f"/tickets/{c}/resolve", draft).status_code == 200
    assert body_of(mitra_app.get(f"/complaints/{a}"))["status"] == "resolved"
    assert body_of(mitra_app.post(f"/complaints/{a}/answer", {"accepted": True}))["status"] == "closed"
    assert body_of(mitra_app.post(f"/complaints/{a}/rating", {"score": 4}))["rating"] == 4
    assert ticket(staff, c)["rating"] == 4
    listed = body_of(mitra_app.get("/complaints", mitra_id="M-1"))["items"]
    assert {found["number"]: found["status"] for found in listed} == dict.fromkeys(chain, "closed")
