"""Distance: how far a budget, or a size that is asked about, lies outside the runs, and what that is worth."""

from collections.abc import Mapping

from ..text import size

__all__ = ["Distance", "of_budget", "of_values"]

# Rounding in a budget such as 1e22 is no distance.
_SAME = 1.001
# A law in powers of N and D has been seen to hold some hundred times beyond its runs in compute. Beyond a
# million times the usual mistake is one of units. N and D each grow as about the root of C.
_FAR, _FAR_IN_C = (1e1, 1e3), (1e2, 1e6)


class Distance:
    """Where `value` lies to the `ends` of the runs.

    Parameters
    ----------
    quantity : str
        C, or a variable of the law.
    value : float
    ends : (float, float)
        The smallest and the largest among the runs.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.audit.Distance("C", 1e24, (1e19, 1e22)).words
    '100 times the largest run'
    >>> sl.audit.Distance("C", 1e10, (1e19, 1e22)).words
    '1e+09 times below the smallest run'
    >>> sl.audit.Distance("C", 1e20, (1e19, 1e22)).words
    ''
    """

    def __init__(self, quantity: str, value: float, ends: tuple[float, float]):
        self.quantity, self.value = quantity, value
        self.above = value > ends[0]
        self.times = max(value / ends[1], ends[0] / value)
        self.outside = self.times > _SAME
        warned, refused = _FAR_IN_C if quantity == "C" else _FAR
        self.far = self.times > warned * _SAME
        self.too_far = self.times > refused * _SAME

    @property
    def words(self) -> str:
        """How far outside, or nothing."""
        if not self.outside:
            return ""
        of = "run" if self.quantity == "C" else "seen"
        end = f"times the largest {of}" if self.above else f"times below the smallest {of}"
        return f"{self.times:.3g} {end}"

    @property
    def named(self) -> str:
        """The value with its words, as the start of a sentence."""
        if self.quantity == "C":
            return f"{size(self.value)} FLOP is {self.words}"
        return f"{self.quantity} = {size(self.value)} is {self.words}"


def of_budget(C: float, ends: tuple[float, float], *, intervals: bool) -> tuple[str, str, str]:
    """(words, warning, reason not to trust it) of a budget in FLOP; empty where there is nothing to say.

    `intervals` tells whether the answer comes with intervals, which a warning is about.
    """
    distance = Distance("C", C, ends)
    words = distance.words or "within the compute of the runs"
    return (words, *_weighed([distance], intervals))


def of_values(values: Mapping, seen: Mapping, *, intervals: bool) -> tuple[str, str, str]:
    """The same of values of variables, such as a size of model and its tokens: `seen` has the ends of each."""
    every = [Distance(name, value, seen[name]) for name, value in values.items() if value > 0.0 < seen[name][0]]
    words = ", ".join(f"{each.quantity} {each.words}" for each in every if each.outside)
    return (words, *_weighed(every, intervals))


def _weighed(distances, intervals):
    """The warning and the reason, one of them empty."""
    if any(each.too_far for each in distances):
        named = " and ".join(each.named for each in distances if each.too_far)
        return "", f"{named}, too far for a law of these runs; are all numbers in ones?"
    far = [each.named for each in distances if each.far]
    if not far:
        return "", ""
    tested = (
        "the interval holds if the law does, and no run has tested it there"
        if intervals
        else "no run has tested the law there"
    )
    return f"{' and '.join(far)}: {tested}", ""
