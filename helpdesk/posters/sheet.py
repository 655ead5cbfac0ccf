"""A printed sheet: boxes, pictograms, QR codes, and words that are made smaller until they fit their box."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import reportlab
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing, Group
from reportlab.graphics.svgpath import SvgPath
from reportlab.lib.colors import HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from helpdesk.domain.errors import InvalidInput

PLAIN, BOLD = "Vera", "VeraBd"
"""Come with reportlab and are embedded, so that a sheet looks alike at every print shop."""
LEADING = 1.22
LEAST = 6.0
"""Points; words that do not fit even so are refused."""

BLUE, RED, GREEN, INK, GREY, PALE, YELLOW, WHITE = (
    "#0A58A8",
    "#A4161A",
    "#0B6B4F",
    "#1A2330",
    "#4C5767",
    "#E3EFFB",
    "#FFD54A",
    "#FFFFFF",
)
"""The light colours of static/css/tokens.css."""

Align = Literal["left", "centre"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points; `y` counts down from the top edge of the sheet."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, by: float) -> "Box":
        """Return the box without a margin."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def columns(self, count: int, gap: float) -> tuple["Box", ...]:
        """Return boxes of equal width beside each other."""
        width = (self.width - gap * (count - 1)) / count
        return tuple(
            Box(self.x + place * (width + gap), self.y, width, self.height) for place in range(count)
        )

    def rest(self, *, left: float = 0, top: float = 0, bottom: float = 0) -> "Box":
        """Return what remains beside or below a part."""
        return Box(self.x + left, self.y + top, self.width - left, self.height - top - bottom)

    def top(self, height: float) -> "Box":
        """Return the upper part."""
        return Box(self.x, self.y, self.width, height)


class Sheet:
    """One document. `icons` are path data on a grid of 16, as the pages draw them."""

    def __init__(
        self,
        size: tuple[float, float],
        *,
        icons: Mapping[str, str],
        title: str,
        language: str,
        scale: float = 1,
    ) -> None:
        self.width, self.height = size
        self._icons, self._scale = icons, scale
        self._out = io.BytesIO()
        page = (self.width * scale, self.height * scale)
        self._canvas = Canvas(self._out, pagesize=page, invariant=1, lang=language)
        self._canvas.setTitle(title)
        self._begin()

    def _begin(self) -> None:
        load_fonts()
        self._canvas.scale(self._scale, self._scale)

    def turn(self) -> None:
        """Go on with the next page."""
        self._canvas.showPage()
        self._begin()

    def finished(self) -> bytes:
        """Return the PDF."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def fill(self, box: Box, colour: str, *, radius: float = 0) -> None:
        """Paint a box."""
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.roundRect(box.x, self._bottom(box), box.width, box.height, radius, stroke=0, fill=1)

    def frame(self, box: Box, colour: str, *, radius: float = 8, width: float = 2) -> None:
        """Draw the edge of a box."""
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setLineWidth(width)
        self._canvas.roundRect(box.x, self._bottom(box), box.width, box.height, radius, stroke=1, fill=0)

    def rule(self, box: Box, width: float) -> None:
        """Draw a thin line to write on, at the upper edge of a box."""
        self._line(box, width, GREY, dash=())

    def dashes(self, box: Box, width: float) -> None:
        """Draw a line to tear or cut along."""
        self._line(box, width, INK, dash=(5, 4))

    def _line(self, box: Box, width: float, colour: str, *, dash: tuple[float, ...]) -> None:
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setLineWidth(0.7)
        self._canvas.setDash(list(dash))
        self._canvas.line(box.x, self.height - box.y, box.x + width, self.height - box.y)
        self._canvas.setDash([])

    def write(
        self,
        box: Box,
        words: str,
        size: float,
        *,
        font: str = PLAIN,
        colour: str = INK,
        align: Align = "left",
        middle: bool = False,
    ) -> float:
        """Write words into a box, smaller where they would not fit; returns the height that they took.

        Raises InvalidInput when they do not fit at 6 points.
        """
        size, lines = _fitted(words, font, size, box)
        taken = len(lines) * size * LEADING
        y = self.height - box.y - (box.height - taken if middle else 0) / 2
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.setFont(font, size)
        for line in lines:
            y -= size * LEADING
            base = y + size * (LEADING - 1)
            if align == "centre":
                self._canvas.drawCentredString(box.x + box.width / 2, base, line)
            else:
                self._canvas.drawString(box.x, base, line)
        return taken

    def icon(self, name: str, box: Box, *, colour: str = INK) -> None:
        """Draw a pictogram as large as the box's smaller side, in its middle."""
        size = min(box.width, box.height)
        path = SvgPath(
            self._icons[name],
            fillColor=None,
            strokeColor=HexColor(colour),
            strokeWidth=1.4,
            strokeLineCap=1,
            strokeLineJoin=1,
        )
        x, y = box.x + (box.width - size) / 2, self._bottom(box) + (box.height - size) / 2
        drawing = Drawing(size, size)
        drawing.add(Group(path, transform=(size / 16, 0, 0, -size / 16, 0, size)))
        renderPDF.draw(drawing, self._canvas, x, y)

    def qr(self, box: Box, value: str) -> None:
        """Draw a QR code with its quiet zone of four modules, as large as the box's smaller side."""
        size = min(box.width, box.height)
        code = QrCodeWidget(value, barLevel="M", barBorder=4)
        left, bottom, right, top = code.getBounds()
        drawing = Drawing(
            size, size, transform=(size / (right - left), 0, 0, size / (top - bottom), -left, -bottom)
        )
        drawing.add(code)
        renderPDF.draw(drawing, self._canvas, box.x, self._bottom(box))

    def _bottom(self, box: Box) -> float:
        return self.height - box.y - box.height


def _fitted(words: str, font: str, size: float, box: Box) -> tuple[float, list[str]]:
    """Return the largest size up to `size` at which the words fit, and their lines."""
    while size >= LEAST:
        lines: list[str] = simpleSplit(words, font, size, box.width)
        widest = max((pdfmetrics.stringWidth(line, font, size) for line in lines), default=0)
        if widest <= box.width and len(lines) * size * LEADING <= box.height:
            return size, lines
        size -= 0.5
    raise InvalidInput(f"too long for its place: {words}", field="words", code="too_long")


@cache
def load_fonts() -> None:
    """Make the embedded fonts known."""
    for name in (PLAIN, BOLD):
        path = Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"
        pdfmetrics.registerFont(TTFont(name, str(path)))
