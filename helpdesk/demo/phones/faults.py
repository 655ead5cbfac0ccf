"""Faults the simulator was told to commit, and how many of each are left."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

_FINAL_STATUSES = ("sent", "delivered", "read", "undelivered", "failed")


class BadFaults(ValueError):
    """The body of POST /faults asks for something there is no fault for."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The names are those of POST /faults (helpdesk/demo/phones/__init__.py explains each)."""

    delay_seconds: float = 0
    fail_next: int = 0
    fail_status: int = 503
    fail_code: int | None = None
    fail_description: str | None = None
    retry_after: int = 1
    drop_connection_next: int = 0
    broken_json_next: int = 0
    accept_before_fault: bool = False
    media_missing_next: int = 0
    repeat_webhooks: int = 0
    reorder_statuses: bool = False
    drop_statuses: bool = False
    drop_inbound: bool = False
    final_status: str | None = None
    error_code: int | None = None


class SendFault(StrEnum):
    """What happens to one send instead of an ordinary answer."""

    FAIL = "fail_next"
    DROP = "drop_connection_next"
    BROKEN_JSON = "broken_json_next"


class FaultBook:
    """The faults in force; counted ones are used up one by one, also under parallel requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = Faults()

    def current(self) -> Faults:
        with self._lock:
            return self._faults

    def put(self, faults: Faults) -> None:
        with self._lock:
            self._faults = faults

    def take_send_fault(self) -> SendFault | None:
        """Use up one fault of a send, if any is left."""
        return next((fault for fault in SendFault if self._take(fault.value)), None)

    def take_missing_media(self) -> bool:
        return self._take("media_missing_next")

    def _take(self, name: str) -> bool:
        with self._lock:
            left: int = getattr(self._faults, name)
            if left > 0:
                self._faults = replace(self._faults, **{name: left - 1})  # type: ignore[arg-type]  # a counter
            return left > 0


def parse_faults(given: Mapping[str, object]) -> Faults:
    """Read the body of POST /faults; what it does not name is back to normal. Raises BadFaults."""
    known = {field.name: field.type for field in fields(Faults)}
    for name, value in given.items():
        if name not in known:
            raise BadFaults(f"unknown fault {name!r}; known: {', '.join(sorted(known))}")
        if not _fits(known[name], value):
            raise BadFaults(f"{name} cannot be {value!r}")
    faults = Faults(**given)  # type: ignore[arg-type]  # each value was checked against its field above
    if faults.final_status not in (None, *_FINAL_STATUSES):
        raise BadFaults(f"final_status is one of {', '.join(_FINAL_STATUSES)}")
    if not 400 <= faults.fail_status <= 599:
        raise BadFaults("fail_status is between 400 and 599")
    return faults


def _fits(kind: object, value: object) -> bool:
    if value is None:
        return "None" in str(kind)
    if kind is bool:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind is float:
        return isinstance(value, (int, float)) and 0 <= value <= 600
    if "int" in str(kind):
        return isinstance(value, int) and value >= 0
    return isinstance(value, str)
