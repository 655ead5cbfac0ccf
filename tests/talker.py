"""A Mitra who talks with us by chat, on one channel and in one language; for tests of whole conversations."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import tell

from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.domain.wording import Language
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket

CHAT = (ChannelCode.WHATSAPP, ChannelCode.TELEGRAM)
CHANNELS = (*CHAT, ChannelCode.SMS)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT = NOW + timedelta(hours=12)

PAID = {
    "id": "Bu saya sudah bayar angsuran lewat VA tapi belum masuk",
    "en": "I paid my installment by VA but it is not recorded",
}
OTHER = {
    "id": "petugas minta uang 50 ribu ke saya kalau mau cair",
    "en": "the officer asked me for money before he would pay out my loan",
}
APP = {
    "id": "aplikasi tidak bisa login, akun saya terblokir",
    "en": "I cannot log in to the app, my account is blocked",
}
VOICE = AttachmentRef("ref", MediaKind.VOICE, "audio/ogg")


@dataclass
class Talk:
    """A Mitra on one channel in one language."""

    session: Session
    channel: ChannelCode
    language: Language
    now: datetime = NOW
    phone: str = "+6285711112222"

    def says(self, text: str, *, after: timedelta = MINUTE, **more: object) -> list[str]:
        """Let her write and return the steps that we answer with, wherever."""
        self.now += after
        before = self.newest()
        tell(self.session, text, now=self.now, channel=self.channel, phone=self.phone, **more)
        rows = self.session.scalars(
            select(Message).where(Message.id > before, Message.direction == "out").order_by(Message.id)
        )
        answers = list(rows)
        assert {row.channel for row in answers} <= {self.channel}
        return [(row.facts or {})["step"] for row in answers]

    def heard_since(self, message_id: int) -> list[str]:
        """What we have written to her since that message, oldest first."""
        rows = select(Message.body).where(Message.id > message_id, Message.direction == "out")
        return list(self.session.scalars(rows.order_by(Message.id)))

    def newest(self) -> int:
        """Id of the newest message of all."""
        return self.session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).first() or 0

    @property
    def ticket(self) -> Ticket:
        """Her newest ticket."""
        return self.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()

    @property
    def is_sms(self) -> bool:
        return self.channel == ChannelCode.SMS

    def words(self, indonesian: str, english: str) -> str:
        return english if self.language == Language.EN else indonesian

    def story(self, texts: dict[str, str] = PAID) -> list[str]:
        return self.says(texts[self.language])
