"""Setting up and looking after an installation: database, accounts, tokens, doctor."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from factories import make_ticket
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from helpdesk.crypto import token_hash
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import ApiToken, User
from helpdesk.models.sla import Holiday
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.services import channel_alarms
from helpdesk.services.accounts import authenticate
from helpdesk.wallclock import utc_now

from .runs import Run, is_one_clear_line, write_env

PASSWORD = "a-password-of-length"


def test_upgrade_makes_an_installation_from_nothing_and_may_be_repeated(
    run_anywhere: Run, tmp_path: Path
) -> None:
    env = str(write_env(tmp_path / "new.env", f"sqlite:///{tmp_path}/var/new.db"))
    for _ in range(2):
        assert run_anywhere("--env", env, "db", "upgrade").exit_code == 0
    assert run_anywhere("--env", env, "db", "check").exit_code == 0
    assert run_anywhere("--env", env, "matrix", "show").stdout.startswith("# Severity matrix")


def test_check_names_what_differs_and_fails(run: Run, rt: Runtime) -> None:
    assert run("db", "check").exit_code == 0
    with rt.engine.begin() as connection:
        connection.execute(text("DROP TABLE notice_deliveries"))
    result = run("db", "check")
    assert result.exit_code == 1
    assert "notice_deliveries" in result.stdout


def test_a_backup_is_a_whole_database_that_opens(run_anywhere: Run, spare_env: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    assert run_anywhere("--env", str(spare_env), "db", "backup", str(target)).exit_code == 0
    copy = sqlite3.connect(target)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert copy.execute("SELECT count(*) FROM categories").fetchone()[0] > 10
    copy.close()
    assert target.stat().st_mode & 0o077 == 0
    again = run_anywhere("--env", str(spare_env), "db", "backup", str(target))
    assert is_one_clear_line(again)
    assert "exists already" in again.stderr


def test_a_postgres_backup_without_pg_dump_says_what_is_missing(
    run_anywhere: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = write_env(tmp_path / "pg.env", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run_anywhere("--env", str(env), "db", "backup", str(tmp_path / "backup.dump"))
    assert is_one_clear_line(result)
    assert "pg_dump" in result.stderr
    assert list(tmp_path.glob("*backup*")) == []


PG_DUMP = """#!/bin/sh
for word in "$@"; do
  case "$word" in
    --file=*) echo "$PGPASSWORD $@" > "${word#--file=}" ;;
  esac
