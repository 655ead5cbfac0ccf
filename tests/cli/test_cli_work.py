"""Commands on tickets: clocks, matrix, messages, reports."""

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from installing import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.messages import WebhookRequest
from helpdesk.domain.numbers import format_number
from helpdesk.models.messages import Message
from helpdesk.models.sla import SlaClockEvent
from helpdesk.models.tickets import AuditEntry, Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import calendars, triage, webhooks
from helpdesk.services.calendars import HolidayKind
from helpdesk.wallclock import utc_now

from .runs import Run, is_one_clear_line

LATER = (NOW + timedelta(days=40)).isoformat()


@pytest.fixture
def ticket(rt: Runtime) -> Ticket:
    """A complaint that came in by WhatsApp at NOW."""
    return rt.write(lambda session: ticket_of(session, tell(session, now=NOW)))


def events(rt: Runtime) -> int:
    return rt.read(lambda session: session.scalar(select(func.count()).select_from(SlaClockEvent)) or 0)


def test_a_sweep_tells_what_it_did_and_a_second_one_at_the_same_instant_does_nothing(
    run: Run, ticket: Ticket, rt: Runtime
) -> None:
    first = run("sla", "sweep", "--now", LATER, "--json")
    assert first.exit_code == 0
    done = json.loads(first.stdout)
    assert {action["number"] for action in done} == {format_number(ticket.number)}
    assert {"sla_warning", "sla_breached", "escalated"} <= {action["action"] for action in done}
    assert {"regulatory", "resolution"} <= {action["metric"] for action in done}
    assert [action["at"] for action in done] == sorted(action["at"] for action in done)
    assert all(datetime.fromisoformat(action["at"]) <= NOW + timedelta(days=40) for action in done)
    assert events(rt) == len(done)
    assert json.loads(run("sla", "sweep", "--now", LATER, "--json").stdout) == []
    assert "Nothing" in run("sla", "sweep", "--now", LATER).stdout


def test_a_dry_run_shows_the_same_and_changes_nothing(run: Run, ticket: Ticket, rt: Runtime) -> None:
    shown = json.loads(run("sla", "sweep", "--now", LATER, "--dry-run", "--json").stdout)
    assert events(rt) == 0
    assert json.loads(run("sla", "sweep", "--now", LATER, "--json").stdout) == shown
    assert shown


def test_an_instant_without_an_offset_is_local_time_of_head_office(run: Run, ticket: Ticket) -> None:
    local = run("sla", "sweep", "--dry-run", "--json", "--now", "2026-12-24T10:00:00")
    told = run("sla", "sweep", "--dry-run", "--json", "--now", "2026-12-24T03:00:00Z")
    assert local.stdout == told.stdout != "[]\n"


@pytest.mark.parametrize("form", ["{}-{}", "{}{}"], ids=["with the dash", "without"])
def test_explain_tells_each_clock_with_its_policy_and_why(run: Run, ticket: Ticket, form: str) -> None:
    number = form.format(ticket.number[:-4], ticket.number[-4:])
    clocks = {clock["metric"]: clock for clock in json.loads(run("sla", "explain", number, "--json").stdout)}
    assert {"acknowledgement", "first_response", "resolution", "regulatory"} <= set(clocks)
    clock = clocks["resolution"]
    assert clock["policy_version"] == 2
    assert datetime.fromisoformat(clock["started_at"]) == NOW
    assert clock["why"]
    assert set(clock) >= {"state", "due_at", "used_seconds", "paused_seconds", "pauses", "target_seconds"}
    text = run("sla", "explain", number).stdout
    assert format_number(ticket.number) in text
    assert "regulatory: " in text
    assert "karena" in text


def test_explain_gives_every_stretch_and_the_sum_to_the_due_instant(run: Run, ticket: Ticket) -> None:
    clocks = {
        each["metric"]: each for each in json.loads(run("sla", "explain", ticket.number, "--json").stdout)
    }
    for clock in clocks.values():
        ledger, sums = clock["ledger"], clock["arithmetic"]
        past = [each["counted_seconds"] for each in ledger if not each["is_ahead"]]
        assert sum(past) == clock["used_seconds"]
        assert sum(each["count"] * each["seconds"] for each in sums["addends"]) == clock["target_seconds"]
        assert sums["due_at"] == clock["due_at"]
    assert [each["number"] for each in clocks["regulatory"]["arithmetic"]["days"] if each["number"]] == [
        *range(1, 11)
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param("id", ("karena", "dari", "terhitung", "Berikutnya: "), id="Indonesian"),
        pytest.param("en", ("because", "from", "counted", "Next: "), id="English"),
    ],
)
def test_explain_tells_the_story_in_the_language_asked_for(
    run: Run, ticket: Ticket, language: str, words: tuple[str, ...]
) -> None:
    text = run("sla", "explain", ticket.number, "--lang", language).stdout
    for word in words:
        assert word in text, word
    assert len(text.splitlines()) < 200


