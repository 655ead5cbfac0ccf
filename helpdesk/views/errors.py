"""HelpdeskError to HTTP, in one table: a page for people, a problem document (RFC 9457) for programs."""

import logging
from http import HTTPStatus

from flask import Flask, Response, g, json, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from helpdesk.domain.errors import (
    Conflict,
    Forbidden,
    HelpdeskError,
    InvalidInput,
    InvalidSignature,
    NotFound,
)
from helpdesk.runtime import DATABASE_AWAY

logger = logging.getLogger(__name__)

STATUS: dict[type[HelpdeskError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    InvalidSignature: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
}


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HelpdeskError, on_known)
    app.register_error_handler(HTTPException, on_http)
    for kind in DATABASE_AWAY:
        app.register_error_handler(kind, on_database)


def status_of(error: HelpdeskError) -> HTTPStatus:
    """Return the HTTP status of a known error; an unlisted kind is our fault."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def on_known(error: HelpdeskError) -> ResponseReturnValue:
    """A rule was broken."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("unexpected %s", type(error).__name__, exc_info=error)
    field = getattr(error, "field", "")
    code = getattr(error, "code", "")
    return answer(status, detail=str(error), field=field, code=code)


def on_http(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors: unknown address, wrong method, too large, expired form."""
    if error.response is not None:
        return error.response
    status = HTTPStatus(error.code or 500)
    code = "csrf" if isinstance(error, CSRFError) else ""
    result = answer(status, detail=error.description or status.phrase, code=code)
    result.headers.extend(
        (name, value) for name, value in error.get_headers() if name not in ("Content-Type",)
    )
    return result


def on_database(error: Exception) -> ResponseReturnValue:
    """The database is away: the client may try again."""
    logger.error("database error", exc_info=error)
    g._login_user = AnonymousUserMixin()  # the error page must not ask the database who is signed in
    result = answer(HTTPStatus.SERVICE_UNAVAILABLE, detail="the database is not available")
    result.headers["Retry-After"] = "5"
    return result


def answer(status: HTTPStatus, *, detail: str, field: str = "", code: str = "") -> Response:
    """Return the error in the form that the client reads."""
    if request.path.startswith(("/api/", "/webhooks/")):
        return problem(status, detail=detail, field=field, code=code)
    can_come_again = code == "csrf" or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE)
    kept = _kept_fields() if can_come_again else []
    page = render_template(
        "errors/error.html", status=int(status), text=_text(status, code, is_kept=bool(kept)), kept=kept
    )
    return Response(page, status=int(status), content_type="text/html; charset=utf-8")


def problem(status: HTTPStatus, *, detail: str, field: str = "", code: str = "") -> Response:
    """Return an RFC 9457 problem document."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    if code:
        body["code"] = code
    if field:
        body["errors"] = [{"field": field, "detail": detail}]
    return Response(json.dumps(body), status=int(status), content_type="application/problem+json")


def _kept_fields() -> list[tuple[str, str]]:
    """Return what was typed into a form that could not be taken now, to be sent again by one press.

    Only where the browser itself says that it comes from a page of ours: another site must not put words into
    a form that our own user then sends. A password is never written back.
    """
    if not (request.headers.get("Sec-Fetch-Site") == "same-origin" or "Origin" in request.headers):
        return []
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return [] if any("password" in name for name, _value in fields) else fields


def _text(status: HTTPStatus, code: str, *, is_kept: bool) -> str:
    """What a person reads; says what to do."""
    if code == "csrf" and is_kept:
        return str(_("Halaman ini sudah terlalu lama terbuka, jadi belum terkirim. Isian masih ada di sini."))
    if code == "csrf":
        return str(_("Halaman ini sudah terlalu lama terbuka. Kembali, muat ulang, lalu kirim lagi."))
    if status == HTTPStatus.UNAUTHORIZED and is_kept:
        return str(_("Belum terkirim: Anda sudah keluar. Masuk dulu di tab lain, lalu tekan Kirim lagi."))
    texts = {
        HTTPStatus.BAD_REQUEST: _("Permintaan ini tidak bisa dibaca. Kembali dan coba lagi."),
        HTTPStatus.NOT_FOUND: _("Halaman atau nomor ini tidak ada, atau tidak untuk Anda."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("Alamat ini hanya untuk mengirim isian. Mulai dari halaman awal."),
        HTTPStatus.FORBIDDEN: _("Anda tidak boleh membuka halaman ini."),
        HTTPStatus.UNAUTHORIZED: _("Masuk dulu, lalu coba lagi."),
        HTTPStatus.CONFLICT: _("Orang lain sudah mengubah ini. Muat ulang dan baca dulu."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("File terlalu besar. Kirim yang lebih kecil."),
        HTTPStatus.TOO_MANY_REQUESTS: _("Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi."),
        HTTPStatus.UNPROCESSABLE_ENTITY: _("Isian belum benar. Kembali dan periksa lagi."),
        HTTPStatus.SERVICE_UNAVAILABLE: _("Sistem sedang terputus. Coba lagi sebentar lagi."),
    }
    return str(texts.get(status) or _("Ada yang salah. Coba lagi sebentar lagi."))
