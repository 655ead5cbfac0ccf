"""What administrators read about what did not come in: why, and what to do."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from helpdesk.domain.setbacks import Setback

REASONS: Mapping[str, LazyString] = {
    Setback.NOT_UNDERSTOOD: lazy_gettext("isinya tidak dikenali"),
    Setback.CHANNEL_OFF: lazy_gettext("kanalnya mati"),
    Setback.DATABASE: lazy_gettext("basis data bermasalah"),
    Setback.REFUSED: lazy_gettext("ditolak aturan data kita"),
    Setback.OUR_FAULT: lazy_gettext("kesalahan program"),
    Setback.NEVER_ENDED: lazy_gettext("proses mati saat memprosesnya"),
}
REMEDIES: Mapping[str, LazyString] = {
    Setback.NOT_UNDERSTOOD: lazy_gettext(
        "Penyedia mengirim bentuk yang belum dikenal. Kirim nomor dan galatnya ke pengembang. "
        "Sesudah versi baru terpasang, proses lagi."
    ),
    Setback.CHANNEL_OFF: lazy_gettext(
        "Isi lagi kunci kanal ini di pengaturan, mulai ulang layanan, lalu proses lagi."
    ),
    Setback.DATABASE: lazy_gettext(
        "Periksa basis data: hidup, tidak penuh, tidak kehabisan koneksi. Lalu proses lagi."
    ),
    Setback.REFUSED: lazy_gettext(
        "Isinya bertentangan dengan data yang ada. Kirim nomor dan galatnya ke pengembang."
    ),
    Setback.OUR_FAULT: lazy_gettext(
        "Kirim nomor dan galatnya ke pengembang. Sesudah versi baru terpasang, proses lagi."
    ),
    Setback.NEVER_ENDED: lazy_gettext(
        "Periksa memori dan catatan layanan pada jam percobaannya. Proses lagi satu per satu."
    ),
}
ASKING_FAULTS: Mapping[str, LazyString] = {
    "other_poller": lazy_gettext(
        "Bot ini juga diambil pesannya oleh pemasangan lain. Matikan yang lain, atau pakai bot sendiri."
    ),
    "webhook_set": lazy_gettext("Telegram masih memakai webhook. Kami melepasnya dan mencoba lagi."),
    "invalid_token": lazy_gettext("Token bot ditolak. Periksa TELEGRAM_BOT_TOKEN."),
    "20003": lazy_gettext("Kunci akun ditolak. Periksa TWILIO_AUTH_TOKEN."),
}
"""Of codes that a person can do something about; the others mend themselves or are looked up."""
