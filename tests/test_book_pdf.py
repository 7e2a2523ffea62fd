"""The whole book as one PDF: tagged, with an outline,
every link inside it leading somewhere, every formula in words.
"""

import os
import re
import shutil
import subprocess
import sys
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from _sphinx.tools import check, pdf
from _sphinx.tools.formula_words import in_words
from tests.browser import ROOT

pytest_plugins = ["tests.browser"]
pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

TOC = ROOT / "_toc.yml"
PAGES = check.toc_pages(TOC)
LARGEST = 18e6  # of 112 pages; mail takes 25 MB, and packs three bytes into four letters
needs_chromium = pytest.mark.usefixtures("chromium_path")


def make(folder, *options, **changed):
    """Run the command on a folder of pages."""
    command = [sys.executable, "-m", "_sphinx.tools.pdf", str(folder), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **changed}, timeout=900)


@pytest.fixture(scope="module")
def folder(built_book, tmp_path_factory):
    """A copy of the built book, with its PDF."""
    copy = tmp_path_factory.mktemp("pdf") / "html"
    shutil.copytree(built_book, copy)
    done = make(copy)
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def printed(folder):
    """The PDF as pypdf reads it."""
    return pypdf.PdfReader(folder / pdf.NAME)


@pytest.fixture(scope="module")
def text(printed):
    """All words of the PDF, on one line."""
    return " ".join(" ".join(page.extract_text() for page in printed.pages).split())


@pytest.fixture(scope="module")
def structure(printed):
    """Every element of the PDF's structure."""
    return elements(printed.trailer["/Root"]["/StructTreeRoot"])


def elements(top):
    """An element of the structure, where it is one, and all below it."""
    found, waiting = [], [top]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, list):
            waiting += element
        elif isinstance(element, dict):
            found += [element] if "/S" in element else []
            waiting += [element["/K"]] if "/K" in element else []
    return found


def article(folder, name):
    """The article of a built page."""
    return BeautifulSoup((folder / f"{name}.html").read_text(), "html.parser").select_one("article.bd-article")


def title(folder, name):
    """What a page is called, without the sign behind its heading."""
    heading = article(folder, name).find("h1")
    for sign in heading.find_all(class_="headerlink"):
        sign.decompose()
    return " ".join(heading.get_text().split())


@needs_chromium
def test_it_is_tagged_and_says_its_language_and_title(printed, structure):
    """The PDF is marked as tagged, has headings, lists, tables,
    figures and links in its structure, a language and a title.
    """
    root = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure", "/Link", "/Code"} <= {
        e["/S"] for e in structure
    }
    assert root["/Lang"] == "en" and printed.metadata.title == "Neural scaling laws, measured"
    assert sum(element["/S"] == "/H1" for element in structure) == len(PAGES) + 1, (
        "one for each section, one for the contents"
    )


@needs_chromium
def test_the_outline_names_every_section_in_order(printed, folder):
    """The outline has one entry for each section, in the order of the book, with the section's parts below it."""
    tops = [" ".join(entry.title.split()) for entry in printed.outline if not isinstance(entry, list)]
    assert tops == ["Contents", *(title(folder, name) for name in PAGES)]
    assert sum(isinstance(entry, list) for entry in printed.outline) >= 6


@needs_chromium
def test_every_link_leads_somewhere(printed, folder):
    """Every link inside the PDF names a place that exists,
    every other one is an address on the web; none names this machine.
    """
    places, inside, outside = printed.named_destinations, set(), set()
    for page in printed.pages:
        for annotation in page.get("/Annots") or ():
            annotation = annotation.get_object()
            if annotation["/Subtype"] != "/Link":
                continue
            if "/A" in annotation:
                outside.add(annotation["/A"]["/URI"])
            else:
                inside.add(annotation["/Dest"])
    assert inside <= set(places), sorted(inside - set(places))
    assert {pdf.slug(name) for name in PAGES} <= {unquote(name.removeprefix("/")) for name in inside}
    assert len(inside) > 150 and all(address.startswith(("https://", "http://", "mailto:")) for address in outside)
    assert not [address for address in outside if re.search(r"127\.0\.0\.1|localhost|book\.invalid", address)]


