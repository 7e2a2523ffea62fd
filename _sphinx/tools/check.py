"""Checks a built book: every page there and whole, nothing from another host, every link leading somewhere.

python -m _sphinx.tools.check _build/html
"""

import argparse
import gzip
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from .page import Page, addresses_in_style, outside, read_page

ROOT = Path(__file__).resolve().parents[2]
LIGHTEST_TEXT = 200
HEAVIEST_PAGE = 300 * 1024
HEAVIEST_LIVE_PAGE = 600 * 1024
LAUNCH = 12 * 1024
"""Kept free while the repository's address is empty: with it come buttons and their logos."""

RAW_TEX = re.compile(r"\\(?:frac|alpha|beta|left|right|begin|end|mathrm|text|times|sum|hat|log)\b|\$\$|\\\[|\\\(")


def toc_pages(toc: Path) -> list[str]:
    """Names of the pages in the table of contents, the start first, without suffix."""

    def walk(entry):
        if isinstance(entry, dict):
            for key in ("root", "file"):
                if key in entry:
                    yield re.sub(r"\.(md|ipynb|rst)$", "", entry[key])
            for key in ("parts", "chapters", "sections"):
                for child in entry.get(key, ()):
                    yield from walk(child)

    return list(walk(yaml.safe_load(toc.read_text(encoding="utf-8"))))


def whole(page: Page) -> list[str]:
    """A page has a heading, text, and no maths left as source."""
    faults = []
    if not page.headings:
        faults.append("no h1")
    if len(page.text) < LIGHTEST_TEXT:
        faults.append(f"only {len(page.text)} characters of text, {LIGHTEST_TEXT} expected")
    if page.formula_errors:
        faults.append("a formula that KaTeX could not read")
    found = RAW_TEX.search(page.prose)
    if found:
        start = max(0, found.start() - 30)
        faults.append(f"raw TeX: …{page.prose[start : found.end() + 30]}…")
    faults += [f"the id {name!r} stands more than once" for name in sorted(page.repeated_ids)]
    return faults


def described(page: Page) -> list[str]:
    """Every picture says what is on it."""
    faults = []
    for source, alt in page.images:
        if not (alt or "").strip():
            faults.append(f"no alt text: {source}")
        elif re.fullmatch(r"\S*(/\S*|\.(png|svg|jpe?g|gif|webp))", alt.strip()):
            faults.append(f"alt text is a path: {alt}")
    return faults


def at_home(page: Page, folder: Path) -> list[str]:
    """Nothing that the page loads, or that its styles and scripts load, comes from another host."""
    faults = [f"loads from outside: {address}" for address in page.loads + page.style_addresses if outside(address)]
    faults += [
        f"a script in the page names {address}" for script in page.scripts for address in outside_in_script(script)
    ]
    for file in assets(page, folder):
        if file.suffix == ".css":
            text = file.read_text(encoding="utf-8")
            faults += [f"{file.name} loads {address}" for address in addresses_in_style(text) if outside(address)]
            faults += [
                f"{file.name} names {address}, which is not there"
                for address in addresses_in_style(text)
                if is_lacking(file, address)
            ]
        elif file.suffix in (".js", ".mjs"):
            text = file.read_text(encoding="utf-8")
            faults += [f"{file.name} names {address}" for address in outside_in_script(text)]
    return faults


def is_lacking(style: Path, address: str) -> bool:
    """Whether a style sheet's address means a file of the book and none is there."""
    path = unquote(urlsplit(address).path)
    return (
        bool(path)
        and not outside(address)
        and not address.startswith(("data:", "#"))
        and not (style.parent / path).is_file()
    )


def outside_in_script(script: str) -> list[str]:
    """Addresses in quotes that a script could load: modules, styles, data; not namespaces and not links to read."""
    found = re.findall(r"[\"'`]((?:https?:)?//[\w.-]+\.[a-z]{2,}[^\"'`\s]*)[\"'`]", script)
    reading = (
        "http://www.w3.org/",
        "https://www.w3.org/",
        "https://fontawesome.com",
        "https://getbootstrap.com",
        "https://github.com/",
        "https://clipboardjs.com",
    )
    return [address for address in found if not address.startswith(reading)]


