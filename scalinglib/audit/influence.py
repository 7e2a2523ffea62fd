"""The influence of single runs, or of groups of them: what the fit would say without them."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..parallel import run_pieces
from ..text import wrapped
from .optima import absolute_corners
from .refits import LEAST_GROUPS, decide, few, left_out, refit, search_without

__all__ = ["Influence", "influence_of"]

_DECIDING = 5
_OTHERS = 3  # next optima from which refits of a few runs start, too


@dataclass(frozen=True, eq=False)
class Influence:
    """What single runs, and five that a greedy search finds to matter together, do to the fit.

    Told for a Chinchilla fit and its N_opt; of other forms the table has their own variables and constants, and
    ``change_log_prediction`` at the audit's point in place of ``change_log_N_opt``.

    Where runs come in groups, read group for run: whole groups are left out.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a run, in the order given: N, D, loss, residual, and what leaving the run out adds to E,
        alpha, beta, a and ln N_opt at the budget (change_E, ..., change_log_N_opt; NaN where the other
        runs have no optimum). ``exact`` tells refitted rows from those estimated by one Newton step.
        With groups one row a group, its label in the index, and ``rows``, how many runs it holds, in
        place of N, D, loss and residual.
    deciding : tuple
        Rows, or labels of groups, whose joint removal moves ln N_opt far, in the order in which a greedy
        search found them; up to five, fewer where fewer than six runs or three groups would be left, empty
        where none can be spared or N_opt is open. Others may move it more: of 12 to 16 simulated runs some
        other five did in two studies of three, of 24 or 40 some other three in one of four.
    without_deciding : ChinchillaLaw, dict of constants, or None
        The law of the other runs.
    name, moved, change : str
        What is asked of the law, its column in the table, and how it differs without those, in words.
    least : int
        Fewest runs that fix a law and say how sure it is.
    method : str
        How the table was made, in a sentence.
    refused : str
        Why there is no table, where there is none; else empty.
    open : bool
        Whether the runs leave the split undetermined, so that it means nothing which runs decide it.
    of : {"row", "group"}
        What was left out.
    """

    table: object = field(repr=False)
    deciding: tuple
    without_deciding: object
    method: str
    name: str
    moved: str
    least: int
    change: str = ""
    refused: str = ""
    open: bool = False
    of: str = "row"

    def sentences(self) -> list[str]:
        """Which runs the headline rests on: a list of sentences."""
        if self.refused:
            return [self.refused]
        whole = "run" if self.of == "row" else self.of
        if self.open:
            return [f"Since {self.name} is not determined, no {whole}s are named that decide it."]
        change = self.table[self.moved]
        lines = []
        if change.notna().any():
            row = change.abs().idxmax()
            moved = f"without it {self.name} is {_change(change[row])}"
            held = "" if self.of == "row" else f" ({_count(self.table.rows[row], 'row')})"
            lines.append(f"The {whole} that moves {self.name} most by itself is {self.of} {row}{held}: {moved}.")
        if change.isna().any():
            lost = self._named(change.index[change.isna()])
            lines.append(f"Without {lost} in turn the others reach no optimum.")
        if self.without_deciding is None:
            return [*lines, f"No {whole}s are named that decide it together: the others would fix no law."]
        count, total = len(self.deciding), len(self.table)
        word = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}[count]
        named = self._named(self.deciding) if self.of == "row" else _listed(self.deciding)
        lines.append(f"Without {word} of {total} {whole}s ({named}) {self.change}.")
        found = "them" if count > 1 else "it"
        lines.append(f"A greedy search found {found}: another {word} may move {self.name} further.")
        if count < _DECIDING:
            least = "" if self.of == "row" else f" or {LEAST_GROUPS} groups"
            lines.append(f"Taking out more would leave fewer than {self.least} runs{least}.")
        return lines

    def _named(self, rows):
        return f"{self.of}{'s' if len(rows) > 1 else ''} {_listed(rows)}"

    def report(self) -> str:
        """The sentences, and how the table was made."""
        return wrapped(filter(None, [*self.sentences(), self.method]))


def _change(log_change):
    factor = np.exp(min(abs(log_change), 700.0))
    if factor >= 2.0:
        return f"{factor:.3g} times {'larger' if log_change > 0 else 'smaller'}"
    return f"{abs(np.expm1(log_change)):.2%} {'larger' if log_change > 0 else 'smaller'}"


def _listed(rows):
    rows = list(rows)
    more = f" and {len(rows) - 8} more" if len(rows) > 8 else ""
    return ", ".join(map(str, rows[:8])) + more


def _count(number, what):
    return f"{number} {what}{'s' if number != 1 else ''}"


def _too_few(runs, groups, fewest):
    """Why nothing can be left out of these, or an empty sentence; `groups` is None for runs alone."""
    if runs < fewest:
        count, what, least = runs, "run", fewest
    elif groups is not None and groups <= LEAST_GROUPS:
        count, what, least = groups, "group", LEAST_GROUPS + 1
    else:
        return ""
    are = "is" if count == 1 else "are"
    return f"{_count(count, what)} {are} too few to leave one out: {least} are needed to say which {what} decides what."


def influence_of(posed, ends, *, question, columns, open_split, groups=None):
    """The Influence of the runs of a fit on its constants and on the answer to a question.

    `ends` (k, P) are other optima of the same objective, lowest first, in the engine's constants. `columns` are those
    of the runs to show. `groups` are labels (g,) and the place of each run's label among them (n,).
    """
    import pandas

    n, problem, theta = posed.runs, posed.problem, posed.theta
    labels, member = (None, np.arange(n)) if groups is None else groups
    index = pandas.RangeIndex(n, name="row") if groups is None else pandas.Index(labels, name="group")
    common = {"name": question.name, "moved": question.moved, "open": open_split, "of": index.name}
    common["least"] = problem.theta_size + 1
    refused = _too_few(n, None if groups is None else len(index), common["least"])
    if refused:
        return Influence(table=None, deciding=(), without_deciding=None, method="", refused=refused, **common)

    columns = {"rows": np.bincount(member)} if groups is not None else columns
    member = posed.member(member)
    absolute, corners = posed.absolute, (problem.delta,)
    if absolute:
        corners = absolute_corners(problem.residuals(theta[None]))
        theta = refit(problem, theta[None, None], np.empty((1, 0), dtype=int), member, corners)[0][0]
    starts = np.concatenate([theta[None], ends[: _OTHERS if few(member) else 0]])
    change, exact, method = left_out(problem, starts, corners, question, member)
    if absolute:
        method += " Huber's objective with a corner well below the scatter stood in for absolute values."
    before = posed.constants(theta[None])
    with np.errstate(invalid="ignore", divide="ignore"):
        after = posed.constants(theta + change)
        moved = question.value(theta + change) - question.value(theta[None])[0]
    columns = columns | {f"change_{name}": after[name] - before[name] for name in question.shown}
    table = pandas.DataFrame({**columns, question.moved: moved, "exact": exact}, index=index)

    count = 0 if open_split else _DECIDING
    if absolute:  # where single vertices do not stop the search
        problem = replace(problem, delta=corners[0])
    pieces = [(problem, starts, question, sign, count, member) for sign in (1.0, -1.0)]
    sets = [(out, end) for out, end in run_pieces(decide, pieces, label="deciding runs") if out]
    if not sets:
        return Influence(table=table, deciding=(), without_deciding=None, method=method, **common)
    ends = [search_without(problem, starts, out, end, absolute, member) for out, end in sets]
    own = question.value(posed.theta[None])[0]
    moves = [abs(question.value(end[None])[0] - own) for end in ends]
    best = int(np.argmax(np.nan_to_num(moves, nan=-1.0)))
    law = question.law(ends[best])
    if law is None:
        return Influence(table=table, deciding=(), without_deciding=None, method=method, **common)
    named = list(index)  # labels as they print
    deciding = tuple(named[group] for group in sets[best][0])
    said = question.change(question.law(posed.theta), law)
    return Influence(table=table, deciding=deciding, without_deciding=law, method=method, change=said, **common)