@needs_chromium
def test_the_contents_tell_the_page_of_each_section(printed, folder):
    """The number behind a title in the contents is the page that the title stands on."""
    start = next(where for name, where in printed.named_destinations.items() if name[1:] == pdf.slug(PAGES[0]))
    contents = printed.pages[1 : printed.get_destination_page_number(start)]
    contents = " ".join(" ".join(page.extract_text() for page in contents).split())
    for name in PAGES:
        said = re.search(re.escape(title(folder, name)) + r" ?(\d+)", contents)
        assert said, name
        assert title(folder, name) in " ".join(printed.pages[int(said[1]) - 1].extract_text().split())


@needs_chromium
def test_the_words_of_every_page_are_there(text, folder):
    """Every heading of every page stands in the PDF, folded solutions are open, and no TeX is left as source."""
    squeezed = re.sub(r"\s", "", text)
    for name in PAGES:
        for heading in article(folder, name).find_all(["h1", "h2", "h3"]):
            if not heading.find(class_="katex"):
                words = re.sub(r"\s", "", heading.get_text()).removesuffix("#")
                assert words in squeezed, f"{name}: {words}"
    source = re.sub(
        r"\s",
        "",
        "".join(" ".join(s.stripped_strings) for name in PAGES for s in article(folder, name).find_all("code")),
    )
    assert [found[0] for found in check.RAW_TEX.finditer(text) if found[0] not in source] == []


@needs_chromium
def test_pictures_and_formulas_are_told_in_words(structure, folder):
    """Every picture's alternative text and every formula's words are in the PDF's structure;
    no picture goes without.
    """
    told = [" ".join(str(element["/Alt"]).split()) for element in structure if "/Alt" in element]
    for name in PAGES:
        page = article(folder, name)
        for picture in page.find_all("img"):
            assert " ".join(picture["alt"].split()) in told, f"{name}: {picture['alt'][:60]}"
        # The answers of a quiz are not printed where they stand, under the question.
        for formula in (one for one in page.find_all("math") if not one.find_parent(class_="quiz-answers")):
            assert " ".join(in_words(formula).split()) in told, f"{name}: {in_words(formula)}"
    # Chromium makes a figure of the frame around picture and caption, too: that one is told by what is in it.
    silent = [element for element in structure if element["/S"] == "/Figure" and "/Alt" not in element]
    assert all(any("/Alt" in inner for inner in elements(element["/K"])) for element in silent)


@needs_chromium
def test_it_can_be_downloaded_and_is_linked(folder, printed):
    """The PDF is small enough to send, A4, and the start page links to it; the built book still passes its checks."""
    assert (folder / pdf.NAME).stat().st_size < LARGEST
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in printed.pages} <= {
        (595, 842),
        (596, 842),
    }
    assert f'<a class="book-pdf" href="{pdf.NAME}">' in (folder / "intro.html").read_text()
    assert check.check(folder, TOC)[0] == []


PAGE = (
    '<html><head><link rel="stylesheet" href="{root}_static/book.css"></head><body><nav>Sidebar</nav>'
    '<article class="bd-article">\n<section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>{body}'
    "</section></article></body></html>"
)
FORMULA = (
    '<span class="math"><span class="katex"><span '
    'class="katex-mathml"><math><mfrac><mi>a</mi><mi>b</mi></mfrac></math></span><span class="katex-html" '
    'aria-hidden="true">a/b</span></span></span>'
)


@pytest.fixture
def small(tmp_path):
    """Two pages by hand that hold what has to be rewritten."""
    source = tmp_path / "html"
    (source / "part").mkdir(parents=True)
    (source / "_static").mkdir()
    shutil.copy(ROOT / "_sphinx/static/book.css", source / "_static/book.css")
    shutil.copy(ROOT / "_config.yml", tmp_path / "_config.yml")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nparts:\n- caption: One\n  chapters:\n  - file: part/two\n"
    )
    (source / "intro.html").write_text(
        PAGE.format(
            root="",
            title="Start",
            body=(
                '<p><span class="book-pdf">As a PDF</span>, <a href="part/two.html#top">on</a>, <a '
                'href="part/two.html#fig?x=1">set</a>, <a href="#top">up</a>, <a href="genindex.html">index</a>, <a '
                f'href="https://example.org/">out</a></p>{FORMULA}'
            ),
        )
    )
    (source / "part/two.html").write_text(
        PAGE.format(
            root="../",
            title="Two & more",
            body=(
                "<details><summary>More</summary><p>Folded.</p></details><button>Press</button><script>1</script>"
                '<svg role="img" aria-label="A line"><clipPath id="clip"></clipPath><g '
                'clip-path="url(#clip)"></g><use href="#fig"></use></svg>'
                '<label for="fig">A</label><p id="fig"><a href="../intro.html">back</a></p><pre><span '
                'class="k">x</span> = 1</pre>'
            ),
        )
    )
    return tmp_path


