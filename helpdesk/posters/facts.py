"""What a poster or leaflet says about this lender, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.domain.wording import Language


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is drawn; an empty address or number leaves its way out."""

    brand: str
    language: Language
    words: Mapping[str, str]
    """domain/procedure.py, filled in."""
    icons: Mapping[str, str]
    form_url: str
    """Opened by the QR code."""
    form_address: str
    """The same, short enough to be typed."""
    status_address: str
    phone: str
    whatsapp_url: str = ""
    whatsapp_number: str = ""
    sms_number: str = ""
    telegram_name: str = ""
    """`@name` of the bot."""
    office: str = ""
    """Name of a point, with its own phone and hours."""
    office_phone: str = ""
    office_hours: str = ""

    @property
    def office_line(self) -> str:
        """What is printed at the bottom about the point."""
        return " · ".join(part for part in (self.office, self.office_phone, self.office_hours) if part)
