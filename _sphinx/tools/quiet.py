"""Measurements taken while the machine is ours: a host that lends processors takes them back at times.

Linux counts the time that the host gave to others ("steal"). What was measured meanwhile says more
about the host than about a page, and is set aside whatever it showed.
"""

from collections.abc import Callable
from pathlib import Path

STAT = Path("/proc/stat")
# Share of the time wanted that the host may take before a measurement is set aside.
LIMIT = 0.1


def ticks() -> tuple[int, int]:
    """Time worked and time taken by the host since the start; both 0 where the system does not count them."""
    try:
        user, nice, system, _, _, interrupts, soft, stolen = map(int, STAT.read_text().split("\n")[0].split()[1:9])
    except (OSError, ValueError):
        return 0, 0
    return user + nice + system + interrupts + soft, stolen


def taken(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The share of the time wanted between two readings that the host gave to others."""
    worked, stolen = after[0] - before[0], after[1] - before[1]
    return stolen / (worked + stolen) if stolen else 0.0


def measured(measure: Callable, *, runs: int, spare: int) -> tuple[list, int]:
    """Measure until `runs` readings were quiet, at most `spare` times more; how many of them were not.

    The order of the readings is that of their quietness, so where the host leaves no quiet moment the
    least disturbed ones are returned, and the number says how many they are.
    """
    readings = []
    while sum(share <= LIMIT for share, _ in readings) < runs and len(readings) < runs + spare:
        before = ticks()
        reading = measure()
        readings.append((taken(before, ticks()), reading))
    chosen = sorted(readings, key=lambda one: one[0])[:runs]
    return [reading for _, reading in chosen], sum(share > LIMIT for share, _ in chosen)
