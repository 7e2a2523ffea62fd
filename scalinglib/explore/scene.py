"""A live figure laid out once: what stays the same at every setting, and the slots that settings fill."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalinglib.explore.axes import narrow, place
from scalinglib.explore.controls import Choice
from scalinglib.explore.description import Description
from scalinglib.explore.numbers import SCALES

GROUPS = ("regions", "bands", "bars", "curves", "points", "marks")
"""The kinds of layers, from the ground up."""

ARRAYS = ("x", "y", "high", "stem")


@dataclass(frozen=True)
class Slot:
    """One thing that a setting fills: an array of places, a number, or words.

    Attributes
    ----------
    name : str
        Which, for errors: ``"curves.fit.y"``.
    kind : {"array", "number", "text"}
        What it holds.
    form, scale : str
        How a number is written and stored.
    """

    name: str
    kind: str
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

    def positions(self):
        """Every position at which all controls stand on a stop."""
        return itertools.product(*(range(0, control.last + 1, control.between) for control in self.controls.values()))

    def content(self, slot: Slot, picture: dict):
        """What a picture puts into one slot."""
        group, name, field = slot.name.split(".")
        if group == "say":
            return getattr(picture["say"], "template", str(picture["say"]))
        if group == "numbers":
            value = picture["numbers"][name]["value"]
            return SCALES[slot.scale].stored(value) if math.isfinite(value) else math.nan
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

    def _slot(self, name: str, kind: str, **rest) -> int:
        self.slots.append(Slot(name, kind, **rest))
        return len(self.slots) - 1

    def _lay_out(self) -> dict:
        description, first = self.description, self._first
        layers = [
            self._layer_spec(group, name, layer) for group in GROUPS for name, layer in first.get(group, {}).items()
        ]
        numbers = {}
        for name, entry in first["numbers"].items():
            slot = self._slot(f"numbers.{name}.value", "number", form=entry["form"], scale=entry["scale"])
            numbers[name] = {"slot": slot, **{key: entry[key] for key in ("form", "scale", "label", "unit")}}
        say = self._slot("say.say.say", "text")
        if not any(layer.get("read") for layer in layers):
            lines = (layer for layer in layers if layer["kind"] == "curve" and layer["role"] == "law")
            for main in [line for line in lines if line["read"] is None][:1]:
                main["read"] = True
        asked = vars(description.predict) if description.predict else {}
        predict = {key: value for key, value in asked.items() if value is not None}
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
        made = {key: value for key, value in layer.items() if key not in (*ARRAYS, "label", "labels")}
        for key in ARRAYS:
            if layer.get(key) is not None:
                made[key] = self._slot(f"{group}.{name}.{key}", "array")
        if layer.get("label"):
            made["label"] = self._slot(f"{group}.{name}.label", "text")
        if layer.get("labels") is not None:
            places = range(len(layer["labels"]))
            made["labels"] = [self._slot(f"{group}.{name}.label-{place}", "text") for place in places]
        return made

    @staticmethod
    def _control_spec(name: str, control) -> dict:
        if isinstance(control, Choice):
            words, keys = list(control.options.values()), [str(key) for key in control.options]
            return {"name": name, "label": control.label, "options": words, "keys": keys, "start": control.start}
        kept = ("label", "unit", "form", "scale", "stops", "between", "start")
        return {"name": name, **{key: getattr(control, key) for key in kept}, "stops": list(control.stops)}

    def _panel_variants(self) -> list:
        if self.choice is None:
            return [self._panels(self._first)]
        place = list(self.controls).index(self.choice)
        starts = [[*self.start] for _ in range(self.controls[self.choice].last + 1)]
        for option, start in enumerate(starts):
            start[place] = option
        variants = [self._panels(self.picture(position)) for position in starts]
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
