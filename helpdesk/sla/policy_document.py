"""A set of policies as a YAML document: read, written, and the sign by which one text is known again."""

import hashlib
from collections.abc import Iterable

import yaml

from helpdesk.domain.errors import InvalidInput
from helpdesk.sla.durations import split_duration
from helpdesk.sla.policy import UNITS_OF, SlaPolicy, SlaTarget, load_policies


def parse_document(document: str) -> tuple[SlaPolicy, ...]:
    """Read a YAML document as policies.yaml is one. Raises InvalidInput that says where it is broken."""
    try:
        mapping = yaml.safe_load(document)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidInput(f"broken YAML{line}: {error.problem}", field="document", code="yaml") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"broken YAML: {error}", field="document", code="yaml") from None
    return load_policies(mapping)


def write_document(policies: Iterable[SlaPolicy]) -> str:
    """Return the policies as a document that parse_document() reads back the same."""
    entries = {"policies": [as_entry(policy) for policy in policies]}
    return str(
        yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)
    )


def as_entry(policy: SlaPolicy) -> dict[str, object]:
    """Return a policy as read_policy() takes it."""
    conditions = policy.conditions()
    return {
        "code": policy.code,
        "version": policy.version,
        "name_id": policy.name_id,
        "name_en": policy.name_en,
        **({"when": conditions} if conditions else {}),
        "targets": {target.metric.value: _target(target) for target in policy.targets},
    }


def duration_text(target: SlaTarget) -> str:
    """Return the time of a target as a document writes it: 30m, 2h, 3wd, 10d."""
    amount, unit = split_duration(target.duration, UNITS_OF[target.calendar])
    return f"{amount}{unit}"


def cap_text(target: SlaTarget) -> str | None:
    """Return the cap on the pauses of a target likewise; None where there is none."""
    if target.pause_cap is None:
        return None
    amount, unit = split_duration(target.pause_cap, UNITS_OF[target.calendar])
    return f"{amount}{unit}"


def fingerprint(document: str, note: str) -> str:
    """Return the sign of a draft as somebody saw it: another text or another reason is another draft."""
    return hashlib.sha256(f"{note}\0{document}".encode()).hexdigest()[:32]


def _target(target: SlaTarget) -> dict[str, object]:
    entry: dict[str, object] = {"within": duration_text(target), "calendar": target.calendar.value}
    if target.is_pausable:
        entry["pausable"] = True
    cap = cap_text(target)
    return entry if cap is None else entry | {"pause_cap": cap}
