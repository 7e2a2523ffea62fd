"""Uncertain: what every fit can be asked about how sure it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

if TYPE_CHECKING:
    import pandas

    from ..allocation import Speedup
    from ..audit import Doubts, Strays
    from ..reports import ReportCard
    from ..uncertainty import Bootstrap, Interval, Profile

__all__ = ["Uncertain"]


class Uncertain:
    """A fit with ``.posed``, the engine's view of it, and ``.objective``."""

    own_groups = None  # labels (n,) of runs that belong together, where the fit was told

    @property
    def asked(self) -> "Uncertain":
        """The fit that intervals are asked of."""
        return self

    def bootstrap(
        self, resamples: int = 4000, *, seed: int, groups: ArrayLike | None = None, method: str = "runs"
    ) -> "Bootstrap":
        """Laws fitted to resamples of the runs, or of whole groups of them: see uncertainty.bootstrap.

        `seed` has no default: whoever quotes the interval names it. What draws by itself, as `optimum`, takes seed 0.
        """
        from ..uncertainty import bootstrap

        groups = self.asked.own_groups if groups is None and method != "residual" else groups
        return bootstrap(self.asked, resamples, seed=seed, groups=groups, method=method)

    def strays(self) -> "Strays":
        """The runs that lie more than five times the usual off the law: see audit.strays."""
        from ..audit import strays_of

        return strays_of(self.asked)

    def doubts(self, *, bootstrap: "Bootstrap | None" = None, others: "pandas.DataFrame | None" = None) -> "Doubts":
        """What speaks against using the fit as it is.

        Parameters
        ----------
        bootstrap : Bootstrap, optional
            Resamples of this fit, whose own doubts then count, too.
        others : pandas.DataFrame, optional
            Other columns of the table, n rows in the order of the runs: what residuals may split by. `sl.fit` knows
            those of the table it was given.

        Returns
        -------
        Doubts
            Each says what is wrong and what to do; ``.trusted`` is whether none is grave.
        """
        from ..audit import doubts_of

        return doubts_of(self, bootstrap, others)

    def report_card(self, **how: object) -> "ReportCard":
        """The fit with its intervals, a plan and its doubts as text, as a page and as JSON: see reports.report_card."""
        from ..reports import report_card

        return report_card(self.asked, **how)

    def profile(self, *, groups: ArrayLike | None = None, scatter: str = "unequal") -> "Profile":
        """Intervals from the level sets of the objective, no draws needed: see uncertainty.profile."""
        from ..uncertainty import profile

        groups = self.asked.own_groups if groups is None and scatter == "unequal" else groups
        return profile(self.asked, groups=groups, scatter=scatter)

    def speedup(
        self,
        over: "Uncertain | str",
        *,
        loss: ArrayLike | None = None,
        budget: ArrayLike | None = None,
        floor: float | None = None,
        cost: str = "6 * N * D",
        given: Mapping[str, float] | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
        family: str | None = None,
        over_family: str | None = None,
        paired: bool | None = None,
        level: float = 0.8,
        resamples: int = 1000,
        seed: int = 0,
    ) -> "Speedup":
        """How many times less compute this fit's law needs for a loss than another's: see allocation.speedup_of."""
        from ..allocation import speedup_of

        where = {"loss": loss, "budget": budget, "floor": floor, "cost": cost, "given": given, "bounds": bounds}
        which = {"family": family, "over_family": over_family, "paired": paired}
        return speedup_of(self, over, **where, **which, level=level, resamples=resamples, seed=seed)

    def predict(self, *values: ArrayLike, level: float = 0.8, new_run: bool = False, **named: ArrayLike) -> "Interval":
        """The law at its variables (broadcast) with its profile interval, of "lad" with that of 1,000 resamples.

        Parameters
        ----------
        values, named : array_like
            The variables, in their order or by name; with families the family's label, too.
        level : float
        new_run : bool
            Add the scatter of a single new run.

        Returns
        -------
        Interval
            ``.value``, ``.low`` and ``.high``.
        """
        how = self.bootstrap(1000, seed=0) if self.objective == "lad" else self.profile()
        return how.predict(*values, level=level, new_run=new_run, **named)
