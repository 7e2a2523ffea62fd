"""Quizzes in the page: the directive that reads one beside its chapter, and the HTML for its script."""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from scalinglib.classroom import QuestionError, read_questions

logger = logging.getLogger(__name__)

STYLE, SCRIPT = "quiz/quiz.css", "quiz/quiz.js"
RIGHT, WRONG = ("✓", "Right."), ("✗", "Not this one.")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class quiz(nodes.General, nodes.Element):
    """All questions of one file."""


class quiz_question(nodes.General, nodes.Element):
    """A question: its context, a legend, ways to answer, what is said to each answer."""


class quiz_part(nodes.General, nodes.Element):
    """A piece of a question; `open` and `close` are the HTML around its children."""


class QuizDirective(SphinxDirective):
    """The questions of a file beside the chapter; without an argument, of the file named after the chapter.

    The content is for those who read the chapter in a notebook, where the directive is not carried out.
    """

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        """Read the file; what is wrong in it is a warning, which stops the build."""
        chapter = Path(self.env.doc2path(self.env.docname))
        path = chapter.with_name(self.arguments[0] if self.arguments else f"{chapter.stem}.quiz.txt")
        self.env.note_dependency(str(path))
        if not path.is_file():
            logger.warning("no such quiz beside the chapter: %s", path.name, location=self.get_location())
            return []
        try:
            return [self.whole(read_questions(path), path)]
        except QuestionError as error:
            logger.warning("%s", error.said, location=f"{path}:{error.line}", type="quiz")
            return []

    def whole(self, text, path):
        """The quiz as one node, its key for print at the end."""
        made = quiz(ids=[f"quiz-{path.name.partition('.')[0]}"], name=f"{self.env.docname}/{path.name}")
        for number, question in enumerate(text.questions, 1):
            made += self.question(question, number, len(text.questions), path)
        key = piece('<p class="quiz-key">Answers: ', "</p>\n")
        for number, question in enumerate(text.questions, 1):
            place, option = next((at, o) for at, o in enumerate(question.options) if o.right)
            key += nodes.Text(f"{'; ' if number > 1 else ''}{number}: ")
            key += nodes.Text(LETTERS[place]) if option.text else amount(option.number.written, question.unit)
        key += nodes.Text(".")
        made += key
        return made

    def question(self, question, number, count, path):
        """One question."""
        if question.kind not in ("choice", "number"):
            said = "a page asks for one choice or a number; sets and texts are for assignments"
            raise QuestionError(path.name, question.line, said)
        name = f"quiz-{question.name}"
        *context, asked = self.paragraphs(question.prompt, question.prompt_line, path)
        made = quiz_question(ids=[name], mark=question.mark)
        made += piece(f'<p class="quiz-count">Question {number} of {count}</p>\n', "")
        made += context
        made += piece("<fieldset>\n<legend>", "</legend>\n", asked.children)
        if question.kind == "number":
            unit = f' <span class="quiz-unit">{escape(question.unit)}</span>' if question.unit else ""
            made += piece(
                f'<label class="quiz-entry">Your answer <input type="text" name="{name}" '
                f'autocomplete="off" autocapitalize="off" spellcheck="false">{unit}</label>\n',
                "",
            )
        for place, option in enumerate(question.options if question.kind != "number" else ()):
            letter = LETTERS[place]
            made += piece(
                f'<label class="quiz-choice"><input type="radio" name="{name}" value="{letter}"> '
                f'<span class="quiz-letter">{letter}</span> <span>',
                "</span></label>\n",
                self.line(option.text, option.line, path),
            )
        made += piece("</fieldset>\n", "")
        summary = f"<summary>Answers to question {number}</summary>"
        answers = piece(f'<details class="quiz-answers">{summary}\n<ul>\n', "</ul></details>\n")
        for place, option in enumerate(question.options):
            answers += self.answer(question, place, option, path)
        made += answers
        return made

    def answer(self, question, place, option, path):
        """What is said to an answer, and to which one."""
        if option.text:
            marks, shown = f'data-is="{LETTERS[place]}"', [nodes.Text(LETTERS[place])]
        elif option.number:
            low, high = question.window(option.number.value)
            marks = f'data-low="{low:.12g}" data-high="{high:.12g}"'
            shown = amount(option.number.written, question.unit)
        else:
            marks, shown = "data-else", [nodes.Text("Any other number")]
        sign, words = RIGHT if option.right else WRONG
        made = piece(f"<li {marks}>", "</li>\n")
        made += piece('<span class="quiz-answer">', ": </span>", shown)
        made += piece(
            f'<span class="quiz-sign" aria-hidden="true">{sign}</span> <strong>{words}</strong> '
            '<span class="quiz-said">',
            "</span>",
            self.line(option.said, option.said_line, path),
        )
        return made

    def paragraphs(self, text, line, path):
        """Markdown as paragraphs."""
        frame = nodes.Element()
        lines = text.split("\n")
        self.state.nested_parse(StringList(lines, source=str(path)), 0, frame)
        if not frame.children or not all(isinstance(child, nodes.paragraph) for child in frame.children):
            raise QuestionError(path.name, line, "paragraphs only; no lists, headings or displayed formulas here")
        return frame.children

    def line(self, text, line, path):
        """Markdown that has to be one paragraph, as its inline parts."""
        found = self.paragraphs(text, line, path)
        if len(found) > 1:
            raise QuestionError(path.name, line, "one paragraph, not several")
        return found[0].children


def piece(open_with, close_with, children=()):
    """HTML around nodes."""
    return quiz_part("", *children, open=open_with, close=close_with)


def escape(text):
    """Text as it may stand in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def amount(written, unit):
    """A number as people write it, with its unit: powers of ten raised, a minus for a hyphen."""
    mantissa, _, power = written.replace("-", "−").partition("e")
    made = [nodes.Text(mantissa)]
    if power:
        made += [nodes.Text(" × 10"), nodes.superscript("", power.lstrip("+"))]
    if unit:
        made += [nodes.Text(unit if unit == "%" else f" {unit}")]
    return made


def visit_quiz(translator, node):
    """Open the quiz; the name is the browser's drawer for what the reader answered."""
    drawer = translator.attval(node["name"])
    translator.body.append(f'<div class="quiz" id="{node["ids"][0]}" data-quiz="{drawer}">\n')


def visit_question(translator, node):
    """Open a question; the mark is of its words."""
    translator.body.append(f'<div class="quiz-question" id="{node["ids"][0]}" data-mark="{node["mark"]}">\n')


def depart_block(translator, node):
    """Close a quiz or a question."""
    translator.body.append("</div>\n")


def visit_part(translator, node):
    """Open a piece."""
    translator.body.append(node["open"])


def depart_part(translator, node):
    """Close it."""
    translator.body.append(node["close"])


def pass_through(translator, node):
    """Other formats show the words alone."""


def setup(app):
    """Register the directive and its nodes."""
    plain = (pass_through, pass_through)
    app.add_node(quiz, html=(visit_quiz, depart_block), latex=plain, text=plain)
    app.add_node(quiz_question, html=(visit_question, depart_block), latex=plain, text=plain)
    app.add_node(quiz_part, html=(visit_part, depart_part), latex=plain, text=plain)
    app.add_directive("quiz", QuizDirective)
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
