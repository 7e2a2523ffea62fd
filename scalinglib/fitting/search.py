"""Search: how the search for a fit ended, in words."""

__all__ = ["ended"]


def ended(fit) -> str:
    """Whether a fit converged, and from how many of its starts.

    A form with several optima has many starts so that the lowest is met: one that reaches it is enough.

    Examples
    --------
    >>> from types import SimpleNamespace as Fit
    >>> print(ended(Fit(converged=True, starts=10, starts_agreeing=1)))
    converged: the lowest of 10 starts, the others end higher
    >>> print(ended(Fit(converged=True, starts=24, starts_agreeing=7)))
    converged: the lowest of 24 starts, met by 7 of them
    >>> print(ended(Fit(converged=True, starts=4, starts_agreeing=4)))
    converged: all 4 starts end here
    """
    if not fit.converged:
        return "DID NOT CONVERGE: do not use it"
    starts, same = getattr(fit, "starts", None), fit.starts_agreeing
    if starts is None:
        return f"converged, from {same} start{'s' if same > 1 else ''}"
    if starts == 1:
        return "converged"
    if same >= starts:
        return f"converged: all {starts} starts end here"
    others = "the others end higher" if same == 1 else f"met by {same} of them"
    return f"converged: the lowest of {starts} starts, {others}"
