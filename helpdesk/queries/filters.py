"""What a queue shows: the views, the filter, and what people type to narrow it (`kanal:wa sev:1 lewat`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.search import is_unsearchable
from helpdesk.domain.severity import Severity

Word = TypeVar("Word")

TEAM_VIEW = "team:"
MAX_QUERY = 200


class View(StrEnum):
    """The named queues of the rail; `team:<code>` is one more for each team."""

    URGENT = "urgent"  # waits for us
    MINE = "mine"
    UNASSIGNED = "unassigned"
    PENDING = "pending"  # waits for the contact
    REOPENED = "reopened"
    FRAUD = "fraud"
    LWK = "lwk"
    RETURNED = "returned"  # taken from somebody who did not react or was not there, and nobody has it yet
    SET_ASIDE = "set_aside"  # spam and wrong numbers, newest first
    ALL = "all"  # finished ones too, newest first


FINISHED_TOO = frozenset({View.ALL, View.SET_ASIDE})
"""Views that hold more than active tickets; nothing is counted there."""


class DueBand(StrEnum):
    """When the next deadline is. Bands do not overlap; a ticket without a running clock is in none."""

    OVERDUE = "overdue"
    HOUR = "hour"  # within an hour
    TODAY = "today"  # later today, by the viewer's wall clock
    LATER = "later"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Everything empty means no condition, except that all views but FINISHED_TOO hold active tickets only."""

    view: str = View.URGENT
    statuses: frozenset[TicketStatus] = frozenset()
    severities: frozenset[Severity] = frozenset()
    channels: frozenset[ChannelCode] = frozenset()
    team: str | None = None
    category: str | None = None
    """A category or a group (`FRD`)."""
    unit: str | None = None
    """Part of the name or the whole code of an organisation unit; units below it count too."""
    q: str = ""
    created_after: datetime | None = None
    due_before: datetime | None = None
    band: DueBand | None = None
    is_unassigned: bool = False
    is_unheard: bool = False
    """With a voice message that nobody has written down."""

    def __post_init__(self) -> None:
        if self.view not in set(View) and not self.view.startswith(TEAM_VIEW):
            raise InvalidInput(f"no view {self.view!r}", field="view", code="unknown_view")
        if self.category is not None and not category_codes(self.category):
            raise InvalidInput(f"no category {self.category!r}", field="category", code="unknown_category")
        if len(self.q) > MAX_QUERY:
            raise InvalidInput("the search text is too long", field="q", code="too_long")

    @property
    def is_unsearchable(self) -> bool:
        """Whether `q` holds no word: nothing is found, and the viewer should hear why."""
        return is_unsearchable(self.q)

    @property
    def is_active_only(self) -> bool:
        """Whether only active tickets can match; then the order is by deadline, else newest first."""
        if self.due_before is not None or self.band is not None:
            return True
        return self.statuses <= ACTIVE_STATUSES if self.statuses else self.view not in FINISHED_TOO


def category_codes(name: str) -> tuple[str, ...]:
    """Return the categories that a code or a group stands for, empty for an unknown name."""
    return tuple(code for code in taxonomy.CATEGORIES if taxonomy.matches_any(code, (name.upper(),)))


_CHANNELS: Mapping[str, ChannelCode] = {
    **{channel.value: channel for channel in ChannelCode},
    "wa": ChannelCode.WHATSAPP,
    "tg": ChannelCode.TELEGRAM,
    "aplikasi": ChannelCode.APP,
    "telepon": ChannelCode.PHONE,
    "datang": ChannelCode.VISIT,
}
_STATUSES: Mapping[str, TicketStatus] = {
    **{status.value: status for status in TicketStatus},
    "baru": TicketStatus.NEW,
    "dikerjakan": TicketStatus.OPEN,
    "menunggu": TicketStatus.PENDING,
    "ditahan": TicketStatus.ON_HOLD,
    "dijawab": TicketStatus.RESOLVED,
    "selesai": TicketStatus.RESOLVED,
    "ditutup": TicketStatus.CLOSED,
}
_SEVERITIES: Mapping[str, Severity] = {
    **{severity.value.lower(): severity for severity in Severity},
    **{severity.value[1:]: severity for severity in Severity},
}
_BANDS: Mapping[str, DueBand] = {
    **{band.value: band for band in DueBand},
    "lewat": DueBand.OVERDUE,
    "1jam": DueBand.HOUR,
    "hariini": DueBand.TODAY,
    "nanti": DueBand.LATER,
}
_UNHEARD: Mapping[str, bool] = {"belum": True, "unheard": True}
_KEYS: Mapping[str, str] = {
    "kanal": "channel",
    "sev": "severity",
    "tingkat": "severity",
    "cabang": "unit",
    "branch": "unit",
    "tim": "team",
    "kategori": "category",
    "batas": "due",
    "petugas": "assignee",
    "suara": "voice",
}
_TOKEN = re.compile(r'(?P<key>[^\W\d_]+):(?:"(?P<quoted>[^"]*)"|(?P<value>\S+))|(?P<word>\S+)')


