"""The gallery of all parts in a real browser: accessibility, policy, reflow, keys and live rows."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from gallery import make_gallery_app
from playwright.sync_api import Browser, Page
from windows import served

pytestmark = pytest.mark.browser
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(make_gallery_app()) as base:
        yield base


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def staff(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/staff")
    yield page
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "language"), [(320, "id"), (1440, "en")])
@pytest.mark.parametrize("path", ["staff", "public", "wall"])
def test_every_part_is_accessible_and_keeps_the_policy(
    browser: Browser, address: str, path: str, width: int, theme: str, language: str, complaints: list[str]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/{path}?lang={language}")
    found = Axe().run(page, options={"runOnly": AXE_TAGS}).response["violations"]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert complaints == []
    assert overflow <= 0


def test_j_and_k_move_between_rows_and_x_ticks_one(staff: Page) -> None:
    staff.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "j", "k", "x"):
        staff.keyboard.press(key)
    assert staff.locator("tr.kh-current").get_attribute("id") == "t48219303"
    assert staff.locator("tr.kh-current input").is_checked()


def test_keys_are_letters_inside_fields(staff: Page) -> None:
    staff.keyboard.press("/")
    staff.keyboard.type("jx?")
    assert staff.locator("#global-search").input_value() == "jx?"
    assert staff.locator("tr.kh-current").count() == 0


def test_g_then_a_letter_goes_to_another_page(staff: Page) -> None:
    staff.evaluate("document.activeElement.blur()")
    staff.keyboard.press("g")
    with staff.expect_navigation(url="**/dashboard"):
        staff.keyboard.press("d")
    assert staff.url.endswith("/dashboard")


def test_the_question_mark_lists_the_keys_of_the_page(staff: Page) -> None:
    staff.evaluate("document.activeElement.blur()")
    staff.keyboard.press("?")
    words = staff.locator("#kh-sheet li").all_text_contents()
    assert "iAmbil" in words
    assert "g lLWK" in words
    staff.keyboard.press("Escape")
    assert not staff.locator("#kh-sheet").is_visible()


def test_the_theme_switches_without_a_page_load(staff: Page, complaints: list[str]) -> None:
    staff.locator("details.kh-menu summary").click()
    staff.get_by_role("button", name="Gelap").click()
    assert staff.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 31)"
    assert staff.evaluate("document.cookie") == "kh_theme=dark"
    assert complaints == []


def test_new_rows_wait_behind_a_button_and_known_rows_are_patched_in_place(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{address}/staff")
    cells = "<td></td><td>{1}</td><td></td><td>{0}</td><td><a data-open href='/x'>s</a></td>"
    row = f"<tr id='t{{0}}' data-row>{cells}</tr>"
    fresh = row.format("99999999", "baru") + row.format("48219300", "Lewat 9:99")
    page.route("**/rows", lambda route: route.fulfill(body=fresh, headers={"ETag": '"2"'}))
    page.clock.fast_forward("10:01")
    page.get_by_role("button", name="1 baru").wait_for()
    assert page.locator("tbody[data-rows] tr").first.get_attribute("id") == "t48219300"
    assert page.locator("#t48219300 td").nth(1).text_content() == "Lewat 9:99"
    page.keyboard.press(".")
    assert page.locator("tbody[data-rows] tr").first.get_attribute("id") == "t99999999"
    page.close()


def test_old_data_says_how_old_it_is(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{address}/staff")
    page.route("**/rows", lambda route: route.abort())
    page.clock.fast_forward("10:01")
    page.get_by_text("Data 10 menit lalu. Menyambung lagi…").wait_for()
    assert page.locator("tbody[data-rows] tr").count() == 6
    page.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 160, "160/160 · 1 SMS"),
        ("a" * 161, "161/306 · 2 SMS"),
        ("€", "2/160 · 1 SMS"),
        ("🙏", "2/70 · 1 SMS"),
    ],
    ids=["full", "two", "double-width", "emoji"],
)
def test_an_sms_counter_knows_the_alphabet(staff: Page, text: str, shown: str) -> None:
    staff.get_by_label("Balas WhatsApp").fill(text)
    assert staff.locator("[data-counter-for=reply]").text_content() == shown


def test_ctrl_enter_sends_the_form_once(staff: Page) -> None:
    sent: list[str] = []
    staff.route("**/reply", lambda route: (sent.append(route.request.method), route.fulfill(status=204))[1])
    staff.get_by_label("Balas WhatsApp").fill("Baik, Ibu.")
    with staff.expect_response("**/reply"):
        staff.keyboard.press("Control+Enter")
        staff.keyboard.press("Control+Enter")
    assert sent == ["POST"]


def test_the_clock_of_the_live_bar_is_the_persons_own_not_the_browsers(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(timezone_id="America/New_York", locale="en-US")
    page = context.new_page()
    page.clock.set_fixed_time("2026-08-03T07:05:20Z")
    page.goto(f"{address}/staff?lang=id")
    assert page.locator("[data-live-time]").inner_text() == "Diperbarui 14.05.20"
    context.close()


def test_a_refusal_has_the_focus(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/staff?refused=1")
    assert page.evaluate("document.activeElement.textContent").strip() == "Ada 1 pesan baru. Baca dulu."
    page.close()
