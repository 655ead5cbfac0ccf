"""The improvements board: findings in every column, with the tickets that show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle, actor_of
from helpdesk.demo.world.ledger import Ledger
from helpdesk.models.complaints import Improvement, ImprovementStatus, ImprovementTicket
from helpdesk.models.people import User

LINKED = 14


@dataclass(frozen=True, slots=True)
class Finding:
    """One card of the board."""

    status: ImprovementStatus
    category: str
    days_ago: int
    title: str
    finding: str
    decision: str | None = None
    due_in: int | None = None


FINDINGS = (
    Finding(ImprovementStatus.NEW, "BYR-POST", 2, "Pembayaran VA di Subang terlambat masuk",
            "Dua minggu ini pembayaran VA di Subang baru tercatat dua sampai tiga hari kemudian.", due_in=5),
    Finding(ImprovementStatus.NEW, "BYR-KODE", 6, "Kode bayar kedaluwarsa pada hari kumpulan",
            "Mitra membayar pagi hari, kode yang dikirim malam sebelumnya sudah tidak berlaku."),
    Finding(ImprovementStatus.NEW, "DIG-AKSES", 4, "OTP tidak sampai di operator tertentu",
            "Keluhan OTP menumpuk pada hari Senin pagi."),
    Finding(ImprovementStatus.INVESTIGATING, "PRD-LAMBAT", 19, "Pencairan lebih dari lima hari setelah survei",
            "Dokumen menunggu tanda tangan BM yang merangkap dua Point.", due_in=9),
    Finding(ImprovementStatus.INVESTIGATING, "TRG-PAKSA", 25, "Mitra ditahan sampai angsuran majelis lunas",
            "Terjadi di beberapa majelis, petugas menganggapnya bagian tanggung renteng.", due_in=14),
    Finding(ImprovementStatus.FIXING, "BYR-SALDO", 48, "Sisa angsuran di aplikasi berbeda dari kartu",
            "Aplikasi menghitung ulang setelah perubahan jadwal libur.", "Perbaiki hitungan dan kirim SMS koreksi", 12),
    Finding(ImprovementStatus.FIXING, "TRP-POTONG", 61, "Potongan pencairan tidak dijelaskan",
            "Formulir LWK tidak memuat rincian potongan.", "Cetak ulang formulir dengan rincian", 20),
    Finding(ImprovementStatus.FIXING, "DIG-GAGAL", 40, "Saldo terpotong ketika token listrik gagal",
            "Pengembalian menunggu rekonsiliasi manual.", "Pengembalian otomatis dalam satu jam", 6),
    Finding(ImprovementStatus.TOLD, "TRP-DOK", 120, "Salinan akad tidak diterima Mitra",
            "Salinan disimpan di kantor Point.", "Salinan diberikan pada hari pencairan, difoto sebagai bukti"),
    Finding(ImprovementStatus.TOLD, "PNG-JAM", 96, "Penagihan setelah jam 20.00",
            "Rute petugas berakhir malam di majelis yang jauh.", "Rute diubah; catatan tagih di luar jam ditolak"),
)  # fmt: skip


def pin_up(
    ledger: Ledger,
    chronicles: list[Chronicle],
    *,
    owners: list[User],
    present: datetime,
) -> None:
    """Write the findings and link tickets of their category that had gone quiet by then."""
    for serial, finding in enumerate(FINDINGS):
        chance = Chance("finding", serial)
        owner = owners[serial % len(owners)]
        created_at = present - timedelta(days=finding.days_ago, hours=chance.randint(1, 5))
        improvement_id, public_id = ledger.new_id(Improvement), chance.public_id()
        moved_at = created_at + timedelta(days=finding.days_ago * 0.5)
        is_moved = finding.status is not ImprovementStatus.NEW
        ledger.add(
            Improvement,
            {
                "id": improvement_id,
                "public_id": public_id,
                "title": finding.title,
                "finding": finding.finding,
                "category_code": finding.category,
                "status": finding.status,
                "owner_id": owner.id,
                "decision": finding.decision,
                "due_on": (present + timedelta(days=finding.due_in)).date() if finding.due_in else None,
                "created_at": created_at,
                "updated_at": moved_at if is_moved else created_at,
            },
        )
        actor = actor_of(owner)
        ledger.audit(created_at, "improvement_added", actor, {"improvement": public_id})
        if is_moved:
            data = {"improvement": public_id, "from": "new", "to": finding.status.value}
            ledger.audit(moved_at, "improvement_moved", actor, dict(data))
        for chronicle in _showing(chronicles, finding, created_at):
            chronicle.record("improvement_linked", actor, {"improvement": public_id}, at=created_at)
            row = {"improvement_id": improvement_id, "ticket_id": chronicle.ticket.id}
            ledger.add(ImprovementTicket, row)


def _showing(chronicles: list[Chronicle], finding: Finding, before: datetime) -> list[Chronicle]:
    """Return the newest tickets of the category that nothing happened to after that moment."""
    found = [
        chronicle
        for chronicle in chronicles
        if chronicle.ticket.category_code == finding.category and chronicle.ticket.updated_at < before
    ]
    return found[-LINKED:]
