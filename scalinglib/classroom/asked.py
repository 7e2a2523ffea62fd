"""What a student is asked: names, types and units, without what counts as right."""

import math
from dataclasses import dataclass

from .. import arguments
from .question import Question

__all__ = ["LETTERS", "Asked"]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = 30  # characters a word may have, on average


@dataclass(frozen=True)
class Asked:
    """One question as a student gets it.

    Attributes
    ----------
    name : str
        Under which the answer is declared.
    kind : str
        "number", "numbers", "choice", "choices", "laboratories" or "text".
    unit : str
        Of a number.
    points : float
        For the right answer.
    words : int
        The most words of a text, or how many numbers or laboratories.
    choices : tuple of str
        What may be chosen, named a, b, c, ... in this order.
    """

    name: str
    kind: str
    unit: str = ""
    points: float = 1.0
    words: int = 0
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, question: Question) -> "Asked":
        """What a student gets of a question."""
        choices = tuple(option.text for option in question.options if option.text)
        return cls(question.name, question.kind, question.unit, question.points, question.words, choices)

    @property
    def wants(self) -> str:
        """What kind of answer is asked for, in words."""
        letters = f"{LETTERS[0]} to {LETTERS[max(len(self.choices), 1) - 1]}"
        return {
            "number": f"a number{f' ({self.unit})' if self.unit else ''}",
            "numbers": f"{self.words} numbers{f' ({self.unit})' if self.unit else ''}, in order",
            "choice": f"one letter, {letters}",
            "choices": f"letters, {letters}, as 'ac'",
            "laboratories": f"a submission in each of {self.words} laboratories: lab.submit(N, interval=(low, high))",
            "text": f"a text of {self.words} words at most",
        }[self.kind]

    def accepted(self, value: object) -> float | str:
        """The answer as plain data, or ValueError with the name of the question and what it wants.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.classroom.Asked("exponent", "number").accepted(0.34)
        0.34
        >>> sl.classroom.Asked("exponent", "number").accepted("0.34")
        Traceback (most recent call last):
        ValueError: exponent must be a number; got '0.34'
        """
        if self.kind == "number":
            try:
                return arguments.scalar(self.name, value)
            except ValueError:
                self._refuse(value)
        if self.kind == "numbers":
            return self._several(value)
        if self.kind == "laboratories" or not isinstance(value, str):
            self._refuse(value)
        if self.kind == "text":
            if any("\ud800" <= letter <= "\udfff" for letter in value):  # halves of letters, which no file can hold
                self._refuse(value)
            words = len(value.split())
            if not 0 < words <= self.words or len(value) > _WORD * self.words:
                raise ValueError(f"{self.name} must be {self.wants}; got {words} words, {len(value)} characters")
            return value.strip()
        letters = value.strip().lower()
        known = set(LETTERS[: len(self.choices)])
        if not letters or not set(letters) <= known or len(set(letters)) < len(letters):
            self._refuse(value)
        if self.kind == "choice" and len(letters) > 1:
            self._refuse(value)
        return "".join(sorted(letters))

    def _several(self, value):
        """Numbers as the text that keeps them: plain data, as every other answer."""
        given = value.split() if isinstance(value, str) else value
        try:
            numbers = [float(one) for one in given]
        except (TypeError, ValueError, OverflowError):
            numbers = []
        if len(numbers) != self.words or not all(map(math.isfinite, numbers)):
            self._refuse(value)
        return " ".join(f"{one:.6g}" for one in numbers)

    def _refuse(self, value):
        raise ValueError(f"{self.name} must be {self.wants}; got {arguments.abbreviate(value)}")
