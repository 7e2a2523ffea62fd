"""Speed-ups of one recipe over another: laws with a known ratio, scipy's roots, simulated studies, and what is said."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

import scalinglib as sl
from scalinglib.allocation import best_split

BUDGETS = np.geomspace(1e18, 1e21, 24)
POWER = "E + A / C**a"


def table(A=500.0, E=1.8, a=0.15, C=BUDGETS, errors=0.0, **more):
    return pd.DataFrame({"C": C, "loss": (E + A / C**a) * np.exp(errors), **more})


def grid(law, errors=0.0):
    """Six sizes at each of seven budgets, about the best of one law."""
    C, shift = np.meshgrid(np.geomspace(1e18, 1e21, 7), np.geomspace(0.3, 3.0, 6))
    N = (sl.published["besiroglu2024"].optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    return pd.DataFrame({"N": N, "D": D, "loss": law(N, D) * np.exp(errors)})


SLOW = sl.published["besiroglu2024"]
FAST = sl.ChinchillaLaw(E=1.79, A=400.0, B=2300.0, alpha=0.355, beta=0.37)


@pytest.mark.parametrize("floor", [None, 1.8])
def test_one_exponent_and_a_ratio_of_coefficients(floor):
    """The speed-up is the ratio to the power of one over the exponent at every loss, by each kind of fit."""
    known = 1.1 ** (1 / 0.15)
    new, old = table(), table(550.0)
    fits = [
        [sl.fit(POWER, each) for each in (new, old)],
        [sl.fit_power_law(each.C, each.loss) for each in (new, old)],
        [sl.fit_power_law(each.C, each.loss, objective="lad") for each in (new, old)],
    ]
    for fast, slow in [*fits, (fits[0][0], fits[1][1])]:
        found = fast.speedup(over=slow, loss=[2.2, 1.95], floor=floor)
        assert found.value == pytest.approx([known, known], rel=1e-6)
        assert found.low == pytest.approx(found.value, rel=1e-6) and found.high == pytest.approx(found.value, rel=1e-6)
        back = slow.speedup(over=fast, loss=2.2, floor=floor)
        assert back.value == pytest.approx(1.0 / known, rel=1e-6)


def test_families_of_one_fit():
    """Two families with one floor give the same ratio, and are resampled as one fit."""
    both = pd.concat([table(recipe="new"), table(550.0, recipe="old")])
    fit = sl.fit(POWER, both, by="recipe", shared="E")
    found = fit.speedup(over="old", family="new", loss=2.2)
    assert found.value == pytest.approx(1.1 ** (1 / 0.15), rel=1e-6) and "one fit" in found.pairing
    with pytest.raises(ValueError, match="family must say which: new, old"):
        fit.speedup(over="old")


def test_the_default_is_the_lowest_loss_that_both_reach():
    """Without a loss or a budget nothing is an extrapolation: the loss is that of the slower recipe's largest run."""
    found = sl.fit(POWER, table()).speedup(over=sl.fit(POWER, table(550.0)))
    assert found.over_budget == pytest.approx(1e21) and not any("extrapolation" in each for each in found.caution)


@pytest.mark.parametrize("hidden", [False, True])
def test_two_variables_meet_scipy(hidden):
    """Along the best splits of two laws the budgets are the roots that brentq finds, in closed form and without."""
    fast, slow = sl.fit_chinchilla(*grid(FAST).to_numpy().T), sl.fit("chinchilla", grid(SLOW))
    if hidden:  # a power of one hides the form from the closed solution
        slow = sl.fit("E + (A / N**alpha + B / D**beta)**g", grid(SLOW), fixed={"g": 1.0})
    found = fast.speedup(over=slow, budget=[1e19, 1e22], resamples=20)
    for C, value in zip([1e19, 1e22], found.value, strict=True):
        loss = FAST.frontier(C)
        root = brentq(lambda x, loss=loss: SLOW.frontier(np.exp(x)) - loss, np.log(1e17), np.log(1e28), xtol=1e-13)
        assert value == pytest.approx(np.exp(root) / C, rel=2e-5)


def test_a_budget_for_each_set_is_solved_as_one_by_one():
    """Paired sets and budgets give what each set gives alone, in closed form, without, and where some lack it."""
    rng = np.random.default_rng(0)
    sets = {"E": np.full(6, 1.8), "A": np.full(6, 482.0), "B": np.full(6, 2085.0)}
    sets |= {"alpha": rng.uniform(0.3, 0.4, 6), "beta": rng.uniform(0.3, 0.4, 6)}
    budgets = np.geomspace(1e18, 1e23, 6)
    for form in ("E + A / N**alpha + B / D**beta", "E + (A / N**alpha + B / D**beta)**1.1"):
        together = best_split(form, budgets, constants=sets, paired=True)
        for place, budget in enumerate(budgets):
            alone = best_split(form, budget, constants={name: z[[place]] for name, z in sets.items()})
            assert together.value["N"][place] == pytest.approx(alone.value["N"][0], rel=1e-9)
            assert together.loss[place] == pytest.approx(alone.loss[0], rel=1e-13)
    capped = best_split("E + A / N**alpha + B / D**beta", budgets, constants=sets, paired=True, bounds={"D": (0, 1e11)})
    assert capped.at_bound["D"].tolist() == (together.value["D"] > 1e11).tolist()
    with pytest.raises(ValueError, match="paired wants a budget for each"):
        best_split("E + A / N**alpha + B / D**beta", budgets[:2], constants=sets, paired=True)


