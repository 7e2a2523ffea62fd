"""Readers: what may be asked of a posed problem, and how the engine's answers read in the units of the runs."""

import numpy as np

from ..engine.blueprint import LOG, LOG_SCALED
from ..engine.coordinates import Line, Terms
from ..engine.expression import add_bends
from ..fitting.form_at import FormAt
from .quantities import Constants, LineAt, LineConstants, LossAt

__all__ = ["reader_of"]


def reader_of(fit):
    """The reader of a fit: ``names``, ``unit``, ``walls`` (coordinates that may not end at a bound), ``constants`` (a
    quantity with an entry a name), ``read(ends)`` and ``value_at(given)``, a quantity too.
    """
    coordinates = fit.posed.coordinates
    if isinstance(coordinates, Terms):
        return _OfTerms(coordinates)
    if isinstance(coordinates, Line):
        return _OfLine(coordinates)
    return _OfForm(fit)


def _pairs(names, ends):
    return {name: (float(low), float(high)) for name, (low, high) in zip(names, ends, strict=True)}


class _OfTerms:
    walls = slice(1, None)

    def __init__(self, terms):
        self.names, self.unit, self.centre = terms.names, terms.unit, terms.centre
        self.constants = Constants(terms.centre)

    def read(self, ends):
        ends[0] *= self.unit
        with np.errstate(over="ignore"):
            ends[1:3] = np.exp(ends[1:3] + np.log(self.unit))
            ends[5] = 1.0 / (1.0 + np.exp(-ends[5]))
        ends[0] = np.maximum(ends[0], 0.0)
        ends[3:5] = np.maximum(ends[3:5], 0.0)
        return _pairs(self.names, ends)

    def unlimited(self, name):
        return 0.0, 1.0 if name == "a" else np.inf

    def value_at(self, given):
        N, D = np.broadcast_arrays(*(np.asarray(given[name], dtype=float) for name in "ND"))
        return LossAt(self.centre, N.ravel(), D.ravel())


class _OfLine:
    walls = slice(1, None)

    def __init__(self, line):
        self.line, self.names, self.unit = line, line.names, line.unit
        self.constants = LineConstants(line.centre, len(line.names))

    def read(self, ends):
        with np.errstate(over="ignore"):
            ends[0] = np.exp(ends[0] + np.log(self.unit))
        if len(ends) > 2:
            ends[2] *= self.unit
        return _pairs(self.names, ends)

    def unlimited(self, name):
        return 0.0 if name == "coefficient" else -np.inf, np.inf

    def value_at(self, given):
        x = np.asarray(given["x"], dtype=float)
        return LineAt(self.line.centre, x.ravel(), (self.line.floor or 0.0) / self.unit)


class _OfForm:
    unit = 1.0

    def __init__(self, fit):
        self.fit, self.coordinates = fit, fit.posed.coordinates
        self.names = self.coordinates.names
        self.logs = np.array([kind in (LOG, LOG_SCALED) for kind in self.coordinates.kinds])
        self.walls = self.logs  # any other bound is one that was asked for

    def constants(self, theta, rows):
        """Constants, of those that cannot be below zero the logarithms."""
        values, slopes, bends = self.coordinates.derivatives(theta)
        S, P = theta.shape
        each = np.arange(S)
        value, gradient, hessian = values[each, rows], slopes[each, rows], np.zeros((S, P, P))
        add_bends(hessian, np.eye(P)[rows], bends)
        log = self.logs[rows]
        size = np.where(log, value, 1.0)
        gradient = np.where(log[:, None], gradient / size[:, None], gradient)
        across = gradient[:, :, None] * gradient[:, None, :]
        hessian = np.where(log[:, None, None], hessian / size[:, None, None] - across, hessian)
        return np.where(log, np.log(size), value), gradient, hessian

    def read(self, ends):
        with np.errstate(over="ignore"):
            ends[self.logs] = np.exp(ends[self.logs])
        return _pairs(self.names, ends)

    def unlimited(self, name):
        return 0.0 if self.logs[self.names.index(name)] else -np.inf, np.inf

    def value_at(self, given):
        return FormAt(self.fit, given)
