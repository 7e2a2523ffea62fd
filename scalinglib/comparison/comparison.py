"""A comparison of forms: scores on held-out runs, and which forms cannot be told apart."""

import textwrap
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Comparison", "score"]

_NOTHING = 1e-24  # a square of log errors below which a prediction is exact
_SURE = 0.975  # two-sided 95%


@dataclass(frozen=True, eq=False)
class Comparison:
    """How well forms of law, fitted to smaller runs, predict larger ones.

    Attributes
    ----------
    scores : pandas.DataFrame
        A row a form, best first: ``form``, ``constants``, ``rms`` (root mean square of ln(y / law) over all
        held-out runs), ``bias`` (its mean: above zero where the law predicts too little), ``ratio`` (rms over
        the best form's), ``low`` and ``high`` (its 95% interval), ``apart`` (whether low is above 1),
        ``fitted_rms`` and ``r_squared`` (of ln y on the fitted runs of the last split), ``note``.
    table : pandas.DataFrame
        The same by ``form`` and ``split``: ``fitted``, ``held_out`` (numbers of runs), ``fitted_to``,
        ``held_out_to`` (largest scale of each), ``rms``, ``bias``, ``fitted_rms``, ``r_squared``, ``note``.
    predictions : pandas.DataFrame
        A row a held-out run: ``row``, ``split``, its data, ``scale``, ``measured``, and a column a form.
    fits : dict
        Form -> its fit to the runs below the last cut, with ``.law`` and ``.report()``.
    scale, space : str
        What was large, and the space that was fitted.
    seen_range : tuple of float
        Smallest and largest scale that the first split fitted.

    Notes
    -----
    The interval of a ratio adds up what the scatter of each run does to it, linearised: of a held-out run
    through its own error, of a fitted run through the constants. With few held-out runs Student's t widens
    it. It does not know what no run shows, a break beyond the last one.
    """

    scores: object = field(repr=False)
    table: object = field(repr=False)
    predictions: object = field(repr=False)
    fits: dict = field(repr=False)
    scale: str
    space: str
    seen_range: tuple

    @property
    def best(self) -> str | None:
        """Name of the form with the lowest error on held-out runs, or None if none could be scored."""
        first = self.scores.iloc[0]
        return str(first.form) if np.isfinite(first.rms) else None

    @property
    def tied(self) -> list[str]:
        """Names of the other forms that these runs cannot tell from the best, best first."""
        rest = self.scores.iloc[1:]
        return tuple(rest.form[~rest.apart & np.isfinite(rest.rms)])

    def report(self) -> str:
        """The comparison in sentences."""
        scores, first = self.scores, self.table.iloc[0]
        splits, held = int(self.table.split.max()) + 1, len(self.predictions)
        low, high = self.seen_range
        top = self.predictions.scale.max()
        lines = [
            f"{len(scores)} forms fitted to {first.fitted} runs, {self.scale} {low:.4g} to {high:.4g} "
            f"({np.log10(high / low):.1f} decades), and scored on {held} held out, up to {top:.4g}: "
            f"{top / high:.3g} times the largest fitted."
        ]
        if splits > 1:
            lines[0] += f" In {splits} steps, each predicted from all runs below it."
        inside = int((self.predictions.scale <= high).sum())
        if inside:
            lines.append(f"{inside} of the held-out runs are no larger than the largest fitted one.")
        lines = [textwrap.fill(line, 88) for line in lines]
        lines += ["", f"  {'form':<26}{'held-out':>10}{'bias':>11}{'times best (95%)':>24}{'fitted':>10}"]
        for row in scores.itertuples():
            if not np.isfinite(row.rms):
                note = f"{row.form}: {row.note}"
                lines += textwrap.wrap(note, 84, initial_indent="  ", subsequent_indent="    ")
                continue
            interval = f"{row.low:.2g} to {row.high:.2g}" if np.isfinite(row.low) else "unknown"
            times = f"{row.ratio:.3g} ({interval})"
            if row.form == self.best or row.low == row.high == 1.0:
                times = "1" if row.form == self.best else "1 (same predictions)"
            errors = f"{row.rms:>10.3g}{row.bias:>+11.3g}{times:>24}{row.fitted_rms:>10.3g}"
            lines.append(f"  {row.form:<26}{errors}")
        lines += ["  Errors are of ln y: 0.01 is 1%. Bias above zero: the law predicts too little.", ""]
        return "\n".join(lines + [textwrap.fill(line, 88) for line in self._verdict()])

    def _verdict(self):
        """Sentences: who is best, who cannot be told from it, and why the fit does not choose."""
        scored = self.scores[np.isfinite(self.scores.rms)]
        if scored.empty:
            return ["No form could be scored: fit fewer constants, or hold out fewer runs."]
        if len(scored) == 1:
            return [f"Only {self.best!r} could be scored; there is nothing to choose from."]
        said = [f"{self.best!r} predicts the held-out runs best."]
        if self.tied:
            *others, last = map(repr, self.tied)
            names = f"{', '.join(others)} and {last}" if others else last
            said.append(
                f"{names} cannot be told from it by these runs: report the spread of their predictions, "
                "or add larger runs."
            )
        worse = scored.form[scored.apart]
        if len(worse):
            said.append(f"Worse beyond chance: {', '.join(map(repr, worse))}.")
        fitted = scored.sort_values("fitted_rms", kind="stable").form.iloc[0]
        if fitted != self.best:
            said.append(f"On the fitted runs {fitted!r} has the smallest error; that does not choose.")
        high = scored[scored.r_squared > 0.99]
        if len(high) > 1:
            said.append(f"R^2 does not choose: it is above 0.99 for {len(high)} of {len(scored)} forms.")
        notes = [f"{row.form} ({row.note})" for row in scored.itertuples() if row.note]
        if notes:
            said.append(f"Fits to mind: {'; '.join(notes)}.")
        return [" ".join(said)]


