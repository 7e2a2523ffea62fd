"""The one style sheet of the built book says what the many said, to the same pages and in the same order."""

from graphlib import CycleError
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pygments.styles import get_style_by_name
from pygments.token import Token

from _sphinx.tools.page import read_page
from coursebook import finish, styles

PAGE = (
    '<html><head><meta charset="utf-8"/>\n{links}  <script src="{up}_static/documentation_options.js?v=1"></script>\n'
    "  </head><body><p>Words.</p></body></html>"
)


@pytest.fixture
def folder(tmp_path):
    """Two pages, one with a sheet that imports another and one with a font in a folder of its own."""
    static = tmp_path / "_static"
    (static / "theme").mkdir(parents=True)
    (static / "maths/fonts").mkdir(parents=True)
    (static / "base.css").write_text('@charset "UTF-8"; p { color: red; background: url("a.png") }')
    (static / "theme/theme.css").write_text('@import "../base.css"; p { color: green }')
    (static / "maths/maths.css").write_text("@font-face { src: url(fonts/m.woff2?v=1) } i { background: url(data:x) }")
    (static / "book.css").write_text("p { color: blue }")
    (static / "documentation_options.js").write_text("const OPTIONS = {};")
    write(tmp_path / "plain.html", "", ["theme/theme.css", "book.css?v=2"])
    (tmp_path / "part").mkdir()
    write(tmp_path / "part/maths.html", "../", ["theme/theme.css", "maths/maths.css", "book.css?v=2"])
    (tmp_path / "index.html").write_text('<html><head><meta charset="utf-8"/></head><body>no style</body></html>')
    return tmp_path


def write(file, up, sheets):
    links = "".join(f'  <link rel="stylesheet" type="text/css" href="{up}_static/{sheet}" />\n' for sheet in sheets)
    file.write_text(PAGE.format(links=links, up=up))


def join(folder):
    finish.write_pages(folder)
    (made,) = (folder / "_static").glob("styles-*.css")
    return made


def test_every_page_loads_one_sheet_that_holds_all(folder):
    """Both pages name the one sheet; the sheets stand in it in the order of the pages, the imported one first."""
    made = join(folder)
    for name, up in (("plain.html", ""), ("part/maths.html", "../")):
        assert [address for address in read_page(folder / name).loads if address.endswith("css")] == [
            f"{up}_static/{made.name}"
        ]
        assert "<p>Words.</p>" in (folder / name).read_text()
    text = made.read_text()
    places = [text.index(words) for words in ("color: red", "color: green", "@font-face", "color: blue")]
    assert places == sorted(places)
    assert "@import" not in text and "@charset" not in text


def test_addresses_are_right_from_the_new_place(folder):
    """Pictures and fonts are named as seen from the new sheet; what is no file of the book is left as it is."""
    text = join(folder).read_text()
    assert 'url("a.png")' in text and "url(maths/fonts/m.woff2)" in text and "url(data:x)" in text


def test_the_options_are_in_the_page(folder):
    """The script that pages had to wait for stands in them; a page without styles gets none."""
    join(folder)
    text = (folder / "plain.html").read_text()
    assert "<script>const OPTIONS = {};</script>" in text and "documentation_options.js" not in text
    assert "styles-" not in (folder / "index.html").read_text()


def test_pages_of_an_earlier_build_keep_their_sheet(folder):
    """When one page is built anew, the others go on with the sheet they have, which is still there."""
    first = join(folder)
    write(folder / "plain.html", "", ["theme/theme.css"])
    finish.write_pages(folder)
    assert f"../_static/{first.name}" in (folder / "part/maths.html").read_text() and first.is_file()
    second = read_page(folder / "plain.html").loads[0]
    assert second != f"_static/{first.name}" and "blue" not in (folder / second).read_text()


def test_two_orders_are_refused():
    """Sheets that two pages load in different orders cannot be one, since later rules win."""
    a, b, c = Path("a.css"), Path("b.css"), Path("c.css")
    assert styles.in_one_order([[a, c], [a, b, c], [b, c]]) == [a, b, c]
    with pytest.raises(CycleError):
        styles.in_one_order([[a, b], [b, a]])


@pytest.mark.parametrize("name", ["a11y-high-contrast-light", "a11y-high-contrast-dark"])
def test_spans_that_are_dropped_have_no_colour_of_their_own(name):
    """Names, module names, punctuation and blanks look like the code around them, so their spans may go."""
    style = get_style_by_name(name)
    around = style.style_for_token(Token.Text)
    for token in (Token.Name, Token.Name.Namespace, Token.Punctuation, Token.Text.Whitespace):
        assert style.style_for_token(token) == around


def test_needless_spans_go_and_others_stay():
    """The words of a dropped span stay; a span with a colour or an id, or of another name, is left alone."""
    body = (
        '<pre><span class="n">x</span> <span class="o">=</span> <span class="p">[</span>'
        '<span class="pre"><span class="n">y</span></span><span class="n" id="z"><b>z</b></span></pre>'
    )
    page = BeautifulSoup(f'<meta charset="utf-8"/>{body}', "html.parser")
    finish.finish(page)
    left = '<pre>x <span class="o">=</span> [y<span class="n" id="z"><b>z</b></span></pre>'
    assert finish.written(page).endswith(left)
