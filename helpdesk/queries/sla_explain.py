"""Why a clock stands where it stands: its story in plain words, for `sla explain` and the ticket page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from helpdesk.queries.conversation import actor_names
from helpdesk.queries.regulation import RegulationView
from helpdesk.queries.sla import ClockLine, ClockStory, PauseLine, stories
from helpdesk.queries.sla_notes import target_of, why_ended
from helpdesk.queries.sla_sums import sums
from helpdesk.queries.sla_words import (
    CALENDARS,
    Pair,
    actor,
    due,
    end,
    fold_words,
    in_words,
    moment,
    reason,
    s_of,
    step,
    stretch_words,
)
from helpdesk.sla.arithmetic import Arithmetic, reckon
from helpdesk.sla.clock import ClockState
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.explain import Fold, Stretch, StretchKind, ahead, fold, ledger
from helpdesk.sla.policy import Metric

__all__ = ["Explanation", "LedgerLine", "explain", "explained", "in_words"]

Notes = Mapping[Metric, Sequence[Pair]]
"""More sentences about the clocks of a metric: an extension, a change of form."""

_NO_NOTES: Notes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger: a stretch, or several of one day, week or month. Seconds of the clock's calendar."""

    started_at: datetime
    ended_at: datetime
    kinds: tuple[StretchKind, ...]
    words_id: str
    words_en: str
    counted_seconds: int
    total_seconds: int
    is_ahead: bool
    """It is still to come."""
    parts: tuple["LedgerLine", ...] = ()
    """The stretches, where the line holds more than one."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clock, what counted when, how its due instant adds up, and the reasons in both languages."""

    clock: ClockLine
    stretches: tuple[Stretch, ...]
    """From its start to now."""
    ahead: tuple[Stretch, ...]
    """From now to the due instant."""
    lines: tuple[LedgerLine, ...]
    """Both, in few lines."""
    arithmetic: Arithmetic
    latest_due_at: datetime | None
    """When it is due at the latest, if it stands still until its cap."""
    target: Pair
    """What was promised, with the extensions one by one."""
    broken_before: datetime | None
    """When the promise was broken that this one replaced."""
    why_id: tuple[str, ...]
    why_en: tuple[str, ...]

    def stretch_lines(self) -> list[LedgerLine]:
        """Return every stretch as a line of its own."""
        return [part for line in self.lines for part in line.parts or (line,)]


def explain(
    session: Session,
    ticket_id: int,
    *,
    now: datetime,
    notes: Notes = _NO_NOTES,
    regulation: RegulationView | None = None,
) -> list[Explanation]:
    """Explain each clock of a ticket, oldest first. `notes` are told by its newest clock of the metric."""
    return explained(
        session, stories(session, ticket_id, now=now), now=now, notes=notes, regulation=regulation
    )


def explained(
    session: Session,
    told: Sequence[ClockStory],
    *,
    now: datetime,
    notes: Notes = _NO_NOTES,
    regulation: RegulationView | None = None,
) -> list[Explanation]:
    """Explain clocks of one ticket that were read already, in one more statement."""
    names = actor_names(session, (pause.actor for story in told for pause in story.line.pauses))
    lines = [story.line for story in told]
    newest = {line.metric: at for at, line in enumerate(lines)}
    return [
        _explanation(
            story,
            names=names,
            before=_line_before(lines, at),
            after=next((each for each in lines[at + 1 :] if _is_replaced_by(story.line, each)), None),
            notes=notes.get(story.line.metric, ()) if newest[story.line.metric] == at else (),
            regulation=regulation,
            now=now,
        )
        for at, story in enumerate(told)
    ]


def _explanation(
    story: ClockStory,
    *,
    names: Mapping[str, str],
    before: Sequence[ClockLine],
    after: ClockLine | None,
    notes: Sequence[Pair],
    regulation: RegulationView | None,
    now: datetime,
) -> Explanation:
    line, clock, holidays = story.line, story.clock, story.holiday_names
    law = regulation if line.metric is Metric.REGULATORY else None
    past, coming = ledger(clock, now, holiday_names=holidays), ahead(clock, now, holiday_names=holidays)
    by_days = line.calendar.is_day_based and not line.pauses
    arithmetic = reckon(clock, holiday_names=holidays, by_days=by_days)
    sentences = [
        _promise(line, promised := target_of(line, law)),
        _start(line, now=now),
        *(_kept(each, line, now=now) for each in before[:1]),
        *notes,
        *_standing_still(line, names, now=now),
        *sums(line, arithmetic, now=now),
        *_steps(line, before, now=now),
        _standing(line, after, law, now=now),
    ]
    zone = ZoneInfo(line.zone)
    return Explanation(
        line,
        tuple(past),
        tuple(coming),
        (*_lines(past, zone, names, is_ahead=False), *_lines(coming, zone, names, is_ahead=True)),
        arithmetic,
        line.latest_due_at,
        promised,
        next((each.breached_at for each in before if each.breached_at is not None), None),
        why_id=tuple(indonesian for indonesian, _ in sentences),
        why_en=tuple(english for _, english in sentences),
    )


