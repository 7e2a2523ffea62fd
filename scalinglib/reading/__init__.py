"""Reading: people's own tables of runs, their columns found by name and their cells checked."""

from .headers import TableError
from .table import Table, read, read_table

__all__ = ["Table", "TableError", "read", "read_table"]
