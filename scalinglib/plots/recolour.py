"""Recolour: a drawn picture in the colours of the dark ground, for as long as it is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure as Canvas

from scalinglib.plots import style

_WHAT = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_TINT = 0.18  # of a band
_SAME = 2.5 / 255


@contextmanager
def recoloured(canvas: Canvas) -> Iterator[None]:
    """Show every colour of `style.LIGHT`, and its tints, as that of `style.DARK` inside the block."""
    undo = []
    try:
        for artist in canvas.findobj():
            for what in _WHAT:
                get, put = (getattr(artist, f"{verb}_{what}", None) for verb in ("get", "set"))
                if get is not None and put is not None:
                    before = get()
                    after = _dark(before)
                    if after is not None:
                        undo.append((put, before))
                        put(after)
            for effect in artist.get_path_effects() or ():
                before = getattr(effect, "_gc", {}).get("foreground")  # the halo of a label
                if before is not None:
                    undo.append((effect._gc.__setitem__, "foreground", before))
                    effect._gc["foreground"] = _dark(before)
        yield
    finally:
        for put, *before in reversed(undo):
            put(*before)


def _dark(colour):
    """The colour, or array of colours, on the dark ground; None where there is none to change."""
    if isinstance(colour, str) and colour.lower() in ("none", "auto"):
        return None
    if isinstance(colour, np.ndarray) and colour.ndim > 1:
        return np.array([_one(each) for each in colour]) if len(colour) else None
    return _one(to_rgba(colour))


def _one(colour):
    *rgb, alpha = colour
    near = {name: np.abs(np.subtract(light, rgb)).max() for name, (light, _) in _PAIRS.items()}
    name = min(near, key=near.get)
    return (*(_PAIRS[name][1] if near[name] <= _SAME else rgb), alpha)


def _tint(palette, name):
    ground, colour = (np.array(to_rgb(palette[each])) for each in ("ground", name))
    return tuple(ground + _TINT * (colour - ground))


_PAIRS = {name: (to_rgb(style.LIGHT[name]), to_rgb(style.DARK[name])) for name in style.LIGHT} | {
    f"{name}, tint": (_tint(style.LIGHT, name), _tint(style.DARK, name)) for name in style.ROLES
}
