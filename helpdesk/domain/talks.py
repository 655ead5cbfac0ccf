"""Words for what is told face to face or by phone: who speaks, and why a call has no recording."""

from enum import StrEnum


class Speaker(StrEnum):
    """Who tells it: phones are shared, and relatives call for a Mitra."""

    SELF = "self"
    HUSBAND = "husband"
    CHILD = "child"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    """Somebody of her majelis, or next door."""
    ATTORNEY = "attorney"
    """With a written power to speak for her (surat kuasa)."""
    OTHER = "other"


class NoRecording(StrEnum):
    """Why a call was not recorded (POJK 22/2023 Ps. 78(5)-(6) wants one; the law on personal data her leave)."""

    REFUSED = "refused"
    NO_EQUIPMENT = "no_equipment"
    FAILED = "failed"
    OWN_PHONE = "own_phone"
    """It was taken on a phone that may not record."""
    CUT_SHORT = "cut_short"
