"""SLA chips as people read them, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.views.sla_chip import chip_for

NOW = datetime(2026, 8, 3, 7, 5, tzinfo=UTC)  # Monday 14.05 WIB
JAKARTA = "Asia/Jakarta"


@pytest.mark.parametrize(
    ("minutes", "target_hours", "state", "look", "text"),
    [
        pytest.param(-42, 4, "running", "late", "Lewat 42 mnt", id="late"),
        pytest.param(-42, 4, "breached", "late", "Lewat 42 mnt", id="breached"),
        pytest.param(-17 * 60 - 45, 4, "breached", "late", "Lewat 17 jam 45 mnt", id="late-by-hours"),
        pytest.param(-3 * 60, 4, "breached", "late", "Lewat 3 jam", id="late-by-whole-hours"),
        pytest.param(-3 * 1440 - 5, 4, "breached", "late", "Lewat 3 hari", id="late-by-days"),
        pytest.param(0, 4, "running", "crit", "0:00 lagi", id="this-very-moment"),
        pytest.param(12, 4, "running", "crit", "0:12 lagi", id="crit-by-minutes"),
        pytest.param(30, 1, "running", "crit", "0:30 lagi", id="crit-at-30-minutes"),
        pytest.param(31, 2, "running", "ok", "0:31 lagi", id="above-a-quarter"),
        pytest.param(60, 4, "running", "soon", "1:00 lagi", id="soon-at-a-quarter"),
        pytest.param(60, 10, "running", "crit", "1:00 lagi", id="crit-at-a-tenth"),
        pytest.param(95, 4, "running", "ok", "1:35 lagi", id="ok-today"),
        pytest.param(20 * 60, 40, "running", "ok", "Sel 10.05", id="ok-tomorrow"),
        pytest.param(10 * 1440, 400, "running", "ok", "13 Agu 14.05", id="ok-next-week"),
        pytest.param(60, 4, "paused", "paused", "Dijeda", id="paused"),
        pytest.param(60, 4, "met", "met", "Tepat", id="met"),
        pytest.param(-60, 4, "met", "met", "Tepat", id="met-stays-met"),
        pytest.param(60, 4, "superseded", "paused", "Diganti", id="superseded"),
    ],
)
def test_a_chip_tells_the_state_of_a_clock(
    minutes: int, target_hours: int, state: str, look: str, text: str
) -> None:
    due = NOW + timedelta(minutes=minutes)
    started = due - timedelta(hours=target_hours)
    chip = chip_for(due, state=state, now=NOW, zone=JAKARTA, started_at=started, language="id")
    assert (chip.state, chip.text) == (look, text)


def test_a_chip_shows_day_and_hour_when_due_after_closing() -> None:
    due, closes = NOW + timedelta(hours=6), NOW + timedelta(hours=3)
    chip = chip_for(due, state="running", now=NOW, zone=JAKARTA, closes_at=closes, language="id")
    assert chip.text == "Sen 20.05"


def test_a_given_share_of_the_target_outranks_elapsed_time() -> None:
    due = NOW + timedelta(hours=5)
    chip = chip_for(due, state="running", now=NOW, zone=JAKARTA, share_left=0.2, language="en")
    assert (chip.state, chip.text, chip.title) == (
        "soon",
        "5:00 left",
        "Due Monday, 3 August 2026 at 19:05 WIB",
    )


def test_a_breach_that_ended_keeps_its_lateness() -> None:
    due = NOW - timedelta(hours=10)
    met = due + timedelta(minutes=7)
    chip = chip_for(due, state="breached", now=NOW, zone=JAKARTA, met_at=met, language="id")
    assert chip.text == "Lewat 7 mnt"


def test_a_breach_recorded_ahead_of_time_tells_no_length() -> None:
    due = NOW + timedelta(days=2)
    chip = chip_for(due, state="breached", now=NOW, zone=JAKARTA, language="id")
    assert (chip.state, chip.text) == ("late", "Lewat")


def test_a_paused_clock_without_deadline_is_paused() -> None:
    chip = chip_for(None, state="paused", now=NOW, zone=JAKARTA, language="id")
    assert (chip.state, chip.text) == ("paused", "Dijeda")


def test_a_promise_that_was_kept_after_it_was_broken_is_late() -> None:
    due, broken = NOW + timedelta(days=2), NOW - timedelta(days=1)
    chip = chip_for(due, state="met", now=NOW, zone=JAKARTA, met_at=NOW, broken_at=broken, language="id")
    assert (chip.state, chip.text) == ("late", "Lewat")
    assert chip.title == "Batasnya Minggu, 2 Agustus 2026 pukul 14.05 WIB"
