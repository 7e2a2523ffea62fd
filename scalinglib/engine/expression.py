"""Expression: runs, a form compiled on them, and the penalty of their residuals; the engine's problem for any law."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..forms.tape import Tape
from .blueprint import LOG, LOG_SCALED, SCALED, Blueprint
from .penalty import Penalised

__all__ = ["Coordinates", "Expression", "Family", "Prior"]


@dataclass(frozen=True)
class Family:
    """Runs that share all constants: their rows, a slice of the sorted runs, and where their constants stand."""

    rows: slice
    places: np.ndarray
    tape: Tape
    short: Tape

    def __reduce__(self):  # a tape holds functions; they travel with the blueprint
        return Family, (self.rows, self.places, self.tape, self.short)


@dataclass(frozen=True, eq=False)
class Coordinates:
    """What the engine's theta (S, P) says in the units of the runs.

    Each family has its own tape, from coordinates to its constants and their derivatives.
    """

    names: tuple
    families: tuple  # (places, tape, slopes, bends)

    def constants(self, theta: np.ndarray) -> np.ndarray:
        """The constants (S, P)."""
        return self._walk(theta, bends=False)[0]

    def jet(self, theta: np.ndarray) -> tuple:
        """The constants (S, P), their slopes (S, P, P) by theta, and their bends: (i, k, l, (S,)) that are not zero."""
        return self._walk(theta, bends=True)

    def _walk(self, theta, bends):
        S, P = theta.shape
        constants, slopes, more = np.empty((S, P)), np.zeros((S, P, P)), {}
        for places, names, tape, first, second in self.families:
            values = iter(tape({name: theta[:, place] for name, place in zip(names, places, strict=True)}))
            for place in places:
                constants[:, place] = next(values)
            if bends:
                for i, k in first:
                    slopes[:, places[i], places[k]] = next(values)
                for i, k, m in second:
                    more[places[i], places[k], places[m]] = np.broadcast_to(next(values), (S,))
        return constants, slopes, more


@dataclass(frozen=True)
class Prior:
    """A normal penalty: half of ((constant - centre) / sd)**2, times `strength`, the scatter of a run squared."""

    places: np.ndarray
    centre: np.ndarray
    sd: np.ndarray
    strength: float = 1.0


@dataclass(frozen=True, eq=False)
class Expression(Penalised):
    """What is minimised: runs, a form on them, the residual and its penalty.

    families : the runs sorted into them; coordinates : from theta to constants; prior : or None.
    """

    families: tuple = ()
    coordinates: Coordinates = None
    bends: tuple = ()
    prior: Prior | None = None

    def model(self, theta):
        """Model values (S, n) at `theta` (S, P)."""
        constants = self.coordinates.constants(theta)
        M = np.empty((len(theta), self.runs))
        for family in self.families:
            (M[:, family.rows],) = family.short(family.named(constants))
        return M