def studies(count, common, paired, floor, seed):
    """Of studies of 32 runs each, how many intervals held the truth, and their median width in logarithms."""
    held, width = 0, []
    truth = 1.1 ** (1 / 0.15)
    C = np.geomspace(1e18, 1e21, 32)
    for study in range(count):
        rng = np.random.default_rng([seed, study])
        shared = common * rng.standard_normal(32)
        both = [table(A, C=C, errors=shared + 0.002 * rng.standard_normal(32)) for A in (500.0, 550.0)]
        fast, slow = (sl.fit(POWER, each) for each in both)
        found = fast.speedup(over=slow, loss=2.25, floor=floor, paired=paired, resamples=300, seed=study)
        held += found.low <= truth <= found.high
        width.append(np.log(found.high / found.low))
    return held, np.median(width)


@pytest.mark.parametrize(("common", "floor"), [(0.0, 1.8), (0.006, None)])
def test_intervals_hold_what_they_say(common, floor):
    """Of 60 studies an 80% interval holds the truth in 48, give or take three binomial errors of 3.1, with errors
    that rows of both tables share and without."""
    held, _ = studies(60, common, None, floor, 1)
    assert 48 - 9.3 <= held <= 48 + 9.3


def test_pairs_cancel_what_they_share():
    """Where seeds move both recipes alike, resampling pairs gives intervals less than half as wide."""
    paired, alone = (studies(10, 0.006, paired, 1.8, 2)[1] for paired in (None, False))
    assert paired < 0.5 * alone


def test_pairs_by_labels_and_what_is_said_of_them():
    """Groups with the same labels are resampled together, whatever the rows; other tables each for itself."""
    rng = np.random.default_rng(3)
    seeds = np.repeat(list("abcdefgh"), 3)
    fast = sl.fit(POWER, table(errors=0.002 * rng.standard_normal(24), seed=seeds), groups="seed")
    other = table(550.0, C=1.3 * BUDGETS, errors=0.002 * rng.standard_normal(24), seed=seeds[::-1])
    assert "the same labels" in fast.speedup(over=sl.fit(POWER, other, groups="seed")).pairing
    plain = sl.fit(POWER, other)
    assert "for themselves" in fast.speedup(over=plain).pairing
    with pytest.raises(ValueError, match="nothing pairs the runs"):
        fast.speedup(over=plain, paired=True)


def test_rows_are_paired_in_whatever_order():
    """A table with its rows shuffled is paired run by run, and its intervals cancel what the rows share."""
    rng = np.random.default_rng(5)
    common = 0.006 * rng.standard_normal(24)
    new, old = (table(A, errors=common + 0.001 * rng.standard_normal(24)) for A in (500.0, 550.0))
    fast, ends = sl.fit(POWER, new), []
    for each in (old, old.sample(frac=1.0, random_state=0)):
        found = fast.speedup(over=sl.fit(POWER, each), loss=2.25)
        assert "the same rows" in found.pairing
        ends.append([found.low, found.high])
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)


def test_what_is_out_of_reach_or_beyond_the_runs_is_said():
    """Below a floor the speed-up is infinite or none, far beyond the runs an extrapolation, and the report says so."""
    fast, slow = sl.fit(POWER, table(E=1.7)), sl.fit(POWER, table(550.0))
    found = fast.speedup(over=slow, loss=[2.2, 1.75, 1.6])
    assert np.isfinite(found.value[0]) and np.isposinf(found.value[1]) and np.isnan(found.value[2])
    assert slow.speedup(over=fast, loss=1.75).value == 0.0
    said = " ".join(found.report().split())
    assert "The other law never comes to a loss of 1.75: its floor is 1.8" in said
    assert "beyond its largest run: an extrapolation" in said


def test_a_speedup_near_an_uncertain_floor_says_that_it_rests_on_it():
    """Few noisy runs leave the floor to a few hundredths: with as much between it and the loss the report says so."""
    rng = np.random.default_rng(4)
    fast, slow = (sl.fit(POWER, table(A, errors=0.005 * rng.standard_normal(24))) for A in (500.0, 550.0))
    assert any("rests on it; give floor=" in each for each in fast.speedup(over=slow, loss=2.0).caution)
    held = fast.speedup(over=slow, loss=2.0, floor=1.8)
    assert held.floors == (1.8, 1.8) and not any("rests on it" in each for each in held.caution)


def test_bad_input_is_named():
    """What is no fit, two ways of asking, and floors that cannot be held are refused by name."""
    fit = sl.fit(POWER, table())
    for options, words in (
        ({"over": table()}, "over must be a fit of runs"),
        ({"over": fit, "loss": 2.0, "budget": 1e20}, "loss or budget, not both"),
        ({"over": fit, "floor": 2.5}, "floor must be below all losses of fit"),
        ({"over": sl.fit("A / C**a", table()), "floor": 1.8}, "the law of over has no constant"),
        ({"over": sl.fit(POWER, table(), fixed={"E": 1.79}), "floor": 1.8}, "over was fitted with E = 1.79"),
        ({"over": fit, "loss": [[2.0]]}, "loss must be one number or a row"),
    ):
        with pytest.raises(ValueError, match=words):
            fit.speedup(**options)
