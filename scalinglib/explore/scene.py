"""A live figure laid out once: what stays the same at every setting, and the slots that settings fill."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalinglib.explore.axes import narrow, place
from scalinglib.explore.controls import Choice, Slider
from scalinglib.explore.description import Description

__all__ = ["Scene", "Slot"]

GROUPS = ("regions", "bands", "bars", "curves", "points", "marks")
"""The kinds of layers, from the ground up."""

ARRAYS = ("x", "y", "high", "stem")
TEXTS = ("label",)
STRAIGHT = {
    "linear": lambda value: value,
    "log": math.log,
    "loglog": lambda value: math.log(math.log(value)),
    "root": lambda value: math.sqrt(max(0.0, math.log(value))),
}
"""What is stored of a number, by its scale: nearly straight between two stops."""


@dataclass(frozen=True)
class Slot:
    """One thing that a setting fills: an array of places, a number, or words.

    Attributes
    ----------
    name : str
        Which, for errors: ``"curves.fit.y"``.
    kind : {"array", "number", "text"}
        What it holds.
    on : tuple of str
        The controls it depends on.
    form, scale : str
        How a number is written and stored.
    """

    name: str
    kind: str
    on: tuple[str, ...]
    form: str = ""
    scale: str = "linear"


class Scene:
    """The figure of a function: fixed parts in `spec`, what changes in `slots`, filled by `fill`."""

    def __init__(self, function: Callable, description: Description):
        self.function, self.description = function, description
        self.controls = description.controls
        self.choice = next((name for name, control in self.controls.items() if isinstance(control, Choice)), None)
        self.start = tuple(control.start for control in self.controls.values())
        self.slots: list[Slot] = []
        self._first = self.picture(self.start)
        self.spec = self._lay_out()

    def setting(self, position) -> dict:
        """The function's arguments at a position: one whole number a control."""
        return {name: control.at(step) for (name, control), step in zip(self.controls.items(), position, strict=True)}

    def picture(self, position) -> dict:
        """What the function returns there, with its axes as a list."""
        made = dict(self.function(**self.setting(position)))
        made["axes"] = made["axes"] if isinstance(made["axes"], list | tuple) else [made["axes"]]
        return made

    def fill(self, picture: dict) -> list:
        """The content of every slot: places between 0 and 1 in the frame, stored numbers, templates."""
        return [self.content(slot, picture) for slot in self.slots]

    def positions(self, on, *, stops: bool = True):
        """Every position at which these controls stand on a stop and the others on their default."""
        ranges = []
        for (name, control), start in zip(self.controls.items(), self.start, strict=True):
            step = control.between if isinstance(control, Slider) else 1
            ranges.append(range(0, control.last + 1, step) if name in on else (start,))
        return itertools.product(*ranges)

    def content(self, slot: Slot, picture: dict):
        """What a picture puts into one slot."""
        group, name, field = slot.name.split(".")
        if group == "say":
            return getattr(picture["say"], "template", str(picture["say"]))
        if group == "numbers":
            value = picture["numbers"][name]["value"]
            return STRAIGHT[slot.scale](value) if math.isfinite(value) else math.nan
        layer = self._layer(picture, group, name, slot.name)
        if slot.kind == "text":
            place_of = int(field[6:]) if field.startswith("label-") else None
            return layer["label"] if place_of is None else str(layer["labels"][place_of])
        axes = picture["axes"][layer["panel"]]
        values = layer[field]
        if field == "stem":
            values = np.full(len(layer["y"]), values, dtype=float)
        return place(axes["x" if field == "x" or (layer["kind"] == "bars" and field == "high") else "y"], values)

    def _layer(self, picture, group, name, where):
        try:
            return picture[group][name]
        except KeyError:
            raise ValueError(
                f"{self.function.__name__}: {where} is there at the default and missing at another setting"
            ) from None

    def _names(self, on, what: str) -> tuple[str, ...]:
        if on is None:
            return tuple(self.controls)
        named = on.split() if isinstance(on, str) else list(on)
        unknown = [name for name in named if name not in self.controls]
        if unknown:
            raise ValueError(
                f"on of {what}: {', '.join(unknown)} is no control; allowed are {', '.join(self.controls)}"
            )
        return tuple(name for name in self.controls if name in named)

    def _slot(self, name: str, kind: str, on: tuple[str, ...], **rest) -> int:
        self.slots.append(Slot(name, kind, on, **rest))
        return len(self.slots) - 1

    def _lay_out(self) -> dict:
        description, first = self.description, self._first
        layers = []
        for group in GROUPS:
            for name, layer in first.get(group, {}).items():
                layers.append(self._layer_spec(group, name, layer))
        numbers = {}
        for name, entry in first["numbers"].items():
            on = self._names(entry["on"], f"number {name}")
            slot = self._slot(f"numbers.{name}.value", "number", on, form=entry["form"], scale=entry["scale"])
            numbers[name] = {"slot": slot, **{key: entry[key] for key in ("form", "scale", "label", "unit")}}
        words = first["say"]
        on = getattr(words, "on", None)
        chosen = (self.choice,) if self.choice else ()
        say = self._slot("say.say.say", "text", chosen if on is None else self._names(on, "say"))
        if not any(layer.get("read") for layer in layers):
            main = next(
                (
                    layer
                    for layer in layers
                    if layer["kind"] == "curve" and layer["role"] == "law" and layer["read"] is None
                ),
                None,
            )
            if main:
                main["read"] = True
        predict = description.predict and {
            key: value for key, value in vars(description.predict).items() if value is not None
        }
        if predict and predict["answer"] not in numbers:
            raise ValueError(f"predict: {predict['answer']!r} is not among the numbers ({', '.join(numbers)})")
        return {
            "name": description.name,
            "question": description.question,
            "caveat": description.caveat,
            "layout": description.layout,
            "controls": [self._control_spec(name, control) for name, control in self.controls.items()],
            "panels": self._panel_variants(),
            "layers": layers,
            "numbers": numbers,
            "say": say,
            "predict": predict or None,
        }

    def _layer_spec(self, group: str, name: str, layer: dict) -> dict:
        on = self._names(layer["on"], f"{group}.{name}")
        made = {key: value for key, value in layer.items() if key not in (*ARRAYS, "label", "labels", "on")}
        for key in ARRAYS:
            if layer.get(key) is not None:
                made[key] = self._slot(f"{group}.{name}.{key}", "array", on)
        if layer.get("label"):
            made["label"] = self._slot(f"{group}.{name}.label", "text", on)
        if layer.get("labels") is not None:
            made["labels"] = [
                self._slot(f"{group}.{name}.label-{place}", "text", on) for place in range(len(layer["labels"]))
            ]
        return made

    @staticmethod
    def _control_spec(name: str, control) -> dict:
        if isinstance(control, Choice):
            return {
                "name": name,
                "label": control.label,
                "options": list(control.options.values()),
                "keys": [str(key) for key in control.options],
                "start": control.start,
            }
        return {
            "name": name,
            "label": control.label,
            "unit": control.unit,
            "form": control.form,
            "scale": control.scale,
            "stops": list(control.stops),
            "between": control.between,
            "start": control.start,
        }

    def _panel_variants(self) -> list:
        if self.choice is None:
            return [self._panels(self._first)]
        variants = [self._panels(self.picture(position)) for position in self.positions((self.choice,))]
        return variants[:1] if all(variant == variants[0] for variant in variants) else variants

    @staticmethod
    def _panels(picture: dict) -> list:
        made = []
        for frame in picture["axes"]:
            entry = {"height": frame["height"], "x_label": frame["x_label"]}
            for side in ("x", "y"):
                ax = frame[side]
                marks = [[round(float(place(ax, value)), 5), text] for value, text in ax["ticks"]]
                entry[side] = {
                    **{key: ax[key] for key in ("label", "unit", "scale", "low", "high", "form", "linear_part")},
                    "ticks": marks,
                    "few": narrow(marks),
                }
            made.append(entry)
        return made
