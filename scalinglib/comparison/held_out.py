"""Model choice by held-out scale: forms are fitted to the smaller runs and scored on the larger."""

from collections.abc import Mapping, Sequence

import numpy as np

from .. import arguments
from ..forms import Form, FormError
from ..parallel import run_pieces
from .candidates import RISING, How, read_candidates
from .comparison import Comparison
from .cuts import cut_runs
from .scoring import score
from .trials import trend, try_out

__all__ = ["compare_forms"]


def compare_forms(
    *data: object,
    forms: Sequence[str | Form] | Mapping[str, str | Form] | str | Form | None = None,
    y: str = "loss",
    held_out: float | None = None,
    largest: int | None = None,
    beyond: float | None = None,
    rows: np.ndarray | None = None,
    splits: int = 1,
    space: str = "log",
    objective: str = "least_squares",
    delta: float = 1e-3,
    scale: str = "C",
    groups: str | np.ndarray | None = None,
) -> Comparison:
    """Fit forms of law to the smaller runs, predict the larger ones, and say which predicts best.

    Every form is fitted to ln y in the same way, and scored by the root mean square of ln(y / law) over
    held-out runs, as Alabdulmohsin et al. 2022 (arXiv 2209.06640) do; one wild run does not decide. Beside it stand
    the median error, what the 80% intervals are worth, the error on the fitted runs and its R^2; they do not choose.

    Parameters
    ----------
    x, y or N, D, loss or table : array_like, shape (n,), or pandas.DataFrame or mapping of columns
        Points, runs, or a row a run with any variables; all but the variables of a table above zero. N without
        embeddings suits Kaplan's form; what N counts is the same for every form here.
    forms : sequence or dict, optional
        Names, texts as `sl.fit` takes them, or Forms; or label -> one of these. Names of points are "power law",
        "power law with floor", "power law with ceiling" (``ceiling - a / x**b``, which rises), "shifted" (Zhai et al.),
        "saturating" (Alabdulmohsin et al., M4), "broken" and "broken twice" (Caballero et al.); of runs "Chinchilla",
        "Chinchilla without floor", "Chinchilla with ceiling", "Kaplan joint", "size only" and "data only" (a power law
        with a floor in N or in D). Without it all of them but "broken twice" that the data have the variables for,
        those with a ceiling where the runs rise. Other names are those of `sl.forms`.
    y : str, default "loss"
        The column of a table that the laws should give.
    held_out : float, optional
        Share of the range of ln(scale), from the top, that is held out. Without any of these four a third,
        and at least three runs.
    largest : int, optional
        How many of the largest runs are held out; with them go runs of the same scale as the last.
    beyond : float, optional
        Runs above this scale are held out.
    rows : array_like of bool, shape (n,), optional
        True for runs that are held out, whatever their scale.
    splits : int, default 1
        Cut the range that is held out into so many slices of equal width in ln(scale): each is predicted
        from all runs below it, so that a form has to be right more than once, each time not far ahead.
    space : {"log", "log1p"}
        Fit ln(y), or ln(1 + y) as Caballero et al.'s code does; only for points. Scores are of ln(y).
    objective : {"least_squares", "huber"}
        What is minimised on the fitted runs: squares of log residuals, or Huber(delta) of them, which a few
        wild runs do not move. Broken forms know squares only.
    delta : float, default 1e-3
        Huber's corner in units of the residual; only "huber" uses it.
    scale : str, default "C"
        What is large: a column, or a text such as "6 * N * D". "C" is 6ND where there is no such column, or the first
        variable where the laws do not have N and D. Of points it is x.
    groups : array_like, shape (n,), or str, optional
        Labels of runs that belong together, such as checkpoints of one training run, or the column of a table that
        has them: they are held out together, and count as one in the standard errors.

    Returns
    -------
    Comparison
        ``.scores``, ``.best``, ``.tied``, ``.table``, ``.predictions``, ``.fits``, ``.decider`` and
        ``.report()``.

    Raises
    ------
    ValueError
        Entries out of range, unknown forms or options, nothing left to fit or to hold out. A form that
        cannot be fitted is no error: its row says why, as of a law that falls beside an accuracy that rises.

    Notes
    -----
    Pieces of work, one form and one split each, go through joblib. Nothing is drawn at random.

    A single held-out run (or group) without which another form is best is named in the report, and the two forms count
    as tied. Where the other form misses that run by more than five times the scatter of its errors (1.4826 times their
    median), and at least five are held out, the ranking leaves the run out instead.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> x = np.geomspace(1e2, 1e6, 17)
    >>> y = sl.PowerLaw(coefficient=20.0, exponent=0.4, floor=1.5)(x)
    >>> y = y * np.exp(0.002 * np.random.default_rng(0).standard_normal(17))
    >>> result = sl.compare_forms(x, y, forms=["power law", "power law with floor"])
    >>> result.best, result.tied
    ('power law with floor', ())

    A table may have other variables, and its laws are texts:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"C": x, "error": y})
    >>> sl.compare_forms(runs, forms=["A / C**alpha", "E + A / C**alpha"], y="error").best
    'E + A / C**alpha'
    """
    points, names, table, y_name = _read(data, y)
    arguments.one_of("space", space, ("log", "log1p"))
    arguments.one_of("objective", objective, ("least_squares", "huber"))
    how = How(space, objective, arguments.scalar("delta", delta, positive=True), y_name)
    if space != "log" and not points:
        raise ValueError(
            f"space is for points (x, y); forms of (N, D) and of tables are fitted in 'log'; got {space!r}"
        )
    candidates = read_candidates(forms, names)
    wanted = dict.fromkeys(names if len(data) > 1 else (name for one in candidates.values() for name in one.variables))
    scale, needed, size_of = _scale(scale, points, names, list(wanted))
    columns = {name: table[name] for name in (*wanted, *needed, y_name)}
    columns = dict(zip(columns, arguments.columns(positive=len(data) > 1, **columns), strict=True))
    y = arguments.real(y_name, columns.pop(y_name), positive=True)
    size = arguments.real("scale", size_of(columns), positive=True)
    if forms is None and trend(size, y) < 1:
        candidates = {name: one for name, one in candidates.items() if name not in RISING}
    if isinstance(groups, str) and groups in names:
        groups = table[groups]
    cuts = cut_runs(size, held_out=held_out, largest=largest, beyond=beyond, rows=rows, splits=splits, groups=groups)
    labels = np.arange(len(y)) if groups is None else arguments.labels("groups", groups, len(y))[1]
    pieces = []
    for cut in cuts:
        seen, held = ({name: column[rows] for name, column in columns.items()} for rows in (cut.seen, cut.held))
        of = None if groups is None else labels[cut.seen]
        data = how, seen, y[cut.seen], held, y[cut.held], size[cut.seen], of
        pieces += [(one, *data) for one in candidates.values()]
    found = iter(run_pieces(try_out, pieces, label="forms"))
    trials = [{name: next(found) for name in candidates} for _ in cuts]
    counts = {name: one.constants for name, one in candidates.items()}
    scores, table, predictions, decider = score(trials, cuts, counts, columns, size, y, labels, how.offset)
    return Comparison(
        scores=scores,
        table=table,
        predictions=predictions,
        fits={name: last.fit for name, last in trials[-1].items() if last.fit is not None},
        scale=scale,
        space=space,
        seen_range=(float(size[cuts[0].seen].min()), float(size[cuts[0].seen].max())),
        decider=decider,
    )


