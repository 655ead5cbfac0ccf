"""The registry of WhatsApp's templates, and what an agent sees of an answer that waits for the Mitra."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from ticket_stories import PAY, SignIn, a_ticket, opened, reply
from visits import Visit, stored

from helpdesk import outbox
from helpdesk.channels.whatsapp_twilio import WhatsappTwilio
from helpdesk.domain.message_templates import Standing, TemplateState
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
from helpdesk.services import message_templates as registry

CONTENT = "HX" + "0a" * 16
PAGE = "/admin/whatsapp-templates"
TYPED = {
    "name": "kabar",
    "language": "id",
    "content_id": CONTENT,
    "variables": "nama, nomor",
}
BODY = "Ibu {{1}}, ada kabar untuk nomor {{2}}. Balas YA."


def told(rt: Runtime, body: str = BODY) -> None:
    """Twilio says that the template is approved."""
    standing = Standing(TemplateState.APPROVED, body)
    (row_id,) = stored(rt, select(MessageTemplate.id))
    rt.write(lambda session: registry.take_standing(session, row_id, standing, now=NOW))


def confirm(visit: Visit) -> None:
    """Press the button of the second person."""
    visit.get(PAGE)
    visit.post(f"{PAGE}/confirm", content_id=CONTENT, language="id", seen=visit.hidden("seen"))


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


def test_a_template_is_proposed_by_one_and_confirmed_by_another(rt: Runtime, signed_in: SignIn) -> None:
    admin, second = signed_in(Role.ADMIN), signed_in(Role.COMPLIANCE)
    admin.get(PAGE)
    assert "Belum ada templat yang dipakai dalam Bahasa Indonesia" in admin.text
    assert admin.post(PAGE, **TYPED).status_code == 303
    admin.get(PAGE)
    assert "{{1}} nama , {{2}} nomor" in admin.text
    assert "Belum dibaca dari penyedia" in admin.text
    assert admin.post(PAGE, **TYPED).status_code == 422
    assert "sudah dicatat untuk bahasa itu" in admin.text
    for wrong in ({"content_id": "HX1"}, {"variables": "jawaban"}, {"language": "fr"}, {"name": ""}):
        assert admin.post(PAGE, **TYPED | {"content_id": "HX" + "1" * 32} | wrong).status_code == 422
    second.get(PAGE)
    assert "Setujui pemakaian" not in second.text  # nobody has read it yet
    told(rt)
    admin.get(PAGE)
    assert "Ibu Siti, ada kabar untuk nomor 4821-9375." in admin.text
    assert "Setujui pemakaian" not in admin.text
    sign = registry.seen_sign(CONTENT, ["nama", "nomor"], BODY)
    admin.post(f"{PAGE}/confirm", content_id=CONTENT, language="id", seen=sign)
    assert stored(rt, select(MessageTemplate.confirmed_at)) == [None]
    confirm(second)
    assert "dipakai dalam Bahasa Indonesia" not in second.get(PAGE).get_data(as_text=True)
    assert second.post(PAGE, **TYPED).status_code == 403
    admin.get(PAGE)
    admin.post(f"{PAGE}/state", content_id=CONTENT, language="id", state="paused")
    admin.get(PAGE)
    admin.post(f"{PAGE}/withdraw", content_id=CONTENT, language="id")
    kinds = stored(rt, select(AuditEntry.kind).where(AuditEntry.kind.like("template%")))
    assert kinds == ["template_added", "template_changed", "template_confirmed", "template_withdrawn"]


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
    told(rt)
    confirm(signed_in(Role.COMPLIANCE))
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
