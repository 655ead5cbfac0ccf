"""Why a ticket was given to somebody by itself, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.queries.conversation import EventRow

RETURN_REASONS: Mapping[str, LazyString] = {
    "shift_over": lazy_gettext("jam kerja %(person)s sudah selesai"),
    "offline": lazy_gettext("%(person)s tidak terlihat bekerja"),
    "away": lazy_gettext("%(person)s istirahat terlalu lama"),
    "disabled": lazy_gettext("akun %(person)s sudah ditutup"),
    "objection": lazy_gettext("Mitra keberatan atas jawaban %(person)s, petugas lain memeriksa ulang"),
}
"""Why work went back to the queue."""

_OUT: Mapping[str, LazyString] = {
    "off_shift": lazy_gettext("di luar jam kerja"),
    "offline": lazy_gettext("tidak terlihat"),
    "away": lazy_gettext("istirahat"),
    "full": lazy_gettext("tiketnya sudah penuh"),
    "barred": lazy_gettext("tidak boleh menangani tiket ini"),
    "lost_it": lazy_gettext("tadi tidak bereaksi pada tiket ini"),
}


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One member of the team as she stood when the ticket was given."""

    name: str
    place: int | None
    text: str


def why_assigned(
    events: Sequence[EventRow], assignee_id: str | None, people: Mapping[str, str]
) -> tuple[WhyLine, ...]:
    """Return how the members stood when the present assignee was chosen; empty where a person chose her."""
    last = next((event for event in reversed(events) if event.kind == "assigned"), None)
    if last is None or assignee_id is None or not last.data.get("auto"):
        return ()
    given = last.data.get("to")
    if not isinstance(given, Mapping) or given.get("assignee") != assignee_id:
        return ()
    return tuple(_line(each, people) for each in standings(last))


def standings(event: EventRow) -> list[Mapping[str, object]]:
    """Return the standings that an event keeps; empty where there are none, or they were erased."""
    why = event.data.get("why")
    return [each for each in why if isinstance(each, Mapping)] if isinstance(why, list) else []


def _line(standing: Mapping[str, object], people: Mapping[str, str]) -> WhyLine:
    person = str(standing.get("person", ""))
    place = standing.get("place")
    parts = [str(_OUT.get(code, code)) for code in _words(standing.get("out"))]
    if isinstance(place, int):
        skills = _words(standing.get("skills"))
        parts += [
            _("keahlian cocok: %(skills)s", skills=", ".join(skills))
            if skills
            else _("tanpa keahlian khusus"),
            _("beban %(load)s (%(count)s tiket)", load=standing.get("load"), count=standing.get("count")),
        ]
    return WhyLine(people.get(person, person), place if isinstance(place, int) else None, "; ".join(parts))


def _words(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