def score(fitted, cuts, counts, columns, scale, y, labels):
    """Scores, table and predictions as in Comparison, from `fitted`, a dict of Fitted a cut."""
    import pandas

    held = [np.flatnonzero(cut.held) for cut in cuts]
    rows = np.concatenate(held)
    predictions = {"row": rows, "split": np.repeat(np.arange(len(cuts)), [len(part) for part in held])}
    predictions |= {name: column[rows] for name, column in columns.items()}
    predictions |= {"scale": scale[rows], "measured": y[rows]}
    table, summary, pulls = [], [], {}
    for name in counts:
        parts = [each[name] for each in fitted]
        for split, (part, cut) in enumerate(zip(parts, cuts, strict=True)):
            table.append(_row(name, split, part, cut, scale, y))
        unknown = [np.full(cut.held.sum(), np.nan) for cut in cuts]
        predictions[name] = np.concatenate(
            [none if part.reason else part.predicted for part, none in zip(parts, unknown, strict=True)]
        )
        last = table[-1]
        whole = {"form": name, "constants": counts[name], "rms": np.nan, "bias": np.nan}
        reasons = [part.reason for part in parts if part.reason]
        if not reasons:
            error = np.concatenate([part.held_error for part in parts])
            whole |= {"rms": float(np.sqrt(np.mean(error**2))), "bias": float(error.mean())}
            pulls[name] = _pulls(parts, cuts, held, error, len(y))
        whole |= {key: last[key] for key in ("fitted_rms", "r_squared")}
        summary.append(whole | {"note": reasons[0] if reasons else last["note"]})
    summary.sort(key=_rank)
    _against_best(summary, pulls, rows, labels)
    order = ["form", "constants", "rms", "bias", "ratio", "low", "high", "apart"]
    scores = pandas.DataFrame(summary)[[*order, "fitted_rms", "r_squared", "note"]]
    return scores, pandas.DataFrame(table), pandas.DataFrame(predictions)


def _rank(row):
    """Best first; of forms with equal predictions, as with a floor that ended at zero, the smaller first."""
    if np.isnan(row["rms"]):
        return (1, 0.0, row["constants"])
    return (0, float(f"{max(row['rms'], np.sqrt(_NOTHING)):.8e}"), row["constants"])


def _row(name, split, part, cut, scale, y):
    row = {
        "form": name,
        "split": split,
        "fitted": int(cut.seen.sum()),
        "held_out": int(cut.held.sum()),
        "fitted_to": float(scale[cut.seen].max()),
        "held_out_to": float(scale[cut.held].max()),
        "rms": np.nan,
        "bias": np.nan,
        "fitted_rms": np.nan,
        "r_squared": np.nan,
        "note": part.reason or part.note,
    }
    if not part.reason:
        log_y = np.log(y[cut.seen])
        scatter = ((log_y - log_y.mean()) ** 2).sum()
        squares = (part.seen_error**2).sum()
        row |= {
            "rms": float(np.sqrt(np.mean(part.held_error**2))),
            "bias": float(part.held_error.mean()),
            "fitted_rms": float(np.sqrt(squares / len(log_y))),
            "r_squared": float(1.0 - squares / scatter) if scatter > 0 else np.nan,
        }
    return row


def _pulls(parts, cuts, held, error, count):
    """What each run's scatter does to ln(rms) of a form, (n,) each: by its own error, by the constants."""
    square = max(float(np.mean(error**2)), _NOTHING)
    own, through = np.zeros(count), np.zeros(count)
    for part, cut, rows in zip(parts, cuts, held, strict=True):
        own[rows] += (part.held_error**2 / square - 1.0) / (2.0 * len(error))
        through[cut.seen] -= part.pull / (len(error) * square)
    return own, through


def _against_best(summary, pulls, rows, labels):
    """Add ratio, low, high and apart to each row of `summary`, whose first row is the best."""
    from scipy.stats import t

    best = summary[0]
    pieces = np.unique(labels[rows]).size  # independent held-out runs, or groups of them
    for row in summary:
        row |= {"ratio": np.nan, "low": np.nan, "high": np.nan, "apart": False}
        if np.isnan(row["rms"]):
            continue
        mine, its = (max(each["rms"] ** 2, _NOTHING) for each in (row, best))
        log_ratio = 0.5 * np.log(mine / its)
        row["ratio"] = float(np.exp(log_ratio))
        if row is best or pieces < 2:
            continue
        own, through = (mine - its for mine, its in zip(pulls[row["form"]], pulls[best["form"]], strict=True))
        pull = own * np.sqrt(pieces / (pieces - 1.0)) + through
        error = np.sqrt((np.bincount(labels, pull) ** 2).sum())
        reach = t.ppf(_SURE, pieces - 1) * error
        with np.errstate(over="ignore"):
            row["low"], row["high"] = float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach))
        row["apart"] = bool(row["low"] > 1.0)
