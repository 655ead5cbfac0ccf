"""More time before the regulator: each extension with its ground, its reason and a notice (POJK 22/2023 Ps. 75)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import Purpose
from helpdesk.domain.reasons import stated
from helpdesk.domain.wording import Language
from helpdesk.models.regulation import standing_of
from helpdesk.models.sla import SlaExtension
from helpdesk.models.tickets import Ticket
from helpdesk.services import documents, periods, regulatory_clock, replies, tickets
from helpdesk.services.trail import lock_ticket, record
from helpdesk.sla.regulation import DAY, HANDLING, PARTY, Extension, Ground, Rule, rule
from helpdesk.sla.standing import BECAUSE, Step, why_not

MAX_REASON = 300
MAX_PARTY = 100


@dataclass(frozen=True, slots=True)
class ExtensionDraft:
    """What a person filled in. With a `party` it is the extension beyond the first (Ps. 75(5))."""

    ground: str
    reason: str
    party: str = ""

    @property
    def code(self) -> str:
        """The rule that it falls under."""
        return PARTY if self.party.strip() else HANDLING


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen and be said."""

    due_before: datetime
    due_after: datetime
    ground: Ground
    text: str


def preview(
    session: Session, ticket_id: int, draft: ExtensionDraft, *, lender: Lender, now: datetime
) -> Preview:
    """Return the new date and the notice; nothing is changed but the lock. Raises as extend()."""
    ticket = lock_ticket(session, ticket_id)
    _, extension, ground = _checked(session, ticket, draft, now=now)
    due_before, due_after = regulatory_clock.due_if_prolonged(
        session, ticket, longer=extension.days * DAY, now=now
    )
    said = replies.text_for(
        session, ticket, "T10", lender=lender, now=now, values=_values(session, ticket, ground, due_after)
    )
    return Preview(due_before, due_after, ground, said)


def extend(
    session: Session, ticket_id: int, draft: ExtensionDraft, *, actor: str, lender: Lender, now: datetime
) -> SlaExtension:
    """Give the written complaint more time; the notice goes out in the same transaction, so before the time ends."""
    ticket = lock_ticket(session, ticket_id)
    limit, extension, ground = _checked(session, ticket, draft, now=now)
    due_before, due_after = regulatory_clock.prolong(session, ticket, longer=extension.days * DAY, now=now)
    message = replies.say_to(
        session,
        ticket,
        "T10",
        purpose=Purpose.NOTICE,
        lender=lender,
        now=now,
        values=_values(session, ticket, ground, due_after),
    )
    row = SlaExtension(
        ticket_id=ticket.id,
        code=limit.code,
        ground=ground.code,
        reason=draft.reason.strip(),
        party=draft.party.strip() or None,
        at=now,
        due_before=due_before,
        due_after=due_after,
        message_id=message.id if message.delivery is not None else None,
        actor=actor,
    )
    session.add(row)
    if limit.code == PARTY:
        periods.begin(session, ticket, PARTY, subject=draft.party.strip(), started_at=now, actor=actor)
    data = {
        "rule": limit.code,
        "ground": ground.code,
        "reason": row.reason,
        "due_before": due_before.isoformat(),
        "due_after": due_after.isoformat(),
        "zone": replies.zone_of(session, ticket),
    }
    if row.party:
        data["party"] = row.party
    record(session, ticket, "sla_extended", actor=actor, at=now, data=data)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
    session.flush()
    return row


def _checked(
    session: Session, ticket: Ticket, draft: ExtensionDraft, *, now: datetime
) -> tuple[Rule, Extension, Ground]:
    step = Step.EXTEND_FOR_PARTY if draft.code == PARTY else Step.EXTEND
    refusal = why_not(step, standing_of(session, ticket), now=now)
    if refusal is not None:
        raise Conflict(BECAUSE[refusal], code=refusal)
    limit = rule(draft.code)
    if limit.extension is None:
        raise Conflict(f"{limit.code} cannot be extended", code="not_extendable")
    ground = limit.extension.grounds[0] if limit.code == PARTY else limit.extension.ground(draft.ground)
    for field, text, most in (("reason", draft.reason, MAX_REASON), ("party", draft.party or "-", MAX_PARTY)):
        _check_text(text, field, most)
    stated(draft.reason)
    return limit, limit.extension, ground


def _check_text(text: str, field: str, most: int) -> None:
    """What stands in a letter may hold no secret, as in a reply."""
    try:
        body = replies.checked_text(text)
    except InvalidInput as error:
        raise InvalidInput(str(error), field=field, code=error.code) from None
    if len(body) > most:
        raise InvalidInput(f"longer than {most} characters", field=field, code="too_long")


def _values(session: Session, ticket: Ticket, ground: Ground, due_after: datetime) -> dict[str, str]:
    cause = ground.says_en if ticket.language == Language.EN else ground.says_id
    return documents.dates(session, ticket, due_after) | {"sebab": cause}
