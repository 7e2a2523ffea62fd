"""A still picture that carries its alt text, caption and name into the page."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import MappingProxyType

from scalinglib import arguments
from scalinglib.explore.picture import SHEET, paint
from scalinglib.explore.scene import Sketch, panels
from scalinglib.files import write_whole

WIDE, NARROW = 720, 350
"""Widths of the two layouts, CSS pixels: for a column of text, and for a telephone."""


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A picture with the words that belong to it.

    Jupyter shows the picture; the book takes the alt text, the caption and the name from the same object.

    Parameters
    ----------
    picture : mapping
        ``axes`` and layers (``curves``, ``points``, ``bands``, ``regions``, ``bars``, ``marks``), as the function of a
        live figure returns them; see `scalinglib.explore`. ``layout`` is "stacked" or "beside", ``tall`` a factor on
        the usual height (or two, for a wide column and for a phone), ``left`` the margin for long words beside the
        frame in CSS pixels, ``rows`` whether every tick upwards is a row's name, which a phone shows, too.
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
    >>> import scalinglib as sl
    >>> from scalinglib.explore import axis, curve, panel
    >>> picture = {"axes": panel(axis("x", 1, 2), axis("y", 3, 4)), "curves": {"line": curve([1, 2], [3, 4])}}
    >>> sl.plots.Figure(picture, alt="A line from 3 to 4.", caption="A line.", name="fig-line")
    Figure: A line from 3 to 4.
    """

    picture: Mapping
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
        axes = self.picture["axes"]
        framed = {**self.picture, "axes": axes if isinstance(axes, list | tuple) else [axes]}
        object.__setattr__(self, "picture", MappingProxyType(framed))
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def svg(self, width: int = WIDE) -> str:
        """The picture's letters at a width in CSS pixels, without styles; below 640 as on a phone."""
        frames, tall = panels(self.picture), self.picture.get("tall", 1.0)
        around = {"left": self.picture["left"]} if "left" in self.picture else {}
        if self.picture.get("rows"):
            for frame in frames:
                frame["y"]["few"] = frame["y"]["ticks"]
        around |= {"question": self.alt, "layout": self.picture.get("layout", "stacked")}
        around |= {"controls": [], "panels": [frames], "tall": tall if isinstance(tall, tuple) else (tall, tall)}
        sketch, kind = Sketch(self.picture, **around), "wide" if width >= 640 else "narrow"
        return paint(sketch.spec, sketch.fill(self.picture), (), width).replace('"picture"', f'"picture {kind}"', 1)

    @property
    def layouts(self) -> str:
        """The picture for a page that has the styles of pictures: for a wide column and for a narrow one."""
        return f'<div class="pictures">{self.svg()}{self.svg(NARROW)}</div>'

    @property
    def html(self) -> str:
        """The picture for a page that knows nothing of us: styles and all, light or dark as the reader has it."""
        return f"<style>{SHEET}</style>" + self.layouts.replace('"pictures"', '"pictures alone"', 1)

    @property
    def file(self) -> str:
        """The picture as a file of SVG that stands alone; for a book it holds the narrow layout, too."""
        wide, narrow = self.svg(), self.svg(NARROW)
        width, height = re.search(r'viewBox="0 0 (\d+) (\d+)"', wide).groups()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f"<title>{self.name}</title><desc>{escape(self.alt)}</desc><style>{SHEET}</style>{wide}{narrow}</svg>"
        )

    @property
    def png(self) -> bytes:
        """The picture as PNG bytes, two pixels for one CSS pixel, the same bytes at every rendering."""
        from scalinglib.plots.raster import drawn

        return drawn(self.svg(), "png", {"Software": None})

    def save(self, path: str | os.PathLike) -> Path:
        """Write the picture as ``.svg``, ``.png`` or ``.pdf``, whole or not at all.

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
        kind = arguments.one_of("path", path.suffix.lower(), (".svg", ".png", ".pdf"))
        if kind == ".pdf":
            from scalinglib.plots.raster import drawn

            words = {"CreationDate": None, "Creator": None, "Producer": None, "Title": self.name, "Subject": self.alt}
            content = drawn(self.svg(), "pdf", words)
        else:
            content = self.png if kind == ".png" else self.file.encode("utf-8")
        write_whole(path.parent, {path.name: content})
        return path

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        words = {"alt": self.alt, "caption": self.caption, "name": self.name}
        return {"image/svg+xml": self.file, "text/plain": repr(self)}, {"image/svg+xml": words}
