"""Cuts: which runs are fitted and which larger ones are held out."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from .. import arguments

__all__ = ["Cut", "cut_runs"]

_SHARE = 1.0 / 3.0
_AT_LEAST = 3
_SAME = 1e-9  # relative; 6ND of one budget differs by rounding


@dataclass(frozen=True, eq=False)
class Cut:
    """One split: boolean masks of the runs that are fitted and of those that are held out."""

    seen: np.ndarray = field(repr=False)
    held: np.ndarray = field(repr=False)


def cut_runs(scale, *, held_out=None, largest=None, beyond=None, rows=None, splits=1, groups=None):
    """The cuts that compare_forms asks for; `scale` is (n,), above zero, and `groups` labels or None."""
    given = {"held_out": held_out, "largest": largest, "beyond": beyond, "rows": rows}
    chosen = [name for name, value in given.items() if value is not None]
    if len(chosen) > 1:
        raise ValueError(f"{' and '.join(chosen)} each say what is held out; give one")
    splits = arguments.whole("splits", splits, most=1000)
    if rows is not None:
        held = _mask(rows, len(scale))
        if splits > 1:
            raise ValueError("splits goes with a cut in scale, not with rows")
        return [_checked(~held, held)]
    log_scale = np.log(_of_groups(scale, groups))
    top, span = log_scale.max(), np.ptp(log_scale)
    if span <= _SAME:
        raise ValueError(f"every run has the same scale, {scale.max():.4g}: no larger one can be held out")
    cut = _place(log_scale, top, span, held_out, largest, beyond)
    edges = np.linspace(cut, top, splits + 1)
    edges[-1] = np.inf
    found = []
    for low, high in itertools.pairwise(edges):
        held = (log_scale > low) & (log_scale <= high)
        if held.any():  # a slice without runs asks nothing
            found.append(_checked(log_scale <= low, held))
    return found


def _place(log_scale, top, span, held_out, largest, beyond):
    """The logarithm of the scale above which runs are held out."""
    if beyond is not None:
        beyond = arguments.scalar("beyond", beyond, positive=True)
        if not np.log(beyond) < top:
            raise ValueError(f"beyond must be below the largest scale, {np.exp(top):.4g}; got {beyond:g}")
        return np.log(beyond)
    if largest is not None:
        largest = arguments.scalar("largest", largest, positive=True)
        if largest != int(largest) or largest >= len(log_scale):
            raise ValueError(
                f"largest must be a whole number below {len(log_scale)}, the number of runs; got {largest:g}"
            )
        return _below(log_scale, int(largest))
    share = _SHARE if held_out is None else arguments.scalar("held_out", held_out, positive=True)
    if share >= 1.0:
        raise ValueError(f"held_out is a share of the range of ln(scale), between 0 and 1; got {share:g}")
    cut = top - share * span
    # An even grid may have a run right on the cut; rounding should not decide where it goes.
    cut += _SAME * max(abs(top), 1.0)
    if held_out is None and (log_scale > cut).sum() < _AT_LEAST and len(log_scale) > _AT_LEAST:
        cut = _below(log_scale, _AT_LEAST)
    return cut


def _below(log_scale, count):
    """A cut just below the `count` largest scales, and below runs of the same scale as the last of them."""
    return np.sort(log_scale)[-count] - _SAME * max(np.abs(log_scale).max(), 1.0)


def _mask(rows, count):
    rows = np.asarray(rows)
    if rows.dtype != bool or rows.shape != (count,):
        raise ValueError(
            f"rows must be {count} values of true or false, one a run; got {rows.dtype} of shape {rows.shape}"
        )
    return rows


def _of_groups(scale, groups):
    """Each run's scale, or the largest of its group: a group is held out as a whole."""
    if groups is None:
        return scale
    member = arguments.labels("groups", groups, scale.size)[1]
    largest = np.zeros(member.max() + 1)
    np.maximum.at(largest, member, scale)
    return largest[member]


def _checked(seen, held):
    if not held.any() or not seen.any():
        raise ValueError(f"{seen.sum()} runs would be fitted and {held.sum()} held out; there must be some of both")
    return Cut(seen=seen, held=held)
