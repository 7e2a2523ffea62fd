"""Prose: every number that a page says, and what gives it.

A page's list in tests/prose names each number of its text in order, and beside it what gives it: the k-th number
that a cell of the page printed, an expression of the library, or a reason why it is given. After a change of text
`python -m _sphinx.tools.prose` brings the lists up to date and asks, with a question mark, for what it cannot find.
"""

import argparse
import json
import math
import re
import sys
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from scalinglib.classroom import read_questions

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "tests" / "prose"
ASKED = "?"

_SIGN = r"(?:(?<![\w)\]}$])[-−+±])?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_POWER = rf"(?:(?P<mantissa>{_DIGITS})\s*(?:\\times|\\cdot|×)\s*)?10\^(?:\{{(?P<power>[-−]?\d+)\}}|(?P<bare>[-−]?\d+))"
_AFTER = r"\s*(?:%|\\%|(?:thousand|[mbtr]+illion)\b)|[KMBT](?!\w)"
_PLAIN = rf"(?P<plain>{_SIGN}(?:{_DIGITS}|\.\d+)(?:e[+-]?\d+)?)(?P<after>{_AFTER})?"
# not part of a word, a name as GPT-4 or a file's name; a unit may follow
_NUMBER = re.compile(
    rf"(?:(?<![\w.#/])|(?<=\sx)|(?<=[\d)]/))(?<![A-Za-z][-_])(?:{_POWER}|{_PLAIN})(?!\w|\.\d|_\w|/[A-Za-z_])"
)
_UNIT = {"%": 0.01, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_UNIT |= {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
# what holds no number that a reader takes for one: code, addresses, keys, settings of a directive
_HIDDEN = re.compile(
    r"""
    \A---\n.*?\n---\n                                                        # front matter
    | <!--.*?-->
    | \{(?:cite|cite:\w+|doc|ref|eq|numref|label|download|py:\w+)\}`(?:[^`<]*<)?[^`]*`
    | \]\([^)]*\) | <?https?://[^\s>)]+>? | \barXiv(?::|\s)\d{4}\.\d{4,5}(?:v\d+)?
    | ^\([\w-]+\)=\s*$ | \$\$\s*\([\w-]+\)
    | ^:(?!alt:)[\w-]+:.*?$
    | ^\s*\d+\.\s                                                              # the number of an item of a list
    | \d{4}-\d\d-\d\d | \b\d+(?:\.\d+){2,}\b                                   # a date, a version
    """,
    re.M | re.S | re.X,
)


@dataclass(frozen=True)
class Number:
    """A number as written: its text, its value and half a unit of its last digit; `unit` is what it was given in.

    `word` is the word behind it, which tells what a small number counts.
    """

    text: str
    value: float
    half: float
    unit: float
    word: str
    start: int
    end: int

    @property
    def digits(self) -> str:
        """The digits as written, without sign, unit and power."""
        return re.match(r"[-−+±]?([\d.,]*)", self.text)[1]

    def given_by(self, value: float) -> bool:
        """Whether rounding `value` gives this number, in its unit or already in the unit's own measure."""
        if not math.isfinite(value):
            return False
        signed = self.text[0] in "-−+"
        for scale in {1.0, self.unit}:
            got = value / scale
            off = abs(got - self.value) if signed else abs(abs(got) - abs(self.value))
            if off <= self.half * (1.0 + 1e-6) + 1e-12 * abs(self.value):
                return True
        return False


def numbers(text: str) -> list[Number]:
    """The numbers of a piece of Markdown, or of what a cell printed, in order."""
    text = _HIDDEN.sub(lambda hidden: re.sub(r"[^\n]", " ", hidden.group()), _without_code(text))
    return [_number(match) for match in _NUMBER.finditer(text)]


def _without_code(text):
    """The text with blocks of code blank; what a directive as a figure or an admonition holds is text."""
    lines, open_ = text.split("\n"), []
    for place, line in enumerate(lines):
        fence = re.match(r" *(`{3,}|~{3,})(.*)", line)
        if fence and not (open_ and open_[-1][1]) and fence[2].strip():
            open_.append((fence[1], not re.match(r"\{(?!code|mermaid|literalinclude|math)", fence[2])))
        elif fence and not fence[2].strip() and open_ and len(fence[1]) >= len(open_[-1][0]):
            open_.pop()
        elif fence and not open_:
            open_.append((fence[1], True))
        elif not (open_ and open_[-1][1]):
            continue
        lines[place] = " " * len(line)
    return "\n".join(lines)


def _number(match):
    if match["plain"] is None:
        mantissa, power = match["mantissa"], int((match["power"] or match["bare"]).replace("−", "-"))
        digits, scale, after = (mantissa or "1").replace(",", ""), 10.0**power, ""
    else:
        digits, _, power = match["plain"].replace(",", "").replace("−", "-").lstrip("±").partition("e")
        scale, after = 10.0 ** int(power or 0), (match["after"] or "").strip().lstrip("\\")
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2]) * scale
    text = re.sub(r"\s+", " ", match.group().strip())
    word = re.match(r"(?:[\s-]+([A-Za-z]{3,}))?", match.string[match.end() :])[1] or ""
    return Number(text, float(digits) * scale, half, _UNIT.get(after, 1.0), word, match.start(), match.end())


