"""The kernel of a page: under WebAssembly it loads what a cell imports, runs the cell, and says what came of it."""

import ast
import contextlib
import contextvars
import importlib.abc
import io
import json
import linecache
import os
import pathlib
import random
import re
import shlex
import sys
import tempfile
import time
import traceback
import types
import warnings
import zipfile

SITE = next(place for place in sys.path if place.endswith("site-packages"))
PLACE = "/book"
CELL = "<cell {}>"
# What cells have set beside their own names, and what goes when these are forgotten.
SET = contextlib.ExitStack()


class Packages(importlib.abc.MetaPathFinder):
    """Packages that are fetched when the first cell imports them.

    Parameters
    ----------
    files : dict
        Name of a module -> the wheel that holds it.
    fetch : callable
        Gives the bytes of a wheel, as an array of JavaScript's, and waits for them.
    """

    def __init__(self, files, fetch):
        self.files, self.fetch = dict(files), fetch

    def find_spec(self, name, path=None, target=None):
        """Unpack the wheel of a module that is asked for, and leave the finding to the next finder."""
        wheel = self.files.pop(name, None)
        if wheel:
            try:
                content = self.fetch(wheel)
            except BaseException:
                self.files[name] = wheel
                raise
            zipfile.ZipFile(io.BytesIO(content.to_bytes())).extractall(SITE)
            importlib.invalidate_caches()


class Stream(io.TextIOBase):
    """What a cell prints, beside what it shows, in the order in which it came."""

    def __init__(self, outputs, name):
        self.outputs, self.name = outputs, name

    def writable(self):
        """It can be printed to."""
        return True

    def write(self, text):
        """Add to the text that stands last, where that is of the same stream."""
        last = self.outputs[-1] if self.outputs else {}
        if last.get("kind") != self.name:
            self.outputs.append(last := {"kind": self.name, "text": ""})
        last["text"] += text
        return len(text)


class Kernel:
    """The names that the cells of one page share, and the way to run one more of them."""

    def __init__(self, page=""):
        folder = os.path.join(PLACE, os.path.dirname(page))
        os.makedirs(folder, exist_ok=True)
        os.chdir(folder)
        SET.close()
        SET.enter_context(warnings.catch_warnings())
        SET.callback(_set_environment, dict(os.environ))
        SET.callback(_set_files, folder, set(pathlib.Path(folder).rglob("*")))
        SET.callback(_set_packages)
        # numpy keeps in a context how it prints and what it says of an overflow
        self.context = contextvars.Context()
        self.names = {"__name__": "__main__", "__builtins__": __builtins__, "display": self.display}
        self.outputs, self.shows = [], True
        sys.modules["__main__"].__dict__.update(display=self.display)

    def display(self, *values):
        """Show values, as a notebook does."""
        self.outputs += [shown(value) for value in values if self.shows]

    def run(self, source, number, shows=True):
        """Run a cell; JSON of its outputs in their order and of the seconds that it took.

        Without `shows` no value is made ready to be shown, which takes a live figure seconds: for cells that only
        come before the one that a reader runs.
        """
        self.outputs, self.shows, name = [], shows, CELL.format(number)
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        kept, start = (sys.stdout, sys.stderr), time.perf_counter()
        sys.stdout, sys.stderr = (Stream(self.outputs, kind) for kind in ("stdout", "stderr"))
        try:
            body = ast.parse(source, name).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
            self.context.run(self._run, body, last, name)
        except BaseException as error:
            self.outputs.append(fault(error))
        finally:
            sys.stdout, sys.stderr = kept
        return json.dumps({"outputs": self.outputs, "seconds": time.perf_counter() - start})

    def _run(self, body, last, name):
        exec(compile(ast.Module(body, []), name, "exec"), self.names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)
            if value is not None:
                self.names["_"] = value
                self.display(value)
        self.outputs += drawn()


def _set_environment(held):
    os.environ.clear()
    os.environ.update(held)


