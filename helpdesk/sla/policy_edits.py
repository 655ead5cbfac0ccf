"""Changes of a set of policies in rank order, one at a time; the fallback stays the last one."""

from collections.abc import Sequence

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.sla.policy import SlaPolicy, check_order

Policies = tuple[SlaPolicy, ...]


def find(policies: Sequence[SlaPolicy], code: str) -> SlaPolicy:
    """Return the policy with that code. Raises NotFound."""
    return policies[_place(policies, code)]


def replaced(policies: Sequence[SlaPolicy], policy: SlaPolicy) -> Policies:
    """Return them with `policy` in the place of the one with its code. Raises NotFound, InvalidInput."""
    at = _place(policies, policy.code)
    changed = (*policies[:at], policy, *policies[at + 1 :])
    check_order(changed)
    return changed


def added(policies: Sequence[SlaPolicy], policy: SlaPolicy) -> Policies:
    """Return them with `policy` as the first one: what is new is most often a special case.

    Raises InvalidInput where the code is taken or it has no conditions.
    """
    changed = (policy, *policies)
    check_order(changed)
    return changed


def without(policies: Sequence[SlaPolicy], code: str) -> Policies:
    """Return them without one. Raises NotFound, InvalidInput for the fallback."""
    at = _place(policies, code)
    _refuse_fallback(policies[at])
    return (*policies[:at], *policies[at + 1 :])


def moved(policies: Sequence[SlaPolicy], code: str, *, is_up: bool) -> Policies:
    """Return them with one tried a place earlier or later; at either end nothing changes.

    Raises NotFound, InvalidInput for the fallback.
    """
    at = _place(policies, code)
    _refuse_fallback(policies[at])
    to = at - 1 if is_up else at + 1
    if to < 0 or policies[to].is_fallback:
        return tuple(policies)
    changed = list(policies)
    changed[at], changed[to] = changed[to], changed[at]
    return tuple(changed)


def _place(policies: Sequence[SlaPolicy], code: str) -> int:
    for at, policy in enumerate(policies):
        if policy.code == code:
            return at
    raise NotFound(f"no policy {code}")


def _refuse_fallback(policy: SlaPolicy) -> None:
    if policy.is_fallback:
        raise InvalidInput("the fallback is always there, and the last", field=policy.code, code="fallback")
