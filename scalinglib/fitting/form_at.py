"""FormAt: a fitted form at given variables, as a function of the engine's constants with exact derivatives."""

import numpy as np

from ..engine.expression import add_bends
from ..forms.tape import Tape

__all__ = ["FormAt"]


class FormAt:
    """The formula at given variables, one entry each."""

    def __init__(self, fit, given):
        law, plan, given = fit.law, fit.plan, dict(given)
        self.coordinates, self.plan, problem = fit.posed.coordinates, plan, fit.problem
        self.places = problem.families[0].places
        if hasattr(law, "by"):
            labels = np.unique(np.asarray(given.pop(law.by)).astype(str))
            if len(labels) > 1:
                raise ValueError(f"{law.by} must be one family a call; got {', '.join(labels)}")
            self.places = problem.families[list(law.laws).index(labels[0])].places
        columns = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in given.values()))
        self.columns = {name: column.ravel()[:, None] for name, column in zip(given, columns, strict=True)}
        wanted = [plan.last, *plan.slopes, *(step for *_, step in plan.bends)]
        self.tape = Tape(plan.graph, wanted, {name: np.float64(value) for name, value in fit.fixed.items()})

    def __call__(self, theta, rows):
        constants, turn, bend = self.coordinates.derivatives(theta)
        S, P = theta.shape
        given = {name: column[rows] for name, column in self.columns.items()}
        given |= {name: constants[:, place, None] for name, place in zip(self.plan.open, self.places, strict=True)}
        value, *parts = (np.array(np.broadcast_to(z, (S, 1))[:, 0], dtype=float) for z in self.tape(given))
        gradient, hessian = np.zeros((S, P)), np.zeros((S, P, P))
        gradient[:, self.places] = np.stack(parts[: len(self.places)], axis=1)
        for (j, k, _), bent in zip(self.plan.bends, parts[len(self.places) :], strict=True):
            a, b = self.places[j], self.places[k]
            hessian[:, a, b] += bent
            if a != b:
                hessian[:, b, a] += bent
        hessian = turn.transpose(0, 2, 1) @ hessian @ turn
        add_bends(hessian, gradient, bend)
        return value, (turn.transpose(0, 2, 1) @ gradient[..., None])[..., 0], hessian
