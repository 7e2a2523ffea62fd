"""What a reader moves: sliders with named stops, a choice, rows to leave out, and the guess that is asked for first."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import ClassVar

import numpy as np

from scalinglib.arguments import abbreviate
from scalinglib.explore.numbers import written
from scalinglib.explore.scales import SCALES, blend


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A slider over stops; between two stops the page interpolates, and a kernel computes.

    Attributes
    ----------
    label, unit : str
        Words before and after the number.
    stops : tuple of float
        The values at which the page's numbers are computed beforehand, in rising order.
    default : float, optional
        Where it starts, one of the stops; the default of the function's parameter when not given.
    between : int
        Steps from one stop to the next; 1 for a quantity with corners or jumps, which is never interpolated.
    scale : {"linear", "log"}
        How the steps between two stops are spaced.
    form : str
        How the value is written, as in `number`.
    """

    label: str
    stops: tuple[float, ...]
    default: float | None = None
    between: int = 1
    scale: str = "linear"
    form: str = "g3"
    unit: str = ""

    def __post_init__(self):
        if len(self.stops) < 2 or any(b <= a for a, b in itertools.pairwise(self.stops)):
            raise ValueError(f"stops of {self.label!r}: two or more in rising order are needed")
        if self.default is not None and self.default not in self.stops:
            raise ValueError(f"default of {self.label!r}: {self.default} is not one of the stops")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"scale of {self.label!r}: {self.scale!r} is unknown; allowed are linear, log")
        if int(self.between) != self.between or self.between < 1:
            raise ValueError(f"between of {self.label!r}: {self.between} is not a whole number from 1 up")

    @classmethod
    def over(
        cls,
        label: str,
        low: float,
        high: float,
        count: int,
        *,
        default: float | None = None,
        scale: str = "linear",
        between: int = 4,
        form: str = "g3",
        unit: str = "",
    ) -> Slider:
        """Even stops on a scale, the default added where it is not one of them.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.explore.Slider.over("Compute", 1e18, 1e20, 3, default=2e19, scale="log").stops
        (1e+18, 1e+19, 2e+19, 1e+20)
        """
        spaced = np.geomspace if scale == "log" else np.linspace
        stops = tuple(float(f"{stop:.12g}") for stop in spaced(low, high, count))
        made = cls(label=label, stops=stops, between=between, scale=scale, form=form, unit=unit)
        return made if default is None else made.starting(default)

    @classmethod
    def steps(cls, label: str, *stops: float, default: float | None = None, form: str = "g3", unit: str = "") -> Slider:
        """Stops as given; nothing between them."""
        default = None if default is None else float(default)
        return cls(label=label, stops=tuple(map(float, stops)), default=default, form=form, unit=unit)

    def starting(self, value: float) -> Slider:
        """The slider with this default, if it has none; the value becomes a stop where it is not one."""
        if self.default is not None:
            return self
        near = min(self.stops, key=lambda stop: abs(stop - value))
        if math.isclose(near, value, rel_tol=1e-9, abs_tol=1e-12):
            return dataclasses.replace(self, default=near)
        stops = tuple(sorted([*self.stops, float(value)]))
        return dataclasses.replace(self, stops=stops, default=float(value))

    @property
    def last(self) -> int:
        """The highest position; the lowest is 0."""
        return (len(self.stops) - 1) * self.between

    @property
    def start(self) -> int:
        """The position of the default."""
        return self.stops.index(self.default) * self.between

    @property
    def computed(self) -> range:
        """The positions at which the page's numbers are computed beforehand."""
        return range(0, self.last + 1, self.between)

    def anywhere(self, generator: np.random.Generator) -> int:
        """A position at random."""
        return int(generator.integers(self.last + 1))

    def at(self, position: int) -> float:
        """The value at a position."""
        whole, part = divmod(int(position), self.between)
        return blend(self.scale, self.stops[whole], self.stops[whole + bool(part)], part / self.between)

    def nearest(self, value: float) -> int:
        """The position whose value is nearest, on the slider's own scale."""
        bend = SCALES[self.scale].bend
        far = np.abs(bend([self.at(step) for step in range(self.last + 1)]) - bend(float(value)))
        if not np.isfinite(far).all():
            raise ValueError(f"{value} cannot stand on the slider {self.label!r}")
        return int(far.argmin())

    def written(self, position: int) -> str:
        """The value at a position with its unit."""
        return f"{written(self.at(position), self.form)} {self.unit}".strip()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few: radio buttons.

    Attributes
    ----------
    label : str
        What is chosen.
    options : mapping of value to str
        What the function receives, and the words for it, in order.
    default : object
        The value it starts with; that of the function's parameter when not given.
    """

    label: str
    options: Mapping = field(default_factory=dict)
    default: object = None
    between: ClassVar[int] = 1

    def __post_init__(self):
        if len(self.options) < 2:
            raise ValueError(f"options of {self.label!r}: two or more are needed")
        if self.default is not None and self.default not in self.options:
            raise ValueError(f"default of {self.label!r}: {self.default!r} is not among the options")

    def starting(self, value: object) -> Choice:
        """The choice with this default, if it has none."""
        return self if self.default is not None else dataclasses.replace(self, default=value)

    @property
    def last(self) -> int:
        """The highest position; the lowest is 0."""
        return len(self.options) - 1

    @property
    def start(self) -> int:
        """The position of the default."""
        return self.nearest(self.default)

    @property
    def computed(self) -> range:
        """The positions at which the page's numbers are computed beforehand: all."""
        return range(self.last + 1)

    def anywhere(self, generator: np.random.Generator) -> int:
        """A position at random."""
        return int(generator.integers(self.last + 1))

    def at(self, position: int) -> object:
        """The value at a position."""
        return list(self.options)[int(position)]

    def nearest(self, value: object) -> int:
        """The position of a value."""
        return list(self.options).index(value)

    def written(self, position: int) -> str:
        """The words for the value at a position."""
        return list(self.options.values())[int(position)]


