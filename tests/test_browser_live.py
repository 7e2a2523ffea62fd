"""The live figures of the built book in a real browser: by keyboard and by pointer they say what the library says."""

import re
from urllib.parse import parse_qsl

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.controls import Choice, Pick
from tests.browser import ROOT, reader

pytest_plugins = ["tests.browser"]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

# A number with a power of ten, whose mantissa is left out where it is one.
POWER = re.compile(r"(?:(\d+(?:\.\d+)?) × )?\b10(\d\d)\b")
NUMBER = re.compile("[+\N{MINUS SIGN}]?\\d[\\d,]*(?:\\.\\d+)?")
CELL = re.compile(r"\bexplore\.figure\(\s*(?:sl\.)?explore\.(\w+)")


def figures_in_chapters():
    """Pairs of a page's name and the function of a live figure on it, as the notebooks call them."""
    found = []
    for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
        page = path.relative_to(ROOT).with_suffix("").as_posix()
        found += [(page, name) for name in dict.fromkeys(CELL.findall(path.read_text(encoding="utf-8")))]
    return found


FIGURES = figures_in_chapters()
PAGES = sorted({page for page, _ in FIGURES})


def _power(mantissa, exponent):
    return float(mantissa or 1) * 10.0 ** int(exponent)


def _unit(mantissa, exponent):
    """What the last digit of such a number is worth; one digit after the point where there is none."""
    return 10.0 ** (int(exponent) - max(1, len(mantissa.partition(".")[2])))


class OnPage:
    """One live figure on an open page."""

    def __init__(self, page, function):
        self.page, self.scene = page, sl.explore.figure(function).scene
        self.function, self.name = function, self.scene.description.name
        self.host = page.locator(f"figure#{self.name} .explorer-live")
        self.host.wait_for()

    def show(self):
        """Reveal without a guess."""
        self.host.locator("form.guess button").click()

    def said(self):
        """The sentence, as a reader sees it."""
        return self.host.locator(".said:visible").text_content()

    def setting(self, *, rested=True):
        """The setting of the controls; the page's address has to say the same once the hand has rested."""
        if self.scene.spec.get("pick"):  # no input holds the rows: the setting is what the address says
            self.page.wait_for_timeout(600)
            return self.address() or self.scene.setting(self.scene.start)
        places = self.host.evaluate(
            "(host) => [...host.querySelectorAll('[data-control]')].filter((e) => e.type !== 'radio' || e.checked)"
            ".map((e) => [Number(e.dataset.control), Number(e.value)])"
        )
        shown = self.scene.setting([step for _, step in sorted(places)])
        for _ in range(1200):
            if not rested or self.address() == shown:
                return shown
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the controls stand at {shown}, the address says {self.page.evaluate('location.hash')}")

    def address(self):
        """The setting in the page's address, or None."""
        name, _, query = self.page.evaluate("location.hash").partition("?")
        if name != f"#{self.name}":
            return None
        given, setting = dict(parse_qsl(query.replace("+", "%2B"))), {}
        for name, control in self.scene.controls.items():
            if isinstance(control, Choice):
                setting[name] = next(key for key in control.options if str(key) == given[name])
            elif isinstance(control, Pick):
                setting[name] = control.at([int(row) for row in re.findall(r"\d+", given.get(name, ""))])
            else:
                setting[name] = control.at(control.nearest(float(given[name])))
        return setting

    def agrees(self):
        """Whether the sentence is the function's at the setting of the controls, to the last printed digit."""
        setting, seen = self.setting(rested=False), self.said()
        wanted = str(self.function(**setting)["say"]).replace("^", "")
        for left, right in zip(POWER.findall(seen), POWER.findall(wanted), strict=True):
            apart, unit = abs(_power(*left) - _power(*right)), max(_unit(*left), _unit(*right))
            assert apart <= unit * 1.001, f"{seen} for {wanted} at {setting}"
        seen, wanted = (POWER.sub("a power", words) for words in (seen, wanted))
        assert NUMBER.sub("#", seen) == NUMBER.sub("#", wanted), f"at {setting}"
        for left, right in zip(NUMBER.findall(seen), NUMBER.findall(wanted), strict=True):
            digits = len(right.split(".")[1]) if "." in right else 0
            unit = 10.0**-digits
            if not digits and (zeros := len(right) - len(right.rstrip("0,"))):
                unit = 10.0 ** right[-zeros:].count("0")
            apart = abs(_value(left) - _value(right))
            assert apart <= unit * 1.001, f"{seen} for {wanted} at {setting}"


