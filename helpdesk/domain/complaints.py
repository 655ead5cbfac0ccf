"""Disposition, root cause and redress; what a ticket needs before it is resolved (domain.md 1.7, 1.8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypedDict, cast

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.taxonomy import CATEGORIES


class Disposition(StrEnum):
    """How a ticket ended, for the contact and for the regulator's report."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"
    WITHDRAWN = "withdrawn"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"


class RedressKind(StrEnum):
    """What is given; the ones without money are remedial action."""

    APOLOGY = "apology"
    EXPLANATION = "explanation"
    CORRECTION = "correction"
    REFUND = "refund"
    FEE_WAIVER = "fee_waiver"
    COMPENSATION = "compensation"
    RESTRUCTURING = "restructuring"
    STAFF_ACTION = "staff_action"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Names:
    """What a word of ours is called on screens and in letters."""

    name_id: str
    name_en: str


DISPOSITION_NAMES: Mapping[Disposition, Names] = MappingProxyType(
    {
        Disposition.UPHELD: Names("Diterima", "Upheld"),
        Disposition.PARTLY_UPHELD: Names("Diterima sebagian", "Partly upheld"),
        Disposition.NOT_UPHELD: Names("Ditolak", "Not upheld"),
        Disposition.WITHDRAWN: Names("Ditarik", "Withdrawn"),
        Disposition.OUT_OF_SCOPE: Names("Di luar lingkup", "Out of scope"),
        Disposition.DUPLICATE: Names("Kembar", "Duplicate"),
    }
)
REDRESS_NAMES: Mapping[RedressKind, Names] = MappingProxyType(
    {
        RedressKind.APOLOGY: Names("Permintaan maaf", "Apology"),
        RedressKind.EXPLANATION: Names("Penjelasan", "Explanation"),
        RedressKind.CORRECTION: Names("Perbaikan catatan", "Correction"),
        RedressKind.REFUND: Names("Pengembalian uang", "Refund"),
        RedressKind.FEE_WAIVER: Names("Penghapusan biaya", "Fee waiver"),
        RedressKind.COMPENSATION: Names("Ganti rugi", "Compensation"),
        RedressKind.RESTRUCTURING: Names("Keringanan angsuran", "Restructuring"),
        RedressKind.STAFF_ACTION: Names("Tindakan kepada petugas", "Action on staff"),
        RedressKind.NONE: Names("Tidak ada", "None"),
    }
)
MONEY_REDRESS = frozenset({RedressKind.REFUND, RedressKind.FEE_WAIVER, RedressKind.COMPENSATION})
"""Kinds that mean nothing without an amount of rupiah."""

UNASSESSED = "NIHIL-NILAI"
"""Root cause of a complaint that was never decided: withdrawn, duplicate, out of scope."""

_FAULT = frozenset({Disposition.UPHELD, Disposition.PARTLY_UPHELD})
_DECIDED = _FAULT | {Disposition.NOT_UPHELD}
_SILENT = frozenset({Disposition.WITHDRAWN, Disposition.DUPLICATE})
_NEVER_REFUSED_GROUPS = frozenset({"PNG", "DAT"})


@dataclass(frozen=True, slots=True)
class RootCause:
    """Why it happened; `group` is what trends count."""

    code: str
    group: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RootCauseGroup:
    """The upper of the two levels."""

    code: str
    name_id: str
    name_en: str
    causes: tuple[RootCause, ...]


@dataclass(frozen=True, slots=True)
class LateReason:
    """Why an answer came after a promise had run out."""

    code: str
    name_id: str
    name_en: str


OTHER_REASON = "other"
"""The late reason that needs words of one's own."""


class _CauseRow(TypedDict):
    code: str
    id: str
    en: str


class _GroupRow(_CauseRow):
    causes: list[_CauseRow]


class _Document(TypedDict):
    groups: list[_GroupRow]


class _LateDocument(TypedDict):
    reasons: list[_CauseRow]


def load_root_causes() -> tuple[RootCauseGroup, ...]:
    """Return the groups with their causes, in the order of the file."""
    return _GROUPS


def root_cause(code: str) -> RootCause:
    """Return the cause with this code; any letter case. Raises NotFound."""
    try:
        return _CAUSES[code.upper()]
    except KeyError:
        raise NotFound(f"no root cause {code!r}") from None


def late_reasons() -> tuple[LateReason, ...]:
    """Return the reasons to choose from, in the order of the file."""
    return tuple(_LATE_REASONS.values())


