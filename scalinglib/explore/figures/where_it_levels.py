"""The live figure of a curve that levels off: what its first part says of its end."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, level, mark, points

START, CEILING, MIDDLE, STEEP = 0.2, 0.6, 8_000.0, 0.9
"""The made-up curve: pass rate before training, in the end, device-hours to half of the gain, and exponent."""

HOURS = np.geomspace(1_500, 102_400, 37)
DRAWN = np.geomspace(1_000, 1e6, 49)
ENDS = np.linspace(0.30, 1.0, 71)
_TICKS = [(1e3, "1"), (1e4, "10"), (1e5, "100"), (1e6, "1,000")]
_HOURS = axis("thousand device-hours", 1_000, 1e6, scale="log", ticks=_TICKS, form="w2")
_RATE = axis("pass rate", 0.15, 1.03, form="p0", ticks=[(k / 5, f"{20 * k}%") for k in range(1, 6)])


def rate(hours, *, end=CEILING, middle=MIDDLE, steep=STEEP):
    """Pass rate after so many device-hours, R_0 + (A - R_0) / (1 + (C_mid / C)**B).

    Examples
    --------
    >>> round(float(rate(8_000.0)), 3)
    0.4
    """
    return START + (end - START) / (1.0 + (middle / np.asarray(hours)) ** steep)


@functools.cache
def measured(noise: float):
    """Pass rates at HOURS with normal errors of this standard deviation, the same draw at every noise."""
    return rate(HOURS) + noise * np.random.default_rng(4).standard_normal(HOURS.size)


def _best(hours, rates, *, steps=80):
    """Middle and steepness, (n, 1) each, that fit best at every end: damped Gauss-Newton steps, all ends at once."""
    place = np.tile([np.log(MIDDLE), 0.0], (len(ENDS), 1))
    damping, height = np.full(len(ENDS), 1e-3), ENDS[:, None] - START

    def share(at):
        return 1.0 / (1.0 + np.exp(np.exp(at[:, 1:]) * (at[:, :1] - np.log(hours))))

    for _ in range(steps):
        done = share(place)
        off = START + height * done - rates
        slope = height * done * (1.0 - done) * np.exp(place[:, 1:])
        jacobian = np.stack([-slope, slope * (np.log(hours) - place[:, :1])], axis=2)
        normal = np.einsum("enp,enq->epq", jacobian, jacobian)
        damped = normal + damping[:, None, None] * np.einsum("epp->ep", normal)[:, :, None] * np.eye(2)
        step = np.linalg.solve(damped, -np.einsum("enp,en->ep", jacobian, off)[..., None])[..., 0]
        tried = np.clip(place + np.clip(step, -1.0, 1.0), [0.0, -3.0], [25.0, 2.0])
        better = ((START + height * share(tried) - rates) ** 2).sum(axis=1) <= (off**2).sum(axis=1)
        place = np.where(better[:, None], tried, place)
        damping = np.clip(np.where(better, damping / 3.0, damping * 4.0), 1e-9, 1e9)
    return np.exp(place[:, :1]), np.exp(place[:, 1:])


@functools.cache
def fitted(seen: float, noise: float):
    """Ends that the readings up to `seen` allow at 80%, with the curve of each, and the place of the best.

    The misfit of every end, its steepness and middle at their best, against the F distribution; an end above 1 is no
    rate.
    """
    from scipy.special import fdtri

    known = seen * 1.001 >= HOURS
    hours, rates = HOURS[known], measured(noise)[known]
    middle, steep = _best(hours, rates)
    misfits = ((rate(hours, end=ENDS[:, None], middle=middle, steep=steep) - rates) ** 2).sum(axis=1)
    curves, free = rate(DRAWN, end=ENDS[:, None], middle=middle, steep=steep), hours.size - 3
    kept = misfits <= misfits.min() * (1.0 + fdtri(1, free, 0.8) / free)
    return ENDS[kept], curves[kept], int(misfits[kept].argmin())


@described(
    controls={
        "seen": Slider.steps("Device-hours seen", 4_800, 9_600, 19_200, 38_400, 51_200, 102_400, form="w2"),
        "noise": Slider.steps("Error of a reading (points of a hundred)", 0.2, 0.5, 1.0, 2.0, form="f1"),
    },
    predict=Predict(
        ask="A model is trained by reward. Its pass rate was 20% before, and has been read to about 10,000 "
        "device-hours. Guess where it levels off.",
        why="Up to its middle a curve of this kind looks the same for many ends: a higher end with a later middle. "
        "Only where it has begun to bend down does it say where it goes.",
        answer="end",
        low=0.3,
        high=1.0,
        form="p0",
        x=5e5,
    ),
)
def where_it_levels(*, seen: float = 9_600, noise: float = 0.5) -> dict:
    """Where does it level off?

    A sigmoid in the logarithm of compute, read so far, and the ends that the readings allow.

    Parameters
    ----------
    seen : float
        Device-hours up to which the pass rate was read.
    noise : float
        Standard deviation of a reading, in points of a hundred.

    Returns
    -------
    dict
        A picture; its value is the width of the 80% interval of the end.

    Notes
    -----
    The curve is made up and of the very form that is fitted, and readings err independently: both are kinder than a
    real run, whose readings come from one training and whose form is not known.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.explore.where_it_levels(seen=102400)["value"] < 0.1
    True
    """
    ends, curves, best = fitted(float(seen), noise / 100)
    known = seen * 1.001 >= HOURS
    rates = measured(noise / 100)
    numbers = {
        "seen": number(seen, "w2", scale="log"),
        "end": number(CEILING, "p0", label="where it levels off"),
        "best": number(ends[best], "p0", label="end of the best fit"),
        "low": number(ends[0], "p0", label="lowest end allowed (80%)"),
        "high": number(ends[-1], "p0", label="highest end allowed (80%)"),
    }
    after = {"after": True}
    return {
        "axes": panel(_HOURS, _RATE, height=5),
        "bands": {"allowed": band(DRAWN, curves.min(axis=0), curves.max(axis=0), "law", **after)},
        "curves": {
            "truth": curve(DRAWN, rate(DRAWN), "reference", **after),
            "best": curve(DRAWN, curves[best], "law", read=True, **after),
            "end": level(_HOURS, CEILING, "reference", thin=True, **after),
            "until": curve([seen, seen], [0.42, _RATE["high"]], "quiet", thin=True, read=False),
        },
        "points": {
            "seen": points(HOURS, np.where(known, rates, np.nan), "data", size=3.5),
            "later": points(HOURS, np.where(known, np.nan, rates), "data", hollow=True, size=3.5, **after),
        },
        "marks": {
            "best": mark(1.4e4, 0.26, "band: the readings allow it", "law", **after),
            "truth": mark(1.4e4, 0.20, "dashed: the truth", "reference", **after),
        },
        "numbers": numbers,
        "value": float(ends[-1] - ends[0]),
        "say": say(
            "Read to {seen} device-hours, the best fit levels off at {best}, and any end from *{low}* to *{high}* is "
            "allowed (80%); it is {end}.",
            numbers,
        ),
    }
