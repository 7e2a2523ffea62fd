"""Doubts: what in a table looks like another unit, another quantity or rows that belong together."""

import numpy as np

from .cells import short
from .notes import measured_cost

__all__ = ["doubts"]

# ln of 100,000: a model that guesses among the tokens of a usual vocabulary is not above it
_GUESSING = 11.6
# in millions, models to 1e11 parameters and tokens to 1e13 stay below these
_SMALL_MODEL, _SMALL_DATA = 1e5, 1e7
_SCALED = "if it is in millions or billions, say --scale {}=1e6 or --scale {}=1e9"


def doubts(table):
    """Sentences about a Table of N, D and loss that a reader should weigh before the numbers; often none.

    Nothing here stops a fit: small worlds with small N, and losses of another kind, do exist.

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib.reading import Table
    >>> values = {"N": np.array([0.07, 0.4, 1.4]), "D": np.array([1e9, 1e10, 3e10]), "loss": np.ones(3)}
    >>> table = Table("runs.csv", "", values, {}, None, None, np.arange(3))
    >>> print(doubts(table)[0])
    N is at most 1.4: if it is in millions or billions, say --scale N=1e6 or --scale N=1e9
    """
    N, D, loss = (table.values[name] for name in ("N", "D", "loss"))
    return [
        *table.notes,
        *_sizes(N, D),
        *_losses(N * D, loss, table.loss_unit),
        *_compute(N, D, table.given_C),
        *_rows(table, N, D, loss),
    ]


def _sizes(N, D):
    if N.max() < _SMALL_MODEL:
        yield f"N is at most {N.max():.3g}: {_SCALED.format('N', 'N')}"
    if D.max() < _SMALL_DATA:
        yield f"D is at most {D.max():.3g}: {_SCALED.format('D', 'D')}"
    ratio = float(np.median(D / N))
    if N.max() >= _SMALL_MODEL and D.max() >= _SMALL_DATA:
        if ratio < 0.05:
            yield f"the middle run has {ratio:.2g} tokens a parameter: are N and D swapped, or other units?"
        elif ratio > 1e5:
            yield f"the middle run has {ratio:.2g} tokens a parameter: is N in thousands or millions?"


def _losses(compute, loss, unit):
    if loss.max() > 20.0:
        yield f"losses reach {loss.max():.3g}: if they are perplexities, say --loss-unit perplexity"
    elif loss.max() > _GUESSING:
        yield f"losses reach {loss.max():.3g}, above guessing in nats: if they are bits, say --loss-unit bits"
    if loss.max() <= 1.0 and unit == "nats per token":
        yield "all losses are at most 1: bits a byte, an error rate or an accuracy is not nats per token"
    if len(loss) > 4 and np.ptp(loss) > 0 and np.ptp(compute) > 0:
        ranks = [np.argsort(np.argsort(z, kind="stable"), kind="stable") for z in (compute, loss)]
        if np.corrcoef(*ranks)[0, 1] > 0.3:
            yield (
                "loss rises with N D: are the columns mixed up? Of an accuracy a law that rises is --y COLUMN "
                "--form 'ceiling - A / N**alpha - B / D**beta'"
            )


def _compute(N, D, C):
    if C is None:
        return
    ratio = C / (6.0 * N * D)
    low, middle, high = np.quantile(ratio, [0.0, 0.5, 1.0])
    if not 0.8 <= middle <= 1.25 or low < 0.5 or high > 2.0:
        yield (
            f"the column of C is {middle:.3g} times 6 N D in the middle run ({low:.3g} to {high:.3g}): "
            "other counting, or other units; budgets here mean 6 N D, and plan --cost "
            f"{measured_cost(N, D, C)!r} spends it as measured"
        )


def _rows(table, N, D, loss):
    distinct = len(np.unique(np.stack([N, D, loss]), axis=1).T)
    if distinct < len(N):
        count = len(N) - distinct
        yield f"{count} row{'s' if count > 1 else ''} repeat{'' if count > 1 else 's'} another exactly"
    if table.groups is not None:
        return
    if table.run_column is not None:
        name = short(table.run_column)
        yield (
            f"rows share labels in column {name}: --group {name} keeps them together, "
            "without it intervals are too narrow"
        )
    elif len(N) >= 50 and len(np.unique(N)) * 10 <= len(N) and len(np.unique(N * D)) > 0.9 * len(N):
        yield (
            f"{len(N)} rows have {len(np.unique(N))} different N: if they are checkpoints of a few runs, "
            "name the column of the run with --group, or intervals are too narrow"
        )
