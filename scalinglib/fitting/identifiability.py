"""Identifiability: the warning of fits whose runs leave constants open."""

__all__ = ["IdentifiabilityWarning"]


class IdentifiabilityWarning(UserWarning):
    """The runs leave constants of the law undetermined; the fit's numbers for them mean nothing."""
