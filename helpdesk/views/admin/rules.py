"""The rules as they stand, to read: severity matrix, routing, categories."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.domain.matrix_rules import Impact, MatrixRule, Urgency
from helpdesk.domain.taxonomy import CATEGORIES, REGULATOR_TYPES, groups
from helpdesk.queries import admin
from helpdesk.queries.visibility import Action
from helpdesk.services.triage import current_matrix
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.formatting import rupiah
from helpdesk.views.shipped_names import shipped


@bp.get("/admin/matrix")
@requires(Action.ADMINISTER)
def matrix() -> ResponseReturnValue:
    """The published severity matrix: its cells, its floors and its rules in words."""
    current, versions = runtime().read(lambda session: (current_matrix(session), admin.matrices(session)))
    return render_template(
        "admin/matrix.html",
        matrix=current,
        versions=versions,
        impacts=list(Impact),
        urgencies=list(Urgency),
        rules=[(rule, rule_text(rule)) for rule in current.document.rules],
        floors=[(code, words.category_names([code]), current.floor(code)) for code in CATEGORIES],
        in_language=words.in_language,
        zone=viewer().zone,
    )


@bp.get("/admin/routing")
@requires(Action.ADMINISTER)
def routing() -> ResponseReturnValue:
    """Which team takes what, in the order in which the rules are tried."""
    rules, teams = runtime().read(lambda session: (admin.routing_rules(session), admin.teams(session)))
    return render_template(
        "admin/routing.html",
        rules=[(row, words.conditions_text(row.conditions)) for row in rules],
        team_names={team.code: shipped(team.name) for team in teams},
    )


@bp.get("/admin/categories")
@requires(Action.ADMINISTER)
def categories() -> ResponseReturnValue:
    """All categories with what follows from each."""
    return render_template(
        "admin/categories.html",
        groups=groups(),
        regulator_types=REGULATOR_TYPES,
        in_language=words.in_language,
    )


def rule_text(rule: MatrixRule) -> str:
    """Return the conditions of a matrix rule in words; all of them must hold."""
    parts: list[str] = []
    if rule.categories:
        parts.append(_("kategori %(names)s", names=words.category_names(rule.categories)))
    if rule.words:
        parts.append(_("kata: %(words)s", words=_listed(rule.words)))
    if rule.amount_from is not None:
        parts.append(_("uang mulai %(amount)s", amount=rupiah(rule.amount_from)))
    if rule.affected_from is not None:
        parts.append(_("mulai %(n)s Mitra terkena", n=rule.affected_from))
    if rule.is_for_vulnerable:
        parts.append(_("Mitra rentan"))
    return "; ".join(parts) or "–"


def _listed(phrases: Sequence[str]) -> str:
    return ", ".join(f"“{phrase}”" for phrase in phrases)
