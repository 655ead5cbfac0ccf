"""What the phone simulator must know: the app's address and the credentials both sides share."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpdesk.domain.errors import ConfigurationError
from helpdesk.wallclock import utc_now

PREFIX = "HELPDESK_"
_REQUIRED = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TELEGRAM_BOT_TOKEN")


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """Everything the simulator is started with. Times are in seconds."""

    app_url: str
    """Where webhooks are posted; only the host differs from `public_url`, which is what is signed."""
    public_url: str
    twilio_account_sid: str
    twilio_auth_token: str
    """One token, or several separated by commas: the first one signs, all of them are let in."""
    telegram_bot_token: str
    telegram_webhook_secret: str
    is_telegram_polled: bool = False
    """The app asks for updates; nobody calls it."""
    twilio_whatsapp_from: str = "+14155238886"
    twilio_sms_from: str = "+15005550006"
    media_base_url: str = ""
    """TWILIO_API_BASE as the app knows it, for media addresses; empty means this server's own address."""
    host: str = "127.0.0.1"
    port: int = 0
    brand: str = "Amanah"
    timezone: str = "Asia/Jakarta"
    status_delay_seconds: float = 0.3
    """Between an accepted send and `sent`, and between each later status."""
    webhook_timeout_seconds: float = 15.0
    """Twilio's own limit (channels.md A1.3)."""
    retry_delay_seconds: float = 0.3
    """Before the one repeat of a webhook that found no server."""
    keep: int = 5000
    """Messages kept; older ones are forgotten. Nothing survives the process."""
    now: Callable[[], datetime] = utc_now

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        return tuple(token.strip() for token in self.twilio_auth_token.split(",") if token.strip())


def read_env_file(path: Path) -> dict[str, str]:
    """Return the settings of a `NAME=value` file; comments are skipped, quotes are taken off."""
    if not path.is_file():
        raise ConfigurationError(f"settings file {path} does not exist")
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            found[name.strip()] = _unquoted(value.strip())
    return found


def settings_from(
    values: Mapping[str, str],
    *,
    app_url: str,
    port: int,
    host: str = "127.0.0.1",
    status_delay_seconds: float = 0.3,
) -> PhoneSettings:
    """Build the settings from HELPDESK_* values. Raises ConfigurationError naming all that are missing."""
    is_polled = values.get(PREFIX + "TELEGRAM_MODE") == "polling"
    required = _REQUIRED if is_polled else (*_REQUIRED, "TELEGRAM_WEBHOOK_SECRET")
    missing = [PREFIX + name for name in required if not values.get(PREFIX + name)]
    if missing:
        raise ConfigurationError("missing settings: " + ", ".join(missing))

    def value(name: str, default: str = "") -> str:
        return values.get(PREFIX + name) or default

    return PhoneSettings(
        app_url=app_url.rstrip("/"),
        public_url=value("PUBLIC_URL", app_url).rstrip("/"),
        twilio_account_sid=value("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=value("TWILIO_AUTH_TOKEN"),
        telegram_bot_token=value("TELEGRAM_BOT_TOKEN"),
        telegram_webhook_secret=value("TELEGRAM_WEBHOOK_SECRET"),
        is_telegram_polled=is_polled,
        twilio_whatsapp_from=value("TWILIO_WHATSAPP_FROM", "+14155238886").removeprefix("whatsapp:"),
        twilio_sms_from=value("TWILIO_SMS_FROM", "+15005550006"),
        media_base_url=value("TWILIO_API_BASE").rstrip("/"),
        host=host,
        port=port,
        brand=value("BRAND", "Amanah"),
        timezone=value("TIMEZONE", "Asia/Jakarta"),
        status_delay_seconds=status_delay_seconds,
    )


def merged_environment(env_file: Path | None) -> dict[str, str]:
    """Return the file's settings with the environment's on top."""
    from_file = read_env_file(env_file) if env_file else {}
    return {
        **from_file,
        **{name: text for name, text in os.environ.items() if text and name.startswith(PREFIX)},
    }


def _unquoted(value: str) -> str:
    is_quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value
