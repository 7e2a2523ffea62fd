"""Expression: runs, a form compiled on them, and the penalty of their residuals; the engine's problem for any law."""

from dataclasses import dataclass

import numpy as np

from ..forms.tape import Tape
from .blueprint import LOG, LOG_SCALED, SCALED
from .penalty import Penalised, clipped

__all__ = ["Coordinates", "Expression", "Family", "Prior", "add_bends"]


@dataclass(frozen=True, eq=False)
class Family:
    """Runs that share all constants.

    rows : their slice of the sorted runs; names, places : of their constants, in the form and in theta; value, jet :
    tapes of the formula alone and with its slopes and bends; bends : (j, k) of the latter.
    """

    rows: slice
    names: tuple
    places: np.ndarray
    value: Tape
    jet: Tape
    bends: tuple

    def given(self, constants):
        """Constants (S, P) as the tapes take them."""
        return {name: constants[:, place, None] for name, place in zip(self.names, self.places, strict=True)}

    def derivatives(self, constants):
        """The formula (S, n), its slopes (S, p, n) and bends, a list of what broadcasts to (S, n)."""
        first, *values = self.jet(self.given(constants))
        S, n, p = len(constants), self.rows.stop - self.rows.start, len(self.names)
        slopes = np.empty((S, p, n))
        for place in range(p):
            slopes[:, place] = values[place]
        return np.broadcast_to(first, (S, n)), slopes, values[p:]


