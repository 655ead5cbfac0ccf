"""The Mitra's pages in a real browser: accessible in every state, at 320 px too, quick, whole without script."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from ticket_stories import tickets
from visits import stored
from windows import served

from benchmarks.pages import Proxy, first_paint, slow
from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.models.messages import Attachment
from helpdesk.runtime import Runtime
from helpdesk.services import complaints

pytestmark = [
    pytest.mark.browser,
    # What a browser shows does not depend on the database.
    pytest.mark.parametrize("template", ["sqlite"], indirect=True, scope="session"),
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, textarea, select, .kh-card label, input')]
    .filter(e => !e.closest('.kh-vh, .kh-trap') && !['hidden', 'radio'].includes(e.type)
        && !(e.matches('a:not([class])') && e.closest('main p')) && e.getBoundingClientRect().height < 44)
    .map(e => e.outerHTML)"""
_SPACED = """() => { for (const e of document.querySelectorAll('body *')) Object.assign(e.style,
    {lineHeight: '1.5', letterSpacing: '.12em', wordSpacing: '.16em'}); }"""
_LENGTHENED = """() => { const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) { const text = texts.currentNode; if (!text.parentElement.closest('svg, bdi, strong'))
        text.data += text.data.trimEnd().slice(0, Math.ceil(text.data.length * 0.4)); } }"""
