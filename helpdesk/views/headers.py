"""Security headers of every answer, inlined styles, versioned static addresses, the same-origin check."""

import hashlib
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request, url_for
from markupsafe import Markup

from helpdesk.domain.errors import Forbidden

THEMES = ("light", "dark")
THEME_COOKIE = "kh_theme"
_YEAR = 31_536_000
_STATIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def content_security_policy(style_hashes: tuple[str, ...] = ()) -> str:
    """Return the policy; `style_hashes` allow exactly the style elements written by inline_css()."""
    styles = " ".join(["'self'", *(f"'{value}'" for value in style_hashes)])
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data: blob:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def style_hash(css: str) -> str:
    """Return the source expression of a style element's text."""
    return f"sha256-{b64encode(hashlib.sha256(css.encode()).digest()).decode()}"


def check_origin(asked: Request, *, public_url: str = "") -> None:
    """Raise Forbidden when a browser says that a state-changing request comes from another site.

    Only headers that were sent are judged: old phones and command-line clients send neither, and the CSRF
    token still holds for them. Sec-Fetch-Site is the browser's own word, so behind a proxy it outranks hosts.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forbidden(f"request from another site: {site}")
        return
    origin = asked.headers.get("Origin")
    if origin is not None and _netloc(origin) not in {asked.host, _netloc(public_url)} - {""}:
        raise Forbidden(f"request from another origin: {origin}")


def _netloc(address: str) -> str:
    """Return host and port, empty for what is no address (`http://[`)."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def inline_css(filename: str) -> Markup:
    """Return a style element with a static file's text, and allow it in this answer's policy."""
    css = _read_static(Path(current_app.static_folder or "") / filename)
    g.setdefault("style_hashes", []).append(style_hash(css))
    return Markup(f"<style>{css}</style>")  # noqa: S704  our own file


def asset(filename: str) -> str:
    """Return a static address that changes with the content, so that it may be kept for a year."""
    digest = _digest(Path(current_app.static_folder or "") / filename)
    return url_for("static", filename=filename, v=digest)


def init_headers(app: Flask, *, public_url: str = "") -> None:
    """Set headers on every answer and give templates `inline_css`, `asset` and `theme`."""
    app.jinja_env.globals.update(inline_css=inline_css, asset=asset)

    @app.context_processor
    def theme() -> dict[str, str]:
        return {"theme": chosen_theme(request)}

    @app.after_request
    def add_headers(answer: Response) -> Response:
        for name, value in _FIXED.items():
            answer.headers.setdefault(name, value)
        hashes = tuple(g.get("style_hashes", ()))
        answer.headers.setdefault("Content-Security-Policy", content_security_policy(hashes))
        if public_url.startswith("https://"):
            answer.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
        _set_cache(answer, is_public_page=bool(hashes))
        _keep_theme(answer, is_secure=public_url.startswith("https://"))
        return answer


def chosen_theme(asked: Request) -> str:
    """Return light or dark where the person chose one, else nothing: the device decides."""
    wanted = asked.args.get("theme") or asked.cookies.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else ""


def _keep_theme(answer: Response, *, is_secure: bool) -> None:
    """Remember `?theme=`, the way to switch without JavaScript; any other word means the device's own."""
    if "theme" in request.args:
        answer.set_cookie(
            THEME_COOKIE, chosen_theme(request), max_age=_YEAR, secure=is_secure, samesite="Lax", path="/"
        )


def _set_cache(answer: Response, *, is_public_page: bool) -> None:
    """Staff pages are never kept; public ones may be, privately: Back must bring a half-filled form again."""
    if request.endpoint in _STATIC_ENDPOINTS:
        if request.args.get("v") and answer.status_code == 200:
            answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return
    answer.headers.setdefault("Cache-Control", "private, no-cache" if is_public_page else "no-store")


@lru_cache(maxsize=32)
def _read_static(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
