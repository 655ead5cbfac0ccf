"""Who may do what: one table of actions per role and token scope (contract.md section 3)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from helpdesk.models.people import Role, TokenScope


class Action(StrEnum):
    """What a page or an API call asks for. Which tickets it may touch is visibility.py's matter."""

    READ_QUEUE = "read_queue"
    READ_TICKET = "read_ticket"
    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    REASSIGN = "reassign"
    """Take a ticket from whoever has it, seen or not."""
    ANSWER_ESCALATION = "answer_escalation"
    """Say that one has an escalated ticket; whose turn it is, the ladder says. Auditors only read."""
    STATUS = "status"
    CLASSIFY = "classify"
    """Category and kind; severity follows from the matrix."""
    SEVERITY = "severity"
    """Override what the matrix says."""
    RESOLVE = "resolve"
    APPROVE = "approve"
    """Be the second person."""
    RECORD_PERIOD = "record_period"
    """Keep what the regulator asks and by when. Supervisors: compliance reads, and is the second person."""
    ENTER_LWK = "enter_lwk"
    READ_LWK = "read_lwk"
    """See the batches of paper forms with their totals; which ones, queries/paper.py says."""
    READ_SEALED = "read_sealed"
    """The list of envelopes about staff, at head office."""
    RECEIVE_SEALED = "receive_sealed"
    """Note that an envelope arrived, and type what is in it."""
    ENTER_PHONE = "enter_phone"
    READ_EXPLANATIONS = "read_explanations"
    """See when the way to complain was explained; field staff that of their own point."""
    ENTER_EXPLANATIONS = "enter_explanations"
    READ_CONTACTS = "read_contacts"
    REVEAL_PERSONAL = "reveal_personal"
    READ_DASHBOARD = "read_dashboard"
    READ_TRENDS = "read_trends"
    EDIT_IMPROVEMENTS = "edit_improvements"
    READ_REPORTS = "read_reports"
    REVIEW_POLICIES = "review_policies"
    """See the SLA policies with their draft and be the second person for it; only ADMINISTER writes one."""
    REVIEW_TEXTS = "review_texts"
    """The same for what a Mitra reads from us."""
    READ_AUDIT = "read_audit"
    HANDLE_PRIVACY = "handle_privacy"
    ADMINISTER = "administer"


_AGENT = frozenset(
    {
        Action.READ_QUEUE,
        Action.READ_TICKET,
        Action.REPLY,
        Action.NOTE,
        Action.ASSIGN,
        Action.ANSWER_ESCALATION,
        Action.STATUS,
        Action.CLASSIFY,
        Action.RESOLVE,
        Action.ENTER_LWK,
        Action.READ_LWK,
        Action.ENTER_PHONE,
        Action.READ_EXPLANATIONS,
        Action.ENTER_EXPLANATIONS,
        Action.READ_CONTACTS,
        Action.REVEAL_PERSONAL,
    }
)
_SUPERVISOR = _AGENT | {
    Action.REASSIGN,
    Action.SEVERITY,
    Action.APPROVE,
    Action.RECORD_PERIOD,
    Action.READ_DASHBOARD,
    Action.READ_TRENDS,
    Action.EDIT_IMPROVEMENTS,
    Action.READ_REPORTS,
    Action.REVIEW_POLICIES,
    Action.REVIEW_TEXTS,
    Action.READ_SEALED,
    Action.RECEIVE_SEALED,
}
_COMPLIANCE = frozenset(
    {
        Action.ANSWER_ESCALATION,
        Action.READ_QUEUE,
        Action.READ_TICKET,
        Action.READ_EXPLANATIONS,
        Action.READ_CONTACTS,
        Action.REVEAL_PERSONAL,
        Action.READ_DASHBOARD,
        Action.READ_TRENDS,
        Action.READ_REPORTS,
        Action.REVIEW_POLICIES,
        Action.REVIEW_TEXTS,
        Action.READ_AUDIT,
        Action.HANDLE_PRIVACY,
        Action.APPROVE,
        Action.READ_LWK,
        Action.READ_SEALED,
    }
)

ALLOWED: Mapping[Role | TokenScope, frozenset[Action]] = MappingProxyType(
    {
        Role.AGENT: _AGENT,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.FIELD: frozenset(
            {
                Action.ENTER_LWK,
                Action.READ_LWK,
                Action.ENTER_PHONE,
                Action.READ_EXPLANATIONS,
                Action.ENTER_EXPLANATIONS,
                Action.READ_TICKET,
                Action.ANSWER_ESCALATION,
            }
        ),
        Role.PRODUCT: frozenset({Action.READ_TRENDS, Action.EDIT_IMPROVEMENTS, Action.ANSWER_ESCALATION}),
        Role.COMPLIANCE: _COMPLIANCE,
        Role.AUDITOR: frozenset(
            {Action.READ_AUDIT, Action.READ_TICKET, Action.READ_LWK, Action.READ_EXPLANATIONS}
        ),
        Role.ADMIN: frozenset(
            {Action.ANSWER_ESCALATION, Action.ADMINISTER, Action.REVIEW_POLICIES, Action.REVIEW_TEXTS}
        ),
        TokenScope.STAFF: _SUPERVISOR,
        TokenScope.REPORTING: frozenset({Action.READ_TRENDS}),
        TokenScope.APP: frozenset(),
    }
)
