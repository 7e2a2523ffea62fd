"""The live figure of four formulas through the same runs, and what each foretells."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import notices, published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, points, region
from scalinglib.fitting import fit, fit_broken_power_law, fit_power_law
from scalinglib.laws import BrokenPowerLaw, PowerLaw
from scalinglib.simulate import fixed_scatter

TRUTHS = {
    "floor": published["besiroglu2024"].frontier_law,
    "line": PowerLaw(coefficient=25.0, exponent=0.05),
    "break": BrokenPowerLaw(a=0.0, b=30.0, c0=0.06, c=[0.08], d=[1e21], f=[0.3]),
}
"""A power law with a floor, one without, and one that bends down at 1e21 FLOP."""

FORMS = {"logarithm": "logarithm", "line": "power law", "floor": "law with a floor", "broken": "broken law"}
DECADES = (2, 3, 4, 5)
START, HORIZON, BUDGETS = 1e18, 1e25, np.logspace(18, 24, 19)
_COMPUTE = axis("training compute", 10**17.8, 10**25.2, unit="FLOP", scale="log", ticks=[1e18, 1e20, 1e22, 1e24])
_LOSS = axis("loss", 0.0, 3.9, unit="nats")
_COLOURS = {"logarithm": "reference", "line": "law", "floor": "ink", "broken": "data"}


@functools.lru_cache(maxsize=64)
def fitted(truth, decades):
    """The four laws fitted to the losses of the first decades, by squares of ln y.

    Parameters
    ----------
    truth : {"floor", "line", "break"}
    decades : float
        As in `which_curve`.

    Returns
    -------
    tuple
        Compute and losses that were fitted, and form -> law.

    Examples
    --------
    >>> C, loss, laws = fitted("line", 4.0)
    >>> print(len(C), {name: round(float(law(1e25)), 2) for name, law in laws.items()})
    13 {'logarithm': 1.11, 'line': 1.41, 'floor': 1.41, 'broken': 1.4}
    """
    C = BUDGETS[BUDGETS <= 1.001 * START * 10.0**decades]
    loss = TRUTHS[truth](C) * np.exp(0.005 * fixed_scatter(len(BUDGETS))[: len(C)])
    with notices.quiet():  # that runs leave the broken law's constants open is what the figure is about
        broken = fit_broken_power_law(C, loss, space="log").law
    logarithm = fit("a - b * log(C)", {"C": C, "loss": loss}, space="log", objective="least_squares").law
    return (
        C,
        loss,
        {
            "logarithm": lambda x: logarithm(C=x),
            "line": fit_power_law(C, loss, floor=None).law,
            "floor": fit_power_law(C, loss).law,
            "broken": broken,
        },
    )


@described(
    controls={
        "truth": Choice(
            label="What made the losses",
            options={"floor": "power law with floor", "line": "power law", "break": "power law with a break"},
        ),
        "decades": Slider.steps("Decades that are fitted", *DECADES, form="g1"),
    },
    predict=Predict(
        ask="Four formulas are fitted to the losses of the first four decades, and three more decades are to be "
        "foretold. The formula with six constants comes closest to the fitted losses. Which will come closest at "
        "10^25 FLOP?",
        why="Constants that are free follow the noise where there are runs, and go their own way where there are none. "
        "These losses were made by a power law with a floor, so the formula that cannot do otherwise is right.",
        answer="best",
        form="f0",
        options=((0, "the logarithm"), (1, "the power law"), (2, "the one with a floor"), (3, "the broken one")),
    ),
)
def which_curve(*, truth: str = "floor", decades: float = 4.0) -> dict:
    """Which formula foretells?

    Four formulas fitted to the same losses, and what each says beyond them.

    Parameters
    ----------
    truth : {"floor", "line", "break"}
        Which law made the losses.
    decades : float
        Decades of compute that are fitted, from 1e18 FLOP; the other losses are drawn but not used.

    Returns
    -------
    dict
        A picture; its value is the place of the formula that comes closest at 1e25 FLOP.

    Notes
    -----
    The losses are made by a known law, and the noise of 0.5% is a fixed pattern, not a sample; another pattern moves
    the broken law most. A break that lies beyond the fitted runs is foretold by none of the four.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.which_curve()["numbers"]["off_broken"]["value"], 1)
    -4.4
    """
    C, loss, laws = fitted(truth, float(decades))
    true = float(TRUTHS[truth](HORIZON))
    scatter = {name: 100 * float(np.sqrt(np.mean(np.log(loss / law(C)) ** 2))) for name, law in laws.items()}
    miss = {name: 100 * float(np.log(max(law(HORIZON), 1e-9) / true)) for name, law in laws.items()}
    closest, best = min(scatter, key=scatter.get), min(miss, key=lambda name: abs(miss[name]))
    numbers = {
        "truth": number(true, "f2", label="truth at 10^25 FLOP", unit="nats"),
        **{f"fit_{n}": number(scatter[n], "f2") for n in FORMS},
        **{f"off_{n}": number(miss[n], "+f1", label=f"{FORMS[n]}, off at 10^25 FLOP", unit="%") for n in FORMS},
        "best": number([*FORMS].index(best), "f0"),
    }
    grid, edge = np.geomspace(_COMPUTE["low"], _COMPUTE["high"], 41), START * 10.0**decades
    seen = np.where(BUDGETS <= 1.001 * edge, 1, np.nan)
    drawn = TRUTHS[truth](BUDGETS) * np.exp(0.005 * fixed_scatter(len(BUDGETS)))
    return {
        "axes": [panel(_COMPUTE, _LOSS, height=8)],
        "regions": {"beyond": region(x=(edge, _COMPUTE["high"]), label="foretold")},
        "curves": {
            name: curve(grid, law(grid), _COLOURS[name], label=FORMS[name], label_at=1.0, after=True)
            for name, law in laws.items()
        },
        "points": {
            "fitted": points(BUDGETS, drawn * seen, "data"),
            "later": points(BUDGETS, np.where(np.isnan(seen), drawn, np.nan), "data", after=True, hollow=True),
        },
        "numbers": numbers,
        "value": [*FORMS].index(best),
        "say": say(
            f"Closest to the fitted losses is the {FORMS[closest]}; closest at 10^25 FLOP, the truth being {{truth}} "
            f"nats, is the {FORMS[best]}. The broken law is off there by *{{off_broken}}*%, the law with a floor by "
            "{off_floor}%.",
            numbers,
        ),
    }
