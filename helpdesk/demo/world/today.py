"""What happened this morning, done by the services themselves: corrections, and the law's periods in use."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from helpdesk.demo.world.chronicle import Chronicle, actor_of
from helpdesk.demo.world.people import Staff
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind
from helpdesk.domain.messages import CHAT_CHANNELS
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.regulation import standing_of
from helpdesk.models.tickets import Ticket
from helpdesk.services import documents, extensions, sweeps, tickets
from helpdesk.services.extensions import ExtensionDraft
from helpdesk.sla.policy import Form
from helpdesk.sla.standing import Step, why_not

CORRECTED = 3
FRESH = timedelta(days=3)
EXTENDED, ASKED = 1, 2
WHY_LONGER = "Catatan bank lama harus dicari di arsip"


def correct_some(session: Session, chronicles: list[Chronicle], staff: Staff, *, now: datetime) -> None:
    """Let the supervisor raise a few tickets, and an agent move one to another category."""
    supervisor = actor_of(staff.user("supervisor@demo.id"))
    agent = actor_of(staff.user("agen@demo.id"))
    mild = [
        chronicle.ticket.id
        for chronicle in chronicles
        if _is_fresh(chronicle, now) and chronicle.ticket.severity is Severity.S3
    ]
    for ticket_id in mild[-CORRECTED:]:
        tickets.override_severity(
            session,
            ticket_id,
            impact=Impact.I3,
            urgency=Urgency.U2,
            reason="Beberapa Mitra di majelis yang sama mengalaminya",
            actor=supervisor,
            now=now,
        )
    for ticket_id in mild[:-CORRECTED][-1:]:
        tickets.set_category(session, ticket_id, "PGD-ABAI", actor=agent, now=now)
    sweeps.run_within(session, now=now)


def use_the_law(
    session: Session, chronicles: list[Chronicle], staff: Staff, *, lender: Lender, now: datetime
) -> None:
    """Let an agent ask for missing documents, and a supervisor give a case ten days more: letters on the phones."""
    agent, supervisor = staff.user("agen@demo.id"), staff.user("supervisor@demo.id")
    written = [chronicle.ticket.id for chronicle in chronicles if _is_written_chat(chronicle)]
    for ticket_id in islice(_that_may(session, Step.EXTEND, written, now=now), EXTENDED):
        draft = ExtensionDraft(ground="b", reason=WHY_LONGER)
        extensions.extend(session, ticket_id, draft, actor=actor_of(supervisor), lender=lender, now=now)
    for ticket_id in islice(_that_may(session, Step.REQUEST_DOCUMENTS, reversed(written), now=now), ASKED):
        documents.request(
            session,
            ticket_id,
            ["problem", "supporting"],
            author_id=agent.id,
            actor=actor_of(agent),
            lender=lender,
            now=now,
        )


def _that_may(session: Session, step: Step, ticket_ids: Iterable[int], *, now: datetime) -> Iterator[int]:
    """Find those of the tickets for which the law allows the step, one by one."""
    for ticket_id in ticket_ids:
        if why_not(step, standing_of(session, session.get_one(Ticket, ticket_id)), now=now) is None:
            yield ticket_id


def _is_written_chat(chronicle: Chronicle) -> bool:
    ticket = chronicle.ticket
    is_chat = ticket.channel in CHAT_CHANNELS and ticket.form is Form.TERTULIS
    return is_chat and _is_active_complaint(chronicle)


def _is_fresh(chronicle: Chronicle, now: datetime) -> bool:
    return _is_active_complaint(chronicle) and now - chronicle.ticket.received_at < FRESH


def _is_active_complaint(chronicle: Chronicle) -> bool:
    ticket = chronicle.ticket
    is_complaint = ticket.kind is TicketKind.COMPLAINT and not ticket.is_about_staff
    return is_complaint and ticket.status in ACTIVE_STATUSES
