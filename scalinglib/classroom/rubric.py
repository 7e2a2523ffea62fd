"""The rubric: when an assignment is due, what a late paper keeps, and which of several files counts."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .sheets import read_sheet

__all__ = ["Rubric", "read_rubric", "read_times"]

_DUE = re.compile(r"due (?P<assignment>[\w-]+)(?:, *(?P<student>\S+))?")
_SEVERAL = ("newest", "first", "best")
_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """Rules for what comes late and for what comes twice.

    Attributes
    ----------
    due : dict
        (assignment, student) -> when it is due, in local time; the student is empty for those without a date of
        their own.
    late : float
        The share of the points that each day begun takes, from 0 to 1.
    until : float
        Days after which nothing is left.
    several : str
        Which of several files counts: the "newest", the "first", or the "best" by its points after lateness.
    """

    due: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    late: float = 0.0
    until: float = math.inf
    several: str = "newest"

    def kept(self, assignment: str, student: str, handed: float) -> tuple[float, str]:
        """The share of the points that is kept, and words where it is late.

        Parameters
        ----------
        assignment, student : str
        handed : float
            When, in seconds as of a file's time.

        Examples
        --------
        >>> from datetime import datetime
        >>> import scalinglib as sl
        >>> rubric = sl.classroom.Rubric(due={("power-laws", ""): datetime(2026, 12, 4, 23, 59)}, late=0.1)
        >>> rubric.kept("power-laws", "s1", datetime(2026, 12, 6, 8, 0).timestamp())
        (0.8, '2 days late: 80% of the points count')
        """
        due = self.due.get((assignment, student), self.due.get((assignment, "")))
        over = handed - due.timestamp() if due else 0.0
        if over <= 0:
            return 1.0, ""
        days = math.ceil(over / _DAY)
        share = 0.0 if over > self.until * _DAY else max(0.0, 1 - self.late * days)
        return share, f"{days} day{'s' if days > 1 else ''} late: {share:.0%} of the points count"


def read_rubric(path: str | os.PathLike) -> Rubric:
    """Read the rules of a course: lines of ``due NAME: 2026-12-04 23:59``, ``late: 10% a day`` and so on.

    ::

        due power-laws: 2026-12-04 23:59
        due power-laws, s017: 2026-12-11 23:59
        late: 10% a day
        until: 5 days
        several: newest

    Raises
    ------
    ValueError
        With the name of the file and the line, for one that is not known or stands there twice.
    """
    path = Path(path)
    due, given = {}, {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        head, _, rest = (part.strip() for part in line.partition(":"))
        try:
            if found := _DUE.fullmatch(head):
                where, key, value = due, (found["assignment"], found["student"] or ""), datetime.fromisoformat(rest)
            else:
                where, key, value = given, head, _RULES[head](rest)
        except (KeyError, ValueError):
            raise ValueError(
                f"{path.name}:{number}: {line.strip()!r} is no rule; they are 'due NAME: 2026-12-04 23:59', "
                "'due NAME, ID: ...', 'late: 10% a day', 'until: 5 days', 'several: newest', first or best"
            ) from None
        if key in where:
            raise ValueError(f"{path.name}:{number}: {head!r} stands there twice")
        where[key] = value
    return Rubric(due=due, **given)


def read_times(path: str | os.PathLike) -> dict[tuple[str, str], float]:
    """When papers came, from a sheet with columns id, assignment and handed (as 2026-12-04 23:59).

    A file's own time is when it was written here, which for an unpacked archive may say nothing.
    """
    path = Path(path)
    rows = read_sheet(path, ["id", "assignment", "handed"], "columns id, assignment and handed are needed")
    found = {}
    for place, row in enumerate(rows, 2):
        try:
            found[row["assignment"].strip(), row["id"].strip()] = datetime.fromisoformat(
                row["handed"].strip()
            ).timestamp()
        except ValueError:
            raise ValueError(
                f"{path.name}, row {place}: handed is a time, as 2026-12-04 23:59; got {row['handed']!r}"
            ) from None
    return found


def _share(text):
    found = re.fullmatch(r"([0-9.]+) ?% a day", text)
    share = float(found[1]) / 100 if found else math.nan
    if not 0 <= share <= 1:
        raise ValueError
    return share


def _days(text):
    return float(re.fullmatch(r"([0-9]+) days?", text)[1] if re.fullmatch(r"([0-9]+) days?", text) else "no number")


def _several(text):
    return _SEVERAL[_SEVERAL.index(text)]


_RULES = {"late": _share, "until": _days, "several": _several}
