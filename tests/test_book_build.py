"""The book as it is built: the real one, and a small one for what must not be in it."""

import base64
import functools
import http.server
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import nbformat
import pytest

from _sphinx.tools import check
from _sphinx.tools.page import outside, read_page
from scalinglib.explore import axis, curve, panel
from scalinglib.plots.figure import Figure

pytest_plugins = ["tests.browser"]
ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "https://github.com/someone/scaling-laws"


def build(source, target):
    """Build as `make book` does, without touching the checkout."""
    command = [sys.executable, "-m", "_sphinx.tools.build", source, "--path-output", target]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    return done.returncode, re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr), target / "_build/html"


def drawing():
    picture = {"axes": panel(axis("x", 1, 2), axis("y", 1, 2)), "curves": {"line": curve([1, 2], [2, 1])}}
    return Figure(
        picture, alt="A line from 2 to 1.", caption="The line of {eq}`law`, with $N$ & a *word*.", name="fig-line"
    )


def notebook(*cells):
    """A notebook whose cells are text, or objects shown by a cell of code."""
    made = []
    for place, cell in enumerate(cells):
        if isinstance(cell, str):
            made.append(nbformat.v4.new_markdown_cell(cell, id=f"cell-{place}"))
            continue
        data, metadata = cell
        output = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
        made.append(nbformat.v4.new_code_cell("show()", outputs=[output], execution_count=1, id=f"cell-{place}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}))


INTRO = """# A small book

This page stands in for the start of the course and says enough to be called a page by the checks over built pages.

```{launch-badge}
Open it in Binder, with nothing to install on this machine.
```

See {numref}`fig-line`, {eq}`law` and {cite:t}`kaplan2020`.

```{bibliography}
```
"""
LAW = (
    "# The law\n\nThe loss falls as a power of size, and this sentence is the description of the page.\n\n$$L = "
    "N^{-\\alpha}$$ (law)\n"
)
TWO = (
    "```{exercise}\n:label: one\nFirst.\n```\n\n```{solution} one\n:class: "
    "dropdown\nDone.\n```\n\n```{exercise}\n:label: two\nSecond.\n```\n"
)


def small_book(folder, *, url="", hub="", pages):
    """A book with the course's own settings and machinery and pages of its own."""
    folder.mkdir(parents=True)
    config = (ROOT / "_config.yml").read_text()
    config, changed = re.subn(r'^  url: ""$', f'  url: "{url}"', config, flags=re.MULTILINE)
    config, hubs = re.subn(r'^  jupyterhub_url: ""$', f'  jupyterhub_url: "{hub}"', config, flags=re.MULTILINE)
    assert changed == hubs == 1, "_config.yml no longer has the setting as a line of its own, unset"
    (folder / "_config.yml").write_text(config)
    (folder / "references.bib").write_text(
        "@misc{kaplan2020, author={Kaplan, Jared and others}, year={2020}, title={Scaling laws}}"
    )
    (folder / "_sphinx").symlink_to(ROOT / "_sphinx")
    for name, text in pages.items():
        (folder / name).write_text(text)
    chapters = "".join(f"  - file: {Path(name).stem}\n" for name in pages if name != "intro.md")
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: intro\nchapters:\n{chapters}")
    return folder


@pytest.fixture(scope="module")
def unset(tmp_path_factory):
    """A small book while the address of the repository is not known."""
    place = tmp_path_factory.mktemp("unset")
    source = small_book(
        place / "source", pages={"intro.md": INTRO, "law.ipynb": notebook(LAW, drawing()._repr_mimebundle_(), TWO)}
    )
    code, log, folder = build(source, place)
    assert code == 0, log[-4000:]
    return folder


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """The same book once the address is set, with a JupyterHub."""
    place = tmp_path_factory.mktemp("known")
    source = small_book(
        place / "source",
        url=ADDRESS,
        hub="https://hub.example.org",
        pages={"intro.md": INTRO, "law.ipynb": notebook(LAW, drawing()._repr_mimebundle_())},
    )
    code, log, folder = build(source, place)
    assert code == 0, log[-4000:]
    return folder


def test_the_book_passes_its_own_checks(built_book):
    """Every page of the course is built without a warning and passes every check over built pages."""
    faults, weights = check.check(built_book, ROOT / "_toc.yml")
    assert faults == []
    assert list(weights) == check.toc_pages(ROOT / "_toc.yml")


def test_every_page_is_described(built_book):
    """Each page of the course has a description for search engines, no two the same."""
    found = [
        re.findall(r'<meta name="description" content="([^"]+)"', (built_book / f"{name}.html").read_text())
        for name in check.toc_pages(ROOT / "_toc.yml")
    ]
    assert all(len(one) == 1 for one in found)
    assert len({one[0] for one in found}) == len(found)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


def test_the_book_stands_under_any_sub_path(built_book, tmp_path):
    """Served below a sub-path, every file that any page names is found there by a client that follows the links."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some/course").symlink_to(built_book)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/some/course/"
    try:
        queue, seen = [base + "index.html"], set()
        while queue:
            address = queue.pop()
            if address in seen:
                continue
            seen.add(address)
            assert address.startswith(base), f"{address} leaves the sub-path"
            with urllib.request.urlopen(address, timeout=120) as answer:
                assert answer.status == 200
                if answer.headers.get_content_type() != "text/html":
                    continue
            page = read_page(tmp_path / urllib.parse.unquote(address.split(f":{server.server_port}/")[1]))
            queue += [
                urllib.parse.urljoin(address, name).split("#")[0]
                for name in page.links + page.loads
                if not outside(name) and not urllib.parse.urlsplit(name).scheme
            ]
    finally:
        server.shutdown()
        server.server_close()
    pages = {name.removeprefix(base) for name in seen}
    assert {f"{name}.html" for name in check.toc_pages(ROOT / "_toc.yml")} <= pages


def test_no_button_while_the_address_is_unset(unset):
    """Without the address there is no launch button, no edit link, no badge, and no sentence about Binder."""
    for file in unset.rglob("*.html"):
        text = file.read_text().lower()
        for word in (
            "mybinder",
            "colab.research",
            "hub.example",
            "launch-buttons",
            "/edit/",
            "binder-badge",
            "open it in binder",
        ):
            assert word not in text, f"{word} in {file.name}"


def test_all_buttons_once_the_address_is_set(known):
    """With the address, a notebook has Binder, Colab and JupyterHub buttons and an edit link,
    and the start page the badge.
    """
    law, intro = (known / "law.html").read_text(), (known / "intro.html").read_text()
    links = read_page(known / "law.html").links
    assert "https://mybinder.org/v2/gh/someone/scaling-laws/main?urlpath=lab/tree/law.ipynb" in links
    assert "https://colab.research.google.com/github/someone/scaling-laws/blob/main/law.ipynb" in links
    assert any(link.startswith("https://hub.example.org/hub/user-redirect/git-pull?") for link in links)
    assert f"{ADDRESS}/edit/main/law.ipynb" in links
    assert 'href="https://mybinder.org/v2/gh/someone/scaling-laws/main?urlpath=lab"' in intro
    assert "Open it in Binder, with nothing to install" in intro
    assert "fa-" not in re.sub(r'href="[^"]*"', "", law), "an icon was not drawn"


def test_small_books_pass_the_checks_too(unset, known):
    """With and without the address the pages load nothing from outside and every link leads somewhere."""
    for folder in (unset, known):
        assert check.check(folder, folder.parents[1] / "source/_toc.yml")[0] == []


def test_a_figure_brings_its_words_into_the_page(unset):
    """Alt text, caption with markup, number and name come from the figure object;
    a reference to it shows its number.
    """
    text = (unset / "law.html").read_text()
    figure = re.search(r'<figure class="drawn[^"]*" id="fig-line">.*?</figure>', text, re.DOTALL)[0]
    pictures = re.findall(r'<svg class="picture (\w+)" viewBox="[^"]+" role="img" aria-label="([^"]+)"', figure)
    assert pictures == [("wide", "A line from 2 to 1."), ("narrow", "A line from 2 to 1.")]
    assert "<style>" not in figure and ">x</text>" in figure
    assert "Fig. 1" in figure and "<em>word</em>" in figure and "<math" in figure and 'href="#equation-law"' in figure
    assert re.search(
        r'href="law.html#fig-line"><span class="std std-numref">Fig. 1</span>', (unset / "intro.html").read_text()
    )


def test_formulas_are_set_and_numbered(unset):
    """A formula is KaTeX's HTML with its number; its style is in the one sheet
    of the book, and no script sets maths.
    """
    text = (unset / "law.html").read_text()
    assert 'class="katex-display"' in text and re.search(r'class="eqno">\(1\)', text)
    (sheet,) = (unset / "_static").glob("styles-*.css")
    assert "KaTeX_Main" in sheet.read_text()
    assert [name for name in read_page(unset / "law.html").loads if ".css" in name] == [f"_static/{sheet.name}"]
    assert "MathJax" not in text and "thebe" not in text


def test_scripts_are_there_once_and_only_where_used(unset):
    """No page names a script or a style twice; folding is loaded where something folds, copying where there is code."""
    for file in unset.rglob("*.html"):
        loads = [address.split("?")[0] for address in read_page(file).loads]
        assert len(set(loads)) == len(loads), file.name
    law, intro = (unset / "law.html").read_text(), (unset / "intro.html").read_text()
    assert "togglebutton.js" in law and "copybutton.js" in law
    assert "togglebutton.js" not in intro and "copybutton.js" not in intro


def test_scripts_come_in_the_order_they_need(unset):
    """No script that waits for the page stands before one that does not and needs it:
    Sphinx's own come first or none waits.
    """
    search = (unset / "search.html").read_text()
    own = re.findall(r'<script[^>]*src="_static/(?:doctools|searchtools|language_data)\.js[^>]*>', search)
    assert len(own) == 3 and not any("defer" in script for script in own)
    law = (unset / "law.html").read_text()
    assert re.search(r"<script[^>]*defer[^>]*doctools\.js", law)
    for page in (search, law):
        assert page.index("const DOCUMENTATION_OPTIONS") < page.index("DOCUMENTATION_OPTIONS.pagename")
        assert page.index("const DOCUMENTATION_OPTIONS") < page.index("doctools.js")


FAULTY = {
    "intro.md": INTRO,
    "law.ipynb": notebook(LAW, drawing()._repr_mimebundle_()),
    "bad.ipynb": notebook(
        "# Faults\n\nA page on which each thing is wrong that has to stop the "
        "build.\n\n$$\\frac{A}$$\n\n![](picture.png)\n",
        ({"image/png": base64.b64encode(drawing().png).decode(), "text/plain": "<Figure>"}, {}),
    ),
    "links.md": "# Links\n\nA {ref}`nowhere`, a {term}`nothing`, a {cite:t}`nobody2020`, a {numref}`fig-none`.\n",
}


def test_what_must_stop_the_build_does(tmp_path):
    """A wrong formula, a picture without alt text in a notebook or in the text,
    and dead references each fail the build.
    """
    source = small_book(tmp_path / "source", pages=FAULTY)
    (source / "picture.png").write_bytes(drawing().png)
    code, log, _ = build(source, tmp_path)
    assert code != 0
    for words in (
        "KaTeX: Unexpected end of input",
        "a picture without alt text: picture.png",
        "nowhere",
        "nothing",
        "nobody2020",
        "fig-none",
    ):
        assert re.search(f"WARNING.*{re.escape(words)}", log), words
    assert len(re.findall(r"bad\.ipynb.*WARNING: a picture without alt text", log)) == 2
