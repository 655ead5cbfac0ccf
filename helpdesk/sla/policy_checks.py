"""What is wrong with a set of policies as a whole: gaps, overlaps, promises that contradict each other or the law."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise, product
from typing import NamedTuple

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.taxonomy import CATEGORIES, Severity
from helpdesk.sla.durations import WORKING_DAY, split_duration
from helpdesk.sla.policy import UNITS_OF, CalendarCode, Form, Metric, SlaPolicy, SlaTarget
from helpdesk.sla.regulation import rule_of_form

OTHER = ""
"""Stands among categories for all that no policy names, and for tickets without one."""

_DAY = timedelta(days=1)


class Weight(StrEnum):
    """What a finding means for publishing."""

    ERROR = "error"  # refuses it
    WARNING = "warning"  # must have been seen
    NOTE = "note"  # good to know


class FindingKind(StrEnum):
    """What was found."""

    NO_POLICY = "no_policy"
    NEVER_REACHED = "never_reached"
    NO_LEGAL_PROMISE = "no_legal_promise"
    LATER_THAN_LAW = "later_than_law"
    OUT_OF_ORDER = "out_of_order"
    LEFT_TO_FALLBACK = "left_to_fallback"
    GRAVER_IS_SLOWER = "graver_is_slower"
    PAUSE_WITHOUT_CAP = "pause_without_cap"
    UNKNOWN_CATEGORY = "unknown_category"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or remark; the views and the command line have the words."""

    weight: Weight
    kind: FindingKind
    policy: str = ""
    """Code of the policy that it is about."""
    metric: Metric | None = None
    than: Metric | None = None
    """The promise that it contradicts."""
    others: tuple[str, ...] = ()
    """Codes of other policies, or of categories, that it is about."""
    limit: "Limit | None" = None
    where: Mapping[str, list[str]] = field(default_factory=dict)
    """For which tickets, as SlaPolicy.conditions() says it; OTHER among the categories is all the rest."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest that the law allows."""

    duration: timedelta
    calendar: CalendarCode

    def __str__(self) -> str:
        """Return it as a document would write it."""
        amount, unit = split_duration(self.duration, UNITS_OF[self.calendar])
        return f"{amount}{unit} {self.calendar}"

    def allows(self, target: SlaTarget) -> bool:
        """Say whether a promise can never end after the limit.

        Hours of every day pass sooner than as many hours of working days; service hours may close for longer
        than the regulator's calendar, so they are no measure of it.
        """
        stricter = {self.calendar, CalendarCode.ALWAYS}
        if self.calendar is CalendarCode.REGULATORY:
            stricter.add(CalendarCode.STRICT)
        return target.calendar in stricter and target.duration <= self.duration


_OF_DATA = Limit(3 * _DAY, CalendarCode.ALWAYS)  # UU PDP 27/2022
_DATA_RIGHTS, _DATA_BREACH = "DAT-HAK", "DAT-BOCOR"


class Case(NamedTuple):
    """One kind of ticket that a policy may fit."""

    kind: TicketKind
    severity: Severity
    form: Form
    category: str


def legal_limit(case: Case) -> Limit | None:
    """Return what the law allows for such a ticket; None where it says nothing."""
    if case.category == _DATA_RIGHTS or (case.category == _DATA_BREACH and case.kind is TicketKind.COMPLAINT):
        return _OF_DATA
    if case.kind is not TicketKind.COMPLAINT:
        return None
    rule = rule_of_form(case.form)
    return Limit(rule.days * _DAY, rule.calendar)


