"""Reads the QR codes of a picture: finds their eyes, takes the modules, undoes mask and blocks (ISO/IEC 18004).

It knows what posters need: upright, undamaged, error correction M, versions 1 to 7, bytes.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

from PIL import Image

Grid = list[list[bool]]

_MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)
_ALIGNED: tuple[tuple[int, ...], ...] = (
    (),
    (6, 18),
    (6, 22),
    (6, 26),
    (6, 30),
    (6, 34),
    (6, 22, 38),
)
_BLOCKS = ((16, 1), (28, 1), (44, 1), (32, 2), (43, 2), (27, 4), (31, 4))
"""Data codewords of a block and number of blocks, by version, error correction M."""
_FORMAT_PLACES = ((8, 0), (8, 1), (8, 2), (8, 3), (8, 4))
_FORMAT_MASK = 0b10101


def qr_texts(picture: Image.Image) -> list[str]:
    """Return what the QR codes of a picture say, from left to right, top to bottom."""
    grey = picture.convert("L")
    dark = [[value < 128 for value in row] for row in _rows(grey)]
    return [_text(_modules(dark, corner, module, size)) for corner, module, size in _codes(dark)]


def _rows(grey: Image.Image) -> Iterator[bytes]:
    pixels = grey.tobytes()
    return (pixels[start : start + grey.width] for start in range(0, len(pixels), grey.width))


def _eyes(dark: Grid) -> dict[tuple[int, int], float]:
    """Return the middles of the eyes (x, y) with the width of a module: dark runs of 1:1:3:1:1 both ways."""
    found: dict[tuple[int, int], float] = {}
    columns = [list(column) for column in zip(*dark, strict=True)]
    for y, row in enumerate(dark):
        for x, module in _crossings(row):
            for at, _module in _crossings(columns[x]):
                near = any(abs(x - a) < 4 * module and abs(at - b) < 4 * module for a, b in found)
                if abs(at - y) <= 1 and not near:
                    found[(x, y)] = module
    return found


def _crossings(line: list[bool]) -> Iterator[tuple[int, float]]:
    runs = [(is_dark, len(list(group))) for is_dark, group in groupby(line)]
    start = 0
    for place, (is_dark, length) in enumerate(runs):
        part = [size for _dark, size in runs[place : place + 5]]
        if is_dark and len(part) == 5:
            module = sum(part) / 7
            wanted = (module, module, 3 * module, module, module)
            if all(abs(size - want) <= max(1.5, module / 3) for size, want in zip(part, wanted, strict=True)):
                yield start + sum(part) // 2, module
        start += length


def _codes(dark: Grid) -> Iterator[tuple[tuple[float, float], float, int]]:
    """Return upper left corner, module width and modules per side of each code."""
    eyes = _eyes(dark)
    for (x, y), module in sorted(eyes.items(), key=lambda eye: (eye[0][1] // 50, eye[0][0])):
        right = min((a - x for a, b in eyes if a > x + 4 and abs(b - y) <= 2), default=0)
        if right and any(abs(a - x) <= 2 and abs(b - y - right) <= 3 for a, b in eyes):
            size = round(right / module / 4 + 7 / 4 - 1 / 4) * 4 + 1
            width = right / (size - 7)
            yield (x - 3.5 * width, y - 3.5 * width), width, size


def _modules(dark: Grid, corner: tuple[float, float], module: float, size: int) -> Grid:
    left, top = corner
    return [
        [dark[int(top + (r + 0.5) * module)][int(left + (c + 0.5) * module)] for c in range(size)]
        for r in range(size)
    ]


def _text(grid: Grid) -> str:
    version = (len(grid) - 17) // 4
    head = sum(grid[r][c] << (4 - place) for place, (r, c) in enumerate(_FORMAT_PLACES)) ^ _FORMAT_MASK
    assert head >> 3 == 0, "error correction is not M"
    is_flipped = _MASKS[head & 7]
    bits = [grid[r][c] ^ is_flipped(r, c) for r, c in _data_places(len(grid), version)]
    words = [
        sum(bit << (7 - place) for place, bit in enumerate(bits[at : at + 8]))
        for at in range(0, len(bits), 8)
    ]
    length, count = _BLOCKS[version - 1]
    data = bytes(words[place * count + block] for block in range(count) for place in range(length))
    plain = "".join(f"{byte:08b}" for byte in data)
    assert plain[:4] == "0100", "the code does not hold bytes"
    end = 12 + 8 * int(plain[4:12], 2)
    return bytes(int(plain[at : at + 8], 2) for at in range(12, end, 8)).decode()


def _data_places(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Return the places of data in their order: two columns at a time, up and down from the lower right."""
    column, is_up = size - 1, True
    while column > 0:
        if column == 6:
            column -= 1
        for r in range(size - 1, -1, -1) if is_up else range(size):
            for c in (column, column - 1):
                if not _is_fixed(r, c, size, version):
                    yield r, c
        column, is_up = column - 2, not is_up


def _is_fixed(r: int, c: int, size: int, version: int) -> bool:
    far = size - 8
    if r == 6 or c == 6 or (r < 9 and c < 9) or (r < 9 and c >= far) or (r >= far and c < 9):
        return True
    if version >= 7 and ((r < 6 and c >= size - 11) or (c < 6 and r >= size - 11)):
        return True
    middles = _ALIGNED[version - 1]
    last = middles[-1] if middles else 0
    eyes = {(6, 6), (6, last), (last, 6)}
    return any(abs(r - a) <= 2 and abs(c - b) <= 2 for a in middles for b in middles if (a, b) not in eyes)
