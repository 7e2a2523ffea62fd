"""The Chinchilla fit: known truth, optimality, what runs leave open, and bad input."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares, linprog

import scalinglib as sl

TRUTH = sl.published["besiroglu2024"]
OBJECTIVES = ("huber", "lad", "least_squares", "log_least_squares")


def isoflop_runs(*, budgets=9, sizes=7, width=4.0, noise=0.0, seed=0, law=TRUTH):
    """N, D, loss on a grid of sizes around the optimum of each budget, with noise in log loss."""
    C, shift = np.meshgrid(np.geomspace(6e18, 6e21, budgets), np.linspace(-1, 1, sizes))
    N = (law.optimum(C).N * width**shift).ravel()
    D = C.ravel() / (6 * N)
    return N, D, law(N, D) * np.exp(noise * np.random.default_rng(seed).standard_normal(N.size))


def constants(law):
    return np.array([law.E, law.A, law.B, law.alpha, law.beta])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_noise_free_runs_give_back_the_law(objective):
    """Without noise each objective returns the constants the runs were made with."""
    fit = sl.fit_chinchilla(*isoflop_runs(), objective=objective)
    assert constants(fit.law) == pytest.approx(constants(TRUTH), rel=1e-6)
    assert fit.converged and fit.undetermined == ()


@given(st.floats(0.5, 3.0), st.floats(0.15, 0.8), st.floats(0.15, 0.8), st.floats(0.2, 2.0), st.floats(0.2, 2.0))
@settings(max_examples=25)
def test_any_law_is_recovered(E, alpha, beta, size_share, data_share):
    """Whatever the constants, noise-free runs over three decades give them back."""
    law = sl.ChinchillaLaw(E=E, A=size_share * 1e9**alpha, B=data_share * 2e10**beta, alpha=alpha, beta=beta)
    fit = sl.fit_chinchilla(*isoflop_runs(law=law))
    assert constants(fit.law) == pytest.approx(constants(law), rel=1e-4)
    assert fit.converged


@pytest.mark.parametrize("objective, log", [("log_least_squares", True), ("least_squares", False)])
def test_squares_agree_with_scipy(objective, log):
    """On noisy runs the sum of squares is at or below that of scipy started at the answer."""
    N, D, loss = isoflop_runs(noise=0.005, seed=1)
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)

    def residual(p):
        value = np.exp(p[0]) + np.exp(p[1]) / N ** p[3] + np.exp(p[2]) / D ** p[4]
        return np.log(loss / value) if log else loss - value

    start = constants(fit.law)
    start[:3] = np.log(start[:3])
    other = least_squares(residual, start, x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert fit.objective_value <= 2 * other.cost * (1 + 1e-12)
    assert fit.objective_value == pytest.approx((fit.residuals**2).sum(), rel=1e-12)


@pytest.mark.parametrize("runs", [8, 12, 20])
def test_few_runs_reach_the_best_of_many_starts(runs):
    """On small noisy subsets no scipy start from a blind grid of 243 finds a lower Huber objective."""
    N, D, loss = isoflop_runs(noise=0.005, seed=2)
    pick = np.random.default_rng(runs).permutation(N.size)[:runs]
    N, D, loss = N[pick], D[pick], loss[pick]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sl.IdentifiabilityWarning)
        fit = sl.fit_chinchilla(N, D, loss)
    log_N, log_D, log_L = np.log(N), np.log(D), np.log(loss)

    def residual(p):
        return log_L - np.logaddexp.reduce([p[0] + 0 * N, p[1] - p[3] * log_N, p[2] - p[4] * log_D])

    best = min(
        least_squares(residual, [e, a, b, alpha, beta], loss="huber", f_scale=1e-3, x_scale="jac", max_nfev=300).cost
        for e in (-1.0, 0.0, 0.6)
        for a in (2.0, 6.0, 10.0)
        for b in (2.0, 6.0, 10.0)
        for alpha in (0.1, 0.35, 0.8)
        for beta in (0.1, 0.35, 0.8)
    )
    assert fit.objective_value <= best * (1 + 1e-9)


def test_lad_satisfies_its_optimality_conditions():
    """At the least-absolute-deviation answer no direction lowers the sum: a linear programme agrees."""
    N, D, loss = isoflop_runs(noise=0.004, seed=3)
    fit = sl.fit_chinchilla(N, D, loss, objective="lad")
    law = fit.law
    size, data = law.A / N**law.alpha, law.B / D**law.beta
    columns = [np.ones_like(N), size, data, -size * np.log(N), -data * np.log(D)]
    J = np.stack(columns, axis=1) / law(N, D)[:, None]
    J = J / np.abs(J).max(0)
    # minimise sum t over small steps, with -t <= r - J step <= t
    n, p = J.shape
    cost = np.concatenate([np.zeros(p), np.ones(n)])
    A_ub = np.block([[-J, -np.eye(n)], [J, -np.eye(n)]])
    b_ub = np.concatenate([-fit.residuals, fit.residuals])
    step = linprog(cost, A_ub=A_ub, b_ub=b_ub, bounds=[(-1e-4, 1e-4)] * p + [(0, None)] * n)
    assert step.fun >= fit.objective_value * (1 - 1e-7)
    assert (np.abs(fit.residuals) < 1e-10).sum() == 5


def test_the_order_of_runs_does_not_matter():
    """Shuffled runs give the same law, and residuals follow the runs."""
    N, D, loss = isoflop_runs(noise=0.004, seed=4)
    order = np.random.default_rng(0).permutation(N.size)
    one, other = sl.fit_chinchilla(N, D, loss), sl.fit_chinchilla(N[order], D[order], loss[order])
    assert constants(other.law) == pytest.approx(constants(one.law), rel=1e-7)
    assert other.residuals == pytest.approx(one.residuals[order], abs=1e-9)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_units_do_not_matter(objective):
    """N in millions and D in billions give the same exponents and the same losses."""
    N, D, loss = isoflop_runs(noise=0.004, seed=5)
    one = sl.fit_chinchilla(N, D, loss, objective=objective)
    other = sl.fit_chinchilla(N / 1e6, D / 1e9, loss, objective=objective)
    assert other.law.alpha == pytest.approx(one.law.alpha, rel=1e-6)
    assert other.law(N / 1e6, D / 1e9) == pytest.approx(one.law(N, D), rel=1e-8)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("unit", [1e-6, 1e8, 1e200])
def test_the_unit_of_loss_does_not_matter(objective, unit):
    """A loss in millionths or in hundred millions gives the same exponents, and E, A, B in that unit."""
    N, D, loss = isoflop_runs(noise=0.004, seed=5)
    one = sl.fit_chinchilla(N, D, loss, objective=objective)
    other = sl.fit_chinchilla(N, D, unit * loss, objective=objective)
    assert (other.law.alpha, other.law.beta) == pytest.approx((one.law.alpha, one.law.beta), rel=1e-6)
    assert other.law.E / unit == pytest.approx(one.law.E, rel=1e-6)
    assert other.converged
    if objective != "least_squares":
        assert other.objective_value == pytest.approx(one.objective_value, rel=1e-9)


def test_lad_is_not_held_up_by_a_neighbouring_vertex():
    """On fifteen small subsets no descent from sixty random starts ends lower than the fit."""
    from scalinglib.engine.absolute import minimise_absolute
    from scalinglib.fitting.chinchilla import chinchilla_problem

    N, D, loss = isoflop_runs(noise=0.004, seed=8)
    rng = np.random.default_rng(3)
    for _ in range(15):
        pick = rng.permutation(N.size)[:25]
        fit = sl.fit_chinchilla(N[pick], D[pick], loss[pick], objective="lad")
        problem, _, _ = chinchilla_problem(N[pick], D[pick], loss[pick], "lad", 1e-3)
        starts = np.column_stack(
            [rng.uniform(0, 0.9, 60), rng.uniform(-3, 0, (60, 2)), rng.uniform(0.05, 1.2, (60, 2))]
        )
        best = minimise_absolute(problem, starts, keep=4).value.min()
        assert fit.objective_value <= best * (1 + 1e-6)


def test_lad_on_perfect_runs_has_no_slope_left():
    """Where every residual is zero the runs' pulls cancel, and the gradient norm says so."""
    fit = sl.fit_chinchilla(*isoflop_runs(), objective="lad")
    assert fit.converged and fit.gradient_norm < 1e-6
    assert fit.starts_agreeing == fit.starts