def test_explain_refuses_a_language_it_does_not_speak(run: Run, ticket: Ticket) -> None:
    result = run("sla", "explain", ticket.number, "--lang", "jv")
    assert result.exit_code == 2
    assert "'jv'" in result.stderr


def test_explain_names_a_breach_and_its_escalations(run: Run, ticket: Ticket) -> None:
    run("sla", "sweep", "--now", LATER)
    text = run("sla", "explain", ticket.number).stdout
    assert "breached" in text
    assert "Eskalasi ke" in text


@pytest.fixture
def published(run: Run, tmp_path: Path) -> Path:
    """The published matrix as a file."""
    path = tmp_path / "matrix.yaml"
    path.write_text(run("matrix", "show").stdout, encoding="utf-8")
    return path


def made_graver(path: Path) -> Path:
    """Rewrite the file so that every cell is S1."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        is_cell = line.startswith("  I") and "{U3:" in line
        lines.append(f"{line[:4]}: {{U3: S1, U2: S1, U1: S1}}" if is_cell else line)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_published_matrix_is_valid_and_changes_nothing_when_replayed(
    run: Run, ticket: Ticket, published: Path
) -> None:
    assert run("matrix", "check", str(published)).exit_code == 0
    result = run("matrix", "simulate", str(published))
    assert "1 complaints replayed, 0 change." in result.stdout


def test_a_simulation_shows_before_and_after_and_changes_nothing(
    run: Run, ticket: Ticket, published: Path, rt: Runtime
) -> None:
    result = run("matrix", "simulate", str(made_graver(published)), "--last", "10")
    assert result.exit_code == 0
    assert "S2 to S1: 1" in result.stdout
    assert format_number(ticket.number) in result.stdout
    assert rt.read(lambda session: session.get_one(Ticket, ticket.id).severity) == "S2"
    assert rt.read(triage.current_matrix).version == 1


def test_publishing_makes_the_next_version_and_rates_by_it_from_then_on(
    run: Run, published: Path, rt: Runtime
) -> None:
    assert "Version 2" in run("matrix", "publish", str(made_graver(published))).stdout
    assert "Version 3" in run("matrix", "publish", str(published)).stdout
    assert "\nversion: 3\n" in run("matrix", "show").stdout
    rated = rt.write(lambda session: ticket_of(session, tell(session, now=NOW)))
    assert (rated.severity, rated.matrix_version) == ("S1", 3)
    kinds = rt.read(lambda session: session.scalars(select(AuditEntry.kind)).all())
    assert kinds == ["matrix_published", "matrix_published"]


def test_a_matrix_without_a_version_line_or_in_another_form_is_numbered_all_the_same(
    run: Run, published: Path, rt: Runtime
) -> None:
    import yaml

    document = yaml.safe_load(published.read_text(encoding="utf-8"))
    published.write_text(json.dumps(document, default=str), encoding="utf-8")
    assert run("matrix", "publish", str(published)).exit_code == 0
    assert rt.read(triage.current_matrix).version == 2


BROKEN = {
    "broken YAML": "cells: [",
    "a list": "- 1\n- 2\n",
    "empty": "",
    "an unknown level": "version: 1\ncells: {I9: {U1: S7}}\n",
    "a date that is none": "version: 1\nvalid_from: 2026-99-99\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("command", ["check", "simulate", "publish"])
def test_a_broken_matrix_is_refused_with_the_reason(
    run: Run, tmp_path: Path, text: str, command: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    assert is_one_clear_line(run("matrix", command, str(path)))


def test_a_file_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert is_one_clear_line(run("matrix", "check", str(path)))


def a_webhook(channel: str = "whatsapp") -> WebhookRequest:
    return WebhookRequest(channel, "https://x.id/webhooks/whatsapp", {"content-type": "text/plain"}, (), b"?")


def test_unprocessed_webhooks_are_listed_and_replayed_and_a_failure_is_status_1(
    run: Run, rt: Runtime
) -> None:
    assert "CHANNEL" in run("inbox", "list").stdout
    stored = rt.write(lambda session: webhooks.store(session, a_webhook(), now=NOW))
    listed = run("inbox", "list").stdout
    assert "whatsapp" in listed
    assert "received" in listed
    result = run("inbox", "replay", str(stored.event_id))
    assert result.exit_code == 1
    assert "failed, channel_off: NotFound" in result.stdout
    assert "0 processed, 1 failed." in result.stdout
    assert "channel_off" in run("inbox", "list").stdout


def test_reconciling_says_of_each_channel_what_came_of_it(run: Run) -> None:
    result = run("inbox", "reconcile")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["sms: off", "telegram: off", "whatsapp: off"]
    assert is_one_clear_line(run("inbox", "reconcile", "pos"))


def test_replaying_nothing_is_fine(run: Run) -> None:
    result = run("inbox", "replay")
    assert result.exit_code == 0
    assert "0 processed, 0 failed." in result.stdout


def test_waiting_messages_are_listed_without_their_texts_and_sent(run: Run, rt: Runtime) -> None:
    ticket = rt.write(lambda session: ticket_of(session, tell(session, "STATUS", now=utc_now())))
    listed = run("outbox", "list").stdout
    assert format_number(ticket.number) in listed
    assert "queued" in listed
    body = rt.read(
        lambda session: session.scalars(select(Message.body).where(Message.direction == "out")).one()
    )
    assert body not in listed
    result = run("outbox", "send")
    assert result.exit_code == 0
    assert "0 sent; 1 wait or failed." in result.stdout  # WhatsApp is off here
    assert "channel_off" in run("outbox", "list").stdout


def test_the_regulators_report_reconciles_on_screen_and_in_the_workbook(
    run: Run, ticket: Ticket, tmp_path: Path
) -> None:
    shown = run("report", "ojk", "--period", "2026H2")
    assert shown.exit_code == 0
    totals = [line.split()[1:] for line in shown.stdout.splitlines() if line.startswith("TOTAL")]
    assert totals == [["0", "1", "0", "1"]] * 3
    assert "whatsapp" in shown.stdout
    path = tmp_path / "ojk.xlsx"
    assert run("report", "ojk", "--period", "2026H2", "-o", str(path)).exit_code == 0
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        words = book.read("xl/sharedStrings.xml").decode()
    assert len(sheets) == 5
    assert "Saldo akhir" in words
    assert "whatsapp" in words


def test_a_period_without_complaints_is_an_empty_report(run: Run) -> None:
    shown = run("report", "ojk", "--period", "2020")
    assert shown.exit_code == 0
    assert "TOTAL" in shown.stdout


def test_trends_count_the_weeks_that_the_page_counts(run: Run, rt: Runtime) -> None:
    rt.write(lambda session: tell(session, now=utc_now()))
    shown = run("report", "trends", "--weeks", "3").stdout.splitlines()
    assert shown[0].startswith("CATEGORY")
    assert shown[1].split()[0] == "BYR-POST"
    assert shown[1].split()[-4:] == ["0", "0", "1", "1"]
    detail = run("report", "trends", "--category", "byr-post").stdout
    assert "HO" in detail


def test_recompute_lists_and_moves_what_a_new_holiday_would_move(
    run: Run, ticket: Ticket, rt: Runtime
) -> None:
    day = (NOW + timedelta(days=1)).date()

    def close(session: Session) -> None:
        calendars.add_holiday(
            session, on=day, name="Libur daerah", kind=HolidayKind.LOCAL, unit_code=None, actor="cli", now=NOW
        )

    assert run("sla", "recompute", "--dry-run").stdout == "Nothing would move.\n"
    rt.write(close)
    listed = json.loads(run("sla", "recompute", "--dry-run", "--json").stdout)
    assert "resolution" in {move["metric"] for move in listed}
    assert all(move["due_from"] < move["due_to"] for move in listed)
    assert json.loads(run("sla", "explain", ticket.number, "--json").stdout)[0]["superseded_at"] is None
    moved = run("sla", "recompute", "--reason", "Libur daerah baru", "--ticket", ticket.number)
    assert "moved" in moved.stdout
    assert "IS DUE" in moved.stdout
    assert run("sla", "recompute", "--dry-run").stdout == "Nothing would move.\n"


def test_far_away_is_said_of_a_unit_when_it_is_added_and_later(run: Run, rt: Runtime) -> None:
    for code, kind, under, more in (("R9", "region", "HO", ()), ("A9", "area", "R9", ("--remote",))):
        assert (
            run("unit", "add", code, "--kind", kind, "--under", under, "--name", code, *more).exit_code == 0
        )
    assert run("unit", "set", "R9", "--remote").stdout == "R9 is remote.\n"
    assert run("unit", "set", "A9", "--not-remote").stdout == "A9 is not remote.\n"
    listed = run("unit", "list").stdout.splitlines()
    assert [line.split()[-1] for line in listed if line.startswith(("R9", "A9"))] == ["yes", "Asia/Jakarta"]
    kinds = rt.read(lambda session: session.scalars(select(AuditEntry.kind)).all())
    assert list(kinds).count("unit_changed") == 2