@dataclass(frozen=True, eq=False)
class Coordinates:
    """What theta (S, P) says in the units of the runs: constants, each a function of its own and other coordinates.

    names, kinds : (P,) of the constants, see Blueprint; parts : one a family, (names, places, tape of the constants,
    tape of constants, slopes and bends, (i, k) of the slopes, (i, k, m) of the bends).
    """

    names: tuple
    kinds: tuple
    parts: tuple

    def named(self, theta):
        """Constants by name, arrays (S,)."""
        return dict(zip(self.names, self.constants(theta).T, strict=True))

    def theta(self, constants):
        """The coordinates (S, P) of constants (S, P); NaN where a constant has none."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            given = np.where([kind == LOG for kind in self.kinds], np.log(constants), constants)
            logs = np.array([kind == LOG_SCALED for kind in self.kinds])
            scaled = logs | np.array([kind == SCALED for kind in self.kinds])
            if not scaled.any():
                return given
            # A scale depends on coordinates that are not scaled: it shows at theta one, or its logarithm zero.
            unit = self.constants(np.where(scaled, np.where(logs, 0.0, 1.0), given))
            given = np.where(scaled, constants / unit, given)
            return np.where(logs, np.log(given), given)

    def constants(self, theta):
        """The constants (S, P)."""
        found = np.empty(theta.shape)
        with np.errstate(all="ignore"):
            for names, places, tape, *_ in self.parts:
                given = {name: theta[:, place] for name, place in zip(names, places, strict=True)}
                for place, value in zip(places, tape(given), strict=True):
                    found[:, place] = value
        return found

    def derivatives(self, theta):
        """The constants (S, P), their slopes (S, P, P) by theta, and bends {(i, k, m): (S,)}, k <= m."""
        S, P = theta.shape
        found, slopes, bends = np.empty((S, P)), np.zeros((S, P, P)), {}
        for names, places, _, tape, first, second in self.parts:
            with np.errstate(all="ignore"):  # a constant may leave the range of a float
                values = tape({name: theta[:, place] for name, place in zip(names, places, strict=True)})
            p, q = len(names), len(names) + len(first)
            for place, value in zip(places, values[:p], strict=True):
                found[:, place] = value
            for (i, k), value in zip(first, values[p:q], strict=True):
                slopes[:, places[i], places[k]] = value
            for (i, k, m), value in zip(second, values[q:], strict=True):
                bends[places[i], places[k], places[m]] = value
        return found, slopes, bends


@dataclass(frozen=True, eq=False)
class Prior:
    """A normal penalty of constants: ``strength`` times half of ((constant - centre) / sd)**2, summed.

    The strength is what makes it count as one more measurement: one where the noise of runs is known, else `unknown`
    and read off the residuals. The centre is (k,), or (S, k) with one a start.
    """

    places: np.ndarray
    centre: np.ndarray
    sd: np.ndarray
    strength: float = 1.0
    unknown: bool = False

    def add(self, constants, unit, rows, value, gradient, hessian):
        """Add it to the penalty and its derivatives by the constants, in their units (S, P), in place."""
        centre = self.centre if self.centre.ndim == 1 else self.centre[rows]
        off, rate = (constants[:, self.places] - centre) / self.sd, unit[:, self.places] / self.sd
        value += 0.5 * self.strength * (off**2).sum(1)
        gradient[:, self.places] += self.strength * off * rate
        hessian[:, self.places, self.places] += self.strength * rate**2


@dataclass(frozen=True, eq=False, kw_only=True)
class Expression(Penalised):
    """What is minimised: the runs, sorted into families, a form on them, the residual and its penalty."""

    families: tuple
    coordinates: Coordinates
    prior: Prior | None = None

    def beliefs(self, theta):
        """Slopes (k, P) of the constants that have priors, over their sd, and the strength."""
        if self.prior is None:
            return super().beliefs(theta)
        turn = self.coordinates.derivatives(theta[None])[1][0]
        return turn[self.prior.places] / self.prior.sd[:, None], self.prior.strength

    def values(self, theta):
        """Model values (S, n) at `theta` (S, P)."""
        constants = self.coordinates.constants(theta)
        M = np.empty((len(theta), self.runs))
        for family in self.families:
            (M[:, family.rows],) = family.value(family.given(constants))
        return M

    def slopes(self, theta):
        """Model values (S, n) and their slopes by theta, (S, P, n)."""
        constants, turn, _ = self.coordinates.derivatives(theta)
        M, G = np.empty((len(theta), self.runs)), np.zeros((*theta.shape, self.runs))
        with np.errstate(all="ignore"):
            for family in self.families:
                M[:, family.rows], slopes, _ = family.derivatives(constants)
                G[:, :, family.rows] = turn[:, family.places].transpose(0, 2, 1) @ slopes
        return M, G

    def curvature(self, theta, weight):
        """``sum_n weight * d2M/dtheta2``, (S, P, P), for `weight` (S, n)."""
        constants, turn, bend = self.coordinates.derivatives(theta)
        total, gradient = np.zeros((*theta.shape, theta.shape[1])), np.zeros(theta.shape)
        for family in self.families:
            _, G, bends = family.derivatives(constants)
            own, places = weight[:, family.rows], family.places
            gradient[:, places] += (G @ own[..., None])[..., 0]
            for (j, k), bent in zip(family.bends, bends, strict=True):
                added = _dot(own, bent)
                total[:, places[j], places[k]] += added
                if j != k:
                    total[:, places[k], places[j]] += added
        total = turn.transpose(0, 2, 1) @ total @ turn
        add_bends(total, gradient, bend)
        return total

    def derivatives(self, theta, rows=slice(None), *, majorant=True):
        """Penalty (S,), its gradient (S, P) and, (S, P, P) each, its exact Hessian and a majorant: see Problem."""
        S, P = theta.shape
        constants, turn, bend = self.coordinates.derivatives(theta)
        # Constants count in units of what their coordinates do to them: the square of a coefficient of 1e200 overflows.
        unit = np.abs(turn).max(2)
        turn, bend = turn / unit[:, :, None], {place: bent / unit[:, place[0]] for place, bent in bend.items()}
        value, gradient, hessian = np.zeros(S), np.zeros((S, P)), np.zeros((S, P, P))
        major = np.zeros((S, P, P)) if majorant else None
        corner, counts = self.corner(rows), self.counts(rows)
        for family in self.families:
            M, G, bends = family.derivatives(constants)
            own, units = family.rows, unit[:, family.places]
            G *= units[:, :, None]
            target = self._rows(self._log_y if self.log else self.y, rows)[..., own]
            sd = self.sd[own] if isinstance(self.sd, np.ndarray) else self.sd
            M = M + self.lift if self.lift else M
            r = (target - (np.log(M) if self.log else M)) / sd
            psi = clipped(r, corner)
            pull = psi if counts is None else psi * counts[..., own]
            value += self.summed(r, psi, pull)
            size = np.abs(r)
            inside = (size < corner).astype(float)
            if counts is not None:
                inside *= counts[..., own]
            # By M the residual falls at `rate`, so the penalty does at pull * rate.
            rate = 1.0 / (M * sd) if self.log else np.broadcast_to(1.0 / np.asarray(sd), M.shape)
            slope = pull * rate
            weight = inside * rate * rate
            if self.log:
                weight += slope / M
            across = G.transpose(0, 2, 1)
            part = -(G @ slope[..., None])[..., 0]
            square = (G * weight[:, None]) @ across
            for (j, k), bent in zip(family.bends, bends, strict=True):
                added = _dot(slope, bent) * units[:, j] * units[:, k]
                square[:, j, k] -= added
                if j != k:
                    square[:, k, j] -= added
            block = slice(None) if len(self.families) == 1 else np.ix_(range(S), family.places, family.places)
            gradient[:, family.places] += part
            hessian[block] += square
            if majorant:
                share = np.minimum(corner / np.maximum(size, 1e-300), 1.0) * rate * rate
                if counts is not None:
                    share *= counts[..., own]
                major[block] += (G * share[:, None]) @ across
        if self.prior is not None:
            self.prior.add(constants, unit, rows, value, gradient, hessian)
            if majorant:
                self.prior.add(constants, unit, rows, np.zeros(S), np.zeros((S, P)), major)
        back = turn.transpose(0, 2, 1)
        hessian = back @ hessian @ turn
        add_bends(hessian, gradient, bend)
        gradient = (back @ gradient[..., None])[..., 0]
        major = back @ major @ turn if majorant else None
        lost = ~(np.isfinite(value) & np.isfinite(gradient).all(1) & np.isfinite(hessian).all((1, 2)))
        if majorant:
            lost |= ~np.isfinite(major).all((1, 2))
            major[lost] = 0.0
        value[lost], gradient[lost], hessian[lost] = np.inf, 0.0, 0.0
        return value, gradient, hessian, major


def _dot(weight, values):
    """Sums (S,) over runs of weight (S, n) times what broadcasts to it."""
    if np.ndim(values) == 2 and values.shape == weight.shape:
        return np.einsum("sn,sn->s", weight, values)
    if np.ndim(values) == 1:
        return weight @ values
    return weight.sum(1) * np.reshape(values, (-1,))


def add_bends(hessian, gradient, bend):
    """Add what the bends of the constants do to a Hessian by theta, in place; `gradient` is by the constants."""
    for (i, k, m), bent in bend.items():
        hessian[:, k, m] += gradient[:, i] * bent
        if k != m:
            hessian[:, m, k] += gradient[:, i] * bent
