"""One setting, `repository: url:` of _config.yml, decides whether anything points to the repository."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class launch_badge(nodes.General, nodes.Element):
    """What a page says about Binder; written only when the repository is known."""


class LaunchBadge(SphinxDirective):
    """A link that opens the course in Binder, with the sentences around it.

    The content stands on the page only while the repository address is set; the link follows it.
    """

    has_content = True

    def run(self):
        """Keep the content; whether to show it is known when the page is written."""
        node = launch_badge()
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def binder_address(config) -> str | None:
    """Where Binder opens the course; None while the address is unset or not one that Binder knows."""
    options = config.html_theme_options
    url = (options.get("repository_url") or "").strip().removesuffix("/").removesuffix(".git")
    host = ((options.get("launch_buttons") or {}).get("binderhub_url") or "").strip("/")
    if not url or not host:
        return None
    branch = options.get("repository_branch") or "main"
    for start, place in (("https://github.com/", "gh"), ("https://gitlab.com/", "gl")):
        if url.startswith(start):
            path = url.removeprefix(start)
            return f"{host}/v2/{place}/{path if place == 'gh' else path.replace('/', '%2F')}/{branch}?urlpath=lab"
    return None


def visit_badge(translator, node):
    """Open the paragraph, or leave the node out."""
    if binder_address(translator.config) is None:
        raise nodes.SkipNode
    translator.body.append('<div class="launch">')


def depart_badge(translator, node):
    """Close with the link."""
    address = binder_address(translator.config)
    translator.body.append(
        f'<p><a class="binder-badge" href="{translator.attval(address)}">Open in Binder</a></p></div>\n'
    )


def leave_out(translator, node):
    """Other formats have no use for it."""
    raise nodes.SkipNode


def apply_setting(app, config):
    """Draw launch buttons and the edit link when the address is set, and none of them otherwise."""
    options = config.html_theme_options
    url = (options.get("repository_url") or "").strip().removesuffix("/").removesuffix(".git")
    options["repository_url"] = url
    options["use_edit_page_button"] = options["use_repository_button"] = bool(url)
    if not url:
        options["launch_buttons"] = {}


def setup(app):
    """Register the directive and apply the setting before the theme reads it."""
    app.add_node(launch_badge, html=(visit_badge, depart_badge), latex=(leave_out, None), text=(leave_out, None))
    app.add_directive("launch-badge", LaunchBadge)
    app.connect("config-inited", apply_setting, priority=400)
