"""Takes every page of a demo at 360 and 1440 px, in light and dark, into docs/screenshots/: `make screenshots`."""

import argparse
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, StorageState, sync_playwright

from helpdesk.demo.world import PASSWORD

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
HEIGHTS = {360: 780, 1440: 900}
"""Height of the window for each width, in px; a longer page is taken down to twice that."""
WALL = (1920, 1080)

MAX_BYTES = 150_000
COLOURS = (128, 64, 32, 16)
READY_WITHIN = 240
"""Seconds until a demo of our own must answer: its first start makes the sample world."""

PUBLIC = ""
SUPERVISOR, FIELD, AUDITOR, ADMIN = (
    f"{name}@demo.id" for name in ("supervisor", "lapangan", "auditor", "admin")
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its file name, who looks, and where."""

    name: str
    who: str
    address: str
    follow: str = ""
    """Go on to the first link on that page whose address begins so."""
    then: str = ""
    """Added to the address that was followed."""


PAGES = (
    Shot("start", PUBLIC, "/"),
    Shot("lapor", PUBLIC, "/lapor"),
    Shot("status", PUBLIC, "/lapor/status"),
    Shot("privasi", PUBLIC, "/privasi"),
    Shot("login", PUBLIC, "/login"),
    Shot("queue", SUPERVISOR, "/queue"),
    Shot("search", SUPERVISOR, "/search?q=angsuran"),
    Shot("ticket", SUPERVISOR, "/queue", "/tickets/"),
    Shot("resolve", SUPERVISOR, "/queue", "/tickets/", "/resolve"),
    Shot("intake", SUPERVISOR, "/intake"),
    Shot("contacts", SUPERVISOR, "/contacts"),
    Shot("dashboard", SUPERVISOR, "/dashboard"),
    Shot("trends", SUPERVISOR, "/trends"),
    Shot("trend", SUPERVISOR, "/trends", "/trends/"),
    Shot("improvements", SUPERVISOR, "/improvements"),
    Shot("improvement-new", SUPERVISOR, "/improvements/new"),
    Shot("reports", SUPERVISOR, "/reports"),
    Shot("lwk", FIELD, "/lwk"),
    Shot("audit", AUDITOR, "/audit"),
    Shot("admin", ADMIN, "/admin"),
)


class PageFailed(Exception):
    """A page did not answer as it should; the others are taken all the same."""


def main() -> int:
    """Take the pictures; returns the exit status."""
    options = _options()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("screenshots: no Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [shot for shot in PAGES if not options.pages or shot.name in options.pages]
    with _demo(options.url) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        faults = _take_all(browser, url, chosen)
        if not options.pages or "wall" in options.pages:
            faults += _take_wall(browser, url)
        browser.close()
    print("\n".join([*faults, f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/"]))
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("--url", help="address of a running demo; without it one is started for this")
    names = [*(shot.name for shot in PAGES), "wall"]
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"only these: {', '.join(names)}")
    options = parser.parse_args()
    if unknown := set(options.pages) - set(names):
        parser.error(f"no page {', '.join(sorted(unknown))}")
    return options


@contextmanager
def _demo(url: str | None) -> Iterator[str]:
    """Give the address of a demo: the one named, or one of our own on free ports in a folder that is thrown away."""
    if url:
        yield url.rstrip("/")
        return
    port, phone_port = _free_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    kept |= {"PORT": str(port), "PHONE_PORT": str(phone_port)}
    with tempfile.TemporaryDirectory(prefix="helpdesk-screenshots-") as folder:
        demo = subprocess.Popen([sys.executable, "-m", "helpdesk.demo"], cwd=folder, env=kept)
        try:
            _wait_until_ready(demo, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(timeout=60)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_until_ready(demo: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if demo.poll() is not None:
            sys.exit(f"screenshots: the demo ended with status {demo.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    sys.exit("screenshots: the demo does not get ready")


def _take_all(browser: Browser, url: str, shots: Sequence[Shot]) -> list[str]:
    """Take each page in every width and theme; returns what went wrong, a line each."""
    faults = []
    # One sign-in per person: attempts are limited, and pictures need not type a password.
    sessions = {
        who: _signed_in(browser, url, who) for who in dict.fromkeys(shot.who for shot in shots) if who
    }
    for shot in shots:
        for width, height in HEIGHTS.items():
            for theme in THEMES:
                context = _context(browser, url, (width, height), theme, sessions.get(shot.who))
                try:
                    page = _open(context, shot)
                    _save(page, f"{shot.name}-{width}-{theme}", max_height=2 * height)
                except (PageFailed, Error) as fault:
                    faults.append(f"{shot.name} {width} {theme}: {str(fault).splitlines()[0]}")
                context.close()
    return faults


def _take_wall(browser: Browser, url: str) -> list[str]:
    session = _signed_in(browser, url, SUPERVISOR)
    context = _context(browser, url, WALL, "dark", session)
    try:
        _save(_open(context, Shot("wall", SUPERVISOR, "/wall")), f"wall-{WALL[0]}-dark", max_height=WALL[1])
    except (PageFailed, Error) as fault:
        return [f"wall: {str(fault).splitlines()[0]}"]
    finally:
        context.close()
    return []


def _context(
    browser: Browser, url: str, size: tuple[int, int], theme: Theme, session: StorageState | None
) -> BrowserContext:
    return browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        storage_state=session,
    )


def _signed_in(browser: Browser, url: str, email: str) -> StorageState:
    context = _context(browser, url, WALL, "light", None)
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: urlsplit(address).path != "/login")
    session = context.storage_state()
    context.close()
    return session


def _open(context: BrowserContext, shot: Shot) -> Page:
    page = context.new_page()
    _go(page, shot.address)
    if shot.follow:
        link = page.locator(f'main a[href^="{shot.follow}"]').first
        target = link.get_attribute("href", timeout=5000) or ""
        _go(page, target.partition("?")[0] + shot.then)
    return page


def _go(page: Page, address: str) -> None:
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status != 200:
        raise PageFailed(f"{address} answered {answer.status if answer else 'nothing'}")


def _save(page: Page, name: str, *, max_height: int) -> None:
    """Write the picture with as many colours as keep it under MAX_BYTES."""
    image = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled"))).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, max_height)))
    for colours in COLOURS:
        buffer = io.BytesIO()
        # Without dithering: flat colours stay flat, which is what makes the file small.
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() < MAX_BYTES:
            break
    else:
        raise PageFailed(f"{name}: {buffer.tell()} bytes with {colours} colours")
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    sys.exit(main())
