"""How complaints end: disposition, root cause and redress, in a plausible mix for each group."""

from dataclasses import dataclass

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle
from helpdesk.demo.world.facts import TicketFacts
from helpdesk.demo.world.rows import Row
from helpdesk.domain.complaints import Disposition, RedressKind, may_not_be_refused, needs_amount
from helpdesk.domain.lifecycle import TicketKind

FAULT = (Disposition.UPHELD, Disposition.PARTLY_UPHELD)

CAUSES: dict[str, dict[str, float]] = {
    "PNG": {
        "PERILAKU-KASAR": 4,
        "PERILAKU-TAGIH": 4,
        "MANUSIA-LATIH": 2,
        "MANUSIA-LUPA": 2,
        "PIHAK3-PENAGIH": 1,
    },
    "TRG": {"PERILAKU-PAKSA": 4, "MANUSIA-CATAT": 3, "PIHAK3-KETUA": 3, "MANUSIA-JELAS": 2},
    "BYR": {"SISTEM-POSTING": 6, "MANUSIA-CATAT": 3, "PIHAK3-BANK": 4, "SISTEM-DATA": 2, "MANUSIA-HITUNG": 1},
    "FRD": {"PENIPUAN-DALAM": 3, "PENIPUAN-LUAR": 4, "PERILAKU-PUNGLI": 3, "PENIPUAN-NAMA": 2},
    "DAT": {"SISTEM-DATA": 3, "PERILAKU-DATA": 2, "MANUSIA-JELAS": 1},
    "BEB": {"KEBIJAKAN-RINGAN": 5, "KAHAR-BENCANA": 2, "MANUSIA-LUPA": 3, "PERILAKU-PAKSA": 1},
    "TRP": {"MANUSIA-JELAS": 5, "KEBIJAKAN-BIAYA": 4, "MANUSIA-HITUNG": 1},
    "PRD": {"KEBIJAKAN-PROSES": 5, "KEBIJAKAN-SYARAT": 2, "PIHAK3-ASURANSI": 2, "MANUSIA-LUPA": 2},
    "DIG": {"SISTEM-APLIKASI": 5, "SISTEM-AKSES": 4, "PIHAK3-TELEKOM": 1, "SISTEM-PESAN": 1},
    "PGD": {"MANUSIA-LUPA": 4, "KEBIJAKAN-PROSES": 2, "PERILAKU-BALAS": 1},
    "*": {"MANUSIA-JELAS": 2, "MITRA-PRODUK": 2, "KEBIJAKAN-PROSES": 1},
}
NO_FAULT_CAUSES = {"NIHIL-BUKTI": 3.0, "NIHIL-SESUAI": 3, "MITRA-JADWAL": 3, "MITRA-TINDAKAN": 2}

LATE = ("overload", "overload", "third_party", "third_party", "officer_absent", "documents_late", "system_failure",
        "wrong_routing")  # fmt: skip
"""Late reasons as often as they come; which one is read off the ticket's number."""

REDRESS: dict[str, dict[RedressKind, float]] = {
    "PNG": {RedressKind.STAFF_ACTION: 5, RedressKind.APOLOGY: 4},
    "TRG": {RedressKind.CORRECTION: 3, RedressKind.APOLOGY: 2, RedressKind.REFUND: 2},
    "BYR": {RedressKind.CORRECTION: 6, RedressKind.REFUND: 2, RedressKind.EXPLANATION: 1},
    "FRD": {RedressKind.COMPENSATION: 3, RedressKind.STAFF_ACTION: 3, RedressKind.EXPLANATION: 3},
    "BEB": {RedressKind.RESTRUCTURING: 6, RedressKind.EXPLANATION: 2},
    "TRP": {RedressKind.REFUND: 4, RedressKind.FEE_WAIVER: 3, RedressKind.EXPLANATION: 3},
    "DIG": {RedressKind.CORRECTION: 4, RedressKind.REFUND: 3},
    "*": {RedressKind.EXPLANATION: 3, RedressKind.APOLOGY: 2, RedressKind.CORRECTION: 2},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agent enters before Resolve."""

    disposition: Disposition
    root_cause: str
    redress: tuple[tuple[RedressKind, int | None], ...]

    def keep(self, chronicle: Chronicle, *, actor: str) -> None:
        """Write the resolution and its event."""
        late = chronicle.late_metrics()
        late_code = LATE[int(chronicle.ticket.number) // 10 % len(LATE)] if late else None
        row: Row = {
            "disposition": self.disposition,
            "root_cause": self.root_cause,
            "summary": None,
            "late_code": late_code,
            "late_reason": None,
            "resolved_by": actor,
            "at": chronicle.at,
            "accepted_at": None,
            "rejected_at": None,
        }
        chronicle.resolutions.append(row)
        chronicle.redress.append(
            [{"kind": kind, "amount": amount, "offered_at": chronicle.at} for kind, amount in self.redress]
        )
        data: dict[str, object] = {
            "disposition": self.disposition,
            "root_cause": self.root_cause,
            "redress": [{"kind": kind, "amount": amount} for kind, amount in self.redress],
        }
        if late_code:
            data |= {"late": ", ".join(late), "late_reason": late_code}
        chronicle.record("resolved", actor, data)


def draw_outcome(chance: Chance, ticket: TicketFacts) -> Outcome:
    """Return how this ticket ends."""
    if ticket.kind is not TicketKind.COMPLAINT:
        return Outcome(Disposition.OUT_OF_SCOPE, "NIHIL-NILAI", ())
    weights = {Disposition.UPHELD: 52.0, Disposition.PARTLY_UPHELD: 15, Disposition.NOT_UPHELD: 27}
    if not may_not_be_refused(ticket.category_code):
        weights[Disposition.OUT_OF_SCOPE] = 4
    weights[Disposition.WITHDRAWN] = 1.5
    weights[Disposition.DUPLICATE] = 1.5
    disposition = chance.weighted(weights)
    if disposition not in (*FAULT, Disposition.NOT_UPHELD):
        return Outcome(disposition, "NIHIL-NILAI", ())
    if disposition is Disposition.NOT_UPHELD:
        return Outcome(disposition, chance.weighted(NO_FAULT_CAUSES), ((RedressKind.EXPLANATION, None),))
    group = (ticket.category_code or "").split("-")[0]
    cause = chance.weighted(CAUSES.get(group, CAUSES["*"]))
    kind = chance.weighted(REDRESS.get(group, REDRESS["*"]))
    amount = (ticket.amount or chance.randint(4, 60) * 5_000) if needs_amount(kind) else None
    return Outcome(disposition, cause, ((kind, amount),))
