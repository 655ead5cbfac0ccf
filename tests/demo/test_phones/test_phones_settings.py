"""The simulator reads the demo's settings and starts and ends as a well-behaved process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from helpdesk.demo.phones.__main__ import main
from helpdesk.demo.phones.settings import merged_environment, settings_from
from helpdesk.domain.errors import ConfigurationError

ENV = """
# the demo's settings
HELPDESK_PUBLIC_URL="https://layanan.example/"
HELPDESK_TWILIO_ACCOUNT_SID=AC1
export HELPDESK_TWILIO_AUTH_TOKEN='new,old'
HELPDESK_TWILIO_WHATSAPP_FROM=whatsapp:+14155238886
HELPDESK_TELEGRAM_BOT_TOKEN=42:abc=
HELPDESK_TELEGRAM_WEBHOOK_SECRET=s
"""


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TELEGRAM_BOT_TOKEN", "BRAND"):
        monkeypatch.delenv(f"HELPDESK_{name}", raising=False)
    path = tmp_path / "demo.env"
    path.write_text(ENV, encoding="utf-8")
    return path


def test_settings_come_from_the_file_and_the_environment_wins(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPDESK_BRAND", "Melati")
    settings = settings_from(merged_environment(env_file), app_url="http://127.0.0.1:8000/", port=8001)
    assert (settings.app_url, settings.public_url) == ("http://127.0.0.1:8000", "https://layanan.example")
    assert (settings.auth_tokens, settings.telegram_bot_token) == (("new", "old"), "42:abc=")
    assert (settings.twilio_whatsapp_from, settings.brand) == ("+14155238886", "Melati")


def test_all_missing_settings_are_named_together() -> None:
    with pytest.raises(ConfigurationError, match=r"TWILIO_ACCOUNT_SID.*TELEGRAM_WEBHOOK_SECRET"):
        settings_from({}, app_url="http://127.0.0.1:8000", port=0)


def test_a_missing_file_ends_with_status_2_and_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--env", str(tmp_path / "none.env")])
    assert result.exit_code == 2
    assert "none.env does not exist" in result.output


@pytest.mark.process
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_the_process_serves_until_it_is_told_to_stop(env_file: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-m", "helpdesk.demo.phones", "--port", "0", "--env", str(env_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Phone simulator: ").strip()
        assert requests.get(f"{address}/healthz", timeout=10).json() == {"status": "ok"}
        process.send_signal(end)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")
