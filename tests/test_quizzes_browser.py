"""Quizzes in a real browser: by keyboard and by pointer, spoken, kept, cleared, printed, and without scripts."""

import pytest

from tests.browser import reader, serve
from tests.test_quizzes import built  # noqa: F401 (a fixture is asked for by name)

pytest_plugins = ["tests.browser"]


@pytest.fixture(scope="module")
def address(built):  # noqa: F811
    """The small quiz, served as a page of a site."""
    with serve(built) as start:
        yield f"{start}page.html"


@pytest.fixture
def opened(chromium, address):
    """The page in a browser with storage of its own; nothing may go wrong on it."""
    with reader(chromium, width=390) as visit:
        page = visit.open(address)
        yield page
        assert visit.faults() == []


def question(page, name):
    return page.locator(f"#quiz-{name}")


def spoken(page, name):
    return " ".join(question(page, name).get_by_role("status").inner_text().split())


def test_a_choice_by_keyboard(opened):
    """Tab, arrows and the space bar answer a question; what belongs to the choice is said in a polite live region."""
    first = question(opened, "choose").get_by_role("radio").first
    first.focus()
    opened.keyboard.press("Space")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Check"
    opened.keyboard.press("Enter")
    assert spoken(opened, "choose") == "✗ Not this one. It is not, because of something on two lines."
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("ArrowDown")
    assert spoken(opened, "choose") == ""
    opened.keyboard.press("Enter")
    assert spoken(opened, "choose") == "✓ Right. It is."
    region = question(opened, "choose").get_by_role("status")
    assert region.get_attribute("aria-live") in (None, "polite")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9.1", "✓ Right. Yes."),
        ("9.05 billion", "✓ Right. Yes."),
        ("8.86", "✗ Not this one. Try again."),
        ("22.5", "✗ Not this one. You forgot the 6."),
        ("9×10^9", "✗ Not this one. In billions, please."),
        ("9,000,000,000", "✗ Not this one. In billions, please."),
    ],
)
def test_a_number(opened, typed, said):
    """A number within the tolerance is right, a known mistake is named, anything else gets the general word."""
    box = question(opened, "type").get_by_role("textbox", name="Your answer billion")
    box.fill(typed)
    box.press("Enter")
    assert spoken(opened, "type") == said


def test_what_cannot_be_checked(opened):
    """Nothing chosen, nothing typed and words that are no number are told apart from a wrong answer, and not kept."""
    question(opened, "choose").get_by_role("button").click()
    assert spoken(opened, "choose") == "Choose an answer first."
    question(opened, "type").get_by_role("button").click()
    assert spoken(opened, "type") == "Type a number first."
    question(opened, "type").get_by_role("textbox").fill("nine")
    question(opened, "type").get_by_role("button").click()
    assert spoken(opened, "type").startswith("This cannot be read as one number.")
    assert opened.evaluate("localStorage.length") == 0


def test_answers_are_hidden_until_one_is_given(opened):
    """The list of answers is not there before the first check of its question, and the key for print never is."""
    answers = opened.locator(".quiz-answers")
    assert not answers.nth(0).is_visible() and not opened.locator(".quiz-key").is_visible()
    question(opened, "choose").get_by_text("The first one.").click()
    question(opened, "choose").get_by_role("button").click()
    assert answers.nth(0).is_visible() and not answers.nth(1).is_visible()


def test_answers_are_kept_and_cleared(opened):
    """A reload finds the answers where they were left; Clear takes them from the page and from the browser."""
    question(opened, "choose").get_by_text("The second").click()
    question(opened, "choose").get_by_role("button").click()
    question(opened, "type").get_by_role("textbox").fill("22.7")
    question(opened, "type").get_by_role("textbox").press("Enter")
    opened.reload()
    assert spoken(opened, "choose") == "✓ Right. It is."
    assert spoken(opened, "type") == "✗ Not this one. You forgot the 6."
    assert question(opened, "choose").get_by_role("radio").nth(1).is_checked()
    assert question(opened, "type").get_by_role("textbox").input_value() == "22.7"
    assert "kept in this browser only" in opened.locator(".quiz-kept").inner_text()
    opened.get_by_role("button", name="Clear my answers").click()
    assert opened.evaluate("localStorage.length") == 0
    for _ in range(2):
        assert spoken(opened, "choose") == spoken(opened, "type") == ""
        assert not question(opened, "choose").get_by_role("radio").nth(1).is_checked()
        assert question(opened, "type").get_by_role("textbox").input_value() == ""
        opened.reload()


