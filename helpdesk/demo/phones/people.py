"""Invented Mitra whose phones can be held, and what a phone is called on each channel."""

from dataclasses import dataclass

from helpdesk.domain.messages import ChannelCode


@dataclass(frozen=True, slots=True)
class Person:
    """One invented Mitra: her number and her Telegram user id."""

    name: str
    phone: str
    telegram_id: str

    def address(self, channel: ChannelCode) -> str:
        return self.telegram_id if channel is ChannelCode.TELEGRAM else self.phone


PEOPLE = (
    Person("Siti Rahmawati", "+6285900000101", "700000101"),
    Person("Kartini Wulandari", "+6285900000102", "700000102"),
    Person("Aminah Hasibuan", "+6285900000103", "700000103"),
    Person("Ni Wayan Sukerti", "+6285900000104", "700000104"),
    Person("Yuliana Tando", "+6285900000105", "700000105"),
    Person("Euis Komalasari", "+6285900000106", "700000106"),
)
PHONES = {ChannelCode.WHATSAPP: "WhatsApp", ChannelCode.SMS: "SMS", ChannelCode.TELEGRAM: "Telegram"}


def person_at(channel: ChannelCode, address: str) -> Person | None:
    return next((person for person in PEOPLE if person.address(channel) == address), None)


def own_number(telegram_id: str) -> str:
    """Return the number Telegram would share for this user; an unknown user has one made from her id."""
    person = person_at(ChannelCode.TELEGRAM, telegram_id)
    return person.phone if person else f"+62859{int(telegram_id) % 10**8:08d}"
