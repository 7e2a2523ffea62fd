"""The audit of a fit of any form: against refits, scipy's covariance and the audit of the Chinchilla fit."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit
from scipy.stats import t

import scalinglib as sl

LAW = sl.published["besiroglu2024"]
SURFACE = "E + A / N**alpha + B / D**beta"


def table(noise=0.003, seed=0, rows=42):
    """Six sizes at each of seven budgets."""
    C, shift = np.meshgrid(np.geomspace(1e18, 1e21, 7), np.geomspace(0.3, 3.0, 6))
    N = (LAW.optimum(C).N * shift).ravel()[:rows]
    D = C.ravel()[:rows] / (6 * N)
    errors = noise * np.random.default_rng(seed).standard_normal(rows)
    return pd.DataFrame({"N": N, "D": D, "loss": LAW(N, D) * np.exp(errors)})


@pytest.mark.parametrize("objective", ["log_least_squares", "huber"])
def test_influence_is_that_of_the_chinchilla_audit(objective):
    """As text the law without each run has the constants that the Chinchilla audit finds, and so for groups."""
    runs = table()
    labels = np.repeat(np.arange(14), 3)
    text = sl.fit(SURFACE, runs, objective=objective, delta=1e-2)
    known = sl.fit_chinchilla(*runs.to_numpy().T, objective=objective, delta=1e-2)
    for groups in (None, labels):
        one, other = text.audit(groups=groups).influence, known.audit(groups=groups).influence
        for name in ("E", "alpha", "beta"):
            change = other[f"change_{name}"].to_numpy()
            assert one[f"change_{name}"].to_numpy() == pytest.approx(change, abs=1e-3 * np.abs(change).max())


def test_influence_is_a_refit_without_the_row():
    """Rows keep their numbers where families are sorted, and weights count: leaving out is fitting the other rows."""
    runs = table().sample(frac=1.0, random_state=1, ignore_index=True)
    runs["kind"], runs["w"] = np.resize(["b", "a"], 42), np.resize([1.0, 2.0, 1.0], 42)
    how = {"by": "kind", "shared": "E", "weights": "w", "objective": "log_least_squares"}
    point = {"N": 1e10, "D": 1e12, "kind": "a"}
    fit = sl.fit("chinchilla", runs, **how)
    found = fit.audit(at=point).influence
    assert found.loss.tolist() == runs.loss.tolist()
    for row in (0, 17, 41):
        without = sl.fit("chinchilla", runs.drop(index=row), **how)
        for name in fit.names:
            change = without.constants[name] - fit.constants[name]
            assert found[f"change_{name}"][row] == pytest.approx(change, rel=1e-4, abs=1e-7 * fit.constants[name])
        moved = float(np.log(without.law(**point) / fit.law(**point)))
        assert found.change_log_prediction[row] == pytest.approx(moved, rel=1e-4, abs=1e-9)


def test_one_wild_run_is_named_and_five_move_it_further():
    """A loss 15% off in one row of fifty of three variables heads the table; the five that are named move the
    prediction further, to what a fit without them gives."""
    rng = np.random.default_rng(2)
    spans = {"N": (17, 23), "D": (20, 26), "K": (0, 4)}
    runs = pd.DataFrame({name: np.exp(rng.uniform(*span, 50)) for name, span in spans.items()})
    runs["loss"] = 1.7 + 480 / runs.N**0.34 + 2000 / runs.D**0.36 + 0.3 / runs.K**0.5
    runs["loss"] *= np.exp(0.002 * rng.standard_normal(50))
    runs.loc[runs.N.idxmax(), "loss"] *= 1.15
    fit = sl.fit(f"{SURFACE} + G / K**gamma", runs, objective="log_least_squares")
    audit = fit.audit()
    assert audit.influence.change_log_prediction.abs().idxmax() == runs.N.idxmax()
    assert f"is row {runs.N.idxmax()}:" in " ".join(audit.report().split())
    rest = sl.fit(fit.form, runs.drop(index=list(audit.deciding)), objective="log_least_squares")
    assert audit.leverage.without_deciding == pytest.approx(rest.constants, rel=1e-5)
    moved = np.log(rest.law(**audit.point) / fit.law(**audit.point))
    assert abs(moved) > audit.influence.change_log_prediction.abs().max()


@pytest.mark.parametrize(("objective", "units"), [("log_least_squares", 4.0), ("lad", np.pi), ("huber", 4.0)])
def test_another_optimum_is_likely_by_two_units_of_log_likelihood(objective, units):
    """Of 42 runs with normal errors two units are 4 / n of the squares, and pi / n of the absolute values."""
    found = sl.fit(SURFACE, table(seed=3), objective=objective).audit(at={"N": 1e10, "D": 1e12}).starting
    assert found.likely == pytest.approx(units / 42, rel=0.35)


def test_the_error_of_a_prediction_is_scipys():
    """Half of the 80% interval is that of curve_fit's covariance, as a share of what lies above the floor."""
    runs = pd.DataFrame({"C": np.geomspace(1e18, 1e20, 20)})
    runs["loss"] = (1.8 + 500 / runs.C**0.15) * np.exp(0.01 * np.random.default_rng(0).standard_normal(20))
    fit = sl.fit("E + A / C**a", runs, objective="log_least_squares")

    def log_loss(C, E, height, a):
        return np.log(E + np.exp(height - a * np.log(C / 1e19)))

    values, covariance = curve_fit(
        log_loss, runs.C, np.log(runs.loss), p0=[1.8, np.log(0.7), 0.15], xtol=1e-14, ftol=1e-14
    )
    E, height, a = values
    term = np.exp(height - a * np.log(1e21 / 1e19))
    gradient = np.array([1.0, term, -np.log(1e21 / 1e19) * term])
    half = t.ppf(0.9, 17) * np.sqrt(gradient @ covariance @ gradient)
    audit = fit.audit()
    assert audit.point == {"C": pytest.approx(1e21)} and audit.prediction == pytest.approx(E + term, rel=1e-5)
    assert audit.error == pytest.approx(half / term, rel=2e-3) == audit.reach.error["C"]
    runs["loss"] *= np.exp(0.02 * np.random.default_rng(1).standard_normal(20))
    audit = sl.fit("E + A / C**a", runs, objective="log_least_squares").audit(at={"C": 1e24})
    assert audit.error > 0.5 and "no better than to a factor of two: do not plan by it" in " ".join(
        audit.report().split()
    )
    audit = fit.audit()
    assert audit.correlations.loc["A", "a"] > 0.95 and "A and a (+" in audit.report()