def test_the_result_says_how_it_ended():
    """Objective, gradient, steps, starts and residuals are on the result and agree with the law."""
    N, D, loss = isoflop_runs(noise=0.004, seed=6)
    fit = sl.fit_chinchilla(N, D, loss)
    r = np.log(loss / fit.law(N, D))
    huber = np.where(np.abs(r) < 1e-3, r**2 / 2, 1e-3 * (np.abs(r) - 5e-4)).sum()
    assert fit.objective_value == pytest.approx(huber, rel=1e-10)
    assert fit.residuals == pytest.approx(r, abs=1e-12)
    assert fit.gradient_norm < 1e-9 and fit.iterations > 0
    assert 1 <= fit.starts_agreeing <= fit.starts
    for word in ("63 runs", "alpha", "converged", "N_opt ~ C^"):
        assert word in fit.report()


N_LINE = np.geomspace(1e8, 1e11, 30)
PATH = TRUTH.optimum(np.geomspace(1e18, 1e23, 30))
OPEN_DESIGNS = {
    "one N": (np.full(30, 1e9), 20 * N_LINE, {"E", "A", "alpha"}, "same N"),
    "one D": (N_LINE, np.full(30, 2e10), {"E", "B", "beta"}, "same D"),
    "one ray": (N_LINE, 20 * N_LINE, {"A", "B", "alpha", "beta"}, "same D/N"),
    "optimal path": (PATH.N, PATH.D, {"A", "B", "alpha", "beta"}, "one curve"),
    "a printed path": (
        np.array([2.6e8, 6.9e8, 1.8e9, 4.8e9, 1.3e10, 3.5e10, 9.3e10, 2.5e11]),
        np.array([6.4e9, 1.6e10, 4.0e10, 9.7e10, 2.4e11, 5.8e11, 1.4e12, 3.4e12]),
        {"A", "B", "alpha", "beta"},
        "one curve",
    ),
    "one budget": (
        np.geomspace(1e8, 1e10, 12),
        1e20 / (6 * np.geomspace(1e8, 1e10, 12)),
        {"A", "B", "alpha", "beta"},
        "same budget",
    ),
    "one point": (np.full(6, 1e9), np.full(6, 1e10), {"E", "A", "B", "alpha", "beta"}, "same N and the same D"),
}


