"""Printed tables: rows as the papers print them, misprints included, and what is disclosed of published models."""

from pathlib import Path
from typing import TYPE_CHECKING

from .. import arguments

if TYPE_CHECKING:
    import pandas

__all__ = ["TABLES", "table"]

_HOFFMANN = "Hoffmann et al. 2022, arXiv 2203.15556"

# name of a table, and of the file beside this one -> source
TABLES = {
    "bhagia2024-13B": (
        "Bhagia et al. 2024, arXiv 2412.04403, as in their repository allenai/OLMo-ladder, src/scripts/paper/figures/"
        "chained_main.csv and step2_main.csv: accuracy of the 13B model, from the ladder and from its true loss"
    ),
    "hoffmann2022-3": f"{_HOFFMANN}, Table 3: the optimum by Approach 1",
    "hoffmann2022-A3": f"{_HOFFMANN}, Table A3: the optimum by Approaches 2 and 3",
    "hoffmann2022-A4": f"{_HOFFMANN}, Table A4: FLOP counted in full, as a ratio to 6 N D",
    "hoffmann2022-A9": f"{_HOFFMANN}, Table A9: shapes of the trained models",
    "language-models": (
        "sizes (as named by their makers, active parameters of a mixture of experts) and tokens of published language "
        "models, each row with its source; what was not disclosed is empty"
    ),
    "mcleish2025-shapes": (
        "McLeish et al. 2025, Gemstones, arXiv 2502.06857: width, depth and loss of 20 models, cooled down, at three "
        "numbers of tokens, rounded, as in mcleish7/gemstone-scaling-laws@1fb97a26b3a4ee647475ee3b46d67413b1844405, "
        "wandb_dfs/wandb_df_for_fitting_cool_end.jsonl; N with embeddings, nodes of the machine they ran on"
    ),
}


def table(name: str) -> "pandas.DataFrame":
    """A table as the paper prints it; nothing is corrected.

    Parameters
    ----------
    name : str
        One of ``published.table_names()``.

    Returns
    -------
    pandas.DataFrame
        N in parameters, C in FLOP, D in tokens, scores as shares; ``.attrs["source"]`` says where it stands.

    Raises
    ------
    UnknownNameError
        If the name is not known; the message gives the nearest ones.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.published.table("hoffmann2022-3").shape
    (9, 4)
    """
    import pandas

    if not isinstance(name, str) or name not in TABLES:
        raise arguments.unknown_name("printed table", name, TABLES)
    frame = pandas.read_csv(Path(__file__).with_name(f"{name}.csv"))
    frame.attrs["source"] = TABLES[name]
    return frame
