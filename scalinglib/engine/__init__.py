"""Engine: minimising a problem, with its starts, bounds and coordinates; the fits stand on it."""

from .newton import Solution, minimise
from .problem import Problem
from .starts import search

__all__ = ["Problem", "Solution", "minimise", "search"]
