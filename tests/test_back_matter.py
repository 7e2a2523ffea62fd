"""Tests of the pages around the chapters: their numbers, their words and the works they cite."""

import json
import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

import scalinglib as sl

ROOT = Path(__file__).resolve().parents[1]
BACK_MATTER = ROOT / "chapters" / "back-matter"


def page(name):
    """Return the source of the start page or of a page of the back matter."""
    path = ROOT / name if name == "intro.md" else BACK_MATTER / name
    return path.read_text(encoding="utf-8")


def markdown_sources():
    """Return (path, text) of every page of the book, the text of notebooks without their outputs."""
    for path in sorted([ROOT / "intro.md", *(ROOT / "chapters").rglob("*.md")]):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path, "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def glossary():
    """Return (names of an entry, its definition) in the order of the page."""
    entries = []
    for block in re.findall(r"```\{glossary\}\n(.*?)```", page("glossary.md"), re.S):
        for entry in re.split(r"\n\s*\n", block.replace(":sorted:\n", "").strip("\n")):
            lines = entry.split("\n")
            names = tuple(line for line in lines if not line.startswith(" "))
            entries.append((names, " ".join(line.strip() for line in lines if line.startswith(" "))))
    return entries


def terms():
    """Return every name of the glossary."""
    return [name for names, _ in glossary() for name in names]


# ---- numbers ---------------------------------------------------------------------------------------------


def test_the_notation_page_counts_parameters_as_table_a9_does():
    """Hoffmann's Table A9 counts embeddings: its first shape without them is far smaller than printed."""
    first = sl.published.table("hoffmann2022-A9").iloc[0]
    shape = sl.TransformerShape(layers=int(first.n_layers), width=int(first.d_model), context=2_048, vocabulary=32_000)
    text = page("notation.md")
    assert f"{shape.layers} layers of width {shape.width}" in text
    assert f"{shape.parameters_without_embeddings / 1e6:.1f} million without embeddings by the usual count" in text
    assert f"Table A9 as {first.params / 1e6:.0f} million" in text
    assert shape.parameters == pytest.approx(first.params, rel=0.06)
    assert shape.parameters_without_embeddings < 0.6 * first.params


# ---- words -----------------------------------------------------------------------------------------------


def test_the_glossary_defines_each_term_once_and_briefly():
    """No term is defined twice, and a definition has one to three sentences."""
    names = [name.lower() for name in terms()]
    assert len(names) == len(set(names))
    for entry, definition in glossary():
        assert definition.endswith("."), entry
        sentences = re.findall(r"[.?!](?=\s|$)", re.sub(r"\$[^$]*\$", "x", definition))
        assert 1 <= len(sentences) <= 3, (entry, sentences)


def test_the_glossary_has_the_words_a_reader_meets():
    """The terms of public glossary articles, and those the fitting chapters lean on, are all defined."""
    expected = """scaling law, power law, exponent, floor, irreducible loss, reducible loss, loss, cross-entropy, nat,
        bits per byte, perplexity, embedding parameters, non-embedding parameters, token, unique tokens, epoch, FLOP,
        FLOP/s, PF-day, MFU, compute-optimal, isoFLOP curve, frontier, tokens per parameter, over-training,
        under-training, Huber loss, least absolute deviation, least squares, residual, bootstrap, identifiability,
        condition number, extrapolation, emergence, broken power law, repeated data, critical batch size, Kaplan,
        Chinchilla, Approach 1, Approach 2, Approach 3, L-BFGS, tolerance, log-log axes, certified value,
        standard error, outlier, leverage, diminishing returns, inference, synthetic data, algorithmic progress"""
    missing = {" ".join(name.split()) for name in expected.split(",")} - set(terms())
    assert not missing


def test_every_term_that_a_page_refers_to_is_defined():
    """A {term} role names an entry of the glossary."""
    known = {name.lower() for name in terms()}
    for path, text in markdown_sources():
        for given in re.findall(r"\{term\}`([^`]+)`", text):
            target = re.fullmatch(r".*<(.+)>", given, re.S)
            name = " ".join((target.group(1) if target else given).split())
            assert name.lower() in known, f"{path.name}: {given}"


def test_the_notation_page_names_what_the_code_has():
    """Every symbol of a law in the code stands in the table, and the objectives are those the fit accepts."""
    text = page("notation.md")
    in_code = set(re.findall(r"`([A-Za-z_]+)`", text))
    for law in (sl.ChinchillaLaw, sl.KaplanLaw, sl.RepeatedDataLaw):
        fields = set(law.__dataclass_fields__)
        assert fields <= in_code | {"alpha_N", "alpha_D"}, fields - in_code
    with pytest.raises(ValueError) as refused:
        sl.fit_chinchilla([1e8] * 6, [1e9] * 6, [3.0] * 6, objective="nonsense")
    allowed = set(re.findall(r"'(\w+)'", str(refused.value))) - {"nonsense"}
    assert allowed == set(re.findall(r"`\"(\w+)\"`", text))


# ---- works cited -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def works():
    """The entries of references.bib."""
    return parse_file(str(ROOT / "references.bib")).entries


def test_every_citation_names_a_work_in_the_bibliography(works):
    """A {cite} role holds only keys of references.bib."""
    for path, text in markdown_sources():
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text):
            for key in keys.split(","):
                assert key.strip() in works, f"{path.name}: {key}"


def test_a_work_on_arxiv_has_its_number_and_its_address(works):
    """Numbers are well formed, agree with the address, and stand for one work each."""
    numbers = [entry.fields["eprint"] for entry in works.values() if "eprint" in entry.fields]
    assert len(numbers) == len(set(numbers))
    for key, entry in works.items():
        assert entry.fields.get("url") or entry.type == "book", key
        if "eprint" in entry.fields:
            assert re.fullmatch(r"\d{4}\.\d{4,5}", entry.fields["eprint"]), key
            assert entry.fields["url"] == f"https://arxiv.org/abs/{entry.fields['eprint']}", key


def test_every_work_has_an_author_a_title_and_a_key_of_the_usual_form(works):
    """Keys are the first author's name and the year of the work, and no title or author is missing."""
    titles = [entry.fields["title"].lower() for entry in works.values()]
    assert len(titles) == len(set(titles))
    for key, entry in works.items():
        assert entry.persons.get("author"), key
        if "year" in entry.fields:
            assert re.fullmatch(r"[a-z]+" + entry.fields["year"] + r"[a-z0-9]*", key), key
