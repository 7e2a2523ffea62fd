"""Ridge regression on a power-law spectrum: linear, so that its learning curves can be written down."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .family import Exponents, sampled_runs, whole, whole_number, wrapped

if TYPE_CHECKING:
    import pandas

__all__ = ["PowerLawRidge"]

_ENTRIES = 2e7  # of the matrix of examples by features in a sampled run: 160 MB
_RIDGES = 10.0 ** np.arange(-9.0, 2.01, 0.25)


@dataclass(frozen=True, kw_only=True)
class PowerLawRidge:
    """Gaussian features of falling variance, a linear target, and a learner that sees the first N of them.

    Feature i, of 1 to `features`, has variance ``i**-(1 + decay)`` and adds ``i**-(1 + target)`` to the
    variance of the target, up to a factor that makes the sum 1. The learner of size N fits the target on
    D examples by ridge regression on the first N features. The loss is the mean squared error on fresh
    examples, the noise of the label taken off: 1 for a learner that knows nothing.

    Parameters
    ----------
    decay : float, default 1.0
        How fast the variance of the features falls, above zero.
    target : float, optional
        How fast the target's share of them falls, above zero; `decay` if not given: all coefficients equal.
    features : int, default 4096
        How many there are, two or more. The size law bends down where few are left out.
    noise : float, default 0.0
        Standard deviation of the label's noise. The loss does not count it.
    ridge : "tuned" or float, default "tuned"
        The penalty is ridge * D * (sum of squared coefficients), on a loss summed over the examples.
        "tuned" takes the value with the least loss for each run (it asks the true loss: the best that any
        validation could do); a number above 0 leaves a floor; 0 is the least-norm fit, whose loss peaks where
        N is close to D.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    What is left out, ``sum over i > N of i**-(1 + target)``, falls as N^-target. With D examples a feature is
    learned if its variance is above kappa ~ D^-(1 + decay), so the first D or so of them; the rest leaves
    D^-target, and the shrinking of the first ones kappa^2, or D^-(2 + 2 decay): the slower of the two wins.
    With noise the best ridge learns fewer, and target / (1 + target) takes the place of target.
    Maloney, Roberts and Sully 2022 (arXiv 2210.16859) have target = decay, with random features in the
    place of the first N, and the same exponents; Bahri et al. 2021 (arXiv 2102.06701) likewise; Cui et al.
    2021 (arXiv 2105.15004) have target and decay apart, and the noise.

    `loss` is the deterministic equivalent: exact as N and D grow together. At the defaults the mean of
    sampled runs with far more features than examples lies 12% below it at D = 32, 2% at D = 128. `runs` draws
    Gaussian examples and solves; the loss of the solution is exact. A grid of 49 sizes and examples up to
    512 takes 0.02 s by `loss` and 0.2 s by `runs`.

    Examples
    --------
    >>> import numpy as np
    >>> import scalinglib as sl
    >>> world = sl.simulate.PowerLawRidge()
    >>> D = np.geomspace(16, 256, 5)
    >>> fit = sl.fit_power_law(D, world.loss(D), floor=None)
    >>> print(f"fitted {fit.law.exponent:.2f}, theory {world.theory.beta:.2f}")
    fitted 1.00, theory 1.00
    """

    decay: float = 1.0
    target: float | None = None
    features: int = 4096
    noise: float = 0.0
    ridge: float | str = "tuned"

    def __post_init__(self):
        object.__setattr__(self, "decay", arguments.scalar("decay", self.decay, positive=True))
        target = self.decay if self.target is None else arguments.scalar("target", self.target, positive=True)
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "features", whole_number("features", self.features, least=2))
        object.__setattr__(self, "noise", arguments.scalar("noise", self.noise, non_negative=True))
        if isinstance(self.ridge, str):
            if self.ridge != "tuned":
                raise ValueError(f"ridge must be 'tuned' or a number; got {self.ridge!r}")
        else:
            object.__setattr__(self, "ridge", arguments.scalar("ridge", self.ridge, non_negative=True))

    @property
    def theory(self) -> Exponents:
        """Exponents in size and in examples; beta is NaN for a given ridge with noise, which has none."""
        beta = min(self.target, 2.0 * (1.0 + self.decay))
        holds = "N well below features with D far above N; D well below features with N far above D"
        if self.noise > 0:
            beta = beta / (1.0 + beta) if self.ridge == "tuned" else np.nan
            holds += ", once noise outweighs what is not yet learned"
        elif self.ridge != "tuned" and self.ridge > 0:
            holds += "; both below the point where the ridge decides what is learned"
        return Exponents(
            alpha=self.target,
            beta=beta,
            floor=self._shrinking(),
            holds=holds,
            source="Maloney, Roberts and Sully 2022, arXiv 2210.16859; Bahri et al. 2021, arXiv 2102.06701; "
            "Cui et al. 2021, arXiv 2105.15004",
        )

    def loss(self, D: ArrayLike, *, N: ArrayLike | None = None) -> np.ndarray:
        """Expected loss by the deterministic equivalent; see the notes of the class.

        Parameters
        ----------
        D : array_like
            Examples, above zero.
        N : array_like, optional
            Features seen, whole numbers; all if not given. Broadcasts with `D`.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape; infinite for ridge 0 at N = D.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.simulate.PowerLawRidge().loss(256.0, N=[16, 64, 4096]).round(4).tolist()
        [0.0391, 0.012, 0.0055]
        """
        D = arguments.real("D", D, positive=True)
        N = self._size(N)
        arguments.together(N=N, D=D)
        N, D = np.broadcast_arrays(N, D)
        curve = self._tuned if self.ridge == "tuned" else self._given
        found = [curve(int(size), float(examples)) for size, examples in zip(N.flat, D.flat, strict=True)]
        return np.array(found).reshape(D.shape)

    def runs(self, D: ArrayLike, *, N: ArrayLike | None = None, repeats: int = 1, seed: int) -> "pandas.DataFrame":
        """Sampled runs: each draws its own `D` examples, solves, and reports the exact loss of its solution.

        Parameters
        ----------
        D : array_like
            Examples, whole numbers.
        N : array_like, optional
            As in `loss`; N x D may not pass 2e7 (160 MB).
        repeats : int, default 1
            Runs for each (N, D).
        seed : int
            The same seed gives the same table.

        Returns
        -------
        pandas.DataFrame
            ``N, D, loss``, ``ridge`` (the one used), ``expected`` (`loss`) and ``repeat``.

        Examples
        --------
        >>> import scalinglib as sl
        >>> runs = sl.simulate.PowerLawRidge().runs(256, N=[16, 64], seed=0)
        >>> print(runs[["N", "D", "loss", "expected"]].round(3).to_string(index=False))
         N   D  loss  expected
        16 256 0.039     0.039
        64 256 0.011     0.012
        """
        D = whole("D", D)
        N = self._size(N)
        arguments.together(N=N, D=D)
        sizes, examples = np.broadcast_arrays(N, D)
        allowed = f"small enough that N * D is at most {_ENTRIES:g}; give fewer examples, or an N"
        arguments.refuse("D", examples, sizes * examples > _ENTRIES, allowed)
        expected = self.loss(D, N=N)
        columns = ("loss", "ridge")
        return sampled_runs(self, N, D, repeats=repeats, seed=seed, expected=expected, columns=columns)

    def report(self) -> str:
        """What the world is, theory's exponents, and what is exact."""
        ridge = self.ridge if self.ridge == "tuned" else f"{self.ridge:g}"
        lines = [
            f"Ridge regression: {self.features:,} features of variance i^-{1 + self.decay:.4g}, target "
            f"i^-{1 + self.target:.4g},",
            f"  label noise {self.noise:g}, ridge {ridge}",
            self.theory.report(),
            *wrapped(
                "loss is the deterministic equivalent (exact in the limit); runs are drawn, the loss of each "
                "solution is exact."
            ),
        ]
        return "\n".join(lines)

    def _shrinking(self):
        """What a given ridge leaves at all features and endless examples."""
        if self.ridge == "tuned" or self.ridge == 0:
            return 0.0
        return float(self._at(np.array([self.ridge]), self.features, np.inf)[0])

    def _size(self, N):
        size = whole("N", self.features if N is None else N)
        arguments.refuse("N", size, size > self.features, f"at most the number of features, {self.features}")
        return size

    def _part(self, N):
        """Variances and target's shares of the features seen, and the target's share of the others."""
        variance, share, beyond = _spectrum(self.decay, self.target, self.features)
        return variance[:N], share[:N], beyond[N]

    def _at(self, kappa, N, D):
        """Loss at each effective ridge kappa, NaN where D examples cannot have it."""
        variance, share, beyond = self._part(N)
        shrunk = kappa[:, None] / (variance + kappa[:, None])
        spread = 1.0 - ((1.0 - shrunk) ** 2).sum(1) / D
        with np.errstate(divide="ignore"):
            everything = (shrunk**2 @ share + beyond + self.noise**2) / spread
        return everything - self.noise**2

    def _least(self, N, D, ridge):
        """Solve ``D = sum of variance / (variance + kappa) + D ridge / kappa`` by halving in ln kappa."""
        variance = self._part(N)[0]
        if ridge == 0 and N <= D:
            return 0.0
        low, high = -80.0, np.log(variance.sum() / D + ridge) + 1.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            kappa = np.exp(middle)
            if (variance / (variance + kappa)).sum() + D * ridge / kappa > D:
                low = middle
            else:
                high = middle
        return np.exp(0.5 * (low + high))

    def _given(self, N, D):
        if self.ridge == 0 and N == D:
            return np.inf
        return float(self._at(np.array([self._least(N, D, self.ridge)]), N, D)[0])

    def _tuned(self, N, D):
        least = self._least(N, D, 0.0)
        variance = self._part(N)[0]
        if N > D:  # any kappa from here up can be had by some ridge
            kappa = least * np.geomspace(1.0 + 1e-9, max(1e3 * variance[0] / least, 10.0), 40)
        else:
            kappa = variance[-1] * np.geomspace(1e-6, 1e9 * variance[0] / variance[-1], 60)
        for _ in range(3):
            losses = self._at(kappa, N, D)
            best = int(losses.argmin())
            kappa = np.geomspace(kappa[max(best - 1, 0)], kappa[min(best + 1, kappa.size - 1)], 15)
        return float(losses[best])

    def _sample(self, N, D, rng):
        variance, share, beyond = self._part(N)
        truth = np.sqrt(share / variance)
        X = rng.standard_normal((D, N)) * np.sqrt(variance)
        # Features that the learner does not see are independent of those it sees: to it they are noise.
        y = X @ truth + np.sqrt(beyond + self.noise**2) * rng.standard_normal(D)
        gram = X @ X.T if D < N else X.T @ X
        values, vectors = np.linalg.eigh(gram)
        ridges = _RIDGES if self.ridge == "tuned" else np.array([self.ridge])
        floor = values[-1] * np.finfo(float).eps * max(N, D)  # below it an eigenvalue is rounding
        inverse = 1.0 / np.maximum(values[:, None] + D * ridges, floor)
        if D < N:
            weights = X.T @ (vectors @ (inverse * (vectors.T @ y)[:, None]))
        else:
            weights = vectors @ (inverse * (vectors.T @ (X.T @ y))[:, None])
        losses = variance @ (weights - truth[:, None]) ** 2 + beyond
        best = int(losses.argmin())
        return losses[best], ridges[best]


@functools.lru_cache(maxsize=8)
def _spectrum(decay, target, features):
    """Variances, the target's shares, and the share beyond the first 0, 1, ... features."""
    rank = np.arange(1, features + 1, dtype=float)
    variance, share = rank ** -(1.0 + decay), rank ** -(1.0 + target)
    beyond = np.concatenate([np.cumsum(share[::-1])[::-1], [0.0]])
    arrays = variance, share / beyond[0], beyond / beyond[0]
    for array in arrays:
        array.setflags(write=False)
    return arrays
