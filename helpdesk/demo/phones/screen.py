"""Which three phones are held, in which language: the state of the page, kept in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from helpdesk.demo.phones.mitra import BadUtterance, read_person
from helpdesk.demo.phones.people import PEOPLE, PHONES, person_at
from helpdesk.demo.phones.texts import LANGUAGES
from helpdesk.domain.messages import ChannelCode


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds one phone."""

    channel: ChannelCode
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Screen:
    """The page as asked for. `problem` is the key of a text, or empty."""

    language: str
    tab: ChannelCode
    holders: tuple[Holder, ...]
    problem: str = ""

    def holder(self, channel: ChannelCode) -> Holder:
        return next(holder for holder in self.holders if holder.channel is channel)

    def fields(self) -> dict[str, str]:
        """Return what a form or link carries on to show the same phones again."""
        state = {"lang": self.language, "tab": self.tab.value}
        for holder in self.holders:
            state |= {holder.channel.value: holder.address, f"{holder.channel.value}_name": holder.name}
        return state

    def address(self, **changes: str) -> str:
        return "/?" + urlencode({**self.fields(), **changes})


def read_screen(values: Mapping[str, str]) -> Screen:
    """Read the page's state; what cannot be understood falls back to the sample people."""
    problem = values.get("problem", "")
    holders = []
    for index, channel in enumerate(PHONES):
        holder, is_refused = _holder(channel, values, index)
        holders.append(holder)
        problem = "bad_person" if is_refused else problem
    tab, language = values.get("tab", ""), values.get("lang", "id")
    return Screen(
        language=language if language in LANGUAGES else "id",
        tab=ChannelCode(tab) if tab in {channel.value for channel in PHONES} else ChannelCode.WHATSAPP,
        holders=tuple(holders),
        problem=problem if problem in ("nothing_said", "bad_person") else "",
    )


def _holder(channel: ChannelCode, values: Mapping[str, str], index: int) -> tuple[Holder, bool]:
    wanted = values.get(f"{channel.value}_other", "").strip() or values.get(channel.value, "").strip()
    name = values.get(f"{channel.value}_name", "").strip()[:80]
    if not wanted:
        return _sample(channel, index), False
    try:
        _, address = read_person(channel.value, wanted)
    except BadUtterance:
        return _sample(channel, index), True
    known = person_at(channel, address)
    return Holder(channel, address, known.name if known else name or "Mitra"), False


def _sample(channel: ChannelCode, index: int) -> Holder:
    person = PEOPLE[index]
    return Holder(channel, person.address(channel), person.name)
