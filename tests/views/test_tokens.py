"""Contrast computed from the tokens, and the public styles' size and agreement with them."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "helpdesk" / "static" / "css"
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--kh-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text("utf-8")
    )
}
TEXT_PAIRS = [
    *[(text, surface) for text in ("text", "muted") for surface in ("bg", "s1", "s2", "selected")],
    *[(text, surface) for text in ("link", "link-hover", "danger", "ok") for surface in ("bg", "s1")],
    ("on-link", "link"),
    ("on-link", "link-hover"),
    ("on-danger", "danger"),
    ("note-text", "note-bg"),
    *[(f"sla-{state}", f"sla-{state}-bg") for state in ("ok", "soon", "crit", "late", "paused", "met")],
    ("s1-text", "s1-fill"),
    ("s2-text", "s2-fill"),
    *[("heat-low-text", f"heat-{level}") for level in range(4)],
    *[("heat-high-text", f"heat-{level}") for level in (4, 5)],
]
CONTROL_PAIRS = [
    ("control", "bg"),
    ("focus", "bg"),
    ("note-line", "note-bg"),
    *[(f"sla-{state}-line", "bg") for state in ("ok", "soon", "crit", "late", "paused", "met")],
    *[(f"series-{n}", "bg") for n in (1, 2, 3)],
]


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [pytest.param(0, id="light"), pytest.param(1, id="dark")])
@pytest.mark.parametrize(("text", "surface"), TEXT_PAIRS, ids=lambda name: str(name))
def test_text_has_enough_contrast(text: str, surface: str, theme: int) -> None:
    assert _contrast(TOKENS[text][theme], TOKENS[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [pytest.param(0, id="light"), pytest.param(1, id="dark")])
@pytest.mark.parametrize(("line", "surface"), CONTROL_PAIRS, ids=lambda name: str(name))
def test_controls_and_chips_have_enough_contrast(line: str, surface: str, theme: int) -> None:
    assert _contrast(TOKENS[line][theme], TOKENS[surface][theme]) >= 3


def test_wall_colours_are_read_from_afar() -> None:
    wall = dict(re.findall(r"--wall-(\w+): (#\w{6})", (CSS / "wall.css").read_text("utf-8")))
    words = ("text", "muted", "late", "crit", "soon", "ok", "met")
    assert min(_contrast(wall[name], wall["bg"]) for name in words) >= 7


def test_the_public_styles_repeat_the_tokens_and_stay_small() -> None:
    css = (CSS / "public.css").read_text("utf-8")
    light, dark = re.findall(r":root\{(--bg.*?)\}", css)
    for theme, block in enumerate((light, dark)):
        for name, colour in re.findall(r"--([\w-]+):(#\w{6})", block):
            assert (name, colour) == (name, TOKENS[name][theme])
    assert len(css.encode()) <= 6 * 1024