done
"""


def test_a_postgres_backup_hands_the_password_to_pg_dump_out_of_sight(
    run_anywhere: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(PG_DUMP)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    env = write_env(tmp_path / "pg.env", "postgresql+psycopg://me:hush@db.contoh.id/aduan?sslmode=require")
    target = tmp_path / "backup.dump"
    result = run_anywhere("--env", str(env), "db", "backup", str(target))
    assert result.exit_code == 0, result.stderr
    password, *arguments = target.read_text().split()
    assert password == "hush"
    assert "--dbname=postgresql://me@db.contoh.id/aduan?sslmode=require" in arguments
    assert "hush" not in " ".join(arguments)


def test_an_account_signs_in_with_the_password_that_was_shown_once(run: Run, rt: Runtime) -> None:
    shown = run("user", "add", "Budi@contoh.id", "--role", "agent", "--name", "Budi", "--team", "pembayaran")
    assert shown.exit_code == 0
    password = shown.stdout.splitlines()[-1]
    assert rt.read(lambda session: authenticate(session, "budi@contoh.id", password)) is not None
    listed = run("user", "list").stdout
    assert "budi@contoh.id" in listed
    assert "pembayaran" in listed
    assert password not in listed


def test_a_password_from_standard_input_is_not_shown(run: Run, rt: Runtime) -> None:
    args = ("user", "add", "siti@contoh.id", "--role", "supervisor", "--password-stdin")
    result = run(*args, typed=f"{PASSWORD}\n")
    assert PASSWORD not in result.stdout + result.stderr
    assert rt.read(lambda session: authenticate(session, "siti@contoh.id", PASSWORD)) is not None
    assert is_one_clear_line(run(*args, typed=f"{PASSWORD}\n"))  # the address is taken


def test_a_short_password_is_refused(run: Run) -> None:
    result = run("user", "add", "a@contoh.id", "--role", "agent", "--password-stdin", typed="short\n")
    assert is_one_clear_line(result)
    assert "12" in result.stderr


def test_a_reset_password_replaces_the_old_one_and_a_disabled_account_is_shut(run: Run, rt: Runtime) -> None:
    run("user", "add", "a@contoh.id", "--role", "agent", "--password-stdin", typed=f"{PASSWORD}\n")
    new = run("user", "reset-password", "a@contoh.id").stdout.splitlines()[-1]
    assert rt.read(lambda session: authenticate(session, "a@contoh.id", PASSWORD)) is None
    assert rt.read(lambda session: authenticate(session, "a@contoh.id", new)) is not None
    assert run("user", "disable", "a@contoh.id").exit_code == 0
    assert rt.read(lambda session: authenticate(session, "a@contoh.id", new)) is None
    assert "disabled" in run("user", "list").stdout


def owner_scope(session: Session, token: str) -> str | None:
    live = select(ApiToken.scope).where(ApiToken.revoked_at.is_(None))
    return session.scalar(live.where(ApiToken.token_hash == token_hash(token)))


def test_a_token_stands_alone_on_the_last_line_and_is_stored_as_a_hash(run: Run, rt: Runtime) -> None:
    shown = run("token", "add", "--scope", "staff", "--name", "bot").stdout.splitlines()[-1]
    assert shown.split() == [shown]
    assert rt.read(lambda session: owner_scope(session, shown)) == "staff"
    assert rt.read(lambda session: session.scalars(select(ApiToken.token_hash)).one()) != shown
    assert shown not in run("token", "list").stdout
    assert run("token", "revoke", "bot").exit_code == 0
    assert rt.read(lambda session: owner_scope(session, shown)) is None
    assert "revoked" in run("token", "list").stdout


def test_what_the_operator_does_is_in_the_audit_trail(run: Run, rt: Runtime) -> None:
    run("user", "add", "a@contoh.id", "--role", "agent")
    run("token", "add", "--scope", "app", "--name", "app")
    found = rt.read(
        lambda session: session.execute(
            select(AuditEntry.kind, AuditEntry.actor).order_by(AuditEntry.id)
        ).all()
    )
    assert [tuple(row) for row in found] == [("user_added", "cli"), ("token_added", "cli")]
    assert rt.read(lambda session: session.scalars(select(User.email)).all()) == ["a@contoh.id"]


def lines_of(output: str) -> dict[str, str]:
    """{what was checked: verdict} of doctor's lines."""
    return {line[6:17].strip(): line[:6].strip() for line in reversed(output.splitlines())}