def _set_files(folder, held):
    for path in sorted(set(pathlib.Path(folder).rglob("*")) - held, reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def _set_packages():
    """Settings of the packages that are loaded, as after their import, and draws without a seed."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if pandas := sys.modules.get("pandas"):
        pandas.reset_option("display")
    if plots := sys.modules.get("matplotlib.pyplot"):
        plots.close("all")
        plots.rcdefaults()


def shown(value):
    """A value as a notebook shows it: kind of text -> text, and the words that go with a picture."""
    data, words = {}, {}
    if bundle := getattr(value, "_repr_mimebundle_", None):
        data, words = made if isinstance(made := bundle(), tuple) else (made or {}, {})
    for kind, name in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        if kind not in data and hasattr(value, name) and (text := getattr(value, name)()):
            data[kind] = text
    data.setdefault("text/plain", repr(value))
    data = {kind: text for kind, text in data.items() if isinstance(text, str)}
    return {"kind": "data", "data": data, "words": words.get("image/svg+xml", {})}


def drawn():
    """The figures of matplotlib that a cell has left open, as SVG."""
    plots = sys.modules.get("matplotlib.pyplot")
    made = []
    for number in plots.get_fignums() if plots else ():
        text = io.StringIO()
        plots.figure(number).savefig(text, format="svg", bbox_inches="tight")
        made.append({"kind": "data", "data": {"image/svg+xml": text.getvalue(), "text/plain": "Figure"}, "words": {}})
    if made:
        plots.close("all")
    return made


def fault(error):
    """An error in two lines: what it says, and the last line of a cell that led to it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell ")]
    cell, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", None)
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("<cell "):
        cell, line = error.filename, error.lineno
    number = int(cell.strip("<>").removeprefix("cell ")) if cell else None
    code = linecache.getline(cell, line).strip() if line else ""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return {"kind": "error", "type": type(error).__name__, "said": said, "cell": number, "line": line, "code": code}


def report(name, content, words=""):
    """What the command says of a table, given as name and bytes; JSON of lines, notes, exit code and files."""
    from scalinglib.command import main

    said, notes, held = io.StringIO(), io.StringIO(), {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        # a name may be anything that a browser sends
        table = re.sub(r"[^\w.]+", "-", pathlib.PurePath(name).name)[-80:].lstrip("-.") or "my-runs.csv"
        pathlib.Path(table).write_bytes(content.to_bytes() if hasattr(content, "to_bytes") else bytes(content))
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(notes):
            try:
                code = main(["fit", table, "--out", "law", "--no-figure", *shlex.split(words)])
            except ValueError as error:  # a quotation mark without its other half
                code = print(f"scalinglib: {error}", file=sys.stderr) or 2
        for file in ("report.html", "law.json"):
            if (path := pathlib.Path("law", file)).is_file():
                held[file] = path.read_text(encoding="utf-8")
    lines = [line for line in said.getvalue().splitlines() if not line.startswith("wrote ")]
    return json.dumps({"said": "\n".join(lines), "notes": notes.getvalue(), "code": code, "files": held})


def prepare(files, fetch):
    """Find packages by `files` and `fetch` from now on, and the library in the book's own files; call it once."""
    os.environ |= {"MPLBACKEND": "agg", "SCALINGLIB_CACHE": f"{PLACE}/tables"}
    sys.meta_path.insert(0, Packages(files, fetch))
    stand_in()


def stand_in():
    """Take the place of two packages that need a server behind the page: of a widget, its HTML is what counts here."""
    for name in ("anywidget", "ipywidgets"):
        module = types.ModuleType(name)
        module.__getattr__ = _widget
        sys.modules[name] = module


def _widget(name):
    if name.startswith("__"):
        raise AttributeError(name)
    import traitlets

    class Widget(traitlets.HasTraits):
        """Holds its values, and sends them nowhere."""

        value = traitlets.Any()

        def __init__(self, *children, **values):
            super().__init__(**{name: value for name, value in values.items() if self.has_trait(name)})

        def hold_sync(self):
            return self.hold_trait_notifications()

        def _repr_mimebundle_(self, **_):
            return {}, {}

    return Widget
