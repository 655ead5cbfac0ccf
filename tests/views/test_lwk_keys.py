"""Paper entry by keyboard alone in a real browser: strokes per form are counted, and no click is made."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from factories import make_unit
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from ticket_stories import tickets
from visits import a_user, stored
from windows import signed_in_window

from helpdesk.models.contacts import Contact
from helpdesk.models.paper import LwkBatch
from helpdesk.models.people import OrgUnit, Role, User
from helpdesk.runtime import Runtime

pytestmark = pytest.mark.browser

FORMS = 40 if os.environ.get("HELPDESK_SOAK") else 4
MOST, MOST_WITH_F2 = 20, 17
"""Strokes for one form of a known Mitra, without prose (design.md section 5)."""


class Keyboard:
    """Counts what a person presses; a chord is one stroke, as design.md counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.strokes = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.strokes += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.press(*text)

    def tell(self, prose: str) -> None:
        """Type a story, which is not counted."""
        self.page.keyboard.type(prose)

    def save(self, form_no: int) -> int:
        """Save the form and return its strokes; the page of the next one has the focus in the first field."""
        self.press("Control+Enter")
        expect(self.page.locator("[data-flashes]")).to_contain_text(f"Form {form_no} ")
        expect(self.page.locator("#mitra_id")).to_be_focused()
        spent, self.strokes = self.strokes, 0
        return spent


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))


@pytest.fixture
def clerk(rt: Runtime, point: OrgUnit) -> User:
    return a_user(rt, Role.FIELD, unit=point)


@pytest.fixture
def page(app: Flask, browser: Browser, clerk: User) -> Iterator[Page]:
    """A window in which the clerk of the point has signed in."""
    with signed_in_window(app, browser, clerk) as page:
        yield page


@pytest.fixture
def keys(page: Page) -> Keyboard:
    return Keyboard(page)


def begin(page: Page, *, forms: int) -> None:
    """Type the slip in the order of the page, with Tab alone."""
    page.goto("/lwk")
    page.locator("#received_on").focus()
    for value in ("2011", "", str(forms), str(150_000 * forms), str(forms * (forms + 1) // 2)):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#mitra_id")).to_be_focused()


def test_a_batch_is_entered_and_closed_by_keys_alone_within_the_strokes_allowed(
    rt: Runtime, page: Page, keys: Keyboard, point: OrgUnit
) -> None:
    begin(page, forms=FORMS)
    spent = []
    for form_no in range(1, FORMS + 1):
        keys.type(str(20_000 + form_no))
        keys.press("Enter")  # not known yet: her name, phone and group are typed once
        keys.tell(f"Siti {form_no}")
        keys.press("Enter", "Enter")
        keys.tell("Melati")
        keys.press("Enter")
        spent.append(_rest(keys, form_no))
    assert len(tickets(rt)) == FORMS
    expect(page.locator("aside")).to_contain_text("cocok dengan slip")
    page.locator("aside form button").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("sudah ditutup")
    assert stored(rt, select(LwkBatch.close_reason)) == [None]

    begin(page, forms=3)
    keys.strokes = 0
    keys.type("20001")
    keys.press("Enter")
    keys.type("2")
    assert _rest(keys, 1, choice="") <= MOST
    keys.type("20002")
    keys.press("Enter")
    keys.type("2")
    keys.press("F2", "F2", "F2")
    keys.tell("Pinjaman belum cair")
    assert keys.save(2) <= MOST_WITH_F2
    keys.type("20003")
    keys.press("Enter")
    keys.type("2")
    keys.press("F8")
    keys.type("150000")
    keys.press("Enter")
    keys.type("t")
    keys.tell("Pinjaman belum cair")
    assert keys.save(3) <= MOST
    expect(page.locator("aside")).to_contain_text("ditahan 1")
    assert len(stored(rt, select(Contact.id))) == FORMS, "known by their numbers"


def _rest(keys: Keyboard, form_no: int, *, choice: str = "1") -> int:
    keys.type(f"{choice}0311150000")
    keys.press("Enter")
    keys.type("y")
    keys.tell("Sudah bayar lewat VA, belum dicatat")
    return keys.save(form_no)


def test_a_repeat_is_answered_by_one_digit_and_a_name_is_picked_by_one(
    rt: Runtime, page: Page, keys: Keyboard
) -> None:
    begin(page, forms=3)
    keys.type("20417")
    keys.press("Enter")
    keys.tell("Siti Aminah")
    keys.press("Enter", "Enter", "Enter")
    _rest(keys, 1)
    keys.type("20417")
    keys.press("Enter", "F2", "F2", "F2", "F2")
    keys.tell("Masih belum dicatat")
    expect(page.locator("#repeats")).to_be_visible()
    expect(page.locator("#text")).to_be_focused()
    keys.press("F9", "1")
    expect(page.locator("[data-flashes]")).to_contain_text("Form 2 ditambahkan ke")
    expect(page.locator("#mitra_id")).to_be_focused()
    keys.tell("siti")
    keys.press("Enter")
    expect(page.locator("[data-who] input[type=radio]")).to_have_count(2)
    keys.press("1", "6")
    keys.tell("0311150000")
    keys.press("Enter", "y")
    keys.tell("Hal lain")
    keys.save(3)
    assert len(tickets(rt)) == 2
    assert len(stored(rt, select(Contact.id))) == 1
    keys.press("PageUp")
    for heading, key in (("Form 3", "PageUp"), ("Form 2", "PageDown"), ("Form 3", "PageDown")):
        expect(page.locator("h1")).to_contain_text(heading)
        page.wait_for_load_state()
        keys.press(key)
    expect(page.locator("#mitra_id")).to_be_focused()
    expect(page.locator("aside")).to_contain_text("kembar 1")


def test_the_pages_of_paper_are_sound_on_a_telephone_and_in_the_dark(
    page: Page, keys: Keyboard, point: OrgUnit
) -> None:
    begin(page, forms=3)
    batch = page.url.removesuffix("/")
    keys.type("20001")
    keys.press("Enter")
    keys.tell("Siti")
    keys.press("Enter", "Enter", "Enter")
    _rest(keys, 1)
    for number, address in enumerate(
        ("/lwk", "/lwk/print", "/lwk/held", batch, f"{batch}/forms/1", f"{batch}/second", f"{batch}/scans")
    ):
        language, scheme = (("id", "light"), ("en", "dark"))[number % 2]
        page.set_viewport_size({"width": 360, "height": 800})
        # Without motion: axe would measure a colour on its way from the light look to the dark one.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.goto(f"{address}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, address
        report = Axe().run(page)
        assert not report.violations_count, (address, report.generate_report())


def test_a_form_is_entered_without_any_script(rt: Runtime, app: Flask, browser: Browser, clerk: User) -> None:
    with signed_in_window(app, browser, clerk, has_scripts=False) as page:
        page.goto("/lwk")
        for name, value in (("received_on", "2011"), ("form_count", "1"), ("number_total", "1")):
            page.fill(f"#{name}", value)
        page.keyboard.press("Enter")
        for name, value in (
            ("mitra_id", "20417"),
            ("name", "Siti"),
            ("choice", "1"),
            ("occurred_on", "0311"),
        ):
            page.fill(f"#{name}", value)
        page.check("input[name=unreadable][value=text]")
        page.click("[data-submit]")
        expect(page.locator("[data-flashes]")).to_contain_text("Ditahan sampai Mitra ditelepon")
    assert [ticket.channel for ticket in tickets(rt)] == ["lwk"]
