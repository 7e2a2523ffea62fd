"""Simulate: worlds with known truth, among them three families that run in an instant.

Each family is a learner whose loss falls with the examples D and with a size N, with exponents that theory
gives; its runs go straight into a fit. In none of them do the effects of size and examples simply add: on
noise-free grids the additive law fits ridge to 20% and both its exponents to 6%, but finds 0.68 for the
memoriser's size exponent of 0.5, and neighbours depend on the smaller of N and D alone.
"""

from .family import Exponents
from .generations import collapse
from .memoriser import ZipfMemoriser
from .neighbours import ManifoldNeighbours
from .ridge import PowerLawRidge
from .scatter import fixed_scatter
from .width import width_scan

__all__ = [
    "Exponents",
    "ManifoldNeighbours",
    "PowerLawRidge",
    "ZipfMemoriser",
    "collapse",
    "fixed_scatter",
    "width_scan",
]
