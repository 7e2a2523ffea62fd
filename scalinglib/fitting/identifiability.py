"""Identifiability: the warning of fits whose runs leave constants open."""

__all__ = ["IdentifiabilityWarning"]


class IdentifiabilityWarning(UserWarning):
    """The runs leave constants of the law, or what it is asked for, undetermined or nearly so."""
