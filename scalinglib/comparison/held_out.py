"""Model choice by held-out scale: forms are fitted to the smaller runs and scored on the larger."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..parallel import run_pieces
from .candidates import CURVES, SURFACES, How, fit_form
from .comparison import Comparison, score
from .cuts import cut_runs

__all__ = ["compare_forms"]

_SPACES = ("log", "log1p")


def compare_forms(
    *data: ArrayLike,
    forms: Sequence[str] | None = None,
    held_out: float | None = None,
    largest: int | None = None,
    beyond: float | None = None,
    rows: ArrayLike | None = None,
    splits: int = 1,
    space: str = "log",
    objective: str = "least_squares",
    delta: float = 1e-3,
    scale: str = "C",
    groups: ArrayLike | None = None,
) -> Comparison:
    """Fit forms of law to the smaller runs, predict the larger ones, and say which predicts best.

    Every form is fitted to ln y in the same way, and scored by the root mean square of ln(y / law) over
    held-out runs, as Alabdulmohsin et al. 2022 (arXiv 2209.06640) do. The error on the fitted runs, and its
    R^2, stand beside it; they do not choose.

    Parameters
    ----------
    x, y or N, D, loss : array_like, shape (n,)
        Points, or runs: all above zero. N without embeddings suits Kaplan's form; what N counts is the same
        for every form here.
    forms : sequence of str, optional
        Of points: "power law", "power law with floor", "shifted" (Zhai et al.), "saturating"
        (Alabdulmohsin et al., M4), "broken" and "broken twice" (Caballero et al.). Of runs: "Chinchilla",
        "Chinchilla without floor", "Kaplan joint", "size only" and "data only" (a power law with a floor
        in N or in D). Without it all but "broken twice".
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
    scale : {"C", "N", "D"}
        What is large, of runs: C = 6ND, N or D. Of points it is x.
    groups : array_like, shape (n,), optional
        Labels of runs that belong together, such as checkpoints of one training run: they are held out
        together, and count as one in the standard errors.

    Returns
    -------
    Comparison
        ``.scores``, ``.best``, ``.tied``, ``.table``, ``.predictions``, ``.fits`` and ``.report()``.

    Raises
    ------
    ValueError
        Entries out of range, unknown forms or options, nothing left to fit or to hold out. A form that
        cannot be fitted is no error: its row says why.

    Notes
    -----
    Pieces of work, one form and one split each, go through joblib. Nothing is drawn at random.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> x = np.geomspace(1e2, 1e6, 17)
    >>> y = sl.PowerLaw(coefficient=20.0, exponent=0.4, floor=1.5)(x)
    >>> y = y * np.exp(0.002 * np.random.default_rng(0).standard_normal(17))
    >>> result = sl.compare_forms(x, y, forms=["power law", "power law with floor"])
    >>> result.best, result.tied
    ('power law with floor', ())
    """
    names, columns, y = _read(data)
    surface = len(columns) == 2
    known = SURFACES if surface else CURVES
    arguments.one_of("space", space, _SPACES)
    arguments.one_of("objective", objective, ("least_squares", "huber"))
    arguments.one_of("scale", scale, ("C", "N", "D"))
    how = How(space, objective, arguments.scalar("delta", delta, positive=True))
    if surface and space != "log":
        raise ValueError(f"space is for points (x, y); forms of (N, D) are fitted in 'log'; got {space!r}")
    if not surface and scale != "C":
        raise ValueError(f"scale is for runs (N, D, loss); points (x, y) are ordered by x; got {scale!r}")
    forms = _read_forms(forms, known)
    size = {"C": 6.0 * columns.prod(0), "N": columns[0], "D": columns[-1]}[scale] if surface else columns[0]
    cuts = cut_runs(size, held_out=held_out, largest=largest, beyond=beyond, rows=rows, splits=splits, groups=groups)
    pieces = [
        (known[name], how, columns[:, cut.seen], y[cut.seen], columns[:, cut.held], y[cut.held])
        for cut in cuts
        for name in forms
    ]
    found = iter(run_pieces(fit_form, pieces, label="forms"))
    fitted = [{name: next(found) for name in forms} for _ in cuts]
    counts = {name: known[name].constants for name in forms}
    labels = np.arange(len(y)) if groups is None else arguments.labels("groups", groups, len(y))[1]
    named = dict(zip(names, columns, strict=True))
    scores, table, predictions = score(fitted, cuts, counts, named, size, y, labels)
    return Comparison(
        scores=scores,
        table=table,
        predictions=predictions,
        fits={name: last.fit for name, last in fitted[-1].items() if last.fit is not None},
        scale=(scale if surface else "x"),
        space=space,
        seen_range=(float(size[cuts[0].seen].min()), float(size[cuts[0].seen].max())),
    )


def _read(data):
    """Names and array (k, n) of the columns that a law takes, and what it should give (n,)."""
    if len(data) == 2:
        x, y = arguments.columns(x=data[0], y=data[1])
        return ("x",), x[None], y
    if len(data) == 3:
        N, D, loss = arguments.columns(N=data[0], D=data[1], loss=data[2])
        return ("N", "D"), np.stack([N, D]), loss
    raise ValueError(f"compare_forms takes (x, y) or (N, D, loss); got {len(data)} arguments")


def _read_forms(forms, known):
    if forms is None:
        return [name for name in known if name != "broken twice"]
    forms = [forms] if isinstance(forms, str) else list(forms)
    for name in forms:
        arguments.one_of("forms", name, tuple(known))
    if not forms or len(set(forms)) < len(forms):
        raise ValueError(f"forms must name at least one form, each once; got {forms!r}")
    return forms
