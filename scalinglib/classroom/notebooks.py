"""Handed-in notebooks: whose each is, and whether it says an answer, by their text and without running anything."""

import ast
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from .handed import found_files, plain_bytes

__all__ = ["LARGEST_NOTEBOOK", "code_cells", "declares", "found_notebooks"]

LARGEST_NOTEBOOK = 20_000_000  # bytes, with its pictures
_WORD = re.compile(r"(?<![a-z0-9])[a-z2-7]{16}(?![a-z0-9])")  # what looks like a token
_SHELL = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)

Key = tuple[str, str]


def found_notebooks(
    submissions: str | os.PathLike, answers: Mapping[Key, str]
) -> tuple[dict[Key, list[Path]], list[tuple[str, str]]]:
    """The notebooks of a class, and those that belong to nobody.

    A notebook is that student's whose answers lie alone with it in a folder, or else whose table it names, or, where no
    answers came, beside whose table alone it lies.

    Parameters
    ----------
    submissions : str or path
    answers : mapping
        (assignment, token) of each seat -> the name of its file of answers in the folder, empty where none came.

    Returns
    -------
    tuple
        (assignment, token) -> paths; and (name, why) of each that belongs to nobody.
    """
    beside, there = {}, {}
    for key, name in answers.items():
        if name:
            beside.setdefault(Path(name).parent, []).append(key)
    for path, name, _ in found_files(submissions, ".ipynb"):
        if path.parent.name != ".ipynb_checkpoints":
            there.setdefault(Path(name).parent, []).append((path, name))
    waiting = {
        f"{assignment}-{token}.csv": (assignment, token) for (assignment, token), name in answers.items() if not name
    }
    found, strays = {}, []
    for folder, inside in there.items():
        for path, name in inside:
            whose = [key for key in beside.get(folder, ()) if len(inside) == 1 or key[0] in path.name]
            if len(whose) != 1:
                whose = _named(path, answers)
            if not whose and folder not in beside:
                tables = {waiting[one] for one in os.listdir(path.parent) if one in waiting}
                whose = [key for key in tables if len(inside) == 1 or key[0] in path.name]
            if len(whose) == 1:
                found.setdefault(whose[0], []).append(path)
            else:
                strays.append(
                    (name, f"a notebook that names {'several tables' if whose else 'no table of this class'}")
                )
    return found, strays


def code_cells(path: str | os.PathLike) -> list[tuple[str, bool]] | str:
    """(source, whether it may fail) of each cell of code; or the word for why there is none."""
    try:
        content = plain_bytes(path, LARGEST_NOTEBOOK)
    except ValueError:
        return "notebook"
    except OSError:
        return "link" if Path(path).is_symlink() else "notebook"
    try:
        held = json.loads(content.decode("utf-8-sig"))
        about = held.get("metadata", {})
        language = about.get("language_info", {}).get("name") or about.get("kernelspec", {}).get("language")
        language = language or about.get("kernelspec", {}).get("name", "python")
        cells = [
            ("".join(cell["source"]), "raises-exception" in cell.get("metadata", {}).get("tags", ()))
            for cell in held["cells"]
            if cell["cell_type"] == "code"
        ]
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return "notebook"
    return cells if str(language).lower().startswith("python") else "kernel"


def declares(path: str | os.PathLike) -> bool | None:
    """Whether a cell of a notebook calls ``answer`` with more than the dots that it was given out with.

    None where that cannot be known without running it: for what is no notebook of Python, or has a cell that is none.
    """
    cells = code_cells(path)
    if isinstance(cells, str):
        return None
    doubt = False
    for source, _ in cells:
        try:
            tree = ast.parse(_SHELL.sub(r"\1pass", source))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            doubt = doubt or "answer" in source
            continue
        if any(map(_says, ast.walk(tree))):
            return True
    return None if doubt else False


def _says(node):
    """Whether a node calls ``answer``, and not with dots alone."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "answer":
        return False
    values = [*node.args[1:], *(one.value for one in node.keywords if one.arg != "name")]
    dots = [isinstance(one, ast.Constant) and one.value is ... for one in values]
    return not dots or not all(dots)


def _named(path, seats):
    """The seats whose tokens stand in a notebook, as its outputs name its table."""
    try:
        text = plain_bytes(path, LARGEST_NOTEBOOK).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []
    words = set(_WORD.findall(text))
    return [key for key in seats if key[1] in words]
