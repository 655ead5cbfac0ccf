"""The whole story of README.md in a real Chromium, against the running demo with its phones."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from test_crash import free_port

STORY = "Bu saya sudah bayar angsuran lewat VA tapi belum masuk"
ANSWER = "Baik, Ibu. Kami cek dulu dan kabari besok."
START_WITHIN = 240.0
"""Seconds for the sample world and both processes on a busy machine; about 30 on an idle one."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.xdist_group("process"),
    pytest.mark.timeout(600),
]


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    web: str
    phones: str
    folder: Path

    def helpdesk(self, *arguments: str) -> str:
        """Run the console script beside the demo."""
        done = subprocess.run(
            [sys.executable, "-m", "helpdesk.cli", "--env", "var/demo.env", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=clean_environment(),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def clean_environment() -> dict[str, str]:
    """The machine's environment without settings of another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    port, phone_port = free_port(), free_port()
    environment = clean_environment() | {"PORT": str(port), "PHONE_PORT": str(phone_port)}
    with open(folder / "demo.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk.demo"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    end = time.monotonic() + START_WITHIN
    while "Siap" not in (folder / "demo.log").read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail((folder / "demo.log").read_text(errors="replace")[-3000:])
        time.sleep(0.2)
    yield Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{phone_port}", folder)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0  # Ctrl-C stops all of it cleanly
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


def sign_in(browser: Browser, demo: Demo, email: str) -> Page:
    """A page of its own session with that person signed in."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="id-ID").new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{demo.web}/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", "demo-demo-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def number_on_phone(phone: Page) -> str:
    """The complaint number that the receipt on the WhatsApp phone tells."""
    receipt = phone.locator("#whatsapp li.theirs", has_text="Nomor")
    expect(receipt.first).to_contain_text("Kami balas paling lambat", timeout=30_000)
    words = receipt.first.inner_text().split()
    return next(
        word.strip("*.") for word in words if len(word.strip("*.")) == 9 and word.strip("*.")[4] == "-"
    )


def test_a_newcomer_plays_the_whole_story(demo: Demo, browser: Browser) -> None:
    # A Mitra writes on her WhatsApp phone and gets number and date at once.
    phone = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    phone.goto(f"{demo.phones}/")
    phone.fill("#text-whatsapp", STORY)
    phone.click("#whatsapp button.send")
    number = number_on_phone(phone)
    digits = number.replace("-", "")

    # The ticket is in the queue, rated and with its reasons.
    agent = sign_in(browser, demo, "supervisor@demo.id")
    agent.goto(f"{demo.web}/search?q={number}")
    expect(agent).to_have_url(f"{demo.web}/tickets/{digits}")
    expect(agent.locator("main")).to_contain_text(STORY)
    expect(agent.locator("main")).to_contain_text("S2")
    agent.goto(f"{demo.web}/queue?view=all")
    expect(agent.locator(f"a[href*='/tickets/{digits}']").first).to_be_visible()

    # The answer travels to the phone, and its ticks travel back.
    agent.goto(f"{demo.web}/tickets/{number}")
    agent.fill("#reply-text", ANSWER)
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("main")).to_contain_text(ANSWER)
    expect(phone.locator("#whatsapp li.theirs", has_text=ANSWER)).to_be_visible(timeout=30_000)
    expect(phone.locator("#whatsapp li.theirs", has_text=ANSWER).locator(".tick.read")).to_be_attached(
        timeout=30_000
    )
    wait_until_read(agent, demo, number)

    # STATUS by chat.
    phone.fill("#text-whatsapp", "STATUS")
    phone.click("#whatsapp button.send")
    expect(phone.locator("#whatsapp li.theirs", has_text="Kabar nomor").first).to_contain_text(
        number, timeout=30_000
    )

    # Time runs out: warnings, a breach, an escalation; the same sweep again does nothing.
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")
    done = json.loads(demo.helpdesk("sla", "sweep", "--now", later, "--json"))
    of_ticket = [step for step in done if step["number"] == number]
    assert {"sla_warning", "sla_breached", "escalated"} <= {step["action"] for step in of_ticket}
    assert json.loads(demo.helpdesk("sla", "sweep", "--now", later, "--json")) == []
    agent.goto(f"{demo.web}/tickets/{number}")
    agent.locator("details", has=agent.locator("#history")).locator("summary").click()
    expect(agent.locator("section[aria-labelledby=history]")).to_contain_text("eskalasi", ignore_case=True)

    # The spike in the trends becomes an improvement on the board.
    product = sign_in(browser, demo, "produk@demo.id")
    product.goto(f"{demo.web}/trends")
    flagged = product.locator("tr", has_text="di atas batas").filter(has=product.locator("a.btn")).first
    flagged.locator("a.btn").click()
    product.fill("input[name=title]", "Pembayaran VA tidak tercatat")
    product.click("main form[method=post] button[type=submit]")
    expect(product.locator("main h1")).to_contain_text("Pembayaran VA tidak tercatat")
    product.goto(f"{demo.web}/improvements")
    expect(product.locator("main")).to_contain_text("Pembayaran VA tidak tercatat")

    # Nothing in the trail was broken on the way.
    demo.helpdesk("audit", "verify")


def wait_until_read(agent: Page, demo: Demo, number: str) -> None:
    """Reload the ticket until the delivery report has come through."""
    for _ in range(60):
        agent.goto(f"{demo.web}/tickets/{number}")
        if agent.locator(".kh-timeline", has_text="dibaca").count():
            return
        agent.wait_for_timeout(500)
    pytest.fail("the reply never became read on the ticket page")
