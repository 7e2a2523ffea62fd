"""Printed tables: rows as the papers print them, misprints included."""

from typing import TYPE_CHECKING

from .. import arguments

if TYPE_CHECKING:
    import pandas

__all__ = ["TABLES", "table"]

_HOFFMANN = "Hoffmann et al. 2022, arXiv 2203.15556"

_SIZES = (0.4e9, 1e9, 10e9, 67e9, 175e9, 280e9, 520e9, 1e12, 10e12)

# C in FLOP and D in tokens, in the order of _SIZES
_TABLE_3 = (
    (1.92e19, 8.0e9),
    (1.21e20, 20.2e9),
    (1.23e22, 205.1e9),
    (5.76e23, 1.5e12),
    (3.85e24, 3.7e12),
    (9.90e24, 5.9e12),
    (3.43e25, 11.0e12),
    (1.27e26, 21.2e12),
    (1.30e28, 216.2e12),
)
_TABLE_A3_APPROACH_2 = (
    (1.84e19, 7.7e9),
    (1.20e20, 20.0e9),
    (1.32e22, 219.5e9),
    (6.88e23, 1.7e12),
    (4.54e24, 4.3e12),
    (1.18e25, 7.1e12),
    (4.19e25, 13.4e12),
    (1.59e26, 26.5e12),
    (1.75e28, 292.0e12),
)
_TABLE_A3_APPROACH_3 = (
    (2.21e19, 9.2e9),
    (1.62e20, 27.1e9),
    (2.46e22, 410.1e9),
    (1.71e24, 4.1e12),
    (1.26e24, 12.0e12),
    (3.52e25, 20.1e12),
    (1.36e26, 43.5e12),
    (5.65e26, 94.1e12),
    (8.55e28, 1425.5e12),
)
# FLOP counted in full over 6 N D
_TABLE_A4 = ((73e6, 1.03), (305e6, 1.10), (552e6, 1.08), (1.1e9, 1.04), (1.6e9, 1.03), (6.8e9, 0.99))

# millions of parameters, d_model, ffw_size, kv_size, n_heads, n_layers
_TABLE_A9 = (
    (44, 512, 2048, 64, 8, 8),
    (57, 576, 2304, 64, 9, 9),
    (74, 640, 2560, 64, 10, 10),
    (90, 640, 2560, 64, 10, 13),
    (106, 640, 2560, 64, 10, 16),
    (117, 768, 3072, 64, 12, 12),
    (140, 768, 3072, 64, 12, 15),
    (163, 768, 3072, 64, 12, 18),
    (175, 896, 3584, 64, 14, 14),
    (196, 896, 3584, 64, 14, 16),
    (217, 896, 3584, 64, 14, 18),
    (251, 1024, 4096, 64, 16, 16),
    (278, 1024, 4096, 64, 16, 18),
    (306, 1024, 4096, 64, 16, 20),
    (425, 1280, 5120, 128, 10, 18),
    (489, 1280, 5120, 128, 10, 21),
    (509, 1408, 5632, 128, 11, 18),
    (552, 1280, 5120, 128, 10, 24),
    (587, 1408, 5632, 128, 11, 21),
    (632, 1536, 6144, 128, 12, 19),
    (664, 1408, 5632, 128, 11, 24),
    (724, 1536, 6144, 128, 12, 22),
    (816, 1536, 6144, 128, 12, 25),
    (893, 1792, 7168, 128, 14, 20),
    (1018, 1792, 7168, 128, 14, 23),
    (1143, 1792, 7168, 128, 14, 26),
    (1266, 2048, 8192, 128, 16, 22),
    (1424, 2176, 8704, 128, 17, 22),
    (1429, 2048, 8192, 128, 16, 25),
    (1593, 2048, 8192, 128, 16, 28),
    (1609, 2176, 8704, 128, 17, 25),
    (1731, 2304, 9216, 128, 18, 24),
    (1794, 2176, 8704, 128, 17, 28),
    (2007, 2304, 9216, 128, 18, 28),
    (2283, 2304, 9216, 128, 18, 32),
    (2298, 2560, 10240, 128, 20, 26),
    (2639, 2560, 10240, 128, 20, 30),
    (2980, 2560, 10240, 128, 20, 34),
    (3530, 2688, 10752, 128, 22, 36),
    (3802, 2816, 11264, 128, 22, 36),
    (4084, 2944, 11776, 128, 22, 36),
    (4516, 3072, 12288, 128, 24, 36),
    (6796, 3584, 14336, 128, 28, 40),
    (9293, 4096, 16384, 128, 32, 42),
    (11452, 4352, 17408, 128, 32, 47),
    (12295, 4608, 18432, 128, 36, 44),
    (12569, 4608, 18432, 128, 32, 47),
    (13735, 4864, 19456, 128, 32, 47),
    (14940, 4992, 19968, 128, 32, 49),
    (16183, 5120, 20480, 128, 40, 47),
)


def _optima(approach, rows):
    return [(approach, N, C, D) for N, (C, D) in zip(_SIZES, rows, strict=True)]


# name -> (source, column names, rows)
TABLES = {
    "hoffmann2022-3": (
        f"{_HOFFMANN}, Table 3: the optimum by Approach 1",
        ("approach", "N", "C", "D"),
        _optima(1, _TABLE_3),
    ),
    "hoffmann2022-A3": (
        f"{_HOFFMANN}, Table A3: the optimum by Approaches 2 and 3",
        ("approach", "N", "C", "D"),
        _optima(2, _TABLE_A3_APPROACH_2) + _optima(3, _TABLE_A3_APPROACH_3),
    ),
    "hoffmann2022-A4": (
        f"{_HOFFMANN}, Table A4: FLOP counted in full, as a ratio to 6 N D",
        ("N", "flop_ratio"),
        list(_TABLE_A4),
    ),
    "hoffmann2022-A9": (
        f"{_HOFFMANN}, Table A9: shapes of the trained models",
        ("params", "d_model", "ffw_size", "kv_size", "n_heads", "n_layers"),
        [(millions * 1_000_000, *shape) for millions, *shape in _TABLE_A9],
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
        N in parameters, C in FLOP, D in tokens; ``.attrs["source"]`` says where it stands.

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
    source, columns, rows = TABLES[name]
    frame = pandas.DataFrame(rows, columns=list(columns))
    frame.attrs["source"] = source
    return frame
