"""Laboratory: a purse of FLOP, runs to buy with it, and one submission."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .. import arguments
from .draws import TARGET, WORLDS, checked_seed, draw_world, generator, to_six_digits
from .scoring import interval_score
from .tuning import SCHEDULES
from .world import SMALLEST_D, SMALLEST_N, World

if TYPE_CHECKING:
    import pandas

__all__ = ["Laboratory", "Submission", "laboratories"]

_LEAST_BUDGET, _MOST_BUDGET = 1e17, 1e26
_LEAST = 1e-3  # of the budget, that any run costs: or noise could be averaged away with runs that cost nothing
_MOST_EXTRA = 30.0  # of the loss above its floor, at a rate that trains nothing
_SPOILT = 1.5  # no run scatters more whose extra is below 1.25, as at rates that somebody would try
_FUZZ = 1e-9  # so that shares of a budget which add up to it may be spent


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A size for the target, what was claimed of it, and what it was worth.

    Attributes
    ----------
    N : float
        Submitted parameters.
    interval : tuple of float
        Between which the best N was said to lie.
    level : float
        How sure that was said to be.
    target : float
        FLOP of the run that was planned.
    loss : float
        What it reaches with the submitted N, at its best learning rate.
    best : float
        Parameters with the lowest loss there.
    best_loss : float
    wasted : float
        Share of the target's compute that could have been saved: with the rest, a run of the best size reaches the
        same loss.
    interval_score : float
        Of the interval in ln N: see `simulate.interval_score`.
    held : bool
        Whether the interval held the best N.
    world : World
        The truth, which is no secret any more.
    """

    N: float
    interval: tuple[float, float]
    level: float
    target: float
    loss: float
    best: float
    best_loss: float
    wasted: float
    interval_score: float
    held: bool
    world: World = field(repr=False)

    def report(self) -> str:
        """What came of it."""
        low, high = self.interval
        return (
            f"N = {self.N:.3g} at {self.target:.3g} FLOP: loss {self.loss:.4f}, {self.wasted:.1%} of compute wasted\n"
            f"  the best, N = {self.best:.3g}, reaches {self.best_loss:.4f}\n"
            f"  the {self.level:.0%} interval, {low:.3g} to {high:.3g}, {'held' if self.held else 'missed'} it: "
            f"score {self.interval_score:.3g}"
        )


