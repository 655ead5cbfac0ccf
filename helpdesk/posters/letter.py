"""A letter on A4: who writes, to whom, the number, the words."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from helpdesk.posters.sheet import BOLD, PLAIN, load_fonts

MARGIN, SIZE, LINE = 25 * mm, 11.0, 16.0


@dataclass(frozen=True, slots=True)
class LetterWords:
    """Everything that stands in it, in her language."""

    language: str
    sender: tuple[str, ...]
    receiver: tuple[str, ...]
    dated: str
    title: str
    text: str
    closing: tuple[str, ...]


def letter(words: LetterWords) -> bytes:
    """Return the PDF; a long text goes on over the next pages."""
    load_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, lang=words.language)
    canvas.setTitle(words.title)
    writer = _Writer(canvas)
    writer.lines(words.sender[:1], font=BOLD)
    writer.lines((*words.sender[1:], "", words.dated, "", *words.receiver, ""))
    writer.lines((words.title, ""), font=BOLD)
    writer.lines((*words.text.split("\n"), "", *words.closing))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Writer:
    """Writes down the page, and on the next one where it is full."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._at = A4[1] - MARGIN

    def lines(self, lines: Sequence[str], *, font: str = PLAIN) -> None:
        """Write lines, broken where they are too wide."""
        for line in lines:
            for piece in simpleSplit(line, font, SIZE, A4[0] - 2 * MARGIN) or [""]:
                if self._at < MARGIN:
                    self._canvas.showPage()
                    self._at = A4[1] - MARGIN
                self._canvas.setFont(font, SIZE)
                self._canvas.drawString(MARGIN, self._at, piece)
                self._at -= LINE
