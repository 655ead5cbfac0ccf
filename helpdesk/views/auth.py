"""Sign in and out."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from helpdesk.queries.visibility import Action, Viewer, can, viewer_signed_in
from helpdesk.services import accounts, limits
from helpdesk.views.access import public, runtime, signed_in, viewer

bp = Blueprint("auth", __name__)

TRIES_PER_QUARTER = 10
"""Wrong passwords of one address and account in 15 minutes; the right one takes them back."""

_START_PAGES = (
    (Action.READ_QUEUE, "/queue"),
    (Action.ENTER_LWK, "/lwk"),
    (Action.READ_TRENDS, "/trends"),
    (Action.READ_AUDIT, "/audit"),
    (Action.ADMINISTER, "/admin"),
)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a session, as flask-login wants it."""

    def __init__(self, viewer: Viewer, token: str) -> None:
        self.viewer = viewer
        self.token = token

    @property
    def name(self) -> str:
        """Shown in the top bar."""
        return self.viewer.name

    def get_id(self) -> str:
        """What the cookie holds: worth nothing once the sign-in has ended."""
        return self.token


def init_auth(app: Flask) -> None:
    """Load the person of a session with one read."""
    manager = LoginManager(app)
    manager.session_protection = None  # phones change their address; the cookie is signed

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> SignedIn | None:
        rt = runtime()
        found = rt.read(lambda session: viewer_signed_in(session, token, now=rt.now()))
        return None if found is None else SignedIn(found, token)

    app.register_blueprint(bp)


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in form."""
    if current_user.is_authenticated:
        return redirect(start_page(viewer()))
    return render_template("auth/login.html", email="", error=None)


@bp.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Check the password; errors do not say which part was wrong."""
    rt = runtime()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    now = rt.now()
    sender = f"{request.remote_addr}|{email.strip().lower()}"
    is_over = rt.write(
        lambda session: limits.is_over(
            session, "login", sender, allowed=TRIES_PER_QUARTER, window=timedelta(minutes=15), now=now
        )
    )
    if is_over:
        error = _("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.")
        return render_template("auth/login.html", email=email, error=error), 429
    user = rt.read(lambda session: accounts.authenticate(session, email, password))
    if user is None:
        rt.write(lambda session: accounts.note_failed_sign_in(session, email, now=now))
        error = _("Email atau kata sandi salah. Coba lagi.")
        return render_template("auth/login.html", email=email, error=error), 401
    rt.write(lambda session: limits.forgive(session, "login", sender))
    _end_sign_in()
    token = rt.write(lambda session: accounts.sign_in(session, user, now=now))
    found = rt.read(lambda session: viewer_signed_in(session, token, now=now)) if token else None
    if token is None or found is None:
        return render_template("auth/login.html", email=email, error=_("Akun tidak aktif.")), 401
    login_user(SignedIn(found, token))
    return redirect(_local(request.args.get("next")) or start_page(found))


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """End this sign-in, in the database too: a copy of the cookie opens nothing any more."""
    _end_sign_in()
    flash(_("Anda sudah keluar."), "success")
    return redirect(url_for("auth.login"))


def _end_sign_in() -> None:
    if current_user.is_authenticated:
        token = current_user.token
        runtime().write(lambda session: accounts.sign_out(session, token))
        logout_user()
    language = cookie.get("lang")
    cookie.clear()
    if language:  # it belongs to the browser, not to who signs in
        cookie["lang"] = language


def start_page(who: Viewer) -> str:
    """Return the first page that this person may see."""
    return next((address for action, address in _START_PAGES if can(who, action)), "/")


def _local(address: str | None) -> str | None:
    """Return an address of this site, never one that leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if not address.isprintable():  # a line break would end the header
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address
