"""The live figure itself: a widget where a kernel runs, and a page's figure where none does."""

from __future__ import annotations

import gzip
import html
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Unpack

import anywidget
import traitlets

from scalinglib.explore import markup
from scalinglib.explore.controls import Pick
from scalinglib.explore.description import Around, of_function
from scalinglib.explore.grid import tabulated
from scalinglib.explore.picture import paint, word
from scalinglib.explore.scene import Scene
from scalinglib.explore.sentence import filled

HERE = Path(__file__).resolve().parent


class LiveFigure(anywidget.AnyWidget):
    """A figure that answers back; made by `figure`.

    Under a kernel it is an ipywidget: it stands in a ``VBox`` beside others, and `setting`, `value` and
    `sentence` can be observed. Its ``text/html`` needs no kernel: there a script draws from values computed
    beforehand.

    Attributes
    ----------
    setting : dict
        The value of every control; assign a dict, of some of them or all, to move them.
    value : float
        The number that the figure is about, at this setting.
    sentence : str
        What the figure says there.
    """

    _esm = HERE / "explorer.js"
    _css = "".join((HERE / name).read_text(encoding="utf-8") for name in ("picture.css", "explorer.css"))
    spec = traitlets.Dict().tag(sync=True)
    markup = traitlets.Unicode().tag(sync=True)
    position = traitlets.List().tag(sync=True)
    frame = traitlets.List().tag(sync=True)
    setting = traitlets.Dict()
    value = traitlets.Float()
    sentence = traitlets.Unicode()

    def __init__(self, scene: Scene):
        self.scene, self._page = scene, None
        super().__init__(spec=scene.spec, markup=markup.shell(scene.spec), position=list(scene.start))
        self._compute()

    @traitlets.validate("position")
    def _allowed(self, proposal):
        controls, steps = list(self.scene.controls.values()), list(proposal["value"])
        numbered = [control for control in controls if not isinstance(control, Pick)]
        if len(steps) != len(controls) or any(
            not 0 <= int(step) <= control.last
            for step, control in zip(steps, controls, strict=True)
            if control in numbered
        ):
            raise traitlets.TraitError(
                f"position: {proposal['value']} is not one whole number a control, from 0 to "
                f"{', '.join(str(control.last) for control in numbered)}"
            )
        try:
            return [
                int(step) if control in numbered else control.nearest(step)
                for step, control in zip(steps, controls, strict=True)
            ]
        except (TypeError, ValueError) as fault:
            raise traitlets.TraitError(f"position: {fault}") from fault

    @traitlets.validate("setting")
    def _known(self, proposal):
        controls, wanted = self.scene.controls, dict(proposal["value"])
        unknown = [name for name in wanted if name not in controls]
        if unknown:
            raise traitlets.TraitError(
                f"setting: {', '.join(unknown)} is no control; allowed are {', '.join(controls)}"
            )
        try:
            steps = [
                controls[name].nearest(wanted[name]) if name in wanted else step
                for name, step in zip(controls, self.position, strict=True)
            ]
        except (TypeError, ValueError) as fault:
            raise traitlets.TraitError(f"setting: {fault}") from fault
        return self.scene.setting(steps)

    @traitlets.observe("setting")
    def _moved_by_name(self, change):
        self.position = [control.nearest(change["new"][name]) for name, control in self.scene.controls.items()]

    @traitlets.observe("position")
    def _moved(self, _):
        if self.frame:
            self._compute()

    def _compute(self):
        picture = self.scene.picture(self.position)
        contents = self.scene.fill(picture)
        with self.hold_sync(), self.hold_trait_notifications():
            self.frame = [content if isinstance(content, str) else _plain(content) for content in contents]
            self.setting = self.scene.setting(self.position)
            self.value = float(picture["value"])
            self.sentence = str(picture["say"])

    def svg(self, width: int = 720) -> str:
        """The picture at the present setting as SVG, without styles; below 640 as on a phone."""
        return paint(self.scene.spec, self.scene.fill(self.scene.picture(self.position)), self.position, width)

    def html(self, *, data: bool = True) -> str:
        """The figure for a page with no kernel, in its default setting.

        Parameters
        ----------
        data : bool
            Whether it comes alive in a page: with what is computed beforehand, which takes a few seconds.
        """
        if self._page and data:
            return self._page
        scene, spec = self.scene, self.scene.spec
        frame = scene.fill(scene.picture(scene.start))
        said = filled(html.escape(frame[spec["say"]], quote=False), lambda name: word(spec, frame, name), "<b>{}</b>")
        page = markup.page(
            spec,
            tabulated(scene) if data else None,
            picture=paint(spec, frame, scene.start),
            shown=", ".join(self._shown(scene.start, "{} {}")),
            sentence=markup.raised(said, escape=False),
        )
        self._page = page if data else None
        return page

    def _shown(self, position, form):
        """Each control and where it stands, in words."""
        steps = zip(self.scene.controls.values(), position, strict=True)
        return [form.format(control.label, control.written(step)) for control, step in steps]

    @property
    def weight(self) -> int:
        """Bytes of the page's figure after gzip."""
        return len(gzip.compress(self.html().encode("utf-8"), 9, mtime=0))

    def report(self) -> str:
        """The figure in words: what it asks, where it stands, what it says."""
        around = self.scene.description
        lines = [around.question, *self._shown(self.position, "  {}: {}"), self.sentence, around.caveat]
        return "\n".join(lines).strip()

    def __repr__(self) -> str:
        said = {name: f"{v:g}" if isinstance(v, int | float) else f"{v!r}" for name, v in self.setting.items()}
        told = ", ".join(f"{name}={value}" for name, value in said.items())
        return f"LiveFigure({self.scene.function.__name__}: {told}): {self.sentence}"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": self.html(data=not _in_a_front_end())}, metadata


