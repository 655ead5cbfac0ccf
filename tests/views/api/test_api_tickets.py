"""What a staff system may find and do."""

from datetime import timedelta

import pytest
from factories import make_message, make_team, make_ticket, make_user
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.api_calls import STORY, Api, Quiet, body_of, file_complaint, problem_of, refused, resolve
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow
from helpdesk.runtime import Runtime

FULL_VIEW = {
    "number",
    "status",
    "kind",
    "category",
    "severity",
    "channel",
    "contact",
    "branch",
    "team",
    "assignee",
    "created_at",
    "clocks",
    "messages",
    "events",
}
CLOCK = {"metric", "started_at", "due_at", "state", "used_seconds", "paused_seconds", "policy_version"}
MESSAGE = {"id", "direction", "channel", "at", "text", "attachments", "external_id", "delivery"}


@pytest.fixture
def number(mitra_app: Api) -> str:
    """A complaint about a payment."""
    return file_complaint(mitra_app, category="BYR-POST", phone="085712345678")


def test_the_full_view_has_everything_of_the_contract(staff: Api, number: str) -> None:
    found = body_of(staff.get(f"/tickets/{number.replace('-', '')}"))

    assert found.keys() >= FULL_VIEW
    assert found["number"] == number
    assert found["severity"].keys() >= {"level", "impact", "urgency", "reasons"}
    assert all(reason["rule"] for reason in found["severity"]["reasons"])
    assert {clock["metric"] for clock in found["clocks"]} >= {"resolution", "regulatory", "acknowledgement"}
    assert all(clock.keys() >= CLOCK for clock in found["clocks"])
    assert all(said.keys() >= MESSAGE for said in found["messages"])
    assert all(event.keys() >= {"at", "kind", "actor", "data"} for event in found["events"])
    assert (found["channel"], found["team"], found["category"]) == ("app", "pembayaran", "BYR-POST")
    assert found["created_at"] == "2026-11-23T03:00:00Z"


def test_an_unknown_number_is_not_found(quiet: Quiet) -> None:
    assert refused(quiet.staff.get("/tickets/4821-9375")) == 404
    assert refused(quiet.staff.get("/tickets/abc")) == 404
    assert refused(quiet.staff.post("/tickets/4821-9375/notes", {"text": "x"})) == 404


def numbers(staff: Api, **query: object) -> set[str]:
    answer = staff.get("/tickets", **query)
    assert answer.status_code == 200, answer.text
    return {item["number"] for item in body_of(answer)["items"]}


def test_tickets_are_found_by_every_filter(rt: Runtime, staff: Api, number: str) -> None:
    rt.write(lambda session: make_ticket(session, channel=ChannelCode.SMS, team=make_team(session, "triage")))

    assert len(numbers(staff)) == 2
    level = body_of(staff.get(f"/tickets/{number}"))["severity"]["level"]
    for query in (
        {"status": "new", "channel": "app"},
        {"status": ["new", "open"], "channel": "app,web"},
        {"severity": level, "channel": "app"},
        {"team": "pembayaran"},
        {"q": "AGEN angsuran"},
        {"q": number},
        {"q": "Siti"},
        {"q": "M-1"},
        {"created_after": "2026-11-23T09:59:59+07:00", "channel": "app"},
        {"due_before": "2027-01-31T00:00:00Z", "team": "pembayaran"},
    ):
        assert numbers(staff, **query) == {number}, query
    for query in (
        {"status": "closed"},
        {"team": "tidak-ada"},
        {"q": "agen pesawat"},
        {"created_after": "2026-11-23T03:00:00Z"},
        {"due_before": "2026-11-23T03:00:00Z"},
    ):
        assert numbers(staff, **query) == set(), query


def test_pages_follow_each_other(rt: Runtime, staff: Api) -> None:
    rt.write(lambda session: [make_ticket(session) for _ in range(5)])
    seen: list[str] = []
    cursor: dict[str, object] = {}

    while True:
        page = body_of(staff.get("/tickets", limit=2, **cursor))
        seen += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"severity": "S9"},
        {"channel": "fax"},
        {"cursor": "bm90aGluZw"},
        {"limit": 0},
        {"limit": 101},
        {"created_after": "yesterday"},
        {"created_after": "2026-11-23T03:00:00"},
        {"due_before": "2026"},
        {"due_before": "9999-12-31T23:59:59Z"},
        {"team": "a\0b"},
        {"q": "x" * 201},
    ],
    ids=str,
)
def test_a_faulty_search_is_refused(quiet: Quiet, query: dict[str, object]) -> None:
    assert refused(quiet.staff.get("/tickets", **query)) == 422


@pytest.mark.parametrize("q", ["!!!", "\0", "🙏 …"])
def test_a_search_for_no_word_finds_nothing_and_says_so(staff: Api, number: str, q: str) -> None:
    found = body_of(staff.get("/tickets", q=q))

    assert found == {"items": [], "next": None, "note": "q holds no word to look for"}
    assert body_of(staff.get("/tickets", q="  "))["note"] is None
    assert numbers(staff, q="  ") == {number}