def _read(data, y):
    """Whether data are points, the names of their columns but y, the columns by name, and the name of y."""
    if len(data) == 1 and hasattr(data[0], "keys"):
        names = list(data[0].keys())
        if y not in names:
            raise ValueError(f"y must be a column; got {y!r}, and there are {', '.join(map(repr, names))}")
        return False, [name for name in names if name != y], data[0], y
    if len(data) not in (2, 3):
        what = "1 argument, which is no table" if len(data) == 1 else f"{len(data)} arguments"
        raise ValueError(f"compare_forms takes a table, (x, y) or (N, D, loss); got {what}")
    if y != "loss":
        raise ValueError(f"y names a column of a table; got {y!r} beside {len(data)} columns")
    names = ("x", "y") if len(data) == 2 else ("N", "D", "loss")
    return len(data) == 2, list(names[:-1]), dict(zip(names, data, strict=True)), names[-1]


def _scale(scale, points, names, variables):
    """What is large: how it is called, the columns that it needs, and a function of them."""
    if points:
        if scale not in ("C", "x"):
            raise ValueError(f"scale is for runs and tables; points (x, y) are ordered by x; got {scale!r}")
        scale = "x"
    text = scale
    if scale == "C" and "C" not in names:  # the default
        text = "6 * N * D" if {"N", "D"} <= set(variables) else variables[0]
        scale = "C" if text != variables[0] else text
    if text in names:
        return scale, (text,), lambda columns: columns[text]
    try:
        form = Form(text)
        needed = form.names
    except FormError as error:
        raise ValueError(f"scale must be a column or a text such as '6 * N * D'; {error}") from None
    unknown = [name for name in needed if name not in names]
    if unknown or not needed:
        raise ValueError(
            f"scale {scale!r} must be a column or a text of columns; there are {', '.join(map(str, names))}"
        )
    return scale, needed, form.values