def parse_filter(text: str, *, view: str = View.URGENT) -> QueueFilter:
    """Read the filter box: `kanal:wa sev:1 cabang:"Bogor Kota" status:baru tim:… lewat` and free words.

    Keys and values are Indonesian or English; a key named twice widens (`sev:1 sev:2`). Raises InvalidInput
    for a value that its key does not know.
    """
    found = QueueFilter(view=view)
    words: list[str] = []
    for match in _TOKEN.finditer(text[: 4 * MAX_QUERY]):
        if match["key"] is None:
            word = match["word"]
            if word.lower() in ("lewat", "overdue"):
                found = replace(found, band=DueBand.OVERDUE)
            else:
                words.append(word)
            continue
        key = _KEYS.get(match["key"].lower(), match["key"].lower())
        value = match["quoted"] if match["quoted"] is not None else match["value"]
        narrowed = _with(found, key, value)
        if narrowed is None:
            words.append(match.group())
        else:
            found = narrowed
    return replace(found, q=" ".join(words))


def filter_text(wanted: QueueFilter) -> str:
    """Return what one would type for this filter: parse_filter() of it with the same view gives it back.

    The two instants have no words; they come from the API alone.
    """
    words = [f"status:{status}" for status in sorted(wanted.statuses)]
    words += [f"sev:{severity[1:]}" for severity in sorted(wanted.severities)]
    words += [f"kanal:{channel}" for channel in sorted(wanted.channels)]
    named = (("tim", wanted.team), ("kategori", wanted.category), ("cabang", wanted.unit))
    words += [f'{key}:"{value}"' if " " in value else f"{key}:{value}" for key, value in named if value]
    if wanted.band is not None:
        words.append("lewat" if wanted.band is DueBand.OVERDUE else f"batas:{wanted.band}")
    if wanted.is_unassigned:
        words.append("petugas:-")
    if wanted.is_unheard:
        words.append("suara:belum")
    return " ".join([*words, wanted.q]).strip()


def _with(found: QueueFilter, key: str, value: str) -> QueueFilter | None:
    """Return `found` with one more condition, or None when `key` is no key."""
    match key:
        case "status":
            return replace(found, statuses=found.statuses | {_word(_STATUSES, key, value)})
        case "severity":
            return replace(found, severities=found.severities | {_word(_SEVERITIES, key, value)})
        case "channel":
            return replace(found, channels=found.channels | {_word(_CHANNELS, key, value)})
        case "due":
            return replace(found, band=_word(_BANDS, key, value))
        case "team":
            return replace(found, team=value)
        case "unit":
            return replace(found, unit=value)
        case "category":
            return replace(found, category=value)
        case "assignee" if value.lower() in ("saya", "me"):
            return replace(found, view=View.MINE)
        case "assignee" if value in ("-", "–"):
            return replace(found, is_unassigned=True)
        case "voice":
            return replace(found, is_unheard=_word(_UNHEARD, key, value))
        case _:
            return None


def _word(words: Mapping[str, Word], key: str, value: str) -> Word:
    try:
        return words[value.lower()]
    except KeyError:
        raise InvalidInput(f"{key}:{value} is not known", field="filter", code="filter_value") from None
