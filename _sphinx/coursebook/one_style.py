"""One style sheet for the whole book: on a telephone each of a dozen would be waited for before the first word."""

import hashlib
import posixpath
import re
from pathlib import Path

LINK = re.compile(r'[ \t]*<link\b(?=[^>]*rel="stylesheet")[^>]*href="(?P<place>[^"]+)"[^>]*>\n?')
OPTIONS = re.compile(r'<script src="[^"]*documentation_options\.js[^"]*"></script>')
ADDRESS = re.compile(r"url\((?P<mark>[\"']?)(?P<place>[^)\"']+)(?P=mark)\)")
IMPORT = re.compile(r"@import\s+[\"'](?P<place>[^\"':]+)[\"']\s*;")
CHARSET = re.compile(r"@charset[^;]*;")
ELSEWHERE = ("data:", "#", "http:", "https:", "//")


def sheets_of(page: str, file: Path) -> list[Path]:
    """The style sheets that a page loads, in their order."""
    return [(file.parent / match["place"].split("?")[0]).resolve() for match in LINK.finditer(page)]


def in_one_order(lists: list[list[Path]]) -> list[Path]:
    """All sheets in an order that keeps that of every page; ValueError where two pages disagree."""
    order: list[Path] = []
    for wanted in sorted(lists, key=len, reverse=True):
        place = 0
        for sheet in wanted:
            if sheet in order:
                if order.index(sheet) < place:
                    raise ValueError(f"two pages load {sheet.name} in different orders")
                place = order.index(sheet) + 1
            else:
                order.insert(place, sheet)
                place += 1
    return order


def moved(sheet: Path, folder: Path) -> str:
    """The text of a style sheet, with those it imports, whose addresses are right from another folder."""

    def right(match):
        if match["place"].startswith(ELSEWHERE):
            return match[0]
        name, _, rest = match["place"].partition("#")
        target = posixpath.relpath(
            (sheet.parent / name.split("?")[0]).resolve().as_posix(), folder.resolve().as_posix()
        )
        return f"url({target}{'#' + rest if rest else ''})"

    style = ADDRESS.sub(right, CHARSET.sub("", sheet.read_text(encoding="utf-8")))
    return IMPORT.sub(lambda match: moved((sheet.parent / match["place"]).resolve(), folder), style)


def join(app, exception):
    """Put all style sheets into one, and Sphinx's options, the one script that pages wait for, into the pages.

    The sheet's name changes with its content, so that pages of an earlier build keep theirs.
    """
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    pages = {
        file: file.read_text(encoding="utf-8")
        for file in Path(app.outdir).rglob("*.html")
        if static not in file.parents
    }
    styled = {
        file: page for file, page in pages.items() if any(sheet.suffix == ".css" for sheet in sheets_of(page, file))
    }
    order = in_one_order(
        [sheets for file, page in styled.items() if not joined_already(sheets := sheets_of(page, file))]
    )
    if not order:
        return
    style = "\n".join(moved(sheet, static) for sheet in order)
    name = f"styles-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"
    (static / name).write_text(style, encoding="utf-8")
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    for file, page in styled.items():
        if joined_already(sheets_of(page, file)):
            continue
        up = posixpath.relpath(static.as_posix(), file.parent.as_posix())
        first = LINK.search(page)
        page = (
            page[: first.start()]
            + f'  <link rel="stylesheet" href="{up}/{name}" />\n'
            + LINK.sub("", page[first.end() :])
        )
        file.write_text(OPTIONS.sub(lambda _: f"<script>{options}</script>", page), encoding="utf-8")


def joined_already(sheets: list[Path]) -> bool:
    """Whether a page of an earlier build has its one sheet."""
    return len(sheets) == 1 and sheets[0].name.startswith("styles-")


def setup(app):
    """Run when the sheets are pruned."""
    app.connect("build-finished", join, priority=960)
