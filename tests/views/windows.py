"""Apps served on a free port, and windows of a real browser in which somebody has signed in there."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from wsgiref.types import WSGIApplication

from flask import Flask
from playwright.sync_api import Browser, Page
from visits import PASSWORD
from werkzeug.serving import make_server

from helpdesk.models.people import User


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """Serve an app on a free local port; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def signed_in_window(app: Flask, browser: Browser, user: User, *, has_scripts: bool = True) -> Iterator[Page]:
    """Yield a window of `user`; addresses in it are those of the app."""
    with served(app) as base:
        context = browser.new_context(
            base_url=base, viewport={"width": 1440, "height": 900}, java_script_enabled=has_scripts
        )
        page = context.new_page()
        page.goto("/login")
        page.fill("input[name=email]", user.email)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        yield page
        context.close()
