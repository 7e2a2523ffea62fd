"""Fits of Kaplan's joint law to runs."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.bounded import descend, spread
from ..laws import KaplanLaw
from .identifiability import IdentifiabilityWarning

__all__ = ["KaplanFit", "fit_kaplan"]

_STARTS = 6
_LARGEST = 700.0  # logarithm of what a float can hold


@dataclass(frozen=True, eq=False)
class KaplanFit:
    """Kaplan's joint law fitted to runs.

    Attributes
    ----------
    law : KaplanLaw
        The fitted law; its N counts what the runs' N counts, which in the paper is no embeddings.
    residuals : numpy.ndarray, shape (n,)
        ln(loss / law).
    rms : float
        Root mean square of the residuals.
    converged : bool
        Whether the start that won met its tolerance.
    starts_agreeing : int
        How many of the refined starts ended within 1e-6 (relative) of the best sum of squares.
    undetermined : tuple of str
        Constants that the runs leave open: a spread of more than a factor of 100 in N_c or D_c, or of an
        exponent as large as itself.
    N, D, loss : numpy.ndarray
        The runs.
    """

    law: KaplanLaw
    residuals: np.ndarray = field(repr=False)
    rms: float
    converged: bool
    starts_agreeing: int
    undetermined: tuple
    N: np.ndarray = field(repr=False)
    D: np.ndarray = field(repr=False)
    loss: np.ndarray = field(repr=False)

    def report(self) -> str:
        """What a person should know about the fit."""
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        lines = [
            f"Kaplan's joint law fitted to {len(self.N)} runs, rms residual {self.rms:.3g} of ln loss;",
            f"  {ended}; {self.starts_agreeing} starts agree",
        ]
        for name in ("N_c", "D_c", "alpha_N", "alpha_D"):
            note = "   not determined by these runs" if name in self.undetermined else ""
            lines.append(f"  {name:<8}{getattr(self.law, name):>14.7g}{note}")
        lines += [
            f"  seen: N {self.N.min():.3g} to {self.N.max():.3g}, D {self.D.min():.3g} to {self.D.max():.3g}",
            "  N should count no embeddings. The law has no floor: do not trust it far above them.",
        ]
        return "\n".join(lines)


def _model(theta, z_N, z_D):
    """ln L (n,) and its slopes (n, 4) in (level, tilt, ratio, alpha_D).

    ln L = level + alpha_D ln(exp(tilt - ratio z_N) + exp(-tilt - z_D)), ratio = alpha_N / alpha_D, z centred
    logarithms: level and alpha_D enter linearly.
    """
    level, tilt, ratio, alpha_D = theta
    size, data = tilt - ratio * z_N, -tilt - z_D
    both = np.logaddexp(size, data)
    share = np.exp(size - both)
    slopes = [np.ones_like(both), alpha_D * (2.0 * share - 1.0), -alpha_D * share * z_N, both]
    return level + alpha_D * both, np.stack(slopes, axis=1)


def _starts(z_N, z_D, log_loss, ratios):
    """The best few of a grid over (tilt, ratio), level and alpha_D solved for each."""
    tilts = np.linspace(-1.0, 1.0, 17)
    found = []
    for ratio in ratios:
        reach = 0.5 * (ratio * np.ptp(z_N) + np.ptp(z_D)) + 1.0
        for tilt in tilts * reach:
            both = np.logaddexp(tilt - ratio * z_N, -tilt - z_D)
            centred = both - both.mean()
            size = centred @ centred
            alpha_D = max((centred @ log_loss) / size if size > 0 else 0.0, 1e-3)
            level = float(np.mean(log_loss - alpha_D * both))
            misfit = ((log_loss - level - alpha_D * both) ** 2).sum()
            found.append((misfit, [level, tilt, ratio, alpha_D]))
    found.sort(key=lambda pair: pair[0])
    return np.array([theta for _, theta in found[:_STARTS]])


def fit_kaplan(
    N: ArrayLike, D: ArrayLike, loss: ArrayLike, *, objective: str = "log_least_squares", delta: float = 1e-3
) -> KaplanFit:
    """Fit ``L = [(N_c/N)**(alpha_N/alpha_D) + D_c/D]**alpha_D`` to runs.

    The form is Kaplan et al. 2020 (arXiv 2001.08361), equation 1.5. It has no floor, so it is fitted here
    mostly to be compared: see compare_forms.

    Parameters
    ----------
    N, D, loss : array_like, shape (n,)
        Parameters without embeddings, training tokens and final loss (nats per token) of each run, all
        above zero, at least four runs.
    objective : {"log_least_squares", "huber"}
        Sum of squares, or of Huber(delta), of ln(loss / law).
    delta : float, default 1e-3
        Huber's corner in units of log loss; only "huber" uses it.

    Returns
    -------
    KaplanFit
        ``.law``, ``.residuals``, ``.rms``, ``.converged``, ``.undetermined`` and ``.report()``.

    Raises
    ------
    ValueError
        Unequal lengths, entries that are not finite and above zero, fewer than four runs, or a loss that
        falls so little with N or D that N_c or D_c is no number a float can hold.

    Warns
    -----
    IdentifiabilityWarning
        If the runs leave constants undetermined.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e8, 2e10, 5)))
    >>> fit = sl.fit_kaplan(N, D, sl.published["kaplan2020"](N, D))
    >>> round(fit.law.alpha_N, 6), round(fit.law.alpha_D, 6)
    (0.076, 0.103)
    """
    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    arguments.one_of("objective", objective, ("log_least_squares", "huber"))
    delta = arguments.scalar("delta", delta, positive=True)
    arguments.enough_runs(len(N), 4, "Kaplan's joint law")
    x, log_loss = np.log(np.stack([N, D])), np.log(loss)
    centre = x.mean(1)
    z_N, z_D = x - centre[:, None]
    reach_N, reach_D = np.maximum(0.5 * np.ptp(x, axis=1), 1e-3)
    steepest = 60.0 / reach_D
    ratios = np.geomspace(0.05, 20.0, 13) * min(max(reach_D / reach_N, 1e-2), 1e2)
    top = float(ratios.max()) * 50.0
    tilt = top * reach_N + reach_D + 60.0
    low = np.array([-np.inf, -tilt, ratios.min() / 50.0, 1e-4])
    high = np.array([np.inf, tilt, top, max(steepest, 1.0)])

    def model(theta):
        value, slopes = _model(theta, z_N, z_D)
        return log_loss - value, -slopes

    corner = delta if objective == "huber" else np.inf
    found = descend(model, _starts(z_N, z_D, log_loss, ratios), low, high, corner=corner)
    level, tilt, ratio, alpha_D = found.theta
    log_N_c = (level / alpha_D + tilt) / ratio + centre[0]
    log_D_c = level / alpha_D - tilt + centre[1]
    for name, value, of in (("N_c", log_N_c, "N"), ("D_c", log_D_c, "D")):
        if abs(value) > _LARGEST:
            raise ValueError(
                f"Kaplan's law would need {name} = e^{value:.4g}, which no float can hold: "
                f"over these runs the loss hardly falls with {of}"
            )
    law = KaplanLaw(N_c=np.exp(log_N_c), D_c=np.exp(log_D_c), alpha_N=ratio * alpha_D, alpha_D=alpha_D)
    fit = KaplanFit(
        law=law,
        residuals=found.residuals,
        rms=found.rms,
        converged=found.converged,
        starts_agreeing=found.starts_agreeing,
        undetermined=_undetermined(found),
        N=N,
        D=D,
        loss=loss,
    )
    if fit.undetermined:
        warnings.warn(
            f"these {len(N)} runs do not determine {', '.join(fit.undetermined)} of Kaplan's law; "
            "add runs at other N for each D",
            IdentifiabilityWarning,
            stacklevel=2,
        )
    if not fit.converged:
        warnings.warn("the fit stopped before its optimum; do not use it", RuntimeWarning, stacklevel=2)
    return fit


def _undetermined(found):
    """Constants whose spread leaves them open."""
    level, tilt, ratio, alpha_D = found.theta
    # d (ln N_c, ln D_c, ln alpha_N, ln alpha_D) / d (level, tilt, ratio, alpha_D)
    log_size = level / alpha_D + tilt
    turn = np.array(
        [
            [1 / (alpha_D * ratio), 1 / ratio, -log_size / ratio**2, -level / (alpha_D**2 * ratio)],
            [1 / alpha_D, -1.0, 0.0, -level / alpha_D**2],
            [0.0, 0.0, 1 / ratio, 1 / alpha_D],
            [0.0, 0.0, 0.0, 1 / alpha_D],
        ]
    )
    # In the law's own constants the slopes are those of the fit times the inverse of the turn.
    deviation = spread(found.slopes @ np.linalg.inv(turn), found.residuals, np.ones(4, dtype=bool))
    limits = {"N_c": np.log(100.0), "D_c": np.log(100.0), "alpha_N": 1.0, "alpha_D": 1.0}
    open_ones = {name for (name, limit), sd in zip(limits.items(), deviation, strict=True) if not sd <= limit}
    if found.held[1:3].any():  # one term has gone, or has become a wall
        open_ones |= {"D_c", "alpha_D"} if tilt > 0 and found.held[1] else {"N_c", "alpha_N"}
    if found.held[3]:
        open_ones |= {"D_c", "alpha_D"}
    return tuple(name for name in limits if name in open_ones)