def test_two_pages_become_one_document(small):
    """Ids are the page's own, references follow them, links lead inside, folds are open, screen furniture is gone."""
    page = BeautifulSoup(pdf.assemble(small / "html", small / "_toc.yml"), "html.parser")
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids)) and {"intro", "part-two", "intro--top", "part-two--top", "part-two--fig"} <= set(
        ids
    )
    links = {link.get_text(): link["href"] for link in page.select(".book-section a")}
    assert links == {
        "on": "#part-two--top",
        "set": "#part-two--fig",
        "up": "#intro--top",
        "out": "https://example.org/",
        "back": "#intro",
    }
    assert page.find("g")["clip-path"] == "url(#part-two--clip)" and page.find("use")["href"] == "#part-two--fig"
    assert page.find("label")["for"] == "part-two--fig" and page.find("details").has_attr("open")
    assert not page.find_all(["button", "script", "nav"], class_=lambda name: name != "book-contents")
    assert (
        page.find(class_="formula-words")["aria-label"] == "a/b"
        and not page.find("math")
        and page.find(class_="katex-html")
    )
    assert page.find("pre").decode_contents() == "x = 1"
    assert [entry.get_text() for entry in page.select(".book-contents .entry")] == ["Start", "Two & more"]


@needs_chromium
def test_the_same_book_gives_the_same_file(small):
    """Made twice, the PDF is the same byte for byte, so no date or path is in it, and the link is written once."""
    made = []
    for _ in range(2):
        done = make(small / "html", "--toc", small / "_toc.yml")
        assert done.returncode == 0, done.stderr
        made.append((small / "html" / pdf.NAME).read_bytes())
    assert made[0] == made[1] and str(small).encode() not in made[0]
    assert (small / "html/intro.html").read_text().count(f'href="{pdf.NAME}"') == 1


@needs_chromium
def test_what_is_missing_in_the_book_is_named(small):
    """A picture or a page that is not there stops the PDF, by name, and leaves no file behind."""
    file = small / "html/part/two.html"
    file.write_text(file.read_text().replace("<button>", '<img src="../none.png" alt="x"><button>'))
    done = make(small / "html", "--toc", small / "_toc.yml")
    assert done.returncode == 1 and "none.png" in done.stderr and len(done.stderr.splitlines()) == 1
    file.unlink()
    done = make(small / "html", "--toc", small / "_toc.yml")
    assert done.returncode == 1 and "part/two.html" in done.stderr and "make book" in done.stderr
    assert not list((small / "html").glob("book.pdf*"))


def test_without_a_chromium_it_says_what_to_do(small):
    """Without a Chromium `make pdf` fails in one line that says how to get one;
    `make book` goes on, and no link is drawn.
    """
    before = (small / "html/intro.html").read_text()
    done = make(small / "html", "--toc", small / "_toc.yml", PATH="/nowhere", CHROMIUM="")
    assert done.returncode == 1 and "sudo apt install chromium" in done.stderr and len(done.stderr.splitlines()) == 1
    going_on = make(small / "html", "--toc", small / "_toc.yml", "--if-possible", PATH="/nowhere", CHROMIUM="")
    assert going_on.returncode == 0 and "No PDF" in going_on.stdout
    assert make(small / "html", PATH="/nowhere", CHROMIUM="/nowhere/chromium").stderr.startswith(
        "No PDF: CHROMIUM=/nowhere/chromium"
    )
    assert (small / "html/intro.html").read_text() == before and not (small / "html" / pdf.NAME).exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<msup><mi>x</mi><mrow><mo>−</mo><mi>b</mi></mrow></msup>", "x^(minus b)"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac>", "(a + 1)/b"),
        ("<munder><mo>∑</mo><mi>i</mi></munder><msub><mi>x</mi><mi>i</mi></msub>", "sum_i x_i"),
        ("<mover><mi>y</mi><mo>^</mo></mover>", "y hat"),
        ("<msqrt><mi>n</mi></msqrt>", "square root of (n)"),
        ("<msubsup><mi>R</mi><mi>D</mi><mo>∗</mo></msubsup>", "R_D^*"),
    ],
)
def test_a_formula_in_words(source, words):
    """A formula is written on one line as one would type it, so that a voice can read it."""
    assert in_words(BeautifulSoup(f"<math>{source}</math>", "html.parser")) == words
