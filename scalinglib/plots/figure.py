"""A drawn figure that carries its alt text, caption and name into the page."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from PIL import Image

from scalinglib.files import write_whole
from scalinglib.plots import style
from scalinglib.plots.layout import layout_faults
from scalinglib.plots.recolour import recoloured

SCALE = 2
"""Pixels of the PNG for one CSS pixel: sharp on a high-density screen, small enough for a page."""

SHADES = 64
"""Colours kept in the PNG."""

FORMATS = {".svg": {"Date": None, "Creator": None}, ".pdf": {"CreationDate": None, "Creator": None, "Producer": None}}


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A picture with the words that belong to it.

    Jupyter shows the picture; the book takes the alt text, the caption and the name from the same object.

    Parameters
    ----------
    canvas : matplotlib.figure.Figure
        What was drawn, as `scalinglib.plots.style.new_figure` makes it.
    alt : str
        What is seen, with its numbers, for a reader who does not see it. Plain text, one paragraph.
    caption : str
        The sentence under the picture; MyST markup is allowed, so it may cite and hold maths.
    name : str
        ``fig-`` and lower-case words with hyphens, for a reference in the text.
    data : mapping, optional
        The numbers drawn, by name, so that a test can check them.

    Raises
    ------
    ValueError
        If the alt text or the caption is empty or not one paragraph, the alt text looks like a path or holds TeX,
        or the name is not of the form ``fig-two-words``.

    Examples
    --------
    >>> canvas, ax = style.new_figure()
    >>> _ = style.curve(ax, [1, 2], [3, 4])
    >>> Figure(canvas, alt="A line from 3 to 4.", caption="A line.", name="fig-line")
    Figure: A line from 3 to 4.
    """

    canvas: Canvas
    alt: str = field(kw_only=True)
    caption: str = field(kw_only=True)
    name: str = field(kw_only=True)
    data: Mapping = field(kw_only=True, default_factory=dict)

    def __post_init__(self) -> None:
        for argument in ("alt", "caption"):
            text = getattr(self, argument)
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{argument}: must say something, got {text!r}")
            if "\n" in text.strip():
                raise ValueError(f"{argument}: must be one paragraph without line breaks, got {text!r}")
            object.__setattr__(self, argument, text.strip())
        if "$" in self.alt or "\\" in self.alt:
            raise ValueError(f"alt: is read aloud, so it must hold no TeX, got {self.alt!r}")
        if re.fullmatch(r"\S+\.(png|svg|jpe?g|pdf|gif|webp)", self.alt) or " " not in self.alt:
            raise ValueError(f"alt: must be a sentence, not a file or a single word, got {self.alt!r}")
        if not isinstance(self.name, str) or not re.fullmatch(r"fig(-[a-z0-9]+)+", self.name):
            raise ValueError(f"name: must be 'fig-' and lower-case words joined by hyphens, got {self.name!r}")
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG bytes, two pixels for one CSS pixel, the same bytes at every rendering."""
        return self._rendered()

    @cached_property
    def dark(self) -> bytes:
        """The same on a dark ground."""
        self.png  # noqa: B018  what is drawn first makes the ticks, whose colours change, too
        with recoloured(self.canvas):
            return self._rendered()

    def _rendered(self):
        with style.context():
            dpi, self.canvas.dpi = self.canvas.dpi, 96 * SCALE
            agg = FigureCanvasAgg(self.canvas)
            agg.draw()
            pixels = np.asarray(agg.buffer_rgba())[..., :3].copy()
            self.canvas.dpi = dpi
        stream = io.BytesIO()
        paletted(pixels).save(stream, "png", optimize=True, dpi=(96 * SCALE, 96 * SCALE))
        return stream.getvalue()

    @property
    def width(self) -> int:
        """Width in CSS pixels."""
        return round(self.canvas.get_figwidth() * 96)

    def layout_faults(self) -> list[str]:
        """One line for each text that leaves the picture or overlaps another; a sound picture has none."""
        return layout_faults(self.canvas)

    def save(self, path: str | os.PathLike) -> Path:
        """Write the picture as ``.png``, ``.svg`` or ``.pdf``, whole or not at all.

        Parameters
        ----------
        path : str or path-like
            Its ending chooses the format.

        Raises
        ------
        ValueError
            If the ending is another one.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind == ".png":
            content = self.png
        elif kind in FORMATS:
            stream = io.BytesIO()
            words = {"Title": self.name, "Description" if kind == ".svg" else "Subject": self.alt}
            with style.context():
                self.canvas.savefig(stream, format=kind[1:], metadata=FORMATS[kind] | words)
            content = stream.getvalue()
        else:
            raise ValueError(f"path: {path.name!r} must end in .png, .svg or .pdf")
        write_whole(path.parent, {path.name: content})
        return path

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        picture = base64.b64encode(self.png).decode("ascii")
        words = {"alt": self.alt, "caption": self.caption, "name": self.name, "width": self.width}
        return {"image/png": picture, "text/plain": repr(self)}, {"image/png": words}


def paletted(pixels: np.ndarray) -> Image.Image:
    """The picture with few colours: those that cover an area stay exact, the shades of edges take the nearest one kept.

    A line drawing has about two thousand shades, nearly all from the edges of letters and curves. Keeping one after
    the other the shade that is worst served so far, by its distance and how often it stands in the picture, 64 of
    them look the same at this resolution and make the file a third of the size.
    """
    wide = pixels.astype(np.uint32)
    packed = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
    shades, where, counts = np.unique(packed, return_inverse=True, return_counts=True)
    channels = np.stack([shades >> 16, shades >> 8 & 255, shades & 255], axis=-1).astype(np.int64)
    kept = [int(np.argmax(counts))]
    nearest = np.zeros(len(shades), dtype=np.uint8)
    distance = ((channels - channels[kept[0]]) ** 2).sum(axis=-1)
    while len(kept) < SHADES and distance.any():
        worst = int(np.argmax(distance * counts))
        closer = ((channels - channels[worst]) ** 2).sum(axis=-1)
        nearest[closer < distance] = len(kept)
        distance = np.minimum(distance, closer)
        kept.append(worst)
    image = Image.fromarray(nearest[where].reshape(packed.shape), mode="P")
    image.putpalette(channels[kept].astype(np.uint8).tobytes())
    return image
