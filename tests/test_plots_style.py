"""The palette without colour vision and in print, and what the drawing functions promise."""

import itertools
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from scalinglib.plots import style
from scalinglib.plots.layout import layout_faults


def page_colours():
    """The roles' colours of a page, on the light and on the dark ground, as explorer.css has them."""
    found = []
    for block in re.findall(r"explorer \{([^}]*--law[^}]*)\}", CSS.read_text(encoding="utf-8")):
        colours = dict(re.findall(r"--(\w+): (#\w+)", block))
        found.append({"axis" if role == "line" else role: colour for role, colour in colours.items()})
    return found


CSS = Path(style.__file__).parents[1] / "explore" / "explorer.css"
PAGE, DARK, *PRINTED = page_colours()

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
            style.LIGHT,
            {"law": 8.69, "data": 6.26, "reference": 4.88, "rival": 6.93, "ink": 14.99, "quiet": 6.39, "axis": 3.11},
        ),
        (
            DARK,
            {"law": 5.41, "data": 6.67, "reference": 7.12, "rival": 10.20, "ink": 15.32, "quiet": 8.39, "axis": 3.85},
        ),
    ],
)
def test_contrast_with_the_ground(palette, expected):
    """Every role can be read as text, 4.5 to 1 or more, and axis lines seen, 3 to 1, with the ratios once measured."""
    for role, ratio in expected.items():
        measured = contrast(palette[role], palette["ground"])
        assert measured == pytest.approx(ratio, abs=0.006)
        assert measured >= (3 if role == "axis" else 4.5)


@pytest.mark.parametrize(
    ("palette", "vision", "expected", "pair"),
    [
        (style.LIGHT, "normal", 24.9, ("law", "ink")),
        (style.LIGHT, "protan", 16.6, ("rival", "ink")),
        (style.LIGHT, "deutan", 16.6, ("reference", "rival")),
        (style.LIGHT, "tritan", 17.0, ("data", "rival")),
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
    """Two of the five roles never share both their dashes and their mark, so print and grey scale keep them apart."""
    signs = [(style.ROLES[role].dashes, style.ROLES[role].marker) for role in ROLES]
    assert len(set(signs)) == len(signs)
    assert {role.colour for role in style.ROLES.values()} == {style.LIGHT[name] for name in style.ROLES}


def test_a_band_is_law_at_eighteen_per_cent():
    """The shade of a band is the palette's band colour, and both its edges are drawn."""
    _, ax = style.new_figure()
    shade = style.band(ax, [1, 2, 3], 0.0, [1.0, 2.0, 3.0])
    assert matplotlib.colors.to_hex(shade.get_facecolor()[0]) == style.LIGHT["band"]
    assert [line.get_color() for line in ax.lines] == [style.LIGHT["law"]] * 2


def test_a_figure_is_text_wide_and_sixteen_to_nine():
    """A picture of one panel is 720 by 405 CSS pixels on a white ground without a top or right frame."""
    figure, ax = style.new_figure()
    assert tuple(figure.get_size_inches() * 96) == (720, 405)
    assert matplotlib.colors.to_hex(figure.get_facecolor()) == "#ffffff"
    assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()


def test_stacked_panels_share_their_axis():
    """Two stacked panels stand 3 to 1, share the x axis and write its numbers once."""
    _, (upper, lower) = style.new_figure(rows=2)
    style.curve(upper, [1, 1000], [1, 2])
    style.log_axis(upper)
    assert lower.get_xlim() == upper.get_xlim() and lower.get_xscale() == "log"
    assert upper.get_position().height / lower.get_position().height == pytest.approx(3)
    assert not upper.xaxis.get_tick_params()["labelbottom"] and lower.xaxis.get_tick_params()["labelbottom"]


def test_side_by_side_panels_do_not_overlap():
    """Two panels beside each other with titles and numbers leave nothing on top of another."""
    figure, panels = style.new_figure(columns=2)
    for ax in panels:
        style.curve(ax, [1, 2], [1.25, 2.75])
        style.axis_titles(ax, x="parameters N", y="loss, nats per token")
    assert layout_faults(figure) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda ax: style.curve(ax, [1], [1], role="hero"),
        lambda ax: style.points(ax, [1], [1], role="hero"),
        lambda ax: style.label(ax, "x", 1, 1, role="hero"),
    ],
)
def test_an_unknown_role_is_refused_by_name(call):
    """A role that does not exist is refused with the roles that do."""
    _, ax = style.new_figure()
    with pytest.raises(ValueError, match="role: 'hero' is unknown; allowed are law, data, reference"):
        call(ax)


