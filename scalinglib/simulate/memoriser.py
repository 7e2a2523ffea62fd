"""The Zipf memoriser: it knows the kinds of item that it has seen, and no other."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .family import Exponents, sampled_runs, whole, whole_number, wrapped

if TYPE_CHECKING:
    import pandas

__all__ = ["ZipfMemoriser"]

_EXAMPLES = 2e7  # of a sampled run: 160 MB


@dataclass(frozen=True, kw_only=True)
class ZipfMemoriser:
    """Items of many kinds come by Zipf's law; the learner answers for the kinds it has seen.

    Kind i, of 1 to `kinds`, comes with probability p_i proportional to ``i**-(1 + alpha)``. The loss is the
    chance of a wrong answer to the next item; the answer for an unseen kind is always wrong. A learner
    of size N has room for the N most frequent kinds alone. Each kind is learned in one step; the
    straight line on log-log axes is the sum of the steps.

    Parameters
    ----------
    alpha : float, default 0.5
        Zipf's exponent less one, above zero.
    kinds : int, default 1_000_000
        How many kinds there are, two or more. The lines bend down where few are left unseen.
    noise : float, default 0.0
        Chance that a label is wrong, from 0 to below 1, for examples and for the items of the test alike.
        No two wrong labels are the same. The learner answers with the label that it saw most often for
        the kind, on a tie the first; what it cannot get below is `noise`.
    test_items : int, default 20_000
        Items that a sampled run is tested on. The expected loss does not use it.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    Without noise the loss at unlimited size is ``sum p_i (1 - p_i)**D``, and the exponents are alpha in size
    and alpha / (1 + alpha) in examples: Hutter 2021, "Learning curve theory" (arXiv 2102.04074), and with
    sizes Michaud et al. 2023 (arXiv 2303.13506). The labels with noise, and their closed form, are ours.
    At a million kinds a curve of 13 points takes about 0.1 s, and 39 sampled runs of up to 100,000 examples
    0.2 s.

    Examples
    --------
    >>> import numpy as np
    >>> import scalinglib as sl
    >>> world = sl.simulate.ZipfMemoriser(alpha=0.5)
    >>> D = np.geomspace(100, 100_000, 7).round()
    >>> fit = sl.fit_power_law(D, world.loss(D), floor=None)
    >>> print(f"fitted {fit.law.exponent:.3f}, theory {world.theory.beta:.3f}")
    fitted 0.338, theory 0.333
    """

    alpha: float = 0.5
    kinds: int = 1_000_000
    noise: float = 0.0
    test_items: int = 20_000

    def __post_init__(self):
        object.__setattr__(self, "alpha", arguments.scalar("alpha", self.alpha, positive=True))
        object.__setattr__(self, "kinds", whole_number("kinds", self.kinds, least=2))
        object.__setattr__(self, "test_items", whole_number("test_items", self.test_items))
        noise = arguments.scalar("noise", self.noise, non_negative=True)
        arguments.refuse("noise", np.asarray(noise), noise >= 1, "a chance from 0 to below 1")
        object.__setattr__(self, "noise", noise)

    @property
    def theory(self) -> Exponents:
        """Exponents of endless kinds: alpha in size, alpha / (1 + alpha) in examples."""
        return Exponents(
            alpha=self.alpha,
            beta=self.alpha / (1.0 + self.alpha),
            floor=self.noise,
            holds="N well below kinds, and D^(1 / (1 + alpha)) well below kinds",
            source="Hutter 2021, arXiv 2102.04074 (examples, for any loss); Michaud et al. 2023, arXiv "
            "2303.13506 (size)",
        )

    @property
    def probability(self) -> np.ndarray:
        """Probability of each kind, the most frequent first: shape (kinds,), not to be written to."""
        return _zipf(self.alpha, self.kinds)[0]

    def loss(self, D: ArrayLike, *, N: ArrayLike | None = None) -> np.ndarray:
        """Expected chance of a wrong answer after `D` examples: exact, nothing is drawn.

        Parameters
        ----------
        D : array_like
            Examples seen, zero or more.
        N : array_like, optional
            Kinds there is room for, whole numbers; all of them if not given. Broadcasts with `D`.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape.

        Examples
        --------
        >>> import scalinglib as sl
        >>> world = sl.simulate.ZipfMemoriser(alpha=0.5)
        >>> print(world.loss(1000.0).round(7), world.loss(1000.0, N=10).round(7))
        0.0934169 0.2356133
        """
        return self._summed(self._wrong, D, N)

    def averaged_loss(self, D: ArrayLike, *, N: ArrayLike | None = None) -> float | np.ndarray:
        """Mean of the expected loss over the first `D` items, each answered before it is learned.

        It falls with the same exponent, but lies higher: by 1 / (1 - beta) on the straight part. Over one
        long run it is far steadier than the loss of the moment, which the noise takes over (Hutter 2021).

        Parameters
        ----------
        D : array_like
            Items, above zero.
        N : array_like, optional
            As in `loss`.

        Examples
        --------
        >>> import scalinglib as sl
        >>> world = sl.simulate.ZipfMemoriser(alpha=0.5)
        >>> print((world.averaged_loss(1e4) / world.loss(1e4)).round(2))
        1.51
        """
        arguments.real("D", D, positive=True)
        return self._summed(self._wrong_so_far, D, N)

    def slope(self, D: ArrayLike, *, N: ArrayLike | None = None) -> float | np.ndarray:
        """Slope of the expected loss on log-log axes, ``d ln loss / d ln D``, in closed form.

        The theory without noise and with endless kinds is ``-alpha / (1 + alpha)``.

        Examples
        --------
        >>> import scalinglib as sl
        >>> print(sl.simulate.ZipfMemoriser(alpha=1.0).slope(1000.0).round(5))
        -0.49964
        """
        D = arguments.real("D", D, positive=True)
        loss = self.loss(D, N=N)  # at unlimited size it may run out altogether
        change = self._summed(self._change, D, N, rest=0.0) - self.noise
        return np.divide(D * change, loss, out=np.full(loss.shape, np.nan), where=loss > 0)

    def unlearned(self, rank: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """Chance that the kind of this rank is still unseen after `D` examples: one of the steps.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.simulate.ZipfMemoriser(alpha=1.0).unlearned([1, 100], 100.0).round(4).tolist()
        [0.0, 0.9939]
        """
        rank = self._rank("rank", rank)
        D = arguments.real("D", D, non_negative=True)
        arguments.together(rank=rank, D=D)
        return np.exp(D * np.log1p(-self.probability[rank - 1]))

    def runs(self, D: ArrayLike, *, N: ArrayLike | None = None, repeats: int = 1, seed: int) -> "pandas.DataFrame":
        """Sampled runs: each draws its own `D` examples and is tested on its own `test_items`.

        Parameters
        ----------
        D : array_like
            Examples, whole numbers.
        N : array_like, optional
            As in `loss`.
        repeats : int, default 1
            Runs for each (N, D).
        seed : int
            The same seed gives the same table.

        Returns
        -------
        pandas.DataFrame
            ``N, D, loss`` (share of test items answered wrongly), ``expected`` (`loss`) and ``repeat``.

        Examples
        --------
        >>> import scalinglib as sl
        >>> runs = sl.simulate.ZipfMemoriser(alpha=0.5).runs([100, 10_000], repeats=2, seed=0)
        >>> print(runs.round(4).to_string(index=False))
              N     D   loss  expected  repeat
        1000000   100 0.2044    0.2017       0
        1000000 10000 0.0432    0.0430       0
        1000000   100 0.1648    0.2017       1
        1000000 10000 0.0464    0.0430       1
        """
        D = whole("D", D)
        arguments.refuse("D", D, D > _EXAMPLES, f"at most {_EXAMPLES:g} in a sampled run (loss has no limit)")
        N = self._rank("N", self.kinds if N is None else N)
        return sampled_runs(self, N, D, repeats=repeats, seed=seed, expected=self.loss(D, N=N))

    def report(self) -> str:
        """What the world is, theory's exponents, and what is exact."""
        slips = f"{self.noise:.1%} wrong labels"
        lines = [
            f"Zipf memoriser: {self.kinds:,} kinds, p_i ~ i^-{1 + self.alpha:.4g}, {slips}",
            self.theory.report(),
            *wrapped(
                "loss, averaged_loss, slope and unlearned are exact expectations; runs are drawn, and tested "
                f"on {self.test_items:,} items each."
            ),
        ]
        return "\n".join(lines)

    def _rank(self, name, value):
        rank = whole(name, value)
        arguments.refuse(name, rank, rank > self.kinds, f"at most the number of kinds, {self.kinds}")
        return rank

    def _summed(self, part, D, N, *, rest=1.0):
        """noise + (1 - noise) * sum of p_i * (part_i(D) for kinds there is room for, else `rest`)."""
        D = arguments.real("D", D, non_negative=True)
        N = self._rank("N", self.kinds if N is None else N)
        arguments.together(N=N, D=D)
        p, beyond = self.probability, _zipf(self.alpha, self.kinds)[1]
        N, D = np.broadcast_arrays(N, D)
        total = np.empty(D.shape)
        for examples in np.unique(D):  # one pass over the kinds serves all sizes
            here = examples == D
            sizes, place = np.unique(N[here], return_inverse=True)
            upto = sizes[-1]
            weighted = p[:upto] * part(p[:upto], examples)
            pieces = np.add.reduceat(weighted, np.concatenate([[0], sizes[:-1]]).astype(np.intp))
            total[here] = (np.cumsum(pieces) + rest * beyond[sizes])[place]
        return self.noise + (1.0 - self.noise) * total

    def _wrong(self, p, D):
        """Chance that the learner's own label of a kind is wrong (not seen, or noise won the vote).

        Of k labels, r right: the vote is right with r > 1, and with r = 1 if that one came first. So it is
        wrong with probability q^k + (k - 1) (1 - q) q^(k - 1), averaged here over k ~ Binomial(D, p).
        """
        seen = np.log1p(-p)
        if self.noise == 0 or D == 0:
            return np.exp(D * seen)
        right = 1.0 - self.noise
        steady = np.log1p(-p * right)
        none_right = np.exp(D * steady)
        spare = D * p * np.exp((D - 1.0) * steady) + none_right * np.expm1(D * (seen - steady)) / self.noise
        return none_right + right * spare

    def _change(self, p, D):
        """Derivative of `_wrong` by D."""
        seen = np.log1p(-p)
        if self.noise == 0:
            return seen * np.exp(D * seen)
        right = 1.0 - self.noise
        steady = np.log1p(-p * right)
        none_right, unseen = np.exp(D * steady), np.exp(D * seen)
        spare = p * np.exp((D - 1.0) * steady) * (1.0 + D * steady)
        return steady * none_right + right * (spare - (steady * none_right - seen * unseen) / self.noise)

    def _wrong_so_far(self, p, D):
        """Mean of `_wrong` over 0 to D - 1 examples: sums of geometric series."""
        unseen = -np.expm1(D * np.log1p(-p)) / p
        if self.noise == 0:
            return unseen / D
        right = 1.0 - self.noise
        steady = np.log1p(-p * right)
        none_right = -np.expm1(D * steady) / (p * right)
        spare = (none_right - D * np.exp((D - 1.0) * steady)) / right - (none_right - unseen) / self.noise
        return (none_right + right * spare) / D

    def _sample(self, N, D, rng):
        ends = _zipf(self.alpha, self.kinds)[2]
        known = np.zeros(self.kinds, dtype=bool)
        kind, count = np.unique(_drawn(ends, D, rng), return_counts=True)
        if self.noise > 0:
            right = rng.binomial(count, 1.0 - self.noise)
            first = rng.random(count.size) * count < 1.0
            kind = kind[(right > 1) | ((right == 1) & first)]
        known[kind[kind < N]] = True
        wrong = np.count_nonzero(~known[_drawn(ends, self.test_items, rng)])
        hidden = rng.binomial(self.test_items - wrong, self.noise)  # right answers to wrong labels
        return ((wrong + hidden) / self.test_items,)


def _drawn(ends, count, rng):
    """Kinds of `count` items, in order of kind: only which were seen matters, and sorted is quicker."""
    return np.minimum(np.searchsorted(ends, np.sort(rng.random(count)), side="right"), ends.size - 1)


@functools.lru_cache(maxsize=4)
def _zipf(alpha, kinds):
    """Probabilities, the probability beyond the first 0, 1, ... kinds, and the cumulative sums."""
    p = np.arange(1, kinds + 1, dtype=float) ** -(1.0 + alpha)
    beyond = np.concatenate([np.cumsum(p[::-1])[::-1], [0.0]])  # small ones first: the tail keeps its digits
    p /= beyond[0]
    beyond /= beyond[0]
    arrays = p, beyond, 1.0 - beyond[1:]
    for array in arrays:
        array.setflags(write=False)
    return arrays
