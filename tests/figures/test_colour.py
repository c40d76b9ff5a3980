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


# Machado, Oliveira, Fernandes (2009), full severity, on linear RGB.
BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


def seen(hexadecimal: str, kind: str) -> tuple[float, ...]:
    """Lightness and two hues (CIE Lab) of a colour as that eye sees it."""
    channels = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    if kind in BLIND:
        linear = [
            min(max(sum(w * c for w, c in zip(row, linear, strict=True)), 0.0), 1.0)
            for row in BLIND[kind]
        ]
    white = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    f = [
        (sum(w * c for w, c in zip(row, linear, strict=True)) / sum(row)) ** (1 / 3)
        for row in white
    ]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_diverging_scale_carries_text_on_every_colour(mode: str) -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"][mode]
    colours = theme["chartDivergingColors"]
    assert len(colours) == 10  # what Streamlit takes; another number is ignored
    assert all(contrast(theme["textColor"], one) >= TEXT for one in colours)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", ["usual", *BLIND])
def test_better_and_worse_stay_apart_for_every_eye(mode: str, kind: str) -> None:
    colours = tomllib.loads(CONFIG.read_text())["theme"][mode]["chartDivergingColors"]
    for worse, better in zip(colours[:4], reversed(colours[-4:]), strict=True):
        pairs = zip(seen(worse, kind), seen(better, kind), strict=True)
        distance = sum((one - other) ** 2 for one, other in pairs) ** 0.5
        assert distance > 10, (worse, better, distance)  # CIE76: 2.3 is just seen
