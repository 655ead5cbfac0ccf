"""SLA policies: which promises hold for a ticket, chosen by kind, severity, form and category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

import yaml

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.durations import parse_duration
from helpdesk.sla.reading import (
    check_unique,
    read_bool,
    read_list,
    read_mapping,
    read_text,
    read_word,
    read_words,
)

Value = TypeVar("Value")


class Metric(StrEnum):
    """What a clock measures (contract.md section 5)."""

    ACKNOWLEDGEMENT = "acknowledgement"  # a person has taken it up; automatic receipts meet nothing
    FIRST_RESPONSE = "first_response"  # the first public answer of an agent
    NEXT_RESPONSE = "next_response"  # how often the contact hears from us
    RESOLUTION = "resolution"
    REGULATORY = "regulatory"


class CalendarCode(StrEnum):
    """Which time counts for a target."""

    SERVICE = "service"  # working hours
    ALWAYS = "always"  # every hour of every day
    REGULATORY = "regulatory"  # whole working days, cuti bersama closed
    STRICT = "strict"  # whole working days, cuti bersama worked

    @property
    def is_day_based(self) -> bool:
        """Whole days count, from the midnight after the day of receipt."""
        return self in (CalendarCode.REGULATORY, CalendarCode.STRICT)

    @property
    def is_fixed(self) -> bool:
        """Its hours are no setting: always open, or the law's own count. Holidays are entered apart."""
        return self in (CalendarCode.ALWAYS, CalendarCode.REGULATORY)


class Form(StrEnum):
    """How a complaint was made, in the words of POJK 22/2023; it decides the regulator's clock."""

    LISAN = "lisan"
    TERTULIS = "tertulis"


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """One promise: so much time of that calendar."""

    metric: Metric
    duration: timedelta
    calendar: CalendarCode
    is_pausable: bool
    pause_cap: timedelta | None = None
    """The most time of the calendar that all pauses of one clock may take out; None: no cap."""


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """The promises for the tickets that fit all conditions; None fits any."""

    code: str
    version: int
    name_id: str
    name_en: str
    kinds: frozenset[TicketKind] | None
    severities: frozenset[Severity] | None
    forms: frozenset[Form] | None
    categories: frozenset[str] | None
    targets: tuple[SlaTarget, ...]

    @property
    def is_fallback(self) -> bool:
        """Whether it fits every ticket."""
        return not self.conditions()

    def target(self, metric: Metric) -> SlaTarget | None:
        """Return what it promises for a metric, or None where it promises nothing."""
        return next((target for target in self.targets if target.metric == metric), None)

    def fits(self, *, kind: TicketKind, severity: Severity, form: Form, category: str | None) -> bool:
        """Say whether a ticket of this description falls under the policy."""
        return (
            _holds(self.kinds, kind)
            and _holds(self.severities, severity)
            and _holds(self.forms, form)
            and (self.categories is None or category in self.categories)
        )

    def conditions(self) -> dict[str, list[str]]:
        """Return the conditions as load_policies() reads them under `when`, in a steady order."""
        named = {
            "kinds": self.kinds,
            "severities": self.severities,
            "forms": self.forms,
            "categories": self.categories,
        }
        return {name: sorted(map(str, words)) for name, words in named.items() if words is not None}


_SPOKEN = frozenset({ChannelCode.PHONE, ChannelCode.SMS})

_POLICY_KEYS = ("code", "version", "name_id", "name_en", "when", "targets")
_CONDITION_KEYS = ("kinds", "severities", "forms", "categories")
_TARGET_KEYS = ("within", "calendar", "pausable", "pause_cap")

UNITS_OF: Mapping[CalendarCode, tuple[str, ...]] = {
    CalendarCode.SERVICE: ("m", "h", "wd"),
    CalendarCode.ALWAYS: ("m", "h"),
    CalendarCode.REGULATORY: ("d",),
    CalendarCode.STRICT: ("d",),
}
"""In which units a duration on a calendar is written, the smallest first."""


def form_of(channel: ChannelCode, *, place: str | None = None) -> Form:
    """Return the regulator's form of a channel (POJK 22/2023 Ps. 70(2) and its explanation; domain.md 1.3).

    A visit is written at an `office`; in the `field`, or nobody knows where, it is verbal: the shorter clock.
    """
    if channel is ChannelCode.VISIT:
        return Form.TERTULIS if place == "office" else Form.LISAN
    return Form.LISAN if channel in _SPOKEN else Form.TERTULIS


def choose_policy(
    policies: Sequence[SlaPolicy], *, kind: TicketKind, severity: Severity, form: Form, category: str | None
) -> SlaPolicy:
    """Return the first policy, in rank order, that fits. Raises NotFound only if the fallback is missing."""
    for policy in policies:
        if policy.fits(kind=kind, severity=severity, form=form, category=category):
            return policy
    raise NotFound("no SLA policy fits and there is no fallback")


def load_policies(mapping: Mapping[str, object]) -> tuple[SlaPolicy, ...]:
    """Read `{"policies": […]}` in rank order and check that it leaves no gap. Raises InvalidInput."""
    document = read_mapping(mapping, "document", allowed=("policies",))
    entries = read_list(document.get("policies"), "policies")
    policies = tuple(read_policy(entry, f"policies[{at}]") for at, entry in enumerate(entries))
    check_order(policies)
    return policies


