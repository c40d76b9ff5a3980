"""One colour scale for λ, legible on both backgrounds and never alone in what it says."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from core.figures.colour import colour, dash, gradient, shape
from core.lam import BASE, INSTRUCT, Lam, parse_grid

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
GRID = parse_grid("0:1.2:0.05")
GRAPHICS, TEXT = 3.0, 4.5  # least contrast asked of marks and of text (WCAG 2.2)


def luminance(hexadecimal: str) -> float:
    channels = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_lambda_is_seen_on_both_backgrounds(mode: str) -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"][mode]
    for lam in GRID:
        assert contrast(colour(lam), theme["backgroundColor"]) >= GRAPHICS, str(lam)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read_on_every_background(mode: str) -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"][mode]
    sidebar = theme["sidebar"]
    backgrounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    backgrounds += [sidebar["backgroundColor"], sidebar["secondaryBackgroundColor"]]
    for background in backgrounds:
        assert contrast(theme["textColor"], background) >= TEXT
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= TEXT
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= GRAPHICS
    assert contrast(theme["primaryColor"], "#ffffff") >= TEXT  # on buttons


def test_neighbours_differ_and_the_ends_are_blue_and_orange() -> None:
    colours = [colour(lam) for lam in GRID]
    assert all(one != other for one, other in pairwise(colours))
    blue, orange = (
        [int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in map(colour, (BASE, INSTRUCT))
    )
    assert blue[2] > blue[0] and orange[0] > orange[2]


def test_shape_and_dash_say_it_without_colour() -> None:
    shapes = [shape(lam) for lam in (BASE, Lam(500), INSTRUCT, Lam(1100), Lam(-100))]
    assert len(set(shapes[:4])) == 4
    assert dash(Lam(900), INSTRUCT) != dash(INSTRUCT, Lam(1100))


def test_the_dial_is_the_same_scale() -> None:
    css = gradient([Lam(0), Lam(1200)])
    assert css.startswith("linear-gradient(90deg") and colour(INSTRUCT) in css
