"""Ladder: the small models of OLMo 2, and the larger ones that they were made to foretell."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

__all__ = ["LADDER_TASKS", "Ladder", "LadderTask", "ladder"]

# shares of the four parts of MMLU, in the source's src/scaling/utils.py
_MMLU = {"stem": 0.215, "humanities": 0.335, "social_sciences": 0.219, "other": 0.231}
_FROM = 2  # of a run's twelve checkpoints these are left out: of the first tenth a score says little
_LAST = 5  # checkpoints of the 13B model whose mean is its score, as in the source


@dataclass(frozen=True)
class LadderTask:
    """A multiple-choice task of the ladder.

    Attributes
    ----------
    name : str
        As it is called.
    key : str
        As in ``published.table("bhagia2024-13B")``.
    loss, score : str
        Columns: bits per byte of the right answer, and accuracy.
    chance : float
        What guessing scores.
    items : int
        Questions.
    """

    name: str
    key: str
    loss: str
    score: str
    chance: float
    items: int

    @property
    def choices(self) -> int:
        """Answers to choose from."""
        return round(1.0 / self.chance)


def _task(name, key, column, chance, items):
    return LadderTask(name, key, f"bpb_{column}", f"acc_{column}", chance, items)


LADDER_TASKS = (
    _task("MMLU", "mmlu", "mmlu_test", 0.25, 14042),
    _task("HellaSwag", "hellaswag", "hellaswag", 0.25, 10042),
    _task("ARC-Challenge", "arc_challenge", "arc_challenge_test", 0.25, 1172),
    _task("ARC-Easy", "arc_easy", "arc_easy_test", 0.25, 2376),
    _task("PIQA", "piqa", "piqa", 0.5, 1838),
    _task("CommonsenseQA", "csqa", "csqa", 0.2, 1221),
    _task("Social IQa", "socialiqa", "socialiqa", 1 / 3, 1954),
    _task("OpenBookQA", "openbookqa", "openbookqa_test", 0.25, 500),
)


@dataclass(frozen=True, eq=False)
class Ladder:
    """What Bhagia et al. 2024 fit, and what they foretell.

    Attributes
    ----------
    runs : pandas.DataFrame
        The last row of each of 16 runs: four sizes, four multiples.
    checkpoints : pandas.DataFrame
        Their rows from the third on.
    targets : pandas.DataFrame
        The 7B model after its annealing and the 13B model, the mean of its last five checkpoints.
    """

    runs: "pandas.DataFrame"
    checkpoints: "pandas.DataFrame"
    targets: "pandas.DataFrame"


def ladder() -> Ladder:
    """The table "olmo-ladder", split as in Bhagia et al. 2024 (arXiv 2412.04403), with MMLU as one task.

    Returns
    -------
    Ladder

    Examples
    --------
    >>> from scalinglib.emergence import ladder
    >>> import scalinglib as sl
    >>> rungs = sl.emergence.ladder()
    >>> len(rungs.runs), list(rungs.targets.index)
    (16, ['7B', '13B'])
    """
    import pandas

    from .. import runs

    table = runs.load("olmo-ladder")
    for kind in ("bpb", "acc"):
        table[f"{kind}_mmlu_test"] = sum(share * table[f"{kind}_mmlu_{part}_test"] for part, share in _MMLU.items())
    small = table[(table["role"] == "ladder") & (table["size"] != "3B") & (table["multiple"] >= 1.0)]
    small = small[~small["run"].str.contains("rerun")]
    numbers = table.select_dtypes("number").columns
    large = table[table["run"] == "olmo2-13_eval_final"].tail(_LAST)
    targets = {"7B": table.loc[table["run"] == "olmo2-7_eval_anneal", numbers].iloc[-1], "13B": large[numbers].mean()}
    targets["13B"][["N", "D", "C"]] = large[["N", "D", "C"]].iloc[-1]
    return Ladder(
        small.groupby("run").tail(1).reset_index(drop=True),
        small[small.groupby("run").cumcount() >= _FROM].reset_index(drop=True),
        pandas.DataFrame(targets).T,
    )