def check_order(policies: Sequence[SlaPolicy]) -> None:
    """Raise InvalidInput where a code comes twice, or where the fallback is not the last and only one."""
    check_unique((policy.code for policy in policies), "policies")
    fallbacks = [policy.code for policy in policies if policy.is_fallback]
    if fallbacks != [policy.code for policy in policies[-1:]]:
        raise InvalidInput(
            "policies: exactly the last one must have no conditions, so that every ticket fits "
            f"and none stands behind it; without conditions now: {', '.join(fallbacks) or 'none'}",
            field="policies",
            code="fallback",
        )


def make_policy(
    *, code: str, version: int, name_id: str, name_en: str, conditions: object, targets: tuple[SlaTarget, ...]
) -> SlaPolicy:
    """Build a policy from stored parts; `conditions` as SlaPolicy.conditions() gives them."""
    when = read_mapping(conditions, f"{code}.when", allowed=_CONDITION_KEYS)
    policy = SlaPolicy(
        code=code,
        version=version,
        name_id=name_id,
        name_en=name_en,
        kinds=read_words(TicketKind, when.get("kinds"), f"{code}.when.kinds"),
        severities=read_words(Severity, when.get("severities"), f"{code}.when.severities"),
        forms=read_words(Form, when.get("forms"), f"{code}.when.forms"),
        categories=_read_categories(when.get("categories"), f"{code}.when.categories"),
        targets=targets,
    )
    _check_complaints_are_whole(policy)
    return policy


def read_policy(value: object, field: str) -> SlaPolicy:
    """Read one policy as it stands under `policies`. Raises InvalidInput."""
    entry = read_mapping(value, field, allowed=_POLICY_KEYS)
    code = read_text(entry, "code", field)
    version = entry.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InvalidInput(
            f"{code}.version: a number from 1 is needed, not {version!r}", field=f"{code}.version"
        )
    return make_policy(
        code=code,
        version=version,
        name_id=read_text(entry, "name_id", code),
        name_en=read_text(entry, "name_en", code),
        conditions=entry.get("when") or {},
        targets=_read_targets(entry.get("targets"), f"{code}.targets"),
    )


def read_target(metric: Metric, value: object, field: str) -> SlaTarget:
    """Read one promise as it stands under `targets`. Raises InvalidInput."""
    entry = read_mapping(value, field, allowed=_TARGET_KEYS)
    calendar = read_word(CalendarCode, entry.get("calendar"), field)
    duration = _read_duration(entry.get("within"), calendar, field)
    is_pausable = read_bool(entry, "pausable", field, default=False)
    if is_pausable and metric is Metric.REGULATORY:
        raise InvalidInput(
            f"{field}: the regulator's clock never pauses", field=field, code="regulator_pauses"
        )
    cap = entry.get("pause_cap")
    if cap is not None and not is_pausable:
        raise InvalidInput(
            f"{field}: pause_cap limits pauses, and this target is not pausable",
            field=field,
            code="cap_alone",
        )
    return SlaTarget(
        metric=metric,
        duration=duration,
        calendar=calendar,
        is_pausable=is_pausable,
        pause_cap=None if cap is None else _read_duration(cap, calendar, f"{field}.pause_cap"),
    )


@cache
def shipped_policies() -> tuple[SlaPolicy, ...]:
    """Return the policies of domain.md 7.2, as the package ships them."""
    text = files("helpdesk.sla").joinpath("data", "policies.yaml").read_text(encoding="utf-8")
    return load_policies(yaml.safe_load(text))


def _holds(words: frozenset[Value] | None, word: Value) -> bool:
    return words is None or word in words


def _read_categories(value: object, field: str) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(str(code) for code in read_list(value, field))


def _read_targets(value: object, field: str) -> tuple[SlaTarget, ...]:
    entries = read_mapping(value, field, allowed=Metric)
    if not entries:
        raise InvalidInput(
            f"{field}: a policy without a target promises nothing", field=field, code="no_promise"
        )
    return tuple(
        read_target(metric, entries[metric], f"{field}.{metric}") for metric in Metric if metric in entries
    )


def _read_duration(value: object, calendar: CalendarCode, field: str) -> timedelta:
    duration, unit = parse_duration(value, field)
    if unit not in UNITS_OF[calendar]:
        units = " or ".join(UNITS_OF[calendar])
        raise InvalidInput(
            f"{field}: on the calendar {calendar} a duration is in {units}", field=field, code="unit"
        )
    return duration


def _check_complaints_are_whole(policy: SlaPolicy) -> None:
    """Every complaint has a resolution and a regulatory clock (contract.md section 5)."""
    if not _holds(policy.kinds, TicketKind.COMPLAINT):
        return
    missing = {Metric.RESOLUTION, Metric.REGULATORY} - {target.metric for target in policy.targets}
    if missing:
        raise InvalidInput(
            f"{policy.code}: it holds for complaints and has no target for {', '.join(sorted(missing))}",
            field=f"{policy.code}.targets",
            code="complaint_promises",
        )
