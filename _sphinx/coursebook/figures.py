"""Figures carry their alt text, caption and name from the notebook's output into the page."""

import base64
import functools
import io
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import NbElementRenderer, create_figure_context
from PIL import Image
from sphinx.util import logging

logger = logging.getLogger(__name__)


def as_webp(png: bytes) -> bytes:
    """The same pixels in two thirds of the bytes; notebooks keep the PNG, which every program reads."""
    stream = io.BytesIO()
    picture = Image.open(io.BytesIO(png))
    clear = "A" in picture.getbands() or "transparency" in picture.info
    picture.convert("RGBA" if clear else "RGB").save(stream, "webp", lossless=True, quality=100, method=4)
    return stream.getvalue()


def render_image(original, self, data):
    """Take alt, caption and name from the output's own metadata, where scalinglib.plots.Figure puts them."""
    images = original(self, data)
    if data.mime_type == "image/png":
        for image in images:
            place = Path(image["uri"]).with_suffix(".webp")
            image["uri"] = self.write_file(
                [place.name], as_webp(base64.b64decode(data.content)), overwrite=False, exists_ok=True
            )
    words = data.output_metadata.get(data.mime_type, {})
    if not isinstance(words, dict):
        return images
    for image in images:
        if words.get("alt"):
            image["alt"] = words["alt"]
    if not words.get("caption"):
        return images
    renderer = self.renderer
    frame = nodes.Element()
    options = {"caption": words["caption"], "name": words.get("name"), "classes": "drawn"}
    with renderer.current_node_context(frame), create_figure_context(renderer, options, data.line or 0):
        renderer.current_node.extend(images)
    return frame.children


def require_alt(app, doctree):
    """Warn, which stops the build, of any picture that says nothing to a reader who does not see it."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning("a picture without alt text: %s", image.get("uri", "?"), location=image, type="figures")


def setup(app):
    """Wrap the notebook renderer and check every page."""
    if not hasattr(NbElementRenderer.render_image, "__wrapped__"):
        original = NbElementRenderer.render_image

        @functools.wraps(original)
        def wrapped(self, data):
            return render_image(original, self, data)

        NbElementRenderer.render_image = wrapped
    app.connect("doctree-read", require_alt)
