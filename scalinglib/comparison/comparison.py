"""A comparison of forms: scores on held-out runs, and which forms cannot be told apart."""

import textwrap
from dataclasses import dataclass, field

import numpy as np

from ..text import WIDTH, brief
from .scoring import FEW, WILD, Decider
from .trials import LEVEL

__all__ = ["Comparison"]

_AHEAD = 0.95  # an interval score that much lower is worth a word
_HEADS = ("form", "rms", "median", "bias", "times best (95%)", "fitted", f"in {LEVEL:.0%}")


@dataclass(frozen=True, eq=False)
class Comparison:
    """How well forms of law, fitted to smaller runs, predict larger ones.

    Attributes
    ----------
    scores : pandas.DataFrame
        A row a form, best first: ``form``, ``constants``, ``rms`` (root mean square of ln(y / law) over all
        held-out runs), ``median`` (of its size, which one wild run does not move), ``bias`` (its mean: above zero
        where the law predicts too little), ``ratio`` (rms over the best form's), ``low`` and ``high`` (its 95%
        interval), ``apart`` (whether low is above 1), ``interval_score`` (mean over held-out runs, of the 80%
        interval for a new run in ln y; lower is better), ``held`` (share of them inside that interval),
        ``intervals`` (how many of them that rests on: of very many an even choice), ``fitted_rms`` and
        ``r_squared`` (of ln y on the fitted runs of the last split), ``note``. The two of intervals are NaN for
        forms whose fit has none.
    table : pandas.DataFrame
        The same by ``form`` and ``split``: ``fitted``, ``held_out`` (numbers of runs), ``fitted_to``,
        ``held_out_to`` (largest scale of each), ``rms``, ``median``, ``bias``, ``interval_score``, ``held``,
        ``intervals``, ``fitted_rms``, ``r_squared``, ``note``.
    predictions : pandas.DataFrame
        A row a held-out run: ``row``, ``split``, its data, ``scale``, ``measured``, and a column a form.
    fits : dict
        Form -> its fit to the runs below the last cut, with ``.law`` and ``.report()``.
    scale, space : str
        What was large, and the space that was fitted.
    seen_range : tuple of float
        Smallest and largest scale that the first split fitted.
    decider : Decider or None
        The single held-out run, or group of runs, without which another form is best: ``.rows``, ``.other`` and
        ``.left_out``, whether it is an outlier, which the order, ratio, low, high and apart then leave out.

    Notes
    -----
    The interval of a ratio adds up what the scatter of each run does to it, linearised: of a held-out run
    through its own error, of a fitted run through the constants. With few held-out runs Student's t widens
    it. It does not know what no run shows, a break beyond the last one.

    The interval score is the width of the interval and, for a run outside, 2 / 0.2 times how far outside it is
    (Gneiting and Raftery 2007, JASA 102, 359, section 6.2).
    """

    scores: object = field(repr=False)
    table: object = field(repr=False)
    predictions: object = field(repr=False)
    fits: dict = field(repr=False)
    scale: str
    space: str
    seen_range: tuple
    decider: Decider | None

    def __repr__(self):
        return brief(self, f"{self.best!r} is best of {len(self.scores)} forms")

    @property
    def best(self) -> str | None:
        """Name of the form with the lowest error on held-out runs, or None if none could be scored."""
        first = self.scores.iloc[0]
        return str(first.form) if np.isfinite(first.rms) else None

    @property
    def tied(self) -> tuple[str, ...]:
        """Names of the other forms that these runs cannot tell from the best, best first."""
        rest = self.scores.iloc[1:]
        return tuple(rest.form[~rest.apart & np.isfinite(rest.rms)])

    def report(self, *, width: int = WIDTH) -> str:
        """The comparison in sentences and a table, in lines of at most `width` characters where its columns fit."""
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
        lines = [textwrap.fill(line, width) for line in lines] + ["", *self._rows(width)]
        if self.best is not None:
            said = "Errors are of ln y: 0.01 is 1%. Bias above zero: the law predicts too little."
            if scores.held.notna().any():
                said += f" In {LEVEL:.0%}: held-out runs inside the law's {LEVEL:.0%} interval for a new run."
            lines.append(textwrap.fill(said, width, initial_indent="  ", subsequent_indent="  "))
        return "\n".join([*lines, "", textwrap.fill(" ".join(self._verdict()), width)])

    def _rows(self, width):
        """The table of the report: columns as wide as they need to be, a long form on lines of its own."""
        scored = self.scores[np.isfinite(self.scores.rms)]
        cells = [list(_HEADS), *map(self._cells, scored.itertuples())] if len(scored) else []
        if scored.held.isna().all():
            cells = [row[:-1] for row in cells]
        widths = [max(map(len, column)) for column in list(zip(*cells, strict=True))[1:]]
        room = max(width - 2 - sum(width + 2 for width in widths), len(_HEADS[0]))
        fits = max((len(row[0]) for row in cells if len(row[0]) <= room), default=0)
        lines = []
        for form, *numbers in cells:
            if len(form) > fits:
                lines += textwrap.wrap(form, width, initial_indent="  ", subsequent_indent="    ")
                form = ""
            right = "".join(f"  {n:>{w}}" for n, w in zip(numbers, widths, strict=True))
            lines.append(f"  {form:<{fits}}{right.rstrip()}")
        for row in self.scores[~np.isfinite(self.scores.rms)].itertuples():
            lines += textwrap.wrap(f"{row.form}: {row.note}", width, initial_indent="  ", subsequent_indent="    ")
        return lines

    def _cells(self, row):
        interval = f"{_bounded(row.low)} to {_bounded(row.high)}" if np.isfinite(row.low) else "unknown"
        times = f"{row.ratio:.3g} ({interval})"
        if row.form == self.best or row.low == row.high == 1.0:
            times = "1" if row.form == self.best else "1 (same predictions)"
        held = "" if np.isnan(row.held) else f"{row.held:.0%}"
        errors = [f"{row.rms:.3g}", f"{row.median:.3g}", f"{row.bias:+.3g}"]
        return [row.form, *errors, times, f"{row.fitted_rms:.3g}", held]

    def _verdict(self):
        """Sentences: who is best, who cannot be told from it, and why the fit does not choose."""
        scored = self.scores[np.isfinite(self.scores.rms)]
        if scored.empty:
            return [self._unscored()]
        said = [f"{self.best!r} predicts the held-out runs best."]
        if len(scored) == 1:
            said = [f"Only {self.best!r} could be scored; there is nothing to choose from."]
        said += self._decided()
        if self.tied:
            said.append(
                f"{_listed(self.tied)} cannot be told from it by these runs: report the spread of their predictions, "
                "or add larger runs."
            )
        worse = scored.form[scored.apart]
        if len(worse):
            said.append(f"Worse beyond chance: {', '.join(map(repr, worse))}.")
        if len(scored) > 1:
            said += self._others(scored)
        said += self._intervals(scored)
        notes = [f"{row.form} ({row.note})" for row in scored.itertuples() if row.note]
        if notes:
            said.append(f"Fits to mind: {'; '.join(notes)}.")
        return said

    def _unscored(self):
        """Why no form has a score, and the way out."""
        fitted, constants = int(self.table.fitted.min()), int(self.scores.constants.min())
        runs = int((self.table.fitted + self.table.held_out).max())
        if fitted > constants:
            return "No form could be scored: each says why."
        if runs <= constants + 1:
            return f"No form could be scored: {runs} runs are too few; {constants + 2} are the least."
        return (
            f"No form could be scored: {fitted} fitted runs are too few. Hold out fewer: largest=1 in Python, "
            "--largest 1 in the command."
        )

    def _decided(self):
        """The run on which the choice rests, or one that the best form misses by far."""
        if self.decider is None:
            error = np.abs(np.log(self.predictions.measured / self.predictions[self.best]))
            if len(error) < FEW or not error.max() > WILD * error.median():
                return []
            row = self.predictions.row[error.idxmax()]
            return [
                f"It misses row {row} by {error.max():.2g}, where its median error is {error.median():.2g}: that run "
                "blurs the ratios; look at it."
            ]
        rows = f"row{'s' if len(self.decider.rows) > 1 else ''} {', '.join(map(str, self.decider.rows))}"
        if not self.decider.left_out:
            return [f"That rests on {rows}: without it {self.decider.other!r} would be best."]
        return [
            f"The ranking leaves out {rows}, which this form misses by far though it meets the others: with it "
            f"{self.decider.other!r} would be best. Look at that run."
        ]

    def _others(self, scored):
        """What else might choose, and does not."""
        said = []
        fitted = scored.sort_values("fitted_rms", kind="stable").form.iloc[0]
        if fitted != self.best:
            said.append(f"On the fitted runs {fitted!r} has the smallest error; that does not choose.")
        high = scored[scored.r_squared > 0.99]
        if len(high) > 1:
            said.append(f"R^2 does not choose: it is above 0.99 for {len(high)} of {len(scored)} forms.")
        return said

    def _intervals(self, scored):
        """Whose intervals are sharpest for what they hold, and whose hold far less than they say."""
        from scipy.stats import binom

        said, known = [], scored[np.isfinite(scored.interval_score)].sort_values("interval_score", kind="stable")
        own = scored.interval_score.iloc[0]
        if len(known) and known.interval_score.iloc[0] < _AHEAD * own:
            said.append(
                f"By its {LEVEL:.0%} intervals {known.form.iloc[0]!r} is ahead: they score "
                f"{known.interval_score.iloc[0]:.3g}, those of {self.best!r} {own:.3g}; lower is better."
            )
        share = scored.held.dropna()
        runs = scored.intervals[share.index]
        short = share[binom.cdf((share * runs).round(), runs, LEVEL) < 0.05]
        if len(short):
            shares = _listed([f"{scored.form[row]!r} {held:.0%}" for row, held in short.items()], str)
            said.append(f"{LEVEL:.0%} intervals that hold far fewer of the held-out runs: {shares}. Do not quote them.")
        return said


def _listed(names, write=repr):
    *others, last = map(write, names)
    return f"{', '.join(others)} and {last}" if others else last


def _bounded(value):
    """An end of an interval: what is beyond a hundredth or a thousand times says no more than that."""
    return "<0.01" if value < 0.01 else ">1000" if value > 1000 else f"{value:.2g}" if value < 99 else f"{value:.0f}"
