"""The instant families: exponents against theory, samples against expectation, seeds, and bad input."""

import pickle
import warnings
from collections import Counter

import joblib
import numpy as np
import pytest

import scalinglib as sl
from scalinglib.simulate import ManifoldNeighbours, PowerLawRidge, ZipfMemoriser, width_scan

FAMILIES = {
    "memoriser": ZipfMemoriser(kinds=5000, noise=0.05, test_items=500),
    "ridge": PowerLawRidge(features=256),
    "neighbours": ManifoldNeighbours(dimension=2, learner="linear", test_items=100),
}
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def exponent(x, y):
    """Exponent of the plain power law through the points."""
    return sl.fit_power_law(x, y, floor=None).law.exponent


def additive(family, N, D):
    """The additive law fitted to the expected losses of a grid, and the largest residual of ln loss."""
    D, N = (each.ravel() for each in np.meshgrid(D, N))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that E is not determined is no surprise: it is zero
        fit = sl.fit_chinchilla(N, D, family.loss(D, N=N), objective="log_least_squares")
    return fit.law, np.abs(fit.residuals).max()


# The Zipf memoriser


@pytest.mark.parametrize(
    "alpha, kinds, D, loss, slope",
    [
        (1.0, 10**6, 1e3, 0.0218422, -0.49964),
        (0.5, 10**6, 1e3, 0.0934169, -0.33584),
        (2.0, 10**6, 1e3, 0.00424279, -0.66611),
        (1.0, 10**3, 1e6, 0.00018681, -1.38624),
    ],
)
def test_loss_and_slope_of_the_steps(alpha, kinds, D, loss, slope):
    """Loss and slope are those computed beforehand for the figure on where a straight line comes from."""
    world = ZipfMemoriser(alpha=alpha, kinds=kinds)
    assert world.loss(D) == pytest.approx(loss, rel=3e-6)
    assert world.slope(D) == pytest.approx(slope, abs=6e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_memoriser_has_the_exponents_of_theory(alpha):
    """Over three decades of examples and two of sizes the fitted exponents are theory's, within 3%."""
    world = ZipfMemoriser(alpha=alpha)
    D, N = np.geomspace(1e2, 1e5, 13), np.geomspace(10, 1000, 9).round()
    # 3%: the first kinds are no continuum, and at alpha 0.5 a thousand kinds of a million leave few behind
    assert exponent(D, world.loss(D)) == pytest.approx(world.theory.beta, rel=0.03)
    assert exponent(N, world.loss(1e15, N=N)) == pytest.approx(world.theory.alpha, rel=0.03)


def test_a_full_memory_leaves_the_tail():
    """With endless examples the loss is the share of the kinds there is no room for."""
    world = ZipfMemoriser(alpha=0.7, kinds=1000)
    weights = np.arange(1, 1001) ** -1.7
    assert world.loss(1e12, N=20) == pytest.approx(weights[20:].sum() / weights.sum(), rel=1e-12)
    assert world.loss(0, N=20) == pytest.approx(1.0, rel=1e-12)
    assert world.unlearned(3, 50) == pytest.approx((1 - weights[2] / weights.sum()) ** 50, rel=1e-12)


def vote(labels):
    """Whether the label "true" wins, or came first on a tie; None is a wrong label, each one new."""
    counts = Counter(label or -1 - place for place, label in enumerate(labels))
    return bool(labels) and counts.most_common(1)[0][0] == "true"


def test_noisy_labels_as_a_literal_vote():
    """The closed form under label noise is the mean of learners that count their labels one by one."""
    world = ZipfMemoriser(alpha=0.4, kinds=5, noise=0.3)
    rng, D, count = np.random.default_rng(1), 6, 10_000
    p = np.arange(1, 6) ** -1.4
    p /= p.sum()
    losses = np.empty(count)
    for row in range(count):
        kinds, right = rng.choice(5, D, p=p), rng.random(D) < 0.7
        labels = np.where(right, "true", None)
        seen = [labels[kinds == k].tolist() for k in range(5)]
        # an item is answered rightly if the vote is right and its own label is no slip
        losses[row] = 1 - 0.7 * sum(p[k] * vote(seen[k]) for k in range(5))
    assert losses.mean() == pytest.approx(float(world.loss(D)), abs=4 * losses.std() / count**0.5)


def test_label_noise_is_a_floor():
    """A tenth of wrong labels gives a fitted floor of a tenth, and leaves the exponent alone."""
    world = ZipfMemoriser(alpha=0.5, noise=0.1)
    D = np.geomspace(1e2, 1e5, 13)
    law = sl.fit_power_law(D, world.loss(D)).law
    # The floor is extrapolated from a loss of .12 at best, along a line that is not quite straight.
    assert law.floor == pytest.approx(world.theory.floor, abs=0.002)
    assert law.exponent == pytest.approx(world.theory.beta, abs=0.01)
    assert sl.fit_power_law(D, world.loss(D), floor=None).law.exponent < 0.2


@pytest.mark.parametrize("noise, N", [(0.0, None), (0.2, None), (0.2, 7)])
def test_slope_and_average_agree_with_the_loss(noise, N):
    """The slope is the derivative of ln loss, the averaged loss the mean of the losses before each item."""
    world = ZipfMemoriser(alpha=0.5, kinds=1000, noise=noise)
    step = 1e-4
    up, down = (np.log(world.loss(50 * np.exp(sign * step), N=N)) for sign in (1, -1))
    assert world.slope(50, N=N) == pytest.approx((up - down) / (2 * step), rel=1e-6)
    mean = world.loss(np.arange(300), N=N).mean()
    assert world.averaged_loss(300, N=N) == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_memoriser_samples_agree_with_the_expectation(noise):
    """The mean of 200 runs is the exact loss within four standard errors, their scatter the binomial's."""
    world = ZipfMemoriser(alpha=0.5, kinds=100_000, noise=noise, test_items=1000)
    runs = world.runs([100, 10_000], N=[[30], [100_000]], repeats=200, seed=3)
    assert runs.N.nunique() == 2 and len(runs) == 800
    for (_, D), group in runs.groupby(["N", "D"]):
        truth = group.expected.iloc[0]
        assert abs(group.loss.mean() - truth) < 4 * group.loss.std() / 200**0.5
        if D == 10_000:  # earlier, which kinds were seen adds scatter of its own
            # 200 runs give a variance to 10%: three of those
            assert group.loss.var() == pytest.approx(truth * (1 - truth) / 1000, rel=0.3)


def test_the_additive_law_misses_the_size_exponent_of_the_memoriser():
    """Sizes and examples do not add up: the additive fit finds one exponent and overstates the other."""
    world = ZipfMemoriser(alpha=0.5)
    law, worst = additive(world, np.geomspace(10, 1e4, 9).round(), np.geomspace(1e2, 1e5, 13))
    assert law.beta == pytest.approx(world.theory.beta, rel=0.1)
    assert law.alpha > 1.25 * world.theory.alpha  # 0.68 for 0.5
    assert worst > 0.2  # without any noise


# Ridge regression


@pytest.mark.parametrize("ridge", ["tuned", 0.0])
@pytest.mark.parametrize("decay, target", [(1.0, None), (1.0, 0.6), (0.5, 1.0), (0.5, 5.0)])
def test_ridge_has_the_exponents_of_theory(decay, target, ridge):
    """Away from N = D the fitted exponents are theory's, the slower of target and shrinking in examples."""
    world = PowerLawRidge(decay=decay, target=target, features=30_000, ridge=ridge)
    D, N = np.geomspace(16, 256, 5), np.array([8, 16, 32, 64, 128])
    # 5%: a sum from N + 1 on is no integral (4% at target 5), and features end (3% at 0.6)
    assert exponent(D, world.loss(D)) == pytest.approx(world.theory.beta, rel=0.05)
    assert exponent(N, world.loss(1e7, N=N)) == pytest.approx(world.theory.alpha, rel=0.05)
    assert world.theory.beta == min(target or decay, 2 * (1 + decay))


def test_noise_slows_the_learning():
    """With noise and the best ridge the exponent in examples is target / (1 + target)."""
    D = np.geomspace(512, 8192, 3)
    for decay in (1.0, 2.0):
        world = PowerLawRidge(decay=decay, noise=1.0, features=20_000)
        assert world.theory.beta == decay / (1 + decay)
        assert exponent(D, world.loss(D)) == pytest.approx(world.theory.beta, rel=0.03)
    assert np.isnan(PowerLawRidge(noise=1.0, ridge=1e-3).theory.beta)


def test_a_given_ridge_leaves_a_floor():
    """With endless examples a given ridge still shrinks the coefficients; the tuned one does not."""
    world, tuned = PowerLawRidge(ridge=1e-3), PowerLawRidge()
    variance = np.arange(1, 4097) ** -2.0
    left = (variance * (1e-3 / (variance + 1e-3)) ** 2).sum() / variance.sum()
    assert world.theory.floor == pytest.approx(left) and world.loss(1e9) == pytest.approx(left, rel=1e-4)
    assert tuned.theory.floor == 0 and tuned.loss(1e6) < 1e-6


def test_least_squares_has_its_exact_mean():
    """Without ridge and N below D the mean loss is what is left out times (D - 1) / (D - N - 1)."""
    world = PowerLawRidge(ridge=0.0, features=500)
    share = np.arange(1, 501) ** -2.0
    left = share[20:].sum() / share.sum()
    exact = left * (100 - 1) / (100 - 20 - 1)
    runs = world.runs(100, N=20, repeats=400, seed=0)
    assert runs.loss.mean() == pytest.approx(exact, abs=4 * runs.loss.std() / 20)
    assert world.loss(100, N=20) == pytest.approx(exact, rel=0.01)  # the limit has D / (D - N)


@pytest.mark.parametrize("options", [{}, {"ridge": 0.0}, {"ridge": 1e-3}, {"noise": 0.3, "ridge": 1e-2}])
def test_ridge_samples_agree_with_the_deterministic_equivalent(options):
    """Means of 40 runs with 64 to 256 features and examples are within 6% of the limit's loss."""
    world = PowerLawRidge(**options)
    runs = world.runs([64, 256], N=[[16], [128]], repeats=40, seed=1)
    means = runs.groupby(["N", "D"])[["loss", "expected"]].mean()
    # 6%: the scatter of 40 runs is up to 3%, and the limit is 2 to 3% off at these sizes
    assert np.abs(means.loss / means.expected - 1).max() < 0.06


def test_the_peak_where_size_meets_examples():
    """Without a ridge more features hurt up to N = D; the best ridge takes the peak away."""
    N = np.array([8, 16, 32, 64, 128, 256])
    bare, tuned = PowerLawRidge(ridge=0.0).loss(64, N=N), PowerLawRidge().loss(64, N=N)
    assert np.isinf(bare[3]) and bare[4] < 0.1
    assert (np.diff(tuned) < 0).all() and (tuned <= bare + 1e-9).all()


def test_the_additive_law_nearly_holds_for_ridge():
    """With the best ridge, a whole grid gives the additive law both exponents within 10%."""
    world = PowerLawRidge()
    grid = 2.0 ** np.arange(3, 10)
    law, worst = additive(world, grid, grid)
    assert law.alpha == pytest.approx(1.0, rel=0.1) and law.beta == pytest.approx(1.0, rel=0.1)
    assert worst > 0.1  # yet it is not the law: where N is close to D it is 20% off


# Nearest neighbours


@pytest.mark.parametrize("learner, dimensions", [("nearest", (1, 2, 4)), ("linear", (1, 2, 3))])
def test_neighbours_have_the_exponents_of_theory(learner, dimensions):
    """Runs of 256 to 16,384 examples have exponent 2/d or 4/d, within 5%."""
    for dimension in dimensions:
        world = ManifoldNeighbours(dimension=dimension, learner=learner)
        runs = world.runs(2 ** np.arange(8, 15), repeats=2, seed=0)
        assert world.theory.beta == {"nearest": 2, "linear": 4}[learner] / dimension
        # 14 runs fix it to 2%; at three dimensions and more the gaps are still wide: 3% short
        assert exponent(runs.D, runs.loss) == pytest.approx(world.theory.beta, rel=0.05)


def test_the_plane_answers_better_than_the_neighbour():
    """On the same 16,384 examples the plane is a hundred times as good as the neighbour, at least."""
    worlds = (ManifoldNeighbours(learner=learner) for learner in ("nearest", "linear"))
    nearest, plane = (world.runs(16_384, seed=1).loss[0] for world in worlds)
    assert plane < nearest / 100


@pytest.mark.parametrize("dimension, waves", [(1, 1), (2, 1), (2, 3), (4, 1)])
def test_nearest_tends_to_its_asymptote(dimension, waves):
    """At 16,384 examples the loss is the asymptote's, coefficient included, within 7%."""
    world = ManifoldNeighbours(dimension=dimension, waves=waves)
    runs = world.runs(16_384, repeats=8, seed=0)
    # 8000 points of a heavy-tailed error: 3% (d = 1), and the gaps of d = 4 are 2% short of the limit
    assert runs.loss.mean() == pytest.approx(float(world.asymptote()(16_384)), rel=0.07)


def test_nearest_on_the_line_is_the_spacing():
    """In one dimension the mean squared gap is 1 / (2 D^2), and the target's slope 2 pi on the average."""
    law = ManifoldNeighbours(dimension=1).asymptote()
    assert law.coefficient == pytest.approx((2 * np.pi) ** 2 / 2) and law.exponent == 2


def test_only_the_smaller_of_size_and_examples_counts():
    """Keeping 500 of 4000 examples is as good as having 500, and the additive law does not say so."""
    world = ManifoldNeighbours(dimension=2)
    kept, had = (world.runs(D, N=500, repeats=20, seed=5).loss for D in (4000, 500))
    assert kept.equals(had)
    assert (world.runs(4000, repeats=20, seed=5).loss < kept).all()


# All three


@each_family
def test_runs_depend_on_the_seed_alone(family):
    """The same seed gives the same table with any number of workers; more repeats leave the first."""
    D, N = [20, 60], [[10], [30]]
    first = family.runs(D, N=N, repeats=2, seed=4)
    with joblib.parallel_config(n_jobs=2):
        assert family.runs(D, N=N, repeats=2, seed=4).equals(first)
    assert family.runs(D, N=N, repeats=3, seed=4)[:8].equals(first)
    assert not family.runs(D, N=N, repeats=2, seed=5).loss.equals(first.loss)
    assert first.loss.groupby([first.N, first.D]).nunique().min() == 2
    assert list(first.columns[:3]) == ["N", "D", "loss"] and first.repeat.tolist() == [0] * 4 + [1] * 4


@each_family
def test_reports_and_copies(family):
    """A family prints its theory in at most 88 columns, survives pickling and cannot be changed."""
    for text in (family.report(), family.theory.report()):
        assert "arXiv" in text and f"D^-{family.theory.beta:.4g}" in text
        assert max(map(len, text.splitlines())) <= 88
    assert pickle.loads(pickle.dumps(family)) == family
    with pytest.raises(AttributeError):
        family.dimension = 3


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: ZipfMemoriser(alpha=0), "alpha must be finite and above zero"),
        (lambda: ZipfMemoriser(kinds=1), "kinds must be whole numbers, 2 to"),
        (lambda: ZipfMemoriser(noise=1.0), "noise must be a chance from 0 to below 1; got 1"),
        (lambda: ZipfMemoriser(zipf=1.0), "zipf"),
        (lambda: ZipfMemoriser(kinds=100).loss(10, N=[5, 101]), "N must be at most .* 100; row 1 holds 101"),
        (lambda: ZipfMemoriser(kinds=100).loss(-1), "D must be finite and not negative; got -1"),
        (lambda: ZipfMemoriser(kinds=100).averaged_loss(0), "D must be finite and above zero"),
        (lambda: ZipfMemoriser(kinds=100).runs([9, 10.5], seed=0), "D must be whole numbers.*row 1 holds 10"),
        (lambda: ZipfMemoriser(kinds=100).runs(10, seed=0.5), "seed must be a whole number"),
        (lambda: ZipfMemoriser(kinds=100).runs(10, seed=0, repeats=0), "repeats must be whole numbers, 1 to"),
        (lambda: ZipfMemoriser(kinds=100).loss([1, 2, 3], N=[1, 2]), "N and D must broadcast"),
        (lambda: ZipfMemoriser(kinds=100).unlearned(101, 5), "rank must be at most"),
        (lambda: PowerLawRidge(ridge="best"), "ridge must be 'tuned' or a number; got 'best'"),
        (lambda: PowerLawRidge(ridge=-1), "ridge must be finite and not negative"),
        (lambda: PowerLawRidge(target=0), "target must be finite and above zero"),
        (lambda: PowerLawRidge().loss(0), "D must be finite and above zero"),
        (lambda: PowerLawRidge().runs(10**5, seed=0), "D must be small enough that N .* at most 2e"),
        (lambda: PowerLawRidge().runs(10, N=5000, seed=0), "N must be at most the number of features, 4096"),
        (lambda: ManifoldNeighbours(dimension=1.5), "dimension must be whole numbers"),
        (lambda: ManifoldNeighbours().runs(2 * 10**6, seed=0), "D must be small enough .* at most 1e"),
        (lambda: ZipfMemoriser().runs(10**8, seed=0), "D must be at most 2e.*loss has no limit"),
        (lambda: ManifoldNeighbours(learner="cubic"), "learner must be one of 'nearest', 'linear'"),
        (lambda: ManifoldNeighbours(learner="linear").asymptote(), "no known coefficient: fit its runs"),
        (lambda: ManifoldNeighbours(learner="linear").runs(5, seed=0), "D must be whole numbers, 6 to"),
        (lambda: ManifoldNeighbours(dimension=10).runs([100, -1], seed=0), "D must be .*row 1 holds -1"),
    ],
)
def test_bad_input_is_named(call, words):
    """An argument out of its range is refused by name, with what is allowed and the row."""
    with pytest.raises((ValueError, TypeError), match=words):
        call()