def read_late_reason(text: str, note: str = "") -> tuple[str, str]:
    """Return code and words: `text` is a code of the list, or words of one's own, which are `other`."""
    text, note = text.strip(), note.strip()
    if not text or text.lower() in _LATE_REASONS:
        return text.lower(), note
    return OTHER_REASON, f"{text} {note}".strip()


def _group(row: _GroupRow) -> RootCauseGroup:
    causes = tuple(
        RootCause(each["code"], row["code"], name_id=each["id"], name_en=each["en"]) for each in row["causes"]
    )
    return RootCauseGroup(row["code"], row["id"], name_en=row["en"], causes=causes)


# The shape of the shipped file is held by tests/domain/test_complaints.py, which is why it is trusted here.
_GROUPS = tuple(_group(row) for row in cast(_Document, load_yaml("root_causes.yaml"))["groups"])
_CAUSES: Mapping[str, RootCause] = MappingProxyType(
    {each.code: each for group in _GROUPS for each in group.causes}
)
_LATE_REASONS: Mapping[str, LateReason] = MappingProxyType(
    {
        row["code"]: LateReason(row["code"], row["id"], name_en=row["en"])
        for row in cast(_LateDocument, load_yaml("late_reasons.yaml"))["reasons"]
    }
)


@dataclass(frozen=True, slots=True)
class RedressOffer:
    """One thing offered. `amount` in whole rupiah, None where the kind needs no money."""

    kind: RedressKind
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class ResolutionDraft:
    """What an agent filled in before Resolve. `answer` goes to the contact, `summary` stays inside."""

    disposition: Disposition | None
    root_cause: str | None
    redress: tuple[RedressOffer, ...]
    answer: str
    summary: str = ""
    late_code: str = ""
    late_reason: str = ""
    """In words; kept only where a promise was broken."""


def check_resolution(
    draft: ResolutionDraft, *, kind: TicketKind, category: str | None, is_late: bool = False
) -> None:
    """Raise InvalidInput naming every missing field at once (`field` joins them by commas).

    A complaint needs disposition, cause and answer; where fault was found also redress (POJK 22/2023 Ps. 78).
    Enquiries and requests need an answer. Conduct and privacy complaints are never out of scope (Ps. 76).
    `is_late`: a promise was broken, and nobody has said why.
    """
    missing = list(_missing(draft, is_complaint=kind is TicketKind.COMPLAINT))
    missing += _missing_reason(draft) if is_late else ()
    if missing:
        raise InvalidInput(
            f"not yet resolved, missing: {', '.join(missing)}",
            field=",".join(missing),
            code="resolution_incomplete",
        )
    if draft.root_cause and draft.root_cause.upper() not in _CAUSES:
        raise InvalidInput(
            f"no root cause {draft.root_cause!r}", field="root_cause", code="unknown_root_cause"
        )
    if is_late and draft.late_code not in _LATE_REASONS:
        raise InvalidInput(
            f"no late reason {draft.late_code!r}", field="late_reason", code="unknown_late_reason"
        )
    if draft.disposition is Disposition.OUT_OF_SCOPE and may_not_be_refused(category):
        raise InvalidInput(
            f"a complaint about {category} may not be refused as out of scope",
            field="disposition",
            code="never_refused",
        )


def may_not_be_refused(category: str | None) -> bool:
    """Tell whether this category is a sign of broken rules, which are always investigated."""
    known = CATEGORIES.get((category or "").upper())
    return known is not None and (known.is_conduct or known.group in _NEVER_REFUSED_GROUPS)


def needs_amount(kind: RedressKind) -> bool:
    """Tell whether this redress is money."""
    return kind in MONEY_REDRESS


def _missing_reason(draft: ResolutionDraft) -> Iterator[str]:
    if not draft.late_code:
        yield "late_reason"
    elif draft.late_code == OTHER_REASON and not draft.late_reason.strip():
        yield "late_note"


def _missing(draft: ResolutionDraft, *, is_complaint: bool) -> Iterator[str]:
    if is_complaint and draft.disposition is None:
        yield "disposition"
    is_decided = draft.disposition is None or draft.disposition in _DECIDED
    if is_complaint and is_decided and not draft.root_cause:
        yield "root_cause"
    if draft.disposition not in _SILENT and not draft.answer.strip():
        yield "answer"
    given = [offer for offer in draft.redress if offer.kind is not RedressKind.NONE]
    if is_complaint and draft.disposition in _FAULT and not given:
        yield "redress"
    if any(
        needs_amount(offer.kind) and (offer.amount is None or offer.amount <= 0) for offer in draft.redress
    ):
        yield "redress_amount"
