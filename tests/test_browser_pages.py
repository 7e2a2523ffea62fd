"""Every page of the built book in a real browser: silent, readable by all, wide and narrow, light and dark."""

import contextlib
import io

import pikepdf
import pytest

from tests.browser import CHAPTERS, SETTLED, reader, sheets

pytest_plugins = ["tests.browser"]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PAGES = [*CHAPTERS, "genindex", "py-modindex", "search"]
# The pages of the library's modules are of one make: one stands for all where a page is gone through slowly.
SLOWLY = [name for name in CHAPTERS if "/api/" not in name or name.endswith("/laws")]
# A page is opened twice: wide and narrow, light on the one width and dark on the other, in turn from page to page.
# axe-core, the slowest part, looks at one of the two. What all pages share is so seen in all four ways, what is a
# page's own in one; the figures with their answers shown are looked at in the other.
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


# Run in the page before any Tab: each element that takes the focus is noted with what shows that it has it.
# What stands before the header is alike on all pages: asked so, Tab begins after it.
FOLLOW = """(whole) => {
  window.reached = new Map();
  const shadow = element => getComputedStyle(element).boxShadow;
  const own = "article, .bd-header-article";
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.wanted = [...document.querySelectorAll(own)]
    .flatMap(part => [...part.querySelectorAll(wanted)])
    .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}));
  const calm = new Map(window.wanted.map(e => [e, shadow(e)]));
  // A gloss is gone through anew with each link that has it.
  const again = [...document.querySelectorAll("a.glossed")]
    .map(link => document.getElementById(link.getAttribute("aria-describedby")).querySelectorAll("a").length);
  if (!whole) {
    const first = document.querySelector(own);
    first.tabIndex = -1;
    first.focus();
  }
  document.addEventListener("focusin", event => {
    const e = event.target, style = getComputedStyle(e);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    window.reached.set(e, ring || (shadow(e) !== "none" && shadow(e) !== calm.get(e)));
  });
  const ahead = whole ? [...document.querySelectorAll(wanted)] : window.wanted;
  return ahead.length + again.reduce((sum, more) => sum + more, 0);
}"""
OUTCOME = """() => {
  const say = e => e.outerHTML.slice(0, 120);
  const alike = e => e.type === "radio" ? [...document.getElementsByName(e.name)] : [e];
  return [window.wanted.filter(e => !alike(e).some(one => window.reached.has(one))).map(say),
          [...window.reached].filter(([e, seen]) => !seen).map(([e]) => say(e)), window.wanted.length];
}"""

TITLE = """() => {
  const heading = document.querySelector("article h1").cloneNode(true);
  heading.querySelectorAll(".headerlink").forEach(link => link.remove());
  return heading.textContent.trim();
}"""
PRINTED = """() => [
  getComputedStyle(document.querySelector("article p")).color,
  getComputedStyle(document.body).backgroundColor,
  document.documentElement.scrollWidth,
  [".bd-sidebar-primary", ".bd-sidebar-secondary", ".article-header-buttons", "#pst-back-to-top",
   ".prev-next-footer"].filter(part => document.querySelector(part)?.checkVisibility())]"""
LOW = """[...document.querySelectorAll(
    '.explorer-live button, .explorer-live input, .explorer-live fieldset span'
  )].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)"""
FIGURES = "[...document.querySelectorAll('figure.explorer')]"


def by_keyboard(page, *, whole):
    """Go through a page with Tab alone: what was missed, what showed no focus, and how many there are."""
    for _ in range(page.evaluate(FOLLOW, whole) + 1):
        page.keyboard.press("Tab")
    return page.evaluate(OUTCOME)


def on_paper(page):
    """Print a page from the dark: its title, the outline's first, what each sheet holds, and what it looks like."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 794, "height": 900})
    written = page.pdf(format="A4", tagged=True, outline=True)
    blank = page.evaluate("[...document.images].filter(one => !one.naturalWidth).map(one => one.src)")
    page.emulate_media(media="print")
    with pikepdf.open(io.BytesIO(written)) as paper, paper.open_outline() as outline:
        return page.evaluate(TITLE), outline.root[0].title, sheets(paper), blank, page.evaluate(PRINTED)


def with_answers(visit):
    """Show the answers of a page's live figures: what axe-core finds in them, and what is too low for a finger."""
    for button in visit.page.locator("figure.explorer form.guess button").all():
        button.click()
    return visit.axe(within=FIGURES), visit.page.evaluate(LOW)


