"""The leaflet: both sides of an A5 sheet, handed out at group training and with the contract."""

from helpdesk.posters.facts import Facts
from helpdesk.posters.poster import (
    by_telegram,
    deadlines,
    other_ways,
    scanned_ways,
    step,
    telegram_height,
    unhappy,
    warning,
)
from helpdesk.posters.sheet import BLUE, BOLD, GREY, INK, WHITE, YELLOW, Box, Sheet

A5 = (420.0, 595.0)
MARGIN = 20.0


def leaflet(facts: Facts) -> bytes:
    """Return the leaflet as a PDF of two pages."""
    sheet = Sheet(A5, icons=facts.icons, title=facts.words["leaflet_title"], language=facts.language.value)
    page = Box(MARGIN, 0, A5[0] - 2 * MARGIN, A5[1])
    _front(sheet, facts, page)
    sheet.turn()
    _back(sheet, facts, page)
    return sheet.finished()


def _front(sheet: Sheet, facts: Facts, page: Box) -> None:
    sheet.fill(Box(0, 0, sheet.width, 84), BLUE)
    head = Box(MARGIN, 8, 270, 70)
    sheet.write(head.top(16), facts.words["leaflet_title"], 12, font=BOLD, colour=YELLOW)
    sheet.write(head.rest(top=18), facts.words["title"], 24, font=BOLD, colour=WHITE, middle=True)
    badge = Box(302, 20, sheet.width - 302 - MARGIN, 46)
    sheet.fill(badge, YELLOW, radius=8)
    sheet.write(badge.inside(4), facts.words["free"], 24, font=BOLD, align="centre", middle=True)
    strip = Box(0, 84, sheet.width, 22)
    sheet.fill(strip, YELLOW)
    sheet.write(strip.inside(3), facts.words["free_more"], 10, font=BOLD, align="centre", middle=True)
    sheet.write(page.rest(top=112).top(20), facts.words["ways"], 14, font=BOLD)
    count = 1 + bool(facts.whatsapp_url)
    tall = (156 if count > 1 else 206) - telegram_height(facts) / count
    boxes = [page.rest(top=134 + place * (tall + 8)).top(tall) for place in range(count)]
    scanned_ways(sheet, facts, boxes)
    by_telegram(sheet, facts, page.rest(top=134 + count * (tall + 8)))
    other_ways(sheet, facts, page.rest(top=134 + count * (tall + 8) + telegram_height(facts)).top(90))
    last = facts.office_line or facts.brand
    sheet.write(page.rest(top=566).top(16), last, 10, font=BOLD, align="centre", middle=True)


def _back(sheet: Sheet, facts: Facts, page: Box) -> None:
    sheet.write(page.rest(top=16).top(20), facts.words["then"], 14, font=BOLD)
    steps = (("paper", "step_number"), ("search", "step_work"), ("check", "step_answer"))
    for place, (icon, key) in enumerate(steps, 1):
        row = page.rest(top=40 + (place - 1) * 54).top(52)
        step(sheet, row, icon=icon, words=f"{place}. {facts.words[key]}")
    _own_number(sheet, facts, page.rest(top=206).top(76))
    news = facts.words["news_hint"].replace("{alamat}", facts.status_address)
    sheet.write(page.rest(top=288).top(30), f"{facts.words['news']}: {news}", 11)
    left, right = page.rest(top=324).top(172).columns(2, 10)
    deadlines(sheet, facts, left)
    unhappy(sheet, facts, right)
    warning(sheet, facts, page.rest(top=506).top(44))
    sheet.write(page.rest(top=556).top(26), facts.words["urgent"], 12, font=BOLD, align="centre", middle=True)


def _own_number(sheet: Sheet, facts: Facts, box: Box) -> None:
    for key, part in zip(("mine", "promised"), box.columns(2, 10), strict=True):
        sheet.frame(part, INK)
        sheet.write(part.inside(8).top(14), facts.words[key], 10, colour=GREY)
