"""Mixtures of experts: what is stored beside what is used, and the best size under a limit of memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments, forms
from ..laws import ChinchillaLaw

__all__ = ["MixtureShape", "law_of_experts"]


@dataclass(frozen=True, kw_only=True)
class MixtureShape:
    """How active and stored parameters of a mixture hang together, by the count of Ludziejewski et al. 2025.

    A layer of width d has 4 d^2 parameters of attention and 9 d^2 an expert, of which one is active; embedding and
    unembedding have 2 d times the vocabulary (arXiv 2502.05172).

    Parameters
    ----------
    vocabulary : int
        Words, 50,257 there.
    aspect : float
        Width over number of layers. It is our choice: the paper's law does not depend on it.

    Examples
    --------
    >>> import scalinglib as sl
    >>> shape = sl.allocation.MixtureShape()
    >>> f"{float(shape.stored(1e9, experts=8)):.2e}"
    '5.06e+09'
    """

    vocabulary: int = 50_257
    aspect: float = 64.0

    def __post_init__(self):
        arguments.whole("vocabulary", self.vocabulary, most=10_000_000)
        arguments.scalar("aspect", self.aspect, positive=True)

    def stored(self, active: ArrayLike, *, experts: ArrayLike) -> np.ndarray:
        """Parameters that are stored, of a mixture with so many active ones.

        Parameters
        ----------
        active : array_like
            Active parameters, with embedding and unembedding.
        experts : array_like
            Experts in a layer, 1 or more; broadcasts with `active`.

        Returns
        -------
        numpy.ndarray
        """
        active, experts = _counts(active=active, experts=experts)
        blocks = active - 2.0 * self.vocabulary * self._width(active, 13.0)
        return active + blocks * 9.0 * (experts - 1.0) / 13.0

    def active(self, stored: ArrayLike, *, experts: ArrayLike) -> np.ndarray:
        """Parameters that are active, of a mixture that stores so many: the inverse of `stored`."""
        stored, experts = _counts(stored=stored, experts=experts)
        blocks = stored - 2.0 * self.vocabulary * self._width(stored, 4.0 + 9.0 * experts)
        return stored - blocks * 9.0 * (experts - 1.0) / (4.0 + 9.0 * experts)

    def _width(self, parameters, a_layer):
        """Width d of which 2 V d + a_layer d^3 / aspect is `parameters`: the one root above zero of a cubic."""
        cubic, linear = a_layer / self.aspect, 2.0 * self.vocabulary
        p, q = linear / cubic, -parameters / cubic
        return -2.0 * np.sqrt(p / 3.0) * np.sinh(np.arcsinh(1.5 * q / p * np.sqrt(3.0 / p)) / 3.0)


def law_of_experts(experts: float, *, constants: Mapping[str, float] | None = None) -> ChinchillaLaw:
    """The joint law of Ludziejewski et al. 2025 at one number of experts: a law of Chinchilla's form.

    Its N are active parameters with embedding and unembedding, and 6 N D is the compute of training.

    Parameters
    ----------
    experts : float
        Experts in a layer, one of them active; 1 is dense. The runs had 1 to 32.
    constants : dict, optional
        Others than those printed, under the names of ``sl.forms["ludziejewski2025"]``.

    Returns
    -------
    ChinchillaLaw

    Examples
    --------
    >>> import scalinglib as sl
    >>> best = sl.allocation.law_of_experts(8).optimum(1e20)
    >>> f"{best.N:.2g} {best.D:.2g}"
    '9.9e+08 1.7e+10'
    """
    experts = arguments.scalar("experts", experts, positive=True)
    arguments.refuse("experts", np.array(experts), np.array(experts < 1.0), "1 or more")
    form = forms["ludziejewski2025"]
    printed = form.printed["Ludziejewski et al. 2025"]
    at = form.law(**(printed if constants is None else arguments.mapping("constants", constants))).constants
    hat = 1.0 / (1.0 / (experts - 1.0 + 1.0 / (1.0 / at["E_start"] - 1.0 / at["E_max"])) + 1.0 / at["E_max"])
    return ChinchillaLaw(
        E=at["c"],
        A=at["a"] * hat ** at["delta"],
        alpha=-(at["alpha"] + at["gamma"] * np.log(hat)),
        B=at["b"] * hat ** at["omega"],
        beta=-(at["beta"] + at["zeta"] * np.log(hat)),
    )


def _counts(*, experts, **parameters):
    """Both as arrays, or ValueError naming the argument and the rows."""
    ((name, given),) = parameters.items()
    given, experts = arguments.real(name, given, positive=True), arguments.real("experts", experts, positive=True)
    arguments.refuse("experts", experts, experts < 1.0, "1 or more")
    arguments.together(**{name: given, "experts": experts})
    return given, experts
