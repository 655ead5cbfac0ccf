"""The JSON API under /api/v1: bearer tokens, RFC 9457 problems, Idempotency-Key on every POST."""

from helpdesk.views.api import actions, complaints, docs, feed, merging, regulation, tickets
from helpdesk.views.api.base import OPENAPI_OPTIONS, bp

__all__ = [
    "OPENAPI_OPTIONS",
    "actions",
    "bp",
    "complaints",
    "docs",
    "feed",
    "merging",
    "regulation",
    "tickets",
]