class Laboratory:
    """A world to buy runs in: what is the best N at a hundred times the budget?

    A run costs ``6 N D`` FLOP, and a thousandth of the budget at least. What is asked for is checked first:
    nothing that is refused is charged. A run that diverges has been paid for.

    Parameters
    ----------
    seed : int
        Gives world and noise. Whoever has it and this library has the truth: that is for practice. For a class it is
        drawn under the secret (`classroom.laboratory_seed`) and the laboratory stands on the teacher's machine.
    budget : float
        FLOP, 1e17 to 1e26; 2e20 is a good one.
    world : str
        One of `simulate.WORLDS`, which `draw_world` describes, or "any".

    Raises
    ------
    ValueError
        For a seed, budget or world that is none.

    Examples
    --------
    >>> import scalinglib as sl
    >>> lab = sl.simulate.Laboratory(7, 2e20)
    >>> loss = lab.buy(1e8, 2e9)
    >>> 2 < loss < 5, f"{lab.left:.3g}", len(lab.ledger)
    (True, '1.99e+20', 1)
    >>> lab.submit(1e10, interval=(5e9, 2e10)).wasted < 0.5
    True
    """

    def __init__(self, seed: int, budget: float, *, world: str = "symmetric"):
        arguments.one_of("world", world, (*WORLDS, "any"))
        budget = arguments.scalar("budget", budget, positive=True)
        if not _LEAST_BUDGET <= budget <= _MOST_BUDGET:
            raise ValueError(f"budget must be {_LEAST_BUDGET:g} to {_MOST_BUDGET:g} FLOP; got {budget:g}")
        seed = checked_seed(seed)
        self._budget, self._name = budget, world
        self._world = draw_world(seed, budget, kind=world)
        self._drawn = seed, world, to_six_digits(budget)
        self._rows, self._bought, self._submission = [], {}, None
        self._lock = threading.Lock()  # two buyers at once must not both find the money that is there once

    def __reduce__(self):
        raise TypeError("a laboratory is one purse and cannot be copied; Laboratory(seed, budget) opens a new one")

    def __repr__(self):
        return f"<Laboratory, {self._name}: {self.left:.3g} of {self._budget:.3g} FLOP left, {len(self._rows)} runs>"

    @property
    def budget(self) -> float:
        """FLOP that the purse held."""
        return self._budget

    @property
    def target(self) -> float:
        """FLOP of the run that is planned, a hundred times the budget."""
        return TARGET * self._budget

    @property
    def left(self) -> float:
        """FLOP that are left in the purse."""
        return max(0.0, self._budget - math.fsum(row["C"] for row in self._rows))

    @property
    def world(self) -> str:
        """What kind of world it was said to be."""
        return self._name

    @property
    def unique_tokens(self) -> float:
        """Tokens of text that there are; infinite where they do not run out. A run of more repeats them."""
        return self._world.unique_tokens

    @property
    def ledger(self) -> "pandas.DataFrame":
        """The runs that were bought, in order: N, D, C (FLOP paid), loss, learning_rate, schedule, diverged, left.

        It is a copy: what is done to it does nothing to the laboratory.
        """
        import pandas

        names = ("N", "D", "C", "loss", "learning_rate", "schedule", "diverged", "left")
        return pandas.DataFrame(self._rows, columns=list(names))

    @property
    def submission(self) -> Submission | None:
        """What was submitted; None before."""
        return self._submission

    def cost(self, N: float, D: float) -> float:
        """FLOP that a run of `N` parameters and `D` tokens costs: ``6 N D``, a thousandth of the budget at least."""
        N, D = _size(N), _tokens(D)
        return max(6.0 * N * D, _LEAST * self._budget)

    def rule(self, N: float, D: float) -> float:
        """The learning rate that a run takes where none is asked for: a rule of thumb, near the best and not exact."""
        return float(self._world.tuning.rule(_size(N), _tokens(D)))

    def buy(self, N: float, D: float, *, learning_rate: float | None = None, schedule: str | None = None) -> float:
        """Train one run and pay for it.

        Parameters
        ----------
        N : float
            Parameters, 1e6 or more.
        D : float
            Tokens, 1e7 or more.
        learning_rate : float, optional
            At its peak; by default what `rule` says.
        schedule : {"decay", "constant"}, optional
            Whether the rate decays to zero at the run's end, which is the default, or never.

        Returns
        -------
        float
            The loss in nats per token, to four digits, with the scatter of a run; NaN where the run diverged.

        Raises
        ------
        ValueError
            For arguments that are none, for what the purse does not hold, and after the submission. Nothing is charged.

        Notes
        -----
        The same order in the same laboratory gives the same loss, whatever was bought before; ordered again, it is
        another run with scatter of its own. So a log of orders gives the ledger again.

        Orders are the same whose numbers agree to six digits: what a machine adds beyond them changes no draw. Each
        is trained and paid for as it was ordered, and the second is the order again, so that no draw comes for nothing.
        """
        cost = self.cost(N, D)
        N, D = _size(N), _tokens(D)
        schedule = arguments.one_of("schedule", SCHEDULES[0] if schedule is None else schedule, SCHEDULES)
        rate = (
            self.rule(N, D)
            if learning_rate is None
            else arguments.scalar("learning_rate", learning_rate, positive=True)
        )
        with self._lock:
            self._open("buys nothing more")
            if cost > self.left * (1.0 + _FUZZ):
                raise ValueError(
                    f"N = {N:.3g}, D = {D:.3g} cost {cost:.3g} FLOP and {self.left:.3g} are left: nothing was charged"
                )
            order = (*map(to_six_digits, (N, D, rate)), schedule)
            copy = self._bought[order] = self._bought.get(order, -1) + 1
            loss, diverged = self._train(N, D, rate, schedule, generator("run", *self._drawn, *order, copy))
            row = {"N": N, "D": D, "C": cost, "loss": loss, "learning_rate": rate, "schedule": schedule}
            self._rows.append(row | {"diverged": diverged})
            self._rows[-1]["left"] = self.left
            return loss

    def submit(self, N: float, *, interval: tuple[float, float], level: float = 0.8) -> Submission:
        """Name the best N at the target and an interval for it; the laboratory closes.

        Parameters
        ----------
        N : float
            Parameters of the planned run, whose tokens are ``target / (6 N)``.
        interval : tuple of float
            (low, high), which N lies between.
        level : float, default 0.8
            How sure it is that the best N lies there.

        Returns
        -------
        Submission

        Raises
        ------
        ValueError
            For a size or an interval that is none, and where one has been submitted.
        """
        N, level = _size(N), arguments.share("level", level)
        most = self.target / (6.0 * SMALLEST_D)
        if N > most:
            raise ValueError(f"N must be {most:.3g} or less, or the target buys under {SMALLEST_D:g} tokens; got {N:g}")
        low, high = (arguments.scalar("interval", end, positive=True) for end in arguments.pair("interval", interval))
        if not low <= N <= high:
            raise ValueError(f"interval must be (low, high) with N = {N:g} between; got {low:g} to {high:g}")
        with self._lock:
            self._open("takes no second submission")
            best, best_loss = self._world.best(self.target)
            self._submission = Submission(
                N=N,
                interval=(low, high),
                level=level,
                target=self.target,
                loss=float(self._world.loss(N, self.target / (6.0 * N))),
                best=best,
                best_loss=best_loss,
                wasted=self._world.wasted(N, self.target),
                interval_score=float(interval_score(*np.log([low, high, best]), level=level)),
                held=low <= best <= high,
                world=self._world,
            )
            return self._submission

    def report(self) -> str:
        """Where things stand."""
        lines = [
            f"Laboratory, {self._name}: {self.left:.3g} of {self._budget:.3g} FLOP left after {len(self._rows)} runs",
            f"  asked for: the best N at {self.target:.3g} FLOP, and an interval",
        ]
        if np.isfinite(self.unique_tokens):
            lines.append(f"  there are {self.unique_tokens:.3g} tokens of text; longer runs repeat them")
        if self._submission is not None:
            lines.append(self._submission.report())
        return "\n".join(lines)

    def _open(self, otherwise):
        if self._submission is not None:
            raise ValueError(f"N = {self._submission.N:.3g} was submitted: this laboratory {otherwise}")

    def _train(self, N, D, rate, schedule, rng):
        """The loss of one run, and whether it diverged."""
        world = self._world
        draw = rng.standard_normal()
        if world.tuning.diverged(N, D, rate, rng):
            return math.nan, True
        tuned = float(world.loss(N, D))
        extra = min(float(world.tuning.extra(N, D, rate, schedule)), _MOST_EXTRA)
        # a run spoilt on purpose tells no more of the loss above its floor than a good one
        scatter = math.exp(world.noise * max(1.0, 2.0 * extra - _SPOILT) * draw)
        return round((tuned + extra * (tuned - world.law.E)) * scatter, 4), False


