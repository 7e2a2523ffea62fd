"""Reading: people's own tables of runs, their columns found by name and their cells checked."""

__all__ = ["Table", "TableError", "read", "read_table"]


def __getattr__(name):
    # loaded when used: the command's help takes numbers from here and comes without numpy
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import table

    return getattr(table, name)
