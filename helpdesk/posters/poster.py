"""The poster: one page, A4 or A3, to be read from two steps away."""

from collections.abc import Sequence

from helpdesk.posters.facts import Facts
from helpdesk.posters.sheet import BLUE, BOLD, GREEN, GREY, INK, PALE, RED, WHITE, YELLOW, Box, Sheet

A4 = (595.0, 842.0)
MARGIN = 28.0
NARROW = 220.0
"""Points; a box less wide takes two lines for its heading."""
A3_SCALE = 2**0.5


def poster(facts: Facts, *, scale: float = 1) -> bytes:
    """Return the poster as a PDF; `scale` A3_SCALE makes it A3."""
    sheet = Sheet(
        A4, icons=facts.icons, title=facts.words["title"], language=facts.language.value, scale=scale
    )
    page = Box(MARGIN, 0, A4[0] - 2 * MARGIN, A4[1])
    _head(sheet, facts)
    sheet.write(page.rest(top=154).top(28), facts.words["ways"], 20, font=BOLD)
    scanned_ways(sheet, facts, page.rest(top=186).top(204).columns(1 + bool(facts.whatsapp_url), 14))
    other_ways(sheet, facts, page.rest(top=400).top(92))
    by_telegram(sheet, facts, page.rest(top=496))
    taken = telegram_height(facts)
    _what_follows(sheet, facts, page.rest(top=500 + taken).top(104 - taken))
    left, right = page.rest(top=606).top(150).columns(2, 14)
    deadlines(sheet, facts, left)
    unhappy(sheet, facts, right)
    warning(sheet, facts, page.rest(top=766).top(38))
    lines = [line for line in (facts.words["urgent"], facts.office_line) if line]
    for place, line in enumerate(lines):
        part = page.rest(top=807 + 15 * place).top(15)
        sheet.write(part, line, 11, font=BOLD, align="centre", middle=True)
    return sheet.finished()


def _head(sheet: Sheet, facts: Facts) -> None:
    band = Box(0, 0, sheet.width, 144)
    sheet.fill(band, BLUE)
    sheet.write(Box(MARGIN, 14, 380, 22), facts.brand, 16, font=BOLD, colour=YELLOW)
    sheet.write(Box(MARGIN, 34, 376, 102), facts.words["title"], 42, font=BOLD, colour=WHITE, middle=True)
    badge = Box(420, 16, sheet.width - 420 - MARGIN, 112)
    sheet.fill(badge, YELLOW, radius=12)
    inner = badge.inside(8)
    sheet.write(inner.top(46), facts.words["free"], 36, font=BOLD, align="centre", middle=True)
    sheet.write(inner.rest(top=48), facts.words["free_more"], 11, font=BOLD, align="centre", middle=True)


def scanned_ways(sheet: Sheet, facts: Facts, boxes: Sequence[Box]) -> None:
    """The ways that begin with a QR code, a box each."""
    ways = [("web", "form", facts.form_url, facts.form_address)]
    if facts.whatsapp_url:
        ways.insert(0, ("whatsapp", "whatsapp", facts.whatsapp_url, facts.whatsapp_number))
    for (icon, key, url, address), box in zip(ways, boxes, strict=True):
        sheet.frame(box, BLUE)
        inner = box.inside(10)
        if box.width > 1.8 * box.height:  # the code beside the words, else between them
            sheet.qr(inner, url)
            words = inner.rest(left=inner.height + 8)
            _named(sheet, words.top(34), icon, facts.words[key])
            _hints(sheet, words.rest(top=42, bottom=34), facts, key)
            sheet.write(words.rest(top=words.height - 30), address, 20, font=BOLD, colour=BLUE, middle=True)
            continue
        side = inner.height - 34 - 28
        _named(sheet, inner.top(34), icon, facts.words[key])
        sheet.qr(inner.rest(top=34).top(side), url)
        _hints(sheet, inner.rest(left=side + 4, top=46).top(side - 12), facts, key)
        last = inner.rest(top=inner.height - 26)
        sheet.write(last, address, 20, font=BOLD, colour=BLUE, align="centre", middle=True)


def _named(sheet: Sheet, box: Box, icon: str, name: str) -> None:
    sheet.icon(icon, Box(box.x, box.y, 34, 34), colour=BLUE)
    sheet.write(box.rest(left=42), name, 24, font=BOLD, middle=True)


def _hints(sheet: Sheet, box: Box, facts: Facts, key: str) -> None:
    taken = sheet.write(box.top(box.height * 0.6), facts.words[f"{key}_hint"], 14)
    sheet.write(box.rest(top=taken + 6), facts.words["scan"], 11, colour=GREY)


def telegram_height(facts: Facts) -> float:
    """Return what the line about Telegram takes of what is beside it."""
    return 27 if facts.telegram_name else 0


