"""What a term means and which work is cited, beside the link: taken from the glossary and the bibliography."""

import copy
import posixpath
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from pybtex.richtext import Text

GLOSSARY = "chapters/back-matter/glossary.html"
SCRIPT, STYLE = "gloss/gloss.js", "gloss/gloss.css"


class Glosses:
    """The definitions of a built book, and its works.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages.
    works : dict
        Place of a work (page and fragment, as seen from the folder) -> its title, its address or "", and who
        wrote it when and where, all plain text.
    """

    def __init__(self, folder: Path, works: dict[str, tuple[str, str, str]] | None = None):
        self.folder, self.works, self.terms = folder, works or {}, {}
        file = folder / GLOSSARY
        if file.is_file():
            page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
            for definition in page.select("dl.glossary > dd"):
                self._note(definition)

    def _note(self, definition: Tag) -> None:
        names, above = [], definition.find_previous_sibling()
        while above is not None and above.name == "dt":
            names.insert(0, above)
            above = above.find_previous_sibling()
        said = {}
        for text in (name.find(string=True) for name in names):
            said.setdefault(text.replace("-", " "), text)  # a name that differs by a hyphen only is said once
        for name in names:
            self.terms[f"{GLOSSARY}#{name['id']}"] = ", ".join(said.values()), definition

    def add(self, page: BeautifulSoup, file: Path) -> None:
        """Give every link of an article to a term or a work its gloss; they wait, unseen, at the end of the page."""
        here = file.relative_to(self.folder).as_posix()
        made: dict[str, Tag] = {}
        for link in page.select("article a.internal[href*='#']"):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(here), link["href"]))
            if here in (GLOSSARY, place.partition("#")[0]) or place not in self.terms | self.works:
                continue
            gloss = made.setdefault(place, self._gloss(page, place, here, f"gloss-{len(made) + 1}"))
            link["aria-describedby"] = gloss["id"]
            link["class"] = [*link["class"], "glossed", *(["cited"] if place in self.works else [])]
        if made:
            box = page.new_tag("div", attrs={"class": "glosses", "hidden": ""})
            box.extend(made.values())
            page.body.append(box)

    def _gloss(self, page, place, here, name):
        gloss = page.new_tag("div", attrs={"class": "gloss", "id": name, "popover": "manual"})
        head = page.new_tag("strong")
        if place in self.works:
            title, address, rest = self.works[place]
            if address:
                head.append(page.new_tag("a", attrs={"class": "reference external", "href": address}, string=title))
            else:
                head.string = title
            gloss.extend([head, page.new_tag("p", string=rest)])
        else:
            head.string, definition = self.terms[place]
            gloss.extend([head, *(self._moved(part, here) for part in definition.find_all("p", recursive=False))])
        return gloss

    def _moved(self, part, here):
        """A paragraph of the glossary as it stands on another page; formulas are the browser's own MathML."""
        part = copy.copy(part)
        for formula in part.select(".katex"):
            formula.replace_with(formula.math)
        for tag in part.find_all(True):
            tag.attrs = {name: value for name, value in tag.attrs.items() if name not in ("id", "aria-describedby")}
            if "href" in tag.attrs and not urlsplit(tag["href"]).scheme:
                there = posixpath.normpath(posixpath.join(posixpath.dirname(GLOSSARY), tag["href"]))
                there = GLOSSARY + tag["href"] if tag["href"].startswith("#") else there
                tag["href"] = posixpath.relpath(there, posixpath.dirname(here) or ".")
        return part


def works(domain) -> dict[str, tuple[str, str, str]]:
    """The works of the bibliography's domain, as `Glosses` takes them."""
    found = {}
    for citation in domain.citations:
        entry = citation.entry
        plain = {name: Text.from_latex(value).render_as("text") for name, value in entry.fields.items()}
        if not plain.get("title"):
            raise ValueError(f"the work {citation.citation_id} of the bibliography has no title")
        address = entry.fields.get("url", "")
        title, where = plain["title"], plain.get("journal") or plain.get("booktitle")
        number = f"arXiv:{plain['eprint']}" if "eprint" in plain else ""
        rest = ". ".join(filter(None, [citation.formatted_entry.label, where, number]))
        place = f"{citation.bibliography_key.docname}.html#{citation.citation_id}"
        # an address of another kind could run in the page
        found[place] = title, address if urlsplit(address).scheme in ("http", "https") else "", f"{rest}."
    return found


def setup(app):
    """Register style and script."""
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