def _value(text):
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


@pytest.fixture(scope="module")
def visit(chromium, book_address):
    """One open page for each section, kept for all tests of a figure."""
    with reader(chromium, width=1200) as seen:
        yield (
            lambda page, place="": (seen.page.goto("about:blank"), seen.open(f"{book_address}{page}.html{place}"))[1],
            seen,
        )


def test_every_figure_stands_in_the_book():
    """Every live figure stands on one page: in a section, or set into a page of words."""
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "intro.md", *(ROOT / "chapters").rglob("*.md"))]
    directives = [name for text in pages for name in re.findall(r"^`{3,}\{live-figure\} (\w+)", text, re.MULTILINE)]
    assert sorted([*directives, *(name for _, name in FIGURES)]) == list(sl.explore.figures.NAMES)


@pytest.mark.parametrize(("page", "name"), FIGURES)
def test_a_figure_answers_to_keys_and_pointer(visit, page, name):
    """Guess, arrows, page keys, a click on the track, another choice, reset:
    each time the sentence is the library's.
    """
    open_page, seen = visit
    figure = OnPage(open_page(page), getattr(sl.explore, name))
    host, keys = figure.host, figure.page.keyboard
    guess = host.locator("form.guess input").first
    before = host.locator(".stage").inner_html()
    assert figure.host.locator(".said").text_content() == "", "the answer stands there before the guess"
    guess.focus()
    keys.press("ArrowRight" if guess.get_attribute("type") == "range" else "Space")
    keys.press("Enter")
    if host.locator("form.guess").is_visible():
        figure.show()
    verdict = host.locator(".verdict").text_content()
    assert "You said" in verdict and figure.scene.description.predict.why in verdict
    assert host.locator(".stage").inner_html() != before
    assert figure.said() == str(figure.function(**figure.scene.description.defaults)["say"]).replace("^", "")

    for slider in host.locator(".controls input[type=range]").all():
        start = slider.input_value()
        slider.focus()
        keys.press("Home" if start != "0" else "End")
        assert slider.input_value() != start
        figure.agrees()
        keys.press("PageUp" if start != "0" else "PageDown")
        keys.press("ArrowRight" if slider.input_value() == "0" else "ArrowLeft")
        figure.agrees()
        box = slider.bounding_box()
        figure.page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
        figure.agrees()
    figure.setting()
    picks = {key: control for key, control in figure.scene.controls.items() if isinstance(control, Pick)}
    for name, pick in picks.items():
        more, order = host.locator(".controls button.more"), figure.scene.spec["pick"]["order"]
        more.click()
        more.click()
        assert figure.setting()[name] == tuple(sorted(order[:2]))
        host.locator(".stage").focus()
        keys.press("ArrowRight")
        keys.press("Enter")
        (kept,) = figure.setting()[name]
        assert kept in order[:2] and pick.leave in host.locator(".read").text_content()
        figure.agrees()
        marker = host.locator(".stage .rival.dot, .stage path.rival").first.bounding_box()
        figure.page.mouse.click(marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2)
        assert figure.setting()[name] == ()
        figure.agrees()
    for button in host.locator(".controls input[type=radio]").all():
        button.focus()
        keys.press("Space")
        figure.agrees()
    host.locator("button.reset").click()
    figure.agrees()
    assert figure.setting() == {**figure.scene.setting(figure.scene.start)}
    assert not seen.faults()