def test_doctor_finds_a_whole_installation_well_and_an_off_channel_no_fault(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert lines_of(result.stdout) == {
        "settings": "ok", "database": "ok", "encryption": "ok", "storage": "ok", "media": "ok", "schema": "ok",
        "keys": "ok", "clock": "ok", "policies": "ok", "texts": "ok", "worker": "note", "holidays": "ok",
        "whatsapp": "off", "sms": "off", "telegram": "off", "e-mail": "off",
    }  # fmt: skip


def test_doctor_says_what_is_on_and_what_twilio_does_not_offer(
    run_anywhere: Run, rt: Runtime, tmp_path: Path
) -> None:
    env = write_env(
        tmp_path / "on.env", rt.settings.database_url, TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="t",
        TWILIO_SMS_FROM="+6221555000100", PUBLIC_URL="https://aduan.contoh.id",
        TWILIO_WHATSAPP_FROM="whatsapp:+6221555000101",
    )  # fmt: skip
    result = run_anywhere("--env", str(env), "doctor")
    assert result.exit_code == 0
    assert "ok    sms        on, webhook https://aduan.contoh.id/webhooks/sms" in result.stdout
    assert "no two-way SMS in Indonesia" in result.stdout
    assert "note  buttons    22 of 22 set(s) are not sent (the worker has not asked yet)" in result.stdout
    assert "note  templates  T22 is not in use in id, en: answers after 24 hours wait" in result.stdout


def test_doctor_says_by_which_server_notices_go(run_anywhere: Run, rt: Runtime, tmp_path: Path) -> None:
    env = write_env(
        tmp_path / "mail.env", rt.settings.database_url, SMTP_HOST="pos.contoh.id",
        SMTP_FROM="Amanah <jangan-balas@contoh.id>", SMTP_USERNAME="amanah", SMTP_PASSWORD="rahasia-pos",
    )  # fmt: skip
    result = run_anywhere("--env", str(env), "doctor")
    assert result.exit_code == 0
    assert "ok    e-mail     on, pos.contoh.id:587, starttls" in result.stdout
    assert "rahasia-pos" not in result.stdout


def test_doctor_says_which_channel_its_provider_refuses(run: Run, rt: Runtime) -> None:
    def write(session: Session) -> None:
        for fault in (ChannelFault.AUTH, ChannelFault.TEMPLATE):
            channel_alarms.note(session, ChannelCode.WHATSAPP, fault, code="1", now=utc_now())

    rt.write(write)
    result = run("doctor")
    assert result.exit_code == 1
    assert "FAULT whatsapp   the provider refuses our token: nothing goes out (1, 1 since" in result.stdout
    assert "note  whatsapp   a template is missing or paused" in result.stdout


def test_doctor_remarks_on_a_year_without_cuti_bersama(run: Run, rt: Runtime) -> None:
    rt.write(lambda session: session.execute(delete(Holiday).where(Holiday.kind == "cuti_bersama")))
    result = run("doctor")
    assert result.exit_code == 0
    assert lines_of(result.stdout)["holidays"] == "note"
    assert "no cuti bersama in 20" in result.stdout


def test_doctor_names_a_lost_encryption_key(run_anywhere: Run, rt: Runtime, tmp_path: Path) -> None:
    env = write_env(
        tmp_path / "lost.env", rt.settings.database_url, ENCRYPTION_KEYS="another-key-another-key"
    )
    result = run_anywhere("--env", str(env), "doctor")
    assert result.exit_code == 1
    assert lines_of(result.stdout)["keys"] == "FAULT"


def test_a_service_with_a_lost_encryption_key_does_not_start(
    run_anywhere: Run, rt: Runtime, tmp_path: Path
) -> None:
    env = write_env(
        tmp_path / "lost.env", rt.settings.database_url, ENCRYPTION_KEYS="another-key-another-key"
    )
    result = run_anywhere("--env", str(env), "serve", "--bind", "127.0.0.1:0")
    assert is_one_clear_line(result)
    assert "an encryption key is missing" in result.stderr


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"TIMEZONE": "Mars"}, "settings"),
        ({"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}, "database"),
        ({"DATABASE_URL": "sqlite:///{folder}/empty.db"}, "schema"),
        ({"STORAGE_DIR": "/proc/none"}, "storage"),
    ],
    ids=["a wrong setting", "a database that is away", "an old schema", "a folder that cannot be written"],
)
def test_doctor_fails_on_a_fault_and_says_which(
    run_anywhere: Run, tmp_path: Path, changes: dict[str, str], what: str
) -> None:
    values = {name: value.format(folder=tmp_path) for name, value in changes.items()}
    address = values.pop("DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    result = run_anywhere("--env", str(write_env(tmp_path / "ill.env", address, **values)), "doctor")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert lines_of(result.stdout)[what] == "FAULT"


def test_doctor_takes_a_clock_that_went_back_for_a_fault(run: Run, rt: Runtime) -> None:
    rt.write(lambda session: make_ticket(session, created_at=utc_now() + timedelta(days=1)))
    result = run("doctor")
    assert result.exit_code == 1
    assert lines_of(result.stdout)["clock"] == "FAULT"
