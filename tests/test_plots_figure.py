"""The Figure: its words, its letters, what it hands to a notebook, how it is saved."""

import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from PIL import Image

from scalinglib import plots
from scalinglib.explore import axis, band, curve, mark, panel, points, region
from scalinglib.explore.picture import SHEET
from scalinglib.plots.figure import Figure
from tests.pictures import faults


def draw(**words):
    """A picture with a layer of nearly every kind."""
    picture = {
        "axes": panel(axis("parameters N", 1, 3), axis("loss", 1, 4, unit="nats per token")),
        "regions": {"late": region(x=(2.5, 3), label="late")},
        "bands": {"around": band([1, 2, 3], [2.8, 1.8, 1.3], [3.2, 2.2, 1.7])},
        "curves": {"law": curve([1, 2, 3], [3.0, 2.0, 1.5], "law")},
        "points": {"run": points(2, 2.0, size=6)},
        "marks": {"budget": mark(2, 2.0, "5.76 × 10^23 < 10^24", phone=False)},
    }
    options = {"alt": "A curve from 3 to 1.5.", "caption": "A curve.", "name": "fig-a-curve"} | words
    return Figure(picture, **options)


def test_letters_are_letters_and_colours_are_the_page_s():
    """Both layouts are SVG whose words are text; no colour stands in them, so that the page's styles give it."""
    figure = draw()
    for svg in (figure.svg(), figure.svg(350)):
        words = ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("text")]
        assert {"parameters N", "loss, nats per token", "late"} <= set(words)
        assert not re.search(r"#[0-9a-f]{3}|rgb|style=", svg)
        assert 'role="img" aria-label="A curve from 3 to 1.5."' in svg
    assert "5.76 × 10<tspan" in figure.svg() and "&lt; 10<tspan" in figure.svg()
    assert "5.76" not in figure.svg(350), "what is kept from a phone"
    assert figure.layouts == f'<div class="pictures">{figure.svg()}{figure.svg(350)}</div>'


def test_a_picture_is_sixteen_to_nine_or_as_it_says():
    """One panel is 720 by 405 pixels and 350 by 280 on a phone; a factor makes it taller, on one of them or both."""
    box = lambda figure, width: re.search(r'viewBox="0 0 (\d+) (\d+)"', figure.svg(width)).groups()
    assert [box(draw(), width) for width in (720, 350)] == [("720", "405"), ("350", "280")]
    tall = Figure({**draw().picture, "tall": (1.0, 2.0)}, alt="A curve.", caption="A curve.", name="fig-tall")
    assert [box(tall, width) for width in (720, 350)] == [("720", "405"), ("350", "560")]


def test_a_file_stands_alone():
    """It has its styles for light and dark, its size, its words, and both layouts for a book."""
    root = ElementTree.fromstring(draw().file)
    kept = {child.tag.partition("}")[2]: child for child in root}
    assert (root.get("width"), root.get("height")) == ("720", "405")
    assert kept["style"].text == SHEET and kept["desc"].text == "A curve from 3 to 1.5."
    assert [child.get("class") for child in root if child.get("class")] == ["picture wide", "picture narrow"]
    assert "prefers-color-scheme: dark" in SHEET


def test_the_same_bytes_whatever_the_reader_s_settings():
    """PNG, twice drawn, is the same, and does not depend on the settings that happen to be active."""
    plain = draw().png
    assert draw().png == plain
    with matplotlib.rc_context({"savefig.dpi": 30, "font.size": 40, "text.antialiased": False}):
        assert draw().png == plain


def test_the_png_is_the_picture():
    """It has two pixels for a CSS pixel, a white ground, and the law's colour where the law runs."""
    picture = Image.open(io.BytesIO(draw().png))
    assert picture.size == (1440, 810)
    pixels = np.asarray(picture.convert("RGB"))
    assert tuple(pixels[3, 3]) == (255, 255, 255)
    law, data = (
        (pixels == np.array([int(colour[i : i + 2], 16) for i in (0, 2, 4)])).all(-1) for colour in ("1832d1", "a83e07")
    )
    assert law.sum() > 3000
    # The run stands in the middle of the frame, a third of its height up.
    down, across = np.argwhere(data).mean(0) / 2
    assert across == pytest.approx(56 + 0.5 * 644, abs=1) and down == pytest.approx(12 + (2 / 3) * 347, abs=1)