def test_values_are_read_off_under_the_pointer_and_by_arrows(visit):
    """Over the picture, and with arrow keys on it, the curve's value is written:
    the function's, to the digits shown.
    """
    open_page, _ = visit
    page, name = next(pair for pair in FIGURES if pair[1] == "doubling")
    figure = OnPage(open_page(page), getattr(sl.explore, name))
    figure.show()
    stage, read = figure.host.locator(".stage"), figure.host.locator(".read")
    picture = figure.scene.picture(figure.scene.start)
    layer = next(layer for layer in figure.scene.spec["layers"] if layer.get("read"))
    curve = picture["curves"][figure.scene.slots[layer["x"]].name.split(".")[1]]
    seen = set()
    box = stage.bounding_box()
    for act in (
        lambda: figure.page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 90),
        lambda: (figure.page.mouse.move(5, 5), stage.focus(), figure.page.keyboard.press("ArrowRight")),
    ):
        act()
        x, y = (
            _value(text)
            for text in re.findall(r"(?:compute|loss) ([\d.]+(?:e\d+)?)", read.text_content().replace(" × 10", "e"))
        )
        assert y == pytest.approx(np.interp(np.log(x), np.log(curve["x"]), curve["y"]), rel=0.01)
        seen.add(x)
    assert len(seen) == 2
    stage.blur()
    assert read.text_content() == ""


@pytest.mark.parametrize("page", PAGES)
def test_an_address_carries_the_setting(visit, page):
    """A link with a setting opens it there, without a guess; the live sentence for listeners says the same."""
    open_page, _ = visit
    name = next(function for where, function in FIGURES if where == page)
    function = getattr(sl.explore, name)
    scene = sl.explore.figure(function).scene
    picks = {key: (3, 7, control.rows - 1) for key, control in scene.controls.items() if isinstance(control, Pick)}
    ends = {key: picks.get(key) or control.at(control.computed[-1]) for key, control in scene.controls.items()}
    query = "&".join(
        f"{key}={'.'.join(map(str, value))}"
        if key in picks
        else f"{key}={value}"
        if isinstance(scene.controls[key], Choice)
        else f"{key}={value:g}"
        for key, value in ends.items()
    )
    figure = OnPage(open_page(page, f"#{scene.description.name}?{query}"), function)
    assert not figure.host.locator("form.guess").is_visible()
    figure.agrees()
    assert figure.setting() == ends
    expect(figure.host.get_by_role("status")).to_have_text(re.compile(".{20}"))


def test_a_figure_waits_for_its_program(chromium, book_address):
    """Over a slow line the program of a figure comes long after the page; the figure comes alive none the less."""
    with reader(chromium) as slow:
        late = []
        slow.page.route("**/buy_runs.js*", lambda route: late.append(route))
        slow.page.goto(f"{book_address}chapters/capstone/planning-a-run.html", wait_until="commit")
        for _ in range(20):  # the page has nothing to do meanwhile: its idle moments pass
            slow.page.wait_for_timeout(100)
        assert late and not slow.page.locator("figure#live-buy-runs .explorer-live").is_visible()
        late[0].continue_()
        slow.page.locator("figure#live-buy-runs .explorer-live").wait_for()


@pytest.mark.parametrize("page", PAGES[::6])
def test_a_page_without_scripts_and_paper_show_the_default(chromium, book_address, page):
    """Without JavaScript, and on paper in the dark, there are the default picture, its sentence and its setting.

    All figures have one style sheet and one script: a few stand for them.
    """
    name = next(function for where, function in FIGURES if where == page)
    scene = sl.explore.figure(getattr(sl.explore, name)).scene
    with reader(chromium, java_script_enabled=False) as quiet:
        host = quiet.page.locator(f"figure#{scene.description.name}")
        quiet.page.goto(f"{book_address}{page}.html")
        assert (
            host.locator(".explorer-default svg.picture").is_visible()
            and not host.locator(".explorer-live").is_visible()
        )
    with reader(chromium, width=1000, scheme="dark") as paper:
        sheet = paper.open(f"{book_address}{page}.html")
        OnPage(sheet, getattr(sl.explore, name)).show()
        sheet.emulate_media(media="print")
        host = sheet.locator(f"figure#{scene.description.name}")
        assert host.locator(".explorer-default svg.picture").is_visible() and host.locator(".setting").is_visible()
        assert not host.locator(".explorer-live").is_visible()
        assert host.evaluate("host => getComputedStyle(host).getPropertyValue('--law').trim()") == "#1832d1"