"""Words of another language may be longer by two fifths; numbers and dates are not."""
_TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.kh-vh, .kh-trap, svg')
    && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 200))"""
_SHIFTED = """() => new Promise(done => { const found = [];
    new PerformanceObserver(list => { for (const entry of list.getEntries()) for (const source of entry.sources)
            found.push([(source.node?.outerHTML ?? '').slice(0, 99), source.previousRect.y, source.currentRect.y]); })
        .observe({type: 'layout-shift', buffered: true});
    setTimeout(() => done(found), 50); })"""


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def press(page: Page, button: str = "main form[method=post] button") -> None:
    page.locator(button).first.click()
    page.wait_for_load_state()


def answer_it(rt: Runtime) -> None:
    [ticket] = tickets(rt)
    draft = ResolutionDraft(
        disposition=Disposition.NOT_UPHELD,
        root_cause="MANUSIA-CATAT",
        summary="Dicatat.",
        answer="Bayaran Ibu sudah kami catat.",
        redress=(),
    )
    now, lender = rt.now(), rt.lender
    rt.write(
        lambda session: complaints.resolve(
            session, ticket.id, draft, author_id=None, actor="system", lender=lender, now=now
        )
    )


def look_up(page: Page, lang: str, number: str, code: str) -> None:
    page.goto(f"/lapor/status{lang}")
    page.fill("#number", number)
    page.fill("#code", code)
    press(page)


def states(rt: Runtime, page: Page, lang: str) -> Iterator[str]:
    """Walk through every page and state as a person does, each a new document; yields its name when it is there."""
    for address in ("/", "/cara-mengadu", "/privasi", "/no-such-page"):
        page.goto(f"{address}{lang}")
        yield address
    page.goto(f"/lapor{lang}")
    press(page)
    yield "nothing chosen"
    page.check("#choice")
    press(page)
    press(page)
    yield "no story"
    press(page, "button[value=call]")
    yield "a call is wanted"
    press(page)
    yield "no phone"
    press(page)
    yield "review"
    press(page)
    yield "done"
    press(page)
    yield "no file"
    number, code = page.locator(".kh-number strong").all_inner_texts()
    page.goto(f"/lapor/status{lang}")
    press(page)
    yield "nothing to look up"
    look_up(page, lang, number, code)
    yield "news"
    press(page)
    yield "nothing added"
    answer_it(rt)
    look_up(page, lang, number, code)
    yield "answered"
    press(page)
    yield "accepted"
    press(page)
    yield "no score"


@pytest.mark.parametrize(
    ("lang", "theme"), [("?lang=id", "light"), ("?lang=en", "dark")], ids=["id light", "en dark"]
)
def test_every_state_is_accessible_stands_still_and_fits_320_px(
    rt: Runtime, base: str, browser: Browser, lang: str, theme: str
) -> None:
    context = browser.new_context(
        base_url=base,
        viewport={"width": 360, "height": 740},
        color_scheme=theme,  # type: ignore[arg-type]
    )
    page, faults = context.new_page(), []
    for state in states(rt, page, lang):
        faults += [(state, "moved", *moved) for moved in page.evaluate(_SHIFTED)]
        found = Axe().run(page, options={"runOnly": AXE_TAGS}).response["violations"]
        faults += [(state, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
        faults += [(state, "small", html) for html in page.evaluate(_SMALL_TARGETS)]
        # 320 px is also what 1280 px are at 400 %.
        page.set_viewport_size({"width": 320, "height": 640})
        faults += [(state, "too wide", html) for html in page.evaluate(_TOO_WIDE)]
        page.evaluate(_SPACED)
        page.evaluate(_LENGTHENED)
        faults += [(state, "too wide when spaced and long", html) for html in page.evaluate(_TOO_WIDE)]
        page.set_viewport_size({"width": 360, "height": 740})
    context.close()
    assert faults == []


@pytest.fixture
def plain(base: str, browser: Browser) -> Iterator[BrowserContext]:
    """A phone without JavaScript."""
    context = browser.new_context(
        base_url=base, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    yield context
    context.close()


def test_without_javascript_she_files_with_a_photo_reads_the_news_and_adds(
    rt: Runtime, plain: BrowserContext, base: str, tmp_path: Path
) -> None:
    picture = io.BytesIO()
    Image.effect_noise((1600, 1200), 90).convert("RGB").save(picture, "JPEG")
    (tmp_path / "struk.jpg").write_bytes(picture.getvalue())
    page, asked = plain.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.click("main a.btn-primary")
    press(page)
    assert page.title().startswith("Salah: ")
    assert page.locator(":focus").get_attribute("role") == "alert"
    page.check("#choice")
    press(page)
    page.fill("#story", "Saya bayar tanggal 3 tapi belum dicatat")
    press(page)
    page.click(".kh-back")
    assert page.input_value("#story") == "Saya bayar tanggal 3 tapi belum dicatat"
    press(page)
    page.fill("#phone", "0812 3456 7890")
    press(page)
    press(page)
    number = page.locator(".kh-number strong").first.inner_text()
    page.set_input_files("#photo", tmp_path / "struk.jpg")
    press(page)
    assert page.locator(".kh-number strong").first.inner_text() == number
    look_up(page, "", number, "7890")
    page.fill("#story", "Ini struknya lagi")
    page.set_input_files("#photo", tmp_path / "struk.jpg")
    press(page)
    assert "Cerita Ibu sudah kami terima" in page.locator("main").inner_text()
    assert stored(rt, select(Attachment.filename)) == ["struk.jpg"] * 2
    assert [url for url in asked if not url.startswith((base, "data:"))] == []


_CHOSEN = """async () => { const input = document.querySelector('#photo'), before = Number(input.dataset.before);
    for (let tries = 0; tries < 200 && input.files[0].size >= before; tries++)
        await new Promise(done => setTimeout(done, 50));
    const picture = await createImageBitmap(input.files[0]);
    return [input.files[0].size, picture.width, picture.height, input.files[0].name]; }"""


def test_with_javascript_a_photo_is_made_small_before_it_is_sent(
    base: str, browser: Browser, tmp_path: Path
) -> None:
    picture = Image.effect_mandelbrot((3000, 2000), (-2, -1, 1, 1), 60).convert("RGB")
    picture.save(tmp_path / "struk.png", compress_level=0)
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/lapor")
    page.check("#choice")
    for button in ("main form button", "button[value=skip]", "main form button", "main form button"):
        press(page, button)
    before = (tmp_path / "struk.png").stat().st_size
    page.locator("#photo").evaluate("(input, size) => { input.dataset.before = size; }", before)
    page.set_input_files("#photo", tmp_path / "struk.png")
    size, width, height, name = page.evaluate(_CHOSEN)
    context.close()
    assert (width, height, name) == (1280, 853, "struk.jpg")
    assert size <= 200_000


def test_the_first_page_is_painted_within_two_seconds_on_a_poor_phone(app: Flask, browser: Browser) -> None:
    """Bar 4 of design.md section 6; the best of a few, because other tests use the machine as well."""
    app.wsgi_app = Proxy(app.wsgi_app)  # type: ignore[method-assign]
    best = 9_999.0
    with served(app) as base:
        for _ in range(5):
            context = browser.new_context(base_url=base, viewport={"width": 360, "height": 740})
            page = context.new_page()
            slow(page)
            page.goto("/lapor")
            best = min(best, first_paint(page))
            context.close()
            if best <= 2_000:
                break
    assert 600 < best <= 2_000