def figure(function: Callable, **around: Unpack[Around]) -> LiveFigure:
    """Turn a function of named parameters into a live figure.

    Parameters
    ----------
    function : callable
        Takes the controls by name and returns a mapping with ``axes``, layers (``curves``, ``points``, ``bands``,
        ``regions``, ``bars``, ``marks``), ``numbers``, ``value`` and ``say``; see `curve` and its neighbours.
    question, controls, caveat, predict, layout, name
        What stands around it, as in `described`; what is not given here is taken from there.

    Raises
    ------
    ValueError
        When there is no question or no control, when a control is no parameter, or when what the function
        returns does not hold together.

    Examples
    --------
    >>> from scalinglib import explore
    >>> def halving(*, rate=0.5):
    ...     numbers = {"left": explore.number(2**-rate, "p0")}
    ...     x = explore.axis("time", 0, 4)
    ...     return {"axes": explore.panel(x, explore.axis("left", 0, 1)),
    ...             "curves": {"left": explore.curve([0, 1, 2, 3, 4], [2 ** (-rate * t) for t in range(5)])},
    ...             "numbers": numbers, "value": 2**-rate,
    ...             "say": explore.say("After one step *{left}* is left.", numbers)}
    >>> rate = explore.Slider.over("Rate", 0.1, 1, 10, default=0.5)
    >>> explore.figure(halving, question="How fast?", controls={"rate": rate})
    LiveFigure(halving: rate=0.5): After one step 71% is left.
    """
    return LiveFigure(Scene(function, of_function(function, {k: v for k, v in around.items() if v is not None})))


def _in_a_front_end() -> bool:
    """Whether a person runs this cell in JupyterLab or its kin, where the kernel answers and no data are waited for.

    Such programs say which cell they run; `make execute`, nbconvert and nbval do not.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    return kernel is not None and "cellId" in (kernel.get_parent("shell") or {}).get("metadata", {})


def _plain(content) -> list:
    values = [content] if isinstance(content, float) else content.tolist()
    return [value if math.isfinite(value) else None for value in values]
