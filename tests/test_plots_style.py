"""The palette without colour vision and in print, the style sheet of pictures, and their axes."""

import itertools
import re

import matplotlib
import numpy as np
import pytest

from scalinglib.explore import axis, reach
from scalinglib.explore.picture import SHEET
from scalinglib.plots.raster import look


def grounds():
    """The colours of every block of the style sheet, by what it is for: light, dark, a file in the dark, print."""
    blocks = re.findall(r"\{\s*(--ground[^}]*)\}", SHEET)
    return [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in blocks]


LIGHT, DARK, ALONE, PRINT = grounds()

ROLES = ("law", "data", "reference", "rival", "ink")

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour):
    value = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Contrast ratio of WCAG 2.1."""
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIELAB under D65 of linear RGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def ciede2000(one, other):
    """Colour difference of CIE (2001), as in Sharma, Wu and Dalal (2005)."""
    (L1, a1, b1), (L2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    G = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = (1 + G) * a1, (1 + G) * a2
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0.0 if C1 * C2 == 0 else (h2 - h1 + 180) % 360 - 180
    dL, dC, dH = L2 - L1, C2 - C1, 2 * np.sqrt(C1 * C2) * np.sin(np.radians(turn) / 2)
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    h = h1 + h2 if C1 * C2 == 0 else (h1 + turn / 2) % 360
    T = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    SL = 1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2)
    SC, SH = 1 + 0.045 * C, 1 + 0.015 * C * T
    RT = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))) * 2 * np.sqrt(C**7 / (C**7 + 25**7))
    return np.sqrt((dL / SL) ** 2 + (dC / SC) ** 2 + (dH / SH) ** 2 + RT * (dC / SC) * (dH / SH))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_colour_difference_itself(one, other, difference):
    """The formula used here gives the values printed by Sharma, Wu and Dalal (2005), Table 1."""
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize(
    ("palette", "expected"),
    [
        (
            LIGHT,
            {"law": 8.69, "data": 6.26, "reference": 4.88, "rival": 6.93, "ink": 14.99, "quiet": 6.39, "line": 3.11},
        ),
        (
            DARK,
            {"law": 5.41, "data": 6.67, "reference": 7.12, "rival": 10.20, "ink": 15.32, "quiet": 8.39, "line": 3.85},
        ),
    ],
)
def test_contrast_with_the_ground(palette, expected):
    """Every role can be read as text, 4.5 to 1 or more, and axis lines seen, 3 to 1, with the ratios once measured."""
    for role, ratio in expected.items():
        measured = contrast(palette[role], palette["ground"])
        assert measured == pytest.approx(ratio, abs=0.006)
        assert measured >= (3 if role == "line" else 4.5)


@pytest.mark.parametrize(
    ("palette", "vision", "expected", "pair"),
    [
        (LIGHT, "normal", 24.9, ("law", "ink")),
        (LIGHT, "protan", 16.6, ("rival", "ink")),
        (LIGHT, "deutan", 16.6, ("reference", "rival")),
        (LIGHT, "tritan", 17.0, ("data", "rival")),
        (DARK, "normal", 21.8, ("law", "rival")),
        (DARK, "protan", 15.8, ("law", "rival")),
        (DARK, "deutan", 16.8, ("rival", "ink")),
        (DARK, "tritan", 20.2, ("law", "reference")),
    ],
)
def test_the_five_roles_stay_apart(palette, vision, expected, pair):
    """Under each kind of colour vision the closest two of the five roles differ by 15 or more (CIEDE2000)."""
    seen = {role: lab(VISION[vision] @ linear(palette[role])) for role in ROLES}
    apart = {(a, b): ciede2000(seen[a], seen[b]) for a, b in itertools.combinations(ROLES, 2)}
    closest = min(apart, key=apart.get)
    assert apart[closest] >= 15
    assert apart[closest] == pytest.approx(expected, abs=0.06)
    assert closest == pair


def test_no_role_by_colour_alone():
    """No two of the five roles have lines of one width and one dash, so print and grey scale keep them apart."""
    lines = [look("path", f"{role} line") for role in ROLES]
    signs = {(line["stroke-width"], line.get("stroke-dasharray", "none")) for line in lines}
    assert len(signs) == len(ROLES)
    assert [line["stroke"] for line in lines] == [LIGHT[role] for role in ROLES]


def test_a_ground_has_the_same_colours_everywhere():
    """A file that stands alone in the dark has the page's dark colours, and paper has the light ones."""
    assert ALONE == DARK and PRINT == LIGHT and set(LIGHT) == set(DARK)


def test_a_band_of_the_law_is_its_colour_at_eighteen_per_cent():
    """The shade has a colour of its own, opaque, so that two bands do not add up; it is 18% of the law's."""
    for colours in (LIGHT, DARK):
        ground, law, band = (np.array(matplotlib.colors.to_rgb(colours[name])) for name in ("ground", "law", "band"))
        np.testing.assert_allclose(band, ground + 0.18 * (law - ground), atol=0.5 / 255)
    assert look("path", "law band")["fill"] == LIGHT["band"] and look("path", "data band")["fill-opacity"] == ".18"


def test_the_sheet_is_read_as_a_browser_reads_it():
    """The rule with more classes wins, then the later one; a rule's exception holds."""
    assert look("path", "axis") == {
        "stroke": LIGHT["line"],
        "stroke-width": "1",
        "fill": "none",
        "--role": LIGHT["line"],
    }
    assert look("path", "axis line thin")["stroke-width"] == "1"
    assert look("path", "law line stem")["stroke-width"] == "1.25"
    assert look("path", "axis band")["fill"] == LIGHT["line"]
    assert look("text", "quiet")["fill"] == LIGHT["quiet"] and look("text", "on-bar")["stroke"] == "none"


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (1e8, 1e13, ["10^8", "10^9", "10^10", "10^11", "10^12", "10^13"]),
        (0.5, 8, ["0.5", "1", "2", "5"]),
        (1.75, 3.3, ["2", "2.5", "3"]),
    ],
)
def test_ticks_of_a_logarithmic_axis(low, high, labels):
    """Decades carry powers of ten, a middle range 1, 2, 5, and a narrow one even steps."""
    assert [text for _, text in axis("x", low, high, scale="log")["ticks"]] == labels


def test_the_ends_of_an_axis_hold_all_values():
    """Some air stands at both ends, even on the scale; values that are all alike get some, too."""
    assert reach([1.0, 3.0], [2.0, np.nan], air=0.1) == pytest.approx((0.8, 3.2))
    low, high = reach([1e3, 1e5], scale="log", air=0.5)
    assert (low, high) == pytest.approx((1e2, 1e6))
    assert reach([5.0])[0] < 5.0 < reach([5.0])[1] and reach([0.0, 0.0])[0] < 0.0
