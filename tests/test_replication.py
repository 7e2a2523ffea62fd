"""The replication of Chinchilla on its 245 public points: every constant, objective and move that is claimed."""

import numpy as np
import pytest
from scipy.optimize import minimize

import scalinglib as sl

pytestmark = pytest.mark.published_data("chinchilla")

NAMES = ("E", "A", "B", "alpha", "beta")
OPTIMA = {
    "huber": (1.8172180990, 477.8258682, 2143.417363, 0.3473104989, 0.3671724326),
    "lad": (1.8168641329, 482.0060548, 2085.436245, 0.3478130701, 0.3658541643),
    "least_squares": (1.8828136, 567.8055, 7581.852, 0.3576151, 0.4276206),
}
# delta: alpha, beta, E
SENSITIVITY = {
    0.1: (0.36025, 0.40588, 1.8646),
    0.01: (0.35442, 0.38154, 1.8381),
    1e-3: (0.34731, 0.36717, 1.8172),
    1e-4: (0.34741, 0.36538, 1.8158),
}
BUDGET = 5.76e23


@pytest.fixture(scope="module")
def runs():
    return sl.runs.load("chinchilla")


@pytest.fixture(scope="module")
def kept(runs):
    return runs[runs.loss < runs.loss.nlargest(5).min()]


def fitted(table, **options):
    return sl.fit_chinchilla(table.N, table.D, table.loss, **options)


def constants(law):
    return [getattr(law, name) for name in NAMES]


def huber(theta, table, delta=1e-3):
    """The objective and its gradient in (ln E, ln A, ln B, alpha, beta), written out apart from the library."""
    lnN, lnD, lnL = np.log(table[["N", "D", "loss"]].to_numpy().T)
    e, a, b, alpha, beta = theta
    terms = np.stack([e + 0 * lnN, a - alpha * lnN, b - beta * lnD])
    log_law = np.logaddexp.reduce(terms)
    r = lnL - log_law
    value = np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2)).sum()
    pull = -np.clip(r, -delta, delta) * np.exp(terms - log_law)
    return value, np.array([*pull.sum(axis=1), -(pull[1] * lnN).sum(), -(pull[2] * lnD).sum()])


def theta_of(law):
    return np.array([np.log(law.E), np.log(law.A), np.log(law.B), law.alpha, law.beta])


def test_the_runs_that_are_dropped(runs, kept):
    """The rule keeps 240 of 245 runs; rows 0 to 4 go, all with fewer than 0.41 tokens per parameter."""
    assert len(runs) == 245 and len(kept) == 240
    dropped = runs.drop(kept.index)
    assert list(dropped.index) == [0, 1, 2, 3, 4]
    assert (dropped.D / dropped.N < 0.41).all()
    ratio = kept.D / kept.N
    assert (round(ratio.min(), 2), round(ratio.max())) == (0.46, 341)


@pytest.mark.parametrize("objective", list(OPTIMA))
def test_the_constants_of_each_objective(kept, objective):
    """Huber, least absolute deviation and least squares give their optima to 1e-5."""
    fit = fitted(kept, objective=objective)
    assert constants(fit.law) == pytest.approx(OPTIMA[objective], rel=1e-5)
    assert fit.converged and fit.undetermined == ()


def test_the_huber_optimum_is_reached(kept):
    """The Huber objective ends at or below 0.0010182740180, by the library's count and by our own."""
    fit = fitted(kept)
    assert fit.objective_value <= 0.0010182740180
    assert huber(theta_of(fit.law), kept)[0] == pytest.approx(fit.objective_value, rel=1e-10)


def test_the_absolute_optimum_passes_through_five_runs(kept):
    """The LAD fit has objective 1.12949465362 and five residuals that are zero, as many as constants."""
    fit = fitted(kept, objective="lad")
    assert fit.objective_value == pytest.approx(1.12949465362, rel=1e-10)
    assert (np.abs(fit.residuals) < 1e-12).sum() == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("besiroglu2024", 0.001022843), ("hoffmann2022", 0.001231163), ("hoffmann2022-rounded", 0.004121009)],
)
def test_published_constants_score_as_published(kept, name, value):
    """Published constants are above the optimum, each by a known amount."""
    assert huber(theta_of(sl.published[name]), kept)[0] == pytest.approx(value, abs=5e-10)


