"""Settings of the mail server: what goes with what, all faults at once."""

from pathlib import Path

import pytest

from helpdesk.config import PREFIX, Settings
from helpdesk.domain.errors import ConfigurationError

WHOLE = {
    "SMTP_HOST": "pos.contoh.id",
    "SMTP_FROM": "Amanah <jangan-balas@contoh.id>",
    "SMTP_USERNAME": "amanah",
    "SMTP_PASSWORD": "rahasia-pos",
}


def read(tmp_path: Path, **values: str) -> Settings:
    lines = {"SECRET_KEY": "s" * 40, "ENCRYPTION_KEYS": "k" * 40} | values
    file = tmp_path / "settings.env"
    file.write_text("".join(f"{PREFIX}{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    return Settings.from_env(file)


def test_without_a_host_there_is_no_mail_and_no_fault(tmp_path: Path) -> None:
    settings = read(tmp_path, SMTP_HOST="", SMTP_FROM="", SMTP_PASSWORD="", SMTP_PORT="")
    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == (None, 587, "starttls")


def test_a_whole_server_is_taken(tmp_path: Path) -> None:
    settings = read(tmp_path, **WHOLE, SMTP_SECURITY="tls", SMTP_PORT="465")
    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == ("pos.contoh.id", 465, "tls")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_relay_on_this_machine_may_do_without_tls(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, **(WHOLE | {"SMTP_HOST": host}), SMTP_SECURITY="none").smtp_password


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"SMTP_FROM": ""}, "SMTP_FROM: goes with HELPDESK_SMTP_HOST", id="no sender"),
        pytest.param({"SMTP_HOST": ""}, "SMTP_FROM: goes with HELPDESK_SMTP_HOST", id="no host"),
        pytest.param(
            {"SMTP_PASSWORD": ""}, "SMTP_PASSWORD: goes with HELPDESK_SMTP_USERNAME", id="no password"
        ),
        pytest.param(
            {"SMTP_USERNAME": ""}, "SMTP_PASSWORD: goes with HELPDESK_SMTP_USERNAME", id="no account"
        ),
        pytest.param({"SMTP_FROM": "Amanah"}, "SMTP_FROM: must be an e-mail address", id="no address"),
        pytest.param({"SMTP_PORT": "99999"}, "SMTP_PORT", id="no port"),
        pytest.param({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY", id="no such security"),
        pytest.param(
            {"SMTP_SECURITY": "none"}, "SMTP_PASSWORD: would be sent readable", id="a readable password"
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, change: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        read(tmp_path, **(WHOLE | change))
    assert f"{PREFIX}{fault}" in str(wrong.value)
    assert "rahasia-pos" not in str(wrong.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        read(tmp_path, SMTP_FROM="x", SMTP_PORT="0", SMTP_PASSWORD="p", TIMEZONE="Mars/Olympus")
    text = str(wrong.value)
    assert all(name in text for name in ("SMTP_FROM", "SMTP_PORT", "SMTP_PASSWORD", "TIMEZONE"))
