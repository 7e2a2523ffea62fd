"""Problem: a law that is a floor plus power terms, runs, and the penalty of their residuals.

Every law of the engine is ``M = E + sum_k exp(a_k - p_k x_k)`` with one logarithm x_k a term: one term is
a power law with a floor, two are the Chinchilla law. The logarithms are centred by the caller, which
takes the condition number of the Hessian from millions to thousands, and derivatives are exact.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .penalty import Penalised, clipped

__all__ = ["Problem"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem(Penalised):
    """What is minimised: the runs, the residual and its penalty.

    x : (K, n) centred logarithms; theta is (E, a_1..a_K, p_1..p_K).
    """

    x: np.ndarray

    @property
    def terms(self):
        return len(self.x)

    @cached_property
    def _columns(self):
        """1, each x, and each product x_k x_l, (n, 1 + K + K(K+1)/2): what sums over runs are taken with."""
        one, x = np.ones_like(self.x[:1]), self.x
        return np.ascontiguousarray(np.concatenate([one, x, [x[k] * x[m] for k, m in _pairs(len(x))]]).T)

    @cached_property
    def _ends(self):
        return self.x.min(1), self.x.max(1)

    def model(self, theta):
        """Terms (S, K, n) and model values (S, n) at `theta` (S, 1 + 2K)."""
        K = self.terms
        sizes, slopes = theta[:, 1 : 1 + K], theta[:, 1 + K :]
        terms = slopes[:, :, None] * self.x
        np.subtract(sizes[:, :, None], terms, out=terms)
        if (sizes - np.minimum(slopes * self._ends[0], slopes * self._ends[1])).max(initial=0.0) > 300.0:
            np.minimum(terms, 300.0, out=terms)  # a wild trial step must not overflow
        np.exp(terms, out=terms)
        M = terms[:, 0] + theta[:, :1]
        for k in range(1, K):
            M += terms[:, k]
        return terms, M

    def values(self, theta):
        """Model values (S, n)."""
        return self.model(theta)[1]

    def derivatives(self, theta, rows=slice(None), *, majorant=True):
        """Penalty (S,), its gradient (S, P) and, (S, P, P) each, its exact Hessian and a majorant.

        The majorant weighs the squares of the residuals' slopes by psi(r) / r, as reweighted least
        squares does. It has a scale where Huber's own Hessian has none, with no run inside the corner;
        without `majorant` it is None. `rows` names the starts that `theta` holds, where runs are
        weighted.
        """
        K, P = self.terms, 1 + 2 * self.terms
        square, second, first = _layout(K)
        terms, M = self.model(theta)
        kinds = 1 + K + K * (K + 1) // 2  # of products of slopes: 1, the terms, the terms by pairs
        products = np.empty((len(M), kinds + 1 + K, M.shape[1]))
        bend, slope = products[:, 0], products[:, kinds]

        r = self.residuals_of(M, rows)
        corner = self.corner(rows)
        psi = clipped(r, corner)
        counts = self.counts(rows)
        pull = psi if counts is None else psi * counts
        value = self.summed(r, psi, pull)
        size = np.abs(r)
        np.less(size, corner, out=bend, casting="unsafe")
        if self.log:
            scale = np.divide(1.0, M, out=M)
            np.multiply(pull, scale, out=slope)
            bend += psi
            scale *= scale
            bend *= scale
        else:
            slope[...] = pull
        if counts is not None:
            bend *= counts
        self._products(terms, products)
        np.multiply(terms, slope[:, None], out=products[:, kinds + 1 :])
        sums = (products @ self._columns).reshape(len(M), -1)
        squares, slopes = sums[:, : len(square)], sums[:, len(square) :]
        gradient = slopes @ first
        hessian = (squares @ square + slopes @ second).reshape(-1, P, P)
        if not majorant:
            return value, gradient, hessian, None

        np.divide(corner, np.maximum(size, 1e-300, out=size), out=bend)
        np.minimum(bend, 1.0, out=bend)
        if self.log:
            bend *= scale
        if counts is not None:
            bend *= counts
        products = products[:, :kinds]
        self._products(terms, products)
        squares = (products @ self._columns).reshape(len(M), -1)
        return value, gradient, hessian, (squares @ square).reshape(-1, P, P)

    def _products(self, terms, out):
        """From the weights (S, n) in ``out[:, 0]``: the weights times each term, and times each pair."""
        K = self.terms
        np.multiply(terms, out[:, :1], out=out[:, 1 : 1 + K])
        for place, (k, m) in enumerate(_pairs(K), start=1 + K):
            np.multiply(out[:, 1 + k], terms[:, m], out=out[:, place])

    def basis(self, terms):
        """dM/dtheta, (S, P, n): 1, the terms, and the terms times -x."""
        K = self.terms
        G = np.empty((len(terms), 1 + 2 * K, terms.shape[2]))
        G[:, 0] = 1.0
        G[:, 1 : 1 + K] = terms
        np.multiply(terms, -self.x, out=G[:, 1 + K :])
        return G

    def slopes(self, theta):
        """Model values (S, n) and their slopes by theta, (S, P, n)."""
        terms, M = self.model(theta)
        return M, self.basis(terms)

    def curvature(self, theta, weight):
        """``sum_n weight * d2M/dtheta2``, (S, P, P), for `weight` (S, n)."""
        K, P = self.terms, 1 + 2 * self.terms
        terms = self.model(theta)[0]
        products = np.concatenate([weight[:, None], terms * weight[:, None]], axis=1)
        sums = (products @ self._columns).reshape(len(terms), -1)
        return -(sums @ _layout(K)[1]).reshape(-1, P, P)


def _pairs(K):
    return [(k, m) for k in range(K) for m in range(k, K)]


@cache
def _layout(K):
    """How sums over runs make up the derivatives: three matrices, to multiply flattened sums with.

    A row stands for one product (of weights with 1, a term or a pair of terms) summed with one column
    (1, an x, or a pair of x). They give the sum of w G G' (P*P columns), the second-derivative part of
    the Hessian (P*P) and the gradient (P), where G is dM/dtheta and the last two take the slope of
    the penalty for w.
    """
    P, pairs = 1 + 2 * K, _pairs(K)
    width = 1 + K + len(pairs)
    place = {pair: 1 + K + i for i, pair in enumerate(pairs)}

    def row(product, column):
        return product * width + column

    square = np.zeros(((1 + K + len(pairs)) * width, P, P))
    second = np.zeros(((1 + K) * width, P, P))
    first = np.zeros(((1 + K) * width, P))
    square[row(0, 0), 0, 0] = 1.0
    first[row(0, 0), 0] = -1.0
    for k in range(K):
        a, p, x = 1 + k, 1 + K + k, 1 + k
        for i, column, sign in ((a, 0, 1.0), (p, x, -1.0)):
            square[row(1 + k, column), 0, i] = square[row(1 + k, column), i, 0] = sign
            first[row(1 + k, column), i] = -sign
        second[row(1 + k, 0), a, a] = -1.0
        second[row(1 + k, x), a, p] = second[row(1 + k, x), p, a] = 1.0
        second[row(1 + k, place[k, k]), p, p] = -1.0
        for m in range(k, K):
            b, q, z = 1 + m, 1 + K + m, 1 + m
            for i, j, column, sign in ((a, b, 0, 1.0), (a, q, z, -1.0), (p, b, x, -1.0), (p, q, place[k, m], 1.0)):
                square[row(place[k, m], column), i, j] = square[row(place[k, m], column), j, i] = sign
    return square.reshape(len(square), -1), second.reshape(len(second), -1), first
