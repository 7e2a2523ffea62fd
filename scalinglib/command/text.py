"""Text: what is printed, fitted to the terminal."""

import shutil

from ..text import align, one_line, size
from ..text import fitted as fitted_to

__all__ = ["align", "columns_wide", "fitted", "one_line", "size"]

_WIDEST = 88


def columns_wide():
    """Columns to print in: those of the terminal (or COLUMNS), 88 at most."""
    return max(30, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))


def fitted(text):
    """The text with lines that are too wide for the terminal broken, each at its own indent."""
    return fitted_to(text, columns_wide())
