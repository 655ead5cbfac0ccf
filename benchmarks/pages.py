"""The Mitra's pages on a poor phone and network: bytes, requests, first paint, beside a stock Bootstrap page."""

import gzip
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table
from werkzeug.serving import make_server

from benchmarks.installation import bare
from benchmarks.measures import Figures
from helpdesk.app import create_app

BITS_PER_SECOND, LATENCY_MS, CPU_SLOWDOWN = 150_000, 600, 6
"""design.md 6, bar 4."""
RUNS = 5
STOCK = "/stock"
ADDRESSES = ("/", "/lapor", "/lapor/status", "/cara-mengadu", "/privasi")
COMPRESSED = ("text/", "application/javascript", "application/json")

_STOCK_PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Pengaduan</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/bootstrap/static/css/bootstrap.min.css">
<script src="/bootstrap/static/umd/popper.min.js"></script>
<script src="/bootstrap/static/js/bootstrap.min.js"></script></head>
<body class="container py-3"><h1>Masalahnya tentang apa?</h1><form method="post">{options}
<button class="btn btn-primary w-100">Lanjut</button></form></body></html>""".format(
    options="".join(
        f'<div class="form-check"><input class="form-check-input" type="radio" name="choice" id="c{place}">'
        f'<label class="form-check-label" for="c{place}">{name}</label></div>'
        for place, name in enumerate(
            ("Angsuran", "Uang pinjaman", "Petugas", "Penipuan", "Data, HP, aplikasi", "Lainnya")
        )
    )
)
"""The same six choices as most would write them, with style sheet and script in the head."""


_PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') done(entry.startTime);
}).observe({type: 'paint', buffered: true}))"""


class Proxy:
    """Compresses as a reverse proxy does, and serves the stock page."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] == STOCK:
            body, status, headers = _STOCK_PAGE.encode(), "200 OK", [("Content-Type", "text/html")]
        else:
            said: list[tuple[str, list[tuple[str, str]]]] = []

            def start(status: str, headers: list[tuple[str, str]], *_args: object) -> object:
                said.append((status, headers))
                return None

            answer = self._inner(environ, start)  # type: ignore[arg-type]
            body = b"".join(answer)
            if close := getattr(answer, "close", None):
                close()
            status, headers = said[0]
        kind = dict(headers).get("Content-Type", "")
        if kind.startswith(COMPRESSED) or "javascript" in kind:
            body = gzip.compress(body, 6)
            headers = [*headers, ("Content-Encoding", "gzip")]
        headers = [each for each in headers if each[0] != "Content-Length"]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def pages() -> dict[str, Figures]:
    """Return for each page its bytes as sent, requests, and median first paint; for the whole form its bytes."""
    program = next(
        filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome"))), None
    )
    if program is None:
        return {}
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bench-pages-"))
    try:
        with (
            bare(f"sqlite:///{folder / 'pages.db'}") as rt,
            _served(create_app(rt)) as base,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            found = {address: _page(browser, base, address) for address in (*ADDRESSES, STOCK)}
            found["whole form"] = _form(browser, base)
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def show_pages(found: dict[str, Figures]) -> None:
    """Print each page beside the stock one; the ratio is what may be compared between machines."""
    title = (
        f"Public pages, {BITS_PER_SECOND // 1000} kbit/s, {LATENCY_MS} ms, CPU x{CPU_SLOWDOWN}, cold cache"
    )
    table = Table(title=title)
    for name in ("page", "bytes", "requests", "first paint ms", "bytes / stock", "paint / stock"):
        table.add_column(name, justify="left" if name == "page" else "right")
    stock = found[STOCK]
    for name, figures in found.items():
        paint = figures.get("first paint ms")
        table.add_row(
            name,
            f"{figures['bytes']:,.0f}",
            f"{figures['requests']:.0f}",
            f"{paint:,.0f}" if paint else "-",
            f"{figures['bytes'] / stock['bytes']:.2f}" if paint else "-",
            f"{paint / stock['first paint ms']:.2f}" if paint else "-",
        )
    Console(width=110).print(table)


def slow(page: Page) -> None:
    """Make the page's network and processor those of bar 4."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    rate = BITS_PER_SECOND / 8
    conditions = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": rate,
        "uploadThroughput": rate,
    }
    session.send("Network.emulateNetworkConditions", conditions)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


def first_paint(page: Page) -> float:
    """Return when the first words were painted, in milliseconds after the click on the link."""
    return float(page.evaluate(_PAINTED))


def _page(browser: Browser, base: str, address: str) -> Figures:
    paints = []
    for _ in range(RUNS):
        with _opened(browser, base) as (page, received):
            slow(page)
            page.goto(address)
            paints.append(first_paint(page))
            page.wait_for_load_state("load")
    return {
        "bytes": sum(received),
        "requests": len(received),
        "first paint ms": statistics.median(paints),
    }


@contextmanager
def _opened(browser: Browser, base: str) -> Iterator[tuple[Page, list[int]]]:
    """A phone with an empty cache, and the bytes of each answer with its headers."""
    context = browser.new_context(base_url=base, viewport={"width": 360, "height": 740})
    page = context.new_page()
    received: list[int] = []
    refused: list[str] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    try:
        yield page, received
        assert not refused, refused
    finally:
        context.close()


def _form(browser: Browser, base: str) -> Figures:
    """Bytes of all that a Mitra receives from the start to her number."""
    with _opened(browser, base) as (page, received):
        page.goto("/")
        page.click("main a.btn-primary")
        page.check("#choice")
        page.click("main form[method=post] button")
        page.fill("#story", "Saya bayar tanggal 3 lewat VA tapi belum dicatat")
        page.click("main form[method=post] button")
        page.fill("#phone", "0812 3456 7890")
        page.click("main form[method=post] button")
        page.click("main form[method=post] button")
        page.wait_for_selector(".kh-number")
        page.wait_for_load_state("networkidle")
        return {"bytes": sum(received), "requests": len(received)}


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, Proxy(app.wsgi_app), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
