"""SLA policies to read: in force as sentences, in every edition, side by side, and worked out on the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.queries import admin, policies
from helpdesk.queries.policies import Policies
from helpdesk.queries.policy_example import DueExample, ExampleBook, Place
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.sla.policy import SlaPolicy
from helpdesk.sla.policy_changes import ChangeKind, PolicyChange, compare
from helpdesk.sla.policy_checks import Finding, Weight, check_policies
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import policy_words as say
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.days import day_text
from helpdesk.views.fields import field_text

MAX_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Side:
    """One column of a worked example: a set of policies, and what its policy promises for the arrival."""

    name: str
    policy: SlaPolicy | None
    dues: tuple[DueExample, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """The ticket of an example, as asked for."""

    at: str
    unit: str
    error: str = ""


@bp.get("/admin/policies")
@requires(Action.REVIEW_POLICIES)
def policies_page() -> ResponseReturnValue:
    """Each policy as one sentence, in the order in which they are tried."""
    who = viewer()
    found, draft, editions, unseen = runtime().read(
        lambda session: (
            policies.in_force(session),
            policies.draft(session),
            policies.editions(session),
            policies.unseen_shipped(session),
        )
    )
    standing = tuple(row.policy for row in found)
    return render_template(
        "admin/policies.html",
        policies=[(row, say.sentence(row.policy)) for row in found],
        findings=worded(check_policies(standing), standing),
        draft=draft,
        is_author=draft is not None and draft.author_id == who.user_id,
        edition=editions[0].version if editions else None,
        unseen=unseen,
        in_language=words.in_language,
        may_edit=can(who, Action.ADMINISTER),
        zone=who.zone,
    )


@bp.get("/admin/policies/editions")
@requires(Action.REVIEW_POLICIES)
def policy_editions() -> ResponseReturnValue:
    """What was ever published, by whom and why; two of them side by side, or one to begin anew from."""
    who = viewer()
    found, draft = runtime().read(lambda session: (policies.editions(session), policies.draft(session)))
    return render_template(
        "admin/policy_editions.html",
        editions=found,
        has_draft=draft is not None,
        may_edit=can(who, Action.ADMINISTER),
        zone=who.zone,
    )


@bp.get("/admin/policies/compare")
@requires(Action.REVIEW_POLICIES)
def compare_editions() -> ResponseReturnValue:
    """Two editions, policy by policy."""
    before, after = _version("a"), _version("b")
    old, new = runtime().read(
        lambda session: (policies.edition(session, before), policies.edition(session, after))
    )
    changes = compare(old, new)
    return render_template(
        "admin/policy_compare.html",
        before=before,
        after=after,
        changes=sides(changes),
        same_count=sum(change.kind is ChangeKind.SAME for change in changes),
        change_words=say.CHANGES,
    )


@bp.get("/admin/policies/example")
@requires(Action.REVIEW_POLICIES)
def policy_example() -> ResponseReturnValue:
    """A ticket that arrives at an instant: when its promises fall due, by the policies in force and by the draft."""
    who, now = viewer(), runtime().now()
    current, draft, units = runtime().read(
        lambda session: (policies.current(session), policies.draft(session), admin.units(session))
    )
    drafted = draft.policies if draft is not None else ()
    names = say.names_of(current, drafted)
    code = request.args.get("code", "") or next(iter(names))
    if code not in names:
        raise NotFound(f"no policy {code}")
    pair = {"current": current, "draft": drafted} if drafted else {"current": current}
    chosen = {key: next((each for each in one if each.code == code), None) for key, one in pair.items()}
    arrival, found, place = runtime().read(
        lambda session: worked_out(session, chosen, who, now=now, given=request.args)
    )
    return render_template(
        "admin/policy_example.html",
        code=code,
        names=list(names.items()),
        arrival=arrival,
        place=place,
        sides=found,
        units=words.unit_choices(units),
        **example_words(),
    ), 422 if arrival.error else 200


def worked_out(
    session: Session,
    chosen: Mapping[str, SlaPolicy | None],
    who: Viewer,
    *,
    now: datetime,
    given: Mapping[str, str],
) -> tuple[Arrival, list[Side], Place]:
    """Work the chosen policies out for the arrival that was asked for: now at the viewer's unit unless told."""
    units = admin.units(session)
    own = next((unit.code for unit in units if unit.id == who.unit_id), units[0].code)
    unit, typed, error = given.get("unit", "") or own, given.get("at", "").strip(), ""
    try:
        book = ExampleBook(session, unit)
    except InvalidInput as refused:
        book, unit, error = ExampleBook(session, own), own, words.refusal(refused)
    zone, at = ZoneInfo(book.place.zone), now
    try:
        at = _instant(typed, zone) if typed else now
    except InvalidInput as refused:
        error = field_text(refused)
    local = at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    found = [
        Side(name, policy, book.work_out(policy, at) if policy is not None else ())
        for name, policy in chosen.items()
    ]
    return Arrival(typed if error else local, unit, error), found, book.place


def example_words() -> dict[str, object]:
    """Return what the template of an example needs besides the example."""
    return {"calendar_words": words.CALENDARS, "day_text": day_text, "sentence": say.sentence}


def worded(findings: Sequence[Finding], *sets: Policies) -> dict[str, list[str]]:
    """Return the findings in words by their weight."""
    names = say.names_of(*sets)
    told: dict[str, list[str]] = {weight.value: [] for weight in Weight}
    for finding in findings:
        told[finding.weight].append(say.finding_text(finding, names))
    return told


def sides(
    changes: Sequence[PolicyChange],
) -> list[tuple[PolicyChange, str, list[say.Part], list[say.Part]]]:
    """Return what differs with both sides in words: (change, name, before, after)."""
    return [
        (change, _name(change), say.parts(change.before, change), say.parts(change.after, change))
        for change in changes
        if change.kind is not ChangeKind.SAME
    ]


def _name(change: PolicyChange) -> str:
    policy = change.after or change.before
    return words.in_language(policy.name_id, policy.name_en) if policy else change.code


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        is_sound = found.tzinfo is None and 2000 <= found.year < 2100
    except ValueError:
        is_sound = False
    if not is_sound:
        raise InvalidInput("not a date with a time", field="at", code="instant")
    return found.replace(tzinfo=zone)


def _version(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 11 and 0 < int(text) <= MAX_VERSION):
        raise NotFound(f"no edition {text!r}")
    return int(text)
