"""What a Mitra does on the public pages: she fills the form in and sends it."""

import re

from visits import Visit

STORY = "Saya bayar tanggal 3 Juli tapi belum dicatat"


def fill(
    visit: Visit, *, story: str = STORY, phone: str = "0812 3456 7890", name: str = "Siti Aminah"
) -> None:
    """Walk to the last page before Kirim."""
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    visit.send("/lapor/cerita", story=story, way="next")
    visit.send("/lapor/kontak", name=name, phone=phone, village="Sukamaju")


def press_send(visit: Visit) -> None:
    """Press Kirim on the last page."""
    visit.send("/lapor/periksa", key=visit.hidden("key"), website="")


def file_complaint(visit: Visit, *, phone: str = "0812 3456 7890", story: str = STORY) -> str:
    """Send a whole complaint and return its shown number."""
    fill(visit, phone=phone, story=story)
    press_send(visit)
    found = re.search(r"Nomor pengaduan: (\d{4,}-\d{4})", visit.text)
    assert found, visit.text
    return found[1]