@dataclass(frozen=True, kw_only=True)
class Pick:
    """Rows to leave out (or to buy): by a click or tap on their markers, by arrow keys and Enter, or one by one.

    Every set of rows is a setting, more than a page could hold. So the page computes, with the script NAME.js that
    stands beside the figure's module; `errors` holds it to the function. The function's picture has an entry
    ``pick``: the ``points`` layers that hold the rows ``kept`` and ``left_out``, a line of ``names`` and the ``order``
    in which keys walk through the rows, and what is ``given`` to the script.

    Attributes
    ----------
    label : str
        What is left out, for print.
    more : str
        Words of the button that leaves out the next row in order.
    rows : int
        How many there are, numbered from 0.
    most : int
        How many may be left out.
    default : tuple of int, optional
        Those left out at the start; the default of the function's parameter when not given.
    leave, back : str
        What is said of a row under the pointer that is in, and of one that is out.
    """

    label: str
    more: str
    rows: int
    most: int
    default: tuple[int, ...] | None = None
    leave: str = "press to leave it out"
    back: str = "left out, press to put it back"
    between: ClassVar[int] = 1

    def __post_init__(self):
        if not 0 < self.most <= self.rows:
            raise ValueError(f"most of {self.label!r}: 1 to {self.rows}, its rows, are allowed; got {self.most}")
        if self.default is not None:
            object.__setattr__(self, "default", self.at(self.default))

    def starting(self, value: tuple[int, ...]) -> Pick:
        """The same with this default, if it has none."""
        return self if self.default is not None else dataclasses.replace(self, default=self.at(value))

    @property
    def start(self) -> list[int]:
        """The position of the default: the rows, in order."""
        return list(self.default)

    @property
    def computed(self) -> list[list[int]]:
        """The one position at which the page's numbers are computed beforehand."""
        return [self.start]

    def anywhere(self, generator: np.random.Generator) -> list[int]:
        """A position at random, of any length that is allowed."""
        return sorted(generator.choice(self.rows, generator.integers(self.most + 1), replace=False).tolist())

    def at(self, position: Sequence[int]) -> tuple[int, ...]:
        """The rows at a position; ValueError unless they are rows, each once, and not too many."""
        rows = list(position) if isinstance(position, Iterable) else [position]
        known = all(isinstance(row, Integral) and not isinstance(row, bool) and 0 <= row < self.rows for row in rows)
        if not known or len(set(rows)) < len(rows) or len(rows) > self.most or not isinstance(position, Iterable):
            allowed = f"up to {self.most} different rows of 0 to {self.rows - 1}"
            raise ValueError(f"{self.label!r} takes {allowed}; got {abbreviate(position)}")
        return tuple(sorted(map(int, rows)))

    def nearest(self, value: Sequence[int]) -> list[int]:
        """The position of these rows."""
        return list(self.at(value))

    def written(self, position: Sequence[int]) -> str:
        """How many are left out."""
        return f"{len(position)} of {self.rows}" if position else "none"


@dataclass(frozen=True, kw_only=True)
class Predict:
    """What the reader is asked before the answer is shown.

    Attributes
    ----------
    ask : str
        The question.
    why : str
        What makes the answer what it is: said to every guess, right or wrong.
    answer : str
        The name of the picture's number that answers it.
    low, high, scale, form, unit
        The range and scale of the guess, and how it is written. Without a range the guess is one of `options`.
    options : sequence of (float, str)
        Guesses to choose from in place of a slider.
    x, y : float, optional
        Where the guess is marked: at this x with the guess as y, or at this y with the guess as x.
    panel : int
        The frame of that mark.
    """

    ask: str
    why: str
    answer: str
    low: float = 0.0
    high: float = 1.0
    scale: str = "linear"
    form: str = "g3"
    unit: str = ""
    options: Sequence[tuple[float, str]] = ()
    x: float | None = None
    y: float | None = None
    panel: int = 0
