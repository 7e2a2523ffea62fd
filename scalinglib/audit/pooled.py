"""Pooled: rows that were fitted as independent runs of one experiment, and are not."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..text import wrapped
from .columns import split_by, varying
from .split import CHANCE, FEWEST_POINTS, POINT, merged, places, smooth, split

if TYPE_CHECKING:
    import pandas

__all__ = ["Finding", "Pooled", "PooledRunsWarning", "pooled"]

_WILD = 4.0  # residuals beyond this many robust standard deviations count as that many
_EXACT = 1e-7  # losses are not known this well: such residuals are rounding's
# One point: repeats of a run with another seed differ by a few tenths of a percent.
_APART, _SEEDS = 1.5, 0.015
# Checkpoints: the misfit of a law makes rows of one size go together, too; 240 public runs have 0.25.
_TOGETHER, _BLOCK = 0.3, 4
_TOLD = 4  # classes between the outermost that are told, too


class PooledRunsWarning(UserWarning):
    """Rows that belong together, or to different experiments, were fitted as independent runs of one."""


@dataclass(frozen=True)
class Finding:
    """One way in which rows are not independent runs of one experiment.

    Attributes
    ----------
    kind : {"points", "checkpoints", "column"}
        Rows of one point that differ too much, rows of one size that go together, or residuals that split
        by a column which is not in the law.
    column : str
        The column, or the variables whose rows were compared.
    size : float
        How far rows lie apart: the standard deviation within points, or how far the outermost classes lie
        apart, in ln loss; of checkpoints the correlation of residuals.
    chance : float
        How likely as much is where nothing is wrong; NaN where no chance was asked.
    grave : bool
        Whether the fit should not be relied on for it. A column of numbers may hold results and not settings: it is
        no reason by itself, unless it has few values that are compared at the same points.
    said, remedy : str
        What was found, and what to do, in sentences.
    """

    kind: str
    column: str
    size: float
    chance: float
    grave: bool
    said: str
    remedy: str


@dataclass(frozen=True)
class Pooled:
    """What speaks against taking rows as independent runs of one experiment; often nothing.

    Attributes
    ----------
    findings : tuple of Finding
    """

    findings: tuple

    def sentences(self) -> list:
        """What was found and what to do, a text a finding."""
        return [f"{finding.said} {finding.remedy}" for finding in self.findings]

    def report(self) -> str:
        """The sentences, or that nothing was found."""
        lines = self.sentences() or ["Nothing speaks against taking the rows as independent runs of one experiment."]
        return wrapped(lines)


def pooled(
    residuals: ArrayLike,
    variables: Mapping[str, ArrayLike],
    others: "pandas.DataFrame | None" = None,
    *,
    time: str = "D",
    groups: ArrayLike | None = None,
) -> Pooled:
    """Look for rows that are not independent runs of one experiment.

    Parameters
    ----------
    residuals : array_like, shape (n,)
        ln(loss / law) of the fit to all rows.
    variables : dict
        Name -> column (n,) of each variable of the law.
    others : pandas.DataFrame, optional
        Other columns of the table, n rows. Looked at are text of a dozen words and numbers that repeat;
        not columns with gaps, nor those that the variables foretell, such as a number of layers.
    time : str, default "D"
        The variable that grows within a run: rows that share all others may be its checkpoints.
    groups : array_like, shape (n,), optional
        Labels of rows that belong together. They are then taken as one, and not looked for.

    Returns
    -------
    Pooled
        ``.findings`` and ``.sentences()``.

    Notes
    -----
    Rows of one point: scatter within points against that of their means about the law, by F. Checkpoints:
    an F test of the sizes, and of every four rows of one size that follow each other in `time`. A column: an
    F test of its classes within points where four or more points hold several, else beside a quadratic in
    the logarithms of the variables; between sizes where rows look like checkpoints. Each at a chance of 1 in
    1,000, which columns share.

    Examples
    --------
    >>> import numpy as np, pandas, scalinglib as sl
    >>> rng = np.random.default_rng(0)
    >>> N, D = (np.repeat(z, 2) for z in (np.geomspace(1e8, 1e10, 40), rng.permutation(np.geomspace(1e9, 1e11, 40))))
    >>> corpus = np.tile(["web", "books"], 40)
    >>> off = np.where(corpus == "web", 0.02, -0.02) + 0.003 * rng.standard_normal(80)
    >>> print(sl.audit.pooled(off, {"N": N, "D": D}, pandas.DataFrame({"corpus": corpus})).findings[-1].said)
    Residuals split by column 'corpus': rows of 'web' lie 2.0% above and rows of 'books' 2.0% below one common law.
    """
    residuals = np.asarray(residuals, dtype=float)
    variables = {name: np.asarray(column, dtype=float) for name, column in variables.items()}
    if groups is not None:
        residuals, variables, others = _together(residuals, variables, others, groups)
    scatter = 1.4826 * float(np.median(np.abs(residuals)))
    if not scatter > _EXACT:
        return Pooled(())
    clipped = np.clip(residuals, -_WILD * scatter, _WILD * scatter)
    points = places(*variables.values(), within=POINT)
    found = _points(residuals, clipped, variables, points, others)
    if not found and time in variables and groups is None:
        found, size = _checkpoints(clipped, variables, points, time)
        if found and others is not None:  # rows of one size are then as good as one
            clipped, variables, others = _together(clipped, variables, others, size)
            points = places(*variables.values(), within=POINT)
    if others is not None:
        found += [_column(*each, variables) for each in split_by(clipped, variables, points, others)]
    return Pooled(tuple(found))


def _together(residuals, variables, others, groups):
    """Means over groups, and the columns that are the same all over each."""
    member = arguments.labels("groups", groups, len(residuals))[1]
    _, first = np.unique(member, return_index=True)
    residuals, *means = merged(member, residuals, *variables.values())
    if others is not None:
        steady = [name for name in others if others[name].iloc[first[member]].array.equals(others[name].array)]
        others = others[steady].iloc[first]
    return residuals, dict(zip(variables, means, strict=True)), others


def _points(residuals, clipped, variables, points, others):
    """Rows of one point that differ by more than their means stray, or than seeds make them differ."""
    from scipy.special import fdtrc, gammaincinv

    counts = np.bincount(points)
    spare = counts[counts > 1] - 1
    if len(spare) < FEWEST_POINTS:
        return []

    def squares(r):
        return np.bincount(points, weights=(r - merged(points, r)[0][points]) ** 2)[counts > 1]

    # over the median of chi squared, so that one spoilt pair does not speak for all
    within = float(np.sqrt(np.median(squares(residuals) / (2.0 * gammaincinv(0.5 * spare, 0.5)))))
    means, *columns = merged(points, clipped, *variables.values())
    weight = np.sqrt(counts)
    basis = smooth(columns) * weight[:, None]
    left = means * weight - basis @ np.linalg.lstsq(basis, means * weight, rcond=None)[0]
    free = len(means) - basis.shape[1]
    between = float(np.sqrt((left**2).sum() / free)) if free > 0 else np.inf
    F = squares(clipped).sum() / spare.sum() / max(between, 1e-12) ** 2
    chance = float(fdtrc(spare.sum(), free, F)) if free > 0 else 1.0
    differ = chance < CHANCE and within > _APART * between
    if not differ and within < _SEEDS:
        return []
    names = " and ".join(variables)
    against = f", where their means stray from the law by {between:.2%}" if differ else ""
    said = (
        f"Rows of the same {names} differ by {within:.1%} (standard deviation within {len(spare)} such points, "
        f"{int(counts[counts > 1].sum())} of {len(points)} rows){against}: more than runs of one recipe do."
    )
    vary = [] if others is None else varying(clipped, points, others)
    if vary:
        said += f" There {', '.join(vary)} var{'ies' if len(vary) == 1 else 'y'}."
    remedy = (
        f"If they differ in learning rate, data or recipe, keep the best of each {names} (--best-of-pair), fit one "
        "recipe alone (--where), or each with constants of its own (--form chinchilla --by COLUMN; by= in Python)."
    )
    return [Finding("points", names, within, chance if differ else float("nan"), True, said, remedy)]


def _checkpoints(residuals, variables, points, time):
    """Rows of one size whose residuals go together, and the size of each row, numbered."""
    names = [name for name in variables if name != time]
    if not names:
        return [], None
    residuals, when, *fixed = merged(points, residuals, variables[time], *(variables[name] for name in names))
    size = places(*fixed, within=POINT)
    counts = np.bincount(size)
    if counts[counts > 2].sum() < 0.5 * len(size):
        return [], None
    order = np.lexsort((when, size))
    place = np.empty(len(size), dtype=int)
    place[order] = np.arange(len(size)) - (np.cumsum(counts) - counts)[size[order]]
    block = place * np.maximum(counts // _BLOCK, 1)[size] // counts[size]
    follow = np.unique(size * len(size) + block, return_inverse=True)[1]
    basis = smooth([when, *fixed])
    found = max((split(residuals, basis, member) for member in (size, follow)), key=_strength)
    if _strength(found) < _TOGETHER:
        return [], None
    name = " and ".join(names)
    said = (
        f"Rows of one {name} go together: the residuals of those that follow each other in {time} have a "
        f"correlation of {found.share:.2f}, where independent runs have none."
    )
    remedy = (
        "If they are checkpoints of one run, intervals that count each as a run are too narrow: name the run of "
        "each row, groups= in Python, --group in the command. If each is a run of its own, the law misses "
        f"something in {name}."
    )
    return [Finding("checkpoints", name, found.share, found.p, False, said, remedy)], size[points]


def _strength(found):
    return found.share if found.p < CHANCE else 0.0


def _column(name, labels, found, numeric, setting, variables):
    high, low = int(np.argmax(found.means)), int(np.argmin(found.means))
    above, below = np.expm1(found.means[high]), -np.expm1(found.means[low])
    rows = f"rows with {name} =" if numeric else "rows of"
    said = (
        f"Residuals split by column {name!r}: {rows} {labels[high]} lie {above:.1%} above and {rows} {labels[low]} "
        f"{below:.1%} below one common law"
    )
    others = [k for k in np.argsort(-found.means) if k not in (high, low)]
    if 0 < len(others) <= _TOLD:
        said += f" ({', '.join(f'{labels[k]} {np.expm1(found.means[k]):+.1%}' for k in others)})"
    said += "."
    best = f"keep the best of each {' and '.join(variables)} (--best-of-pair)"
    alone = shlex.quote(f"{name} = {labels[low][1:-1] if not numeric else labels[low]}")
    if not setting:
        remedy = f"If it is a setting and no result, {best}, or only rows alike in it (--where)."
    elif numeric:
        remedy = f"{best[0].upper()}{best[1:]}, or only rows alike in it (--where {alone})."
    else:
        remedy = (
            f"Fit one alone (--where {alone}), each with constants of its own (--form chinchilla --by "
            f"{shlex.quote(name)}; by={name!r} in Python), or {best}."
        )
    chance, size = found.p, float(found.means[high] - found.means[low])
    return Finding("column", name, size, chance, setting, said, remedy)
