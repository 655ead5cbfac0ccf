"""Words of the record that the way to complain was explained: how, in which language, and which points."""

from enum import StrEnum


class Means(StrEnum):
    """How it was explained (the lender's principles: verbally, by LWK documents, in the Mitra app)."""

    VERBAL = "verbal"
    LWK = "lwk"
    APP = "app"


class Point(StrEnum):
    """What was explained."""

    HOW = "how"
    FREE = "free"
    DEADLINES = "deadlines"
    EXTERNAL = "external"
    """OJK and LAPS, when she disagrees with the answer."""
    PRIVACY = "privacy"


class Tongue(StrEnum):
    """In which language."""

    INDONESIAN = "id"
    JAVANESE = "jv"
    SUNDANESE = "su"
    LOCAL = "local"
    ENGLISH = "en"


def majelis_key(name: str) -> str:
    """Return by what two spellings of a majelis are one."""
    return " ".join(name.casefold().split())
