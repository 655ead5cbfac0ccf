"""Policies for tests: as documents write them, changed in one place."""

from dataclasses import replace
from typing import Any

from helpdesk.sla.policy import Metric, SlaPolicy, SlaTarget, read_policy, read_target, shipped_policies

LAWFUL: dict[str, Any] = {
    "resolution": {"within": "3wd", "calendar": "service", "pausable": True, "pause_cap": "10wd"},
    "regulatory": {"within": "5d", "calendar": "regulatory"},
}


def a_policy(code: str = "all", targets: dict[str, Any] | None = None, **when: Any) -> SlaPolicy:
    """Return a policy that promises a complaint what the law asks; `when` are its conditions."""
    entry = {
        "code": code,
        "version": 1,
        "name_id": code.capitalize(),
        "name_en": code.capitalize(),
        "when": when,
        "targets": LAWFUL if targets is None else targets,
    }
    return read_policy(entry, code)


def with_target(code: str, metric: str, **entry: Any) -> tuple[SlaPolicy, ...]:
    """Return the shipped policies with another promise in one of them; without an entry with none."""
    word = Metric(metric)
    wanted = read_target(word, entry, metric) if entry else None

    def changed(policy: SlaPolicy) -> SlaPolicy:
        kept: dict[Metric, SlaTarget] = {target.metric: target for target in policy.targets}
        kept.pop(word, None)
        if wanted is not None:
            kept[word] = wanted
        return replace(policy, targets=tuple(kept[each] for each in Metric if each in kept))

    return tuple(changed(each) if each.code == code else each for each in shipped_policies())