def by_telegram(sheet: Sheet, facts: Facts, box: Box) -> None:
    """The name of the bot on a line of its own, where there is one."""
    if not facts.telegram_name:
        return
    line = box.top(24)
    sheet.fill(line, PALE, radius=8)
    sheet.icon("chat", Box(line.x + 8, line.y, 22, line.height), colour=BLUE)
    inner = line.rest(left=38)
    name, hint = Box(inner.x, inner.y, inner.width * 0.72, 24), inner.rest(left=inner.width * 0.73)
    words = f"{facts.words['telegram']}: {facts.telegram_name}"
    sheet.write(name, words, 16, font=BOLD, colour=BLUE, middle=True)
    sheet.write(hint.inside(1), facts.words["telegram_hint"], 11, middle=True)


def other_ways(sheet: Sheet, facts: Facts, box: Box) -> None:
    """The ways without a code, beside each other."""
    ways = [("phone", facts.phone), ("visit", "")]
    if facts.sms_number:
        ways.insert(1, ("sms", facts.sms_number))
    for (key, number), part in zip(ways, box.columns(len(ways), 10), strict=True):
        _other_way(sheet, facts, part, key=key, number=number)


_OTHER_ICONS = {"phone": "phone", "sms": "chat", "visit": "person"}


def _other_way(sheet: Sheet, facts: Facts, box: Box, *, key: str, number: str) -> None:
    sheet.fill(box, PALE, radius=8)
    inner = box.inside(8)
    sheet.icon(_OTHER_ICONS[key], Box(inner.x, inner.y, 26, 26), colour=BLUE)
    sheet.write(inner.rest(left=32).top(26), facts.words[key], 16, font=BOLD, middle=True)
    below = inner.rest(top=28)
    if number:
        sheet.write(below.top(22), number, 16, font=BOLD, colour=BLUE, middle=True)
        below = below.rest(top=22)
    sheet.write(below, facts.words[f"{key}_hint"], 12)


def _what_follows(sheet: Sheet, facts: Facts, box: Box) -> None:
    sheet.write(box.top(24), facts.words["then"], 18, font=BOLD)
    steps = (("paper", "step_number"), ("search", "step_work"), ("check", "step_answer"))
    for place, ((icon, key), part) in enumerate(zip(steps, box.rest(top=30).columns(3, 12), strict=True), 1):
        step(sheet, part, icon=icon, words=f"{place}. {facts.words[key]}")


def step(sheet: Sheet, box: Box, *, icon: str, words: str) -> None:
    """One of the three things that follow."""
    disc = Box(box.x, box.y + (box.height - 44) / 2, 44, 44)
    sheet.fill(disc, GREEN, radius=22)
    sheet.icon(icon, disc.inside(10), colour=WHITE)
    sheet.write(box.rest(left=52), words, 12, middle=True)


def deadlines(sheet: Sheet, facts: Facts, box: Box) -> None:
    """By when the law wants an answer, for what is said and for what is written."""
    sheet.frame(box, GREEN)
    rest = box.inside(9)
    rest = rest.rest(top=4 + sheet.write(rest.top(38), facts.words["deadlines"], 15, font=BOLD, colour=GREEN))
    for form in ("spoken", "written"):
        rest = rest.rest(top=sheet.write(rest.top(26), facts.words[f"deadline_{form}"], 11))
        rest = rest.rest(top=3 + sheet.write(rest.top(19), facts.words[f"within_{form}"], 15, font=BOLD))
    sheet.write(rest, facts.words["deadline_note"], 10.5, colour=GREY)


def unhappy(sheet: Sheet, facts: Facts, box: Box) -> None:
    """Where she may go with an answer that she does not accept."""
    sheet.frame(box, INK)
    rest = box.inside(9)
    head = rest.top(38 if box.width < NARROW else 20)
    rest = rest.rest(top=3 + sheet.write(head, facts.words["unhappy"], 14, font=BOLD))
    rest = rest.rest(top=3 + sheet.write(rest.top(27), facts.words["again"], 11))
    half = rest.height / 2
    for key, part in (("ojk", rest.top(half)), ("laps", rest.rest(top=half))):
        taken = sheet.write(part.top(16), facts.words[key], 12.5, font=BOLD, colour=BLUE)
        sheet.write(part.rest(top=taken), facts.words[f"{key}_hint"], 10.5)


def warning(sheet: Sheet, facts: Facts, box: Box) -> None:
    """What nobody of us ever asks for, and who cannot read it."""
    sheet.fill(box, RED, radius=8)
    sheet.icon("warn", Box(box.x + 8, box.y, 28, box.height), colour=WHITE)
    inner = box.rest(left=46).inside(3)
    half = inner.height / 2
    sheet.write(inner.top(half), facts.words["safe"], 13, font=BOLD, colour=WHITE, middle=True)
    sheet.write(inner.rest(top=half), facts.words["private"], 10.5, colour=WHITE, middle=True)
