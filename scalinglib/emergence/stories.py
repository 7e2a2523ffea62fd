"""Stories: places that fail one by one against answers known whole, at the same exact match."""

from dataclasses import dataclass, field

import numpy as np

from .. import arguments

__all__ = ["TwoStories", "two_stories"]

RECORDS = ("digits", "right-or-wrong")


@dataclass(frozen=True, eq=False)
class TwoStories:
    """Two accounts of the same share of right answers, and what tells them apart.

    Attributes
    ----------
    digits : int
        Places k in an answer.
    p, share, chance : float
        Chance that a place is right, share of answers that are all or nothing, chance of a lucky place.
    exact_match : float
        Share of answers right in every place: p**k, by either account.
    known : float
        Of the all-or-nothing answers, the share known whole.
    one_by_one, mixed : numpy.ndarray, shape (k + 1,)
        Share of answers with 0, 1, ..., k places right, by each account.
    """

    digits: int
    p: float
    share: float
    chance: float
    exact_match: float
    known: float
    one_by_one: np.ndarray = field(repr=False)
    mixed: np.ndarray = field(repr=False)
    log_one_by_one: np.ndarray = field(repr=False)
    log_mixed: np.ndarray = field(repr=False)

    @property
    def mean_share(self) -> float:
        """Mean share of places right where some answers are all or nothing; one by one it is p."""
        return float(self.mixed @ np.arange(self.digits + 1) / self.digits)

    def evidence(self, *, record: str = "digits") -> tuple[float, float]:
        """Nats that one answer gives on average: (if one by one is true, if mixed is true).

        The Kullback-Leibler divergence of the true account from the other.

        Parameters
        ----------
        record : {"digits", "right-or-wrong"}
            What is written down of an answer: how many places are right, or whether all are.

        Returns
        -------
        tuple of float
            Both 0 for "right-or-wrong", where the accounts agree, and for a single digit.
        """
        if arguments.one_of("record", record, RECORDS) == "right-or-wrong":
            return 0.0, 0.0
        difference = self.log_one_by_one - self.log_mixed
        if np.abs(difference).max() < 1e-12:  # the same but for rounding, which would count as evidence
            return 0.0, 0.0
        return float(self.one_by_one @ difference), float(-self.mixed @ difference)

    def answers_for(self, odds: float = 1000.0, *, record: str = "digits") -> float:
        """Answers that bring `odds` to 1 for the true account, on average and in the harder direction.

        Returns
        -------
        float
            ln(odds) over the smaller evidence; infinite where an answer tells nothing.
        """
        odds = arguments.scalar("odds", odds, positive=True)
        arguments.refuse("odds", np.asarray(odds), odds <= 1.0, "above 1")
        least = min(self.evidence(record=record))
        return float(np.log(odds) / least) if least > 0.0 else float("inf")

    def report(self) -> str:
        """A paragraph a person can read."""
        first, second = self.evidence()
        answers = self.answers_for()
        verdict = (
            f"{np.ceil(answers):,.0f} answers give odds of 1,000 to 1"
            if np.isfinite(answers)
            else "no number of answers can tell them apart, since they are the same"
        )
        return (
            f"{self.digits} digits, each right with chance {self.p:g}; {self.share:.0%} of answers all or "
            f"nothing\nRight or wrong: both stories say {self.exact_match:.1%}; no number of answers can "
            f"decide.\nCounting digits: {first:.3g} nats an answer if digits fail one by one,\n  {second:.3g} if some "
            f"answers are all or nothing; {verdict}."
        )


def two_stories(*, digits: int, p: float, share: float, chance: float = 0.1) -> TwoStories:
    """Compare digits that fail one by one with answers that are all or nothing, at the same exact match.

    One by one the number of right places is Binomial(k, p). In the other account a `share` of answers is
    either known whole, with the chance that leaves the exact match at p**k, or guessed: Binomial(k, chance).

    Parameters
    ----------
    digits : int
        Places k in an answer, 1 or more.
    p : float
        Chance that a place is right, from `chance` to below 1.
    share : float
        Share of answers that are all or nothing, above 0 and up to 1.
    chance : float, default 0.1
        Chance that a guessed place is right, above 0: 0.1 for a digit.

    Returns
    -------
    TwoStories

    Raises
    ------
    ValueError
        Naming the argument that is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> stories = sl.emergence.two_stories(digits=10, p=0.9, share=0.2)
    >>> round(stories.answers_for(1000), 2), stories.answers_for(1000, record="right-or-wrong")
    (47.75, inf)
    >>> print(stories.report())
    10 digits, each right with chance 0.9; 20% of answers all or nothing
    Right or wrong: both stories say 34.9%; no number of answers can decide.
    Counting digits: 0.145 nats an answer if digits fail one by one,
      1.91 if some answers are all or nothing; 48 answers give odds of 1,000 to 1.
    """
    from scipy.stats import binom

    digits = arguments.seed("digits", digits)
    p, share = arguments.scalar("p", p), arguments.scalar("share", share)
    chance = arguments.scalar("chance", chance)
    arguments.refuse("digits", np.asarray(digits), digits < 1, "1 or more")
    arguments.refuse("chance", np.asarray(chance), not 0.0 < chance < 1.0, "above 0 and below 1")
    arguments.refuse("p", np.asarray(p), not chance <= p < 1.0, f"at least {chance:g}, a guess, and below 1")
    arguments.refuse("share", np.asarray(share), not 0.0 < share <= 1.0, "above 0 and at most 1")
    exact, lucky = p**digits, chance**digits
    known = (exact - lucky) / (1.0 - lucky)
    counts = np.arange(digits + 1)
    log_single = binom.logpmf(counts, digits, p)
    whole = np.where(counts == digits, known, 0.0)
    with np.errstate(divide="ignore"):  # no weight on an account is a logarithm of minus infinity
        log_whole = np.logaddexp(np.log(whole), np.log1p(-known) + binom.logpmf(counts, digits, chance))
        log_mixed = np.logaddexp(np.log1p(-share) + log_single, np.log(share) + log_whole)
    parts = [np.exp(log_single), np.exp(log_mixed), log_single, log_mixed]
    for part in parts:
        part.setflags(write=False)
    return TwoStories(digits, p, share, chance, float(exact), float(known), *parts)
