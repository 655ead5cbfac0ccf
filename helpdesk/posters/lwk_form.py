"""The numbered paper form of a Mitra, a page each, behind the slip of its batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk.domain.wording import Language
from helpdesk.posters.poster import A4
from helpdesk.posters.sheet import BLUE, BOLD, GREY, INK, PALE, PLAIN, RED, WHITE, YELLOW, Box, Sheet

MARGIN = 34.0
CELL = 22.0
"""Points: a digit of a hand that does not write every day."""
PLACES = 9
"""Digits of an amount, in groups of three."""


@dataclass(frozen=True, slots=True)
class FormFacts:
    """Everything that is drawn on the forms of one pack."""

    brand: str
    language: Language
    words: Mapping[str, str]
    """domain/procedure.py, filled in."""
    icons: Mapping[str, str]
    choices: Sequence[tuple[int, str, str]]
    """Number, words and pictogram of each problem to tick."""
    office: str
    office_code: str
    pack_no: int
    first_no: int
    count: int

    @property
    def numbers(self) -> range:
        """The numbers of the forms."""
        return range(self.first_no, self.first_no + self.count)


def paper_forms(facts: FormFacts) -> bytes:
    """Return the slip and one page for each form as a PDF."""
    sheet = Sheet(A4, icons=facts.icons, title=facts.words["slip_title"], language=facts.language.value)
    page = Box(MARGIN, 0, A4[0] - 2 * MARGIN, A4[1])
    _slip(sheet, facts, page)
    for number in facts.numbers:
        sheet.turn()
        _form(sheet, facts, page, number)
    return sheet.finished()


def _form(sheet: Sheet, facts: FormFacts, page: Box, number: int) -> None:
    words = facts.words
    _head(sheet, facts, number)
    left, right = page.rest(top=112).top(40).columns(2, 16)
    _combed(sheet, left, words["mitra_id"], 10)
    _lined(sheet, right, words["majelis"])
    left, right = page.rest(top=160).top(40).columns(2, 16)
    _lined(sheet, left, words["name"])
    _combed(sheet, right, words["phone"], 13)
    _choices(sheet, facts, page.rest(top=210).top(132))
    left, right = page.rest(top=350).top(56).columns(2, 16)
    _day(sheet, left, words)
    _amount(sheet, right, words)
    story = page.rest(top=414).top(190)
    sheet.write(story.top(18), words["story"], 13, font=BOLD, middle=True)
    sheet.frame(story.rest(top=20), INK, radius=4, width=1.2)
    hint = story.rest(top=story.height - 22, left=8).top(18)
    sheet.write(hint, words["story_hint"], 9.5, colour=GREY, middle=True)
    for line in range(1, 7):
        sheet.rule(story.rest(top=20 + 24 * line, left=8).top(1), story.width - 16)
    left, right = page.rest(top=612).top(74).columns(2, 16)
    sheet.write(left.top(16), words["signature"], 11, font=BOLD, middle=True)
    sheet.frame(left.rest(top=18), INK, radius=4, width=1.2)
    sheet.fill(right, PALE, radius=6)
    sheet.write(right.inside(8).top(14), words["officer"], 10, colour=INK)
    sheet.rule(right.rest(top=40, left=10).top(1), right.width - 20)
    sheet.write(right.rest(top=46, left=8).top(14), words["officer_name"], 10, colour=INK)
    sheet.rule(right.rest(top=70, left=10).top(1), right.width - 20)
    rule = page.rest(top=694).top(30)
    sheet.fill(rule, RED, radius=6)
    sheet.icon("lock", Box(rule.x + 6, rule.y, 20, rule.height), colour=WHITE)
    sheet.write(rule.rest(left=34).inside(4), words["staff_rule"], 10, font=BOLD, colour=WHITE, middle=True)
    _stub(sheet, facts, page.rest(top=734).top(94), number)


def _head(sheet: Sheet, facts: FormFacts, number: int) -> None:
    band = Box(0, 0, sheet.width, 100)
    sheet.fill(band, BLUE)
    words = facts.words
    sheet.write(Box(MARGIN, 12, 300, 18), f"{facts.brand} · {facts.office}", 12, font=BOLD, colour=YELLOW)
    sheet.write(Box(MARGIN, 30, 290, 60), words["title"], 27, font=BOLD, colour=WHITE, middle=True)
    badge = Box(338, 18, 96, 64)
    sheet.fill(badge, YELLOW, radius=10)
    sheet.write(badge.inside(6).top(34), words["free"], 22, font=BOLD, align="centre", middle=True)
    sheet.write(badge.inside(6).rest(top=34), words["free_more"], 9, font=BOLD, align="centre", middle=True)
    box = Box(446, 18, sheet.width - 446 - MARGIN, 64)
    sheet.fill(box, WHITE, radius=10)
    sheet.write(box.inside(6).top(14), words["number"], 10, colour=GREY, align="centre", middle=True)
    sheet.write(box.inside(4).rest(top=14), f"{number:03}", 34, font=BOLD, align="centre", middle=True)


def _combed(sheet: Sheet, box: Box, label: str, count: int) -> None:
    sheet.write(box.top(15), label, 11, font=BOLD, middle=True)
    _comb(sheet, box.rest(top=16), count)


def _comb(sheet: Sheet, box: Box, count: int, *, group: int = 0) -> None:
    """Draw a box for each sign, with a small gap between groups counted from the right."""
    gaps = (count - 1) // group if group else 0
    cell = min(CELL, (box.width - gaps * 6) / count)
    for place in range(count):
        passed = sum((count - each) % group == 0 for each in range(1, place + 1)) if group else 0
        sheet.frame(Box(box.x + place * cell + passed * 6, box.y, cell, CELL), INK, radius=2, width=1)


def _lined(sheet: Sheet, box: Box, label: str) -> None:
    sheet.write(box.top(15), label, 11, font=BOLD, middle=True)
    sheet.frame(box.rest(top=16).top(CELL), INK, radius=2, width=1)


def _choices(sheet: Sheet, facts: FormFacts, box: Box) -> None:
    sheet.write(box.top(18), facts.words["choice"], 13, font=BOLD, middle=True)
    rows = (box.rest(top=22).top(52), box.rest(top=78).top(52))
    parts = [part for row in rows for part in row.columns(3, 8)]
    for (number, name, icon), part in zip(facts.choices, parts, strict=True):
        sheet.frame(part, INK, radius=6, width=1.2)
        sheet.icon(icon, Box(part.x + 6, part.y, 30, part.height), colour=BLUE)
        sheet.write(
            Box(part.x + 42, part.y + 4, part.width - 80, part.height - 8),
            f"{number} {name}",
            12,
            font=BOLD,
            middle=True,
        )
        sheet.frame(Box(part.x + part.width - 34, part.y + 12, 28, 28), INK, radius=3, width=1.6)


def _day(sheet: Sheet, box: Box, words: Mapping[str, str]) -> None:
    sheet.write(box.top(16), words["day"], 11, font=BOLD, middle=True)
    left = box.x
    for name, count in zip(words["day_boxes"].split(","), (2, 2, 4), strict=True):
        part = Box(left, box.y + 18, count * CELL, CELL)
        _comb(sheet, part, count)
        under = Box(left, part.y + CELL + 2, part.width, 12)
        sheet.write(under, name, 8.5, colour=GREY, align="centre", middle=True)
        left += count * CELL + 12


def _amount(sheet: Sheet, box: Box, words: Mapping[str, str]) -> None:
    sheet.write(box.top(16), words["amount"], 11, font=BOLD, middle=True)
    sheet.write(Box(box.x, box.y + 18, 24, CELL), "Rp", 13, font=BOLD, middle=True)
    _comb(sheet, box.rest(left=26, top=18), PLACES, group=3)


def _stub(sheet: Sheet, facts: FormFacts, box: Box, number: int) -> None:
    """What the Mitra tears off and keeps: her number, whom to ask, and her rights."""
    words = facts.words
    sheet.dashes(box.top(1), box.width)
    own = box.rest(top=8)
    sheet.write(own.top(14), words["keep"], 10, colour=GREY, middle=True)
    plate = Box(own.x, own.y + 16, 96, 62)
    sheet.frame(plate, INK, radius=8, width=1.6)
    sheet.write(
        plate.inside(5).top(12), f"{words['number']} {facts.office_code}", 9, align="centre", middle=True
    )
    sheet.write(plate.inside(4).rest(top=13), f"{number:03}", 30, font=BOLD, align="centre", middle=True)
    text = Box(own.x + 110, own.y, own.width - 110, own.height)
    for place, key in enumerate(("received", "promise", "ask", "rights", "ojk")):
        font = BOLD if key == "ask" else PLAIN
        sheet.write(text.rest(top=17 * place).top(16), words[key], 10, font=font, middle=True)


def _slip(sheet: Sheet, facts: FormFacts, page: Box) -> None:
    words = facts.words
    sheet.fill(Box(0, 0, sheet.width, 72), BLUE)
    sheet.write(Box(MARGIN, 10, 340, 52), words["slip_title"], 30, font=BOLD, colour=WHITE, middle=True)
    named = f"{words['slip_pack']} {facts.pack_no}"
    sheet.write(
        Box(380, 10, sheet.width - 380 - MARGIN, 52), named, 26, font=BOLD, colour=YELLOW, middle=True
    )
    numbers = f"{facts.numbers[0]:03} – {facts.numbers[-1]:03}"
    for place, (label, value) in enumerate(
        ((words["slip_office"], f"{facts.office} ({facts.office_code})"), (words["slip_numbers"], numbers))
    ):
        part = page.rest(top=86).top(36).columns(2, 16)[place]
        sheet.write(part.top(14), label, 10, colour=GREY)
        sheet.write(part.rest(top=14), value, 16, font=BOLD)
    sheet.write(page.rest(top=132).top(32), words["slip_cross"], 12, font=BOLD, middle=True)
    _grid(sheet, facts.numbers, page.rest(top=170).top(300))
    below = page.rest(top=486)
    sheet.write(below.top(22), words["slip_fill"], 15, font=BOLD, middle=True)
    rows = ("slip_day", "slip_count", "slip_sum", "slip_amount", "slip_officer", "slip_receiver")
    for place, key in enumerate(rows):
        row = below.rest(top=30 + 48 * place).top(42)
        label_box, box = Box(row.x, row.y, row.width * 0.46, row.height), row.rest(left=row.width * 0.48)
        sheet.write(label_box, words[key], 12, font=BOLD, middle=True)
        if key == "slip_day":
            _comb(sheet, box.rest(top=10), 8)
        elif key in ("slip_count", "slip_sum", "slip_amount"):
            count = {"slip_count": 3, "slip_sum": 6, "slip_amount": 9}[key]
            _comb(sheet, box.rest(top=10), count, group=3)
        else:
            sheet.frame(box.rest(top=2, bottom=2), INK, radius=3, width=1)


def _grid(sheet: Sheet, numbers: Sequence[int], box: Box) -> None:
    """All numbers of the pack in rows of ten."""
    rows = -(-len(numbers) // 10)
    height = min(62.0, box.height / rows)
    for place, number in enumerate(numbers):
        row, column = divmod(place, 10)
        cell = Box(box.x + column * box.width / 10, box.y + row * height, box.width / 10 - 4, height - 4)
        sheet.frame(cell, INK, radius=3, width=1)
        sheet.write(cell.inside(2), f"{number:03}", 18, font=BOLD, align="centre", middle=True)
