"""The smoothly broken power law of Caballero et al. 2022."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["BrokenPowerLaw"]


@dataclass(frozen=True, kw_only=True)
class BrokenPowerLaw:
    """A chain of power laws joined smoothly at breaks.

    ``a + b x**-c0 * prod_i (1 + (x / d_i)**(1 / f_i))**(-c_i f_i)``, Caballero et al. 2022 (arXiv
    2210.14891), equation 1. Without breaks it is a PowerLaw with floor a.

    Parameters
    ----------
    a : float
        The value that is left at unlimited x.
    b : float
        Coefficient of the first segment, above zero.
    c0 : float
        Exponent of the first segment.
    c, d, f : sequences of float
        One entry a break: change of exponent, place (above zero), width (above zero).

    Raises
    ------
    ValueError
        If a constant is not finite or out of range, or c, d, f differ in length.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.BrokenPowerLaw(a=0.0, b=1.0, c0=0.0, c=[1.0], d=[100.0], f=[0.1])
    >>> law([1.0, 1e6]).round(6).tolist()
    [1.0, 0.0001]
    """

    a: float
    b: float
    c0: float
    c: tuple
    d: tuple
    f: tuple

    def __post_init__(self):
        for name in ("a", "b", "c0"):
            value = arguments.scalar(name, getattr(self, name), positive=name == "b")
            object.__setattr__(self, name, value)
        for name in ("c", "d", "f"):
            given = getattr(self, name)
            if np.size(given):
                given = arguments.column(name, np.atleast_1d(given), positive=name != "c")
            object.__setattr__(self, name, tuple(map(float, given)))
        if not len(self.c) == len(self.d) == len(self.f):
            raise ValueError(
                "c, d and f must have one entry a break each; "
                f"got lengths {len(self.c)}, {len(self.d)} and {len(self.f)}"
            )

    def __call__(self, x: ArrayLike) -> float | np.ndarray:
        """Value of the law at `x` (any shape, above zero)."""
        log_x = np.log(arguments.real("x", x, positive=True))
        log_y = np.log(self.b) - self.c0 * log_x
        for c, d, f in zip(self.c, self.d, self.f, strict=True):
            # log(1 + (x/d)^(1/f)) without overflow for narrow breaks
            log_y = log_y - c * f * np.logaddexp(0.0, (log_x - np.log(d)) / f)
        return self.a + np.exp(log_y)

    def report(self) -> str:
        """A line a break."""
        lines = [f"y = {self.a:.6g} + {self.b:.6g} x^-({self.c0:.6g}), with {len(self.c)} break(s)"]
        for c, d, f in zip(self.c, self.d, self.f, strict=True):
            lines.append(f"  at x = {d:.6g}: the exponent changes by {c:.6g}, width {f:.6g}")
        return "\n".join(lines)
