"""Thresholds: scales at which abilities were reported to appear, and a score that does start at a loss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["REPORTED_THRESHOLDS", "LossThreshold", "ReportedThreshold"]


@dataclass(frozen=True)
class ReportedThreshold:
    """Scale of the first model that was reported above chance, Wei et al. 2022 (arXiv 2206.07682v2), Table 1.

    Attributes
    ----------
    task, family : str
        What was asked, and of which models.
    C : float
        Training FLOP as printed.
    N : float
        Parameters as printed.
    """

    task: str
    family: str
    C: float
    N: float

    def report(self) -> str:
        """A line a person can read."""
        return f"{self.task}: {self.C:.2g} FLOP ({self.family}, {self.N / 1e9:g} billion parameters)"


REPORTED_THRESHOLDS = (
    ReportedThreshold("addition and subtraction, 3 digits", "GPT-3", 2.3e22, 13e9),
    ReportedThreshold("addition and subtraction, 4 to 5 digits", "GPT-3", 3.1e23, 175e9),
    ReportedThreshold("MMLU, 57 topics", "GPT-3", 3.1e23, 175e9),
    ReportedThreshold("toxicity classification", "Gopher", 1.3e22, 7.1e9),
    ReportedThreshold("truthfulness (TruthfulQA)", "Gopher", 5.0e23, 280e9),
    ReportedThreshold("MMLU, 26 topics", "Gopher", 5.0e23, 280e9),
    ReportedThreshold("MMLU, 30 topics", "Chinchilla", 5.0e23, 70e9),
    ReportedThreshold("word in context (WiC)", "PaLM", 2.5e24, 540e9),
)


@dataclass(frozen=True, kw_only=True)
class LossThreshold:
    """A score that stays at chance down to a loss and rises below it: a start that no ruler makes.

    ``ceiling - (ceiling - chance) * (loss - floor) / (threshold - floor)`` below the threshold, `chance`
    above. Du et al. 2024 (arXiv 2403.15796) report such a start near 2.2 nats on four of twelve tasks, for
    models of one corpus and one tokenizer, on two of them under continuous scores as well. They give no
    form: the straight rise is the plainest choice, and ours.

    Parameters
    ----------
    threshold : float
        Loss in nats at which the score leaves chance.
    floor : float
        Loss at which it would reach the ceiling, below `threshold`.
    chance, ceiling : float
        Scores from 0 to 1, chance below ceiling.

    Raises
    ------
    ValueError
        Naming the constant that is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.emergence.LossThreshold(threshold=2.2, floor=1.6, chance=0.25, ceiling=1.0)
    >>> law([2.6, 2.2, 1.9, 1.6]).round(3).tolist()
    [0.25, 0.25, 0.625, 1.0]
    """

    threshold: float
    floor: float
    chance: float = 0.0
    ceiling: float = 1.0

    def __post_init__(self):
        for name in ("threshold", "floor", "chance", "ceiling"):
            value = arguments.scalar(name, getattr(self, name), non_negative=True)
            object.__setattr__(self, name, value)
        if self.floor >= self.threshold:
            raise ValueError(f"floor must be below threshold = {self.threshold:g}; got {self.floor:g}")
        if not self.chance < self.ceiling <= 1.0:
            raise ValueError(f"chance must be below ceiling, and that at most 1; got {self.chance:g}, {self.ceiling:g}")

    def __call__(self, loss: ArrayLike) -> float | np.ndarray:
        """Score at `loss` nats per token (any shape)."""
        loss = arguments.real("loss", loss, positive=True)
        risen = np.clip((self.threshold - loss) / (self.threshold - self.floor), 0.0, 1.0)
        return self.chance + (self.ceiling - self.chance) * risen

    def report(self) -> str:
        """A paragraph a person can read."""
        return (
            f"Score {self.chance:g} down to a loss of {self.threshold:g} nats, then a straight rise to "
            f"{self.ceiling:g}\nat {self.floor:g} nats."
        )
