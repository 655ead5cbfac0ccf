"""Photos and voice that a Mitra sends: read, kept, added to her complaint; what is wrong in her words."""

import logging
from hashlib import sha256

from flask import request
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.services import attachments, public_form
from helpdesk.services.public_form import Addition, Upload
from helpdesk.views.access import runtime
from helpdesk.views.mitra import sender

logger = logging.getLogger(__name__)

MAX_NAME = 100


def add_sent(number: str, *, text: str = "") -> None:
    """Add what the form of this request holds to a complaint: `text`, `photo`, `voice`, once per hidden `key`.

    Raises InvalidInput, Conflict.
    """
    rt = runtime()
    now, who = rt.now(), sender()
    addition = Addition(text, tuple(_sent()), request.form.get("key", "")[:100])
    if not addition.text and not addition.files:
        raise InvalidInput("nothing was sent", field="photo", code="required")
    if rt.read(lambda session: public_form.has_arrived(session, number, addition)):
        return
    count = len(addition.files)
    rt.write(lambda session: public_form.check_room(session, number, count, sender=who, now=now))
    for file in addition.files:
        attachments.sniff(file.content)
    try:
        with rt.storage.keeping(file.content for file in addition.files) as keys:
            rt.write(lambda session: public_form.add(session, number, addition, keys=keys, now=now))
    except OSError as error:
        logger.exception("uploaded files could not be stored")
        raise InvalidInput("the files could not be stored", field="photo", code="storage") from error


def file_error(error: InvalidInput) -> str:
    """Say what is wrong with the files; the complaint itself is safe."""
    texts: dict[str, str] = {
        "required": _("Pilih foto atau suara dulu."),
        "too_large": too_large(),
        "file_type": _("Hanya foto, suara, video, atau PDF. Pengaduan Ibu tetap aman."),
    }
    return texts.get(error.code, not_sent())


def no_room(error: Conflict) -> str:
    """Say why no more is taken."""
    texts: dict[str, str] = {
        "full": _(
            "Paling banyak %(count)s foto dan suara. Yang ini belum terkirim.", count=public_form.MAX_FILES
        ),
        "too_many": _("Terlalu banyak kiriman. Tunggu satu jam, lalu coba lagi."),
    }
    return texts.get(error.code, str(_("Pengaduan ini sudah selesai. Buat pengaduan baru untuk kirim foto.")))


def too_large() -> str:
    """Say that a file, or all together, is above the limit."""
    return str(_("File terlalu besar. Pengaduan Ibu tetap aman. Kirim satu per satu, atau yang lebih kecil."))


def not_sent() -> str:
    """Say that it may be tried again."""
    return str(_("Foto belum terkirim. Pengaduan Ibu tetap aman. Coba lagi."))


def _sent() -> list[Upload]:
    """Return the sent files. Raises InvalidInput for one that is too large."""
    sent: list[Upload] = []
    for file in [*request.files.getlist("photo"), *request.files.getlist("voice")]:
        if file.filename:
            content = file.read()
            sent.append(Upload(content, file.filename[:MAX_NAME], sha256(content).hexdigest()))
        file.close()
    limit = runtime().settings.max_upload_mb * 1024 * 1024
    if any(len(file.content) > limit for file in sent):
        raise InvalidInput("a file is too large", field="photo", code="too_large")
    return sent
