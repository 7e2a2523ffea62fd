"""Scoring: trials of every form against each other on the runs that were held out."""

from dataclasses import dataclass

import numpy as np

from ..simulate.scoring import interval_score
from .trials import LEVEL

__all__ = ["FEW", "WILD", "Decider", "score"]

_NOTHING = 1e-24  # a square of log errors below which a prediction is exact
_SURE = 0.975  # two-sided 95%
WILD = 5.0 * 1.4826  # of the median error of a form: five standard deviations, where errors are normal
FEW = 5  # held-out runs, below which none can be called wild
_OF_ERRORS = ("rms", "median", "bias", "interval_score", "held")
_RATIOS = ("ratio", "low", "high", "apart")
_LAST = ("intervals", "fitted_rms", "r_squared", "note")


@dataclass(frozen=True)
class Decider:
    """A single held-out run, or group of runs, without which another form is best.

    Attributes
    ----------
    rows : tuple of int
        Its rows in the data.
    other : str
        The form that would be best without these rows or, where they are left out, with them.
    left_out : bool
        Whether the ranking leaves them out: an outlier, by the errors of the form that is best without it.
    """

    rows: tuple
    other: str
    left_out: bool


def score(trials, cuts, counts, columns, scale, y, labels, lift):
    """Scores, table, predictions and decider as in Comparison, from `trials`, a dict of Trial a cut."""
    import pandas

    held = [np.flatnonzero(cut.held) for cut in cuts]
    rows = np.concatenate(held)
    predictions = {"row": rows, "split": np.repeat(np.arange(len(cuts)), [len(part) for part in held])}
    predictions |= {name: column[rows] for name, column in columns.items()}
    predictions |= {"scale": scale[rows], "measured": y[rows]}
    table, summary, errors = [], [], {}
    for name in counts:
        parts = [each[name] for each in trials]
        table += [_row(name, split, *of, scale, y, lift) for split, of in enumerate(zip(parts, cuts, strict=True))]
        gaps = [np.full(len(part), np.nan) for part in held]
        values = [gap if part.reason else part.predicted for part, gap in zip(parts, gaps, strict=True)]
        predictions[name] = np.concatenate(values)
        reasons = [part.reason for part in parts if part.reason]
        whole = {"form": name, "constants": counts[name], "note": reasons[0] if reasons else table[-1]["note"]}
        if not reasons:
            errors[name] = np.concatenate([part.held_error for part in parts])
        whole |= _of_errors([] if reasons else parts, y[rows] + lift, lift)
        summary.append(whole | {key: table[-1][key] for key in ("fitted_rms", "r_squared")})
    pieces = np.unique(labels[rows], return_inverse=True)[1]  # independent held-out runs, or groups of them
    summary.sort(key=lambda row: _rank(row["rms"], row))
    decider, counted = _decider([row["form"] for row in summary if row["form"] in errors], errors, pieces, rows)
    size = {name: np.mean(error[counted] ** 2) for name, error in errors.items()}
    summary.sort(key=lambda row: _rank(np.sqrt(size.get(row["form"], np.nan)), row))
    best = summary[0]["form"]
    pulls = {name: _pulls([each[name] for each in trials], cuts, held, counted, size[name], len(y)) for name in errors}
    for row in summary:
        row |= dict.fromkeys(_RATIOS, np.nan) | {"apart": False}
        if row["form"] in errors:
            row |= _against(row["form"], best, size, pulls, labels, np.unique(pieces[counted]).size)
            row["apart"] &= decider is None or decider.left_out or row["form"] != decider.other
    order = ["form", "constants", *_OF_ERRORS[:3], *_RATIOS, *_OF_ERRORS[3:], *_LAST]
    scores = pandas.DataFrame(summary)[order]
    return scores, pandas.DataFrame(table), pandas.DataFrame(predictions), decider


def _rank(rms, row):
    """Best first; of forms with equal predictions, as with a floor that ended at zero, the smaller first."""
    if np.isnan(rms):
        return (1, 0.0, row["constants"])
    return (0, float(f"{max(rms, np.sqrt(_NOTHING)):.8e}"), row["constants"])


