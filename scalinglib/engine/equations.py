"""Equations: many small linear systems at once, where one without an answer must not end the others."""

import numpy as np

__all__ = ["definite", "solve"]


def solve(matrices, right):
    """``numpy.linalg.solve`` of (S, P, P) and (S, P, k), with NaN for the answer of a singular matrix."""
    try:
        return np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        with np.errstate(invalid="ignore"):
            regular = np.linalg.slogdet(matrices)[0] != 0.0
        solved = np.full_like(right, np.nan)
        solved[regular] = np.linalg.solve(matrices[regular], right[regular])
        return solved


def definite(matrices):
    """Symmetric matrices (S, P, P) with the absolute values of their eigenvalues; NaN where they hold no numbers."""
    finite = np.isfinite(matrices).all((1, 2))
    values, vectors = np.linalg.eigh(np.where(finite[:, None, None], matrices, 0.0))
    found = (vectors * np.abs(values)[:, None, :]) @ vectors.transpose(0, 2, 1)
    return found if finite.all() else np.where(finite[:, None, None], found, np.nan)
