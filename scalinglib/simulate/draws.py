"""Draws: worlds of several kinds, drawn from a seed within ranges that were measured or printed."""

import hashlib

import numpy as np

from .. import arguments
from ..laws import ChinchillaLaw
from .tuning import Tuning
from .world import Bend, World

__all__ = ["TARGET", "WORLDS", "draw_world", "generator", "to_six_digits"]

TARGET = 100.0  # FLOP at the target over the budget

WORLDS = ("symmetric", "asymmetric", "short-of-data", "break", "far-from-twenty")

_LONGEST = 512  # bits of a seed


def draw_world(seed: int, budget: float, *, kind: str = "symmetric") -> World:
    """The world of a laboratory: the same for the same seed, budget and kind.

    Parameters
    ----------
    seed : int
        Zero or more, up to 512 bits. A seed that can be guessed gives the truth away: for a class,
        `classroom.laboratory_seed` draws one under the secret.
    budget : float
        FLOP; the world is laid out about it and about the target, a hundred times as much.
    kind : str
        One of `WORLDS`, or "any", which draws the kind too.

        - "symmetric": one exponent for N and D, so that the best ratio of tokens to parameters stays what it is.
        - "asymmetric": two exponents, so that the best ratio moves with compute.
        - "short-of-data": there are 1/20 to 1/3 of the tokens that the target would want, and repeats lose their worth.
        - "break": the exponent of N changes at a size that the budget can reach.
        - "far-from-twenty": the best ratio at the target is three to six times 20, or a third to a sixth of it.

    Returns
    -------
    World

    Notes
    -----
    Where the numbers come from. *The course's own runs*: the scatter between seeds, 0.24% of the loss
    (language-model, 35 cells of three runs). The best learning rate as N^-0.59 D^-0.25 (13 sweeps of learning-rates);
    N's exponent is drawn from -0.70 to -0.50 and D's from -0.25 to 0.30, since others find it positive (Step Law, arXiv
    2503.04715: 0.31). A rate e times off costs 0.04 to 0.135 of the loss above its floor (the quartiles of those
    sweeps). Without decay, 0.05 to 0.20 (schedules-again, whose long runs lie 0.12 higher in the median).
    Exponents from 0.28 (Hoffmann et al. 2022) to 0.50 (language-model: 0.49 and 0.53).
    *Printed*: R_D = 15.4 (Muennighoff et al. 2023), drawn from half to twice that; parameters do not fade, as theirs
    do. Our own repeated-data do not bound R_D from above; past 8 passes they overfit, which no world here does.
    *Chosen*: floors of 1.6 to 2.0 nats and a best loss at the target 0.20 to 0.35 above; ratios from 5 to 80 tokens a
    parameter at the target, where the kind says nothing else; one run in a hundred lost; divergence beyond 5 to 10
    times the best rate: of our 91 sweep runs, whose gradients are clipped, none diverged up to four times the middle
    rate.

    Examples
    --------
    >>> import scalinglib as sl
    >>> world = sl.simulate.draw_world(1, 2e20, kind="far-from-twenty")
    >>> N, loss = world.best(2e22)
    >>> 3 < max(20 / (2e22 / (6 * N**2)), 2e22 / (6 * N**2) / 20) < 6.1
    True
    """
    seed, budget = checked_seed(seed), arguments.scalar("budget", budget, positive=True)
    arguments.one_of("kind", kind, (*WORLDS, "any"))
    rng = generator("world", seed, kind, to_six_digits(budget))
    if kind == "any":
        kind = WORLDS[int(rng.integers(len(WORLDS)))]
    target = TARGET * budget
    alpha, beta = _exponents(rng, kind)
    floor, above, ratio = rng.uniform(1.6, 2.0), rng.uniform(0.20, 0.35), _ratio(rng, kind)
    N = np.sqrt(target / 6.0 / ratio)
    size_term, data_term = above * beta / (alpha + beta), above * alpha / (alpha + beta)
    bend, unique = None, np.inf
    low_alpha, A = alpha, size_term * N**alpha
    if kind == "break":
        # Below the break the exponent is another one; at the target both terms are what they would be without.
        bend = Bend(
            at=N * rng.uniform(0.02, 0.05), change=float(rng.choice([-1, 1])) * rng.uniform(0.06, 0.12), width=0.3
        )
        low_alpha = alpha - bend.change
        A = size_term * N**low_alpha / bend.factor(N)
    if kind == "short-of-data":
        unique = N * ratio / np.exp(rng.uniform(np.log(3.0), np.log(20.0)))
    law = ChinchillaLaw(E=floor, A=float(A), B=float(data_term * (N * ratio) ** beta), alpha=low_alpha, beta=beta)
    return World(
        kind=kind,
        law=law,
        unique_tokens=float(unique),
        R_D=15.4 * 2.0 ** rng.uniform(-1, 1),
        bend=bend,
        tuning=_tuning(rng),
        noise=0.0024,
    )


def _exponents(rng, kind):
    if kind != "asymmetric":
        both = rng.uniform(0.28, 0.50)
        return both, both
    small = rng.uniform(0.28, 0.38)
    pair = small, small + rng.uniform(0.08, 0.12)
    return pair if rng.random() < 0.5 else pair[::-1]


def _ratio(rng, kind):
    if kind == "far-from-twenty":
        return 20.0 * rng.uniform(3.0, 6.0) ** float(rng.choice([-1, 1]))
    return np.exp(rng.uniform(np.log(5.0), np.log(80.0)))


def _tuning(rng):
    by_N, by_D = rng.uniform(-0.70, -0.50), rng.uniform(-0.25, 0.30)
    rate = 1e-3 * 2.0 ** rng.uniform(-1, 1)
    return Tuning(
        rate=rate,
        by_N=by_N,
        by_D=by_D,
        rule_rate=rate * 1.5 ** rng.uniform(-1, 1),
        rule_by_N=by_N + rng.uniform(-0.05, 0.05),
        rule_by_D=by_D + rng.uniform(-0.05, 0.05),
        cost=rng.uniform(0.040, 0.135),
        diverges=rng.uniform(5.0, 10.0),
        fails=0.01,
        constant=rng.uniform(0.05, 0.20),
    )


def checked_seed(seed):
    """The seed as a whole number of any length up to 512 bits, or ValueError."""
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**_LONGEST:
        raise ValueError(f"seed must be a whole number, 0 to 2**{_LONGEST} - 1; got {arguments.abbreviate(seed)}")
    return int(seed)


def generator(*parts: object) -> np.random.Generator:
    """A generator of its own for each list of parts."""
    said = "".join(f"{len(text)}:{text}" for text in map(str, parts))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(said.encode()).digest(), "big"))


def to_six_digits(value: float) -> str:
    """A number as draws know it.

    Powers and fits end in other digits on other machines: beyond the sixth significant one nothing may hang on them.

    Examples
    --------
    >>> to_six_digits(1e8), to_six_digits(1e8 * (1 + 1e-12)), to_six_digits(1.00001e8)
    ('1e+08', '1e+08', '1.00001e+08')
    """
    return f"{value:.6g}"
