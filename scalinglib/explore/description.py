"""What stands around a live figure: its question, its controls, its caveat, and the guess it asks for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from scalinglib import arguments
from scalinglib.explore.controls import Choice, Pick, Predict, Slider

MOST_SLIDERS = 3
_NOTES = re.compile(r"^Notes\n-+\n(.+?)(?=\n\n[A-Z]\w+\n---|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Description:
    """The words and controls of one live figure.

    Attributes
    ----------
    name : str
        Its place in the page's address.
    question : str
        The heading: what the figure answers.
    controls : mapping of str to Slider, Choice or Pick
        By name of the function's parameter, in the order they stand; up to three sliders, and one choice or pick.
    caveat : str
        One line on what the figure does not say.
    predict : Predict or None
        What is asked before the answer is shown.
    layout : {"stacked", "beside"}
        How several panels stand on a wide screen; on a phone they are always stacked.
    """

    name: str
    question: str
    controls: Mapping[str, Slider | Choice | Pick]
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
            raise ValueError("controls: at most one choice or pick is allowed")
        arguments.one_of("layout", self.layout, ("stacked", "beside"))
        for name in (self.name, *self.controls):  # they stand in the page's address and in its attributes
            if not re.fullmatch(r"[A-Za-z][\w-]*", str(name), re.ASCII):
                raise ValueError(f"name: {name!r} cannot be used; letters, digits, _ and - are allowed, a letter first")

    @property
    def defaults(self) -> dict:
        """The setting it starts with."""
        return {name: control.default for name, control in self.controls.items()}


class Around(TypedDict, total=False):
    """What is said of a figure: the fields of its Description."""

    question: str
    controls: Mapping[str, Slider | Choice | Pick]
    caveat: str
    predict: Predict | None
    layout: str
    name: str


def of_function(function: Callable, around: Around) -> Description:
    """The Description of a function: what its docstring says, what it is decorated with, what is said here instead.

    A docstring whose first line asks gives the question, and its Notes give the caveat.

    Raises
    ------
    ValueError
        When there is no question or no control, or when a control is no parameter.
    """
    text = inspect.getdoc(function) or ""
    first, notes = text.partition("\n")[0], _NOTES.search(text)
    name = "live-" + function.__name__.replace("_", "-").strip("<>")  # an id unlike those that headings get
    told = {
        "name": name,
        "question": first * first.endswith("?"),
        "caveat": " ".join(notes[1].split()) if notes else "",
    }
    given = told | (vars(function.live) if hasattr(function, "live") else {}) | around
    for needed in ("question", "controls"):
        if not given.get(needed):
            raise ValueError(f"{needed}: {function.__name__} is not described, so it has to be given here")
    made = Description(**given)
    return replace(made, controls=_begun(function, made.controls))


def _begun(function, controls) -> dict:
    """The controls, each with a default; ValueError unless they are all that the function has to be given."""
    parameters = {
        name: each.default
        for name, each in inspect.signature(function).parameters.items()
        if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)
    }
    if missing := [name for name in controls if name not in parameters]:
        raise ValueError(
            f"controls: {function.__name__} has no parameter {', '.join(missing)}; it takes "
            f"{', '.join(parameters) or 'none'}"
        )
    if unset := [name for name in parameters if parameters[name] is inspect.Parameter.empty and name not in controls]:
        raise ValueError(f"controls: nothing sets the parameter {', '.join(unset)} of {function.__name__}")
    return {
        name: control.starting(
            control.at(control.computed[0]) if parameters[name] is inspect.Parameter.empty else parameters[name]
        )
        for name, control in controls.items()
    }


def described(**around: Unpack[Around]) -> Callable:
    """Decorate a function with what stands around its figure, as in `Description`; `figure` finds it there.

    Examples
    --------
    >>> import scalinglib as sl
    >>> @sl.explore.described(controls={"rate": sl.explore.Slider.steps("Rate", 1, 2)})
    ... def speed(*, rate=1):
    ...     "How fast?"
    >>> speed.live.question, speed.live.defaults
    ('How fast?', {'rate': 1.0})
    """

    def attach(function):
        function.live = of_function(function, around)
        return function

    return attach
