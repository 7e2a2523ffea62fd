"""Failures: what can go wrong between the name of a table and its rows."""


class TableUnavailableError(OSError):
    """The table is not here and could not be downloaded; the message says where to put it."""


class TableHashError(ValueError):
    """The file found or downloaded is not the one whose SHA-256 is known; it is not used."""


class TableLayoutError(ValueError):
    """A file does not have the layout it is read by; the message says which part is missing."""
