"""The cards of claims: tests compute what cards say, links lead somewhere, every row of the list is met; the topics."""

import re
from pathlib import Path

import numpy as np
import pytest

import scalinglib as sl
from coursebook import claims

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "chapters/claims/the-claims.ipynb"
CARDS = claims.read_cards(PAGE.with_suffix(".cards.txt"))
TESTED = [card for card in CARDS if "test" in card]
PRINTED = claims.came_out(PAGE, "tests")
# What five glossary articles say, row by row (A to E), and sixteen myths (M) with a test each.
ROWS = {f"{part}{row}" for part, rows in {"A": 14, "B": 10, "C": 11, "D": 19, "E": 6, "M": 16}.items()
        for row in range(1, rows + 1)}  # fmt: skip


def known_to_cards(law):
    """What an expression of a card knows, by one published law."""
    C = np.geomspace(1e18, 1e21, 12)
    return {
        "sl": sl,
        "np": np,
        "law": law,
        "best": law.optimum(1e23),
        "kaplan": sl.published["kaplan2020-N"],
        "models": sl.published.table("language-models").set_index("model"),
        "line": sl.fit_power_law(C, law.frontier(C), floor=None),
    }


@pytest.fixture(scope="module")
def names():
    """What an expression of a card knows: as the page says it."""
    return known_to_cards(sl.published["besiroglu2024"])


@pytest.mark.parametrize("card", TESTED, ids=lambda card: card["claim"])
def test_what_a_card_prints_is_what_its_test_gives(card, names):
    """The expression, computed again, gives the words that the page shows."""
    values = np.ravel(eval(card["test"], names))  # the cards are the project's own code
    assert card["gives"].format(*values).replace("e+", "e") == PRINTED[card["claim"]]


# What a card's number has to show for its verdict to stand, where it is worked out with the law.
STANDS = {
    "scaling-is-over": lambda x, law: x[0] > x[1] > 0,
    "exponentially-expensive": lambda x, law: np.allclose(x, x[0] ** np.array([1, 2, 3]), rtol=1e-6),
    "smooth-power-law": lambda x, law: x[0] > 2 * x[1] > 4 * x[2],
    "independent": lambda x, law: (np.diff(x) < 0).all() and x[-1] < x[0] / 5,
    "three-separate-fits": lambda x, law: x[0] < law.E,
    "physics": lambda x, law: np.isclose(x.sum(), 1),
    "more-data-than-parameters": lambda x, law: x[1] > 2 * x[0],
    "managed-services": lambda x, law: x[0] > law.E,
    "doubling-consistent": lambda x, law: 0.5 < x[0] < 1,
    "diminishing": lambda x, law: (np.diff(x) < 0).all(),
    "straight-means-law": lambda x, law: x[0] > 0.98 and x[1] > 0.5,
    "do-not-train-longer": lambda x, law: 1 < x[0] < 1.5,
    "data-matters-more": lambda x, law: abs(x[0] - x[1]) < 0.2,
    "under-trained": lambda x, law: (x > 1.5).all(),
    "larger-wins": lambda x, law: x[0] > x[1],
    "compute-for-a-target": lambda x, law: (np.diff(np.log(x)) > 0).all() and np.isfinite(x).all(),
    "too-large": lambda x, law: x[0] > 2,
    "too-small": lambda x, law: x[0] < 70 and x[1] > 0.1,
    "bigger-not-always": lambda x, law: x[1] < min(x[0], x[2]),
}


def test_no_verdict_hangs_on_the_law():
    """By three sets of constants what each card's verdict rests on holds, and numbers move by more than ten times."""
    cards = {card["claim"]: card["test"] for card in TESTED if re.search(r"\b(law|best|line)\b", card["test"])}
    assert {*cards} - {"twenty-tokens"} == {*STANDS}  # that card has the three sets in it
    came = {}
    for name in ("besiroglu2024", "hoffmann2022", "hoffmann2022-rounded"):
        law = sl.published[name]
        known = known_to_cards(law)
        for claim, stands in STANDS.items():
            values = np.ravel(eval(cards[claim], known))
            came.setdefault(claim, []).append(values)
            assert stands(values, law), (name, claim, values)
    assert max(float(np.max(np.array(values).max(0) / np.array(values).min(0))) for values in came.values()) > 10


def test_every_test_ran_and_nothing_else_is_shown():
    """The cell printed one line a card with a test, in the order of the cards."""
    assert list(PRINTED) == [card["claim"] for card in TESTED]


def test_every_row_of_the_list_is_met_by_a_card():
    """Each claim of the articles, and each myth, is covered; nothing else is said to be."""
    covered = {row for card in CARDS for row in card["covers"].split()}
    assert covered - {"extra"} == ROWS
    assert len(CARDS) >= 60


