"""A Flask app that shows every part of the front end once; only the tests serve it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, flash, render_template, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from jinja2 import ChoiceLoader, FileSystemLoader

from helpdesk.views.headers import init_headers
from helpdesk.views.sla_chip import chip_for
from helpdesk.views.templating import init_templating

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 8, 3, 7, 5, tzinfo=UTC)
ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class Row:
    """What a queue row needs."""

    number: str
    subject: str
    severity: str
    channel: str
    status: str
    contact: str = "Siti A."
    branch: str = "Bogor"
    assignee: str = ""
    busy_by: str = ""
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in."""

    name: str = "Sari Wulandari"
    is_authenticated: bool = True


ROWS = (
    (
        Row("48219300", "Bayaran 3 Juli belum dicatat", "S1", "whatsapp", "new", is_unread=True),
        "running",
        -42,
    ),
    (
        Row("48219303", "Nama dipakai orang lain", "S2", "web", "open", assignee="Sari", busy_by="Sari"),
        "running",
        12,
    ),
    (Row("48219307", "Petugas minta uang rokok " * 4, "S3", "telegram", "new"), "running", 95),
    (Row("48219316", "Nomor HP salah", "S4", "lwk", "new"), "running", 2 * 24 * 60),
    (Row("48219320", "Denda tidak jelas", "S3", "sms", "pending", assignee="Budi"), "paused", 60),
    (Row("48219325", "Uang belum cair", "S2", "phone", "resolved", assignee="Budi"), "met", 60),
)
NAV = [
    ("/staff", "Antrean", "q", True),
    ("/lwk", "LWK", "l", False),
    ("/dashboard", "Dasbor", "d", False),
    ("/trends", "Tren", "t", False),
]


def make_gallery_app() -> Flask:
    """Build the app as app.py does, as far as the front end can see."""
    app = Flask("gallery", static_folder=str(ROOT / "helpdesk" / "static"))
    app.config.update(SECRET_KEY="gallery", BOOTSTRAP_SERVE_LOCAL=True, TESTING=True)
    folders = (ROOT / "templates", Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    Bootstrap5(app)
    Babel(app, default_locale="id", locale_selector=lambda: request.args.get("lang", "id"))
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    init_templating(app)
    init_headers(app)

    @app.get("/staff")
    def staff() -> str:
        flash("Tiket 4821-9300 sudah Ibu ambil.", "success")
        started = NOW - timedelta(hours=4)
        rows = [(row, _chip(minutes, state, started)) for row, state, minutes in ROWS]
        return render_template(
            "gallery_staff.html",
            brand="Layanan Mitra",
            nav=NAV,
            current_user=Viewer(),
            rows=rows,
            now=NOW,
            zone=ZONE,
        )

    @app.get("/rows")
    def rows() -> str:
        return "<tr id='t48219300' data-row><td></td></tr>"

    @app.get("/public")
    def public() -> str:
        return render_template("gallery_public.html", brand="Layanan Mitra", now=NOW, zone=ZONE)

    @app.get("/wall")
    def wall() -> str:
        return render_template("gallery_wall.html")

    return app


def _chip(minutes: int, state: str, started: datetime) -> object:
    due = NOW + timedelta(minutes=minutes)
    return chip_for(due, state=state, now=NOW, zone=ZONE, started_at=started)
