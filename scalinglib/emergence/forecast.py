"""Forecast: an exact match that jumps, foretold from a loss that does not."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .exact_match import accuracy_from_loss, exact_match, whole

__all__ = ["MatchForecast", "forecast_match"]


@dataclass(frozen=True, eq=False)
class MatchForecast:
    """Exact match at larger scales, by way of the loss of one place.

    Attributes
    ----------
    fit : PowerLawFit
        Of the loss of one place on scale.
    k : int
        Places that must be right.
    seen : tuple of float
        Smallest and largest scale that was fitted.
    at, loss, accuracy, match : numpy.ndarray
        Scales asked about; loss and accuracy of one place there, and exact match.
    """

    fit: object = field(repr=False)
    k: int
    seen: tuple
    at: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    match: np.ndarray

    def report(self) -> str:
        """A line a scale, and how far it lies beyond the runs."""
        low, high = self.seen
        lines = [f"{self.k} places right, from the loss of one place at scales {low:.3g} to {high:.3g}"]
        for at, loss, accuracy, match in np.broadcast(self.at, self.loss, self.accuracy, self.match):
            beyond = at / self.seen[1]
            where = f", {beyond:.3g} times the largest run" if beyond > 1.0 else ""
            lines.append(f"  at {at:.3g}{where}: loss {loss:.4g}, a place {accuracy:.1%}, all {match:.2%}")
        lines.append("  It takes the places as independent and the loss as one power law; check both.")
        return "\n".join(lines)


def forecast_match(
    x: ArrayLike, loss: ArrayLike, *, k: int, at: ArrayLike, floor: float | str | None = None
) -> MatchForecast:
    """Foretell the share of answers right in all `k` places from the loss of one place at smaller scales.

    Two steps: a power law of loss on scale, then ``exp(-k loss)``. Where a loss is an average over unlike
    tokens the second step is too low: ``exp(-loss)`` is the geometric mean of their chances.

    Parameters
    ----------
    x : array_like, shape (n,)
        Scale of each run (parameters, tokens or FLOP), above zero.
    loss : array_like, shape (n,)
        Cross-entropy of one place in nats, above zero.
    k : int
        Places that must be right.
    at : array_like
        Scales to forecast, above zero, any shape.
    floor : None, number or "fit", default None
        Of the power law: what endless scale leaves of the loss. None is no floor.

    Returns
    -------
    MatchForecast

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> N = np.array([1e8, 3e8, 1e9])
    >>> print(sl.emergence.forecast_match(N, (2e7 / N) ** 0.35, k=10, at=1e11).report())
    10 places right, from the loss of one place at scales 1e+08 to 1e+09
      at 1e+11, 100 times the largest run: loss 0.05074, a place 95.1%, all 60.21%
      It takes the places as independent and the loss as one power law; check both.
    """
    from ..fitting import fit_power_law

    k = int(arguments.scalar("k", whole("k", k)))
    at = arguments.real("at", at, positive=True)
    fit = fit_power_law(x, loss, floor=floor)
    scales = arguments.column("x", x, positive=True)
    there = fit.law(at)
    arguments.refuse("at", at, np.asarray(there) < 0.0, "where the fitted loss is not below zero")
    accuracy = accuracy_from_loss(there)
    return MatchForecast(
        fit=fit,
        k=k,
        seen=(float(scales.min()), float(scales.max())),
        at=at,
        loss=np.asarray(there),
        accuracy=accuracy,
        match=exact_match(accuracy, k),
    )
