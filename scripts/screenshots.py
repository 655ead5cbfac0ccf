"""Takes every page of a demo at 360 and 1440 px, in light and dark: `make screenshots`.

All pictures go to var/screenshots/, those that README.md shows also to docs/screenshots/.
"""

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
from scripts.shots import KEPT, PAGES, Shot

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "screenshots"
SHOWN = ROOT / "docs" / "screenshots"

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
HEIGHTS = {360: 780, 1440: 900}
"""Height of the window for each width, in px; a longer page is taken down to twice that."""
WALL = (1920, 1080)

COLOURS = 128
READY_WITHIN = 240
"""Seconds until a demo of our own must answer: its first start makes the sample world."""
PAGE_WITHIN = 60
"""Seconds for each step on a page; a busy machine takes long over the tallest ones."""
TRIES = 2


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
    chosen.sort(key=lambda shot: shot.walk is not None)  # what people do on pages is not to fill the queue
    with _demo(options.url, options.phones) as sites, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        faults = _take_all(browser, sites, chosen)
        browser.close()
    print("\n".join([*faults, f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/"]))
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("--url", help="address of a running demo; without it one is started for this")
    parser.add_argument("--phones", default="http://127.0.0.1:8001", help="address of its phones, with --url")
    names = [shot.name for shot in PAGES]
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"only these: {', '.join(names)}")
    options = parser.parse_args()
    if unknown := set(options.pages) - set(names):
        parser.error(f"no page {', '.join(sorted(unknown))}")
    return options


@dataclass(frozen=True, slots=True)
class Sites:
    """The addresses of a demo."""

    web: str
    phones: str


@contextmanager
def _demo(url: str | None, phones: str) -> Iterator[Sites]:
    """Give the addresses of a demo: the one named, or one of our own on free ports in a folder that is thrown away."""
    if url:
        yield Sites(url.rstrip("/"), phones.rstrip("/"))
        return
    port, phone_port = _free_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    kept |= {"PORT": str(port), "PHONE_PORT": str(phone_port)}
    with tempfile.TemporaryDirectory(prefix="helpdesk-screenshots-") as folder:
        demo = subprocess.Popen([sys.executable, "-m", "helpdesk.demo"], cwd=folder, env=kept)
        try:
            _wait_until_ready(demo, f"http://127.0.0.1:{port}")
            yield Sites(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{phone_port}")
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


def _take_all(browser: Browser, sites: Sites, shots: Sequence[Shot]) -> list[str]:
    """Take each page in every width and theme; returns what went wrong, a line each."""
    faults = []
    # One sign-in per person: attempts are limited, and pictures need not type a password.
    sessions = {
        who: _signed_in(browser, sites.web, who) for who in dict.fromkeys(shot.who for shot in shots) if who
    }
    for shot in shots:
        for size, theme in _looks(shot):
            name = f"{shot.name}-{size[0]}-{theme}"
            for left in reversed(range(TRIES)):
                fault = _take(browser, sites, shot, name, (size, theme), sessions.get(shot.who))
                if not fault:
                    break
                if not left:
                    faults.append(f"{name}: {fault}")
    return faults


def _looks(shot: Shot) -> Iterator[tuple[tuple[int, int], Theme]]:
    """Give the sizes and themes of a page; the wall has one of its own."""
    if shot.name == "wall":
        yield WALL, "dark"
        return
    for width, height in HEIGHTS.items():
        for theme in THEMES:
            yield (width, height), theme


def _take(
    browser: Browser,
    sites: Sites,
    shot: Shot,
    name: str,
    look: tuple[tuple[int, int], Theme],
    session: StorageState | None,
) -> str:
    """Take one picture; returns what went wrong, empty when nothing did."""
    size, theme = look
    context = _context(browser, sites.phones if shot.is_phones else sites.web, size, theme, session)
    try:
        _save(_open(context, shot), name, height=size[1])
    except (PageFailed, Error) as fault:
        return str(fault).splitlines()[0]
    finally:
        context.close()
    return ""


def _context(
    browser: Browser, url: str, size: tuple[int, int], theme: Theme, session: StorageState | None
) -> BrowserContext:
    context = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        storage_state=session,
    )
    context.set_default_timeout(PAGE_WITHIN * 1000)
    return context


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
        target = link.get_attribute("href") or ""
        _go(page, target.partition("?")[0] + shot.then)
    if shot.walk is not None:
        shot.walk(page)
    return page


def _go(page: Page, address: str) -> None:
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status != 200:
        raise PageFailed(f"{address} answered {answer.status if answer else 'nothing'}")


def _save(page: Page, name: str, *, height: int) -> None:
    """Write the picture, at most two windows tall; one that is shown is one window tall."""
    tall = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size or {"width": 0}
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(tall, 2 * height)}
    taken = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    (FOLDER / f"{name}.png").write_bytes(_png(image))
    if name in KEPT:
        (SHOWN / f"{name}.png").write_bytes(_png(image.crop((0, 0, image.width, min(image.height, height)))))


def _png(image: Image.Image) -> bytes:
    """Return the picture in a few colours, chosen so that small marks keep theirs."""
    buffer = io.BytesIO()
    # Without dithering: flat colours stay flat, which is what makes the file small.
    few = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
