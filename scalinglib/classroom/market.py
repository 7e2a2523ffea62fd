"""The market: the laboratories of a class, whose purses are what the ledger leaves, in one SQLite file.

The ledger is the log: every purchase and every submission is a row, written under the file's own lock before it is
told, and nothing else is kept. A laboratory is its seed and its orders, so a purse cannot be overdrawn by buyers that
race, in one process or in several.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .. import arguments
from ..simulate import WORLDS, Laboratory, Submission, laboratories
from ..simulate.draws import to_six_digits
from .variants import laboratory_seed, token

__all__ = ["Market"]

BUDGET, COUNT = 2e20, 8
LEVEL = 0.8  # of every interval: at another one a score would be no score of the same thing
_GAME = "capstone"  # the assignment that is played: its token, as of `write_class`, buys
_MADE = "plans", "six digits"  # what changed the meaning of rows since the first ledgers
_TABLE = """CREATE TABLE IF NOT EXISTS ledger (
  place INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP, token TEXT NOT NULL, world INTEGER NOT NULL,
  kind TEXT NOT NULL, N REAL, D REAL, learning_rate REAL, schedule TEXT, loss REAL, C REAL,
  low REAL, high REAL, level REAL, name TEXT, plan TEXT, UNIQUE (token, name))"""
_COLUMNS = tuple("place at world kind N D learning_rate schedule loss C low high level name".split())


class Market:
    """The laboratories of a class.

    Parameters
    ----------
    path : str or path
        Of the ledger; made if it is not there.
    students : iterable of str
        Ids.
    secret : str
        Of the course: worlds and tokens are drawn under it.
    budget : float
        FLOP of each purse.
    count : int
        Worlds of each student, each with a purse of its own.
    worlds : sequence of str
        Their kinds, in turn.

    Examples
    --------
    >>> import tempfile, scalinglib as sl
    >>> path = f"{tempfile.mkdtemp()}/ledger.sqlite"
    >>> market = sl.classroom.Market(path, ["s1"], secret="a secret of the year 2026")
    >>> mine = market.tokens["s1"]
    >>> bought = market.buy(mine, 0, N=1e8, D=2e9)
    >>> bought["C"], len(market.ledger(mine))
    (1.2e+18, 1)
    """

    def __init__(
        self,
        path: str | os.PathLike,
        students: Iterable[str],
        *,
        secret: str,
        budget: float = BUDGET,
        count: int = COUNT,
        worlds: Sequence[str] = WORLDS,
    ):
        self._path, self._count = Path(path), arguments.whole("count", count, most=1000)
        laboratories(0, budget, count=self._count, worlds=worlds)  # refused before anything is written
        self._students = {token(secret, _GAME, student): student for student in students}
        self._secret, self._budget, self._worlds = secret, budget, worlds
        self._open, self._lock = {}, threading.RLock()  # token -> laboratories as far as the ledger was read
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # what the rows mean hangs on all of this; a token of nobody's says which secret it was, and not what it is
        about = float(budget), count, list(worlds), token(secret, _GAME, "\nthe ledger")
        rules, before = repr((*about, *_MADE)), [repr((*about, *_MADE[:end])) for end in range(len(_MADE))]
        with self._ledger() as ledger:
            ledger.execute("BEGIN IMMEDIATE")
            ledger.execute(_TABLE)
            ledger.execute("CREATE TABLE IF NOT EXISTS rules (said TEXT)")
            known = ledger.execute("SELECT said FROM rules").fetchone()
            if known is None:
                ledger.execute("INSERT INTO rules VALUES (?)", [rules])
            ledger.execute("COMMIT")
        if known and known[0] in before:
            raise ValueError(
                f"{self._path} was begun with an earlier scalinglib, whose rows mean other runs: end the game with "
                "that one, or take another file"
            )
        if known not in (None, (rules,)):
            raise ValueError(f"{self._path} was begun under another secret, budget or set of worlds: take another file")

    @property
    def tokens(self) -> dict[str, str]:
        """Id -> token: each goes to its student, who buys with it."""
        return {student: name for name, student in self._students.items()}

    @property
    def count(self) -> int:
        """Worlds of each student."""
        return self._count

    def knows(self, name: str) -> bool:
        """Whether a token is one of the class's."""
        return name in self._students

    def state(self, name: str) -> list[dict]:
        """What a student may know of each world: budget, target, what is left, how much text there is, runs."""
        with self._lock, self._ledger() as ledger:
            self._catch_up(ledger, name)
            return [
                {
                    "world": place,
                    "budget": one.budget,
                    "target": one.target,
                    "left": one.left,
                    "unique_tokens": one.unique_tokens if one.unique_tokens < float("inf") else None,
                    "runs": len(one.ledger),
                    "submitted": one.submission is not None,
                }
                for place, one in enumerate(self._open[name])
            ]

    def buy(
        self,
        name: str,
        world: int,
        *,
        N: float,
        D: float,
        learning_rate: float | None = None,
        schedule: str | None = None,
        order: str | None = None,
        plan: str | None = None,
    ) -> dict:
        """Buy a run, as `Laboratory.buy`.

        Parameters
        ----------
        name : str
            The student's token.
        world : int
            From 0.
        N, D, learning_rate, schedule :
            Of the run.
        order : str, optional
            A name of this order: under the same one nothing is bought twice, and the first answer comes again. What is
            another order under that name, in six digits or fewer, is refused.
        plan : str, optional
            A mark of the plan as it stands now, see `plans`; empty for who has none yet.

        Returns
        -------
        dict
            "loss" (None where the run diverged), "C" and "left".

        Raises
        ------
        ValueError
            For what is no run, or more than is left; nothing is charged.
        """

        def deal(laboratory):
            laboratory.buy(N, D, learning_rate=learning_rate, schedule=schedule)
            row = laboratory.ledger.iloc[-1]
            bought = {key: float(row[key]) for key in ("N", "D", "learning_rate", "C")}
            return bought | {"loss": None if row.diverged else float(row.loss), "schedule": row.schedule, "plan": plan}

        if plan is not None and not (isinstance(plan, str) and len(plan) <= 100):
            raise ValueError(f"plan must be a text of 100 characters at most; got {arguments.abbreviate(plan)}")
        asked = {"N": N, "D": D, "learning_rate": learning_rate, "schedule": schedule}
        return self._deal(name, world, order, "buy", asked, deal)

    def submit(
        self,
        name: str,
        world: int,
        *,
        N: float,
        low: float,
        high: float,
        level: float = LEVEL,
        order: str | None = None,
    ) -> dict:
        """Submit a size and its 80% interval; what it is worth is told when the game is over."""
        if arguments.share("level", level) != LEVEL:
            raise ValueError(f"level must be {LEVEL:g} in a class, whose intervals are compared; got {level:g}")

        def deal(laboratory):
            laboratory.submit(N, interval=(low, high), level=level)
            return {"N": float(N), "low": float(low), "high": float(high), "level": float(level)}

        return self._deal(name, world, order, "submit", {"N": N, "low": low, "high": high}, deal)

    def ledger(self, name: str) -> list[dict]:
        """The rows of one student, in order."""
        with self._ledger() as ledger:
            rows = ledger.execute(f"SELECT {', '.join(_COLUMNS)} FROM ledger WHERE token = ? ORDER BY place", [name])
            return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]

    def kept(self, name: str) -> dict:
        """All that a student may know, as plain data: what `RemoteLaboratory` is played from without a server."""
        return {"worlds": self.state(name), "ledger": self.ledger(name)}

    def submissions(self) -> dict[str, tuple[Submission | None, ...]]:
        """Id -> what was submitted in each world, with what it was worth: for the teacher."""
        with self._ledger() as ledger:
            rows = ledger.execute(
                "SELECT token, world, N, low, high, level FROM ledger WHERE kind = 'submit'"
            ).fetchall()
        found = {student: [None] * self._count for student in self._students.values()}
        fresh = {}  # what a submission is worth hangs on no purchase
        for name, world, N, low, high, level in rows:
            if (student := self._students.get(name)) is not None:
                own = fresh[name] = fresh.get(name) or self._laboratories(student)
                found[student][world] = own[world].submit(N, interval=(low, high), level=level)
        return {student: tuple(each) for student, each in found.items()}

    def last(self) -> dict[str, float]:
        """Id -> when the last row of its own was written, in seconds as of a file's time."""
        with self._ledger() as ledger:
            rows = ledger.execute("SELECT token, max(at) FROM ledger GROUP BY token").fetchall()
        times = {self._students.get(name): datetime.fromisoformat(at) for name, at in rows}
        return {student: at.replace(tzinfo=UTC).timestamp() for student, at in times.items() if student is not None}

    def plans(self) -> dict[str, str | None]:
        """Id -> the mark of the plan that stood when the first run was bought; None where a sheet bought it."""
        with self._ledger() as ledger:
            rows = ledger.execute("SELECT token, plan, min(place) FROM ledger WHERE kind = 'buy' GROUP BY token")
            return {self._students[name]: plan for name, plan, _ in rows if name in self._students}

    @contextlib.contextmanager
    def _ledger(self) -> Iterator[sqlite3.Connection]:
        """One connection a call; it waits for others as long as it takes."""
        connection = sqlite3.connect(self._path, timeout=3600, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    def _deal(self, name, world, order, kind, asked, deal):
        if order is not None and not (isinstance(order, str) and 0 < len(order) <= 100):
            raise ValueError(f"order must be a text of 1 to 100 characters; got {arguments.abbreviate(order)}")
        with self._lock, self._ledger() as ledger:
            ledger.execute("BEGIN IMMEDIATE")  # from here on nobody else writes
            try:
                own = self._catch_up(ledger, name)
                place = arguments.whole("world", world, least=0, most=self._count - 1)
                asked = {"world": place, "kind": kind} | {key: one for key, one in asked.items() if one is not None}
                known = ledger.execute(
                    f"SELECT loss, C, {', '.join(asked)} FROM ledger WHERE token = ? AND name = ?", [name, order]
                ).fetchone()
                if known and order is not None:
                    if _agreeing(known[2:]) != _agreeing(asked.values()):
                        raise ValueError(f"order {arguments.abbreviate(order)} was another one: take a new name")
                    ledger.execute("ROLLBACK")
                    return self._told(kind, *known[:2], own[place])
                row = deal(own[place])
                row |= {"token": name, "world": place, "kind": kind, "name": order}
                marks = ", ".join("?" * len(row))
                ledger.execute(f"INSERT INTO ledger ({', '.join(row)}) VALUES ({marks})", [*row.values()])
                ledger.execute("COMMIT")
                return self._told(kind, row.get("loss"), row.get("C"), own[place])
            except BaseException as error:
                if ledger.in_transaction:
                    ledger.execute("ROLLBACK")
                if not isinstance(error, ValueError | TypeError | OverflowError):
                    self._open.pop(name, None)  # it may be ahead of the ledger
                raise

    def _laboratories(self, student):
        seed = laboratory_seed(self._secret, _GAME, student)
        return laboratories(seed, self._budget, count=self._count, worlds=self._worlds)

    def _told(self, kind, loss, cost, laboratory):
        return {"loss": loss, "C": cost, "left": laboratory.left} if kind == "buy" else {"submitted": True}

    def _catch_up(self, ledger, name) -> tuple[Laboratory, ...]:
        """The laboratories of a token as the ledger leaves them; what another process wrote is played again."""
        if name not in self._students:
            raise ValueError("this token is none of the class's")
        rows = ledger.execute(
            "SELECT world, kind, N, D, learning_rate, schedule, low, high, level FROM ledger WHERE token = ? "
            "ORDER BY place",
            [name],
        ).fetchall()
        own = self._open.get(name, ())
        done = sum(len(one.ledger) + (one.submission is not None) for one in own)
        if not own or done > len(rows):
            own, done = self._laboratories(self._students[name]), 0
        for world, kind, N, D, rate, schedule, low, high, level in rows[done:]:
            if kind == "buy":
                own[world].buy(N, D, learning_rate=rate, schedule=schedule)
            else:
                own[world].submit(N, interval=(low, high), level=level)
        self._open[name] = own
        return own


def _agreeing(values):
    """Of an order as far as another machine gives the same one."""
    return [to_six_digits(one) if isinstance(one, int | float) else one for one in values]
