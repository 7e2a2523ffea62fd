"""Declared answers: the file that a student hands in, read as data that others wrote."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from ..files import write_whole
from .handed import plain_bytes
from .variants import TOKEN

__all__ = ["LARGEST", "Declared", "parsed", "read_declared", "write_declared"]

LARGEST = 200_000  # bytes
_KEYS = {"assignment", "token", "answers"}


@dataclass(frozen=True)
class Declared:
    """Answers by name, for one table; what they are worth is not known here.

    Attributes
    ----------
    assignment : str
    token : str
        Of the table, or "practice".
    answers : dict
        Name -> a number or a text, as it was written; not checked yet.
    """

    assignment: str
    token: str
    answers: dict = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.assignment}-{self.token}.answers.json"


def plan_mark(text: object) -> str:
    """What a ledger keeps of a plan; blanks and line ends do not matter, and no plan has no mark."""
    words = " ".join(str(text or "").split())
    return words and hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def write_declared(folder: str | os.PathLike, declared: Declared) -> Path:
    """Write the file that is handed in."""
    text = json.dumps(vars(declared), indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(folder, {declared.file: f"{text}\n".encode()})[0]


def read_declared(path: str | os.PathLike) -> Declared:
    """Read a file of answers; nothing in it is run, and nothing but plain data is taken from it.

    Raises
    ------
    ValueError
        For what is no such file: too large, not JSON, other keys, a name twice; the message says which.
    OSError
        For a link, or a file that cannot be read.
    """
    return parsed(plain_bytes(path, LARGEST))


def parsed(content: bytes) -> Declared:
    """What `read_declared` finds in the bytes of a file."""
    try:
        held = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        said = "not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise ValueError(f"no file of answers: {said}") from None
    if not isinstance(held, dict) or set(held) != _KEYS:
        raise ValueError(f"no file of answers: it has to hold {', '.join(sorted(_KEYS))}, and no more")
    assignment, token, answers = held["assignment"], held["token"], held["answers"]
    if not isinstance(assignment, str) or not isinstance(token, str) or not isinstance(answers, dict):
        raise ValueError("no file of answers: assignment and token are texts, answers a mapping")
    if token != "practice" and not TOKEN.fullmatch(token):
        raise ValueError("the token is none that a course gives")
    return Declared(assignment, token, answers)


def _once(pairs):
    """A mapping; of a name that stands there twice nobody could say which answer counts."""
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a name stands in it twice")
    return held


def _no_number(word):
    raise ValueError(f"{word} is no number")
