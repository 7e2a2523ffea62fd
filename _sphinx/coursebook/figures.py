"""Still pictures go from a notebook's output into the page as they are, in its colours and with their words."""

import functools

from docutils import nodes
from myst_nb.core.render import NbElementRenderer, create_figure_context
from sphinx.util import logging

logger = logging.getLogger(__name__)


def layouts(file: str) -> str:
    """Both layouts of a picture, wide and narrow, out of the file that `scalinglib.plots.Figure` made."""
    return f'<div class="pictures">{file.partition("</style>")[2].rpartition("</svg>")[0]}</div>'


def render_image(original, self, data):
    """A numbered figure, where the output's metadata give a caption and a name, as `scalinglib.plots.Figure` does."""
    words = data.output_metadata.get(data.mime_type, {})
    words = words if isinstance(words, dict) else {}
    if data.mime_type != "image/svg+xml" or not words.get("caption"):
        images = original(self, data)
        for image in images:
            image["alt"] = words.get("alt", image.get("alt", ""))
        return images
    renderer, frame = self.renderer, nodes.Element()
    options = {"caption": words["caption"], "name": words.get("name"), "classes": "drawn"}
    with renderer.current_node_context(frame), create_figure_context(renderer, options, data.line or 0):
        renderer.current_node.append(nodes.raw("", layouts(data.string), format="html"))
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
