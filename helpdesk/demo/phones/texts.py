"""Words of the simulator's page, Bahasa Indonesia first. It has its own list: it is no part of the app."""

from collections.abc import Mapping

LANGUAGES = ("id", "en")

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("HP Mitra", "The Mitra's phones"),
    "lead": (
        "Tiga HP untuk mencoba layanan. Tulis sebagai Mitra, jawaban layanan muncul di sini.",
        "Three phones to try the service with. Write as a Mitra; the answers appear here.",
    ),
    "other_language": ("English", "Bahasa Indonesia"),
    "phones": ("Pilih HP", "Choose a phone"),
    "person": ("Ganti orang", "Change person"),
    "known": ("Orang contoh", "Sample person"),
    "other": ("Nomor lain", "Another number"),
    "other_telegram": ("Nomor Telegram lain", "Another Telegram id"),
    "name": ("Nama", "Name"),
    "use": ("Pakai", "Use"),
    "nobody": ("Belum ada pesan. Tulis sesuatu, misalnya:", "No messages yet. Write something, for example:"),
    "example": (
        "Saya sudah bayar angsuran tapi belum dicatat",
        "I paid my instalment but it was not recorded",
    ),
    "write": ("Tulis pesan", "Write a message"),
    "send": ("Kirim", "Send"),
    "attach": ("Lampirkan", "Attach"),
    "sample_photo": ("Contoh foto", "Sample photo"),
    "sample_voice": ("Contoh suara", "Sample voice"),
    "you": ("Mitra", "Mitra"),
    "service": ("Layanan", "Service"),
    "queued": ("menunggu", "waiting"),
    "sent": ("terkirim", "sent"),
    "delivered": ("sampai", "delivered"),
    "read": ("dibaca", "read"),
    "failed": ("gagal", "failed"),
    "undelivered": ("tidak sampai", "not delivered"),
    "photo": ("Foto yang dikirim", "Photo that was sent"),
    "voice": ("Pesan suara", "Voice note"),
    "document": ("Dokumen", "Document"),
    "app_said": (
        "Aplikasi menjawab {status}. Pesan ini belum diterima.",
        "The app answered {status}. Not taken.",
    ),
    "app_silent": (
        "Aplikasi tidak menjawab. Pesan ini belum diterima.",
        "The app does not answer. Not taken.",
    ),
    "nothing_said": ("Tulis pesan atau pilih berkas dulu.", "Write a message or choose a file first."),
    "bad_person": (
        "Nomor itu tidak bisa dipakai. Contoh: +62 859 0000 0101. Telegram: angka saja.",
        "That number cannot be used. Example: +62 859 0000 0101. Telegram: digits only.",
    ),
    "typed_choices": ("Pilihan jawaban", "Choices"),
    "messages": ("Pesan", "Messages"),
    "faults_on": ("Gangguan buatan sedang aktif (lihat /faults).", "Faults are switched on (see /faults)."),
}


def texts(language: str) -> Mapping[str, str]:
    """Return all words in one language."""
    index = LANGUAGES.index(language)
    return {key: both[index] for key, both in _TEXTS.items()}
