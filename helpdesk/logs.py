"""Logging: one event with ids as fields, as text or JSON; secrets and phone numbers never get through."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from helpdesk.config import Settings

_SECRETS = (
    (re.compile(r"/bot\d+:[A-Za-z0-9_-]+"), "/bot[token]"),
    (re.compile(r"(?<![\w-])\+?62\d{8,12}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)\d{16}(?!\d)"), "[16 digits]"),
    (re.compile(r"hd_(app|staff|reporting)_[A-Za-z0-9_-]+"), "[api token]"),
    # PostgreSQL quotes there the key or the whole row that it refused.
    (re.compile(r"DETAIL:.*?(?=\n\n|\n\[SQL|\Z)", re.DOTALL), "DETAIL: [hidden]"),
)


def configure_logging(settings: Settings) -> None:
    """Send all log lines to standard error in the configured form; may be called again."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [known for known in root.handlers if getattr(known, "is_ours", False)]:
        root.removeHandler(old)
    handler.is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    # These log addresses with tokens, or a line per tick (channels.md A2).
    for noisy in ("httpx", "httpcore", "telegram", "twilio.http_client", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A tick that finds the last one still at work is skipped by design: the next one is seconds away.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def redacted(_logger: object, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of every string of a log line; the last processor before rendering."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = clean(value)
    return line


def clean(text: str) -> str:
    """Return `text` without tokens, phone numbers and 16-digit numbers."""
    for pattern, mark in _SECRETS:
        text = pattern.sub(mark, text)
    return text