def check_policies(policies: Sequence[SlaPolicy]) -> tuple[Finding, ...]:
    """Return all findings on policies in rank order, the gravest first."""
    fitting = {case: _fitting(policies, case) for case in _cases(policies)}
    winners = {case: found[0] if found else None for case, found in fitting.items()}
    found = [
        *_gaps(winners),
        *_never_reached(policies, winners),
        *_against_the_law(policies, winners),
        *(finding for policy in policies for finding in _within(policy)),
        *_slower(winners),
        *_overlaps(policies, fitting),
    ]
    return tuple(sorted(found, key=lambda finding: list(Weight).index(finding.weight)))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that refuse publishing."""
    return tuple(finding for finding in findings if finding.weight is Weight.ERROR)


def has_warnings(findings: Iterable[Finding]) -> bool:
    """Say whether there is something that must have been seen."""
    return any(finding.weight is Weight.WARNING for finding in findings)


def _cases(policies: Sequence[SlaPolicy]) -> Iterator[Case]:
    named = {code for policy in policies for code in policy.categories or ()}
    categories = (*sorted(named | {_DATA_RIGHTS, _DATA_BREACH}), OTHER)
    yield from (Case(*parts) for parts in product(TicketKind, Severity, Form, categories))


def _fitting(policies: Sequence[SlaPolicy], case: Case) -> tuple[SlaPolicy, ...]:
    return tuple(
        policy
        for policy in policies
        if policy.fits(kind=case.kind, severity=case.severity, form=case.form, category=case.category or None)
    )


Winners = Mapping[Case, SlaPolicy | None]


def _gaps(winners: Winners) -> Iterator[Finding]:
    missed = [case for case, policy in winners.items() if policy is None]
    left = [case for case, policy in winners.items() if policy is not None and policy.is_fallback]
    for where in describe(missed, winners):
        yield Finding(Weight.ERROR, FindingKind.NO_POLICY, where=where)
    for where in describe(left, winners):
        yield Finding(Weight.WARNING, FindingKind.LEFT_TO_FALLBACK, where=where)


def _never_reached(policies: Sequence[SlaPolicy], winners: Winners) -> Iterator[Finding]:
    reached = {policy.code for policy in winners.values() if policy is not None}
    for policy in policies:
        unknown = sorted((policy.categories or frozenset()) - set(CATEGORIES))
        if unknown:
            yield Finding(Weight.WARNING, FindingKind.UNKNOWN_CATEGORY, policy.code, others=tuple(unknown))
        if policy.code not in reached and not policy.is_fallback:
            yield Finding(Weight.ERROR, FindingKind.NEVER_REACHED, policy.code)


def _against_the_law(policies: Sequence[SlaPolicy], winners: Winners) -> Iterator[Finding]:
    for policy in policies:
        limits: dict[Limit, list[Case]] = {}
        for case, winner in winners.items():
            limit = legal_limit(case) if winner is policy else None
            if limit is not None:
                limits.setdefault(limit, []).append(case)
        target = policy.target(Metric.REGULATORY)
        for limit, cases in limits.items():
            kind = FindingKind.LATER_THAN_LAW if target else FindingKind.NO_LEGAL_PROMISE
            if target is None or not limit.allows(target):
                where = describe(cases, winners)[0]
                if OTHER in where.get("categories", ()):  # only the data categories have a limit of their own
                    where.pop("categories")
                yield Finding(Weight.ERROR, kind, policy.code, Metric.REGULATORY, limit=limit, where=where)


_ORDER = (Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.REGULATORY)
"""What comes first in the life of a ticket must not be promised later."""


def _within(policy: SlaPolicy) -> Iterator[Finding]:
    promised = [target for target in map(policy.target, _ORDER) if target is not None]
    for earlier, later in pairwise(promised):
        if _length(earlier) > _length(later):
            # Two calendars are compared by rough lengths: a person must look.
            is_sure = earlier.calendar is later.calendar
            weight = Weight.ERROR if is_sure else Weight.WARNING
            yield Finding(weight, FindingKind.OUT_OF_ORDER, policy.code, earlier.metric, than=later.metric)
    for target in policy.targets:
        if target.is_pausable and target.pause_cap is None:
            yield Finding(Weight.WARNING, FindingKind.PAUSE_WITHOUT_CAP, policy.code, target.metric)


def _length(target: SlaTarget) -> float:
    """Return a promise in days of its calendar: 8 hours of service are one, 24 of any other."""
    return target.duration / (WORKING_DAY if target.calendar is CalendarCode.SERVICE else _DAY)


def _slower(winners: Winners) -> Iterator[Finding]:
    told: set[tuple[str, str, Metric]] = set()
    milder = dict(pairwise(Severity))
    for case, policy in winners.items():
        next_one = (
            winners.get(case._replace(severity=milder[case.severity])) if case.severity in milder else None
        )
        if policy is None or next_one is None:
            continue
        for metric in Metric:
            mine, theirs = policy.target(metric), next_one.target(metric)
            key = (policy.code, next_one.code, metric)
            if theirs and (mine is None or _length(mine) > _length(theirs)) and key not in told:
                told.add(key)
                yield Finding(
                    Weight.WARNING, FindingKind.GRAVER_IS_SLOWER, policy.code, metric, others=(next_one.code,)
                )


def _overlaps(
    policies: Sequence[SlaPolicy], fitting: Mapping[Case, tuple[SlaPolicy, ...]]
) -> Iterator[Finding]:
    behind: dict[str, set[str]] = {}
    for found in fitting.values():
        for policy in found[1:]:
            if not policy.is_fallback:
                behind.setdefault(found[0].code, set()).add(policy.code)
    for policy in policies:
        others = behind.get(policy.code)
        if others:
            in_order = tuple(other.code for other in policies if other.code in others)
            yield Finding(Weight.NOTE, FindingKind.OVERLAP, policy.code, others=in_order)


def describe(cases: Sequence[Case], among: Iterable[Case]) -> list[dict[str, list[str]]]:
    """Return cases as few conditions as possible; what holds for all values of an axis is left out."""
    axes = [sorted({str(case[at]) for case in among}) for at in range(4)]
    boxes = [tuple(frozenset({str(part)}) for part in case) for case in cases]
    for at in (2, 1, 0, 3):
        merged: dict[tuple[frozenset[str], ...], frozenset[str]] = {}
        for box in boxes:
            rest = (*box[:at], *box[at + 1 :])
            merged[rest] = merged.get(rest, frozenset()) | box[at]
        boxes = [(*rest[:at], values, *rest[at:]) for rest, values in merged.items()]
    names = ("kinds", "severities", "forms", "categories")
    return [
        {
            name: sorted(values)
            for name, values, axis in zip(names, box, axes, strict=True)
            if sorted(values) != axis
        }
        for box in boxes
    ]
