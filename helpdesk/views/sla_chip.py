"""The SLA chip: how a clock looks in one word, and what it says in full (design.md W2 and section 4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.views.formatting import NEAR, NONE, Zone, deadline, hours_minutes, is_same_day, language_of

CRITICAL_SHARE = 0.10
SOON_SHARE = 0.25
CRITICAL_LEFT = timedelta(minutes=30)
_DAY = timedelta(days=1)

_WORDS = {
    "id": {
        "left": "{} lagi",
        "late": "Lewat {}",
        "days": "{} hari",
        "hours": "{} jam",
        "minutes": "{} mnt",
        "paused": "Dijeda",
        "met": "Tepat",
        "superseded": "Diganti",
        "due": "Batas {}",
        "no_due": "Tanpa batas",
        "latest": "Paling lambat {}",
        "was_due": "Batasnya {}",
    },
    "en": {
        "left": "{} left",
        "late": "Late {}",
        "days": "{} d",
        "hours": "{} h",
        "minutes": "{} min",
        "paused": "Paused",
        "met": "On time",
        "superseded": "Replaced",
        "due": "Due {}",
        "no_due": "No deadline",
        "latest": "Due {} at the latest",
        "was_due": "Was due {}",
    },
}


class ChipState(StrEnum):
    """Look of an SLA chip (design.md section 4)."""

    OK = "ok"
    SOON = "soon"
    CRIT = "crit"
    LATE = "late"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True, slots=True)
class ChipView:
    """An SLA chip: `text` is short, `title` names the deadline in full."""

    state: ChipState
    text: str
    title: str


def chip_for(
    due_at: datetime | None,
    *,
    state: str,
    now: datetime,
    zone: Zone,
    started_at: datetime | None = None,
    share_left: float | None = None,
    met_at: datetime | None = None,
    broken_at: datetime | None = None,
    closes_at: datetime | None = None,
    latest_at: datetime | None = None,
    language: str | None = None,
) -> ChipView:
    """Choose look and words of a clock's chip (design.md W2).

    `state` is the clock's: running, paused, met, breached, superseded. `share_left` (of the target, 0..1)
    is better than `started_at`, which measures by elapsed time. `closes_at` ends today's work: before it the
    time left is shown, after it day and clock; without it the local day decides. A breached clock that has
    ended keeps its lateness by `met_at`. `broken_at`: when a promise broke that this one replaced: keeping the
    later one does not undo it. `latest_at`: when a clock that stands still is due at the latest.
    """
    spoken = language_of(language)
    words = _WORDS[spoken]
    if due_at is None:
        kind = state if state in ("paused", "met", "superseded") else ""
        title = words["no_due"]
        if latest_at is not None:
            title = words["latest"].format(deadline(latest_at, zone, "full", spoken))
        look = ChipState.MET if state == "met" else ChipState.PAUSED if kind else ChipState.OK
        return ChipView(look, words[kind] if kind else NONE, title)
    full = deadline(due_at, zone, "full", spoken)
    if state in ("paused", "superseded"):
        return ChipView(ChipState.PAUSED, words[state], words["was_due"].format(full))
    if state == "met" and broken_at is not None:
        was_due = words["was_due"].format(deadline(broken_at, zone, "full", spoken))
        return ChipView(ChipState.LATE, words["late"].format("").rstrip(), was_due)
    if state == "met":
        return ChipView(ChipState.MET, words["met"], words["was_due"].format(full))
    if state == "breached" or now > due_at:
        late_by = (met_at or now) - due_at
        if late_by < timedelta():  # a sweep for a later instant has recorded the breach ahead of time
            return ChipView(ChipState.LATE, words["late"].format("").rstrip(), words["was_due"].format(full))
        return ChipView(ChipState.LATE, _late_text(late_by, spoken), words["was_due"].format(full))
    look = _running_look(due_at - now, _share(due_at, now=now, started_at=started_at, given=share_left))
    today = now <= due_at <= closes_at if closes_at else is_same_day(due_at, now, zone)
    text = _left_text(due_at, now=now, zone=zone, language=spoken, as_span=today or look is ChipState.CRIT)
    return ChipView(look, text, words["due"].format(full))


def _share(
    due_at: datetime, *, now: datetime, started_at: datetime | None, given: float | None
) -> float | None:
    """Return the part of the target that is left, or None where nothing tells it."""
    if given is not None or started_at is None or started_at >= due_at:
        return given
    return (due_at - now) / (due_at - started_at)


def _running_look(left: timedelta, share: float | None) -> ChipState:
    if left <= CRITICAL_LEFT or (share is not None and share <= CRITICAL_SHARE):
        return ChipState.CRIT
    if share is not None and share <= SOON_SHARE:
        return ChipState.SOON
    return ChipState.OK


def _late_text(late_by: timedelta, language: str) -> str:
    words = _WORDS[language]
    minutes = late_by // timedelta(minutes=1)
    hours = words["hours"].format(minutes // 60) if minutes >= 60 else ""
    rest = words["minutes"].format(minutes % 60) if minutes % 60 or not hours else ""
    # "17:45" would be read as a time of day
    span = f"{hours} {rest}".strip() if late_by < _DAY else words["days"].format(late_by // _DAY)
    return words["late"].format(span)


def _left_text(due_at: datetime, *, now: datetime, zone: Zone, language: str, as_span: bool) -> str:
    left = due_at - now
    if as_span and left < _DAY:
        return _WORDS[language]["left"].format(hours_minutes(left))
    return deadline(due_at, zone, "weekday" if left < NEAR else "short", language, now)
