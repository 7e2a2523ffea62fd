"""Glosses, the ledger's filter and the typeface in a real browser: by mouse, by keyboard, by finger, on paper."""

import pytest

from tests.browser import reader

pytest_plugins = ["tests.browser"]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PAGE = "chapters/power-laws/the-floor"
LEDGER = "chapters/back-matter/ledger"
OPEN = ".gloss:popover-open"


def first(page, kind):
    """The first link of a kind in the article, and the words of its gloss."""
    link = page.locator(f"article a.glossed{kind}").first
    return link, page.locator(f"#{link.get_attribute('aria-describedby')}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_gloss_is_seen_on_hover_and_on_focus(chromium, book_address, scheme):
    """Pointing at a term shows what it means, Escape hides it; focus shows it, Tab goes on into it; axe is content."""
    with reader(chromium, scheme=scheme) as visit:
        page = visit.open(f"{book_address}{PAGE}.html")
        link, gloss = first(page, ":not(.cited)")
        assert page.locator(OPEN).count() == 0
        link.hover()
        expect(gloss).to_be_visible()
        assert len(gloss.text_content()) > 40
        gloss.hover()
        page.wait_for_timeout(400)
        expect(gloss).to_be_visible()
        assert visit.axe() == []
        page.keyboard.press("Escape")
        expect(gloss).to_be_hidden()
        page.mouse.move(0, 0)
        link, gloss = first(page, ".cited")
        link.focus()
        expect(gloss).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.href").startswith("https://")
        expect(gloss).to_be_visible()
        page.keyboard.press("Tab")
        expect(gloss).to_be_hidden()
        assert visit.faults() == []


def test_a_finger_sees_the_gloss_first_and_then_follows(chromium, book_address):
    """At 390 pixels a tap shows what a term means, inside the window; a second tap leads to the glossary."""
    with reader(chromium, width=390, height=844, has_touch=True) as visit:
        page = visit.open(f"{book_address}{PAGE}.html")
        link, gloss = first(page, ":not(.cited)")
        link.tap()
        expect(gloss).to_be_visible()
        box = gloss.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.touchscreen.tap(5, 700)
        expect(gloss).to_be_hidden()
        link.tap()
        link.tap()
        page.wait_for_url("**/glossary.html#term-*")


def test_without_a_script_a_term_is_a_link(chromium, book_address):
    """Where scripts are off, glosses are unseen and links lead to their entries; so they are on paper."""
    with reader(chromium, java_script_enabled=False) as visit:
        visit.page.goto(f"{book_address}{PAGE}.html")
        link, gloss = first(visit.page, ":not(.cited)")
        link.hover()
        expect(gloss).to_be_hidden()
        link.click()
        visit.page.wait_for_url("**/glossary.html#term-*")
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}{PAGE}.html")
        link, gloss = first(page, ":not(.cited)")
        link.hover()
        expect(gloss).to_be_visible()
        page.emulate_media(media="print")
        expect(gloss).to_be_hidden()


def shown(page):
    """The kinds of the rows that are seen, and how many."""
    rows = page.locator("table.verdicts tr[data-verdict]:visible")
    return {row.get_attribute("data-verdict") for row in rows.all()}, rows.count()


def test_the_ledger_is_filtered_by_keyboard_and_by_words(chromium, book_address):
    """Arrow keys choose a verdict, words narrow it, and a source without rows goes; the count is said."""
    with reader(chromium, width=390, scheme="dark") as visit:
        page = visit.open(f"{book_address}{LEDGER}.html")
        kinds, whole = shown(page)
        assert kinds == {"reproduced", "off by", "cannot be"} and whole > 60
        page.locator(".verdict-filter input[type=radio]").first.focus()
        for kind in ("reproduced", "off by", "cannot be"):
            page.keyboard.press("ArrowRight")
            assert shown(page)[0] == {kind}
        few = shown(page)[1]
        assert 0 < few < whole
        page.keyboard.press("Tab")
        page.keyboard.type("kaplan 6.4")
        kinds, fewer = shown(page)
        assert 0 < fewer < few
        assert page.locator("table.verdicts th[scope=rowgroup]:visible").all_text_contents() == ["Kaplan et al."]
        assert page.locator(".verdict-filter [role=status]").text_content() == f"{fewer} of {whole} rows"
        assert visit.axe() == [] and visit.faults() == []


def test_the_ledger_is_whole_without_a_script(chromium, book_address):
    """Where scripts are off, every row is seen and no filter is offered."""
    with reader(chromium, java_script_enabled=False) as visit:
        visit.page.goto(f"{book_address}{LEDGER}.html")
        assert shown(visit.page)[1] > 60
        expect(visit.page.locator(".verdict-filter")).to_be_hidden()


LINES = """() => [...document.querySelectorAll(".bd-article > section p")]
  .filter((p) => !p.closest("div.cell, div.admonition, figure, .quiz, .explorer"))
  .filter((p) => !p.querySelector(".katex") && p.textContent.length > 300)
  .map((p) => [p.textContent.length, p.getBoundingClientRect().height])"""


def test_lines_are_as_long_as_one_reads_well(chromium, book_address):
    """In the book's own face a full line of running text has 65 to 72 characters, at 1200 pixels."""
    lengths = []
    for name in ("chapters/fitting/replication", PAGE):
        with reader(chromium) as visit:
            page = visit.open(f"{book_address}{name}.html")
            loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
            assert any("Book Serif" in family for family in loaded)
            step = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.bd-article p')).lineHeight)")
            # The last line is on average half full.
            lengths += [letters / (height / step - 0.5) for letters, height in page.evaluate(LINES)]
    assert len(lengths) > 5 and 65 <= sum(lengths) / len(lengths) <= 72


def test_nothing_moves_when_the_face_arrives(chromium, book_address):
    """Text set in the stand-in is as long as in the face, within 3%: so no paragraph below it jumps far."""
    heights = {}
    for refused in (False, True):
        with reader(chromium) as visit:
            if refused:
                visit.page.route("**/book-serif*.woff2", lambda route: route.abort())
            page = visit.open(f"{book_address}{PAGE}.html")
            paragraphs = (
                "[...document.querySelectorAll('.bd-article > section p')].reduce((sum, p) => sum + p.offsetHeight, 0)"
            )
            heights[refused] = page.evaluate(paragraphs)
    assert heights[True] == pytest.approx(heights[False], rel=0.03)