@dataclass(frozen=True)
class Page:
    """A page: name -> Markdown of its pieces, quiz and cards among them, and name -> numbers printed by its cells."""

    path: Path
    pieces: dict
    printed: dict

    @property
    def list(self) -> Path:
        """Where the list of its numbers is kept."""
        return LISTS / self.path.relative_to(ROOT).with_suffix(".txt")

    def value(self, cell: str, place: int) -> float:
        """The number that `cell` printed at `place`, counted from one, in its unit."""
        number = self.printed[cell][place - 1]
        return number.value * number.unit


def read(path: Path, text: str | None = None) -> Page:
    """The page at `path`, or what it would be with `text` for its file's."""
    text = path.read_text(encoding="utf-8") if text is None else text
    if path.suffix != ".ipynb":
        return Page(path, {"page": text}, {})
    cells = json.loads(text)["cells"]
    pieces = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"}
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    printed = {cell["id"]: numbers(_said(cell)) for cell in code}
    quiz = path.with_suffix(".quiz.txt")
    if quiz.exists():
        pieces["quiz"], printed["check"] = _quiz(quiz)
    cards = path.with_suffix(".cards.txt")
    if cards.exists():
        said = re.findall(r"^(?:said|why): (.*(?:\n[ \t]+\S.*)*)", cards.read_text(encoding="utf-8"), re.M)
        pieces["cards"] = "\n".join(said)
    return Page(path, pieces, printed)


def _quiz(path):
    """What a quiz says, in the order of its file, and the numbers that it computes again itself."""
    asked = read_questions(path).questions
    said = [text for question in asked for text in (question.prompt, *_of_options(question))]
    return "\n".join(said), [found for question in asked for one in question.numbers for found in numbers(one.written)]


def _of_options(question):
    return [text for option in question.options for text in (option.text, option.said)]


def _said(cell):
    """What a cell printed, with the alternative text and the caption of its figures."""
    parts = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        parts += ["".join(output.get("text", "")), "".join(data.get("text/plain", ""))]
        parts += [str(meta.get(key, "")) for meta in output.get("metadata", {}).values() for key in ("alt", "caption")]
    return "\n".join(parts)


def pages() -> list[Path]:
    """Every page of the book, and the README."""
    found = [*(ROOT / "chapters").rglob("*.ipynb"), *(ROOT / "chapters").rglob("*.md")]
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts and "api" not in path.parts]
    return [ROOT / "README.md", ROOT / "intro.md", *sorted(found)]


def listed(page: Page) -> dict:
    """Name of a piece -> (number as written, what gives it) in order, from the page's list."""
    found, lines = {}, page.list.read_text(encoding="utf-8").splitlines() if page.list.exists() else []
    for line in lines:
        if line.startswith("["):
            here = found.setdefault(line.strip("[]"), [])
        elif line.strip():
            written, _, source = line.partition(" | ")
            here.append((written.strip(), source.strip()))
    return found


def problems(page: Page, *, library: dict | None = None) -> list[str]:
    """What is wrong with the numbers of a page: sentences, none when each is given by what its list says."""
    wrong, known = [], listed(page)
    for name, text in page.pieces.items():
        said, want = numbers(text), known.pop(name, [])
        if [n.text for n in said] != [written for written, _ in want]:
            wrong.append(f"{name}: the text says {_first_difference(said, want)}")
            continue
        wrong += [
            f"{name}: {why}"
            for n, (_, source) in zip(said, want, strict=True)
            if (why := _why(n, source, page, library))
        ]
    return wrong + [f"{name}: listed, and no piece of the page" for name in known]


def _first_difference(said, want):
    for number, (written, _) in zip(said, want, strict=False):
        if number.text != written:
            return f"{number.text} where the list has {written}"
    return f"{len(said)} numbers, and the list has {len(want)}"


def _why(number, source, page, library):
    """Why `source` does not give `number`, or nothing."""
    kind, _, rest = source.partition(" ")
    if kind == "given:":
        return "" if len(rest.split()) > 1 else f"{number.text} is given without a reason"
    if kind == "=":
        known = {**(library or {}), "printed": page.value, "on": lambda name: read(ROOT / "chapters" / name).value}
        value = float(eval(rest, known))  # the lists are the project's own code
        return "" if number.given_by(value) else f"{number.text} is {value:.8g} by {rest}"
    if not rest.isdigit() or not 0 < int(rest) <= len(page.printed.get(kind, ())):
        return f"{number.text} is said to come from {source!r}, and no cell printed that"
    value = page.value(kind, int(rest))
    return "" if number.given_by(value) else f"{number.text} is {value:.8g} in what {kind} printed"


