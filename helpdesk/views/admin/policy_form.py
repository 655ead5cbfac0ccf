"""The form of one SLA policy, part by part of its sentence: as typed, and as the rules read it."""

import re
from dataclasses import dataclass

from flask import request

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.folding import plain_digits
from helpdesk.sla.durations import split_duration
from helpdesk.sla.policy import UNITS_OF, CalendarCode, Metric, SlaPolicy, SlaTarget, make_policy, read_target
from helpdesk.views.admin.policy_words import refusal
from helpdesk.views.fields import short_field

MAX_NAME = 120
PARTS = ("kinds", "severities", "forms", "categories")

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_USUAL = {
    Metric.REGULATORY: ("d", CalendarCode.REGULATORY),
}


@dataclass(frozen=True, slots=True)
class PromiseForm:
    """One promise as typed; without an amount there is none."""

    amount: str = ""
    unit: str = "wd"
    calendar: str = CalendarCode.SERVICE.value
    is_pausable: bool = False
    cap: str = ""
    cap_unit: str = "wd"


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """A policy as typed; a part without a choice holds for all."""

    code: str
    name_id: str
    name_en: str
    chosen: dict[str, tuple[str, ...]]
    promises: dict[Metric, PromiseForm]


def empty_form() -> PolicyForm:
    """Return the form of a policy that is not there yet."""
    promises = {
        metric: PromiseForm(unit=unit, calendar=calendar.value)
        for metric in Metric
        for unit, calendar in [_USUAL.get(metric, ("wd", CalendarCode.SERVICE))]
    }
    return PolicyForm("", "", "", dict.fromkeys(PARTS, ()), promises)


def form_of(policy: SlaPolicy) -> PolicyForm:
    """Return the form of a policy as it stands."""
    conditions = policy.conditions()
    blank = empty_form().promises
    stated = {target.metric: _promise_form(target) for target in policy.targets}
    return PolicyForm(
        code=policy.code,
        name_id=policy.name_id,
        name_en=policy.name_en,
        chosen={part: tuple(conditions.get(part, ())) for part in PARTS},
        promises=blank | stated,
    )


def typed_form(code: str | None) -> PolicyForm:
    """Return the form as it was sent; with a `code` the policy is there already."""
    given = request.form
    return PolicyForm(
        code=short_field("code") if code is None else code,
        name_id=short_field("name_id"),
        name_en=short_field("name_en"),
        chosen={part: tuple(given.getlist(part)) for part in PARTS},
        promises={
            metric: PromiseForm(
                amount=plain_digits(short_field(f"{metric}-amount")),
                unit=short_field(f"{metric}-unit"),
                calendar=short_field(f"{metric}-calendar"),
                is_pausable=bool(given.get(f"{metric}-pausable")),
                cap=plain_digits(short_field(f"{metric}-cap")),
                cap_unit=short_field(f"{metric}-cap-unit"),
            )
            for metric in Metric
        },
    )


def read_form(form: PolicyForm, *, version: int) -> tuple[SlaPolicy | None, dict[str, str]]:
    """Return the policy that was typed, or what is wrong with it by field: all faults at once."""
    wrong: dict[str, InvalidInput] = {}
    if not _CODE.fullmatch(form.code) or len(form.code) > 60:
        wrong["code"] = InvalidInput("not a code", field="code", code="code")
    for field in ("name_id", "name_en"):
        text = getattr(form, field)
        if not text or len(text) > MAX_NAME:
            wrong[field] = InvalidInput("a name", field=field, code="too_long" if text else "required")
    targets = [
        target
        for metric, promise in form.promises.items()
        if promise.amount and (target := _target(metric, promise, wrong)) is not None
    ]
    if not wrong and not targets:
        wrong["promises"] = InvalidInput("no promise", field="promises", code="no_promise")
    policy = None
    if not wrong:
        try:
            policy = make_policy(
                code=form.code,
                version=version,
                name_id=form.name_id,
                name_en=form.name_en,
                conditions={part: list(chosen) for part, chosen in form.chosen.items() if chosen},
                targets=tuple(targets),
            )
        except InvalidInput as error:
            is_axis = error.field.rpartition(".")[2]
            wrong[is_axis if is_axis in PARTS else "promises"] = error
    return policy, {field: refusal(error) for field, error in wrong.items()}


def _target(metric: Metric, promise: PromiseForm, wrong: dict[str, InvalidInput]) -> SlaTarget | None:
    entry: dict[str, object] = {
        "within": f"{promise.amount}{promise.unit}",
        "calendar": promise.calendar,
        "pausable": promise.is_pausable,
    }
    if promise.cap:
        entry["pause_cap"] = f"{promise.cap}{promise.cap_unit}"
    try:
        return read_target(metric, entry, metric.value)
    except InvalidInput as error:
        is_cap = error.field.endswith("pause_cap") or error.code == "cap_alone"
        wrong[f"{metric}-{'cap' if is_cap else 'amount'}"] = error
        return None


def _promise_form(target: SlaTarget) -> PromiseForm:
    units = UNITS_OF[target.calendar]
    amount, unit = split_duration(target.duration, units)
    cap, cap_unit = ("", unit)
    if target.pause_cap is not None:
        size, cap_unit = split_duration(target.pause_cap, units)
        cap = str(size)
    return PromiseForm(str(amount), unit, target.calendar.value, target.is_pausable, cap, cap_unit)