def _line_before(lines: Sequence[ClockLine], at: int) -> list[ClockLine]:
    """Return the clocks that one replaced, the nearest first: with it they are the line of one promise."""
    found, later = [], lines[at]
    for each in reversed(lines[:at]):
        if _is_replaced_by(each, later):
            found.append(each)
            later = each
    return found


def _is_replaced_by(earlier: ClockLine, later: ClockLine) -> bool:
    """Whether the later clock took over: it began before the earlier one ended, as one that is replaced does."""
    return (
        earlier.metric is later.metric
        and earlier.superseded_at is not None
        and later.started_at < earlier.superseded_at
        and (later.superseded_at is None or later.superseded_at > earlier.superseded_at)
    )


def _lines(
    stretches: Sequence[Stretch], zone: ZoneInfo, names: Mapping[str, str], *, is_ahead: bool
) -> Iterator[LedgerLine]:
    lived = [each for each in stretches if each.kind is not StretchKind.STOPPED]
    for each in [*fold(lived, zone), *(Fold((stop,)) for stop in stretches[len(lived) :])]:
        parts = tuple(
            _line(Fold((part,)), stretch_words(part, names), is_ahead=is_ahead) for part in each.parts
        )
        if len(parts) == 1:
            yield parts[0]
        else:
            yield _line(each, fold_words(each, names), is_ahead=is_ahead, parts=parts)


def _line(each: Fold, words: Pair, *, is_ahead: bool, parts: tuple[LedgerLine, ...] = ()) -> LedgerLine:
    total = int(each.total.total_seconds())
    before = int((each.total - each.counted).total_seconds())
    return LedgerLine(
        each.started_at,
        each.ended_at,
        tuple(dict.fromkeys(part.kind for part in each.parts)),
        *words,
        counted_seconds=total - before,  # so that whole seconds add up to whole seconds
        total_seconds=total,
        is_ahead=is_ahead,
        parts=parts,
    )


def _promise(line: ClockLine, target: Pair) -> Pair:
    calendar = CALENDARS[line.calendar]
    return (
        f"Aturan {line.policy_name_id} versi {line.policy_version} menjanjikan {target[0]}, "
        f"dihitung menurut {calendar[0]}.",
        f"Policy {line.policy_name_en}, version {line.policy_version}, promises {target[1]}, "
        f"counted in {calendar[1]}.",
    )


def _start(line: ClockLine, *, now: datetime) -> Pair:
    zone = ZoneInfo(line.zone)
    start, counts = due(line.started_at, zone, now=now), moment(line.counts_from, zone, now=now)
    if line.calendar.is_day_based:
        return (
            f"Mulai {start[0]}: hari itu hari ke-0; dihitung mulai {counts[0]}, tengah malam sesudahnya.",
            f"Started {start[1]}: that day is day 0; counted from {counts[1]}, the midnight after it.",
        )
    if line.metric is Metric.NEXT_RESPONSE:
        return (
            f"Dihitung sejak {start[0]}: kata-kata kontak belum dijawab orang.",
            f"Counted from {start[1]}: no person had answered what the contact wrote.",
        )
    return f"Dihitung sejak {start[0]}.", f"Counted from {start[1]}."


def _kept(before: ClockLine, line: ClockLine, *, now: datetime) -> Pair:
    """Say which clock it replaced and what it took over."""
    target, spent = (
        in_words(before.target_seconds, before.calendar),
        in_words(before.used_seconds, before.calendar),
    )
    at = moment(before.superseded_at or line.started_at, ZoneInfo(line.zone), now=now)
    count = len(before.pauses)
    same = line.started_at == before.started_at
    kept = (f"{spent[0]} yang terpakai sampai saat itu", f"{spent[1]} used by then")
    if line.is_pausable and count:
        kept = (f"{kept[0]} dan {count} kali jeda", f"{kept[1]} and {count} pause{s_of(count)}")
    return (
        f"Menggantikan janji {before.policy_name_id} versi {before.policy_version} ({target[0]}) pada {at[0]}, "
        f"{'dari mulai yang sama' if same else 'dengan mulai yang diperbaiki'}: {kept[0]} tetap dihitung.",
        f"It replaced the promise of {before.policy_name_en}, version {before.policy_version} ({target[1]}) on "
        f"{at[1]}, from {'the same' if same else 'a corrected'} start: {kept[1]} were kept.",
    )


def _standing_still(line: ClockLine, names: Mapping[str, str], *, now: datetime) -> Iterator[Pair]:
    if not line.is_pausable:
        yield "Tidak pernah dijeda.", "It never stands still."
        return
    if not line.pauses:
        yield "Belum pernah dijeda.", "It has not stood still."
        return
    count, paused = len(line.pauses), in_words(line.paused_seconds, line.calendar)
    yield (
        f"Dijeda {count} kali, seluruhnya {paused[0]}.",
        f"It stood still {count} time{s_of(count)}, together {paused[1]}.",
    )
    for pause in line.pauses:
        yield _pause(pause, ZoneInfo(line.zone), names, is_live=line.is_live, now=now)


