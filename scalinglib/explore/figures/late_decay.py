"""The live figure of a learning rate that is kept, and then falls to zero."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, mark, points

STEPS, BATCH = 2000, 16
DIRECTIONS = np.arange(1, 501)
STEEPNESS = DIRECTIONS**-1.5
START = DIRECTIONS**-0.5
"""Squared error of each direction before the first step."""

KEPT = tuple(k / 10 for k in range(11))
PEAKS = tuple(float(2.0 ** (k / 2)) for k in range(-10, 1))
SHOWN = np.unique(np.r_[np.linspace(0.02, 0.8, 14), np.linspace(0.8, 1.0, 11)])
"""Shares of the run at which the risk is drawn."""

_DONE = axis("share of the run", 0.0, 1.06, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(5)])
_RATE = axis("rate", 0.0, 1.08, ticks=[0, 0.5, 1])
_RISK = axis("risk", 1.5e-3, 3.0, scale="log", ticks=[0.01, 0.1, 1.0], form="g2")


def rate_at(done, kept):
    """The rate over its peak after a share `done` of the run, kept for a share `kept` and then straight to zero.

    Examples
    --------
    >>> [float(rate_at(done, 0.8)) for done in (0.5, 0.9, 1.0)]
    [1.0, 0.5, 0.0]
    """
    return np.minimum(1.0, (1.0 - np.asarray(done)) / max(1.0 - kept, 1e-12))


@functools.lru_cache(maxsize=len(PEAKS))
def along(peak):
    """Risk along the run for every share in KEPT, and the part of it that is still to learn.

    Parameters
    ----------
    peak : float
        The highest rate.

    Returns
    -------
    tuple of ndarray, shape (len(SHOWN), len(KEPT))
        The risk, and the part of the start that no step has removed yet.

    Examples
    --------
    >>> risk, to_learn = along(PEAKS[7])
    >>> print(f"{risk[-1, -1]:.3f} at a constant rate, {risk[-1, 8]:.3f} with the last fifth to zero")
    0.036 at a constant rate, 0.013 with the last fifth to zero
    """
    error = np.repeat(START[:, None], len(KEPT), axis=1)
    untouched = error.copy()
    at = np.round(SHOWN * STEPS).astype(int)
    risk, to_learn = (np.empty((len(at), len(KEPT))) for _ in range(2))
    kept = np.array(KEPT)
    for step in range(STEPS):
        rate = peak * np.minimum(1.0, (1.0 - (step + 0.5) / STEPS) / np.maximum(1.0 - kept, 1e-12))
        shrink = (1.0 - rate * STEEPNESS[:, None]) ** 2
        noise = (STEEPNESS @ error + 1.0) / BATCH
        error = error * shrink + rate**2 * STEEPNESS[:, None] * noise
        untouched *= shrink
        for place in np.flatnonzero(at == step + 1):
            risk[place], to_learn[place] = STEEPNESS @ error, STEEPNESS @ untouched
    return risk, to_learn


@described(
    controls={
        "kept": Slider.steps("The rate is kept for", *KEPT, form="p0", unit="of the run"),
        "peak": Slider.steps("Highest rate", *PEAKS, form="g2"),
    },
    predict=Predict(
        ask="Two runs of 2,000 steps with the same highest rate. In one the rate is kept to the end, in the other it "
        "falls to zero over the last fifth. Which part of the first run's risk is left at the end of the second?",
        why="At a rate that is kept, most of the risk is shaking: each step adds as much as it takes away. The shaking "
        "goes with the rate, and what was learned at the high rate stays.",
        answer="left",
        low=0.0,
        high=1.0,
        form="p0",
    ),
)
def late_decay(*, kept: float = 0.8, peak: float = PEAKS[7]) -> dict:
    """When should the rate begin to fall?

    The risk along a run of noisy steps on a least-squares problem, for a rate that is kept and then falls to zero.

    Parameters
    ----------
    kept : float
        Share of the run over which the rate stays at its highest; 1 for a constant rate, 0 for a straight fall.
    peak : float
        The highest rate.

    Returns
    -------
    dict
        A picture; its value is the risk at the end over that of the constant rate.

    Notes
    -----
    500 directions with steepness falling as the power 1.5 of their number, batches of 16, means over the noise. Real
    losses are not parabolas; what carries over is that steep directions shake and flat ones lag.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.late_decay()["say"])
    Kept for 80% of the run: at the end the risk is 0.013, of which 54% is shaking. At a constant rate it is 0.036, so
    35% of it is left.
    """
    risk, to_learn = along(peak)
    place = KEPT.index(kept)
    end, constant = risk[-1, place], risk[-1, -1]
    shaking = (risk - to_learn)[:, place]
    numbers = {
        "kept": number(kept, "p0"),
        "end": number(end, "g2", scale="log", label="risk at the end"),
        "constant": number(constant, "g2", scale="log", label="risk at the end, constant rate"),
        "learn": number(to_learn[-1, place], "g2", scale="log", label="still to learn at the end"),
        "shaking": number(shaking[-1] / end, "p0", label="of the risk at the end is shaking"),
        "left": number(end / constant, "p0", label="of the constant rate's risk is left"),
    }
    done = np.linspace(0.0, 1.0, 101)
    low = np.where(shaking > _RISK["low"], shaking, np.nan)
    return {
        "axes": [panel(_DONE, _RATE, height=2, x_label=False), panel(_DONE, _RISK, height=6)],
        "curves": {
            "rate": curve(done, peak * rate_at(done, kept), "ink", read=False),
            "constant": curve(SHOWN, risk[:, -1], "reference", panel=1, read=False),
            "learn": curve(SHOWN, to_learn[:, place], "quiet", panel=1, thin=True, read=False, after=True),
            "shaking": curve(SHOWN, low, "rival", panel=1, thin=True, read=False, after=True),
            "risk": curve(SHOWN, risk[:, place], "law", panel=1, read=True, after=True),
        },
        "points": {"end": points(1.0, end, "law", size=5.5, panel=1, after=True)},
        "marks": {
            "constant": mark(0.0, 1.9, "dashed: constant", "reference", panel=1),
            "shaking": mark(0.54, 1.9, "dash-dotted: shaking", "rival", panel=1, after=True),
            "learn": mark(0.54, 0.8, "thin: still to learn", "quiet", panel=1, after=True),
            "risk": mark(0.0, 0.8, "thick: this rate", "law", panel=1, after=True),
        },
        "numbers": numbers,
        "value": float(end / constant),
        "say": say(
            "Kept for {kept} of the run: at the end the risk is *{end}*, of which {shaking} is shaking. At a constant "
            "rate it is {constant}, so {left} of it is left.",
            numbers,
        ),
    }
