"""What differs between two sets of policies, policy by policy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from helpdesk.sla.policy import Metric, SlaPolicy, SlaTarget
from helpdesk.sla.policy_document import cap_text, duration_text

NAME, CONDITIONS = "name", "conditions"


class ChangeKind(StrEnum):
    """What became of a policy."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"  # tried earlier or later, otherwise the same
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A policy before and after; None where it was not or is no more."""

    kind: ChangeKind
    code: str
    before: SlaPolicy | None
    after: SlaPolicy | None
    parts: frozenset[str]
    """What differs: NAME, CONDITIONS, and metrics."""
    is_moved: bool
    """Its place among those that stay has changed."""


def same_content(one: SlaPolicy, other: SlaPolicy) -> bool:
    """Say whether two policies differ in nothing but their version."""
    return replace(one, version=0) == replace(other, version=0)


def compare(before: Sequence[SlaPolicy], after: Sequence[SlaPolicy]) -> tuple[PolicyChange, ...]:
    """Return every policy of both sets in the order of `after`; those that are gone come last."""
    old = {policy.code: policy for policy in before}
    new = {policy.code: policy for policy in after}
    moved = _moved([code for code in old if code in new], [code for code in new if code in old])
    changes = [_change(old.get(code), policy, is_moved=code in moved) for code, policy in new.items()]
    gone = [
        PolicyChange(ChangeKind.REMOVED, code, policy, None, frozenset(), False)
        for code, policy in old.items()
        if code not in new
    ]
    return (*changes, *gone)


def is_same(changes: Sequence[PolicyChange]) -> bool:
    """Say whether nothing differs."""
    return all(change.kind is ChangeKind.SAME for change in changes)


def lines(change: PolicyChange) -> tuple[str, ...]:
    """Return what differs in the words of the document, for the audit trail and the command line."""
    before, after = change.before, change.after
    if before is None or after is None:
        return ()
    told = list(_field_lines(before, after))
    for metric in Metric:
        if metric in change.parts:
            told.append(f"{metric}: {_target(before, metric)} → {_target(after, metric)}")
    return tuple(told)


def _change(before: SlaPolicy | None, after: SlaPolicy, *, is_moved: bool) -> PolicyChange:
    if before is None:
        return PolicyChange(ChangeKind.ADDED, after.code, None, after, frozenset(), False)
    parts = frozenset(_parts(before, after))
    kind = ChangeKind.CHANGED if parts else ChangeKind.MOVED if is_moved else ChangeKind.SAME
    return PolicyChange(kind, after.code, before, after, parts, is_moved)


def _parts(before: SlaPolicy, after: SlaPolicy) -> Iterator[str]:
    if (before.name_id, before.name_en) != (after.name_id, after.name_en):
        yield NAME
    if before.conditions() != after.conditions():
        yield CONDITIONS
    for metric in Metric:
        if before.target(metric) != after.target(metric):
            yield metric


def _moved(before: list[str], after: list[str]) -> frozenset[str]:
    """Return the codes outside the longest runs that both orders share."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stay = {code for block in blocks for code in before[block.a : block.a + block.size]}
    return frozenset(before) - stay


def _field_lines(before: SlaPolicy, after: SlaPolicy) -> Iterator[str]:
    for name in ("name_id", "name_en"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name}: {getattr(before, name)} → {getattr(after, name)}"
    if before.conditions() != after.conditions():
        yield f"when: {_conditions(before)} → {_conditions(after)}"


def _conditions(policy: SlaPolicy) -> str:
    named = policy.conditions().items()
    return "; ".join(f"{name} {', '.join(words)}" for name, words in named) or "all"


def _target(policy: SlaPolicy, metric: Metric) -> str:
    return target_text(policy.target(metric))


def target_text(target: SlaTarget | None) -> str:
    """Return a promise in the words of the document."""
    if target is None:
        return "none"
    cap = cap_text(target)
    pauses = (f" pausable up to {cap}" if cap else " pausable") if target.is_pausable else ""
    return f"{duration_text(target)} {target.calendar}{pauses}"
