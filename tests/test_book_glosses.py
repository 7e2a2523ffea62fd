"""What stands beside a link to a term or a work, and which words of a page become links to terms."""

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

from coursebook import glosses, maths, terms

GLOSSARY = """<article><dl class="simple glossary">
<dt id="term-floor">floor<a class="headerlink" href="#term-floor">#</a></dt>
<dt id="term-irreducible-loss">irreducible loss<a class="headerlink" href="#term-irreducible-loss">#</a></dt>
<dd><p>What is left, <span class="math"><span class="katex"><span class="katex-mathml"><math><mi>E</mi></math></span>
<span class="katex-html" aria-hidden="true">E</span></span></span>, says
<span class="bibtex-citation" id="id7">[<a class="internal" href="bibliography.html#id57">2020</a>]</span> of the
<a class="internal" href="#term-loss">loss</a>.</p></dd></dl></article>"""
WORKS = {"chapters/back-matter/bibliography.html#id57": ("Scaling Laws", "https://arxiv.org/abs/1", "Kaplan, 2020.")}


@pytest.fixture
def folder(tmp_path):
    """A built glossary."""
    (tmp_path / "chapters/back-matter").mkdir(parents=True)
    (tmp_path / glosses.GLOSSARY).write_text(GLOSSARY)
    return tmp_path


def page(folder, name, body):
    """A page with its glosses."""
    made = BeautifulSoup(f"<body><article>{body}</article></body>", "html.parser")
    glosses.Glosses(folder, WORKS).add(made, folder / name)
    return made


def link(address):
    return f'<a class="reference internal" href="{address}">x</a>'


def test_a_term_brings_its_definition(folder):
    """Each link to an entry points to one copy of its definition, with all names, and links that hold from there."""
    address = "../back-matter/glossary.html#term-irreducible-loss"
    made = page(folder, "chapters/part/one.html", link(address) * 2)
    (gloss,) = made.select(".glosses[hidden] > .gloss[popover]")
    assert [each["aria-describedby"] for each in made.select("a.glossed")] == [gloss["id"]] * 2
    assert gloss.strong.get_text() == "floor, irreducible loss"
    assert [each["href"] for each in gloss.select("a")] == [
        "../back-matter/bibliography.html#id57",
        "../back-matter/glossary.html#term-loss",
    ]
    # A formula is said once, and no id of the glossary stands on the page.
    assert gloss.math and not gloss.select(".katex-html, p [id]")


def test_a_work_brings_its_title_and_its_address(folder):
    """A citation's gloss is the title, which leads to the work, and who wrote it."""
    made = page(folder, "intro.html", link("chapters/back-matter/bibliography.html#id57"))
    (gloss,) = made.select(".gloss")
    assert made.select_one("article a")["class"] == ["reference", "internal", "glossed", "cited"]
    assert gloss.a["href"] == "https://arxiv.org/abs/1" and gloss.get_text() == "Scaling LawsKaplan, 2020."


def test_other_links_and_the_glossary_itself_have_none(folder):
    """Where the definition stands already, and on links to other places, nothing is added."""
    for name, address in [
        (glosses.GLOSSARY, "#term-floor"),
        ("intro.html", "chapters/back-matter/glossary.html"),
        ("intro.html", "chapters/part/one.html#floor"),
    ]:
        assert not page(folder, name, link(address)).select(".glosses, .glossed")


NAMES = {"loss": "term-loss", "reducible loss": "term-reducible", "floor": "term-floor", "FLOP": "term-FLOP"}


def marked(*children, names=NAMES):
    """What leads where, after the first uses in a page of these children are marked."""
    tree = nodes.document(None, None)
    tree += nodes.section("", *children)
    terms.mark(tree, names, lambda place, words: nodes.reference("", words, refuri=f"g.html#{place}"))
    return [(each.astext(), each["refuri"]) for each in tree.findall(nodes.reference)]


