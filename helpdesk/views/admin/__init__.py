"""Pages of administrators: people, calendars, rules, tokens, channels, and what is stuck. No ticket texts."""

from helpdesk.views.admin import calendars, operations, people, rules, tokens, work
from helpdesk.views.admin.blueprint import bp

__all__ = ["bp", "calendars", "operations", "people", "rules", "tokens", "work"]