def linked(page: Page, folder: Path, known: dict[Path, Page]) -> list[str]:
    """Every link inside the book is relative and leads to a file and a place that exist."""
    faults = []
    for address in page.links + page.loads:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or address == "#":
            continue
        if address.startswith("/"):
            faults.append(f"not relative, so it breaks under a sub-path: {address}")
            continue
        target = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
        if target.is_dir():
            target = target / "index.html"
        if not target.is_relative_to(folder) or not target.is_file():
            faults.append(f"leads nowhere: {address}")
        elif parts.fragment and target.suffix == ".html":
            there = known.setdefault(target, page if target == page.file else read_page(target))
            if unquote(parts.fragment) not in there.ids:
                faults.append(f"no such place on the page: {address}")
    return faults


def assets(page: Page, folder: Path) -> set[Path]:
    """Every local file that a browser fetches with the page: what it names, and what the styles name in turn."""
    found, queue = set(), [(page.file, address) for address in page.loads + page.style_addresses]
    while queue:
        base, address = queue.pop()
        path = unquote(urlsplit(address).path)
        if outside(address) or not path or address.startswith(("data:", "#")):
            continue
        file = (base.parent / path).resolve()
        if file in found or not file.is_file() or not file.is_relative_to(folder):
            continue
        found.add(file)
        if file.suffix == ".css":
            queue += [
                (file, inner) for inner in addresses_in_style(file.read_text(encoding="utf-8"), imports_only=True)
            ]
            queue += [(file, font) for font in page.fonts_used(file)]
    return found


def weight(page: Page, folder: Path) -> int:
    """Bytes of the page and of all it loads: text gzipped, pictures and fonts as they are; each file counted once."""
    return sum(map(sent, {page.file, *assets(page, folder)}))


def sent(file: Path) -> int:
    """Bytes that a host sends for a file: text gzipped, pictures and fonts as they are."""
    content = file.read_bytes()
    packed = file.suffix in (".html", ".css", ".js", ".mjs", ".svg", ".json")
    return len(gzip.compress(content, 9)) if packed else len(content)


def check(folder: Path, toc: Path) -> tuple[list[str], dict[str, int]]:
    """All faults of the built book, a line each, and the weight of each page of the table of contents."""
    folder = folder.resolve()
    faults, weights, known = [], {}, {}
    names = toc_pages(toc)
    start = folder / "index.html"
    if not start.is_file():
        faults.append("index.html: missing, so the folder has no start page")
    for name in names:
        file = folder / f"{name}.html"
        if not file.is_file() or not file.read_text(encoding="utf-8").strip():
            faults.append(f"{name}: in _toc.yml, but the page was not built or is empty")
            continue
        page = known[file] = read_page(file)
        weights[name] = weight(page, folder)
        faults += [f"{name}: {fault}" for fault in whole(page)]
        allowed = HEAVIEST_LIVE_PAGE if page.has_widget else HEAVIEST_PAGE
        allowed -= 0 if any("images/logo_" in address for address in page.loads) else LAUNCH
        if weights[name] > allowed:
            faults.append(
                f"{name}: weighs {weights[name] / 1024:.0f} KB, {allowed // 1024} allowed "
                f"{'with' if page.has_widget else 'without'} a live figure"
            )
    for file in sorted(folder.rglob("*.html")):
        page = known.get(file) or known.setdefault(file, read_page(file))
        name = file.relative_to(folder).as_posix().removesuffix(".html")
        faults += [
            f"{name}: {fault}" for fault in described(page) + at_home(page, folder) + linked(page, folder, known)
        ]
    return faults, weights


def main(arguments=None) -> int:
    """Print what was found; 1 where there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the built pages, usually _build/html")
    parser.add_argument("--toc", type=Path, default=ROOT / "_toc.yml")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"{options.folder}: no such folder; build the book first (make book)")
        return 1
    faults, weights = check(options.folder, options.toc)
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults in {options.folder}")
        return 1
    heaviest = max(weights, key=weights.get)
    print(
        f"{len(weights)} pages checked: headings, text, maths, alt text, links, hosts. The heaviest, with all it "
        f"loads, is {heaviest}: {weights[heaviest] / 1024:.0f} KB gzipped."
    )
    print((options.folder / "index.html").resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
