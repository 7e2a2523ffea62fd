"""The Figure: its words, its bytes, what it hands to a notebook, how it is saved."""

import base64
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from scalinglib import plots
from scalinglib.plots import style
from scalinglib.plots.figure import Figure, paletted


def draw(**words):
    canvas, ax = style.new_figure()
    style.curve(ax, [1, 2, 3], [3.0, 2.0, 1.5])
    style.points(ax, [2], [2.0])
    style.label(ax, style.power(5.76e23), 2, 2)
    style.axis_titles(ax, x="parameters N", y="loss, nats per token")
    options = {"alt": "A curve from 3 to 1.5.", "caption": "A curve.", "name": "fig-a-curve"} | words
    return Figure(canvas, **options)


def test_the_same_bytes_twice():
    """Two drawings of the same figure give byte-identical PNGs, and one figure is rendered once."""
    one, other = draw(), draw()
    assert one.png == other.png
    assert one.png is one.png


def test_the_same_bytes_whatever_the_readers_settings():
    """The PNG does not depend on the settings that happen to be active when it is rendered."""
    plain = draw().png
    with matplotlib.rc_context(
        {"savefig.dpi": 30, "font.size": 40, "mathtext.fontset": "stix", "text.antialiased": False}
    ):
        assert draw().png == plain


def test_the_picture_is_sharp_and_opaque():
    """The PNG has two pixels for a CSS pixel, no transparency, a white ground, and says nothing of when or by what."""
    picture = Image.open(io.BytesIO(draw().png))
    assert picture.size == (1440, 810)
    assert picture.mode == "P" and "transparency" not in picture.info
    assert picture.convert("RGB").getpixel((3, 3)) == (255, 255, 255)
    assert set(picture.info) == {"dpi"}


def test_fewer_shades_look_the_same():
    """The colours kept are exact where they cover an area, and next to no pixel moves far from what was drawn."""
    figure = draw()
    with style.context():
        figure.canvas.dpi = 192
        agg = FigureCanvasAgg(figure.canvas)
        agg.draw()
        drawn = np.asarray(agg.buffer_rgba())[..., :3].copy()
    kept = np.asarray(paletted(drawn).convert("RGB"))
    law = np.array([int(style.LIGHT["law"][place : place + 2], 16) for place in (1, 3, 5)])
    area = (drawn == law).all(axis=-1)
    assert area.sum() > 1000 and (kept[area] == law).all()
    assert len(np.unique(kept.reshape(-1, 3), axis=0)) <= 64
    moved = np.abs(kept.astype(int) - drawn).max(axis=-1)
    assert (moved > 32).mean() < 1e-4
    assert moved.mean() < 0.1


def test_what_a_notebook_gets():
    """The notebook gets the picture, the alt text as plain text, and the words as metadata of the picture."""
    figure = draw()
    data, metadata = figure._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == figure.png
    assert data["text/plain"] == repr(figure) == "Figure: A curve from 3 to 1.5."
    assert metadata == {
        "image/png": {"alt": "A curve from 3 to 1.5.", "caption": "A curve.", "name": "fig-a-curve", "width": 720}
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


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_saving_is_whole_and_repeatable(tmp_path, ending, start):
    """A saved figure is of the kind that its ending says, the same at each saving, and nothing else is left behind."""
    first, second = draw().save(tmp_path / f"one.{ending}"), draw().save(str(tmp_path / f"two.{ending}"))
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one.{ending}", f"two.{ending}"]


def test_svg_says_what_it_shows(tmp_path):
    """The vector file carries the alt text, and letters as outlines, so that it looks the same anywhere."""
    text = draw().save(tmp_path / "figure.svg").read_text()
    assert "A curve from 3 to 1.5." in text
    assert "<text" not in text


def test_a_failed_save_changes_nothing(tmp_path):
    """An unknown ending is refused by name, and a write that fails leaves neither a part nor a changed file."""
    with pytest.raises(ValueError, match="path: 'figure.gif' must end in .png, .svg or .pdf"):
        draw().save(tmp_path / "figure.gif")
    (tmp_path / "figure.png").mkdir()
    with pytest.raises(OSError):
        draw().save(tmp_path / "figure.png")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_layout_faults_through_the_figure():
    """A figure reports its own faults."""
    canvas, ax = style.new_figure()
    style.curve(ax, [0, 1], [0, 1])
    style.label(ax, "beyond the right edge", 1, 1)
    figure = Figure(canvas, alt="A line.", caption="A line.", name="fig-line")
    assert figure.layout_faults() == ["'beyond the right edge' leaves the picture"]
    assert draw().layout_faults() == []


def test_pyplot_is_left_alone():
    """Drawing, rendering and saving a figure never load pyplot, whose open figures would pile up."""
    code = (
        "import sys\nfrom scalinglib.plots import style\nfrom scalinglib.plots.figure import Figure\n"
        "canvas, ax = style.new_figure()\nstyle.curve(ax, [1, 2], [1, 2])\n"
        "Figure(canvas, alt='a b', caption='c', name='fig-a').png\nprint('matplotlib.pyplot' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


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
