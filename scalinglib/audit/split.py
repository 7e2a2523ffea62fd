"""Split: whether residuals differ from one class of rows to the next by more than chance."""

from dataclasses import dataclass

import numpy as np

__all__ = ["CHANCE", "FEWEST_POINTS", "POINT", "Split", "merged", "paired", "places", "smooth", "split"]

CHANCE = 1e-3
POINT = 1e-2  # rows this near in every logarithm are at one point
FEWEST_POINTS = 4  # with several rows each, to compare rows of one point

_NONE = 1e-6  # a direction this much shorter than the others is rounding


@dataclass(frozen=True, eq=False)
class Split:
    """An F test of classes of rows, beside what other columns take up.

    Attributes
    ----------
    p : float
        Chance of so large an F where residuals are independent and normal; 1 where nothing can be tested.
    share : float
        Share of the variance that lies between classes, from the F: of two rows of one class it is the
        correlation. Below zero where classes differ less than chance.
    means : numpy.ndarray, shape (classes,)
        Mean residual of each class, once what the other columns take up is taken off.
    """

    p: float
    share: float
    means: np.ndarray


def places(*columns: np.ndarray, within: float) -> np.ndarray:
    """Number the different points of `columns` (n,), taken as one where logarithms round to the same `within`."""
    member, span = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        scale = np.log(column) if column.min() > 0.0 else column / max(np.abs(column).max(), 1e-300)
        step = np.rint(scale / within).astype(np.int64)
        step -= step.min()
        width = int(step.max()) + 1
        if span * width > 2**62:  # numbers would run over
            member = np.unique(member, return_inverse=True)[1]
            span = int(member.max()) + 1
        member, span = member * width + step, span * width
    return np.unique(member, return_inverse=True)[1]


def merged(member: np.ndarray, *columns: np.ndarray) -> list:
    """Means of `columns` (n,) over the classes that `member` (n,) numbers."""
    counts = np.bincount(member)
    return [np.bincount(member, weights=column) / counts for column in columns]


def smooth(columns) -> np.ndarray:
    """What a quadratic in the logarithms of `columns` can follow: its terms, (n, terms)."""
    scaled = []
    for column in columns:
        column = np.log(column) if column.min() > 0.0 else column
        scaled.append((column - column.mean()) / max(np.ptp(column), 1e-6))  # what hardly moves explains nothing
    pairs = [one * other for i, one in enumerate(scaled) for other in scaled[i:]]
    return np.stack([np.ones_like(scaled[0]), *scaled, *pairs], axis=1)


def _left(basis, residuals):
    """Residuals off a basis (n, k), and its rank."""
    squares, axes = np.linalg.eigh(basis.T @ basis)
    seen = squares > _NONE**2 * len(basis)
    base = basis @ (axes[:, seen] / np.sqrt(squares[seen]))
    return residuals - base @ (base.T @ residuals), int(seen.sum())


def split(residuals: np.ndarray, basis: np.ndarray, member: np.ndarray) -> Split:
    """Test whether `residuals` (n,) differ between the classes of `member` (n,), beside a `basis` (n, k).

    Exact for independent normal errors, whatever the fit took from them along the basis.
    """
    counts = np.bincount(member)
    apart, rank = _left(basis, residuals)
    columns = np.column_stack([residuals, basis])
    sums = np.add.reduceat(columns[np.argsort(member, kind="stable")], np.cumsum(counts) - counts)
    columns -= (sums / counts[:, None])[member]
    inner, more = _left(columns[:, 1:], columns[:, 0])
    own, spare = len(counts) + more - rank, len(residuals) - len(counts) - more
    return _tested(apart, inner, own, spare, member)


def paired(residuals: np.ndarray, points: np.ndarray, member: np.ndarray) -> Split:
    """The same beside the mean of each of `points` (n,): only rows of one point are compared with each other.

    What the law misses from point to point has no part in it.
    """
    classes = np.eye(int(member.max()) + 1)[member]
    apart = residuals - merged(points, residuals)[0][points]
    inner, own = _left(classes - np.stack(merged(points, *classes.T), axis=1)[points], apart)
    return _tested(apart, inner, own, len(residuals) - int(points.max()) - 1 - own, member)


def _tested(apart, inner, own, spare, member):
    from scipy.special import fdtrc

    means, rest = merged(member, apart)[0], float((inner**2).sum())
    if own < 1 or spare < 1 or not rest > 0.0:
        return Split(1.0, 0.0, means)
    F = max(float((apart**2).sum()) - rest, 0.0) / own / (rest / spare)
    return Split(float(fdtrc(own, spare, F)), (F - 1.0) / (F - 1.0 + len(member) / len(means)), means)
