"""Every page of the built book in a real browser: silent, readable by all, wide and narrow, light and dark."""

import pytest

from tests.browser import CHAPTERS, SETTLED, reader

pytest_plugins = ["tests.browser"]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PAGES = [*CHAPTERS, "genindex", "py-modindex", "search"]
# Light on the one width and dark on the other, in turn from page to page: what all pages share is seen in all four,
# what is a page's own in both widths and both colours. All four on every page took about three minutes of a core more.
TURNS = (((1200, "light"), (390, "dark")), ((1200, "dark"), (390, "light")))

# What axe-core finds and we cannot mend: (rule, page, part of the element's source) -> why it stays.
# An entry that is no longer found fails its test.
KNOWN_FAULTS = {}

# Of elements that look alike (colour, size, weight, and what lies behind them), contrast is measured on two:
# axe-core takes half a minute for all the words of code on the page of the library.
LOOKS = """(() => {
  const grounds = new Map(), looks = new Map();
  const ground = element => {
    if (!element) return "";
    if (!grounds.has(element)) {
      const style = getComputedStyle(element);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity].join();
      const below = ground(element.parentElement);
      grounds.set(element, own === "rgba(0, 0, 0, 0),none,1" ? below : own + below);
    }
    return grounds.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!speaks && !element.matches("input, select, textarea")) continue;
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const style = getComputedStyle(element), kind = element.closest("a, button, svg")?.localName;
    const look = [style.color, style.fill, style.fontSize, style.fontWeight, ground(element), kind].join("|");
    const alike = looks.get(look) ?? [];
    if (alike.length < 2) looks.set(look, [...alike, element]);
  }
  return [...looks.values()].flat();
})()"""


@pytest.fixture(scope="module")
def survey(chromium, book_address):
    """What was seen on a page, wide and narrow, light and dark; it is opened once for all tests."""
    seen = {}

    def look(name):
        if name not in seen:
            faults, found, widths = [], set(), {}
            for width, scheme in TURNS[PAGES.index(name) % 2]:
                with reader(chromium, width=width, scheme=scheme) as visit:
                    page = visit.open(f"{book_address}{name}.html")
                    assert page.evaluate("document.documentElement.dataset.theme") == scheme
                    # The theme makes what scrolls reachable by keyboard 300 ms after the page is there.
                    page.evaluate(SETTLED)
                    widths[width] = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
                    found.update(visit.axe(without=["color-contrast"]))
                    found.update(visit.axe(["color-contrast"], within=LOOKS))
                    faults += visit.faults()
            seen[name] = faults, found, widths
        return seen[name]

    return look


@pytest.mark.parametrize("name", PAGES)
def test_nothing_goes_wrong_on_a_page(survey, name):
    """A page opens, wide and narrow, without a word on the console, a failed request or another host."""
    faults, _, _ = survey(name)
    assert faults == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(survey, name):
    """axe-core finds on a page, wide and narrow, light and dark, what is listed above and nothing else."""
    _, found, _ = survey(name)
    listed = {key for key in KNOWN_FAULTS if key[1] == name}
    excused = {key: [one for one in found if one[0] == key[0] and key[2] in one[1]] for key in listed}
    assert found - {one for group in excused.values() for one in group} == set()
    stale = [key for key, group in excused.items() if not group]
    assert stale == [], "listed, but no longer found: take it off the list"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_telephone(survey, name):
    """At 390 pixels nothing makes the page wider than its window."""
    _, _, widths = survey(name)
    for wide, window in widths.values():
        assert wide <= window


def test_axe_would_find_a_fault(chromium, book_address):
    """Faults put into a page by hand are found: one of structure, one of contrast in light and in dark."""
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}intro.html")
        page.evaluate("""document.querySelector("article p").insertAdjacentHTML("beforebegin",
            '<p style="color: #777">grey</p><button></button>')""")
        assert {rule for rule, _ in visit.axe(without=["color-contrast"])} == {"button-name"}
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html")).to_have_attribute("data-theme", scheme)
            found = visit.axe(["color-contrast"], within=LOOKS)
            assert [rule for rule, where in found if "grey" in where] == ["color-contrast"]


def test_a_visit_notes_what_goes_wrong(chromium, book_address):
    """A request to another host, a missing file, a warning, an error: each is noted, so silence counts."""
    # The policy of the page would refuse the other host before it is asked.
    with reader(chromium, bypass_csp=True) as visit:
        page = visit.open(f"{book_address}intro.html")
        assert visit.faults() == []
        page.evaluate("""async () => {
            await fetch("https://example.org/").catch(() => 0);
            await fetch("nothing-here.json");
            console.warn("beware");
            setTimeout(() => { throw new Error("broken"); });
            await new Promise(done => setTimeout(done, 100));
        }""")
        noted = " ".join(visit.faults())
    for words in (
        "asked another host: https://example.org/",
        "nothing-here.json: 404",
        "warning: beware",
        "script error: broken",
    ):
        assert words in noted


def test_a_page_runs_no_script_that_is_not_its_own(chromium, book_address):
    """A script, a handler or a picture from elsewhere put into a page is refused by the page's own policy."""
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}intro.html")
        refused = page.evaluate("""async () => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<b onclick='window.ran = true'>x</b>");
            document.body.lastChild.click();
            document.body.insertAdjacentHTML("beforeend", "<img src='https://example.org/a.png' alt=''>");
            await fetch("https://example.org/").catch(() => 0);
            await new Promise((done) => setTimeout(done, 100));
            return [window.ran === true, refused.sort()];
        }""")
    assert refused == [False, ["connect-src", "img-src", "script-src-attr", "script-src-elem"]]


def test_a_page_opened_from_the_folder_works_too(chromium, built_book):
    """Without a server, the policy lets the files of the book through: a live figure follows its slider."""
    with reader(chromium) as visit:
        page = visit.open((built_book / "intro.html").as_uri())
        figure = page.locator("figure.explorer").first
        assert figure.locator("input[type=range]").count() > 0
        assert [fault for fault in visit.faults() if not fault.startswith("asked another host: file:")] == []


@pytest.mark.parametrize("word", ["__proto__", "constructor", "toString valueOf", "hasOwnProperty", "loss"])
def test_any_word_can_be_searched_for(chromium, book_address, word):
    """The search ends for each word, also for those that every object of JavaScript knows."""
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}search.html?q={word}")
        expect(page.locator("#search-results h2")).to_have_text("Search Results")
        assert word != "loss" or page.locator("#search-results li").count() > 0
        assert visit.faults() == []


def test_the_button_prints_the_page(chromium, book_address):
    """The theme's button for print works, though scripts in attributes are refused."""
    with reader(chromium) as visit:
        visit.page.add_init_script("window.print = () => { window.printed = true; }")
        page = visit.open(f"{book_address}intro.html")
        page.evaluate("document.querySelector('.btn-download-pdf-button').click()")
        assert page.evaluate("window.printed")
        assert visit.faults() == []