def test_the_cards_are_whole():
    """Claims, names and reasons are there once, verdicts and groups are all in use, and five cards come first."""
    for field in ("claim", "said", "why"):
        texts = [card[field] for card in CARDS]
        assert len({*texts}) == len(texts)
    assert {card["verdict"] for card in CARDS} == set(claims.SIGNS)
    assert {card["group"] for card in CARDS} == set(claims.GROUPS)
    assert [card["claim"] for card in CARDS if "first" in card] == [
        "twenty-tokens",
        "mirage",
        "scaling-is-over",
        "every-tenfold",
        "exponentially-expensive",
    ]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card["claim"])
def test_where_a_card_leads_is_a_page_of_the_book(card):
    """Each link names a page that the table of contents has."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for name in card["more"].split():
        assert re.search(rf"file: {name.lstrip('/')}$", toc, re.M), name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("verdict: wrong", "verdict: false"), "the verdict 'false'"),
        (("gives: {}", "given: {}"), "given"),
        (("gives: {}\n", ""), "a test without what it gives"),
        (("more: /x", ""), "more"),
    ],
)
def test_a_card_that_is_not_whole_is_refused(tmp_path, change, said):
    """What is missing or unknown is named with the card's name."""
    text = "claim: a\ncovers: M1\ngroup: words\nsaid: b\nverdict: wrong\nwhy: c\n  d\ntest: 1\ngives: {}\nmore: /x\n"
    path = tmp_path / "a.cards.txt"
    path.write_text(text, encoding="utf-8")
    (card,) = claims.read_cards(path)
    assert card["why"] == "c d"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"the card 'a'.*{said}"):
        claims.read_cards(path)
    path.write_text(f"{text}\n{text}", encoding="utf-8")
    with pytest.raises(ValueError, match="'a' is the name of two cards"):
        claims.read_cards(path)


# ---- the index of topics ---------------------------------------------------------------------------------

TOPICS = """
    What a scaling law is; N, D and C; Loss and perplexity; Power laws and log-log paper; Diminishing returns;
    The floor; Kaplan; Chinchilla; Compute-optimal allocation; 6ND; The runs; Measuring the loss; The fit;
    Validation; Prediction; Allocation; Extrapolation; Other architectures; Other domains; Under-training;
    Over-training; Scaling laws and emergence; Discrete and smooth metrics; Limits by data; Limits by chips; Limits
    by power; Limits by cost; Limits of theory; Data quality; Synthetic data; Algorithmic progress; Inference
    scaling; Model choice; Build or buy; Budgeting; Related terms; What scaling laws are not
"""


def topics():
    """Topic -> what stands behind it on the page."""
    text = (ROOT / "chapters/back-matter/topics.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\*\*(.+?)\*\*\n: (.*(?:\n  .*)*)", text, re.M))


def test_every_topic_of_the_articles_is_in_the_index():
    """The topics of five glossary articles are all there."""
    wanted = {" ".join(topic.split()) for topic in TOPICS.split(";")}
    assert wanted <= set(topics()), sorted(wanted - set(topics()))


@pytest.mark.parametrize("topic", topics())
def test_a_topic_leads_to_a_place_that_exists(topic):
    """Each has a page of the table of contents, or a card, and every one that it names is there."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    pages = re.findall(r"\{doc\}`(?:[^`<]*<)?/?([^`>]+)>?`", topics()[topic])
    cards = re.findall(r"\{ref\}`(?:[^`<]*<)?claim-([^`>]+)>?`", topics()[topic])
    assert pages, topic
    for name in pages:
        full = name if name.startswith("chapters/") else f"chapters/back-matter/{name}"
        assert re.search(rf"file: {full}$", toc, re.M), name
    assert {*cards} <= {card["claim"] for card in CARDS}


def test_topics_are_two_clicks_from_the_first_page():
    """The first page leads to the index, so every topic is one click further."""
    assert "/chapters/back-matter/topics>" in (ROOT / "intro.md").read_text(encoding="utf-8")


def test_every_section_is_two_clicks_from_the_first_page():
    """The index leads to each section of the course, so that nothing is found through the sidebar alone."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    sections = re.findall(r"file: (chapters/(?!back-matter)[\w-]+/(?!index|looking-back)[\w-]+)$", toc, re.M)
    linked = " ".join(topics().values())
    assert len(sections) > 40
    assert [name for name in sections if f"`/{name}`" not in linked] == []


def test_cards_lead_to_every_section_on_limits_new_axes_and_planning():
    """What is heard about a subject stands where the subject is treated: no such section lacks a card."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    parts = "limits|new-axes|capstone"
    sections = re.findall(rf"file: (chapters/(?:{parts})/(?!index|looking-back)[\w-]+)$", toc, re.M)
    led = {name for card in CARDS for name in card["more"].split()}
    assert {f"/{name}" for name in sections} <= led
