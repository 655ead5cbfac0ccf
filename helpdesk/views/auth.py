"""Sign in and out."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.orm import Session

from helpdesk.queries.visibility import Action, Viewer, can, viewer_signed_in
from helpdesk.services import accounts, limits
from helpdesk.views.access import public, runtime, signed_in, viewer

bp = Blueprint("auth", __name__)

TRIES_PER_QUARTER = 10
"""Wrong passwords of one address and account in 15 minutes; the right one takes them back."""
ADDRESS_TRIES_PER_QUARTER = 100
"""Wrong passwords of one network address in 15 minutes, whatever the account: a call centre shares one address, and
even of a hundred people at the start of a shift few mistype twice. Each costs an argon2 run and an audit entry."""

_START_PAGES = (
    (Action.READ_QUEUE, "/queue"),
    (Action.ENTER_LWK, "/lwk"),
    (Action.READ_TRENDS, "/trends"),
    (Action.READ_AUDIT, "/audit"),
    (Action.ADMINISTER, "/admin"),
)

_QUARTER = timedelta(minutes=15)


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
    address = request.remote_addr or "-"
    sender = f"{address}|{email.strip().lower()}"
    if rt.write(lambda session: _is_too_much(session, address, sender, now)):
        error = _("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.")
        return render_template("auth/login.html", email=email, error=error), 429
    user = rt.read(lambda session: accounts.authenticate(session, email, password))
    if user is None:
        rt.write(lambda session: accounts.note_failed_sign_in(session, email, now=now))
        error = _("Email atau kata sandi salah. Coba lagi.")
        return render_template("auth/login.html", email=email, error=error), 401
    rt.write(lambda session: _was_right(session, address, sender, now))
    _end_sign_in()
    token = rt.write(lambda session: accounts.sign_in(session, user, now=now))
    found = rt.read(lambda session: viewer_signed_in(session, token, now=now)) if token else None
    if token is None or found is None:
        return render_template("auth/login.html", email=email, error=_("Akun tidak aktif.")), 401
    login_user(SignedIn(found, token))
    return redirect(local_address(request.args.get("next")) or start_page(found))


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """End this sign-in, in the database too: a copy of the cookie opens nothing any more."""
    _end_sign_in()
    flash(_("Anda sudah keluar."), "success")
    return redirect(url_for("auth.login"))


def _is_too_much(session: Session, address: str, sender: str, now: datetime) -> bool:
    """Count a try before the password is checked. Above the limit of the address only the first is audited."""
    tries = limits.hit(session, "login-address", address, window=_QUARTER, now=now)
    if tries > ADDRESS_TRIES_PER_QUARTER:
        if tries == ADDRESS_TRIES_PER_QUARTER + 1:
            accounts.note_stopped_sign_ins(session, now=now)
        return True
    if limits.is_over(session, "login", sender, allowed=TRIES_PER_QUARTER, window=_QUARTER, now=now):
        # Its password is not checked: one who goes on and on does not shut out the rest of her office.
        limits.take_back(session, "login-address", address, window=_QUARTER, now=now)
        return True
    return False


def _was_right(session: Session, address: str, sender: str, now: datetime) -> None:
    limits.forgive(session, "login", sender)
    limits.take_back(session, "login-address", address, window=_QUARTER, now=now)


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


def local_address(address: str | None) -> str | None:
    """Return an address of this site, never one that leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if not address.isprintable():  # a line break would end the header
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address
