"""Posed: a problem at its optimum, and how its numbers read: what a fit hands to whatever asks how sure it is."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .absolute import minimise_absolute
from .newton import minimise
from .starts import search

__all__ = ["Posed"]

_SAME = 1e-6  # in ln N and ln D


@dataclass(frozen=True, eq=False)
class Posed:
    """A problem of the engine and where it was solved.

    problem : Penalised; theta : (P,), its optimum; coordinates : with ``named(theta)``, constants by name; absolute :
    whether the sum of absolute residuals was minimised; order : (n,), which given run each run of the problem is;
    families : slices of runs with constants of their own; ends : the Solution of all starts, or None where a search
    finds them again; lift : what is added to what was measured before its logarithm is taken, in its unit; known :
    whether residuals have variance one beforehand.
    """

    problem: object
    theta: np.ndarray
    coordinates: object
    absolute: bool = False
    order: np.ndarray | None = None
    families: tuple = ()
    ends: object = None
    lift: float = 0.0
    known: bool = False

    @property
    def runs(self):
        """How many runs."""
        return self.problem.runs

    @property
    def free(self):
        """How many constants are not held."""
        return self.problem.theta_size

    @cached_property
    def different(self):
        """Of each logarithm x of a power law, the order of the runs and where in it each different x begins."""
        found = []
        for x in getattr(self.problem, "x", ()):
            order = np.argsort(x, kind="stable")
            found.append((order, np.flatnonzero(np.r_[True, np.diff(x[order]) > _SAME])))
        return found

    def constants(self, theta):
        """Constants by name, arrays (S,), of `theta` (S, P)."""
        return self.coordinates.named(theta)

    def held(self, places, value):
        """The same with some constants held at a number, solved again."""
        lower, upper = self.problem.lower.copy(), self.problem.upper.copy()
        lower[places] = upper[places] = value
        problem = replace(self.problem, lower=lower, upper=upper)
        if self.ends is None:
            ends = search(problem, absolute=self.absolute)
        elif self.absolute:
            with np.errstate(all="ignore"):  # steps to a vertex may be wild
                ends = minimise_absolute(problem, self.ends.theta, keep=len(self.ends.theta))
        else:
            ends = minimise(problem, self.ends.theta)
        return replace(self, problem=problem, theta=ends.theta[ends.best], ends=ends)

    def member(self, groups):
        """Groups (n,) of the given runs in the order of the problem; each run its own where `groups` is None."""
        if groups is None:
            return np.arange(self.runs)
        return groups if self.order is None else groups[self.order]

    def back(self, values):
        """Values (..., n) of the problem's runs, in the order in which they were given."""
        if self.order is None:
            return values
        found = np.empty_like(values)
        found[..., self.order] = values
        return found
