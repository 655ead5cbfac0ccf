"""Rates and routes a ticket: category from the text, severity from the matrix, team from the rules."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import conduct, taxonomy
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind
from helpdesk.domain.messages import Direction
from helpdesk.domain.routing import RoutingDecision, RoutingRule, choose_team
from helpdesk.domain.severity import Assessment, Impact, Severity, SeverityMatrix, Urgency
from helpdesk.domain.subjects import subject_of
from helpdesk.domain.triage import best_guess
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.sla import MatrixVersion, RoutingRuleRow
from helpdesk.models.tickets import MOVED_IN, Ticket, TicketEvent, TicketSubject
from helpdesk.services import escalations, owners, sla
from helpdesk.services.trail import CONTACT, SYSTEM, record

_RATED = ("rated", "category_changed", "severity_changed")
"""Kinds of events that say how it was rated before."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that the rules say about one complaint."""

    category: str | None
    source: str
    assessment: Assessment
    matrix_version: int
    routing: RoutingDecision
    team_id: int


def judge(
    session: Session,
    text: str,
    *,
    kind: TicketKind,
    unit: OrgUnit,
    category: str | None = None,
    source: str = "contact",
    amount: int | None = None,
    impact: Impact | None = None,
    urgency: Urgency | None = None,
) -> Judgement:
    """Rate and route a text. A category that is given is kept; else the lexicon may propose one.

    `impact` and `urgency` as a person stated them replace what the text says of them.
    """
    if category is None:
        category = best_guess(text)
        source = "none" if category is None else "suggested"
    matrix = current_matrix(session)
    assessment = matrix.assess(category, text=text, amount=amount, impact=impact, urgency=urgency)
    routing = choose_team(
        _rules(session),
        category=category,
        severity=assessment.level,
        kind=kind,
        unit_path=_codes(session, unit),
    )
    team_id = session.scalars(select(Team.id).where(Team.code == routing.team)).one()
    return Judgement(category, source, assessment, matrix.version, routing, team_id)


def enquiry(session: Session, *, unit: OrgUnit) -> Judgement:
    """Judge a conversation that has no story yet: gravest nothing, triage team."""
    judgement = judge(session, "", kind=TicketKind.ENQUIRY, unit=unit)
    lowest = Assessment(
        level=Severity.S4,
        impact=Impact.I1,
        urgency=Urgency.U1,
        reasons=judgement.assessment.reasons,
    )
    return Judgement(None, "none", lowest, judgement.matrix_version, judgement.routing, judgement.team_id)


def judge_ticket(
    session: Session, ticket: Ticket, text: str, *, category: str | None, source: str = "contact"
) -> Judgement:
    """Judge a ticket by `text`. What a person rated stays rated so, with the category's default as the floor."""
    is_stated = ticket.is_severity_overridden
    return judge(
        session,
        text,
        kind=ticket.kind,
        unit=session.get_one(OrgUnit, ticket.unit_id),
        category=category,
        source=source,
        amount=ticket.amount,
        impact=ticket.impact if is_stated else None,
        urgency=ticket.urgency if is_stated else None,
    )


def story(session: Session, ticket: Ticket, *, newest: int | None = None) -> str:
    """Return all that the contact wrote or said in the ticket, oldest first, or only her `newest` messages."""
    found = session.execute(
        select(Message.id, Message.body)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(newest)
    ).all()
    heard = session.execute(
        select(Attachment.message_id, Attachment.transcript).where(
            Attachment.message_id.in_([message_id for message_id, _ in found]),
            Attachment.transcript.is_not(None),
        )
    ).all()
    said = [(message_id, 0, body) for message_id, body in found] + [
        (of or 0, 1, words or "") for of, words in heard
    ]
    return "\n".join(words for _, _, words in sorted(said))