def test_what_is_sound_and_what_is_not():
    """Words at the edge are moved in; words on words are seen by the tests' own measure."""
    assert faults(draw()) == []
    crowded = {**draw().picture, "axes": panel(axis("x", 1, 3, ticks=[1, 1.01, 1.02]), axis("y", 1, 4))}
    assert any("overlap" in fault for fault in faults(Figure(crowded, alt="A curve.", caption="A.", name="fig-x")))


def test_what_a_notebook_gets():
    """The notebook gets the picture, the alt text as plain text, and the words as metadata of the picture."""
    figure = draw()
    data, metadata = figure._repr_mimebundle_()
    assert data == {"image/svg+xml": figure.file, "text/plain": "Figure: A curve from 3 to 1.5."}
    assert metadata == {
        "image/svg+xml": {"alt": "A curve from 3 to 1.5.", "caption": "A curve.", "name": "fig-a-curve"}
    }


@pytest.mark.parametrize(
    ("argument", "value", "reason"),
    [
        ("alt", "", "must say something"),
        ("alt", "  ", "must say something"),
        ("alt", None, "must say something"),
        ("alt", "loss.png", "not a file"),
        ("alt", "curve", "not a file or a single word"),
        ("alt", "The law $N^{-1}$ falls", "no TeX"),
        ("alt", "one\ntwo", "one paragraph"),
        ("caption", "", "must say something"),
        ("caption", "one\n\ntwo", "one paragraph"),
        ("name", "curve", "must be 'fig-'"),
        ("name", "fig-", "must be 'fig-'"),
        ("name", "fig-A", "must be 'fig-'"),
        ("name", "fig_a", "must be 'fig-'"),
        ("name", None, "must be 'fig-'"),
    ],
)
def test_bad_words_are_refused(argument, value, reason):
    """Empty or unfit words are refused with the name of the argument and what is wrong."""
    with pytest.raises(ValueError, match=f"^{argument}: .*{reason}"):
        draw(**{argument: value})


def test_a_figure_cannot_be_changed():
    """Words and numbers of a figure are fixed once it is made."""
    numbers = {"N": np.array([1.0])}
    figure = draw(data=numbers)
    with pytest.raises(AttributeError):
        figure.alt = "Something else."
    with pytest.raises(TypeError):
        figure.data["N"] = 0
    numbers["D"] = 1
    assert set(figure.data) == {"N"}


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<svg xmlns"), ("pdf", b"%PDF")])
def test_saving_is_whole_and_repeatable(tmp_path, ending, start):
    """A saved figure is of the kind that its ending says, the same at each saving, and nothing else is left behind."""
    first, second = draw().save(tmp_path / f"one.{ending}"), draw().save(str(tmp_path / f"two.{ending}"))
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one.{ending}", f"two.{ending}"]


def test_a_failed_save_changes_nothing(tmp_path):
    """An unknown ending is refused by name, and a write that fails leaves neither a part nor a changed file."""
    with pytest.raises(ValueError, match="path must be one of '.svg', '.png', '.pdf'; got '.gif'"):
        draw().save(tmp_path / "figure.gif")
    (tmp_path / "figure.png").mkdir()
    with pytest.raises(OSError):
        draw().save(tmp_path / "figure.png")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_pyplot_is_left_alone():
    """A picture needs no matplotlib; a PNG of it does, and never loads pyplot, whose open figures would pile up."""
    code = (
        "import sys\nfrom tests.test_plots_figure import draw\nloaded = [n for n in sys.modules if 'matplotlib' in n]\n"
        "for name in loaded:\n    del sys.modules[name]\nfigure = draw()\nfigure.file\n"
        "print('matplotlib' in sys.modules)\nfigure.png\nprint('matplotlib.pyplot' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "False"]


def test_figures_load_on_first_use():
    """Importing the plots loads no matplotlib; every name it lists can be had;
    an unknown one is answered with the list.
    """
    code = "import sys\nfrom scalinglib import plots\nprint('matplotlib' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
    for name in plots.__all__:
        assert callable(getattr(plots, name)), name
    with pytest.raises(AttributeError, match="has no figure 'pie'.*Figure"):
        _ = plots.pie
