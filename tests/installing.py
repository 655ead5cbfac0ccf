"""Settings and the hour of a test installation. A module of its own: several folders have a conftest."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.config import Settings

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 10.00 WIB."""

KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktMTIzNDU="


class Clock:
    """A time of day that passes when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        """Let so much time pass."""
        self.now += timedelta(**span)


def settings_for(url: str, folder: Path, **changes: object) -> Settings:
    """Settings of a test installation; the environment of the machine has no say."""
    values: dict[str, object] = {
        "secret_key": "test-secret-test-secret-test-secret",
        "encryption_keys": KEY,
        "database_url": url,
        "storage_dir": folder / "storage",
    }
    return Settings.model_validate(values | changes)


def postgres_url(uri: str, database: str) -> str:
    """SQLAlchemy address of `database` on the test server."""
    base, _, query = uri.replace("postgresql://", "postgresql+psycopg://").partition("?")
    return f"{base.rsplit('/', 1)[0]}/{database}?{query}"
