"""Pages of administrators: people, calendars, rules, tokens, channels, and what is stuck. No ticket texts."""

from helpdesk.views.admin import (
    calendars,
    hours,
    message_templates,
    operations,
    people,
    policies,
    policy_draft,
    policy_edit,
    rules,
    text_edit,
    texts,
    tokens,
    work,
)
from helpdesk.views.admin.blueprint import bp

__all__ = [
    "bp",
    "calendars",
    "hours",
    "message_templates",
    "operations",
    "people",
    "policies",
    "policy_draft",
    "policy_edit",
    "rules",
    "text_edit",
    "texts",
    "tokens",
    "work",
]