def _of_errors(parts, lifted, lift):
    """What the held-out errors of some trials come to; NaN where there is none, or no interval."""
    found = dict.fromkeys(_OF_ERRORS, np.nan) | {"intervals": 0}
    if not parts:
        return found
    error, low, high = (np.concatenate([getattr(part, key) for part in parts]) for key in ("held_error", "low", "high"))
    found["rms"], found["bias"] = float(np.sqrt(np.mean(error**2))), float(error.mean())
    found["median"] = float(np.median(np.abs(error)))
    if any(np.isnan(part.low).all() for part in parts):
        return found
    known = ~np.isnan(low + high)
    with np.errstate(divide="ignore"):  # an end at zero or beyond all bounds scores infinity
        low, high, value = (np.log(ends[known]) for ends in (low + lift, high + lift, lifted))
    beyond = np.maximum(np.maximum(low - value, value - high), 0.0)
    if known.any():
        found["interval_score"] = float(np.mean(interval_score(low, high, value, level=LEVEL)))
    found["held"], found["intervals"] = float(np.mean(beyond <= np.sqrt(_NOTHING))), int(known.sum())
    return found


def _row(name, split, part, cut, scale, y, lift):
    row = {
        "form": name,
        "split": split,
        "fitted": int(cut.seen.sum()),
        "held_out": int(cut.held.sum()),
        "fitted_to": float(scale[cut.seen].max()),
        "held_out_to": float(scale[cut.held].max()),
        **_of_errors([] if part.reason else [part], y[cut.held] + lift, lift),
        "fitted_rms": np.nan,
        "r_squared": np.nan,
        "note": part.reason or part.note,
    }
    if not part.reason:
        log_y = np.log(y[cut.seen])
        scatter = ((log_y - log_y.mean()) ** 2).sum()
        squares = (part.seen_error**2).sum()
        row["fitted_rms"] = float(np.sqrt(squares / len(log_y)))
        row["r_squared"] = float(1.0 - squares / scatter) if scatter > 0 else np.nan
    return row


def _decider(names, errors, pieces, rows):
    """The Decider, or None, among forms `names`, best first; and which held-out runs (m,) the ranking counts."""
    counted, runs = np.ones(len(rows), dtype=bool), np.bincount(pieces)
    if len(names) < 2 or len(runs) < 2:
        return None, counted
    squares = np.array([np.bincount(pieces, errors[name] ** 2) for name in names])
    rest = np.maximum((squares.sum(1, keepdims=True) - squares) / (len(rows) - runs), _NOTHING)
    for place, name in enumerate(names[1:], start=1):
        size = np.sqrt(squares[place] / runs)
        worst = int(size.argmax())
        if not rest[place, worst] < 0.999 * np.delete(rest[:, worst], place).min():
            continue
        left_out = len(runs) >= FEW and size[worst] > WILD * np.median(size)
        if left_out:
            counted = pieces != worst
        its_rows = tuple(map(int, rows[pieces == worst]))
        return Decider(its_rows, names[0] if left_out else name, bool(left_out)), counted
    return None, counted


def _pulls(parts, cuts, held, counted, square, count):
    """What each run's scatter does to ln(rms) of a form, (n,) each: by its own error, by the constants."""
    square, total = max(float(square), _NOTHING), int(counted.sum())
    own, through = np.zeros(count), np.zeros(count)
    ends = np.cumsum([len(rows) for rows in held])[:-1]
    for part, cut, rows, mine in zip(parts, cuts, held, np.split(counted, ends), strict=True):
        own[rows] += mine * (part.held_error**2 / square - 1.0) / (2.0 * total)
        near, far = part.lever
        through[cut.seen] -= near @ (far @ (part.held_error * mine)) / (total * square)
    return own, through


def _against(name, best, size, pulls, labels, pieces):
    """Ratio, low, high and apart of a form against the best."""
    from scipy.stats import t

    mine, its = (max(size[each], _NOTHING) for each in (name, best))
    log_ratio = 0.5 * np.log(mine / its)
    found = {"ratio": float(np.exp(log_ratio))}
    if name == best or pieces < 2:
        return found
    own, through = (mine - its for mine, its in zip(pulls[name], pulls[best], strict=True))
    pull = own * np.sqrt(pieces / (pieces - 1.0)) + through
    error = np.sqrt((np.bincount(labels, pull) ** 2).sum())
    reach = t.ppf(_SURE, pieces - 1) * error
    with np.errstate(over="ignore"):
        found |= {"low": float(np.exp(log_ratio - reach)), "high": float(np.exp(log_ratio + reach))}
    return found | {"apart": bool(found["low"] > 1.0)}
