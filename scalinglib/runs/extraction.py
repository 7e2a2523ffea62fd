"""Extraction: tables that their authors published inside a script or as a notebook's output."""

import ast
import json

from .failures import TableLayoutError

__all__ = ["addition_4_digit", "repeated_c4"]

# the notebook cell (its Colab id) whose printed output is the table of the 182 runs that were fitted
_REPEATED_C4_CELL = "7_T_IE3gj3rR"


def addition_4_digit(source):
    """Return the CSV text of the two arrays ``x`` and ``y`` of a Python script.

    The script is parsed, never run. ``split_point`` says how many of the points were fitted; the
    others were kept for extrapolation.

    Parameters
    ----------
    source : bytes
        The script: ``x = np.array([...])``, ``y = np.array([...])``, ``split_point = n``.

    Returns
    -------
    str
        Columns train_size, test_xent, split.

    Raises
    ------
    TableLayoutError
        When one of the three is missing, or the arrays differ in length.

    Examples
    --------
    >>> script = b"x = np.array([1, 2])\\ny = np.array([.5, .25])\\nsplit_point = 1\\n"
    >>> print(addition_4_digit(script), end="")
    train_size,test_xent,split
    1,0.5,train
    2,0.25,extrapolate
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise TableLayoutError(f"the source is not a Python script: {error}") from None
    sizes, losses = _array(tree, "x"), _array(tree, "y")
    split = _assigned(tree, "split_point")
    if len(sizes) != len(losses):
        raise TableLayoutError(f"x has {len(sizes)} entries and y {len(losses)}; they must be equally long")
    if not isinstance(split, ast.Constant) or not isinstance(split.value, int):
        raise TableLayoutError("split_point must be an integer in the script")
    rows = [
        f"{size},{loss!r},{'train' if row < split.value else 'extrapolate'}"
        for row, (size, loss) in enumerate(zip(sizes, losses, strict=True))
    ]
    return "\n".join(["train_size,test_xent,split", *rows]) + "\n"


def _assigned(tree, name):
    """The first value assigned to `name` anywhere in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node.value
    raise TableLayoutError(f"the script assigns nothing to {name}")


def _array(tree, name):
    """The numbers in ``name = np.array([...])``."""
    value = _assigned(tree, name)
    if isinstance(value, ast.Call) and value.args:
        try:
            numbers = ast.literal_eval(value.args[0])
        except ValueError:
            numbers = None
        if isinstance(numbers, (list, tuple)) and all(type(n) in (int, float) for n in numbers):
            return numbers
    raise TableLayoutError(f"{name} must be an array of plain numbers in the script")


def repeated_c4(source):
    """Return the CSV text of the runs that a notebook cell printed, one a line.

    A line is ``name N D U loss`` with parameters and tokens in billions.

    Parameters
    ----------
    source : bytes
        The notebook (JSON) as its authors left it, outputs included.

    Returns
    -------
    str
        Columns name, params, tokens, unique_tokens, loss; counts in ones, not billions.

    Raises
    ------
    TableLayoutError
        When the cell or its output is missing, or a line has another form.
    """
    try:
        cells = json.loads(source)["cells"]
        printed = [
            "".join(output["text"])
            for cell in cells
            if cell.get("metadata", {}).get("id") == _REPEATED_C4_CELL
            for output in cell.get("outputs", ())
            if output.get("name") == "stdout"
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TableLayoutError(f"the source is not a notebook with cells: {error!r}") from None
    if not printed:
        raise TableLayoutError(f"the notebook has no cell {_REPEATED_C4_CELL!r} with printed output")
    rows = [_printed_run(line) for line in "".join(printed).splitlines() if line.strip()]
    return "\n".join(["name,params,tokens,unique_tokens,loss", *rows]) + "\n"


def _printed_run(line):
    """One printed line as a CSV row; billions become ones."""
    try:
        name, *billions, loss = line.split()
        # rounding undoes the authors' division by 1e9, which is not exact in binary
        params, tokens, unique = (float(round(float(number) * 1e9)) for number in billions)
        return f"{name},{params},{tokens},{unique},{float(loss)}"
    except ValueError:
        raise TableLayoutError(f"expected 'name N D U loss', got {line!r}") from None
