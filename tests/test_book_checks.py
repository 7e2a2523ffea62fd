"""Each check over built pages finds the fault it is for, on pages small enough to see why."""

import pytest

from _sphinx.tools import check
from _sphinx.tools.page import addresses_in_style, outside, read_page

TOC = "format: jb-book\nroot: intro\nparts:\n  - caption: One\n    chapters:\n      - file: part/first\n"
WORDS = "Loss falls as a power of the compute, down to a floor that no model passes. " * 5
SOUND = "<h1 id='a'>Title</h1><p>{words}</p>{more}"


def page(more="", *, words=WORDS, head=""):
    body = SOUND.format(words=words, more=more)
    return (
        "<!DOCTYPE "
        f"html><html><head><title>t</title>{head}</head><body><main><article>{body}</article></main></body></html>"
    )


@pytest.fixture
def book(tmp_path):
    """A sound book of two pages with a style, a script and a picture."""
    folder = tmp_path / "html"
    (folder / "part").mkdir(parents=True)
    (folder / "_static").mkdir()
    (tmp_path / "_toc.yml").write_text(TOC)
    (folder / "index.html").write_text(page('<a href="intro.html">start</a>'))
    (folder / "intro.html").write_text(
        page('<a href="part/first.html#a">next</a> <a href="https://arxiv.org/">elsewhere</a>')
    )
    (folder / "part/first.html").write_text(
        page(
            '<a href="../intro.html#a">back</a><img src="../_static/a.png" alt="A falling line.">',
            head='<link rel="stylesheet" href="../_static/a.css"><script src="../_static/a.js"></script>',
        )
    )
    (folder / "_static/a.css").write_text("@import 'b.css'; p { background: url(a.png) }")
    (folder / "_static/b.css").write_text("p { color: red }")
    (folder / "_static/a.js").write_text("const space = 'http://www.w3.org/2000/svg'")
    (folder / "_static/a.png").write_bytes(bytes(range(256)) * 8)
    return folder


def faults(book):
    return check.check(book, book.parent / "_toc.yml")[0]


def test_a_sound_book_has_no_fault(book, capsys):
    """A sound book passes, and the last line is where to open it."""
    assert faults(book) == []
    assert check.main([str(book), "--toc", str(book.parent / "_toc.yml")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(book.resolve() / "index.html")


def test_a_fault_is_printed_and_fails(book, capsys):
    """The command prints a line for each fault, the count, and exits with 1."""
    (book / "part/first.html").unlink()
    assert check.main([str(book), "--toc", str(book.parent / "_toc.yml")]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("part/first: in _toc.yml, but the page was not built")
    assert out[-1] == f"2 faults in {book}"


def test_no_folder_says_what_to_do(tmp_path, capsys):
    """A folder that is not there is answered with the command that makes it."""
    assert check.main([str(tmp_path / "none")]) == 1
    assert "make book" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("part/first", "", "part/first: in _toc.yml, but the page was not built or is empty"),
        ("part/first", page(words="short"), "part/first: only"),
        ("part/first", page().replace("h1", "h2"), "part/first: no h1"),
        ("part/first", page(r"<p>$$E + \frac{A}{N}$$</p>"), "part/first: raw TeX"),
        ("part/first", page(r"<p>so \(\alpha\) is</p>"), "part/first: raw TeX"),
        ("part/first", page("<span class='katex-error'>x</span>"), "part/first: a formula that KaTeX could not read"),
        ("part/first", page("<p id='a'>again</p>"), "part/first: the id 'a' stands more than once"),
        ("part/first", page("<img src='../_static/a.png'>"), "part/first: no alt text: ../_static/a.png"),
        ("part/first", page("<img src='../_static/a.png' alt=' '>"), "part/first: no alt text: ../_static/a.png"),
        ("part/first", page("<img src='../_static/a.png' alt='../_static/a.png'>"), "part/first: alt text is a path"),
        ("part/first", page("<img src='../_static/a.png' alt='a.png'>"), "part/first: alt text is a path"),
        (
            "part/first",
            page("<img src='https://x.org/a.png' alt='A line.'>"),
            "part/first: loads from outside: https://x.org/a.png",
        ),
        (
            "part/first",
            page("<img src='../_static/a.png' srcset='//x.org/b.png 2x' alt='A line.'>"),
            "part/first: loads from outside: //x.org/b.png",
        ),
        (
            "part/first",
            page(head="<script src='//cdn.x.org/a.js'></script>"),
            "part/first: loads from outside: //cdn.x.org/a.js",
        ),
        (
            "part/first",
            page(head="<link rel='preconnect' href='https://fonts.x.org'>"),
            "part/first: loads from outside",
        ),
        (
            "part/first",
            page(head="<style>@import url(https://x.org/a.css);</style>"),
            "part/first: loads from outside: https://x.org/a.css",
        ),
        (
            "part/first",
            page("<p style='background: url(//x.org/a.png)'></p>"),
            "part/first: loads from outside: //x.org/a.png",
        ),
        (
            "part/first",
            page(head="<script>const u = 'https://unpkg.com/thebe'</script>"),
            "part/first: a script in the page names https://unpkg.com/thebe",
        ),
        ("part/first", page("<a href='none.html'>x</a>"), "part/first: leads nowhere: none.html"),
        (
            "part/first",
            page("<a href='../intro.html#none'>x</a>"),
            "part/first: no such place on the page: ../intro.html#none",
        ),
        ("part/first", page("<a href='#none'>x</a>"), "part/first: no such place on the page: #none"),
        ("part/first", page("<a href='/intro.html'>x</a>"), "part/first: not relative"),
        ("part/first", page("<a href='../../outside.html'>x</a>"), "part/first: leads nowhere: ../../outside.html"),
        (
            "part/first",
            page(head="<script src='../_static/none.js'></script>"),
            "part/first: leads nowhere: ../_static/none.js",
        ),
        ("search", page("<img src='_static/a.png'>"), "search: no alt text: _static/a.png"),
    ],
)
def test_a_page_with_one_fault(book, name, content, expected):
    """One fault on one page, of the table of contents or not, gives one line that names both."""
    (book / f"{name}.html").write_text(content)
    found = faults(book)
    if not content:
        assert found[0].startswith(expected)
    else:
        assert len(found) == 1 and found[0].startswith(expected), found


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("a.css", "@font-face { src: url('https://x.org/f.woff2') }", "a.css loads https://x.org/f.woff2"),
        ("b.css", "@import url(//x.org/c.css);", "b.css loads //x.org/c.css"),
        ("a.js", "import('https://cdn.x.org/m.mjs')", "a.js names https://cdn.x.org/m.mjs"),
        ("a.css", "@import '../b.css';", "a.css names ../b.css, which is not there"),
        ("b.css", "p { background: url(none.png) }", "b.css names none.png, which is not there"),
    ],
)
def test_what_a_page_loads_is_checked_too(book, file, content, expected):
    """Another host, or a missing file, in a style, in one that it imports, or in a script is found on each page."""
    (book / "_static" / file).write_text(content)
    assert faults(book) == [f"part/first: {expected}"]