def test_a_prediction_that_does_not_rest_on_what_is_open_has_its_error():
    """Of A * B / N**alpha predictions are as well known as of A / N**alpha; of runs of one D those at another are not,
    and the constants that they rest on are named."""
    runs = table()
    plain, twice = (
        sl.fit(f"E + {size} / N**alpha", runs, objective="log_least_squares").audit() for size in ("A", "A * B")
    )
    assert twice.error == pytest.approx(plain.error, rel=1e-3)
    one = pd.DataFrame({"N": np.geomspace(1e7, 1e9, 12), "D": 1e10})
    one["loss"] = LAW(one.N, one.D) * np.exp(0.003 * np.random.default_rng(1).standard_normal(12))
    fit = sl.fit(SURFACE, one)
    there, here = (fit.audit(at={"N": 1e9, "D": D}) for D in (1e11, 1e10))
    assert 0.0 < here.error < 1.0 and np.isposinf(there.error)
    said = " ".join(there.report().split())
    assert "which rests on" in said and "beta" in said.split("which rests on")[1].split(":")[0]


def test_a_sound_table_has_no_such_warning():
    """Seven budgets of six sizes with 0.3% noise fix ten times the compute: nothing speaks against the fit."""
    audit = sl.fit(SURFACE, table()).audit()
    said = " ".join(audit.report().split())
    assert audit.error < 0.1 and not audit.undetermined and not audit.pooled.findings
    assert "do not plan" not in said and "too little" not in said
    assert len(audit.starting.rivals) == 0 and audit.starting.fit == 0
    narrow = sl.fit("E + A / N**alpha", {"N": [1e8, 1.5e8, 2e8, 2.2e8], "loss": [3.0, 2.9, 2.85, 2.84]}).audit()
    assert "a factor of 2.2: too little to tell its part from a constant" in " ".join(narrow.report().split())


def test_optima_that_exchange_two_terms_are_no_rivals():
    """Two alike terms may change places: another optimum just as low, which predicts the same."""
    C = np.geomspace(1, 1e6, 40)
    runs = pd.DataFrame({"C": C, "loss": 3.0 / C**0.1 + 2.0 / C**0.8})
    audit = sl.fit("A / C**a + B / C**b", runs).audit()
    low = audit.optima[audit.optima.excess < 1e-9]
    assert len(low) == 2 and low.a.tolist() == pytest.approx(low.b.tolist()[::-1], rel=1e-5)
    assert len(audit.starting.rivals) == 0 and "at another just as low" in " ".join(audit.report().split())


def test_rows_of_two_corpora_are_told_by_their_column():
    """Losses 2% apart by a column that is not in the law: the audit names it, and a fit by it has nothing to say."""
    runs = table()
    runs["corpus"] = np.resize(["web", "books"], 42)
    runs["loss"] *= np.where(runs.corpus == "web", 1.01, 0.99)
    audit = sl.fit(SURFACE, runs).audit()
    assert [finding.column for finding in audit.pooled.findings] == ["corpus"]
    assert "Residuals split by column 'corpus'" in " ".join(audit.report().split())
    assert "Residuals split by column 'corpus'" in " ".join(sl.fit(SURFACE, runs).report().split())
    assert not sl.fit(SURFACE, runs, by="corpus", shared="E").audit().pooled.findings


def test_what_is_open_and_what_cannot_be_told_apart_is_said():
    """A product of two constants in one place is named, and the audit still tells which runs matter."""
    with pytest.warns(sl.IdentifiabilityWarning):
        fit = sl.fit("A * B / N**alpha", table())
    said = " ".join(fit.audit().report().split())
    assert "do not determine A, B; A and B cannot be told apart" in said and "beyond what can be told" in said


def test_bad_input_is_named():
    """A point that lacks a variable, or names another or an unknown family, is refused."""
    fit = sl.fit(SURFACE, table())
    with pytest.raises(ValueError, match="at must have a number for N, D and no more; got N"):
        fit.audit(at={"N": 1e9})
    with pytest.raises(ValueError, match="groups must have one label a run"):
        fit.audit(groups=[1, 2])