@pytest.mark.parametrize("options", [{"rows": 0}, {"rows": 2, "heights": (1,)}])
def test_impossible_panels_are_refused(options):
    """A picture without panels, or with heights for other panels, names the argument."""
    with pytest.raises(ValueError, match="rows|heights"):
        style.new_figure(**options)


def drawn_ticks(ax, axis):
    low, high = getattr(ax, f"get_{axis}lim")()
    line = getattr(ax, f"{axis}axis")
    ticks = [tick for tick in line.get_majorticklocs() if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
    return [line.get_major_formatter()(tick, None) for tick in ticks]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (1e8, 1e13, [f"$10^{{{power}}}$" for power in range(8, 14)]),
        (0.5, 8, ["0.5", "1", "2", "5"]),
        (1.75, 3.3, ["2.0", "2.4", "2.8", "3.2"]),
    ],
)
def test_ticks_of_a_logarithmic_axis(low, high, labels):
    """Decades carry true powers of ten; a narrow range carries plain numbers, all with the same meaning."""
    _, ax = style.new_figure()
    ax.set_xlim(low, high)
    style.log_axis(ax)
    ax.set_xlim(low, high)
    assert [float(label) if "$" not in label else label for label in drawn_ticks(ax, "x")] == [
        float(label) if "$" not in label else label for label in labels
    ]


def test_an_unknown_axis_is_refused():
    """log_axis names what it allows."""
    _, ax = style.new_figure()
    with pytest.raises(ValueError, match="axis: 'z' is unknown; allowed are x, y, both"):
        style.log_axis(ax, "z")


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (5.76e23, r"$5.76\times10^{23}$"),
        (1e-5, "$10^{-5}$"),
        (-2e9, r"$-2\times10^{9}$"),
        (1234, "1234"),
        (0.178, "0.178"),
        (-0.35, "\N{MINUS SIGN}0.35"),
        (0, "0"),
        (9999.7, "10000"),
    ],
)
def test_numbers_as_labels(value, label):
    """Large and small numbers get a true superscript, negative ones a minus sign, the rest stays plain."""
    assert style.power(value) == label


def test_labels_stand_off_from_the_lines():
    """A direct label carries its role's colour and a halo in the ground colour, three CSS pixels wide."""
    _, ax = style.new_figure()
    label = style.label(ax, "slope -0.35", 0.5, 0.5, role="reference")
    assert label.get_text() == "slope \N{MINUS SIGN}0.35"
    assert label.get_color() == style.LIGHT["reference"]
    (halo,) = label.get_path_effects()
    assert halo._gc == {"linewidth": 3 * style.POINT, "foreground": style.LIGHT["ground"]}


def test_layout_faults_are_found():
    """Text that leaves the picture and texts on each other are named; ticks outside the view are not."""
    figure, ax = style.new_figure()
    style.log_axis(ax, "both")
    ax.set(xlim=(1, 30), ylim=(1, 30))
    style.label(ax, "sound", 3, 3)
    assert layout_faults(figure) == []
    style.label(ax, "cut at the edge", 29, 10)
    style.label(ax, "sound as well", 3, 3)
    assert sorted(layout_faults(figure)) == [
        "'cut at the edge' leaves the picture",
        "'sound' and 'sound as well' overlap",
    ]


def test_a_readers_own_settings_change_nothing():
    """A matplotlibrc of the reader's does not reach our figures."""
    with matplotlib.rc_context({"axes.spines.top": True, "font.size": 30, "axes.facecolor": "#000000"}):
        _, ax = style.new_figure()
    assert not ax.spines["top"].get_visible()
    assert matplotlib.colors.to_hex(ax.get_facecolor()) == "#ffffff"


def test_the_page_has_the_colours_of_the_pictures():
    """On a light ground and on paper live figures and pictures show a role in one colour."""
    for colours in (PAGE, *PRINTED):
        assert {role: colours[role] for role in style.LIGHT} == style.LIGHT
