"""Students, teachers and one pass of gradient descent: closed forms against drawn worlds."""

import numpy as np
import pytest

import scalinglib as sl

WORLD = sl.simulate.LinearTeaching(features=128)


@pytest.mark.parametrize(
    "N, D, teacher, teacher_examples", [(8, 24, None, 0), (8, 24, 32, 64), (8, 200, 8, 40), (16, 48, 4, 30)]
)
def test_the_mean_of_drawn_students_is_the_closed_form(N, D, teacher, teacher_examples):
    """Labels, a larger teacher, one of the same size and a smaller one: within four standard errors of 800 draws."""
    rng = np.random.default_rng(1)
    drawn = [WORLD.sample(N, D, rng, teacher=teacher, teacher_examples=teacher_examples) for _ in range(800)]
    if teacher is None:
        expected = WORLD.labelled(N, D)
    else:
        expected = WORLD.taught(N, D, teacher=teacher, teacher_examples=teacher_examples)
    assert abs(np.mean(drawn) - expected) < 4 * np.std(drawn) / np.sqrt(len(drawn))
    assert np.std(drawn) / np.sqrt(len(drawn)) < 0.04 * expected  # the test could see an error of a sixth


@pytest.mark.parametrize("N, teacher", [(8, 8), (8, 32), (20, 100)])
def test_labels_overtake_at_the_rule(N, teacher):
    """With a teacher at least as large the two are equal at D = D_T - 2 (N_T - N), whatever the noise."""
    for noise in (0.0, 0.5, 3.0):
        world = sl.simulate.LinearTeaching(noise=noise, features=128)
        even = 1000 - 2 * (teacher - N)
        pair = {"teacher": teacher, "teacher_examples": 1000}
        assert world.taught(N, even, **pair) == pytest.approx(world.labelled(N, even), rel=1e-12)
        assert world.taught(N, even - 50, **pair) < world.labelled(N, even - 50)
        assert world.taught(N, even + 50, **pair) > world.labelled(N, even + 50)


def test_a_perfect_teacher_can_be_too_large():
    """Of teachers with endless examples the one of the student's own size is best, and the largest costs
    b(N) N / (D - N - 1) more.
    """
    losses = [WORLD.taught(16, 40, teacher=size) for size in range(1, 129)]
    assert int(np.argmin(losses)) + 1 == 16
    assert losses[-1] - losses[15] == pytest.approx(WORLD.unseen(16) * 16 / 23, rel=1e-12)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: WORLD.labelled(16, 17), ["D", "17"]),
        (lambda: WORLD.labelled(500, 1000), ["N", "128"]),
        (lambda: WORLD.taught(4, 40, teacher=16, teacher_examples=10), ["teacher_examples", "17"]),
        (lambda: sl.simulate.LinearTeaching(noise=-1.0), ["noise"]),
        (lambda: sl.simulate.OnePassSGD(rate=1.5), ["rate", "1"]),
        (lambda: sl.simulate.OnePassSGD(features=50).curves(50, 10, seed=0), ["N", "50"]),
        (lambda: sl.simulate.OnePassSGD().best_sizes(1e4, sizes=[1, 2, 3], seed=0), ["sizes", "five"]),
    ],
)
def test_bad_input_is_named(call, words):
    """What cannot be computed is refused with the argument's name and what is allowed."""
    with pytest.raises(ValueError) as caught:
        call()
    assert all(word in str(caught.value) for word in words)


def test_curves_are_those_of_steps_taken_one_by_one():
    """The mean loss of 300 learners that really take steps is the recursion's, within four standard errors and the 2%
    that the recursion leaves out.
    """
    world = sl.simulate.OnePassSGD(features=60, rate=0.3)
    rng = np.random.default_rng(0)
    rank = np.arange(1, 61.0)
    scale, share = rank**-0.75, rank**-2.0
    mixed = np.random.default_rng(3).standard_normal((60, 12)) / np.sqrt(12)  # the mixtures that seed 3 draws
    weight = np.sqrt(share / share.sum()) / scale
    x = rng.standard_normal((300, 400, 60)) * scale
    step = world.rate / (scale[:, None] ** 2 * mixed**2).sum()
    theta, found = np.zeros((300, 12)), {}
    for t in range(400):
        seen = x[:, t] @ mixed
        theta -= step * (np.einsum("rn,rn->r", seen, theta) - x[:, t] @ weight)[:, None] * seen
        found[t + 1] = (((theta @ mixed.T - weight) * scale) ** 2).sum(1)
    for t in (10, 100, 400):
        expected = world.curves(12, t, seed=3)[0, 0]
        error = 4 * found[t].std() / np.sqrt(300) + 0.02 * expected
        assert abs(found[t].mean() - expected) < error < 0.15 * expected


def test_the_best_size_grows_as_theory_says():
    """A hard target: 1 / (2 + decay), as without noise. An easy one: the square root of the budget with the noise of
    single examples, whatever the decay; each within a tenth of the exponent.
    """
    sizes = np.geomspace(10, 200, 12).round()
    for decay, target, budgets, expected in (
        (0.5, 1.0, np.geomspace(3e2, 6e4, 12), 1 / 2.5),
        (1.0, 3.8, np.geomspace(3e2, 6e3, 12), 1 / 2),
    ):
        world = sl.simulate.OnePassSGD(decay=decay, target=target)
        best = world.best_sizes(budgets, sizes=sizes, seed=0)
        assert np.polyfit(np.log(best.C), np.log(best.N), 1)[0] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    "given, named",
    [
        ({"N": 129}, "N"),
        ({"N": -1}, "N"),
        ({"D": 0.5}, "D"),
        ({"D": "24"}, "D"),
        ({"D": np.inf}, "D"),
        ({"teacher": -1}, "teacher"),
        ({"teacher": 200}, "teacher"),
        ({"teacher": 8}, "teacher_examples"),
        ({"rng": 0}, "rng"),
    ],
    ids=lambda given: repr(given),
)
def test_a_drawn_student_that_cannot_be_is_refused(given, named):
    """A slice takes -1 and a cast takes 0.5: both gave a loss of something else."""
    with pytest.raises(ValueError, match=f"^{named} must be"):
        WORLD.sample(**{"N": 8, "D": 24, "rng": np.random.default_rng(0)} | given)


@pytest.mark.parametrize("noise", [np.nan, 2.0, "no", None], ids=repr)
def test_noise_of_single_steps_is_there_or_not(noise):
    """A number would have scaled it in silence."""
    with pytest.raises(ValueError, match="noise must be True or False"):
        sl.simulate.OnePassSGD(features=50).curves(3, 10, seed=0, noise=noise)


def test_steps_below_the_last_digit_leave_the_loss_where_it_was():
    """A rate that no number can follow gives the loss of the start and no NaN."""
    still = sl.simulate.OnePassSGD(features=50, rate=1e-30).curves([3, 9], [1, 1000], seed=0)
    assert still == pytest.approx(np.ones((2, 2)))
