"""Simulate: worlds with known truth, among them three families that run in an instant.

Each family is a learner whose loss falls with the examples D and with a size N, with exponents that theory
gives; its runs go straight into a fit. In none of them do the effects of size and examples simply add: on
noise-free grids the additive law fits ridge to 20% and both its exponents to 6%, but finds 0.68 for the
memoriser's size exponent of 0.5, and neighbours depend on the smaller of N and D alone.

A `Laboratory` is a world to be found: runs are bought from a budget, and the best size at a hundred times that
is submitted with an interval.
"""

from .draws import TARGET, WORLDS, draw_world
from .family import Exponents
from .generations import collapse
from .laboratory import Laboratory, Submission, laboratories
from .memoriser import ZipfMemoriser
from .neighbours import ManifoldNeighbours
from .one_pass import OnePassSGD
from .ridge import PowerLawRidge
from .scatter import fixed_scatter
from .scoring import Score, interval_score, score
from .teaching import LinearTeaching
from .tuning import SCHEDULES, Tuning
from .width import width_scan
from .world import SMALLEST_D, SMALLEST_N, Bend, World, lowest

__all__ = [
    "SCHEDULES",
    "SMALLEST_D",
    "SMALLEST_N",
    "TARGET",
    "WORLDS",
    "Bend",
    "Exponents",
    "Laboratory",
    "LinearTeaching",
    "ManifoldNeighbours",
    "OnePassSGD",
    "PowerLawRidge",
    "Score",
    "Submission",
    "Tuning",
    "World",
    "ZipfMemoriser",
    "collapse",
    "draw_world",
    "fixed_scatter",
    "interval_score",
    "laboratories",
    "lowest",
    "score",
    "width_scan",
]