def test_the_headline_is_the_absolute_fit(kept):
    """A Huber corner of 1e-3 times a fitted scale collapses to LAD, and LAD scores 0.0010186447505757 under Huber."""
    lad = fitted(kept, objective="lad")
    corner = 1e-6 * np.abs(lad.residuals).mean()
    assert corner == pytest.approx(4.7e-9, rel=0.01)
    collapsed = fitted(kept, delta=corner)
    assert constants(collapsed.law) == pytest.approx(constants(lad.law), rel=1e-5)
    assert huber(theta_of(lad.law), kept)[0] == pytest.approx(0.0010186447505757, rel=1e-7)
    printed = sl.published["besiroglu2024"]
    assert lad.law.A == pytest.approx(printed.A, abs=0.005) and abs(fitted(kept).law.A - printed.A) > 4


@pytest.mark.parametrize("delta", list(SENSITIVITY))
def test_the_corner_moves_the_constants(kept, delta):
    """Alpha, beta and E at four corners are the known ones."""
    law = fitted(kept, delta=delta).law
    alpha, beta, E = SENSITIVITY[delta]
    assert (round(law.alpha, 5), round(law.beta, 5), round(law.E, 4)) == (alpha, beta, E)


def test_a_wide_corner_is_least_squares_of_logarithms(kept):
    """With no residual outside the corner, Huber and log least squares agree."""
    wide, squares = fitted(kept, delta=0.1), fitted(kept, objective="log_least_squares")
    assert np.abs(wide.residuals).max() < 0.1
    assert constants(wide.law) == pytest.approx(constants(squares.law), rel=1e-6)


def test_all_245_runs(runs):
    """With the five outliers the Huber fit has its own known optimum."""
    fit = fitted(runs)
    assert constants(fit.law) == pytest.approx((1.89134, 495.726, 12845.61, 0.349313, 0.453049), rel=3e-6)
    assert fit.objective_value == pytest.approx(0.0018260105, abs=1e-10)


@pytest.mark.parametrize(
    ("options", "a_all", "ratio_all"),
    [({}, 0.565, 6.8), ({"objective": "log_least_squares"}, 0.622, 2.0), ({"objective": "least_squares"}, 0.642, 1.2)],
)
def test_five_points_decide_the_exponent(runs, options, a_all, ratio_all):
    """With all 245 runs a and the tokens per parameter at 5.76e23 FLOP are those of the list of traps."""
    law = fitted(runs, **options).law
    assert round(law.allocation_exponents[0], 3) == a_all
    assert round(float(law.optimum(BUDGET).tokens_per_parameter), 1) == ratio_all


def test_the_kept_runs_decide_otherwise(kept):
    """Without the five, a is 0.514 and the tokens per parameter are 17.9; LAD gives 0.5126."""
    law = fitted(kept).law
    assert round(law.allocation_exponents[0], 3) == 0.514
    assert round(float(law.optimum(BUDGET).tokens_per_parameter), 1) == 17.9
    assert round(fitted(kept, objective="lad").law.allocation_exponents[0], 4) == 0.5126


def test_averaging_stops_early(kept):
    """From Hoffmann's constants default L-BFGS-B stops above the optimum, averaged or summed, and says success."""
    best = fitted(kept).objective_value
    start = theta_of(sl.published["hoffmann2022"])
    ends = {}
    for factor in (1 / 240, 1, 240):
        for label, options in (("default", {}), ("tight", {"ftol": 1e-15, "gtol": 1e-12})):
            end = minimize(
                lambda theta, factor=factor: [factor * part for part in huber(theta, kept)],
                start,
                jac=True,
                method="L-BFGS-B",
                options=options,
            )
            ends[factor, label] = end.fun / factor / best - 1
            assert end.success or label == "tight"
    assert ends[1 / 240, "default"] > 0.1 and ends[1, "default"] > 0.1
    assert ends[240, "default"] < 1e-6
    assert max(value for (_, label), value in ends.items() if label == "tight") < 1e-6
