"""The power law with a floor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["PowerLaw"]


@dataclass(frozen=True, kw_only=True)
class PowerLaw:
    """A power law with a floor, ``floor + coefficient * x**-exponent``.

    Parameters
    ----------
    coefficient : float
        Height of the falling part at x = 1, above zero, in units of the result.
    exponent : float
        Positive for a quantity that falls with x, negative for one that grows.
    floor : float, default 0.0
        What is left when x is unlimited (for a positive exponent), in units of the result.

    Raises
    ------
    ValueError
        If a constant is not finite, or the coefficient is not above zero.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.PowerLaw(coefficient=10.0, exponent=0.5, floor=1.0)
    >>> round(float(law(100.0)), 9)
    2.0
    >>> law([1.0, 100.0]).round(9).tolist()
    [11.0, 2.0]
    """

    coefficient: float
    exponent: float
    floor: float = 0.0

    def __post_init__(self):
        for name, positive in (("coefficient", True), ("exponent", False), ("floor", False)):
            value = arguments.scalar(name, getattr(self, name), positive=positive)
            object.__setattr__(self, name, value)

    def __call__(self, x: ArrayLike) -> float | np.ndarray:
        """Value of the law at `x` (any shape, above zero)."""
        return self.floor + self.reducible(x)

    def reducible(self, x: ArrayLike) -> float | np.ndarray:
        """The part above the floor, ``coefficient * x**-exponent``, at `x` (any shape)."""
        x = arguments.real("x", x, positive=True)
        # In logarithms: coefficient and x**-exponent alone may leave the range of a float.
        return np.exp(np.log(self.coefficient) - self.exponent * np.log(x))

    def local_exponent(self, x: ArrayLike) -> float | np.ndarray:
        """Slope of the whole value on log-log axes with its sign turned, ``-d ln y / d ln x``.

        It equals `exponent` only where the floor is negligible.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.PowerLaw(coefficient=10.0, exponent=0.5, floor=1.0)
        >>> round(float(law.local_exponent(100.0)), 9)
        0.25
        """
        reducible = self.reducible(x)
        return self.exponent * reducible / (self.floor + reducible)

    def gain(self, x: ArrayLike, *, factor: float = 2.0) -> float | np.ndarray:
        """How much the value falls when `x` is multiplied by `factor`.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.PowerLaw(coefficient=10.0, exponent=1.0)
        >>> round(float(law.gain(5.0)), 9)
        1.0
        """
        factor = arguments.real("factor", factor, positive=True)
        return self.reducible(x) * (1.0 - factor**-self.exponent)

    def cost_factor(self, share: ArrayLike) -> float | np.ndarray:
        """The factor on x that leaves `share` of the part above the floor, ``share**(-1/exponent)``.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.PowerLaw(coefficient=1.0, exponent=0.5).cost_factor(0.5)
        4.0
        """
        share = arguments.real("share", share, positive=True)
        if self.exponent == 0:
            raise ValueError("exponent is 0: no factor on x changes the value")
        factor = share ** (-1.0 / self.exponent)
        return float(factor) if factor.ndim == 0 else factor

    def x_for(self, value: ArrayLike) -> float | np.ndarray:
        """The x at which the law takes `value` (any shape).

        Raises
        ------
        ValueError
            If `value` is not above the floor, or the exponent is zero.

        Examples
        --------
        >>> import scalinglib as sl
        >>> round(float(sl.PowerLaw(coefficient=10.0, exponent=0.5, floor=1.0).x_for(2.0)), 9)
        100.0
        """
        value = arguments.real("value", value)
        if self.exponent == 0:
            raise ValueError("exponent is 0: the value is the same at every x")
        allowed = f"above the floor {self.floor:g}, which is never reached"
        arguments.refuse("value", value, value <= self.floor, allowed)
        return np.exp((np.log(self.coefficient) - np.log(value - self.floor)) / self.exponent)

    def report(self) -> str:
        """One paragraph a person can read."""
        floor = f"{self.floor:.6g} + " if self.floor else ""
        text = f"y = {floor}{self.coefficient:.6g} x^-({self.exponent:.6g})"
        if self.exponent > 0:
            halving = self.cost_factor(0.5)
            what = "the part above the floor" if self.floor else "y"
            text += f"\nHalving {what} takes {halving:.4g} times the x, every time."
        return text
