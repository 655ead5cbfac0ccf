"""Settings of the demo: what the environment says wins, keys are kept from the first run."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from dotenv import dotenv_values

VAR = Path("var")
ENV_FILE = VAR / "demo.env"


def demo_settings(port: int, phone_port: int) -> dict[str, str]:
    """Return every HELPDESK_ variable of this run."""
    kept = (
        {name: value for name, value in dotenv_values(ENV_FILE).items() if value} if ENV_FILE.exists() else {}
    )
    phones = f"http://127.0.0.1:{phone_port}"
    made = {
        "HELPDESK_SECRET_KEY": kept.get("HELPDESK_SECRET_KEY") or secrets.token_urlsafe(48),
        "HELPDESK_ENCRYPTION_KEYS": kept.get("HELPDESK_ENCRYPTION_KEYS") or Fernet.generate_key().decode(),
        "HELPDESK_DATABASE_URL": f"sqlite:///{VAR}/demo.db",
        "HELPDESK_STORAGE_DIR": str(VAR / "demo-storage"),
        "HELPDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HELPDESK_TWILIO_ACCOUNT_SID": "ACdemo0000000000000000000000000000",
        "HELPDESK_TWILIO_AUTH_TOKEN": kept.get("HELPDESK_TWILIO_AUTH_TOKEN") or secrets.token_hex(16),
        "HELPDESK_TWILIO_WHATSAPP_FROM": "whatsapp:+6221555000100",
        "HELPDESK_TWILIO_SMS_FROM": "+6221555000100",
        "HELPDESK_TWILIO_API_BASE": phones,
        "HELPDESK_TELEGRAM_BOT_TOKEN": kept.get("HELPDESK_TELEGRAM_BOT_TOKEN")
        or f"7000000001:{secrets.token_hex(18)}",
        "HELPDESK_TELEGRAM_WEBHOOK_SECRET": kept.get("HELPDESK_TELEGRAM_WEBHOOK_SECRET")
        or secrets.token_urlsafe(24),
        "HELPDESK_TELEGRAM_API_BASE": phones,
    }
    given = {name: value for name, value in os.environ.items() if name.startswith("HELPDESK_")}
    return made | given


def write_env_file(values: dict[str, str]) -> None:
    """Write the settings in force for `helpdesk --env var/demo.env …`; readable by its owner alone."""
    VAR.mkdir(exist_ok=True)
    temporary = ENV_FILE.with_suffix(".part")
    temporary.touch(mode=0o600)
    temporary.write_text("".join(f"{name}='{value}'\n" for name, value in sorted(values.items())))
    temporary.rename(ENV_FILE)
