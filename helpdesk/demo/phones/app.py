"""Composition root of the simulator: the Flask app, its server, and a way to run it in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from helpdesk.demo.phones import alerts_api, content_api, pages, remote, telegram_api, twilio_api
from helpdesk.demo.phones.hub import hub_of, install, json_answer, make_hub
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.views.chat_text import chat_text

_MAX_REQUEST_BYTES = 32 * 1024 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_phones_app(settings: PhoneSettings) -> Flask:
    """Build the simulator; its delivery threads run until `close_phones_app`."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = _MAX_REQUEST_BYTES
    app.jinja_env.filters["chat_text"] = chat_text
    install(app, make_hub(settings))
    app.before_request(_refuse_other_sites)
    app.after_request(_add_headers)
    for module in (pages, remote, twilio_api, content_api, alerts_api, telegram_api):
        app.register_blueprint(module.blueprint)
    return app


def close_phones_app(app: Flask) -> None:
    hub_of(app).courier.close()


@contextmanager
def running(settings: PhoneSettings) -> Iterator[str]:
    """Serve the simulator in a thread; yields its address."""
    with listening(settings) as (server, address):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield address
        finally:
            server.shutdown()
            thread.join(timeout=5)


@contextmanager
def listening(settings: PhoneSettings) -> Iterator[tuple[BaseWSGIServer, str]]:
    """Bind the simulator; yields the server, not yet serving, and its address."""
    app = create_phones_app(settings)
    server = make_server(settings.host, settings.port, app, threaded=True, request_handler=_QuietHandler)
    address = f"http://{settings.host}:{server.server_port}"
    hub_of(app).own_url.append(address)
    try:
        yield server, address
    finally:
        server.server_close()
        close_phones_app(app)


class _QuietHandler(WSGIRequestHandler):
    """Writes no access log: Telegram's paths hold the bot's token."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def _refuse_other_sites() -> Response | None:
    """A page of another site must not type on these phones or set faults; programs send neither header."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    origin = request.headers.get("Origin")
    is_foreign_origin = origin is not None and urlsplit(origin).netloc != request.host
    is_cross_site = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
    if is_foreign_origin or is_cross_site:
        return json_answer({"error": "requests from other sites are refused"}, 403)
    return None


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
