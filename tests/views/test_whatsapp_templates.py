"""The registry of WhatsApp's templates, and what an agent sees of an answer that waits for the Mitra."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from ticket_stories import PAY, SignIn, a_ticket, opened, reply
from visits import stored

from helpdesk import outbox
from helpdesk.channels.whatsapp_twilio import WhatsappTwilio
from helpdesk.domain.messages import (
    WHATSAPP_WINDOW,
    ChannelCode,
    ChannelItem,
    Envelope,
    OutboundMessage,
    WebhookRequest,
)
from helpdesk.models.message_templates import MessageTemplate
from helpdesk.models.people import Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime

CONTENT = "HX" + "0a" * 16
PAGE = "/admin/whatsapp-templates"
TYPED = {
    "name": "kabar",
    "language": "id",
    "content_id": CONTENT,
    "variables": "nama, nomor",
    "state": "approved",
}


class Post:
    """WhatsApp's provider takes everything."""

    code = "whatsapp"
    capabilities = WhatsappTwilio.capabilities

    def __init__(self) -> None:
        self.given: list[OutboundMessage] = []

    def verify(self, request: WebhookRequest) -> None:
        raise NotImplementedError

    def envelope(self, request: WebhookRequest) -> Envelope:
        raise NotImplementedError

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        raise NotImplementedError

    def send(self, message: OutboundMessage) -> str:
        self.given.append(message)
        return f"SM{len(self.given)}"

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def handed_over(rt: Runtime) -> list[OutboundMessage]:
    """What WhatsApp's adapter is given."""
    post = Post()
    rt.channels = {"whatsapp": post}
    return post.given


def test_a_template_is_registered_and_its_state_kept(rt: Runtime, signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    admin.get(PAGE)
    assert "Belum ada templat yang disetujui dalam Bahasa Indonesia" in admin.text
    assert admin.post(PAGE, **TYPED).status_code == 303
    admin.get(PAGE)
    assert "{{1}} nama , {{2}} nomor" in admin.text
    assert "disetujui dalam Bahasa Indonesia" not in admin.text
    assert admin.post(PAGE, **TYPED).status_code == 422
    assert "sudah dicatat untuk bahasa itu" in admin.text
    for wrong in (
        {"content_id": "HX1"},
        {"variables": "jawaban"},
        {"language": "fr"},
        {"name": ""},
        {"state": "x"},
    ):
        assert admin.post(PAGE, **TYPED | {"content_id": "HX" + "1" * 32} | wrong).status_code == 422
    admin.get(PAGE)
    admin.post(f"{PAGE}/state", content_id=CONTENT, language="id", state="paused")
    assert stored(rt, select(MessageTemplate.state)) == ["paused"]
    admin.get(PAGE)
    admin.post(f"{PAGE}/state", content_id="HX", language="id", state="paused")
    kinds = stored(rt, select(AuditEntry.kind).where(AuditEntry.kind.like("template%")))
    assert kinds == ["template_added", "template_changed"]


def test_the_agent_is_told_what_becomes_of_a_reply_after_24_hours(
    rt: Runtime, signed_in: SignIn, handed_over: list[OutboundMessage]
) -> None:
    ticket, visit = a_ticket(rt), signed_in(teams=PAY)
    opened(visit, ticket)
    assert "bebas balas sampai" in visit.text
    outbox.send_all(rt)
    rt.now = lambda: NOW + WHATSAPP_WINDOW
    opened(visit, ticket)
    assert "tidak boleh disapa lebih dulu" in visit.text
    admin = signed_in(Role.ADMIN)
    admin.get(PAGE)
    admin.post(PAGE, **TYPED)
    opened(visit, ticket)
    assert "ditanya sekali apakah mau membaca kabarnya" in visit.text
    handed_over.clear()
    assert reply(visit, ticket).status_code == 303
    outbox.send_due(rt, ChannelCode.WHATSAPP)
    rt.now = lambda: NOW + WHATSAPP_WINDOW + timedelta(minutes=1)
    outbox.send_due(rt, ChannelCode.WHATSAPP)
    assert [message.template.content_id for message in handed_over if message.template] == [CONTENT]
    assert len(handed_over) == 1
    opened(visit, ticket)
    assert "Menunggu Mitra menulis, sejak jendela 24 jam tutup" in visit.text
    assert "Mitra ditanya lewat templat" in visit.text
