"""Stock: how much text there is, how uncertain that is, and when runs would need all of it."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .trend import compute_trend

__all__ = ["TEXT_2024", "TextStock", "text_stock", "tokens_read"]

_95 = 2.0 * 1.959963984540054  # standard deviations in a 95% interval
_2024 = 2024.0
_FAR = 1000  # years: beyond, a rate of growth says nothing

# Villalobos et al. 2024, code of July 2024 (epoch-research/data-stock, indexed_web.py and stock_adjust.py): the ends of
# 95% intervals, and a middle between them where the source does not give another.
TEXT_2024 = MappingProxyType(
    {
        "pages": (75e9, (75e9 * 1e12) ** 0.5, 1e12),
        "bytes a page": (6100.0, (6100.0 * 8200.0) ** 0.5, 8200.0),
        "bytes a token": (2.0, 4.0, 5.0),
        "usable share": (0.1, 0.2, 0.4),
        "repetition": (2.0, 10.0**0.5, 5.0),
    }
)
_PAGE_GROWTH, _WEB_GROWTH = (1.02, 1.04), (1.0, 1.1)  # a year: the length of a page, and the number of pages
_GROWTH = float(np.sqrt(np.prod(_PAGE_GROWTH) * np.prod(_WEB_GROWTH)))


@dataclass(frozen=True)
class TextStock:
    """An uncertain, growing number of tokens, log-normal in every year.

    Attributes
    ----------
    tokens : float
        Its median at the start of 2024.
    spread : float
        Standard deviation of its natural logarithm.
    growth : float
        Factor a year.
    """

    tokens: float
    spread: float
    growth: float

    def quantile(self, probability: ArrayLike, year: ArrayLike) -> np.ndarray:
        """Tokens that the stock of a year is below with this probability; the two broadcast."""
        from scipy.special import ndtri

        wanted = arguments.real("probability", probability)
        arguments.refuse("probability", wanted, (wanted <= 0.0) | (wanted >= 1.0), "above 0 and below 1")
        years = arguments.real("year", year)
        arguments.refuse("year", years, np.abs(years - _2024) > _FAR, f"within {_FAR:,} years of {_2024:g}")
        wanted, years = arguments.together(probability=wanted, year=years)
        return self.tokens * np.exp(self.spread * ndtri(wanted)) * self.growth ** (years - _2024)

    def used_up(
        self,
        probability: ArrayLike,
        *,
        growth: float = 4.0,
        ratio: float = 20.0,
        start: float = 3.8e25,
        start_year: float = 2024.6,
    ) -> np.ndarray:
        """The year by which the largest run takes the whole stock, with this probability.

        The largest run grows from `start` in `start_year` by `growth` a year, and reads ``sqrt(ratio * C / 6)`` tokens:
        C = 6 N D with `ratio` tokens a parameter.

        Raises
        ------
        ValueError
            If what runs read grows no faster than the stock: then it never does.
        """
        ratio = arguments.scalar("ratio", ratio, positive=True)
        slope = 0.5 * np.log(arguments.scalar("growth", growth, positive=True)) - np.log(self.growth)
        if slope <= 0.0:
            raise ValueError(
                f"growth must be above {self.growth**2:.3g}, or the stock outgrows every run; got {growth:g}"
            )
        start_year = arguments.scalar("start_year", start_year)
        now = np.sqrt(ratio / 6.0) * np.sqrt(arguments.scalar("start", start, positive=True))
        return start_year + np.log(self.quantile(probability, start_year) / now) / slope

    def report(self) -> str:
        """A line a person can read."""
        low, middle, high = self.quantile([0.025, 0.5, 0.975], _2024)
        return f"{middle:.2g} tokens in 2024, 95% from {low:.2g} to {high:.2g}, growing {self.growth:.3g} times a year"


def tokens_read(year: ArrayLike, *, growth: float = 4.0, ratio: float = 20.0) -> np.ndarray:
    """Tokens that the largest run of a year reads, by the trend of `compute_trend` at `ratio` tokens a parameter."""
    ratio = arguments.scalar("ratio", ratio, positive=True)
    years = np.atleast_1d(arguments.real("year", year))
    C = np.array([compute_trend(growth, year=each) for each in years])
    return np.sqrt(ratio / 6.0) * np.sqrt(C)


def text_stock(*, repetition: float | None = None, usable: bool = True) -> TextStock:
    """The stock of public text that people wrote, as a product of its factors.

    Parameters
    ----------
    repetition : float, optional
        What reading it more than once multiplies it by: 1 for once. By default the source's 2 to 5, so that its printed
        300 trillion tokens hold that gain already.
    usable : bool, default True
        Whether only the share that is usable after cleaning counts.

    Returns
    -------
    TextStock

    Notes
    -----
    Villalobos et al. 2024 (arXiv 2211.04325v2) draw the same factors; here each is log-normal, so that products need no
    drawing.

    Examples
    --------
    >>> import scalinglib as sl
    >>> stock = sl.limits.text_stock()
    >>> print(stock.report())
    3.1e+14 tokens in 2024, 95% from 6.1e+13 to 1.5e+15, growing 1.08 times a year
    >>> float(stock.used_up(0.5).round(1))
    2030.0
    """
    chosen = dict(TEXT_2024)
    if repetition is not None:
        once = arguments.scalar("repetition", repetition, positive=True)
        arguments.refuse("repetition", np.asarray(once), not 1.0 <= once <= 1e6, "1, for once, to a million")
        chosen["repetition"] = (once, once, once)
    if not usable:
        del chosen["usable share"]
    powers = {"bytes a token": -1.0}
    tokens = np.prod([middle ** powers.get(name, 1.0) for name, (_, middle, _) in chosen.items()])
    spread = np.sqrt(np.sum([(np.log(high / low) / _95) ** 2 for low, _, high in chosen.values()]))
    return TextStock(float(tokens), float(spread), _GROWTH)
