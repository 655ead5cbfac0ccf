"""Settings from the environment: each with type, unit and default; one error names all that are wrong."""

from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from helpdesk.domain.errors import ConfigurationError

PREFIX = "HELPDESK_"
_GOES_WITH = {
    "twilio_auth_token": "twilio_account_sid",
    "telegram_webhook_secret": "telegram_bot_token",
    "meta_phone_number_id": "meta_access_token",
    "meta_app_secret": "meta_access_token",
    "meta_verify_token": "meta_access_token",
    "smtp_from": "smtp_host",
    "smtp_password": "smtp_username",
}
"""Each setting and what is of no use without it; the latter stands first in the class."""
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """All settings. The environment wins over the env file; README.md lists them (tests/test_docs.py)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", env_file_encoding="utf-8", frozen=True
    )

    secret_key: str = Field(
        min_length=1, description="Signs sessions and forms; 32 random characters or more"
    )
    encryption_keys: str = Field(
        min_length=1,
        description="Keys for personal data, newest first, separated by commas; old ones still decrypt",
    )
    database_url: str = Field(
        "sqlite:///var/helpdesk.db", description="SQLite file or postgresql+psycopg://…"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Address under which the outside reaches us")
    brand: str = Field("Amanah", max_length=14, description="Name in texts to Mitra; 14 characters at most")
    timezone: str = Field("Asia/Jakarta", description="Zone of head office and of points without their own")
    storage_dir: Path = Field(Path("var/storage"), description="Folder for encrypted attachments")
    contact_phone: str = Field("0800 100 2030", description="Free phone number in texts to Mitra")
    urgent_phone: str = Field("0800 100 2031", description="Number for urgent help, shown with 112")
    contact_hours: str = Field("08.00-17.00", description="Call-centre hours in texts to Mitra, local time")
    max_upload_mb: int = Field(8, ge=1, le=50, description="Largest file taken by forms and the API, in MB")
    twilio_account_sid: str | None = Field(
        None, description="Twilio account; with the token turns WhatsApp/SMS on"
    )
    twilio_auth_token: str | None = Field(
        None, validate_default=True, description="Twilio tokens, primary first, separated by commas"
    )
    twilio_whatsapp_from: str | None = Field(None, description="WhatsApp sender, e.g. whatsapp:+62…")
    twilio_sms_from: str | None = Field(None, description="SMS sender number")
    twilio_api_base: str = Field(
        "https://api.twilio.com", description="Twilio's API, or a stand-in for tests"
    )
    telegram_bot_token: str | None = Field(None, description="Bot token; with the secret turns Telegram on")
    telegram_bot_name: str | None = Field(
        None,
        pattern="^[A-Za-z][A-Za-z0-9_]{4,31}$",
        description="User name of the bot without @, for poster, leaflet and the page about complaining",
    )
    telegram_mode: str = Field(
        "webhook",
        pattern="^(webhook|polling)$",
        description="webhook, or polling: the worker asks Telegram, no public address is needed",
    )
    telegram_webhook_secret: str | None = Field(
        None, validate_default=True, description="Secret that Telegram repeats in each request"
    )
    telegram_api_base: str = Field("https://api.telegram.org", description="Telegram's API, or a stand-in")
    meta_access_token: str | None = Field(
        None, description="Meta's token; with the three that follow it carries WhatsApp instead of Twilio"
    )
    meta_phone_number_id: str | None = Field(
        None, validate_default=True, description="Meta's id of our WhatsApp number"
    )
    meta_app_secret: str | None = Field(
        None, validate_default=True, description="App secrets that sign webhooks, separated by commas"
    )
    meta_verify_token: str | None = Field(
        None, validate_default=True, description="Word of ours that Meta repeats when it sets up the webhook"
    )
    meta_whatsapp_number: str | None = Field(None, description="That number as people dial it, +62…")
    meta_api_base: str = Field(
        "https://graph.facebook.com/v24.0", description="Meta's API with its version, or a stand-in"
    )
    smtp_host: str | None = Field(None, description="Mail server for notices to staff; empty: no e-mail")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    smtp_security: str = Field(
        "starttls", pattern="^(none|starttls|tls)$", description="none, starttls, or tls from the first byte"
    )
    smtp_from: str | None = Field(
        None, validate_default=True, description="Sender of notices: an address, or Name <address>"
    )
    smtp_username: str | None = Field(None, description="Account at the mail server, where it asks for one")
    smtp_password: str | None = Field(
        None, validate_default=True, description="Its password; never sent without TLS to another machine"
    )
    trusted_proxies: int = Field(0, ge=0, le=10, description="Number of reverse proxies in front (count)")
    log_format: str = Field("text", pattern="^(text|json)$", description="text or json")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe log line kept"
    )

    @classmethod
    def from_env(cls, env_file: str | Path | None = None) -> "Settings":
        """Read the environment and `env_file` (default `.env`). Raises ConfigurationError naming every fault."""
        if env_file is not None and not Path(env_file).is_file():
            raise ConfigurationError(f"settings file {env_file} does not exist")
        try:
            return cls(_env_file=env_file or ".env")  # type: ignore[call-arg]
        except ValidationError as error:
            raise ConfigurationError(_all_faults(error)) from None

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object, info: object) -> object:
        name = getattr(info, "field_name", "")
        if value == "" and name in cls.model_fields and not cls.model_fields[name].is_required():
            return cls.model_fields[name].default
        return value

    @field_validator("public_url", "twilio_api_base", "telegram_api_base", "meta_api_base")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"unknown time zone {value!r}") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite://", "postgresql")):
            raise ValueError("must be sqlite:///… or postgresql+psycopg://…")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_mail_address(cls, value: str | None) -> str | None:
        user, _, domain = parseaddr(value or "")[1].rpartition("@")
        if value and not (user and domain and (user + domain).isascii()):
            raise ValueError("must be an e-mail address, or Name <address>")
        return value

    @field_validator("smtp_password")
    @classmethod
    def _password_is_not_heard(cls, value: str | None, info: ValidationInfo) -> str | None:
        is_open = info.data.get("smtp_security") == "none"
        if value and is_open and info.data.get("smtp_host") not in _THIS_MACHINE:
            raise ValueError(f"would be sent readable: {PREFIX}SMTP_SECURITY must be starttls or tls")
        return value

    @field_validator(*_GOES_WITH)
    @classmethod
    def _channel_is_whole(cls, value: str | None, info: ValidationInfo) -> str | None:
        """A half-configured channel would fail silently at the first message: refuse to start (channels.md F12).

        At the field, not at the model: that would be looked at only once all else is right.
        """
        other = _GOES_WITH[info.field_name or ""]
        if info.field_name == "telegram_webhook_secret" and info.data.get("telegram_mode") == "polling":
            return value  # nobody calls us
        if bool(value) != bool(info.data.get(other)):
            raise ValueError(f"goes with {PREFIX}{other.upper()}: give both or neither")
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """Zone of head office."""
        return ZoneInfo(self.timezone)

    @property
    def whatsapp_number(self) -> str:
        """Our number on WhatsApp as people dial it; empty where it is not known."""
        sender = self.meta_whatsapp_number if self.meta_access_token else self.twilio_whatsapp_from
        return (sender or "").removeprefix("whatsapp:")

    @property
    def is_https(self) -> bool:
        """Whether the outside reaches us over TLS."""
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def encryption_key_list(self) -> tuple[str, ...]:
        """Encryption keys, newest first."""
        return tuple(key.strip() for key in self.encryption_keys.split(",") if key.strip())


def _all_faults(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in fault["loc"]).upper()
        message = fault["msg"].removeprefix("Value error, ")
        lines.append(f"{PREFIX}{name}: {message}" if name else message)
    return "wrong settings: " + "; ".join(lines)
