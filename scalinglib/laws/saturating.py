"""Power laws that bend at both ends: a floor at large x, a worst value at small x."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["SaturatingPowerLaw", "ShiftedPowerLaw"]

_STEPS = 60  # Newton needs fewer than ten but where alpha is tiny


def saturation(alpha, t):
    """The share s in (0, 1) with ``ln s - alpha ln(1 - s) = t``, as ln(s / (1 - s)); alpha above zero.

    In u = ln(s / (1 - s)) the left side has slopes between 1 and alpha and bends one way only. It starts
    on the line that the side approaches, so Newton's steps all go the same way and cannot overshoot.
    """
    # t or t / alpha, by sign of t: the two lines that the left side approaches
    u = np.where(t < 0, t, t / alpha)
    for _ in range(_STEPS):
        rising = 0.5 * (1.0 + np.tanh(0.5 * u))  # the logistic function, without overflow
        left = alpha * np.logaddexp(0.0, u) - np.logaddexp(0.0, -u)
        step = (left - t) / (1.0 - rising + alpha * rising)
        u = u - step
        if np.all(np.abs(step) <= 4e-16 * np.maximum(np.abs(u), 1.0)):
            break
    return u


@dataclass(frozen=True, kw_only=True)
class ShiftedPowerLaw:
    """A power law with a floor and a shift, ``a (x + d)**-b + c``, of Zhai et al. 2021.

    arXiv 2106.04560, section 2.2, with error against compute; x may as well be N or D. The shift is
    there because a model that has seen nothing is still no worse than guessing: at x = 0 the value is
    ``a d**-b + c``. Far above d it is a PowerLaw with floor c. The letters are the paper's.

    Parameters
    ----------
    a : float
        Coefficient, above zero.
    b : float
        Exponent, above zero.
    c : float, default 0.0
        The value that is left at unlimited x.
    d : float, default 0.0
        The shift, zero or above, in units of x.

    Raises
    ------
    ValueError
        If a constant is not finite or out of its range, named.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.ShiftedPowerLaw(a=0.26, b=0.35, c=0.09, d=0.01)
    >>> law([0.0, 1.0, 1e6]).round(4).tolist()
    [1.3931, 0.3491, 0.0921]
    """

    a: float
    b: float
    c: float = 0.0
    d: float = 0.0

    def __post_init__(self):
        for name in ("a", "b", "c", "d"):
            value = getattr(self, name)
            value = arguments.scalar(name, value, positive=name in "ab", non_negative=name == "d")
            object.__setattr__(self, name, value)

    def __call__(self, x: ArrayLike) -> float | np.ndarray:
        """Value of the law at `x` (any shape, above zero; zero as well where d is above zero)."""
        x = arguments.real("x", x, positive=self.d == 0, non_negative=True)
        return self.c + np.exp(np.log(self.a) - self.b * np.log(x + self.d))

    def x_for(self, value: ArrayLike) -> float | np.ndarray:
        """The x at which the law takes `value` (any shape).

        Raises
        ------
        ValueError
            If `value` is not above the floor c, or above what the law gives at x = 0.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ShiftedPowerLaw(a=0.26, b=0.35, c=0.09, d=0.01)
        >>> round(float(law.x_for(law(5.0))), 9)
        5.0
        """
        value = arguments.real("value", value)
        allowed = f"above the floor {self.c:g}, which is never reached"
        arguments.refuse("value", value, value <= self.c, allowed)
        x = np.exp((np.log(self.a) - np.log(value - self.c)) / self.b) - self.d
        arguments.refuse("value", value, x < -1e-9 * self.d, "at or below the law's value at x = 0")
        return np.maximum(x, 0.0)

    def report(self) -> str:
        """A paragraph a person can read."""
        floor = f"{self.c:.6g} + " if self.c else ""
        if self.d == 0:
            return f"y = {floor}{self.a:.6g} x^-({self.b:.6g})\nNo shift: a power law all the way down."
        with np.errstate(over="ignore"):
            start = self.c + np.exp(np.log(self.a) - self.b * np.log(self.d))
        return (
            f"y = {floor}{self.a:.6g} (x + {self.d:.6g})^-({self.b:.6g})\n"
            f"It is {start:.6g} at x = 0 and a power law far above x = {self.d:.4g}."
        )


@dataclass(frozen=True, kw_only=True)
class SaturatingPowerLaw:
    """A power law between a worst and a best value, the form M4 of Alabdulmohsin et al. 2022.

    ``(y - eps_inf) / (eps_0 - y)**alpha = beta x**c`` (arXiv 2209.06640, section 3), solved for y. At
    small x the value stays at eps_0, at large x it goes to eps_inf as
    ``beta (eps_0 - eps_inf)**alpha x**c``. With alpha = 0 it is a PowerLaw with floor eps_inf, and eps_0
    plays no part. The letters are the paper's: **c is negative**, and beta is no exponent.

    Parameters
    ----------
    eps_inf : float
        The value at unlimited x.
    eps_0 : float
        The value of a random guess, above eps_inf.
    alpha : float
        How slowly the start is left, zero or above.
    beta : float
        Coefficient, above zero.
    c : float
        Exponent, below zero.

    Raises
    ------
    ValueError
        If a constant is not finite or out of its range, named.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.SaturatingPowerLaw(eps_inf=0.1, eps_0=1.0, alpha=1.0, beta=10.0, c=-0.5)
    >>> law([1e-6, 100.0, 1e10]).round(4).tolist()
    [0.9999, 0.55, 0.1001]
    """

    eps_inf: float
    eps_0: float
    alpha: float
    beta: float
    c: float

    def __post_init__(self):
        for entry in fields(self):
            name, value = entry.name, getattr(self, entry.name)
            value = arguments.scalar(name, value, positive=name == "beta", non_negative=name == "alpha")
            object.__setattr__(self, name, value)
        if self.eps_0 <= self.eps_inf:
            raise ValueError(f"eps_0 must be above eps_inf = {self.eps_inf:g}; got {self.eps_0:g}")
        if self.c >= 0:
            raise ValueError(f"c must be below zero (the paper's sign); got {self.c:g}")

    def __call__(self, x: ArrayLike) -> float | np.ndarray:
        """Value of the law at `x` (any shape, above zero)."""
        log_power = np.log(self.beta) + self.c * np.log(arguments.real("x", x, positive=True))
        if self.alpha == 0:
            return self.eps_inf + np.exp(log_power)
        span = self.eps_0 - self.eps_inf
        u = saturation(self.alpha, log_power - (1.0 - self.alpha) * np.log(span))
        return self.eps_inf + span * np.exp(-np.logaddexp(0.0, -u))

    def x_for(self, value: ArrayLike) -> float | np.ndarray:
        """The x at which the law takes `value` (any shape).

        Raises
        ------
        ValueError
            If `value` is not between eps_inf and eps_0.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.SaturatingPowerLaw(eps_inf=0.1, eps_0=1.0, alpha=1.0, beta=10.0, c=-0.5)
        >>> round(float(law.x_for(0.55)), 9)
        100.0
        """
        value = arguments.real("value", value)
        out = (value <= self.eps_inf) | ((value >= self.eps_0) & (self.alpha > 0))
        allowed = f"between eps_inf = {self.eps_inf:g} and eps_0 = {self.eps_0:g}"
        arguments.refuse("value", value, out, allowed)
        left = np.log(value - self.eps_inf)
        if self.alpha > 0:
            left = left - self.alpha * np.log(self.eps_0 - value)
        return np.exp((left - np.log(self.beta)) / self.c)

    def report(self) -> str:
        """A paragraph a person can read."""
        power = f"{self.beta:.6g} x^({self.c:.6g})"
        if self.alpha == 0:
            return f"y = {self.eps_inf:.6g} + {power}\nalpha is 0: eps_0 plays no part."
        return (
            f"(y - {self.eps_inf:.6g}) / ({self.eps_0:.6g} - y)^{self.alpha:.6g} = {power}\n"
            f"It falls from {self.eps_0:.6g} to {self.eps_inf:.6g}, halfway at x = {self._halfway():.4g}."
        )

    def _halfway(self):
        with np.errstate(over="ignore"):
            return self.x_for(0.5 * (self.eps_0 + self.eps_inf))