def test_an_answer_to_other_words_is_forgotten(opened):
    """An answer kept for a question that has been rewritten since is not shown as an answer to the new one."""
    question(opened, "choose").get_by_text("The second").click()
    question(opened, "choose").get_by_role("button").click()
    opened.evaluate("""() => { const key = localStorage.key(0);
        localStorage.setItem(key, localStorage.getItem(key).replace(/"[0-9a-f]{8}"/, '"00000000"')); }""")
    opened.reload()
    assert spoken(opened, "choose") == "" and not question(opened, "choose").get_by_role("radio").nth(1).is_checked()


@pytest.mark.parametrize("kept", ['{"quiz-type": 5}', "5", '{"quiz-choose": ["MARK", "z"]}', '["quiz-choose"]'])
def test_a_quiz_stands_whatever_its_storage_holds(opened, kept):
    """Each question keeps its button and its answers, though something else was put into its storage."""
    mark = opened.locator("#quiz-choose").get_attribute("data-mark")
    key = "quiz " + opened.locator(".quiz").get_attribute("data-quiz")
    opened.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [key, kept.replace("MARK", mark)])
    opened.reload()
    assert opened.get_by_role("button", name="Check").count() == 2
    question(opened, "choose").get_by_text("The second").click()
    question(opened, "choose").get_by_role("button").click()
    assert spoken(opened, "choose") == "✓ Right. It is."


def test_a_browser_that_keeps_nothing(chromium, address):
    """Where storage is refused the quiz works and says that answers are gone with the page."""
    with reader(chromium) as visit:
        # Only to the quiz: the theme's own scripts would stumble too, and that is not asked here.
        visit.page.add_init_script("""for (const name of ["getItem", "setItem"]) {
            const real = Storage.prototype[name];
            Storage.prototype[name] = function (key, ...rest) {
                if (key.startsWith("quiz ")) throw new Error("refused");
                return real.call(this, key, ...rest);
            };
        }""")
        page = visit.open(address)
        question(page, "choose").get_by_text("The second").click()
        question(page, "choose").get_by_role("button").click()
        assert spoken(page, "choose") == "✓ Right. It is."
        assert "keeps no answers" in page.locator(".quiz-kept").inner_text()
        assert visit.faults() == []


def test_room_for_fingers_and_for_eyes(opened):
    """At 390 pixels nothing sticks out, targets are 44 pixels high, and the focus has a ring of 3 pixels."""
    question(opened, "choose").get_by_text("The first one.").click()
    question(opened, "choose").get_by_role("button").click()
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    for target in opened.locator(".quiz button, .quiz-choice, .quiz-entry input, .quiz summary:visible").all():
        assert target.bounding_box()["height"] >= 44, target
    for target in (
        question(opened, "type").get_by_role("textbox"),
        opened.get_by_role("button", name="Clear my answers"),
    ):
        target.focus()
        opened.keyboard.press("Tab")
        opened.keyboard.press("Shift+Tab")
        assert target.evaluate("element => getComputedStyle(element).outlineWidth") == "3px"


def test_print_has_questions_and_a_key(opened):
    """On paper stand the questions and one line of answers, whatever was answered on the screen."""
    question(opened, "choose").get_by_text("The first one.").click()
    question(opened, "choose").get_by_role("button").click()
    opened.emulate_media(media="print")
    assert opened.get_by_text("Which of these is it?").is_visible()
    assert opened.locator(".quiz-key").inner_text() == "Answers: 1: b; 2: 9.05 billion."
    for name in (".quiz-answers", ".quiz-feedback", ".quiz-check", ".quiz-kept"):
        assert not any(element.is_visible() for element in opened.locator(name).all()), name


def test_without_scripts(chromium, address):
    """Without scripts the questions can be read, and each one's answers open below it."""
    with reader(chromium, java_script_enabled=False) as visit:
        page = visit.page
        page.goto(address)
        assert page.get_by_text("Which of these is it?").is_visible()
        said = page.get_by_text("You forgot the 6.")
        assert not said.is_visible()
        page.locator("summary").nth(1).click()
        assert said.is_visible()
        assert page.get_by_role("button").count() == 0


def test_axe_finds_nothing(chromium, address):
    """axe-core finds nothing in a quiz, neither before nor after answers."""
    with reader(chromium) as visit:
        page = visit.open(address)
        assert visit.axe(within="document.querySelectorAll('.quiz')") == []
        question(page, "choose").get_by_text("The first one.").click()
        question(page, "choose").get_by_role("button").click()
        page.locator("summary:visible").click()
        assert visit.axe(within="document.querySelectorAll('.quiz')") == []
