"""A question of a quiz: its words, its answers, and the numbers that it states."""

import hashlib
import re
from dataclasses import dataclass, field

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Number:
    """A number as it is printed, and the expression that gives it."""

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
        mantissa, _, power = self.written.partition("e")
        return 0.5 * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))

    def agrees(self, got: float) -> bool:
        """Whether a computed number, rounded as this one is, is the one printed."""
        mantissa, _, power = self.written.partition("e")
        return f"{got / 10.0 ** int(power or 0):.{len(mantissa.partition('.')[2])}f}" == mantissa


@dataclass
class Option:
    """One answer: a choice, a number, or (with neither) every other number."""

    line: int
    right: bool = False
    text: str = ""
    number: Number | None = None
    said: str = ""
    said_line: int = 0


@dataclass
class Question:
    """A question, its answers and the numbers it quotes."""

    name: str
    line: int
    prompt: str = ""
    prompt_line: int = 0
    options: list[Option] = field(default_factory=list)
    checks: list[Number] = field(default_factory=list)
    unit: str = ""
    tolerance: float | None = None
    relative: bool = True

    @property
    def numeric(self) -> bool:
        """Whether the reader types a number."""
        return any(option.number for option in self.options)

    @property
    def mark(self) -> str:
        """Changes with the question, so that a browser does not show an answer kept for other words."""
        answers = [option.number.written if option.number else option.text for option in self.options]
        return hashlib.sha256("\n".join([self.prompt, self.unit, *answers]).encode()).hexdigest()[:8]

    def window(self, number: Number) -> tuple[float, float]:
        """Smallest and largest typed number that counts as this one."""
        half = self.tolerance * (abs(number.value) if self.relative else 1)
        return number.value - half, number.value + half