def laboratories(seed: int, budget: float, *, count: int = 8, worlds: Sequence[str] = WORLDS) -> tuple[Laboratory, ...]:
    """Independent laboratories for one score; world after world as listed, and from the front again.

    Parameters
    ----------
    seed : int
        Of all of them; each draws its own from it.
    budget : float
        FLOP of each.
    count : int, default 8
    worlds : sequence of str
        Of `WORLDS`, or "any".

    Examples
    --------
    >>> import scalinglib as sl
    >>> [lab.world for lab in sl.simulate.laboratories(0, 2e20, count=3)]
    ['symmetric', 'asymmetric', 'short-of-data']
    """
    seed, count = checked_seed(seed), arguments.whole("count", count, most=1000)
    worlds = [worlds] if isinstance(worlds, str) else list(worlds)
    if not worlds:
        raise ValueError("worlds is empty; name at least one")
    seeds = [int.from_bytes(generator("set", seed, place).bytes(32), "big") for place in range(count)]
    return tuple(Laboratory(own, budget, world=worlds[place % len(worlds)]) for place, own in enumerate(seeds))


def _size(N):
    N = arguments.scalar("N", N, positive=True)
    if N < SMALLEST_N:
        raise ValueError(f"N must be {SMALLEST_N:g} parameters or more; got {N:g}")
    return N


def _tokens(D):
    D = arguments.scalar("D", D, positive=True)
    if D < SMALLEST_D:
        raise ValueError(f"D must be {SMALLEST_D:g} tokens or more; got {D:g}")
    return D
