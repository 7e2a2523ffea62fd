"""A place for one's own table: where a kernel runs, a file that is dropped there is read and fitted."""

from __future__ import annotations

import html
import re
import tempfile
from pathlib import Path, PurePosixPath

import ipywidgets

from scalinglib.fitting import fit_chinchilla
from scalinglib.reading import TableError, read_table
from scalinglib.text import short_label

_END = re.compile(r"(\.[A-Za-z0-9]{1,8}){0,2}\Z")

_WAITING = (
    '<div class="own-table" id="own-table"><p>Where a kernel runs (Jupyter, Binder) a button for a file stands here: '
    "your table is read and fitted there, and goes nowhere else. This page has no kernel; the command "
    "<code>python -m scalinglib fit my-runs.csv</code> does the same.</p></div>"
)


class OwnTable(ipywidgets.VBox):
    """A button that takes a table of runs, and the report of its fit below.

    In a page without a kernel a sentence stands in its place, in an element ``own-table``.

    Attributes
    ----------
    upload : ipywidgets.FileUpload
    said : ipywidgets.HTML
        The report, or what is wrong with the table.

    Examples
    --------
    >>> from scalinglib.explore import OwnTable
    >>> print(OwnTable().report("runs.csv", b"params,tokens,loss\\n1e8,2e9,3.1\\n"))
    1 run cannot fix the 5 constants of the Chinchilla law; at least 5 are needed, and more to say how sure they are
    """

    def __init__(self):
        self.upload = ipywidgets.FileUpload(accept=".csv,.tsv,.txt,.json,.jsonl,.gz", description="Your table")
        self.said = ipywidgets.HTML()
        super().__init__([self.upload, self.said])
        self.upload.observe(self._taken, names="value")

    def report(self, name: str, content: bytes) -> str:
        """The report of the fit to a table, given as a file's name and bytes; or in one sentence why there is none."""
        # a name may be anything a browser sends; what tells of the kind of file is its end
        path = Path(f"own-table{_END.search(name)[0]}")
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / path
            place.write_bytes(content)
            try:
                table = read_table(place)
                return fit_chinchilla(table.N, table.D, table.loss).report()
            except (TableError, ValueError, OSError) as fault:
                shown = short_label(PurePosixPath(name).name or path.name)
                return str(fault).replace(str(place), shown).replace(path.name, shown)

    def _taken(self, change):
        for file in change["new"]:
            self.said.value = f"<pre>{html.escape(self.report(file['name'], bytes(file['content'])))}</pre>"

    def __repr__(self) -> str:
        return "OwnTable: a place for a table of runs"

    def _repr_mimebundle_(self, **kwargs):
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return {**(data or {}), "text/plain": repr(self), "text/html": _WAITING}, metadata
