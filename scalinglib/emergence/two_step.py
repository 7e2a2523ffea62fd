"""Two steps: a score at a larger scale, by way of the loss of the task's right answers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..fitting import FormFit
from ..fitting import fit as fit_form
from ..uncertainty.interval import tails
from ..uncertainty.predictions import predictions

__all__ = ["ScoreForecast", "TwoStepFit", "fit_two_step", "link_from_loss"]

LOSS = "E + A / N**alpha + B / D**beta"
_SOURCES = ("law of the loss", "scatter of the loss", "link", "scatter of the score")


def link_from_loss(chance: float | None = None) -> str:
    """The law of a score in the loss L of its right answers, as a text for `sl.fit`: a sigmoid between two levels.

    ``chance + (top - chance) * sigmoid(slope * (middle - L))``, the second step of Bhagia et al. 2024 (arXiv
    2412.04403, equation 2), with constants that are read: the score falls to `chance` at great losses, rises to `top`
    at small ones, and is half way between them at `middle`.

    Parameters
    ----------
    chance : float, optional
        What guessing scores, from 0 to below 1, which then is not fitted.

    Returns
    -------
    str

    Examples
    --------
    >>> from scalinglib.emergence import link_from_loss
    >>> import scalinglib as sl
    >>> sl.emergence.link_from_loss(0.25)
    '0.25 + (top - 0.25) * sigmoid(slope * (middle - L))'
    """
    level = "chance" if chance is None else repr(_chance(chance))
    return f"{level} + (top - {level}) * sigmoid(slope * (middle - L))"


def _chance(value):
    value = arguments.scalar("chance", value)
    arguments.refuse("chance", np.asarray(value), not 0.0 <= value < 1.0, "from 0 to below 1")
    return value


@dataclass(frozen=True, eq=False)
class ScoreForecast:
    """A score foretold, with its interval and what makes it wide.

    Attributes
    ----------
    value, low, high : float
        The score and the ends of its interval.
    loss, loss_low, loss_high : float
        The same of the loss that it goes by.
    level : float
    widths : dict
        Source -> the width that the interval would have if that were the only thing not known.
    samples : numpy.ndarray, shape (S,)
        Draws of the score.
    """

    value: float
    low: float
    high: float
    loss: float
    loss_low: float
    loss_high: float
    level: float
    widths: dict
    samples: np.ndarray = field(repr=False)

    def report(self) -> str:
        """The score, the loss behind it, and a line a source."""
        lines = [
            f"score {self.value:.3f}, {self.level:.0%} interval {self.low:.3f} to {self.high:.3f}",
            f"  by a loss of {self.loss:.3f} ({self.loss_low:.3f} to {self.loss_high:.3f})",
        ]
        lines += [f"  width from the {name} alone {width:.3f}" for name, width in self.widths.items()]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class TwoStepFit:
    """A law of the loss in N and D, and a law of the score in that loss.

    Attributes
    ----------
    loss_fit, score_fit : FormFit
    """

    loss_fit: FormFit
    score_fit: FormFit

    def __call__(self, N: ArrayLike, D: ArrayLike) -> np.ndarray:
        """The score at N parameters and D tokens (broadcast)."""
        return self.score_fit.law(L=self.loss_fit.law(N=N, D=D))

    def predict(self, N: float, D: float, *, seed: int, level: float = 0.8, resamples: int = 400) -> ScoreForecast:
        """The score of one new model, with an interval through both steps.

        Four things are drawn: the law of the loss (its residuals are redrawn, so that the few runs keep their design),
        the scatter of one run about it, the link (by whole runs, since checkpoints of one run err together), and the
        scatter of a score about it. The steps are drawn independently, though their runs are the same. What no draw
        contains is that a form may be wrong.

        Parameters
        ----------
        N, D : float
            Parameters and tokens, counted as in the fit.
        seed : int
        level : float, default 0.8
            Share of the draws inside the interval.
        resamples : int, default 400

        Returns
        -------
        ScoreForecast
        """
        N, D = arguments.scalar("N", N, positive=True), arguments.scalar("D", D, positive=True)
        seed = arguments.seed("seed", seed)
        rng, first, second = np.random.default_rng(seed), self.loss_fit, self.score_fit
        laws = first.bootstrap(resamples, seed=seed, method="residual").samples
        links = second.bootstrap(resamples, seed=seed, method="wild").samples
        count = len(laws)
        loss, value = float(first.law(N=N, D=D)), float(self(N, D))
        moved = predictions(first.law, laws, {"N": N, "D": D}) / loss
        strayed = np.exp(rng.choice(_freed(first), count))
        missed = rng.choice(_freed(second), count)

        def scores(losses, drawn=None):
            columns = {} if drawn is None else {name: drawn[name].to_numpy() for name in drawn}
            return second.form.values({**second.law.constants, **columns, "L": losses})

        level = arguments.scalar("level", level)
        arguments.refuse("level", np.asarray(level), not 0.0 < level < 1.0, "above 0 and below 1")
        ends, whole = tails(level), np.full(count, loss)
        alone = {
            "law of the loss": scores(loss * moved),
            "scatter of the loss": scores(loss * strayed),
            "link": scores(whole, links),
            "scatter of the score": value + missed,
        }
        losses = loss * moved * strayed
        samples = scores(losses, links) + missed
        low, high = np.clip(np.quantile(samples, ends), 0.0, 1.0)
        loss_low, loss_high = np.quantile(losses, ends)
        widths = {name: float(np.ptp(np.quantile(alone[name], ends))) for name in _SOURCES}
        return ScoreForecast(
            value, float(low), float(high), loss, float(loss_low), float(loss_high), level, widths, samples
        )

    def report(self) -> str:
        """Both laws."""
        return "\n".join(
            f"{name} = {fit.law.formula(digits=3)}" for name, fit in (("L", self.loss_fit), ("score", self.score_fit))
        )


def _freed(fit):
    """Residuals, made as large as those of runs that the fit has not seen."""
    return fit.residuals * np.sqrt(len(fit.residuals) / max(len(fit.residuals) - len(fit.form.constants), 1))


def fit_two_step(
    runs: object,
    checkpoints: object,
    *,
    loss: str,
    score: str,
    chance: float | None = None,
    groups: str = "run",
    anchored: bool = True,
) -> TwoStepFit:
    """Fit a law of the loss to finished runs, and a law of the score in that loss to their checkpoints.

    The way of Bhagia et al. 2024 (arXiv 2412.04403): the first step is `LOSS` with constants of zero or above, here
    by squares of the logarithm; the second a sigmoid, by squares of the score, with one artificial point of loss
    zero and score one.

    Parameters
    ----------
    runs : pandas.DataFrame or mapping of columns
        A row a finished run: N (parameters), D (tokens) and the column `loss`.
    checkpoints : pandas.DataFrame or mapping of columns
        A row a checkpoint: the columns `loss`, `score` and `groups`.
    loss, score : str
        Columns: loss of the task's right answers, and its score from 0 to 1.
    chance : float, optional
        What guessing scores, where it is not to be fitted.
    groups : str, default "run"
        Column that says which checkpoints are of one run.
    anchored : bool, default True
        Whether the point of loss zero and score one is added.

    Returns
    -------
    TwoStepFit
        ``.predict(N, D, seed=...)`` foretells a score.

    Raises
    ------
    ValueError
        For columns that are missing, scores outside 0 to 1, or checkpoints without a run, naming the rows.

    Examples
    --------
    >>> from scalinglib.emergence import fit_two_step
    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> N, D = (z.ravel() for z in np.meshgrid([2e8, 4e8, 8e8, 16e8], [1e10, 2e10, 5e10, 1e11]))
    >>> L = 0.5 + 300 / N**0.35 + 60 / D**0.2
    >>> score = 0.25 + 0.75 / (1 + np.exp(-5 * (0.8 - L)))
    >>> table = pd.DataFrame({"N": N, "D": D, "bpb": L, "acc": score, "run": range(16)})
    >>> found = sl.emergence.fit_two_step(table, table, loss="bpb", score="acc", chance=0.25, anchored=False)
    >>> round(float(found(13e9, 5e12)), 3)
    0.663
    """
    table = {name: arguments.column_of("runs", runs, name) for name in ("N", "D")}
    table[loss] = arguments.column_of("runs", runs, loss)
    whole = dict.fromkeys(("E", "A", "B", "alpha", "beta"), (0.0, np.inf))
    first = fit_form(LOSS, table, y=loss, bounds=whole, objective="log_least_squares")
    seen = arguments.real(score, arguments.column_of("checkpoints", checkpoints, score))
    arguments.refuse(score, seen, (seen < 0.0) | (seen > 1.0), "between 0 and 1")
    losses = arguments.real(loss, arguments.column_of("checkpoints", checkpoints, loss), positive=True)
    names, member = arguments.labels(groups, arguments.column_of("checkpoints", checkpoints, groups), len(seen))
    labels = [str(names[place]) for place in member]
    if anchored:
        losses, seen, labels = np.append(losses, 0.0), np.append(seen, 1.0), [*labels, "loss zero"]
    # a loss cannot fall below zero, so with the point there the level itself may lie a little above one
    levels = {"top": (0.0, np.inf if anchored else 1.0)} | ({"chance": (0.0, 1.0)} if chance is None else {})
    second = fit_form(
        link_from_loss(chance),
        {"L": losses, "score": seen},
        y="score",
        bounds={**levels, "slope": (0.0, np.inf)},
        objective="least_squares",
        groups=labels,
    )
    return TwoStepFit(first, second)
