"""Help and refusals: every command explains itself, every mistake is one clear line."""

import signal
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from helpdesk.cli import main

from .runs import Run, is_one_clear_line, write_env

CONTRACT = (
    "serve", "worker", "db upgrade", "db check", "db backup", "unit add", "unit set", "unit list",
    "user add", "user list", "user disable",
    "user reset-password", "token add", "token list", "token revoke", "sla sweep", "sla explain", "sla recompute",
    "sla policy show", "sla policy check", "sla policy diff",
    "matrix show", "matrix check", "matrix simulate", "matrix publish",
    "texts show", "texts export", "texts check", "texts propose", "inbox list", "inbox replay", "inbox reconcile",
    "outbox list", "outbox send", "template add", "template state", "template list",
    "template buttons", "template check",
    "report ojk", "report trends", "privacy export", "privacy erase", "privacy retention", "audit verify", "doctor",
)  # fmt: skip


def paths(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from paths(command, *above, name)


def test_help_lists_every_command_with_one_line_each(run_anywhere: Run) -> None:
    listed = run_anywhere("--help").stdout.split("Commands:")[1].splitlines()
    told = {" ".join(line.split("  ")[1:2]): line for line in listed if line.strip()}
    assert set(CONTRACT) == set(told)
    assert all(len(line.split("  ", 2)[2].split()) >= 2 and len(line) <= 80 for line in told.values())


@pytest.mark.parametrize("path", list(paths(main)), ids=" ".join)
def test_every_help_shows_an_example(run_anywhere: Run, path: tuple[str, ...]) -> None:
    result = run_anywhere(*path, "--help")
    assert result.exit_code == 0
    assert "Example:\n" in result.stdout
    assert f"helpdesk {path[0]}" in result.stdout or "helpdesk --env" in result.stdout


MISTAKES = {
    "unknown command": ("nonsense",),
    "unknown option": ("sla", "sweep", "--nonsense"),
    "missing argument": ("sla", "explain"),
    "unknown role": ("user", "add", "a@contoh.id", "--role", "boss"),
    "not an address": ("user", "add", "nobody", "--role", "agent"),
    "unknown team": ("user", "add", "a@contoh.id", "--role", "agent", "--team", "none"),
    "unknown unit": ("user", "add", "a@contoh.id", "--role", "agent", "--unit", "none"),
    "a unit that is not there": ("unit", "set", "none", "--remote"),
    "unknown account": ("user", "disable", "nobody@contoh.id"),
    "a template that is not there": ("template", "state", "HX1", "paused", "--language", "id"),
    "no Content SID": ("template", "add", "HX1", "--language", "id", "--name", "kabar"),
    "unknown token": ("token", "revoke", "none"),
    "a token without a name": ("token", "add", "--scope", "app", "--name", " "),
    "no instant": ("sla", "sweep", "--now", ""),
    "not an instant": ("sla", "sweep", "--now", "tomorrow"),
    "an instant out of range": ("sla", "sweep", "--now", "0001-01-01T00:00:00+14:00"),
    "not a ticket number": ("sla", "explain", "abc"),
    "unknown ticket": ("sla", "explain", "4821-9375"),
    "missing policies": ("sla", "policy", "check", "no-such-file.yaml"),
    "no reason to move promises": ("sla", "recompute", "--reason", " "),
    "recompute of an unknown ticket": ("sla", "recompute", "--dry-run", "--ticket", "4821-9375"),
    "missing texts": ("texts", "check", "no-such-file.yaml"),
    "unknown text": ("texts", "show", "T99"),
    "missing file": ("matrix", "check", "no-such-file.yaml"),
    "a folder for a file": ("matrix", "publish", "."),
    "unknown event": ("inbox", "replay", "7"),
    "an event id that no database holds": ("inbox", "replay", "9" * 23),
    "not an event id": ("inbox", "replay", "first"),
    "not a period": ("report", "ojk", "--period", "2026H3"),
    "no folder for the workbook": ("report", "ojk", "--period", "2026H2", "-o", "no-such-folder/x.xlsx"),
    "too many weeks": ("report", "trends", "--weeks", "99"),
    "unknown category": ("report", "trends", "--category", "NONE"),
    "unknown contact": ("privacy", "export", "081234567890"),
    "no folder for the backup": ("db", "backup", "no-such-folder/x.db"),
    "not an address to listen on": ("serve", "--bind", "everywhere"),
    "a host that does not exist": ("serve", "--bind", "256.1.1.1:8000"),
}


@pytest.mark.parametrize("args", MISTAKES.values(), ids=MISTAKES.keys())
def test_wrong_input_is_one_clear_line_and_status_2(
    run_anywhere: Run, spare_env: Path, args: tuple[str, ...]
) -> None:
    result = run_anywhere("--env", str(spare_env), *args)
    assert is_one_clear_line(result), (result.stdout, result.stderr, result.exception)


@pytest.mark.parametrize(
    "command", [("user", "list"), ("doctor",), ("serve",), ("matrix", "show")], ids=" ".join
)
@pytest.mark.parametrize("name", ["no-such.env", "."], ids=["nothing there", "a folder"])
def test_a_missing_settings_file_is_named(run_anywhere: Run, name: str, command: tuple[str, ...]) -> None:
    result = run_anywhere("--env", name, *command)
    assert is_one_clear_line(result)
    assert f"'{name}'" in result.stderr


def test_all_wrong_settings_are_named_at_once(run_anywhere: Run, tmp_path: Path) -> None:
    wrong = {"SECRET_KEY": "", "TIMEZONE": "Mars", "TRUSTED_PROXIES": "many"}
    half = {"TWILIO_ACCOUNT_SID": "AC1", "TELEGRAM_WEBHOOK_SECRET": "rahasia"}
    env = write_env(tmp_path / "bad.env", "mysql://x", **wrong, **half)
    result = run_anywhere("--env", str(env), "user", "list")
    assert is_one_clear_line(result)
    for name in (
        "DATABASE_URL",
        *wrong,
        "TWILIO_AUTH_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "TELEGRAM_BOT_TOKEN",
    ):
        assert f"HELPDESK_{name}" in result.stderr


ADDRESSES = {
    "nobody listens": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    "unknown driver": "postgresql+nonsense://127.0.0.1/none",
    "no folder can be made": "sqlite:////proc/none/x.db",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize(
    "command", [("user", "list"), ("db", "upgrade"), ("db", "check"), ("serve",)], ids=" ".join
)
def test_a_database_that_cannot_be_reached_is_one_clear_line(
    run_anywhere: Run, tmp_path: Path, address: str, command: tuple[str, ...]
) -> None:
    env = write_env(tmp_path / "away.env", address)
    assert is_one_clear_line(run_anywhere("--env", str(env), *command))


def test_an_empty_database_is_told_to_be_upgraded(run_anywhere: Run, tmp_path: Path) -> None:
    env = write_env(tmp_path / "empty.env", f"sqlite:///{tmp_path}/empty.db")
    for command in (("user", "list"), ("serve",), ("worker",)):
        result = run_anywhere("--env", str(env), *command)
        assert is_one_clear_line(result)
        assert "helpdesk db upgrade" in result.stderr


def test_a_worker_that_cannot_start_leaves_no_signal_blocked(run_anywhere: Run, tmp_path: Path) -> None:
    env = write_env(tmp_path / "empty.env", f"sqlite:///{tmp_path}/empty.db")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert run_anywhere("--env", str(env), "worker").exit_code == 2
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_more_than_one_web_process_is_refused_on_sqlite(run_anywhere: Run, tmp_path: Path) -> None:
    env = write_env(tmp_path / "small.env", f"sqlite:///{tmp_path}/small.db")
    result = run_anywhere("--env", str(env), "serve", "--workers", "2")
    assert is_one_clear_line(result)
    assert "SQLite" in result.stderr


def test_several_faults_of_a_file_stand_apart_on_their_line(run_anywhere: Run, tmp_path: Path) -> None:
    file = tmp_path / "matrix.yaml"
    file.write_text("a: 1\nversion: 1\n", encoding="utf-8")
    result = run_anywhere("matrix", "check", str(file))
    assert is_one_clear_line(result)
    assert "unknown key a; " in result.stderr