def _pause(
    pause: PauseLine, zone: ZoneInfo, names: Mapping[str, str], *, is_live: bool, now: datetime
) -> Pair:
    begin, why, who = moment(pause.started_at, zone, now=now), reason(pause.reason), actor(pause.actor, names)
    if pause.ended_at is not None:
        until = end(pause.ended_at, zone, now=now)
        return (
            f"Dijeda {begin[0]} – {until[0]}: {why[0]} (oleh {who[0]}).",
            f"It stood still {begin[1]} – {until[1]}: {why[1]} (by {who[1]}).",
        )
    last = ("", "")
    if is_live and pause.ends_by is not None:
        latest = due(pause.ends_by, zone, now=now)
        last = (
            f"; dijeda paling lama sampai {latest[0]}, lalu jalan lagi sendiri",
            f"; it stands still until {latest[1]} at the latest, then it runs again by itself",
        )
    return (
        f"Dijeda sejak {begin[0]}: {why[0]} (oleh {who[0]}){last[0]}.",
        f"It has stood still since {begin[1]}: {why[1]} (by {who[1]}){last[1]}.",
    )


def _steps(line: ClockLine, before: Sequence[ClockLine], *, now: datetime) -> Iterable[Pair]:
    zone = ZoneInfo(line.zone)
    replaced_at = next((each.superseded_at for each in before), None)
    told_before = {event.step: event.at for each in before for event in each.events}
    for event in line.events:
        what = step(event.step, event.action, event.level)
        at, done = end(event.at, zone, now=now), moment(event.noticed_at, zone, now=now)
        is_raised = event.action is StepAction.ESCALATED
        came_back = is_raised and told_before.get(event.step) == event.at  # the promise was away until then
        is_later = replaced_at is None or event.noticed_at > replaced_at
        if event.step not in told_before or (is_later and not came_back):
            yield (
                f"{what[0]} jatuh {at[0]}, dikerjakan {done[0]}.",
                f"{what[1]} was due {at[1]} and done {done[1]}.",
            )
        elif is_raised and (is_later or event.noticed_at == replaced_at):
            yield (  # nobody could answer it until then
                f"{what[0]} sudah diberitahukan untuk janji sebelumnya; waktu menjawab dihitung dari {done[0]}.",
                f"{what[1]} was told for the promise before it; the time to answer counts from {done[1]}.",
            )
        else:
            yield (
                f"{what[0]} sudah dikerjakan {done[0]}, untuk janji sebelumnya.",
                f"{what[1]} was done {done[1]}, for the promise before it.",
            )


def _standing(line: ClockLine, after: ClockLine | None, law: RegulationView | None, *, now: datetime) -> Pair:
    spent = in_words(line.used_seconds, line.calendar)
    left = in_words(max(line.target_seconds - line.used_seconds, 0), line.calendar)
    match line.state:
        case ClockState.RUNNING:
            return f"Terpakai {spent[0]}; tersisa {left[0]}.", f"Used {spent[1]}; {left[1]} left."
        case ClockState.PAUSED:
            return _standing_paused(line, spent, left, now=now)
        case ClockState.MET:
            return f"Dipenuhi setelah {spent[0]}.", f"Met after {spent[1]}."
        case ClockState.SUPERSEDED:
            return why_ended(line, spent, law, now=now) or _standing_superseded(spent, after)
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


def _standing_paused(line: ClockLine, spent: Pair, left: Pair, *, now: datetime) -> Pair:
    latest = line.latest_due_at
    if latest is None:
        return (
            f"Sedang dijeda setelah {spent[0]}; tersisa {left[0]}, jatuh tempo ditetapkan lagi saat berjalan.",
            f"It stands still after {spent[1]}; {left[1]} left, the due time is set again when it runs.",
        )
    until = due(latest, ZoneInfo(line.zone), now=now)
    return (
        f"Sedang dijeda setelah {spent[0]}; tersisa {left[0]}, jatuh tempo paling lambat {until[0]}.",
        f"It stands still after {spent[1]}; {left[1]} left, due {until[1]} at the latest.",
    )


def _standing_superseded(spent: Pair, after: ClockLine | None) -> Pair:
    if after is None:
        return (
            f"Diakhiri setelah {spent[0]}; tidak ada janji yang dilanggar.",
            f"Ended after {spent[1]}; no promise was broken.",
        )
    return (
        f"Digantikan oleh {after.policy_name_id} versi {after.policy_version} setelah {spent[0]}; "
        "tidak ada janji yang dilanggar.",
        f"Replaced by {after.policy_name_en}, version {after.policy_version}, after {spent[1]}; no promise was broken.",
    )