def test_an_empty_parameter_is_as_good_as_none(staff: Api, number: str) -> None:
    names = ("status", "severity", "channel", "team", "q", "created_after", "due_before", "cursor")
    assert numbers(staff, **dict.fromkeys(names, "")) == {number}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            {"latitude": "-6.175392", "longitude": "106.827153", "place": "Monas"},
            {"latitude": -6.175392, "longitude": 106.827153, "place": "Monas"},
            id="a named place",
        ),
        pytest.param(
            {"latitude": "-7.5", "longitude": "110"},
            {"latitude": -7.5, "longitude": 110.0, "place": None},
            id="a bare one",
        ),
        pytest.param({"latitude": "nan", "longitude": "110"}, None, id="no number"),
        pytest.param({"latitude": "-97.5", "longitude": "110"}, None, id="not on earth"),
        pytest.param({"latitude": "north"}, None, id="words"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_place_that_was_sent_is_shown(
    rt: Runtime, staff: Api, facts: dict[str, str] | None, expected: dict[str, object] | None
) -> None:
    def tell(session: Session) -> str:
        ticket = make_ticket(session)
        make_message(session, ticket, body="", facts=facts)
        return ticket.number

    (said,) = body_of(staff.get(f"/tickets/{rt.write(tell)}"))["messages"]
    assert said["location"] == expected


def test_an_instant_whose_plus_was_not_escaped_is_understood(staff: Api, number: str) -> None:
    answer = staff.app.test_client().get(
        "/api/v1/tickets?created_after=2026-11-23T09:59:59+07:00",
        headers={"Authorization": f"Bearer {staff.token}"},
    )

    assert [item["number"] for item in body_of(answer)["items"]] == [number]


def test_a_reply_is_a_message_and_meets_the_first_response(staff: Api, number: str) -> None:
    answer = staff.post(f"/tickets/{number}/replies", {"text": "Kami periksa ya, Bu."})

    added = body_of(answer)
    found = body_of(staff.get(f"/tickets/{number}"))
    assert answer.status_code == 201
    assert (found["messages"][-1]["id"], found["messages"][-1]["direction"]) == (added["id"], "out")
    assert added["ticket"]["status"] == found["status"] == "open"
    assert found["events"][-2]["actor"] == "token:tes-staff"
    assert {clock["metric"]: clock["state"] for clock in found["clocks"]}["first_response"] == "met"


@pytest.mark.parametrize(
    "text",
    ["", " ", "x" * 4001, "Halo {nama}", "Kirim PIN Ibu ya"],
    ids=["empty", "blank", "long", "gap", "secret"],
)
def test_a_reply_that_may_not_be_sent_is_refused(staff: Api, number: str, text: str) -> None:
    problem = problem_of(staff.post(f"/tickets/{number}/replies", {"text": text}), 422)

    assert [error["field"] for error in problem["errors"]] == ["text"]


def test_a_reply_to_an_unread_message_is_refused(mitra_app: Api, staff: Api, number: str) -> None:
    seen = body_of(staff.get(f"/tickets/{number}"))["messages"][-1]["id"]
    mitra_app.post(f"/complaints/{number}/messages", {"text": "Ada lagi"})

    late = staff.post(f"/tickets/{number}/replies", {"text": "Baik", "seen_message_id": seen})
    other = staff.post(
        f"/tickets/{number}/replies",
        {"text": "Baik", "seen_message_id": "00000000-0000-4000-8000-000000000000"},
    )

    assert problem_of(late, 409)["code"] == "newer"
    assert refused(other) == 422


def test_a_note_stays_inside(staff: Api, number: str) -> None:
    answer = staff.post(f"/tickets/{number}/notes", {"text": "Sudah telepon BP"})

    assert (answer.status_code, body_of(answer)["direction"]) == (201, "note")
    assert body_of(staff.get(f"/tickets/{number}"))["messages"][-1]["text"] == "Sudah telepon BP"
    assert refused(staff.post(f"/tickets/{number}/notes", {"text": " "})) == 422


def test_a_ticket_is_assigned_by_email_or_public_id_and_given_back(
    rt: Runtime, staff: Api, number: str
) -> None:
    agent = rt.write(lambda session: make_user(session, email="ayu@contoh.id"))

    by_email = body_of(staff.post(f"/tickets/{number}/assign", {"assignee": "Ayu@contoh.id"}))
    by_id = body_of(staff.post(f"/tickets/{number}/assign", {"assignee": agent.public_id, "team": "digital"}))
    back = body_of(staff.post(f"/tickets/{number}/assign", {"assignee": None}))

    assert (by_email["assignee"], by_email["status"]) == ("ayu@contoh.id", "open")
    assert (by_id["assignee"], by_id["team"]) == ("ayu@contoh.id", "digital")
    assert (back["assignee"], back["team"]) == (None, "digital")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"assignee": "siapa@contoh.id"},
        {"assignee": "mata@contoh.id"},
        {"team": "tidak-ada"},
        {"assignee": "\ud800"},
        {"team": "\ud800"},
    ],
    ids=str,
)
def test_an_assignment_to_nobody_who_handles_tickets_is_refused(
    rt: Runtime, staff: Api, number: str, body: dict[str, object]
) -> None:
    rt.write(lambda session: make_user(session, Role.AUDITOR, email="mata@contoh.id"))

    assert refused(staff.post(f"/tickets/{number}/assign", body)) == 422


