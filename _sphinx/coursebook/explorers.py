"""Pictures, still and live: their script and styles come from the library."""

import importlib.resources
from pathlib import Path

import rjsmin
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from scalinglib.files import write_whole

SCRIPT = "explore/explorer.js"
STYLES = ("explore/picture.css", "explore/explorer.css")
EXPORT = "export default explorer;"
LIBRARY = importlib.resources.files("scalinglib.explore")
PROGRAMS = sorted(each.name for each in LIBRARY.joinpath("figures").iterdir() if each.name.endswith(".js"))
"""Scripts of figures that compute in the page; only the pages of these figures keep them."""


def page_script(module: str) -> str:
    """The module as a plain script, which a page opened from a folder may load, too; without comments and indents."""
    if EXPORT not in module:
        raise ValueError(f"explorer.js: the last line {EXPORT!r} is missing, so it cannot be made a page's script")
    return rjsmin.jsmin(module.replace(EXPORT, "")) + "\n"


def copy(app, config):
    """Write them where Sphinx takes its static files from."""
    folder = Path(app.doctreedir).parent / ".explore"
    made = {
        name: change(LIBRARY.joinpath(name).read_text(encoding="utf-8")).encode()
        for name, change in (("explorer.js", page_script), ("explorer.css", str), ("picture.css", str))
    }
    for name in PROGRAMS:
        made[name] = rjsmin.jsmin(LIBRARY.joinpath("figures", name).read_text(encoding="utf-8")).encode()
    write_whole(folder / "explore", made)
    config.html_static_path.append(str(folder))


class LiveFigure(SphinxDirective):
    """`{live-figure} NAME`: a figure of `scalinglib.explore` on a page that is no notebook, made with the page."""

    required_arguments = 1

    def run(self):
        """The figure as the library writes it for a page."""
        from scalinglib import explore

        made = explore.figure(getattr(explore, self.arguments[0]))
        return [nodes.raw("", made.html(), format="html")]


def setup(app):
    """Copy before Sphinx looks for static files."""
    app.add_directive("live-figure", LiveFigure)
    app.connect("config-inited", copy)
    for style in STYLES:
        app.add_css_file(style)
    for script in (SCRIPT, *(f"explore/{name}" for name in PROGRAMS)):
        app.add_js_file(script, loading_method="defer")