def paragraph(text, *more):
    return nodes.paragraph("", "", nodes.Text(text), *more)


def test_the_first_use_of_a_term_is_marked():
    """Once a page, the longest name first, plurals and capitals too, and no part of a longer word."""
    found = marked(paragraph("Lossless."), paragraph("Losses differ: a loss-less run, flop and FLOP."))
    assert found == [("Losses", "g.html#term-loss"), ("FLOP", "g.html#term-FLOP")]
    assert marked(paragraph("Floors and a floor.")) == [("Floors", "g.html#term-floor")]
    assert marked(paragraph("The reducible loss.")) == [("reducible loss", "g.html#term-reducible")]


def test_only_running_text_is_marked():
    """Not code, headings, boxes or captions; not a term that the page links by hand, nor one of two equal names."""
    boxed = nodes.admonition("", paragraph("floor"))
    assert marked(nodes.title("", "floor"), boxed, paragraph("", nodes.literal("", "floor"))) == []
    by_hand = nodes.reference("", "ground", refuri="g.html#term-floor")
    assert marked(paragraph("A floor is ", by_hand)) == [("ground", "g.html#term-floor")]
    same = {"floor": "term-floor", "ground": "term-floor"}
    assert marked(paragraph("The ground is a floor."), names=same) == [("ground", "g.html#term-floor")]
    assert marked(paragraph("A bit of noise."), names={"bit": "term-bit", "noise": "term-noise"}) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<span class="math short">N</span>, so', '<span class="kept"><span class="math short">N</span>,</span> so'),
        ('of (<span class="math short">N</span>)', 'of <span class="kept">(<span class="math short">N</span>)</span>'),
        (
            '<span class="math"><span class="katex-html"><b class="base">N</b><b class="base">D</b></span></span>. So',
            '<span class="math"><span class="katex-html"><b class="base">N</b><b class="base">D.</b></span></span>'
            '<span class="visually-hidden">.</span> So',
        ),
        ('<code class="literal">law</code>, so', '<span class="kept"><code class="literal">law</code>,</span> so'),
        ('a <span class="math short">N</span> b', 'a <span class="math short">N</span> b'),
    ],
)
def test_a_sign_stays_with_its_formula(text, kept):
    """A comma after a formula begins no line, and a bracket before it ends none."""
    made = BeautifulSoup(text, "html.parser")
    maths.keep_together(made)
    assert str(made) == kept


def bibliography(**fields):
    """A domain with one work."""
    key, label = SimpleNamespace(docname="back"), SimpleNamespace(label="A, 2020")
    entry = SimpleNamespace(fields=fields)
    work = SimpleNamespace(entry=entry, formatted_entry=label, bibliography_key=key, citation_id="id1")
    return SimpleNamespace(citations=[work])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "//host/x", ""])
def test_a_work_leads_to_the_web_or_nowhere(address):
    """An address that would run in the page, or load a page of its own, is left out; the title stays."""
    (work,) = glosses.works(bibliography(title="<b>", url=address)).values()
    assert work == ("<b>", "", "A, 2020.")
    (work,) = glosses.works(bibliography(title="x", url="https://arxiv.org/abs/1")).values()
    assert work[1] == "https://arxiv.org/abs/1"


def test_a_work_without_a_title_is_named():
    """The build stops with the entry that has to be mended."""
    with pytest.raises(ValueError, match="the work id1 of the bibliography has no title"):
        glosses.works(bibliography(url="https://arxiv.org/abs/1"))


@pytest.mark.parametrize("text", ["lo\u017fs", "b\u0131t of lo\u017f\u017f", "\u0130t"])
def test_letters_that_only_look_alike_are_no_term(text):
    """The long s, and the dotted and the dotless i of Turkish, stop no build."""
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text(text))
    terms.mark(document, {"loss": "term-loss", "it": "term-it"}, lambda at, words: nodes.reference(words, words))
    assert not list(document.findall(nodes.reference)) and document.astext() == text
