"""The parts of the book's extension that can be seen without building a book."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tinycss2
from bs4 import BeautifulSoup
from docutils import nodes
from py_mini_racer import JSEvalException
from pybtex.database import parse_string

from coursebook import checked, citations, figures, finish, icons, maths, repository, styles
from scalinglib.explore import axis, curve, panel
from scalinglib.plots.figure import Figure

STATIC = Path(maths.__file__).resolve().parent.parent / "static"


def test_katex_and_its_style_are_of_one_version():
    """The script that sets the formulas and the committed style sheet are of the same KaTeX."""
    version = maths.engine().eval("katex.version")
    assert f'.katex-version:after{{content:"{version}"}}' in (STATIC / "katex/katex.min.css").read_text()


def test_every_font_of_the_style_is_there():
    """The style sheet names woff2 fonts only, all of them committed, and the licence stands beside them."""
    text = (STATIC / "katex/katex.min.css").read_text()
    named = {part.split(")")[0] for part in text.split("url(")[1:]}
    assert named == {f"fonts/{file.name}" for file in (STATIC / "katex/fonts").iterdir()}
    assert all(name.endswith(".woff2") for name in named)
    assert "MIT" in (STATIC / "katex/LICENSE").read_text()


def test_a_formula_becomes_html_and_mathml_without_its_source():
    """A formula is set for the eye and for a screen reader, and its TeX is nowhere in the page."""
    html = maths.render(r"L = E + \frac{A}{N^\alpha}", True)
    assert "<math" in html and 'class="katex-display"' in html and "mfrac" in html
    assert "\\frac" not in html and "annotation" not in html


def test_a_program_that_has_set_a_formula_ends():
    """The engine is closed before the interpreter shuts down; Python 3.13 would otherwise wait for its thread."""
    path = f"import sys; sys.path.insert(0, {str(STATIC.parent)!r})"
    program = f"{path}; from coursebook import maths; maths.render('N', False)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("tex", "short"),
    [
        (r"2 \times 10^{29}", True),
        (r"N", True),
        (r"\alpha = 0.34", True),
        (r"C \approx 6 N D", True),
        (r"L(N, D) = E + \frac{A}{N^\alpha} + \frac{B}{D^\beta}", False),
        (r"a + b + c + d + e + f + g", False),
    ],
)
def test_a_line_does_not_end_inside_a_short_formula(tex, short):
    """A number with its power of ten stays whole at the end of a line; a long formula may go on in the next."""
    assert maths.is_short(maths.render(tex, False)) is short


@pytest.mark.parametrize("tex", [r"\frac{A}", r"\undefined", r"a^b^c", "5 é 6"])
def test_wrong_tex_is_an_error(tex):
    """What TeX would refuse is refused, so that the build can stop."""
    with pytest.raises(JSEvalException):
        maths.render(tex, False)


@pytest.mark.parametrize(
    ("source", "nowrap", "expected"),
    [
        ("E = mc^2", False, "E = mc^2"),
        (r"a &= b \\ c &= d", False, r"\begin{aligned}a &= b \\ c &= d\end{aligned}"),
        ("a\n\nb", False, r"\begin{gathered}a\\b\end{gathered}"),
        (r"\begin{cases} a \\ b \end{cases}", False, r"\begin{cases} a \\ b \end{cases}"),
        (r"\begin{align}a&=b\end{align}", True, r"\begin{align*}a&=b\end{align*}"),
        (r"\begin{align*}a&=b\end{align*}", True, r"\begin{align*}a&=b\end{align*}"),
    ],
)
def test_display_source(source, nowrap, expected):
    """Several lines are aligned, several paragraphs stacked, and environments do not number themselves."""
    node = nodes.math_block(source, source, nowrap=nowrap)
    assert maths.display_source(node) == expected
    maths.render(expected, True)


def finished(body):
    """What stands in the body of a page after the last pass."""
    page = BeautifulSoup(f'<meta charset="utf-8"/><body>{body}</body>', "html.parser")
    finish.finish(page)
    return finish.written(page.body)[6:-7]


def test_icons_become_drawings():
    """An icon element of either kind is filled with a drawing from the theme's own set;
    other elements are left alone.
    """
    page = (
        '<p><i class="fa-solid fa-arrow-up"></i><span class="fas fa-download big" title="x"></span><i '
        'class="other"></i></p>'
    )
    filled = finished(page)
    assert filled.count("<svg") == 2 and "fa-" not in filled
    assert '<span class="big icon" title="x"><svg' in filled
    assert '<i class="other"></i>' in filled


@pytest.mark.parametrize(
    ("family", "name"), [("fas", "circle-half-stroke"), ("fab", "github"), ("far", "lightbulb"), ("fas", "search")]
)
def test_every_set_of_icons_is_read(family, name):
    """Solid, regular and brand icons are found, by their name or by an older one."""
    width, height, outline = icons.drawing(family, name)
    assert width > 0 and height > 0 and outline.startswith("M")


def test_an_icon_that_is_missing_is_none():
    """A name that the theme does not have gives nothing, which the build reports."""
    assert icons.drawing("fas", "no-such-icon") is None


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (".used{a:b}.gone{c:d}", ".used{a:b}"),
        (".gone,.used p{a:b}", ".used p{a:b}"),
        ("html{a:b}@media print{.gone{a:b}}", "html{a:b}"),
        ("@media print{.used{a:b}.gone{c:d}}", "@media print{.used{a:b}}"),
        (":root{--x:1}/* .gone{ */p{content:'}.gone{'}", ':root{--x:1}p{content:"}.gone{"}'),
        (".used:not(.gone){a:b}", ".used:not(.gone){a:b}"),
        ("@keyframes gone{from{a:b}}", "@keyframes gone{from{a:b}}"),
        (
            '@charset "UTF-8";@font-face{src:url(../fontawesome/x.woff2)}@font-face{src:url(y)}',
            "@font-face{src:url(y)}",
        ),
        ("/*! a licence */.gone{a:b}", "/*! a licence */"),
        (".bs-tooltip-top{a:b}", ".bs-tooltip-top{a:b}"),
    ],
)
def test_pruning_a_style(style, expected):
    """Only rules that ask for a class that is nowhere in use are dropped."""
    assert tinycss2.serialize(list(styles.pruned(tinycss2.parse_stylesheet(style), {"used"}))) == expected


def test_words_of_scripts_are_classes(tmp_path):
    """A class counts as used when a script names it."""
    (tmp_path / "a.js").write_text("e.classList.add('four-five')")
    assert {"four-five", "classList"} <= styles.words_of_scripts(tmp_path)


BIB = """
@misc{a, author={Kaplan, Jared}, year={2020}, title={A}}
@misc{b, author={Kaplan, Jared}, year={2020}, title={B}}
@misc{c, author={Hoffmann, Jordan and Borgeaud, Sebastian and Mensch, Arthur}, year={2022}, title={C}}
@misc{d, author={Daniel, Cuthbert and Wood, Fred S.}, year={1980}, title={D}}
@misc{e, author={Besiroglu, Tamay and others}, year={2024}, title={E}}
@misc{f, author={{National Institute of Standards}}, year={2003}, title={F}}
"""


def test_labels_of_the_bibliography():
    """A label is what the text cites: one name, two names, or the first of more,
    and the year; equal ones get a letter.
    """
    entries = [parse_string(BIB, "bibtex").entries[key] for key in "abcdef"]
    assert list(citations.AuthorYear().format_labels(entries)) == [
        "Kaplan, 2020a",
        "Kaplan, 2020b",
        "Hoffmann et al., 2022",
        "Daniel and Wood, 1980",
        "Besiroglu et al., 2024",
        "National Institute of Standards, 2003",
    ]


def test_an_arxiv_address_is_given_once():
    """An entry with an arXiv number and the same address in full shows it once, and keeps its key."""
    bib = "@misc{a, author={Kaplan, Jared}, year={2020}, title={A}, eprint={2001.08361}, url={https://arxiv.org/abs/2001.08361}}"
    entry = parse_string(bib, "bibtex").entries["a"]
    made = citations.AuthorYearStyle().format_entry("Kaplan, 2020", entry)
    text = made.text.render_as("text")
    assert "arXiv:2001.08361" in text and "URL" not in text
    assert made.key == "a" and entry.fields["url"]


class Config:
    def __init__(self, **options):
        self.html_theme_options = options


HOSTS = {"binderhub_url": "https://mybinder.org"}


@pytest.mark.parametrize(
    ("options", "address"),
    [
        (
            {"repository_url": "https://github.com/a/b", "launch_buttons": HOSTS},
            "https://mybinder.org/v2/gh/a/b/main?urlpath=lab",
        ),
        (
            {"repository_url": "https://github.com/a/b.git", "repository_branch": "dev", "launch_buttons": HOSTS},
            "https://mybinder.org/v2/gh/a/b/dev?urlpath=lab",
        ),
        (
            {"repository_url": "https://gitlab.com/a/b/", "launch_buttons": HOSTS},
            "https://mybinder.org/v2/gl/a%2Fb/main?urlpath=lab",
        ),
        ({"repository_url": "", "launch_buttons": HOSTS}, None),
        ({"repository_url": None, "launch_buttons": HOSTS}, None),
        ({"repository_url": "https://github.com/a/b", "launch_buttons": {}}, None),
    ],
)
def test_where_binder_opens(options, address):
    """The badge leads to Binder for a known host and is absent while the address or Binder is unset."""
    assert repository.binder_address(Config(**options)) == address


@pytest.mark.parametrize(
    ("url", "drawn"), [("", False), ("  ", False), (None, False), ("https://github.com/a/b", True)]
)
def test_one_setting_decides(url, drawn):
    """Buttons and edit links are drawn exactly when the address is set."""
    config = Config(repository_url=url, launch_buttons=dict(HOSTS))
    repository.apply_setting(None, config)
    assert config.html_theme_options["use_edit_page_button"] is drawn
    assert bool(config.html_theme_options["launch_buttons"]) is drawn


def test_a_still_picture_stands_in_the_page_with_both_layouts():
    """The page gets what the notebook's file holds, without the file's own styles: the page has them."""
    picture = {"axes": panel(axis("x", 1, 3), axis("y", 1, 3)), "curves": {"line": curve([1, 2, 3], [3, 2, 1.5])}}
    figure = Figure(picture, alt="A falling line.", caption="A line.", name="fig-line")
    assert figures.layouts(figure.file) == figure.layouts


def test_dark_readers_see_no_flash():
    """The page chooses light or dark by the reader's system before the theme's script has come,
    and is light without scripts.
    """
    script = 'x = localStorage.getItem("theme") || "auto";'
    page = BeautifulSoup(
        f'<html data-theme="auto"><meta charset="utf-8"/><script>{script}</script></html>', "html.parser"
    )
    finish.finish(page)
    done = finish.written(page)
    assert '<html data-theme="light">' in done and "prefers-color-scheme: dark" in done


def test_the_mark_counts_what_is_computed_and_what_is_given():
    """The sentence at the foot of a page comes from its list; a page that computes nothing has none."""
    listed = "[read]\n16 | given: sizes of the grid\n13.8% | lost 1\n\n[quiz]\n2 | = 1 + 1\n"
    assert checked.sentence(listed) == "2 numbers of this page are checked, and 1 given with a reason."
    assert checked.sentence("[read]\n13.8% | lost 1\n") == "1 number of this page is checked."
    assert checked.sentence("[read]\n16 | given: sizes of the grid\n") == ""


def test_a_page_allows_its_own_scripts_and_no_others():
    """The policy stands before the first script and holds the hash of each that runs; attributes run none."""
    head = '<meta charset="utf-8"/><script>let a = "<b>";</script><script src="_static/x.js"></script>'
    data = '<script type="application/json">{"spec": 1}</script>'
    page = BeautifulSoup(f'<head>{head}</head>{data}<button onclick="window.print()">Print</button>', "html.parser")
    finish.finish(page)
    text = finish.written(page)
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(b'let a = "<b>";').digest()).decode()
    assert re.findall("'sha256-[^']*'", policy) == [f"'sha256-{digest}'"]
    assert 'let a = "<b>";' in text and text.index("Content-Security-Policy") < text.index("<script")
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0] and "onclick" not in text


@pytest.mark.parametrize(
    ("body", "loaded"),
    [
        ("words", {"theme.js"}),
        ('<div class="quiz">', {"theme.js", "quiz/quiz.js"}),
        ('<figure class="wide explorer">', {"theme.js", "explore/explorer.js"}),
        ('<div class="admonition solution dropdown">', {"theme.js", "togglebutton.js"}),
        ('<div class="dropdown dropdown-download-buttons">', {"theme.js"}),
        ('<div class="highlight">', {"theme.js", "copybutton.js"}),
    ],
)
def test_a_page_loads_what_it_has_use_for(body, loaded):
    """Scripts of quizzes, live figures, folds and copying come where there is one, each once, and wait for the page."""
    scripts = (
        "theme.js",
        "quiz/quiz.js",
        "explore/explorer.js",
        "togglebutton.js?v=2",
        "copybutton.js",
        "sphinx-thebe.js",
    )
    head = "".join(f'<script src="../_static/{name}"></script>' for name in 2 * scripts)
    page = BeautifulSoup(f'<head><meta charset="utf-8"/>{head}</head><body>{body}</body>', "html.parser")
    finish.finish(page)
    kept = page.find_all("script")
    assert {script["src"].removeprefix("../_static/").split("?")[0] for script in kept} == loaded
    assert len(kept) == len(loaded) and all(script["defer"] for script in kept)