@pytest.fixture(scope="module")
def windows(chromium):
    """A window for each width and wish for light or dark, kept for all pages: to open one takes a second and more."""
    with contextlib.ExitStack() as opened:
        yield {
            turn: opened.enter_context(reader(chromium, width=turn[0], scheme=turn[1]))
            for turn in {*TURNS[0], *TURNS[1]}
        }


@pytest.fixture(scope="module")
def survey(windows, book_address):
    """What was seen on a page, wide and narrow, by keyboard, in its figures and on paper; gathered once for all."""
    seen = {}

    def look(name):
        if name in seen:
            return seen[name]
        turn, facts = PAGES.index(name), {"faults": [], "widths": {}, "low": []}
        for width, scheme in TURNS[turn % 2]:
            visit = windows[width, scheme]
            page = visit.open(f"{book_address}{name}.html", afresh=True)
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            # The theme makes what scrolls reachable by keyboard 300 ms after the page is there.
            page.evaluate(SETTLED)
            facts["widths"][width] = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            slowly, for_axe = name in SLOWLY, (width == 1200) == (turn % 4 < 2)
            if for_axe and (slowly or name not in CHAPTERS):
                facts["axe"] = {*visit.axe(without=["color-contrast"]), *visit.axe(["color-contrast"], within=LOOKS)}
            if slowly and width == 1200:
                facts["keyboard"] = by_keyboard(page, whole=not turn % 8)
            if slowly and not for_axe:
                facts["figures"], facts["low"] = with_answers(visit)
                facts["widths"][f"{width} with answers"] = page.evaluate(
                    "[document.documentElement.scrollWidth, innerWidth]"
                )
            if slowly and width == 390:
                facts["paper"] = on_paper(page)
                page.emulate_media(media="screen", color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
            facts["faults"] += visit.faults()
        seen[name] = facts
        return facts

    return look


@pytest.mark.parametrize("name", PAGES)
def test_nothing_goes_wrong_on_a_page(survey, name):
    """A page opens, wide and narrow, without a word on the console, a failed request or another host."""
    assert survey(name)["faults"] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_telephone(survey, name):
    """At 390 pixels nothing makes the page wider than its window, before and after its figures are opened."""
    for wide, window in survey(name)["widths"].values():
        assert wide <= window


@pytest.mark.parametrize("name", [name for name in PAGES if name in SLOWLY or name not in CHAPTERS])
def test_axe_finds_nothing(survey, name):
    """axe-core finds on a page, wide or narrow, light or dark, what is listed above and nothing else."""
    found = survey(name)["axe"]
    listed = {key for key in KNOWN_FAULTS if key[1] == name}
    excused = {key: [one for one in found if one[0] == key[0] and key[2] in one[1]] for key in listed}
    assert found - {one for group in excused.values() for one in group} == set()
    stale = [key for key, group in excused.items() if not group]
    assert stale == [], "listed, but no longer found: take it off the list"


@pytest.mark.parametrize("name", SLOWLY)
def test_open_figures_are_for_everyone(survey, name):
    """With the answers shown axe-core finds nothing in a page's figures, and what one presses is 44 px high."""
    assert survey(name)["figures"] == [] and survey(name)["low"] == []


@pytest.mark.parametrize("name", SLOWLY)
def test_the_keyboard_reaches_everything(survey, name):
    """Tab alone reaches every link, button and field of header and article; each shows when it has focus."""
    missed, unseen, wanted = survey(name)["keyboard"]
    assert wanted > 3
    assert missed == []
    assert unseen == []


@pytest.mark.parametrize("name", SLOWLY)
def test_a_page_prints(survey, name):
    """Printed from dark mode, a page has its title, no blank sheet, nothing too wide, dark ink on white."""
    title, first, drawn, blank, (ink, ground, wide, shown) = survey(name)["paper"]
    # Chromium joins the two words between which a title is broken into lines.
    assert "".join(first.split()) == "".join(title.split())
    assert blank == [], "a picture was not fetched for print"
    assert drawn and all(text or pictures for text, pictures in drawn)
    assert (ink, ground) == ("rgb(35, 39, 46)", "rgb(255, 255, 255)")
    assert wide <= 794 and shown == []


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
        if word == "loss":  # the results come one by one
            expect(page.locator("#search-results li").first).to_be_visible()
        assert visit.faults() == []


def test_the_button_prints_the_page(chromium, book_address):
    """The theme's button for print works, though scripts in attributes are refused."""
    with reader(chromium) as visit:
        visit.page.add_init_script("window.print = () => { window.printed = true; }")
        page = visit.open(f"{book_address}intro.html")
        page.evaluate("document.querySelector('.btn-download-pdf-button').click()")
        assert page.evaluate("window.printed")
        assert visit.faults() == []
