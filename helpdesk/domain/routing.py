"""Chooses the team of a ticket by rules in rank order; complaints about staff stay out of their Point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.taxonomy import Severity, matches_any
from helpdesk.domain.taxonomy import category as category_of

FALLBACK_TEAM = "triage"
NO_CATEGORY = "none"
"""Stands in `categories` for a ticket that nobody has placed yet."""
_KEYS = {"code", "team", "categories", "severities", "kinds", "units", "rank", "team_unit"}


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One rule; None means any."""

    code: str
    team: str
    rank: int
    categories: tuple[str, ...] | None = None
    severities: tuple[Severity, ...] | None = None
    kinds: tuple[TicketKind, ...] | None = None
    units: tuple[str, ...] | None = None
    """Codes of units; a ticket from any unit below one of them fits."""
    team_unit: str | None = None
    """Code of the unit in which the team sits; None for head office."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "RoutingRule":
        """Raise InvalidInput for an unknown key or level."""
        if unknown := sorted(mapping.keys() - _KEYS):
            raise InvalidInput(f"routing rule: unknown {', '.join(unknown)}", field="routing", code="routing")
        severities, kinds = _texts(mapping, "severities"), _texts(mapping, "kinds")
        team_unit = mapping.get("team_unit")
        try:
            return cls(
                code=str(mapping["code"]),
                team=str(mapping["team"]),
                rank=int(str(mapping["rank"])),
                categories=_texts(mapping, "categories"),
                severities=None if severities is None else tuple(Severity(each) for each in severities),
                kinds=None if kinds is None else tuple(TicketKind(each) for each in kinds),
                units=_texts(mapping, "units"),
                team_unit=None if team_unit is None else str(team_unit),
            )
        except (KeyError, ValueError) as error:
            raise InvalidInput(f"routing rule: {error}", field="routing", code="routing") from error


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """The team, the code of the rule that chose it ("" for the fallback), and why in both languages."""

    team: str
    rule: str
    reason_id: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team that the shipped rules name."""

    code: str
    name_id: str
    name_en: str


def _texts(mapping: Mapping[str, object], key: str) -> tuple[str, ...] | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"routing rule: {key} is not a list", field="routing", code="routing")
    return tuple(str(each) for each in value)


def choose_team(
    rules: Iterable[RoutingRule],
    *,
    category: str | None,
    severity: Severity,
    kind: TicketKind,
    unit_path: tuple[str, ...],
) -> RoutingDecision:
    """Return the team of the first rule that fits, by rank, then code; the triage team if none does.

    `unit_path`: codes from head office down to the Point that the ticket is about; empty if unknown.
    A complaint about staff, or one that domain.md 7.3 bars, never goes to a team in that last unit.
    """
    kept_out = unit_path[-1] if unit_path and _is_barred(category) else None
    for rule in sorted(rules, key=lambda each: (each.rank, each.code)):
        if rule.team_unit is not None and rule.team_unit == kept_out:
            continue
        if _fits(rule, category, severity=severity, kind=kind, unit_path=unit_path):
            reason_id, reason_en = _because(rule, category, severity=severity)
            return RoutingDecision(rule.team, rule.code, reason_id=reason_id, reason_en=reason_en)
    return RoutingDecision(
        FALLBACK_TEAM, "", reason_id="Tidak ada aturan yang cocok", reason_en="No rule fits"
    )


def _is_barred(category: str | None) -> bool:
    if category is None:
        return False
    found = category_of(category)
    return found.is_conduct or found.bars_point


def _fits(
    rule: RoutingRule,
    category: str | None,
    *,
    severity: Severity,
    kind: TicketKind,
    unit_path: tuple[str, ...],
) -> bool:
    if rule.categories is not None:
        if category is None and NO_CATEGORY not in rule.categories:
            return False
        if category is not None and not matches_any(category, rule.categories):
            return False
    return (
        (rule.severities is None or severity in rule.severities)
        and (rule.kinds is None or kind in rule.kinds)
        and (rule.units is None or bool(set(rule.units) & set(unit_path)))
    )


def _because(rule: RoutingRule, category: str | None, *, severity: Severity) -> tuple[str, str]:
    """Name only what the rule looked at."""
    parts_id: list[str] = []
    parts_en: list[str] = []
    if rule.categories is not None:
        parts_id.append(f"kategori {category}" if category else "belum ada kategori")
        parts_en.append(f"category {category}" if category else "no category yet")
    if rule.severities is not None:
        parts_id.append(f"tingkat {severity}")
        parts_en.append(f"severity {severity}")
    if rule.kinds is not None:
        parts_id.append("jenis tiket")
        parts_en.append("kind of ticket")
    if rule.units is not None:
        parts_id.append("wilayah")
        parts_en.append("region")
    joined_id, joined_en = ", ".join(parts_id) or "aturan umum", ", ".join(parts_en) or "general rule"
    return f"Aturan {rule.code}: {joined_id}", f"Rule {rule.code}: {joined_en}"


@cache
def default_rules() -> tuple[RoutingRule, ...]:
    """Return the rules that ship with the product."""
    rows = cast(list[dict[str, object]], load_yaml("routing.yaml")["rules"])
    return tuple(RoutingRule.from_mapping(row) for row in rows)


@cache
def default_teams() -> tuple[TeamName, ...]:
    """Return the teams that the shipped rules name."""
    rows = cast(dict[str, dict[str, str]], load_yaml("routing.yaml")["teams"])
    return tuple(TeamName(code, row["id"], name_en=row["en"]) for code, row in rows.items())
