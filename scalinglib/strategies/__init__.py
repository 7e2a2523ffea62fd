"""Strategies: how a laboratory is played, from the careful to the careless; the lines that a class is measured against.

Each takes a `simulate.Laboratory`, buys what it wants and submits. They use the library as a reader of the course would
and know nothing of the world.
"""

from .careless import cheap_runs, guess, ladder
from .isoflop import buy_isoflop, isoflop_bootstrap, isoflop_residuals
from .play import STRATEGIES, play

__all__ = [
    "STRATEGIES",
    "buy_isoflop",
    "cheap_runs",
    "guess",
    "isoflop_bootstrap",
    "isoflop_residuals",
    "ladder",
    "play",
]
