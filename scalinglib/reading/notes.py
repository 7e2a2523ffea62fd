"""Notes: what a table says of its rows that bears on a law: runs that did not finish, rows chosen by their loss."""

import shlex

import numpy as np

from ..text import short_label
from .cells import short
from .quantities import plain

__all__ = ["measured_cost", "of_conditions", "of_dropped", "of_passes", "of_state"]

_STATES = ("state", "status", "run_state", "run_status", "job_state", "job_status", "outcome")
_DONE = ("finished", "completed", "complete", "done", "success", "succeeded", "ok")
_NOT_DONE = (
    "crashed crash failed fail failure killed running preempted preempting cancelled canceled error errored timeout "
    "timed_out oom out_of_memory diverged nan pending queued scheduled stopped aborted interrupted incomplete "
    "unfinished node_fail"
).split()
_YES, _NO = ("true", "yes", "1", "1_0"), ("false", "no", "0", "0_0")
_PASSES = ("epochs", "epoch", "num_epochs", "n_epochs", "passes", "num_passes", "repeats")
_DATA = ("dataset_size", "data_size", "training_data")
_CONSTANT = 1.1  # compute over N D that varies less is taken as one number
_SAME_BUDGET = 0.1  # in ln N D


def of_state(others):
    """A sentence on rows whose state is another than finished, and the condition that leaves them out; or nothing.

    Examples
    --------
    >>> list(of_state({"State": (["finished", "crashed"], np.array([0, 0, 1]))}))
    ["column 'State' has 1 row that did not finish (1 crashed): --where 'State = finished' leaves it out"]
    """
    for name, (cells, codes) in others.items():
        column, counts = plain(name.rpartition("/")[2]), np.bincount(codes, minlength=len(cells))
        states = [plain(cell) for cell in cells]
        if column in _STATES:
            done, ended = ([_is(state, words) for state in states] for words in (_DONE, _NOT_DONE))
        elif column in (*_DONE, *_NOT_DONE) and set(states) <= {*_YES, *_NO}:
            yes, no = ([state in words for state in states] for words in (_YES, _NO))
            done, ended = (yes, no) if column in _DONE else (no, yes)
        else:
            continue
        total = int(counts[ended].sum())
        if not total or not counts[done].any():
            continue
        said = ", ".join(
            f"{counts[place]} {short_label(cells[place])}" for place in np.flatnonzero(ended) if counts[place]
        )
        where = shlex.quote(f"{name} = {cells[max(np.flatnonzero(done), key=lambda place: counts[place])]}")
        rows, them = (f"{total} rows", "them") if total > 1 else ("1 row", "it")
        yield f"column {short(name)} has {rows} that did not finish ({said}): --where {where} leaves {them} out"


def _is(state, words):
    """Whether a state is one of `words`, or begins with one, as "cancelled by 1000" does."""
    return state in words or state.split("_")[0] in words


def of_passes(headings, others):
    """A sentence where D seems to count unique tokens beside a column of passes over them; or nothing."""
    if plain(headings.get("D", "")) not in _DATA:
        return
    for name, (cells, _) in others.items():
        if plain(name) in _PASSES and set(cells) - {"1", "1.0", ""}:
            formula = shlex.quote(f"{name} * {headings['D']}")
            yield f"D is tokens seen: if {short(headings['D'])} counts unique tokens, say --D {formula}"


def measured_cost(N, D, C):
    """Compute as it was measured (n,), as the text of a cost in N and D: a multiple of N D, or a power of N times D.

    Examples
    --------
    >>> N, D = np.array([1e8, 1e9, 1e10]), np.array([1e10, 3e10, 1e11])
    >>> measured_cost(N, D, 7.8 * N * D), measured_cost(N, D, 30 * N**0.93 * D)
    ('7.8 * N * D', '30 * N**0.93 * D')
    """
    ratio = C / (N * D)
    if ratio.max() < _CONSTANT * ratio.min():
        return f"{np.median(ratio):.4g} * N * D"
    slope, ln_k = np.polynomial.polynomial.polyfit(np.log(N), np.log(C / D), 1)[::-1]
    return f"{np.exp(ln_k):.4g} * N**{slope:.4g} * D"


def of_conditions(by_loss):
    """A sentence a condition on the loss that left rows out, condition -> how many.

    Examples
    --------
    >>> list(of_conditions({"loss < 3": 2, "loss < 9": 0}))
    ["--where 'loss < 3' leaves out 2 rows by their loss, which bends a law"]
    """
    for condition, count in by_loss.items():
        if count:
            rows = f"{count} row{'s' if count > 1 else ''}"
            yield f"--where {condition!r} leaves out {rows} by their loss, which bends a law"


def of_dropped(got):
    """Why rows that were left out as bad bend the law, as a sentence or nothing: where they were chosen by their loss.

    Parameters
    ----------
    got : Gathered

    Returns
    -------
    reason, note : str
        The reason where what was dropped are the best runs of their budgets, which no law should be without; the note
        where all that was wrong with rows is their loss.
    """
    loss, N, D = (got.dropped.get(name) for name in ("loss", "N", "D"))
    if loss is None or not got.bad:
        return "", ""
    if N is not None and D is not None and {"N", "D", "loss"} <= set(got.values):
        best = _best(np.stack([N, D, loss]), *(got.values[name] for name in ("N", "D", "loss")))
        if 2 * best >= len(loss):
            return (
                f"--drop-bad leaves out {best} run{'s' if best > 1 else ''} whose loss is the lowest of "
                f"{'their budgets' if best > 1 else 'its budget'}, and moves the optimum: correct the cells instead "
                f"({got.bad[0]})"
            ), ""
    alone = sum(f" {short(got.headings['loss'])} " in row for row in got.bad)
    if not alone:
        return "", ""
    return "", (f"--drop-bad leaves out {alone} row{'s' if alone > 1 else ''} for the loss alone, which bends a law")


def _best(dropped, N, D, loss):
    """How many of the dropped (N, D, loss) lie below all kept runs of their budget."""
    kept, count = np.log(N * D), 0
    order = np.argsort(kept)
    kept, loss = kept[order], loss[order]
    with np.errstate(all="ignore"):
        compute = np.log(dropped[0] * dropped[1])
    for budget, found in zip(compute, dropped[2], strict=True):
        if np.isfinite(budget) and found > 0.0:
            low, high = np.searchsorted(kept, [budget - _SAME_BUDGET, budget + _SAME_BUDGET])
            count += high - low > 1 and found < loss[low:high].min()
    return int(count)