@pytest.mark.parametrize("noise", [0.0, 0.003])
@pytest.mark.parametrize("design", OPEN_DESIGNS)
def test_designs_that_leave_constants_open_say_which(design, noise):
    """One N, one D, one ray and the optimal path warn, and warning and result name the constants."""
    N, D, left_open, words = OPEN_DESIGNS[design]
    loss = TRUTH(N, D) * np.exp(noise * np.random.default_rng(7).standard_normal(N.size))
    with pytest.warns(sl.IdentifiabilityWarning, match=words) as caught:
        fit = sl.fit_chinchilla(N, D, loss)
    # a fit drawn onto one run by noise may leave E open as well
    assert left_open <= set(fit.undetermined) <= left_open | {"E"}
    assert fit.audit().undetermined == fit.undetermined
    assert f"Not determined by these runs: {', '.join(fit.undetermined)}" in str(caught[0].message)
    told = re.findall(r"^ +(\w+) .*not determined by these runs$", fit.report(), re.MULTILINE)
    # A line a constant, and one for the best size where that hangs on them.
    assert set(told) - {"N_opt"} == set(fit.undetermined)


def test_a_good_design_leaves_nothing_open():
    """An isoFLOP grid of 63 runs sees all five directions, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = sl.fit_chinchilla(*isoflop_runs(noise=0.005))
    audit = fit.audit()
    assert audit.rank == 5 and audit.undetermined == () and audit.reasons == ()
    assert 1e2 < audit.condition < 1e5


def test_the_rank_on_the_path_is_three():
    """On the compute-optimal path the Jacobian at the truth has rank three, with the known values."""
    from scalinglib.audit.design import audit_design

    best = TRUTH.optimum(np.geomspace(1e18, 1e22, 63))
    audit = audit_design(TRUTH, best.N, best.D, noise=0.005)
    assert audit.rank == 3
    assert audit.singular_values[:3] == pytest.approx([37.9, 2.19, 0.056], rel=0.01)


def test_the_condition_of_the_isoflop_example():
    """Nine budgets by seven sizes within a factor four have condition number 1,225 at the truth."""
    from scalinglib.audit.design import audit_design

    C, shift = np.meshgrid(np.geomspace(1e18, 1e22, 9), np.linspace(-1, 1, 7))
    N = TRUTH.optimum(C).N * 4.0**shift
    audit = audit_design(TRUTH, N.ravel(), (C / (6 * N)).ravel(), noise=0.005)
    assert audit.condition == pytest.approx(1224.8, rel=1e-3)


RUNS = isoflop_runs()


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda N, D, L: ((N[:-1], D, L), {}), ["N, D and loss", "62", "63"]),
        (lambda N, D, L: ((np.where(np.arange(63) == 5, np.nan, N), D, L), {}), ["N must be finite", "row 5"]),
        (lambda N, D, L: ((N, np.where(np.arange(63) < 2, 0.0, D), L), {}), ["D must be", "rows 0, 1", "above zero"]),
        (lambda N, D, L: ((N, D, np.where(np.arange(63) == 9, -1.0, L)), {}), ["loss", "row 9", "-1"]),
        (lambda N, D, L: ((N, D, np.where(np.arange(63) == 9, np.inf, L)), {}), ["loss", "row 9", "inf"]),
        (lambda N, D, L: ((N[:4], D[:4], L[:4]), {}), ["4 runs", "5 constants"]),
        (lambda N, D, L: ((N, D, L), {"objective": "l2"}), ["objective", "'lad'", "'l2'"]),
        (lambda N, D, L: ((N, D, L), {"delta": 0}), ["delta", "above zero"]),
        (lambda N, D, L: (([], [], []), {}), ["N is empty"]),
        (lambda N, D, L: ((N.reshape(9, 7), D, L), {}), ["N must be one-dimensional", "(9, 7)"]),
        (lambda N, D, L: ((["a"] * 63, D, L), {}), ["N must be numbers"]),
    ],
)
def test_bad_runs_are_named(change, words):
    """The message names the argument, the rows and what is allowed, and the input is left as it was."""
    arguments, options = change(*(x.copy() for x in RUNS))
    before = [np.copy(x) for x in arguments]
    with pytest.raises(ValueError) as caught:
        sl.fit_chinchilla(*arguments, **options)
    for word in words:
        assert word in str(caught.value)
    for kept, now in zip(before, arguments, strict=True):
        assert np.array_equal(kept, now, equal_nan=kept.dtype.kind == "f")


def test_unknown_options_are_refused_by_name():
    """An option that does not exist is named, and options cannot be given by position."""
    with pytest.raises(TypeError, match="reduce"):
        sl.fit_chinchilla(*RUNS, reduce="mean")
    with pytest.raises(TypeError):
        sl.fit_chinchilla(*RUNS, "huber")


@given(st.integers(5, 20), st.integers(0, 10_000), st.sampled_from(OBJECTIVES))
@settings(max_examples=40)
@example(runs=20, seed=407, objective="lad")  # slopes that run over
def test_small_hostile_tables_never_crash(runs, seed, objective):
    """Few runs with duplicates and a wild one give a finite law and consistent residuals, or a named error."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(2, 13, runs), 10 ** rng.uniform(3, 14, runs)
    loss = 10 ** rng.uniform(-1, 1, runs) if seed % 2 else 3 + 1e-7 * rng.standard_normal(runs)
    N[1], D[1] = N[0], D[0]
    loss[-1] *= 20
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    assert np.all(np.isfinite(constants(fit.law)))
    assert np.all(np.isfinite(fit.law(N, D)))
    assert np.isfinite(fit.objective_value)
    assert fit.report()


