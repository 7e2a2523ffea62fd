"""What stands around a live figure: its question, its controls, its caveat, and the guess it asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack

from scalinglib import arguments
from scalinglib.explore.controls import Choice, Predict, Slider

MOST_SLIDERS = 3


@dataclass(frozen=True, kw_only=True)
class Description:
    """The words and controls of one live figure.

    Attributes
    ----------
    name : str
        Its place in the page's address.
    question : str
        The heading: what the figure answers.
    controls : mapping of str to Slider or Choice
        By name of the function's parameter, in the order they stand; up to three sliders and one choice.
    caveat : str
        One line on what the figure does not say.
    predict : Predict or None
        What is asked before the answer is shown.
    layout : {"stacked", "beside"}
        How several panels stand on a wide screen; on a phone they are always stacked.
    """

    name: str
    question: str
    controls: Mapping[str, Slider | Choice]
    caveat: str = ""
    predict: Predict | None = None
    layout: str = "stacked"

    def __post_init__(self):
        sliders = [name for name, control in self.controls.items() if isinstance(control, Slider)]
        if len(sliders) > MOST_SLIDERS:
            raise ValueError(
                f"controls: {len(sliders)} sliders ({', '.join(sliders)}); at most {MOST_SLIDERS} are allowed"
            )
        if len(self.controls) - len(sliders) > 1:
            raise ValueError("controls: at most one choice is allowed")
        arguments.one_of("layout", self.layout, ("stacked", "beside"))

    @property
    def defaults(self) -> dict:
        """The setting it starts with."""
        return {name: control.default for name, control in self.controls.items()}

    def check(self, function: Callable) -> None:
        """Raise ValueError unless the function's parameters are these controls, by keyword."""
        parameters = inspect.signature(function).parameters
        named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        taken = [name for name, each in parameters.items() if each.kind in named]
        missing = [name for name in self.controls if name not in taken]
        if missing:
            raise ValueError(
                f"controls: {function.__name__} has no parameter {', '.join(missing)}; it takes "
                f"{', '.join(taken) or 'none'}"
            )
        needed = [name for name, each in parameters.items() if each.default is each.empty]
        unset = [name for name in needed if name not in self.controls]
        if unset:
            raise ValueError(f"controls: nothing sets the parameter {', '.join(unset)} of {function.__name__}")


class Around(TypedDict, total=False):
    """What is said of a figure: the fields of its Description, the name apart."""

    question: str
    controls: Mapping[str, Slider | Choice]
    caveat: str
    predict: Predict | None
    layout: str
    name: str


def of_function(function: Callable, around: Around) -> Description:
    """The Description of a function: what it is decorated with, and what is said here in its place.

    Raises
    ------
    ValueError
        When there is no question or no control, or when a control is no parameter.
    """
    there = getattr(function, "live", None)
    name = "live-" + function.__name__.replace("_", "-").strip("<>")  # an id unlike those that headings get
    given = {"name": name} | (vars(there) if there else {}) | around
    for needed in ("question", "controls"):
        if not given.get(needed):
            raise ValueError(f"{needed}: {function.__name__} is not described, so it has to be given here")
    made = Description(**given)
    made.check(function)
    return made


def described(**around: Unpack[Around]) -> Callable:
    """Decorate a function with what stands around its figure, as in `Description`; `figure` finds it there.

    Examples
    --------
    >>> @described(question="How fast?", controls={"rate": Slider.steps("Rate", 1, 2, default=1)})
    ... def speed(*, rate=1): ...
    >>> speed.live.question, speed.live.defaults
    ('How fast?', {'rate': 1.0})
    """

    def attach(function):
        function.live = of_function(function, around)
        return function

    return attach
