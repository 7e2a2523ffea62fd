"""Fits of Kaplan's joint law to runs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import KaplanLaw
from ..notices import quiet, warn
from ..text import brief
from .fit import fit
from .form_fit import FormFit
from .identifiability import IdentifiabilityWarning
from .search import ended
from .uncertain import Uncertain
from .units import UnitsWarning, doubt_units

__all__ = ["KaplanFit", "fit_kaplan"]


@dataclass(frozen=True, eq=False)
class KaplanFit(Uncertain):
    """Kaplan's joint law fitted to runs.

    Attributes
    ----------
    law : KaplanLaw
        The fitted law; its N counts what the runs' N counts, which in the paper is no embeddings.
    rms : float
        Root mean square of the residuals, ln(loss / law).
    form_fit : FormFit
        The fit itself, with standard errors.
    N, D, loss : numpy.ndarray
        The runs.
    """

    law: KaplanLaw
    rms: float
    form_fit: FormFit = field(repr=False)
    N: np.ndarray = field(repr=False)
    D: np.ndarray = field(repr=False)
    loss: np.ndarray = field(repr=False)

    def __repr__(self):
        return brief(self, self.law.report().split("\n")[0], f"{len(self.N)} runs")

    def __getattr__(self, name):
        if name in ("residuals", "converged", "starts_agreeing", "undetermined", "stderr", "objective"):
            return getattr(self.form_fit, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def asked(self) -> FormFit:
        """What intervals are asked of."""
        return self.form_fit

    def report(self) -> str:
        """What a person should know about the fit."""
        lines = [
            f"Kaplan's joint law fitted to {len(self.N)} runs, rms residual {self.rms:.3g} of ln loss;",
            f"  {ended(self)}",
        ]
        for name in ("N_c", "D_c", "alpha_N", "alpha_D"):
            note = "not determined by these runs" if name in self.undetermined else f"+- {self.stderr[name]:.3g}"
            lines.append(f"  {name:<8}{getattr(self.law, name):>14.7g}   {note}")
        lines += [
            f"  seen: N {self.N.min():.3g} to {self.N.max():.3g}, D {self.D.min():.3g} to {self.D.max():.3g}",
            "  N should count no embeddings. The law has no floor: do not trust it far above them.",
        ]
        return "\n".join(lines)


def fit_kaplan(
    N: ArrayLike, D: ArrayLike, loss: ArrayLike, *, objective: str = "log_least_squares", delta: float = 1e-3
) -> KaplanFit:
    """Fit ``L = [(N_c/N)**(alpha_N/alpha_D) + D_c/D]**alpha_D`` to runs.

    The form is Kaplan et al. 2020 (arXiv 2001.08361), equation 1.5. It has no floor, so it is fitted here
    mostly to be compared: see compare_forms. `sl.fit("kaplan2020-joint", ...)` is the same fit with all its options.

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
        ``.law``, ``.residuals``, ``.rms``, ``.stderr``, ``.converged``, ``.undetermined``, ``.report()``, and intervals
        as every fit has them.

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
    doubt_units(N, D)
    with quiet(IdentifiabilityWarning, UnitsWarning):  # said here, of this law
        found = fit("kaplan2020-joint", {"N": N, "D": D, "loss": loss}, objective=objective, delta=delta)
    for name, of in (("N_c", "N"), ("D_c", "D")):
        if not 0.0 < found.constants[name] < np.inf:
            raise ValueError(
                f"Kaplan's law would need {name} = {found.constants[name]:g}, which no float can hold: "
                f"over these runs the loss hardly falls with {of}"
            )
    law = KaplanLaw(**found.constants)
    if found.undetermined:
        warn(
            f"these {len(N)} runs do not determine {', '.join(found.undetermined)} of Kaplan's law; "
            "add runs at other N for each D",
            IdentifiabilityWarning,
            stacklevel=2,
        )
    rms = float(np.sqrt(np.mean(found.residuals**2)))
    return KaplanFit(law=law, rms=rms, form_fit=found, N=N, D=D, loss=loss)