def proposed(page: Page) -> tuple[str, int]:
    """The list as it should be, as text, and how many numbers nothing was found for."""
    old, lines, open_ = listed(page), [], 0
    for name, text in page.pieces.items():
        said, entries = numbers(text), []
        for number, before in zip(said, _before(said, old.get(name, [])), strict=True):
            source = (before if before and _holds(number, before, page) else "") or _found(number, name, text, page)
            open_ += source == ASKED
            entries.append(f"{number.text} | {source}")
        lines += [f"[{name}]", *entries, ""] if entries else []
    return "\n".join(lines), open_


def _before(said, old):
    """What gave each number before the text was changed, in order; nothing for a number that is new."""
    found = [""] * len(said)
    same = SequenceMatcher(None, [written for written, _ in old], [n.text for n in said], autojunk=False)
    for block in same.get_matching_blocks():
        for k in range(block.size):
            found[block.b + k] = old[block.a + k][1]
    return found


def _holds(number, source, page):
    """Whether a source is still one; what the library says is left to the test."""
    return source != ASKED and (source.startswith("=") or not _why(number, source, page, None))


_NAMED = r"Llama(?: \d)?|GPT|OLMo|[Aa]pproach(?:es)?|Appendix|Figure|Fig\.|Table|[Ee]q\.|Section|Python|step|CC BY"
# (what stands before a number on its line, the number, what that makes it)
_PLAINLY = [
    (r"(?s).*", r"19[5-9]\d|20[0-3]\d", "a year"),
    (r".*\bTime: about ", r"\d+", "time to read the page"),
    (rf".*\b(?:{_NAMED}) (?:\d+(?: and | or | to |, ))?", r"[\d.]+B?", "a name"),
    (r" {4}.*|(?:[^`]*`[^`]*`)*[^`]*`[^`]*", r"(?s).+", "code as shown"),
]


def _found(number, name, text, page):
    """What the number plainly is; or the nearest cell that printed it, with the same digits, then by rounding."""
    line = text[text.rfind("\n", 0, number.start) + 1 : number.start]
    for before, written, what in _PLAINLY:
        if re.fullmatch(written, number.text) and re.fullmatch(before, line):
            return f"given: {what}"
    if _part_of_a_formula(number, text):
        return "given: a figure of the formula"
    order = _order(page)
    near = sorted(page.printed, key=lambda cell: _distance(order, name, cell))
    for same in (True, False):
        for cell in near:
            for place, value in enumerate(page.printed[cell], start=1):
                given = number.given_by(value.value * value.unit)
                if given and _sure(number, value, same, cell == near[0]):
                    return f"{cell} {place}"
    return ASKED


def _part_of_a_formula(number, text):
    """Whether it is a whole coefficient or exponent of a formula, and not what the formula comes to."""
    before, after = text[: number.start].replace("\\$", ""), text[number.end :]
    inside = before.count("$$") % 2 or before.replace("$$", "").count("$") % 2
    factor = re.match(r"\s*(?:\\[,!]|\\(?!%|times|quad)[a-z]|[A-Za-z(/+^{]|[-−]\s*\\?[a-zA-Z])", after)
    power = re.search(r"[\^{+/(]\s*[-−]?$", before)
    coefficient = factor and re.fullmatch(r"[-−]?\d\d?", number.text)
    exponent = power and re.fullmatch(r"[-−]?\d", number.text)
    return bool(inside and (coefficient or exponent))


def _sure(number, printed, same, beside):
    """Whether a printed number is this one and not another like it: a page prints a 4 and a 20 somewhere."""
    alike = printed.digits == number.digits
    known = len(number.digits.replace(".", "").replace(",", "+").strip("0"))
    if alike and number.word and number.word == printed.word:
        return True
    return known > (1 if beside else 2) and (alike if same else len(printed.digits) > len(number.digits))


def _order(page):
    return [cell["id"] for cell in json.loads(page.path.read_text(encoding="utf-8"))["cells"]] if page.printed else []


def _distance(order, piece, cell):
    """Cells between a piece of text and a code cell; those above count for nearer, claims come last.

    A quiz is held to its own checks first.
    """
    if cell == "check":
        return (2 * (piece != "quiz"), 0)
    apart = (order.index(piece) if piece in order else len(order)) - order.index(cell)
    return ("claims" in cell, apart if apart > 0 else 3 - 2 * apart)


def main(arguments=None) -> int:
    """Bring the lists of the named pages, or of all, up to date; 1 if a number has nothing that gives it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path)
    left = 0
    for path in parser.parse_args(arguments).pages or pages():
        page = read(path.resolve())
        text, open_ = proposed(page)
        if text:
            page.list.parent.mkdir(parents=True, exist_ok=True)
            page.list.write_text(text, encoding="utf-8")
        left += open_
        print(f"{page.path.relative_to(ROOT)}: {text.count(' | ')} numbers, {open_} without a source")
    return int(left > 0)


if __name__ == "__main__":
    sys.exit(main())
