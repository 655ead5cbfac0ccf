"""Who we are towards a Mitra: the values that every outgoing text may name."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Lender:
    """Settings that texts need, as one value for the use cases (config.py fills it)."""

    brand: str
    phone: str
    urgent_phone: str
    hours: str
    zone: ZoneInfo
