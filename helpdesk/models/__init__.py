"""Tables, one file per aggregate. Importing this package knows them all (migrations, tests)."""

from helpdesk.models import (
    channels,
    complaints,
    contacts,
    explanations,
    message_templates,
    messages,
    outreach,
    pacing,
    paper,
    people,
    sla,
    talks,
    texts,
    tickets,
    watches,
    webhooks,
)

__all__ = [
    "channels",
    "complaints",
    "contacts",
    "explanations",
    "message_templates",
    "messages",
    "outreach",
    "pacing",
    "paper",
    "people",
    "sla",
    "talks",
    "texts",
    "tickets",
    "watches",
    "webhooks",
]
