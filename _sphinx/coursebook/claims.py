"""Cards of claims: one file of them beside a page, set as articles with a verdict, a test that ran and links."""

import json
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from coursebook.quizzes import piece
from coursebook.verdicts import filter_form

STYLE = "verdicts/claims.css"
SIGNS = {"holds": "✓", "vague": "≈", "wrong": "✗", "unsupported": "?", "no law at all": "∅"}
GROUPS = ("words", "numbers", "history", "money", "emergence", "limits")
NEEDED = {"claim", "covers", "group", "said", "verdict", "why", "more"}
OPTIONAL = {"test", "gives", "first"}
FIELD = re.compile(r"^(\w+): *(.*(?:\n[ \t]+\S.*)*)", re.M)


def read_cards(path: Path) -> list[dict[str, str]]:
    """The cards of a file: name of a field -> its text, in the order of the file.

    A card is a paragraph of `name: text` lines whose first is `claim:`; a longer text goes on indented.

    Raises
    ------
    ValueError
        For a card that lacks a field, has an unknown one, a verdict or a group that does not exist, or a name twice.
    """
    cards = []
    for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        if not part.lstrip().startswith("claim:"):
            continue
        card = {name: " ".join(text.split()) for name, text in FIELD.findall(part.strip("\n"))}
        lacking, unknown = NEEDED - set(card), set(card) - NEEDED - OPTIONAL
        if lacking or unknown or ("test" in card) != ("gives" in card):
            wrong = ", ".join(sorted(lacking | unknown)) or "a test without what it gives, or the other way round"
            raise ValueError(f"{path.name}: the card {card['claim']!r}: {wrong}")
        if card["verdict"] not in SIGNS or card["group"] not in GROUPS:
            raise ValueError(f"{path.name}: the card {card['claim']!r} has the verdict {card['verdict']!r}")
        cards.append(card)
    names = [card["claim"] for card in cards]
    if len({*names}) < len(names):
        raise ValueError(f"{path.name}: {max(names, key=names.count)!r} is the name of two cards")
    return cards


def came_out(page: Path, cell: str) -> dict[str, str]:
    """What a cell of a notebook printed, a line a card: its name, then what its test gave."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    printed = "".join(
        "".join(out.get("text", "")) for one in cells if one["id"] == cell for out in one.get("outputs", ())
    )
    return dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)


class OfCards(SphinxDirective):
    """What the directives below share: the cards beside the page."""

    def cards(self):
        """The page's path and the cards of the file that is named after it."""
        page = Path(self.env.doc2path(self.env.docname))
        path = page.with_suffix(".cards.txt")
        self.env.note_dependency(str(path))
        try:
            return page, read_cards(path)
        except (OSError, ValueError) as wrong:
            raise self.error(str(wrong)) from None

    def parsed(self, text):
        """Markdown of one paragraph, as its inline parts."""
        holder = nodes.Element()
        self.state.nested_parse(StringList([text], source=self.env.doc2path(self.env.docname)), 0, holder)
        return holder.children[0].children


class ClaimFilter(OfCards):
    """`{claim-filter}`: choices of group and verdict, and a field for words; unseen until the script is there."""

    has_content = True

    def run(self):
        """The form as HTML."""
        _, cards = self.cards()
        form = filter_form(
            {
                "verdict": (
                    "Verdict",
                    {v: f"{s} {v}: {sum(c['verdict'] == v for c in cards)}" for v, s in SIGNS.items()},
                ),
                "group": ("About", {g: f"{g}: {sum(c['group'] == g for c in cards)}" for g in GROUPS}),
            },
            count=len(cards),
            of="cards",
        )
        return [nodes.raw("", form, format="html")]


class Claims(OfCards):
    """`{claims} GROUP CELL`: the cards of a group, or those marked `first`, each with what CELL printed for it."""

    required_arguments = 2
    has_content = True

    def run(self):
        """One article a card."""
        group, cell = self.arguments
        page, cards = self.cards()
        results = came_out(page, cell)
        made = piece(f'<div class="claims" data-part="{group}">\n', "</div>\n")
        for card in cards:
            if ("first" if "first" in card else card["group"]) == group:
                made += self.card(card, results)
        if not made.children:
            raise self.error(f"no cards of the group {group!r}")
        return [made]

    def card(self, card, results):
        """A claim, its verdict, the reasons, the test and where more is said."""
        place, verdict = f"claim-{card['claim']}", card["verdict"]
        standard = self.env.get_domain("std")
        standard.anonlabels[place] = self.env.docname, place
        standard.labels[place] = self.env.docname, place, card["said"].rstrip(".?!")
        made = piece(
            f'<article class="claim" id="{place}" data-verdict="{verdict}" data-group="{card["group"]}">\n',
            "</article>\n",
        )
        link = f'<a class="claim-link" href="#{place}" aria-label="Link to this card">#</a>'
        anchor = nodes.raw("", f"&nbsp;{link}", format="html")
        made += nodes.paragraph("", "", *self.parsed(card["said"]), anchor, classes=["claim-said"])
        shown = (
            f'<p class="claim-verdict"><span class="sign" aria-hidden="true">{SIGNS[verdict]}</span> {verdict}'
            f'<span class="claim-group"> · {card["group"]}</span></p>\n'
        )
        made += nodes.raw("", shown, format="html")
        made += nodes.paragraph("", "", *self.parsed(card["why"]))
        if "test" in card:
            if card["claim"] not in results:
                raise self.error(f"no line for {card['claim']!r} in what the cell printed")
            test, came = nodes.literal(text=card["test"]), nodes.Text(f" → {results[card['claim']]}")
            made += nodes.paragraph("", "", test, came, classes=["claim-test"])
        links = ", ".join(f"{{doc}}`{name}`" for name in card["more"].split())
        made += nodes.paragraph("", "", *self.parsed(f"More: {links}"), classes=["claim-more"])
        return made


def setup(app):
    """Register the directives."""
    app.add_directive("claim-filter", ClaimFilter)
    app.add_directive("claims", Claims)
    app.add_css_file(STYLE)
