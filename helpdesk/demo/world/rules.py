"""What the services would look up for every ticket, looked up once: policies, matrix, routing, calendars."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.demo.world.facts import TicketFacts
from helpdesk.demo.world.people import Staff
from helpdesk.domain.conduct import concerns_staff
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.routing import RoutingDecision, choose_team, default_rules
from helpdesk.domain.severity import Assessment, Impact, Severity, Urgency
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services.policies import PolicyInForce, policy_for
from helpdesk.services.triage import current_matrix
from helpdesk.sla.escalation import Step
from helpdesk.sla.policy import shipped_policies


@dataclass(frozen=True, slots=True)
class _Routed:
    category: str | None
    severity: Severity
    kind: TicketKind
    unit: str


class Rules:
    """The rules of one installation at one moment; nothing of it changes while the world is built."""

    def __init__(self, session: Session, staff: Staff, lender: Lender) -> None:
        self._session = session
        self._staff = staff
        self.lender = lender
        self.book = CalendarBook(session)
        self.matrix = current_matrix(session)
        self.dues_of_days: dict[tuple[object, ...], tuple[datetime | None, datetime | None]] = {}
        """Due instants of clocks of whole days: those that start on one day at one unit share them."""
        self.plans_of_days: dict[tuple[object, ...], list[Step]] = {}
        """Their steps likewise."""
        self._policies: dict[tuple[object, ...], PolicyInForce] = {}
        self._own_policies = {code for policy in shipped_policies() for code in policy.categories or ()}
        self._teams: dict[_Routed, RoutingDecision] = {}

    def policy(self, ticket: TicketFacts) -> PolicyInForce:
        """Return the policy of a ticket."""
        category = ticket.category_code if ticket.category_code in self._own_policies else None
        key = (ticket.kind, ticket.severity, ticket.form, category)
        if key not in self._policies:
            described = Ticket(
                kind=ticket.kind,
                severity=ticket.severity,
                form=ticket.form,
                category_code=ticket.category_code,
            )
            self._policies[key] = policy_for(self._session, described)
        return self._policies[key]

    def rate(self, ticket: TicketFacts, text: str, *, source: str, unit: OrgUnit) -> None:
        """Write severity and team on the ticket as services/triage.py does."""
        if ticket.kind is TicketKind.ENQUIRY:
            reasons = self.matrix.assess(None, text="").reasons
            assessment = Assessment(Severity.S4, Impact.I1, urgency=Urgency.U1, reasons=reasons)
        else:
            assessment = self.matrix.assess(ticket.category_code, text=text, amount=ticket.amount)
        ticket.category_source = source
        ticket.severity = assessment.level
        ticket.impact = assessment.impact
        ticket.urgency = assessment.urgency
        ticket.severity_reasons = [
            {"rule": reason.rule, "text_id": reason.text_id, "text_en": reason.text_en}
            for reason in assessment.reasons
        ]
        ticket.matrix_version = self.matrix.version
        ticket.is_severity_overridden = False
        ticket.is_about_staff = concerns_staff(ticket.category_code)
        routing = self._routing(ticket, unit)
        ticket.team_id = self._staff.teams[routing.team].id
        ticket.routing_reason = {
            "team": routing.team,
            "rule": routing.rule,
            "id": routing.reason_id,
            "en": routing.reason_en,
        }

    def _routing(self, ticket: TicketFacts, unit: OrgUnit) -> RoutingDecision:
        key = _Routed(ticket.category_code, ticket.severity, ticket.kind, unit.code)
        if key not in self._teams:
            self._teams[key] = choose_team(
                default_rules(),
                category=ticket.category_code,
                severity=ticket.severity,
                kind=ticket.kind,
                unit_path=(self._staff.head_office.code, unit.code),
            )
        return self._teams[key]
