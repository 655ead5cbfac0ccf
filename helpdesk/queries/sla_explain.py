"""Why a clock stands where it stands: its story in plain words, for `sla explain` and the ticket page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.queries.sla import ClockLine, lines_with_clocks
from helpdesk.sla.clock import ClockState
from helpdesk.sla.durations import WORKING_DAY
from helpdesk.sla.explain import Stretch, ledger
from helpdesk.sla.policy import CalendarCode, Metric

_DAY = 24 * 3600
_WORKING_DAY = int(WORKING_DAY.total_seconds())

Pair = tuple[str, str]
"""One sentence in Indonesian and in English."""

_CALENDARS: dict[CalendarCode, Pair] = {
    CalendarCode.SERVICE: ("jam layanan", "service hours"),
    CalendarCode.ALWAYS: ("setiap saat, siang malam", "every hour, day and night"),
    CalendarCode.REGULATORY: (
        "hari kerja (cuti bersama libur)",
        "working days (cuti bersama is closed)",
    ),
    CalendarCode.STRICT: ("hari kerja (cuti bersama dihitung)", "working days (cuti bersama is worked)"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clock, what counted when, and the reasons in both languages."""

    clock: ClockLine
    stretches: tuple[Stretch, ...]
    why_id: tuple[str, ...]
    why_en: tuple[str, ...]


def explain(session: Session, ticket_id: int, *, now: datetime) -> list[Explanation]:
    """Explain each clock of a ticket, oldest first."""
    explained = []
    for line, clock in lines_with_clocks(session, [ticket_id], now=now):
        why = list(_reasons(line))
        explained.append(
            Explanation(
                line,
                tuple(ledger(clock, now)),
                why_id=tuple(indonesian for indonesian, _ in why),
                why_en=tuple(english for _, english in why),
            )
        )
    return explained


def in_words(seconds: int, calendar: CalendarCode) -> Pair:
    """Return a duration as its calendar counts it: working days, working hours, or hours."""
    day = _WORKING_DAY if calendar is CalendarCode.SERVICE else _DAY
    is_working = calendar is not CalendarCode.ALWAYS
    days, rest = divmod(seconds, day) if is_working else (0, seconds)
    hours, minutes = rest // 3600, rest % 3600 // 60
    worked = " kerja" if calendar is CalendarCode.SERVICE else ""
    indonesian = [f"{days} hari kerja"] if days else []
    english = [f"{days} working day{_s(days)}"] if days else []
    if hours:
        indonesian.append(f"{hours} jam{worked}")
        english.append(f"{hours} {'working ' if worked else ''}hour{_s(hours)}")
    if minutes or not (days or hours):
        indonesian.append(f"{minutes} menit")
        english.append(f"{minutes} minute{_s(minutes)}")
    return " ".join(indonesian), " ".join(english)


def _reasons(line: ClockLine) -> Iterator[Pair]:
    yield _promise(line)
    yield _start(line)
    yield _standing_still(line)
    yield _standing(line)


def _promise(line: ClockLine) -> Pair:
    target = in_words(line.target_seconds, line.calendar)
    calendar = _CALENDARS[line.calendar]
    return (
        f"Kebijakan {line.policy_name_id} versi {line.policy_version} menjanjikan {target[0]}, "
        f"dihitung menurut {calendar[0]}.",
        f"Policy {line.policy_name_en}, version {line.policy_version}, promises {target[1]}, "
        f"counted in {calendar[1]}.",
    )


def _start(line: ClockLine) -> Pair:
    if line.calendar.is_day_based:
        return (
            "Hari diterima adalah hari ke-0; dihitung mulai tengah malam sesudahnya, waktu setempat.",
            "The day of receipt is day 0; counted from the local midnight after it.",
        )
    if line.metric is Metric.NEXT_RESPONSE:
        return (
            "Dihitung sejak kontak menulis dan belum dijawab orang.",
            "Counted from when the contact wrote and no person had answered.",
        )
    return "Dihitung sejak mulai.", "Counted from its start."


def _standing_still(line: ClockLine) -> Pair:
    if not line.is_pausable:
        return "Tidak pernah berhenti.", "It never stands still."
    if not line.pauses:
        return "Belum pernah berhenti.", "It has not stood still."
    count, paused = len(line.pauses), in_words(line.paused_seconds, line.calendar)
    return (
        f"Berhenti {count} kali, bersama-sama {paused[0]}.",
        f"It stood still {count} time{_s(count)}, together {paused[1]}.",
    )


def _standing(line: ClockLine) -> Pair:
    spent = in_words(line.used_seconds, line.calendar)
    left = in_words(max(line.target_seconds - line.used_seconds, 0), line.calendar)
    match line.state:
        case ClockState.RUNNING:
            return f"Terpakai {spent[0]}; tersisa {left[0]}.", f"Used {spent[1]}; {left[1]} left."
        case ClockState.PAUSED:
            return (
                f"Sedang berhenti setelah {spent[0]}; jatuh tempo ditetapkan lagi saat berjalan.",
                f"It stands still after {spent[1]}; the due time is set again when it runs.",
            )
        case ClockState.MET:
            return f"Dipenuhi setelah {spent[0]}.", f"Met after {spent[1]}."
        case ClockState.SUPERSEDED:
            return (
                f"Digantikan atau diakhiri setelah {spent[0]}; tidak ada janji yang dilanggar.",
                f"Replaced or ended after {spent[1]}; no promise was broken.",
            )
        case ClockState.BREACHED if line.superseded_at is not None:
            return (
                f"Terlambat sebelum digantikan atau diakhiri, setelah {spent[0]}.",
                f"Late before it was replaced or ended, after {spent[1]}.",
            )
        case ClockState.BREACHED if line.met_at is not None:
            return (
                f"Terlambat: baru dipenuhi setelah {spent[0]}.",
                f"Late: met only after {spent[1]}.",
            )
        case ClockState.BREACHED:
            return (
                f"Terlambat: {spent[0]} sudah terpakai dan belum dipenuhi.",
                f"Late: {spent[1]} used and still not met.",
            )


def _s(count: int) -> str:
    return "" if count == 1 else "s"
