"""A question: its words, the answers that are known to it, what each is worth and what is said to it."""

import hashlib
import re
from dataclasses import dataclass

__all__ = ["NUMBER", "Number", "Option", "Question"]

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")


@dataclass(frozen=True)
class Number:
    """A number as it is printed, and the expression that gives it.

    Attributes
    ----------
    written : str
        As printed, such as "9.98e20".
    expression : str
        Python that gives it.
    line : int
        Where it stands in its file, from 1.
    """

    written: str
    expression: str
    line: int

    @property
    def value(self) -> float:
        """The number as printed."""
        return float(self.written)

    @property
    def half_unit(self) -> float:
        """Half of the last printed digit."""
        digits, power = self._printed
        return 0.5 * 10.0 ** (power - digits)

    def agrees(self, got: float) -> bool:
        """Whether a computed number, rounded as this one is, is the one printed.

        Examples
        --------
        >>> import scalinglib as sl
        >>> number = sl.classroom.Number("21.6", "43.2 / 2", 1)
        >>> number.agrees(21.64), number.agrees(21.66)
        (True, False)
        """
        digits, power = self._printed
        return f"{got / 10.0**power:.{digits}f}" == self.written.partition("e")[0]

    @property
    def _printed(self):
        """Decimals of the mantissa, and the power of ten."""
        mantissa, _, power = self.written.partition("e")
        return len(mantissa.partition(".")[2]), int(power or 0)


@dataclass(frozen=True)
class Option:
    """One answer: a choice, a number, a text, or (with none of them) every other number.

    Attributes
    ----------
    line : int
        Where it stands in its file, from 1.
    right : bool
        Whether it is right; in a set of choices, whether it belongs to the set.
    text : str
        A choice, in Markdown.
    number : Number or None
        A number that is typed.
    said : str
        What is said to it, in Markdown: why it is right, or what the mistake is.
    said_line : int
        Where that begins.
    credit : float
        Points for a mistake that is worth some.
    """

    line: int
    right: bool = False
    text: str = ""
    number: Number | None = None
    said: str = ""
    said_line: int = 0
    credit: float = 0.0


@dataclass(frozen=True)
class Question:
    """A question, its answers and the numbers it quotes.

    Attributes
    ----------
    name : str
        Small letters, digits and hyphens.
    line : int
        Where it stands in its file, from 1.
    kind : str
        "number", "numbers" (with a share of the points), "choice" (one of the options), "choices" (a set of them),
        "laboratories" (a share of the points for what was submitted there) or "text".
    prompt : str
        Paragraphs of Markdown; the last one asks.
    prompt_line : int
        Where they begin.
    options : tuple of Option
        In the order in which they are shown.
    checks : tuple of Number
        Where numbers in the words come from.
    unit : str
        Of a number.
    tolerance : float or None
        How far a number may be off: a share of it if `relative`, an amount if not.
    relative : bool
        What the tolerance is.
    points : float
        For the right answer.
    words : int
        The most words of a text, or how many numbers or laboratories.
    section : str
        Title of the section of the book that tells of it.
    """

    name: str
    line: int
    kind: str
    prompt: str = ""
    prompt_line: int = 0
    options: tuple[Option, ...] = ()
    checks: tuple[Number, ...] = ()
    unit: str = ""
    tolerance: float | None = None
    relative: bool = True
    points: float = 1.0
    words: int = 0
    section: str = ""

    @property
    def numbers(self) -> list[Number]:
        """Every number that an expression gives, in the order of the file."""
        typed = [option.number for option in self.options if option.number]
        return sorted([*self.checks, *typed], key=lambda number: number.line)

    @property
    def mark(self) -> str:
        """Changes with the question, so that a browser does not show an answer kept for other words."""
        answers = [option.number.written if option.number else option.text for option in self.options]
        return hashlib.sha256("\n".join([self.prompt, self.unit, *answers]).encode()).hexdigest()[:8]

    def window(self, value: float) -> tuple[float, float]:
        """Smallest and largest number that counts as `value`.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.classroom.Question("q", 1, "number", tolerance=0.02).window(100.0)
        (98.0, 102.0)
        """
        half = self.tolerance * (abs(value) if self.relative else 1)
        return value - half, value + half
