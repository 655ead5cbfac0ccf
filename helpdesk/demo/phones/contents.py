"""What the simulated Twilio keeps as Content: buttons and lists, and the templates of the sample world."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.demo.phones.state import Button
from helpdesk.domain.wording import Language

QUICK_REPLY, LIST_PICKER, TEXT = "twilio/quick-reply", "twilio/list-picker", "twilio/text"
_LIMITS = {"body": 1024, "title": 20, "button": 20, "item": 24, "description": 72, "id": 200}
_MOST = {QUICK_REPLY: ("actions", 3), LIST_PICKER: ("items", 10)}
"""Without WhatsApp's approval (Twilio, twilio/quick-reply, read 2026-11)."""
_NEEDED = {QUICK_REPLY: ("type", "title", "id"), LIST_PICKER: ("id", "item", "description")}
_MAX_VALUE = 1600
BODIES = {
    Language.ID: "Ibu {{1}}, ada kabar untuk pengaduan nomor {{2}}. Balas YA untuk membaca kabarnya.",
    Language.EN: "Hello {{1}}, there is news for complaint number {{2}}. Reply YES to read it.",
}
"""The templates that the sample world registers."""
_SAMPLES = tuple(
    ("HX" + str(digit) * 32, language, BODIES[language]) for digit, language in enumerate(Language, 1)
)


class BadContent(ValueError):
    """Twilio would refuse this Content; the text says why."""


class BadVariables(ValueError):
    """ContentVariables is no JSON object of strings that say something (21656)."""


@dataclass(frozen=True, slots=True)
class Content:
    """One Content resource."""

    sid: str
    name: str
    language: str
    variables: Mapping[str, str]
    types: Mapping[str, dict[str, object]]
    at: datetime
    approval: str = "unsubmitted"

    @property
    def _shown(self) -> tuple[str, dict[str, object]]:
        return next(iter(self.types.items()))

    @property
    def list_title(self) -> str:
        kind, shown = self._shown
        return str(shown["button"]) if kind == LIST_PICKER else ""

    @property
    def buttons(self) -> tuple[Button, ...]:
        kind, shown = self._shown
        if kind == LIST_PICKER:
            rows = _dicts(shown["items"])
            return tuple(Button(row["item"], "row", row["id"], row.get("description", "")) for row in rows)
        keys = _dicts(shown["actions"]) if kind == QUICK_REPLY else []
        return tuple(Button(key["title"], "reply", key["id"]) for key in keys)

    def text(self, given: str) -> str:
        """Return the body with its variables filled. Raises BadVariables."""
        values = {**self.variables, **_variables(given)}
        body = str(self._shown[1]["body"])
        text = re.sub(r"\{\{(\w+)\}\}", lambda match: values.get(match[1], match[0]), body)
        if self.buttons and len(text) > _LIMITS["body"]:
            raise BadVariables
        return text


class ContentBook:
    """All contents of the account. Safe to use from many threads."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._contents: dict[str, Content] = {}
        for sid, language, body in _SAMPLES:
            kept: dict[str, dict[str, object]] = {TEXT: {"body": body}}
            self._contents[sid] = Content(sid, f"kabar_{language}", language, {}, kept, now(), "approved")

    def get(self, sid: str) -> Content | None:
        with self._lock:
            return self._contents.get(sid)

    def all(self) -> list[Content]:
        with self._lock:
            return list(self._contents.values())

    def create(self, given: object) -> Content:
        """Keep what a client asks for; a name may come twice. Raises BadContent."""
        if not isinstance(given, dict) or not given.get("language"):
            raise BadContent("language is required")
        types = given.get("types")
        if not isinstance(types, dict) or not types or not all(isinstance(t, dict) for t in types.values()):
            raise BadContent("types must hold contents")
        for kind, shown in types.items():
            _check(kind, shown)
        content = Content(
            "HX" + uuid.uuid4().hex, str(given.get("friendly_name") or ""), str(given["language"]),
            dict(given.get("variables") or {}), types, self._now(),
        )  # fmt: skip
        with self._lock:
            self._contents[content.sid] = content
        return content

    def approve(self, sid: str, status: str) -> bool:
        """Let WhatsApp say how a Content stands; False where there is none."""
        with self._lock:
            if sid not in self._contents:
                return False
            self._contents[sid] = replace(self._contents[sid], approval=status)
            return True

    def clear(self) -> None:
        """Forget all but the samples, as after a change of account."""
        samples = {sid for sid, _language, _body in _SAMPLES}
        with self._lock:
            self._contents = {sid: kept for sid, kept in self._contents.items() if sid in samples}


def _check(kind: str, shown: dict[str, object]) -> None:
    if kind not in (*_MOST, TEXT):
        raise BadContent(f"unknown type {kind}")
    _within_limits(
        {"body": shown.get("body"), **({"button": shown.get("button")} if kind == LIST_PICKER else {})}
    )
    if kind == TEXT:
        return
    name, most = _MOST[kind]
    parts = _dicts(shown.get(name))
    if not 1 <= len(parts) <= most:
        raise BadContent(f"{name}: 1 to {most}")
    for part in parts:
        _within_limits({field: part.get(field) for field in _NEEDED[kind]})
    ids = [part["id"] for part in parts]
    if len(set(ids)) < len(ids):
        raise BadContent("ids must differ")


def _within_limits(fields: Mapping[str, object]) -> None:
    for field, value in fields.items():
        if not isinstance(value, str) or not value or len(value) > _LIMITS.get(field, 100):
            raise BadContent(f"{field}: 1 to {_LIMITS.get(field, 100)} characters")


def _dicts(found: object) -> list[dict[str, str]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _variables(given: str) -> dict[str, str]:
    try:
        found = json.loads(given or "{}")
    except ValueError:
        raise BadVariables from None
    if not isinstance(found, dict):
        raise BadVariables
    if not all(isinstance(value, str) and 0 < len(value) <= _MAX_VALUE for value in found.values()):
        raise BadVariables
    return found