@pytest.mark.parametrize("spread", [1e-3, 1e-5, 1e-7])
def test_losses_that_differ_late_give_the_same_law(spread):
    """Runs whose losses differ in the seventh digit only are fitted as well as the same runs drawn apart."""
    N, D, loss = isoflop_runs(noise=0.003, seed=4)
    apart = sl.fit_chinchilla(N, D, loss, objective="least_squares")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sl.IdentifiabilityWarning)
        close = sl.fit_chinchilla(N, D, 3.0 + spread * loss, objective="least_squares")
    assert close.converged
    # the losses themselves are rounded to 1e-16 of 3, which is 1e-9 of the smallest spread
    assert close.objective_value == pytest.approx(spread**2 * apart.objective_value, rel=1e-6)
    assert close.law.alpha == pytest.approx(apart.law.alpha, rel=1e-4)


def test_repeated_rows_do_not_hide_the_lowest_vertex():
    """On a resample of twenty runs with repeats no descent from a Huber fit ends below the fit by lad."""
    N, D, loss = isoflop_runs(budgets=5, sizes=4, noise=0.02, seed=2)
    for seed in range(6):
        rows = np.random.default_rng(seed).integers(20, size=20)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lad = sl.fit_chinchilla(N[rows], D[rows], loss[rows], objective="lad")
            others = [sl.fit_chinchilla(N[rows], D[rows], loss[rows], delta=delta).law for delta in (1e-3, 1e-5, 1e-7)]
        lowest = min(np.abs(np.log(loss[rows] / law(N[rows], D[rows]))).sum() for law in others)
        assert lad.objective_value <= lowest * (1 + 1e-9)
