"""What stands around a live figure: its question, its controls, its caveat, and the guess it asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scalinglib import arguments
from scalinglib.explore.controls import Choice, Predict, Slider

__all__ = ["Description", "described"]

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
        taken = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        missing = [name for name in self.controls if name not in taken]
        if missing:
            raise ValueError(
                f"controls: {function.__name__} has no parameter {', '.join(missing)}; it takes "
                f"{', '.join(taken) or 'none'}"
            )
        open_ones = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if name not in self.controls and parameter.default is parameter.empty
        ]
        if open_ones:
            raise ValueError(f"controls: nothing sets the parameter {', '.join(open_ones)} of {function.__name__}")


def page_name(function: Callable) -> str:
    """The id of a function's figure in a page, unlike the names that headings get."""
    return "live-" + function.__name__.replace("_", "-").strip("<>")


def described(
    *,
    question: str,
    controls: Mapping,
    caveat: str = "",
    predict: Predict | None = None,
    layout: str = "stacked",
    name: str = "",
) -> Callable:
    """Decorate a function with what stands around its figure; `figure` finds it there.

    Examples
    --------
    >>> @described(question="How fast?", controls={"rate": Slider.steps("Rate", 1, 2, default=1)})
    ... def speed(*, rate=1): ...
    >>> speed.live.question, speed.live.defaults
    ('How fast?', {'rate': 1.0})
    """

    def attach(function):
        function.live = Description(
            name=name or page_name(function),
            question=question,
            controls=dict(controls),
            caveat=caveat,
            predict=predict,
            layout=layout,
        )
        function.live.check(function)
        return function

    return attach