def test_code_may_hold_tex(book):
    """TeX in code and in the hidden half of a rendered formula is no raw TeX."""
    (book / "part/first.html").write_text(
        page(r"<pre>r'\frac{A}{N}' $$</pre><code>\alpha</code><math><mi>\beta</mi></math>")
    )
    assert faults(book) == []


def test_a_missing_start_page_is_a_fault(book):
    """A folder without index.html has no start page on a static host."""
    (book / "index.html").unlink()
    assert faults(book) == ["index.html: missing, so the folder has no start page"]


def test_a_heavy_page_is_a_fault_without_a_widget_only(book):
    """More than 300 KB gzipped is a fault; a page with a live figure is let off."""
    noise = bytes((place * place * 31 + place // 7) % 251 for place in range(310 * 1024))
    (book / "_static/a.png").write_bytes(noise)
    (fault,) = faults(book)
    assert fault.startswith("part/first: weighs 31")
    (book / "part/first.html").write_text(
        (book / "part/first.html").read_text().replace("<article>", "<article class='explorer'>")
    )
    assert faults(book) == []


def test_a_page_keeps_room_for_the_launch_buttons(book):
    """What passes while the address is empty passes with it: the logos' weight is kept free, and then used."""
    noise = bytes(i * i * 31 % 251 for i in range(292 * 1024))
    (book / "_static/a.png").write_bytes(noise)
    (fault,) = faults(book)
    assert "288 allowed without a live figure" in fault
    (book / "_static/images").mkdir()
    (book / "_static/images/logo_binder.svg").write_text("<svg></svg>")
    text = (book / "part/first.html").read_text()
    button = '<img src="../_static/images/logo_binder.svg" alt="Binder logo"></article>'
    (book / "part/first.html").write_text(text.replace("</article>", button))
    assert faults(book) == []


def test_weight_counts_each_file_once(book):
    """The weight is the page, its styles and scripts gzipped, and its pictures as they are, each once."""
    _, weights = check.check(book, book.parent / "_toc.yml")
    first = read_page(book / "part/first.html")
    names = sorted(file.name for file in check.assets(first, book))
    assert names == ["a.css", "a.js", "a.png", "b.css"]
    assert 2048 < weights["part/first"] < 2048 + 900
    assert weights["intro"] < 500


def test_pages_of_a_table_of_contents(tmp_path):
    """Parts, chapters and sections are all pages; the start comes first; endings are left off."""
    toc = tmp_path / "_toc.yml"
    toc.write_text(TOC + "        sections:\n          - file: part/deeper.ipynb\n")
    assert check.toc_pages(toc) == ["intro", "part/first", "part/deeper"]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("https://x.org/a", True),
        ("//x.org/a", True),
        ("wss://x.org", True),
        ("a.html", False),
        ("../a.html#b", False),
        ("data:image/png;base64,AA", False),
        ("mailto:a@b.org", False),
        ("#a", False),
    ],
)
def test_what_counts_as_another_host(address, answer):
    """An address with a host of its own is outside, everything else is not."""
    assert outside(address) is answer


def test_addresses_in_a_style():
    """Imports and addresses in any quotes are found, comments and data in the address are not."""
    style = (
        "/* url(no.png) */ @import \"a.css\"; @import url(b.css); x{background:url('c.png')} "
        "y{src:url(d.woff2),url(data:font/x)}"
    )
    assert addresses_in_style(style) == ["a.css", "b.css", "c.png", "d.woff2"]