# Networks of several widths


def test_mup_keeps_the_best_rate_where_the_standard_rule_moves_it():
    """By the standard rule the best of the rates falls with the width, eightfold width to a quarter or less; by muP it
    stays within one step, and both rules are one network at the base width.
    """
    rates = 2.0 ** np.arange(-10, -3)
    standard, mup = (width_scan([32, 256], rates, rule=rule, steps=60) for rule in ("standard", "mup"))
    assert np.array_equal(standard[0], mup[0])
    best = {rule: scan.argmin(axis=1) for rule, scan in (("standard", standard), ("mup", mup))}
    assert best["standard"][0] - best["standard"][1] >= 2
    assert abs(best["mup"][0] - best["mup"][1]) <= 1


def test_a_rate_that_is_far_too_high_gives_no_number():
    """Training that runs away ends as inf or as a loss far above the variance of the target, and warns of nothing."""
    lost = width_scan([64], [1e150, 1e-3], steps=20)
    assert lost[0, 0] == np.inf
    assert np.isfinite(lost[0, 1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rule": "ntk"}, "rule"),
        ({"steps": 5}, "steps"),
        ({"base": 0}, "base"),
        ({"widths": [1]}, "widths"),
        ({"widths": [8.5]}, "widths"),
        ({"rates": [0.0]}, "rates"),
        ({"rates": [np.nan]}, "rates"),
    ],
)
def test_a_width_scan_refuses_by_name(options, said):
    """What cannot be trained is refused with the name of the argument."""
    given = {"widths": [8], "rates": [0.01], **options}
    with pytest.raises(ValueError, match=said):
        width_scan(given.pop("widths"), given.pop("rates"), **given)
