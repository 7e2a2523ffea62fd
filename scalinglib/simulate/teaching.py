"""Teaching: a linear student that learns from labels or from a teacher, in a world where both can be written down."""

from dataclasses import dataclass

import numpy as np

from .. import arguments
from .family import whole_number

__all__ = ["LinearTeaching"]


@dataclass(frozen=True, kw_only=True)
class LinearTeaching:
    """Least squares on the first N of many Gaussian features; what the student fits is a label or a teacher's answer.

    Feature i adds ``i**-(1 + target)`` to the variance of the target, up to a factor that makes the sum 1, and labels
    carry noise. A learner of size N sees the first N features. The teacher is such a learner of another size, fitted to
    labels of its own; the student fits the teacher's answers on fresh examples. The loss is the mean squared error to
    the truth on fresh examples, the label's noise not counted.

    Parameters
    ----------
    target : float, default 1.0
        How fast the target's share of the features falls, above zero.
    noise : float, default 0.5
        Standard deviation of the label's noise.
    features : int, default 4096
        How many there are, two or more.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    Write b(n) for what the features beyond the first n add, and D, D_T for the examples of student and teacher. Least
    squares on D examples leaves, in each of its N whitened coefficients, an error of variance s**2 / (D - N - 1), where
    s**2 is the variance of what it cannot fit; this is exact. So labels leave ``b(N) + (b(N) + noise**2) N / (D - N -
    1)``. A teacher at least as large as the student has an error q in each coefficient; the student takes over its own
    N of them, and the rest of the teacher's answer, ``b(N) - b(N_T) + q (N_T - N)``, is noise to it. A smaller teacher
    is copied without error. With a teacher at least as large the two curves cross at D = D_T - 2 (N_T - N).

    Examples
    --------
    >>> import scalinglib as sl
    >>> world = sl.simulate.LinearTeaching()
    >>> taught = world.taught(64, 256, teacher=256, teacher_examples=4096)
    >>> print(f"labels {world.labelled(64, 256):.4f}, teacher {taught:.4f}")
    labels 0.0962, teacher 0.0201
    """

    target: float = 1.0
    noise: float = 0.5
    features: int = 4096

    def __post_init__(self):
        object.__setattr__(self, "target", arguments.scalar("target", self.target, positive=True))
        object.__setattr__(self, "noise", arguments.scalar("noise", self.noise, non_negative=True))
        object.__setattr__(self, "features", whole_number("features", self.features, least=2))
        share = np.arange(1, self.features + 1, dtype=float) ** -(1.0 + self.target)
        beyond = np.concatenate([np.cumsum(share[::-1])[::-1], [0.0]]) / share.sum()
        beyond.setflags(write=False)
        object.__setattr__(self, "_beyond", beyond)

    def unseen(self, N: int) -> float:
        """What a learner of size N cannot reach with any number of examples, b(N)."""
        return float(self._beyond[self._size("N", N)])

    def labelled(self, N: int, D: float) -> float:
        """Expected loss of a learner of size N after D labelled examples.

        Parameters
        ----------
        N : int
            Features seen.
        D : float
            Examples, more than N + 1; infinity is allowed.

        Returns
        -------
        float

        Examples
        --------
        >>> import scalinglib as sl
        >>> round(sl.simulate.LinearTeaching().labelled(64, 1024), 4)
        0.0266
        """
        N = self._size("N", N)
        left = self._beyond[N]
        return float(left + (left + self.noise**2) * N / self._spare("D", D, N))

    def taught(self, N: int, D: float, *, teacher: int, teacher_examples: float = np.inf) -> float:
        """Expected loss of a student of size N after D of a teacher's answers.

        Parameters
        ----------
        N : int
            Features the student sees.
        D : float
            Examples on which the teacher answers, more than N + 1; infinity is allowed.
        teacher : int
            Features the teacher sees.
        teacher_examples : float, default infinity
            Labelled examples of the teacher, more than its size + 1.

        Returns
        -------
        float

        Examples
        --------
        >>> import scalinglib as sl
        >>> world = sl.simulate.LinearTeaching()
        >>> [round(world.taught(64, 160, teacher=size), 4) for size in (16, 64, 1024)]
        [0.0367, 0.0093, 0.0152]
        """
        N, size = self._size("N", N), self._size("teacher", teacher)
        spare = self._spare("D", D, N)
        each = (self._beyond[size] + self.noise**2) / self._spare("teacher_examples", teacher_examples, size)
        if size <= N:
            return float(self._beyond[size] + each * size)
        unfitted = self._beyond[N] - self._beyond[size] + each * (size - N)
        return float(self._beyond[N] + each * N + unfitted * N / spare)

    def sample(
        self, N: int, D: int, rng: np.random.Generator, *, teacher: int | None = None, teacher_examples: int = 0
    ) -> float:
        """The loss of one drawn student: of labels if `teacher` is not given, of a drawn teacher's answers otherwise.

        Parameters
        ----------
        N, D : int
            Size of the student, and examples that it sees.
        rng : numpy.random.Generator
        teacher, teacher_examples : int
            Size of the teacher and its labelled examples.

        Returns
        -------
        float

        Examples
        --------
        >>> import numpy as np
        >>> import scalinglib as sl
        >>> world = sl.simulate.LinearTeaching(features=64)
        >>> bool(0 < world.sample(4, 32, np.random.default_rng(0)) < 1)
        True
        """
        N, D = self._size("N", N), whole_number("D", D)
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng must be a numpy.random.Generator; got {arguments.abbreviate(rng)}")
        truth = np.sqrt(-np.diff(self._beyond))
        answer = truth
        if teacher is not None:
            teacher = self._size("teacher", teacher)
            teacher_examples = whole_number("teacher_examples", teacher_examples)
            answer = np.zeros(self.features)
            answer[:teacher] = self._fit(teacher, teacher_examples, truth, self.noise, rng)
        student = np.zeros(self.features)
        student[:N] = self._fit(N, D, answer, 0.0 if teacher is not None else self.noise, rng)
        return float(((student - truth) ** 2).sum())

    def _fit(self, N, D, answer, noise, rng):
        X = rng.standard_normal((D, self.features))
        return np.linalg.lstsq(X[:, :N], X @ answer + noise * rng.standard_normal(D), rcond=None)[0]

    def _size(self, name, value):
        size = whole_number(name, value)
        if size > self.features:
            raise ValueError(f"{name} must be at most the number of features, {self.features}; got {size}")
        return size

    def _spare(self, name, D, N):
        if D == np.inf:
            return np.inf
        D = arguments.scalar(name, D, positive=True)
        if D <= N + 1:
            raise ValueError(f"{name} must be above the size + 1, {N + 1}: least squares needs that; got {D:g}")
        return D - N - 1
