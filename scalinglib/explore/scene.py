"""A picture laid out once: what stays the same at every setting, and the slots that settings fill."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalinglib.explore.axes import narrow, place
from scalinglib.explore.controls import Choice, Pick
from scalinglib.explore.description import Description
from scalinglib.explore.scales import SCALES

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
    read : callable
        Takes it out of a picture.
    form, scale : str
        How a number is written and stored.
    """

    name: str
    kind: str
    read: Callable
    form: str = ""
    scale: str = "linear"


class Sketch:
    """A picture's fixed parts in `spec`, the rest in `slots`, which `fill` fills from it or from one like it."""

    def __init__(self, picture: dict, **around):
        self.slots: list[Slot] = []
        layers = [self._layer(group, name, layer) for group in GROUPS for name, layer in picture.get(group, {}).items()]
        numbers = {name: self._number(name, entry) for name, entry in picture.get("numbers", {}).items()}
        if not any(layer.get("read") for layer in layers):
            lines = (layer for layer in layers if layer["kind"] == "curve" and layer["role"] == "law")
            for main in [line for line in lines if line["read"] is None][:1]:
                main["read"] = True
        self.spec = {**around, "layers": layers, "numbers": numbers}

    def fill(self, picture: dict) -> list:
        """The content of every slot: places between 0 and 1 in the frame, stored numbers, templates."""
        contents = []
        for slot in self.slots:
            try:
                contents.append(slot.read(picture))
            except KeyError:
                raise ValueError(f"{slot.name} is there at the default and missing at another setting") from None
        return contents

    def _slot(self, name: str, kind: str, read, **rest) -> int:
        self.slots.append(Slot(name, kind, read, **rest))
        return len(self.slots) - 1

    def _number(self, name: str, entry: dict) -> dict:
        def stored(picture):
            value = picture["numbers"][name]["value"]
            return float(SCALES[entry["scale"]].bend(value)) if math.isfinite(value) else math.nan

        slot = self._slot(f"numbers.{name}.value", "number", stored, form=entry["form"], scale=entry["scale"])
        return {"slot": slot, **{key: entry[key] for key in ("form", "scale", "label", "unit")}}

    def _layer(self, group: str, name: str, layer: dict) -> dict:
        def places(side):
            along = "x" if side == "x" or (side == "high" and group == "bars") else "y"

            def read(picture):
                there = picture[group][name]
                values = np.full(len(there["y"]), there[side], dtype=float) if side == "stem" else there[side]
                return place(picture["axes"][there["panel"]][along], values)

            return read

        made = {key: value for key, value in layer.items() if key not in (*ARRAYS, "label", "labels")}
        for side in ARRAYS:
            if layer.get(side) is not None:
                made[side] = self._slot(f"{group}.{name}.{side}", "array", places(side))
        if layer.get("label"):
            made["label"] = self._slot(f"{group}.{name}.label", "text", lambda picture: picture[group][name]["label"])
        if layer.get("labels") is not None:
            made["labels"] = [
                self._slot(f"{group}.{name}.label-{at}", "text", lambda p, at=at: str(p[group][name]["labels"][at]))
                for at in range(len(layer["labels"]))
            ]
        return made


def panels(picture: dict) -> list:
    """The frames of a picture, each tick at its place."""
    made = []
    for frame in picture["axes"]:
        entry = {"height": frame["height"], "x_label": frame["x_label"]}
        for side in ("x", "y"):
            ax = frame[side]
            marks = [[round(float(place(ax, value)), 5), text] for value, text in ax["ticks"]]
            kept = ("label", "unit", "scale", "low", "high", "form", "linear_part")
            entry[side] = {**{key: ax[key] for key in kept}, "ticks": marks, "few": narrow(marks)}
        made.append(entry)
    return made


class Scene(Sketch):
    """The figure of a function, whose controls choose the picture."""

    def __init__(self, function: Callable, description: Description):
        self.function, self.description = function, description
        self.controls = description.controls
        self.choice = next((name for name, control in self.controls.items() if isinstance(control, Choice)), None)
        self.start = tuple(control.start for control in self.controls.values())
        first = self.picture(self.start)
        super().__init__(
            first,
            **{key: getattr(description, key) for key in ("name", "question", "caveat", "layout")},
            controls=[_control(name, control) for name, control in self.controls.items()],
            panels=self._panel_variants(first),
        )
        asked = vars(description.predict) if description.predict else {}
        if asked and asked["answer"] not in self.spec["numbers"]:
            raise ValueError(
                f"predict: {asked['answer']!r} is not among the numbers ({', '.join(self.spec['numbers'])})"
            )
        self.spec["say"] = self._slot(
            "say", "text", lambda picture: getattr(picture["say"], "template", picture["say"])
        )
        self.spec["predict"] = {key: value for key, value in asked.items() if value is not None} or None
        if "pick" in first:
            self.spec["pick"] = self._pick(first)

    def setting(self, position) -> dict:
        """The function's arguments at a position: one whole number a control."""
        return {name: control.at(step) for (name, control), step in zip(self.controls.items(), position, strict=True)}

    def picture(self, position) -> dict:
        """What the function returns there, with its axes as a list."""
        made = dict(self.function(**self.setting(position)))
        made["axes"] = made["axes"] if isinstance(made["axes"], list | tuple) else [made["axes"]]
        return made

    def positions(self):
        """Every position at which all controls stand on a stop."""
        return itertools.product(*(control.computed for control in self.controls.values()))

    def _pick(self, first: dict) -> dict:
        """What the page needs to leave out rows and to compute: which control and layers, and the script's name."""
        control = [isinstance(each, Pick) for each in self.controls.values()].index(True)
        names = [f"{group}.{name}" for group in GROUPS for name in first.get(group, {})]
        layers = {name: at for at, name in enumerate(names)}
        told = {**first["pick"], **{key: layers["points." + first["pick"][key]] for key in ("kept", "left_out")}}
        return {"control": control, "program": self.function.__name__, "layers": layers, **told}

    def _panel_variants(self, first: dict) -> list:
        """The frames, once or, where the choice changes them, once an option."""
        if self.choice is None:
            return [panels(first)]
        place = list(self.controls).index(self.choice)
        options = range(self.controls[self.choice].last + 1)
        variants = [panels(self.picture((*self.start[:place], option, *self.start[place + 1 :]))) for option in options]
        return variants[:1] if all(variant == variants[0] for variant in variants) else variants


def _control(name: str, control) -> dict:
    if isinstance(control, Choice):
        words, keys = list(control.options.values()), [str(key) for key in control.options]
        return {"name": name, "label": control.label, "options": words, "keys": keys, "start": control.start}
    if isinstance(control, Pick):
        return {
            "name": name,
            **{key: getattr(control, key) for key in ("label", "more", "rows", "most", "start", "leave", "back")},
        }
    kept = ("label", "unit", "form", "scale", "stops", "between", "start")
    return {"name": name, **{key: getattr(control, key) for key in kept}, "stops": list(control.stops)}
