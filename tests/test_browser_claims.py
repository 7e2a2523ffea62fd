"""The cards of claims in a real browser: the filter by keyboard and by words, the address of a card, no script."""

import pytest

from tests.browser import reader
from tests.test_claims import CARDS

pytest_plugins = ["tests.browser"]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PAGE = "chapters/claims/the-claims"


def shown(page):
    """The names of the cards that are seen."""
    return [card.get_attribute("id") for card in page.locator("article.claim:visible").all()]


def test_cards_are_filtered_by_verdict_and_subject_with_keys_alone(chromium, book_address):
    """What is seen has the verdict and the subject chosen, the count is said, and groups without cards are gone."""
    with reader(chromium, width=390, scheme="dark") as visit:
        page = visit.open(f"{book_address}{PAGE}.html")
        assert shown(page) == [f"claim-{card['claim']}" for card in in_order()]
        page.locator(".verdict-filter input[name=verdict]").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        wanted = [f"claim-{c['claim']}" for c in in_order() if (c["verdict"], c["group"]) == ("holds", "words")]
        assert shown(page) == wanted
        assert page.locator(".verdict-filter [role=status]").text_content() == f"{len(wanted)} of {len(CARDS)} cards"
        assert page.locator("#emergence").is_hidden() and page.locator("#words").is_visible()
        page.keyboard.press("Tab")
        page.keyboard.type("no such words anywhere")
        assert shown(page) == []
        assert visit.axe() == [] and visit.faults() == []


def in_order():
    """The cards as the page has them: those that come first, then group by group."""
    groups = ["words", "numbers", "history", "money", "emergence", "limits"]
    later = [card for group in groups for card in CARDS if card["group"] == group and "first" not in card]
    return [card for card in CARDS if "first" in card] + later


def test_a_card_has_an_address_and_is_there_without_a_script(chromium, book_address):
    """Where scripts are off, every card is seen, no filter is offered, and a link leads to one card."""
    with reader(chromium, java_script_enabled=False) as visit:
        visit.page.goto(f"{book_address}{PAGE}.html#claim-mirage")
        assert len(shown(visit.page)) == len(CARDS)
        expect(visit.page.locator(".verdict-filter")).to_be_hidden()
        expect(visit.page.locator("#claim-mirage")).to_be_in_viewport()