def test_waiting_for_the_contact_pauses_the_clocks(staff: Api, number: str) -> None:
    answer = staff.post(f"/tickets/{number}/status", {"status": "pending", "reason": "Menunggu foto"})

    assert body_of(answer)["status"] == "pending"
    states = {clock["metric"]: clock["state"] for clock in body_of(staff.get(f"/tickets/{number}"))["clocks"]}
    assert states["resolution"] == "paused"
    assert refused(staff.post(f"/tickets/{number}/status", {"status": "pending"})) == 409


@pytest.mark.parametrize("status", ["resolved", "closed", "lost", None])
def test_an_outcome_is_no_mere_status(staff: Api, number: str, status: object) -> None:
    assert refused(staff.post(f"/tickets/{number}/status", {"status": status})) == 422


def test_severity_is_overridden_with_a_reason(staff: Api, number: str) -> None:
    answer = staff.post(
        f"/tickets/{number}/severity", {"impact": "I4", "urgency": "U3", "reason": "Ibu sakit"}
    )

    assert (answer.status_code, body_of(answer)["severity"]) == (200, "S1")
    assert "severity_changed" in [
        event["kind"] for event in body_of(staff.get(f"/tickets/{number}"))["events"]
    ]
    for body in (
        {"impact": "I4", "urgency": "U3", "reason": " "},
        {"impact": "I9", "urgency": "U3", "reason": "x"},
    ):
        assert refused(staff.post(f"/tickets/{number}/severity", body)) == 422


def test_a_resolution_answers_and_is_kept(staff: Api, number: str) -> None:
    resolve(staff, number)

    found = body_of(staff.get(f"/tickets/{number}"))
    assert found["status"] == "resolved"
    assert found["messages"][-1]["purpose"] == "answer"
    assert [(each["disposition"], each["redress"][0]["kind"]) for each in found["resolutions"]] == [
        ("upheld", "correction")
    ]


def test_a_resolution_names_everything_that_is_missing(staff: Api, number: str) -> None:
    problem = problem_of(staff.post(f"/tickets/{number}/resolve", {"disposition": "upheld"}), 422)

    assert {"root_cause", "answer", "redress"} <= set(problem["errors"][0]["field"].split(","))


def test_a_late_resolution_needs_its_reason(rt: Runtime, staff: Api, number: str) -> None:
    due = update(SlaClockRow).where(SlaClockRow.metric == "first_response")
    rt.write(lambda session: session.execute(due.values(due_at=rt.now() - timedelta(hours=1))))
    draft = {
        "disposition": "not_upheld",
        "root_cause": "NIHIL-BUKTI",
        "answer": "Ibu Siti, bayaran Ibu sudah tercatat.",
    }
    address = f"/tickets/{number}/resolve"
    problem = problem_of(staff.post(address, draft), 422)
    assert problem["errors"][0]["field"] == "late_reason"
    assert (
        problem_of(staff.post(address, draft | {"late_reason": "other"}), 422)["errors"][0]["field"]
        == "late_note"
    )
    assert staff.post(address, draft | {"late_reason": "bank libur panjang"}).status_code == 200
    (outcome,) = body_of(staff.get(f"/tickets/{number}"))["resolutions"]
    assert (outcome["late_code"], outcome["late_reason"]) == ("other", "bank libur panjang")


def test_a_withdrawn_complaint_closes_without_an_answer(staff: Api, number: str) -> None:
    answer = staff.post(f"/tickets/{number}/resolve", {"disposition": "withdrawn"})

    assert (answer.status_code, body_of(answer)["status"]) == (200, "closed")


def test_a_resolved_ticket_is_not_resolved_again(staff: Api, number: str) -> None:
    resolve(staff, number)

    draft = {
        "disposition": "not_upheld",
        "root_cause": "MANUSIA-CATAT",
        "answer": "Maaf Bu.",
    }
    assert refused(staff.post(f"/tickets/{number}/resolve", draft)) == 409


def test_the_story_of_the_app_is_what_staff_read(staff: Api, number: str) -> None:
    assert body_of(staff.get(f"/tickets/{number}"))["messages"][0]["text"] == STORY
