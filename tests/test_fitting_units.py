"""Tests of units: sizes in billions beside tokens in ones do not pass without a word."""

import warnings

import numpy as np
import pytest

import scalinglib as sl

LAW = sl.published["besiroglu2024"]
N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 3e11, 5)))


@pytest.mark.parametrize("fit", [sl.fit_chinchilla, sl.fit_kaplan])
@pytest.mark.parametrize(
    ("n", "d", "word"), [(1e9, 1.0, "N from 0.01 to 10"), (1e6, 1.0, "N from 10"), (1.0, 1e9, "D from 1 to 300")]
)
def test_sizes_in_other_units_are_doubted(fit, n, d, word):
    """N in billions or millions, or D in billions, is named with its range; the law is still fitted."""
    with pytest.warns(UserWarning, match=word):
        assert fit(N / n, D / d, LAW(N, D)).converged


def test_sizes_in_ones_are_not():
    """From a tenth of a token a parameter to ten thousand nothing is said, tiny models included."""
    for size in (1.0, 1e-4):
        for ratio in (0.1, 20.0, 1e4):
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                for other in (sl.IdentifiabilityWarning, sl.PooledRunsWarning):
                    warnings.filterwarnings("ignore", category=other)
                sl.fit_chinchilla(size * N, ratio * size * N * D / 1e10, LAW(N, D))
