"""Variants: a table of one's own for each student, drawn under the secret of a course."""

import base64
import hashlib
import hmac
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .question import Number, Question
from .reading import Questions
from .values import drawn, values

if TYPE_CHECKING:
    import pandas

__all__ = ["TOKEN", "Variant", "laboratory_seed", "practice", "token", "variant"]

TOKEN = re.compile(r"[a-z2-7]{16}")
_SECRET = 20  # characters: what is shorter could be found by trying, since a token says when one has it
_APART = 3  # tolerances between an answer and a named mistake
_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Variant:
    """What one student is asked, and what counts as right.

    Attributes
    ----------
    token : str
        Names it, and says nothing of it: 16 letters and digits, or "practice".
    data : pandas.DataFrame
        The student's table.
    found : dict
        Number of the questions -> what it is for this table.
    draws : int
        How many tables were drawn until no named mistake lay near an answer or another mistake.
    """

    token: str
    data: "pandas.DataFrame"
    found: dict[Number, float]
    draws: int = 1


def token(secret: str, assignment: str, student: str) -> str:
    """The name of a student's variant: nobody can make it, or the student from it, without the secret.

    Parameters
    ----------
    secret : str
        Of the course; 20 characters at least.
    assignment, student : str
        What is asked, and the student's id.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.classroom.token("a secret of the year 2026", "power-laws", "s001")
    'vzmgiytgv2jfudqr'
    """
    return base64.b32encode(_keyed(secret, "token", assignment, student)[:10]).decode().lower()


def variant(questions: Questions, *, secret: str, assignment: str, student: str) -> Variant:
    """Draw the table of one student; the same every time, and another for each student, assignment and secret.

    The draw hangs on the secret and not on the token, so that token and public code do not give it. It is made
    again where a named mistake lies within three tolerances of the answer, or cannot be told from another one.

    Parameters
    ----------
    questions : Questions
        Of an assignment, with ``draw:`` lines.
    secret, assignment, student : str
        As for `token`.

    Raises
    ------
    ValueError
        For a short secret, for questions that draw nothing, and where no table of 100 keeps mistakes apart.
    """
    name = token(secret, assignment, student)
    return _clear(questions, name, lambda attempt: _keyed(secret, "table", assignment, student, str(attempt)))


def laboratory_seed(secret: str, assignment: str, student: str) -> int:
    """The seed of a student's laboratories: 256 bits that neither the token nor the public code gives.

    Parameters
    ----------
    secret, assignment, student : str
        As for `token`.

    Examples
    --------
    >>> import scalinglib as sl
    >>> seed = sl.classroom.laboratory_seed("a secret of the year 2026", "capstone", "s001")
    >>> labs = sl.simulate.laboratories(seed, 2e20)
    >>> len(labs)
    8
    """
    return int.from_bytes(_keyed(secret, "laboratory", assignment, student), "big")


def practice(questions: Questions, assignment: str) -> Variant:
    """The table on which everybody practises, whose answers are printed in the file of questions."""
    return _clear(questions, "practice", lambda attempt: hashlib.sha256(f"{assignment}\n{attempt}".encode()).digest())


def _clear(questions, name, key):
    """The first draw that keeps every named mistake away from its answer."""
    if not questions.draws:
        raise ValueError(f"{questions.name} draws nothing: lines 'draw: name = expression' stand above the questions")
    near = None
    for attempt in range(_DRAWS):
        data = drawn(questions, np.random.default_rng(int.from_bytes(key(attempt), "big")))
        found = values(questions, data=data)
        near = next((one.name for one in questions.questions if not _apart(one, found)), None)
        if near is None:
            return Variant(name, data, found, attempt + 1)
    raise ValueError(f"{questions.name}: in {_DRAWS} draws a named mistake lay near the answer to {near!r}")


def _apart(question: Question, found):
    """Whether no mistake lies near the answer, and each is told from the others."""
    options = [option for option in question.options if option.number]
    if question.kind != "number":
        return True
    answer = next(found[option.number] for option in options if option.right)
    low, high = question.window(answer)
    room = _APART * (high - low) / 2
    wrong = [found[option.number] for option in options if not option.right]
    ends = sorted(question.window(value) for value in wrong)
    told = all(end < start for (_, end), (start, _) in itertools.pairwise(ends))
    return bool(np.isfinite(answer)) and told and not any(abs(value - answer) < room for value in wrong)


def _keyed(secret, *parts):
    if not isinstance(secret, str) or len(secret.strip()) < _SECRET:
        raise ValueError(
            f"secret must be {_SECRET} characters or more, or a token would tell when somebody has guessed it; "
            "python -c 'import secrets; print(secrets.token_urlsafe(24))' makes one"
        )
    for part in parts:
        if not isinstance(part, str):
            raise ValueError(f"assignment and student must be text; got {part!r}")
    # lengths stand before the parts, so that no two lists of them read alike
    said = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