def apply(ticket: Ticket, judgement: Judgement, *, is_about_staff: bool) -> None:
    """Write a judgement on the ticket (no event: the caller says why).

    `is_about_staff`: it is known to be, whatever its category.
    """
    ticket.category_code = judgement.category
    ticket.category_source = judgement.source
    ticket.matrix_version = judgement.matrix_version
    set_assessment(ticket, judgement.assessment)
    ticket.team_id = judgement.team_id
    ticket.routing_reason = {
        "team": judgement.routing.team,
        "rule": judgement.routing.rule,
        "id": judgement.routing.reason_id,
        "en": judgement.routing.reason_en,
    }
    ticket.is_about_staff = is_about_staff or conduct.concerns_staff(judgement.category)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Team and assignee before and after a later judgement, for its event; empty where the assignee stays."""

    before: dict[str, str]
    after: dict[str, str]


def apply_again(
    session: Session, ticket: Ticket, judgement: Judgement, *, is_about_staff: bool | None = None
) -> HandedOver:
    """Write a later judgement: the staff complained about stay barred, and whoever has the ticket keeps it.

    What was about staff stays so (None), for a category does not say all that the contact did; False where a
    person with the right has decided otherwise. Whoever is named as a subject is about staff in any case.
    An assignee who is barred by now loses the ticket to the team of the new judgement.
    """
    team_id, routing = ticket.team_id, ticket.routing_reason
    subjects = select(TicketSubject.user_id).where(TicketSubject.ticket_id == ticket.id).limit(1)
    known = ticket.is_about_staff if is_about_staff is None else is_about_staff
    apply(ticket, judgement, is_about_staff=known or session.scalar(subjects) is not None)
    handed = _drop_barred(session, ticket, team_id=team_id)
    if ticket.assignee_id is not None:
        ticket.team_id, ticket.routing_reason = team_id, routing
    return handed


def _drop_barred(session: Session, ticket: Ticket, *, team_id: int) -> HandedOver:
    """Take the ticket from an assignee who may not see it any more; `team_id` is the team that it was in."""
    if ticket.assignee_id is None or ticket.assignee_id not in escalations.barred_user_ids(session, ticket):
        return HandedOver({}, {})
    assignee = session.get_one(User, ticket.assignee_id).public_id
    owners.take_away(ticket)
    before, after = (session.get_one(Team, each).code for each in (team_id, ticket.team_id))
    return HandedOver({"team": before, "assignee": assignee}, {"team": after, "assignee": ""})


def keep_from_staff(session: Session, ticket: Ticket, added: str, *, now: datetime) -> None:
    """Bar the staff of the point from a complaint that becomes one about them by what the contact adds.

    They may have read all before; what she says now is not for them, whatever the category was and whoever has it.
    """
    if ticket.is_about_staff:
        return
    if conduct.is_about_staff(added, category=None, menu_choice=None, has_subjects=False):
        bar_staff(session, ticket, now=now)


def bar_as(session: Session, source: Ticket, target: Ticket, *, now: datetime) -> None:
    """Keep the target from everybody who is kept from the source: something that was told there goes into it."""
    subjects = subjects_of(session, source)
    if source.is_about_staff or subjects:
        bar_staff(session, target, subjects=subjects, now=now)


def subjects_of(session: Session, ticket: Ticket) -> tuple[int, ...]:
    """Return the ids of the staff whom the ticket is about."""
    return tuple(session.scalars(select(TicketSubject.user_id).where(TicketSubject.ticket_id == ticket.id)))


def bar_staff(session: Session, ticket: Ticket, *, subjects: Iterable[int] = (), now: datetime) -> None:
    """Keep the ticket from the staff of its point and from these, whatever the category is and whoever has it."""
    added = sorted(set(subjects) - set(subjects_of(session, ticket)))
    if ticket.is_about_staff and not added:
        return
    session.add_all(TicketSubject(ticket_id=ticket.id, user_id=user_id) for user_id in added)
    session.flush()
    ticket.is_about_staff = True
    handed = _drop_barred(session, ticket, team_id=ticket.team_id)
    data: dict[str, object] = {"from": handed.before, "to": handed.after}
    record(session, ticket, "became_about_staff", actor=SYSTEM, at=now, data=data)
    sla.ladder_changed(session, ticket, now=now)


def weigh_again(session: Session, ticket: Ticket, added: str, *, now: datetime) -> None:
    """Judge the whole story so far: a later message may tell of the harm, or first tell what a menu named.

    What is graver when it stands alone decides, also of the category: that she was asked for money is no detail
    of a late posting. Who has taken the ticket reads it, and judges for himself.
    """
    if ticket.assignee_id is not None:
        return
    if ticket.subject in {menu.name_id for menu in taxonomy.MENU.values()}:
        ticket.subject = subject_of(added)
    keep = ticket.category_code if ticket.category_source != "none" else None
    words = story(session, ticket, newest=20)
    whole = judge_ticket(session, ticket, words, category=keep, source=ticket.category_source)
    alone = judge_ticket(session, ticket, added, category=None)
    is_graver_alone = alone.category is not None and alone.assessment.level < whole.assessment.level
    _judge_again(session, ticket, alone if is_graver_alone else whole, now=now)


def chosen_by_contact(session: Session, ticket: Ticket, category: str, *, now: datetime) -> None:
    """The contact says herself what it is about: team and severity follow, but nothing becomes milder by it.

    Where a person decided, or has the ticket, her word is only noted: it stands in the conversation.
    """
    if ticket.assignee_id is not None or ticket.category_source == "agent":
        return
    if category == ticket.category_code:
        ticket.category_source = "contact"
        record(session, ticket, "category_confirmed", actor=CONTACT, at=now)
        return
    judgement = judge_ticket(session, ticket, story(session, ticket, newest=20), category=category)
    is_graver = judgement.assessment.level < ticket.severity and not ticket.is_severity_overridden
    _write_again(session, ticket, judgement, is_rated_anew=is_graver, actor=CONTACT, now=now)


def judge_what_is_left(session: Session, ticket: Ticket, *, chosen: str | None = None, now: datetime) -> None:
    """Judge a ticket anew by what is left of her words after some went to another; it may become milder.

    What a person decided, chose or has taken stays. Who was barred stays barred. `chosen`: the category that she
    had chosen before those words changed it.
    """
    is_decided = ticket.is_severity_overridden or ticket.category_source in ("agent", "contact")
    if is_decided or ticket.assignee_id is not None or ticket.status not in ACTIVE_STATUSES:
        return
    judgement = judge_ticket(session, ticket, story(session, ticket, newest=20), category=chosen)
    if (judgement.category, judgement.assessment.level) != (ticket.category_code, ticket.severity):
        _write_again(session, ticket, judgement, is_rated_anew=True, actor=SYSTEM, now=now)


def gravest(session: Session, ticket: Ticket) -> Severity:
    """Return the gravest that the ticket was ever rated, or one from which a message came to it."""
    found = session.execute(
        select(TicketEvent.kind, TicketEvent.data).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_((*_RATED, MOVED_IN))
        )
    )
    told = [data if kind == MOVED_IN else data.get("from") for kind, data in found if data]
    rated = [facts.get("severity") for facts in told if isinstance(facts, dict)]
    return min((ticket.severity, *(Severity(level) for level in rated if level)))  # S1 sorts before S2


def set_assessment(ticket: Ticket, assessment: Assessment) -> None:
    """Write level, impact, urgency and reasons."""
    ticket.severity = assessment.level
    ticket.impact = assessment.impact
    ticket.urgency = assessment.urgency
    ticket.severity_reasons = [
        {key: str(value) for key, value in asdict(r).items()} for r in assessment.reasons
    ]


def _judge_again(session: Session, ticket: Ticket, judgement: Judgement, *, now: datetime) -> None:
    """Write it where it raises the severity or fills a missing category; it never lowers anything."""
    is_graver = judgement.assessment.level < ticket.severity  # S1 sorts before S2
    is_placed = ticket.category_code is None and judgement.category is not None
    if ticket.is_severity_overridden or not (is_graver or is_placed):
        return
    _write_again(session, ticket, judgement, is_rated_anew=is_graver, actor=SYSTEM, now=now)


def _write_again(
    session: Session, ticket: Ticket, judgement: Judgement, *, is_rated_anew: bool, actor: str, now: datetime
) -> None:
    """Write category and team, and the rating where it is to be, with the event and the clocks that follow."""
    before: dict[str, str] = {"category": ticket.category_code or "", "severity": ticket.severity}
    assessment = judgement.assessment
    old = (ticket.severity, ticket.impact, ticket.urgency, ticket.severity_reasons)
    handed = apply_again(session, ticket, judgement)
    if not is_rated_anew:
        ticket.severity, ticket.impact, ticket.urgency, ticket.severity_reasons = old
    record(
        session,
        ticket,
        "rated",
        actor=actor,
        at=now,
        data={
            "from": before | handed.before,
            "category": ticket.category_code or "",
            "severity": ticket.severity,
            "rules": [reason.rule for reason in assessment.reasons],
            **handed.after,
        },
    )
    sla.refit(session, ticket, now=now)


def current_matrix(session: Session) -> SeverityMatrix:
    """Return the newest published matrix."""
    document = session.scalars(
        select(MatrixVersion.document).order_by(MatrixVersion.version.desc()).limit(1)
    ).one()
    return _parsed(document)


_parsed_matrices: dict[str, SeverityMatrix] = {}


def _parsed(document: str) -> SeverityMatrix:
    """Parse a published document once: it never changes under its text."""
    if document not in _parsed_matrices:
        _parsed_matrices[document] = SeverityMatrix.from_mapping(yaml.safe_load(document))
    return _parsed_matrices[document]


def _rules(session: Session) -> tuple[RoutingRule, ...]:
    rows = session.scalars(
        select(RoutingRuleRow).where(RoutingRuleRow.retired_at.is_(None)).order_by(RoutingRuleRow.rank)
    )
    return tuple(
        RoutingRule.from_mapping(
            {"code": row.code, "rank": row.rank, "team": row.team_code, **row.conditions}
        )
        for row in rows
    )


def _codes(session: Session, unit: OrgUnit) -> tuple[str, ...]:
    ids = [int(part) for part in unit.path.strip("/").split("/")]
    found = session.execute(select(OrgUnit.id, OrgUnit.code).where(OrgUnit.id.in_(ids))).all()
    names = {row.id: row.code for row in found}
    return tuple(names[unit_id] for unit_id in ids if unit_id in names)
