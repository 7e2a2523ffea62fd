"""Hostile forms and calls: whatever is asked of a fit, an error names the argument, the rows and what is allowed."""

import contextlib
import warnings
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.forms import Form, FormError


def runs(count=12, **more):
    """Runs of a law of N and D, on a curve through both."""
    N, D = np.geomspace(1e6, 1e9, count), np.geomspace(1e11, 1e9, count) * np.geomspace(1, 3, count)
    noise = np.exp(0.003 * np.random.default_rng(0).standard_normal(count))
    return {"N": N, "D": D, "loss": (1.8 + 400 / N**0.34 + 1000 / D**0.3) * noise, **more}


# ---- texts -----------------------------------------------------------------------------------------------

TEXTS = {
    "1/0 + N": "1 / 0 divides by zero",
    "E + A / 0": "A / 0 divides by zero",
    "E + A / (1 - 1)": r"A / \(1 - 1\) divides by zero",
    "0**(-1) + E * N": r"0\*\*\(-1\) is no finite number",
    "E + log(0) * N": r"log\(0\) is no finite number",
    "E + log(-1) * N": r"log\(-1\) is no finite number",
    "E + sqrt(-1) * N": r"sqrt\(-1\) is no finite number",
    "E + exp(1e5) * N": r"exp\(100000\) is no finite number",
    "E + (1e300)**2 * N": r"1e\+300\*\*2 is no finite number",
    "E + 1e400 * N": "1e400 is more than a float can hold",
    "E + 1e308 * 1e308 * N": "is no finite number",
    "E" + " + N" * 4000: "more than 150 operations",
    "a = E + N; " + "; ".join(f"{b} = {a} + {a}" for a, b in pairwise("abcdefghijklmno")) + "; o": "written out",
    "E" + " * N" * 4000: "more than 150 operations",
    "E" + " / N" * 1000: "more than 150 operations",
    "-" * 5000 + "N + E": "more than 150 operations",
    "E + " + " * ".join(["(1 + A / N**alpha)"] * 100): "more than 150 operations",
    "E + " + "A / (1 + b * " * 40 + "N" + ")" * 40: "more than 25 brackets in each other",
    "E + " + "exp(" * 40 + "a * N" + ")" * 40: "more than 25 brackets in each other",
    "E + N" + "**a" * 40: "more than 25 powers in each other",
    "E + N" + " + N" * 6000: "20000 at most",
    "E + " + "x" * 5000 + " * N": "a name of 5000 characters",
    "N": "unknown form 'N'",
    "5": "unknown form '5'",
    "1 + N": "'1 \\+ N' has no constant, so nothing is left to fit",
    "N = 3; E + N": "form defines 'N', which is a column of the table",
    "A / n**alpha": r"none of its names A, n, alpha is a column; .* did you mean N for n\?",
    "E + loss / N**alpha": "y is 'loss', which the form takes, too",
    "E + A * log(N - 1e6)": r"N - 1e\+06 must be above zero, as the form has log\(N - 1e\+06\); row 0 holds 0",
    "E + A / (N - 1e6)": r"N - 1e\+06 must be other than zero, .* row 0 holds 0",
    "E + A * sqrt(N - 2e6)": r"N - 2e\+06 must be zero or above, .* rows 0, 1 hold -1e\+06",
    "q = N - 2e6; E + A * q**a": r"N - 2e\+06 must be zero or above, .* rows 0, 1 hold",
    "E + A / (N - N)": "N - N must be other than zero, .* rows 0, 1, 2, 3, 4 and 7 more hold 0",
    "E + A * exp(N)": "gives no number above zero at all 12 runs",
}


@pytest.mark.parametrize(("text", "words"), TEXTS.items(), ids=[text[:30] for text in TEXTS])
def test_a_text_that_is_no_law_of_these_runs_says_why(text, words):
    """A form that divides by zero, overflows, nests without end or misses a column is refused by its own words."""
    with pytest.raises((ValueError, sl.forms.FormError, KeyError), match=words) as caught:
        sl.fit(text, runs())
    assert max(map(len, str(caught.value).split("\n"))) < 700


LONGEST = ("E" + " * (N / 1e7 + b)" * 50, "E + N" + " + N" * 149, "E + " + "sqrt(1 + A / " * 24 + "N" + ")" * 24)


@pytest.mark.parametrize("text", LONGEST, ids=["product", "sum", "nested"])
def test_no_text_that_is_allowed_is_too_deep_for_python(text):
    """The longest and deepest texts that are let through are read and tried, hundreds of frames below the caller."""

    def beneath(frames, call):
        return call() if not frames else beneath(frames - 1, call)

    assert "N" in Form(text).names
    with warnings.catch_warnings(), contextlib.suppress(ValueError):  # a product of fifty factors may overflow
        warnings.simplefilter("ignore")
        beneath(300, lambda: sl.fit(text, runs()))


@pytest.mark.parametrize(("variables", "bad"), [(None, "None"), (3, "3"), ("N", "'N'")])
def test_variables_of_a_form_are_names(variables, bad):
    """Variables that are no names are refused as what they are."""
    with pytest.raises(FormError, match=f"variables must be names, .* got {bad}"):
        Form("E + A / N**a", variables=variables)


# ---- names that are nearly those of columns --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("E + A / N**alpha + B / Tokens**beta", "Tokens", "tokens"),
        ("E + A / N**alpha + B / token**beta", "token", "tokens"),
        ("E * N + A / n**alpha", "n", "N"),
    ],
)
def test_a_mistyped_column_is_said_by_name(text, name, column):
    """A constant that is spelt nearly as a column is warned of with both names, at the caller's line."""
    table = pd.DataFrame(runs()).rename(columns={"D": "tokens"})
    with pytest.warns(UserWarning, match=f"{name} is taken for a constant, .* a column {column}") as caught:
        sl.fit(text, table)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("text", ["c + A / N**alpha", "E + A / N**a", "d + a * N**(-b)"])
def test_a_short_name_that_is_only_added_is_no_mistyped_column(text):
    """A c that is added to the rest is no C, and short names of other letters are no slips."""
    table = pd.DataFrame(runs()).assign(C=lambda each: 6 * each.N * each.D)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", sl.IdentifiabilityWarning)
        sl.fit(text, table)


# ---- tables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "words"), [(0.0, "row 3 holds 0"), (-5.0, "row 3 holds -5")])
def test_a_variable_that_is_not_above_zero_is_named_and_no_constant_is_blamed(value, words):
    """N of zero or below under a power is refused by its name, its row and the part of the form."""
    table = runs()
    table["N"] = np.where(np.arange(12) == 3, value, table["N"])
    with pytest.raises(ValueError, match=f"N must be above zero, as the form has A / N.*; {words}"):
        sl.fit("E + A / N**alpha", table)


def test_the_row_is_that_of_the_table_whatever_the_families():
    """Rows are counted in the table, and not among the runs as families sort them."""
    table = runs()
    table["N"] = np.where(np.arange(12) == 3, 0.0, table["N"])
    with pytest.raises(ValueError, match="row 3 holds 0"):
        sl.fit("E + A / N**alpha", table, by=["b", "a"] * 6)


def test_zero_is_a_value_where_the_form_has_no_quarrel_with_it():
    """A share of zero under a power that rises is a run like any other."""
    share = np.tile([0.0, 0.25, 0.5, 1.0], 6)
    N = np.repeat(np.geomspace(1e6, 1e9, 6), 4)
    table = {"N": N, "r": share, "loss": 1.8 + 400 / N**0.34 + 0.5 * share**1.5}
    found = sl.fit("E + A / N**alpha + B * r**beta", table)
    assert found.constants["beta"] == pytest.approx(1.5, rel=1e-4)


class _Broken(dict):
    def __getitem__(self, key):
        raise RuntimeError("boom")


TABLES = {
    "a list": (lambda: [1, 2], "table must be a table or a mapping of columns; got list"),
    "none": (lambda: None, "got NoneType"),
    "a number": (lambda: 3, "got int"),
    "a path": (lambda: "runs.csv", "got str"),
    "an array": (lambda: np.ones((3, 3)), "got ndarray"),
    "a class": (lambda: dict, "got type"),
    "records": (lambda: pd.DataFrame(runs()).to_records(), "got recarray"),
    "an empty dict": (dict, "y must be a column; got 'loss'"),
    "empty columns": (lambda: {"N": [], "loss": []}, "N is empty"),
    "one row": (lambda: {"N": [1e6], "loss": [2.0]}, "1 run cannot fix the 3 constants"),
    "numbers for columns": (lambda: {"N": 1e6, "loss": 2.0}, r"N must be one-dimensional, .* got shape \(\)"),
    "two dimensions": (lambda: {"N": np.ones((3, 2)), "loss": np.ones(3)}, r"got shape \(3, 2\)"),
    "ragged": (lambda: {"N": [[1], [1, 2]], "loss": [1, 2]}, "N must be numbers in rows of equal length"),
    "unequal": (lambda: {"N": [1, 2, 3], "loss": [1, 2]}, "N and loss must have one entry a run each"),
    "words": (lambda: {"N": list("abcd"), "loss": [1, 2, 3, 4]}, "N must be numbers; row 0 holds 'a'"),
    "a hole": (lambda: runs(N=[None, *np.ones(11)]), "N must be numbers; row 0 holds None"),
    "a masked row": (
        lambda: runs(N=np.ma.array(np.ones(12), mask=[0, 1] + [0] * 10)),
        "N must be numbers; row 1 masked",
    ),
    "a masked loss": (lambda: runs(loss=np.ma.array(np.ones(12), mask=[1] + [0] * 11)), "loss must be numbers; row 0"),
    "complex": (lambda: runs(N=np.ones(12) + 0j), "N must be real numbers; got complex"),
    "truths": (lambda: runs(N=np.ones(12, dtype=bool)), "N must be real numbers; got true or false"),
    "dates": (lambda: runs(N=pd.date_range("2020", periods=12)), "N must be real numbers; got dates"),
    "huge whole numbers": (lambda: runs(N=[10**400] * 12), "N must be numbers; row 0 holds 1000"),
    "an infinity": (lambda: runs(loss=[np.inf, *np.ones(11)]), "loss must be finite; row 0 holds inf"),
    "a name twice": (
        lambda: pd.concat([pd.DataFrame(runs()), pd.DataFrame(runs())[["N"]]], axis=1),
        "table has two columns 'N'",
    ),
    "the loss twice": (
        lambda: pd.concat([pd.DataFrame(runs()), pd.DataFrame(runs())[["loss"]]], axis=1),
        "table has two columns 'loss'",
    ),
    "names in two rows": (
        lambda: pd.DataFrame(runs()).set_axis(pd.MultiIndex.from_tuples([("a", c) for c in "NDL"]), axis=1),
        "y must be a column; got 'loss', and there are ",
    ),
    "what fails": (lambda: _Broken(runs()), "table cannot give its column 'N': RuntimeError: boom"),
}


@pytest.mark.parametrize(("table", "words"), TABLES.values(), ids=TABLES)
def test_a_table_that_is_none_says_what_is_wrong(table, words):
    """Tables of every wrong kind are refused in the library's own words, with argument and rows."""
    with pytest.raises(ValueError, match=words):
        sl.fit("E + A / N**alpha", table())


PAIRS = [("a", "b"), (None, 3), (1j, 2), (1, 2, 3), (np.nan, 1), ([0], [1]), "ab", {}, 3]
OPTIONS = {
    "fixed": {
        "must be a dict of constants": [3, "E", ["E"]],
        "must be numbers": [{"E": None}, {"E": "x"}],
        "must be finite": [{"E": np.inf}],
        "must be one number": [{"E": [1, 2]}],
        "got complex numbers": [{"E": 1j}],
        "no constant; they are E, A, alpha": [{"Q": 1}, {"N": 1}, {3: 1}],
        "nothing is left to fit": [{"E": 1, "A": 1, "alpha": 1}],
    },
    "bounds": {
        "must be a dict of constants": [3, "E", [1]],
        "bounds of E must be two numbers": [{"E": pair} for pair in PAIRS],
        r"must be \(lowest, highest\)": [{"E": (2, 1)}, {"E": (1, 1)}],
        "no constant": [{"Q": (0, 1)}],
    },
    "prior": {
        "must be a dict of constants": [3, "E"],
        "prior of E must be two numbers": [{"E": pair} for pair in PAIRS],
        "a finite sd above zero": [{"E": (1, 0)}, {"E": (1, -1)}, {"E": (1, np.inf)}],
        "no constant": [{"Q": (0, 1)}],
    },
    "start": {
        "must be a dict of constants": [3],
        "must be numbers": [{"E": "x"}],
        "must be finite": [{"E": np.nan}],
        "no constant": [{"Q": 1}],
    },
    "shared": {"must be names of constants": [3, None], "no constant": ["Q", [3]], "goes with by=": ["E"]},
    "columns": {
        "must be a dict of variable -> column": [3, "x", [("N", "D")]],
        "no variable of the form": [{"x": "N"}, {3: "N"}],
        "must be a column": [{"N": 3}, {"N": "q"}, {"N": ["N"]}],
        "y is 'loss', which columns= gives": [{"N": "loss"}],
    },
    "y": {"must be a column": [3, "", "Loss", ["loss"]], "y is 'N', which the form takes": ["N"]},
    "weights": {
        "no column": ["w"],
        "one entry a run": [[1, 2], np.ones((12, 1))],
        "must be numbers": [["a"] * 12],
        "weights must be": [-np.ones(12), [np.nan] * 12, True, np.ones(12) * 1j],
    },
    "noise": {"no column": ["w"], "noise must": [0, -1, np.nan, np.inf, {}, True, [1, 2], np.zeros(12)]},
    "groups": {
        "one label a run": [3, [1, 2], {}, np.ones((12, 2))],
        "no column": ["w"],
        "for every run": [[None] * 12],
    },
    "by": {"one label a run": [3, [1, 2], {}, np.ones((12, 2))], "12 runs cannot fix the 36": [list(range(12))]},
    "objective": {"must be one of 'huber'": [3, None, "hubr", ["huber"]]},
    "space": {"must be one of 'log'": [3, "cubic", ["log"]]},
    "delta": {"delta must be": [0, -1, "x", None, np.nan, np.inf, [1], True]},
}
CASES = [(name, value, words) for name, said in OPTIONS.items() for words, values in said.items() for value in values]


@pytest.mark.parametrize(("option", "value", "words"), CASES, ids=[f"{one}={two!r}"[:40] for one, two, _ in CASES])
def test_an_option_that_is_none_says_what_is_allowed(option, value, words):
    """Options of every wrong kind are refused in words of the library."""
    with pytest.raises(ValueError, match=words):
        sl.fit("E + A / N**alpha", runs(), **{option: value})


# ---- asking a law ----------------------------------------------------------------------------------------


def grid(noise=0.003, **more):
    """Runs of a known law of N and D on a grid."""
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e9, 4), np.geomspace(1e9, 1e11, 4)))
    stray = np.exp(noise * np.random.default_rng(1).standard_normal(16))
    return {"N": N, "D": D, "loss": (1.8 + 400 / N**0.34 + 1000 / D**0.3) * stray, **more}


TEXT = "E + B / D**beta + A / N**alpha"  # D stands first in it
BOUNDED = {"E": (0.0, 5.0)}


@pytest.fixture(scope="module")
def asked():
    """A fit of a text, its bootstrap and its profile."""
    fit = sl.fit(TEXT, grid(), bounds=BOUNDED)
    return {"fit": fit, "bootstrap": fit.bootstrap(50, seed=0), "profile": fit.profile()}


@pytest.fixture(scope="module")
def families():
    """A fit of two families by a column, and by an array."""
    table = pd.DataFrame(runs(24)).assign(arch=["a", "b"] * 12)
    return sl.fit("E + A / N**alpha", table, by="arch")


def test_two_variables_of_a_text_are_asked_for_by_name(asked):
    """Of a text the order would be that of its terms: numbers without names are refused, with the call to write."""
    fit, at = asked["fit"], {"N": 1e9, "D": 1e10}
    assert fit.law.variables == ("D", "N")
    for call in (fit.law, fit.predict, partial(asked["bootstrap"].predict, level=0.8)):
        with pytest.raises(TypeError, match=r"this law takes D, N: name them, as law\(D=..., N=...\)"):
            call(1e9, 1e10)
    assert fit.law(**at) == fit.law.form.law(**fit.constants)(D=1e10, N=1e9) == fit.predict(**at).value


def test_a_form_that_says_its_variables_has_their_order():
    """An entry of sl.forms has N and D in the order that it prints; one variable needs no name."""
    law = sl.forms["chinchilla"].law("Besiroglu et al. 2024")
    assert law(1e9, 1e10) == law(N=1e9, D=1e10) == law(1e9, D=1e10)
    with pytest.raises(TypeError, match="this law takes N, D; got 3 values"):
        law(1e9, 1e10, 1.0)
    assert sl.fit("E + A / N**alpha", runs()).law(1e9) > 0.0


def test_a_table_may_be_asked_about(asked):
    """A table with the variables in columns is asked row by row, whatever else it holds and in whatever order."""
    table = pd.DataFrame(grid())[["loss", "D", "N"]]
    fit = asked["fit"]
    assert fit.law(table) == pytest.approx(fit.law(N=table.N, D=table.D), rel=1e-15)
    for call in (fit.predict, lambda at: asked["bootstrap"].predict(at, level=0.8)):
        found, named = call(table), call({"N": table.N, "D": table.D})
        assert found.low.shape == (16,) and found.low == pytest.approx(named.low, rel=1e-12)
    with pytest.raises(TypeError, match="this law takes D, N; got D"):
        fit.predict(table[["D", "loss"]])


def test_a_table_may_keep_the_names_of_its_own_columns():
    """What was fitted with columns= is asked with such a table, too."""
    table = pd.DataFrame(runs()).rename(columns={"N": "params"})
    fit = sl.fit("E + A / N**alpha", table, columns={"N": "params"})
    assert fit.predict(table).value == pytest.approx(fit.law(N=table.params), rel=1e-15)


def test_families_are_asked_by_the_name_of_their_column_or_as_family(families):
    """family= and the column's own name say the same; rows of a table may be of several families."""
    one, same = families.predict(N=1e8, family="a"), families.predict(N=1e8, arch="a")
    assert (one.value, one.low, one.high) == (same.value, same.low, same.high)
    table = pd.DataFrame({"N": [1e7, 1e8, 1e8], "arch": ["b", "a", "b"]})
    found = families.predict(table)
    assert found.low[1] == pytest.approx(one.low, rel=1e-9)
    assert found.low[2] == pytest.approx(families.predict(N=1e8, family="b").low, rel=1e-9)


def test_a_prediction_far_outside_of_the_runs_says_so(asked):
    """Beyond a hundred times the compute of the largest run, or as far below the smallest, a caution says it."""
    fit = asked["fit"]
    assert fit.predict(N=1e9, D=1e12).caution == ""
    far = fit.predict(N=1e11, D=1e13)
    assert (
        "6 N D = 6e+24 is 1e+04 times the largest of the runs" in far.caution and "no run has tested it" in far.caution
    )
    assert far.caution[:30] in far.report()
    assert "times below the smallest" in fit.predict(N=1e5, D=1e7).caution
    alone = sl.fit("E + A / N**alpha", runs())
    assert "N = 1e+12 is 1e+03 times the largest" in alone.predict(N=1e12).caution


WRONG = {
    "nothing": ((), {}, TypeError, "this law takes D, N; got nothing"),
    "one of two": ((), {"N": 1e9}, TypeError, "this law takes D, N; got N"),
    "one too many": ((), {"N": 1e9, "D": 1e10, "K": 3}, TypeError, "got N, D, K"),
    "a name and a place": ((1e9,), {"N": 1e9, "D": 1e10}, TypeError, "this law takes D, N"),
    "a family of none": ((), {"N": 1e9, "D": 1e10, "family": "a"}, TypeError, "got N, D, family"),
    "a word": ((), {"N": "x", "D": 1e10}, ValueError, "N must be numbers; got 'x'"),
    "no number": ((), {"N": np.nan, "D": 1e10}, ValueError, "N must be finite; got nan"),
    "none": ((), {"N": None, "D": 1e10}, ValueError, "N must be numbers; got None"),
    "complex": ((), {"N": 1j, "D": 1e10}, ValueError, "N must be real numbers; got complex"),
    "empty": ((), {"N": [], "D": []}, ValueError, "is empty"),
    "masked": (
        (),
        {"N": np.ma.array([1e9, 1e9], mask=[1, 0]), "D": 1e10},
        ValueError,
        "N must be numbers; row 0 masked",
    ),
    "one masked": ((), {"N": np.ma.masked, "D": 1e10}, ValueError, "N must be numbers; got masked"),
    "shapes": ((), {"N": [1e9, 2e9], "D": [1e10] * 3}, ValueError, "must broadcast; got shapes"),
    "a list of tables": (([1e9, 1e10],), {}, TypeError, "this law takes D, N"),
}


@pytest.mark.parametrize("of", ["law", "fit", "bootstrap", "profile"])
@pytest.mark.parametrize(("values", "named", "kind", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_question_is_answered_in_words(values, named, kind, words, of, asked):
    """A law, a fit, a bootstrap and a profile refuse what they cannot be asked, and say what it is."""
    call = asked["fit"].law if of == "law" else asked[of].predict
    level = {"level": 0.8} if of in ("bootstrap", "profile") else {}
    with pytest.raises(kind, match=words):
        call(*values, **named, **level)


@pytest.mark.parametrize("of", ["fit", "bootstrap", "profile"])
@pytest.mark.parametrize("N", [-1.0, 0.0])
def test_there_is_no_prediction_where_the_law_is_no_number(N, of, asked):
    """At N of zero or below the law is no number, and the point is named."""
    level = {} if of == "fit" else {"level": 0.8}
    with pytest.raises(ValueError, match=f"N must be above zero, as the form has A / N.*; got {N:g}"):
        asked[of].predict(N=N, D=1e10, **level)


FAMILIES = {
    "no family": ({"N": 1e9}, TypeError, "arch says which family"),
    "an unknown one": ({"N": 1e9, "family": "z"}, KeyError, "unknown family of arch 'z'"),
    "a number": ({"N": 1e9, "arch": 3}, KeyError, "unknown family of arch '3'"),
    "one of them unknown": ({"N": 1e9, "arch": ["a", "z"]}, KeyError, "unknown family of arch 'z'"),
    "shapes": (
        {"N": [1e7, 1e8, 1e9], "arch": ["a", "b"]},
        ValueError,
        r"N and arch must broadcast; got shapes \(3,\) and",
    ),
}


@pytest.mark.parametrize("of", ["law", "predict"])
@pytest.mark.parametrize(("named", "kind", "words"), FAMILIES.values(), ids=FAMILIES)
def test_a_wrong_family_is_answered_in_words(named, kind, words, of, families):
    """Families that are missing, unknown or of another shape are refused by name."""
    with pytest.raises(kind, match=words):
        getattr(families, of)(**named)


# ---- methods of a fit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1, -1, 1.5, "x", None, np.nan, np.inf, 1e12, 1e300, [1], True])
def test_resamples_are_a_whole_number_within_reason(value, asked):
    """A count of resamples that is none, or that nobody can wait for, is refused at once."""
    for call in (asked["fit"].bootstrap, lambda count, seed: asked["fit"].optimum(1e21, resamples=count, seed=seed)):
        with pytest.raises(ValueError, match="resamples must be"):
            call(value, seed=0)
    with pytest.raises(ValueError, match="resamples must be"):
        asked["fit"].speedup(asked["fit"], resamples=value)


@pytest.mark.parametrize("value", [-1, 1.5, "x", None, np.nan, np.inf, [1]])
def test_a_seed_is_a_whole_number(value, asked):
    """A seed that is none is refused by its name."""
    with pytest.raises(ValueError, match="seed must be"):
        asked["fit"].bootstrap(20, seed=value)


@pytest.mark.parametrize("value", [0, 1, -1, 2, "x", None, np.nan, [0.5, 0.8], True])
def test_a_level_lies_between_zero_and_one(value, asked, families):
    """A level that is no share is refused by every method that takes one."""
    calls = [asked["bootstrap"].interval, asked["profile"].interval]
    calls += [lambda level: asked["fit"].predict(N=1e9, D=1e10, level=level)]
    calls += [lambda level: families.differs("E", level=level)]
    for call in calls:
        with pytest.raises(ValueError, match="level must be"):
            call(value)


OPTIMA = {
    "cost must be a text": [{"cost": ""}, {"cost": 3}, {"cost": None}],
    "more than 150 operations": [{"cost": "N" + " + N" * 500}],
    "brackets in each other": [{"cost": "(" * 200}],
    "more than a float can hold": [{"cost": "1e400 * N * D"}],
    "1 / 0 divides by zero": [{"cost": "1 / 0"}],
    "cost must rise with": [{"cost": "N * 0 * D"}],
    "there is no best split": [{"cost": "N"}, {"cost": "-N * D"}],
    "cost has K": [{"cost": "6 * N * D * K"}],
    "over must be names": [{"over": 3}, {"over": None}],
    "over must name one to": [{"over": ()}, {"over": ("N", "N")}],
    "over names": [{"over": ("Q",)}, {"over": [3]}],
    "given must be a dict": [{"given": 3}, {"given": "N"}],
    "stands in over and in given": [{"given": {"N": 1e9}}],
    "given names": [{"given": {"Q": 1}}, {"given": {"E": 1}}],
    r"given\['N'\] must be numbers": [{"given": {"N": "x"}, "over": ("D",)}],
    "bounds must be a dict": [{"bounds": 3}],
    "bounds of N must be": [{"bounds": {"N": z}} for z in (3, ("a", "b"), (None, 1), (np.nan, 1), (1, 0), (-1, 1))],
    "bounds names 'Q'": [{"bounds": {"Q": (0, 1)}}],
    "unknown family 'a'; Known: none": [{"family": "a"}],
    "level must be": [{"level": 0}, {"level": 2}],
    "seed must be": [{"seed": -1}, {"seed": "x"}],
}
ASKED = [(how, words) for words, every in OPTIMA.items() for how in every]


@pytest.mark.parametrize(("how", "words"), ASKED, ids=[str(how)[:40] for how, _ in ASKED])
def test_a_wrong_split_is_refused_in_words(how, words, asked):
    """Costs, variables, numbers and bounds of every wrong kind are refused by name."""
    with pytest.raises((ValueError, KeyError), match=words):
        asked["fit"].optimum(1e21, **{"resamples": 20, **how})


@pytest.mark.parametrize("budget", [0, -1, "x", None, np.nan, np.inf, [], 1j, True, np.ma.masked])
def test_a_budget_is_a_number_above_zero(budget, asked):
    """A budget that is none is refused by its name."""
    with pytest.raises(ValueError, match="budget"):
        asked["fit"].optimum(budget, resamples=20)


SPEEDUPS = {
    "over must be a fit": [{"over": each} for each in (3, None, {}, object(), sl.published["besiroglu2024"])],
    "unknown family of over 'x'": [{"over": "x"}],
    "loss must be|loss is empty": [{"loss": each} for each in ("x", -1, 0, np.nan, [], np.ones((2, 2)))],
    "budget must be": [{"budget": "x"}, {"budget": 0}],
    "give loss or budget, not both": [{"loss": 2.0, "budget": 1e20}],
    "floor must be": [{"floor": each} for each in ("x", 5.0, -1.0, np.nan)],
    "cost has x, which no law has": [{"cost": "x"}],
    "cost must be a text": [{"cost": 3}],
    "given must be a dict": [{"given": 3}],
    "given names 'Q'": [{"given": {"Q": 1}}],
    "bounds must be a dict": [{"bounds": 3}],
    "unknown family of fit 'a'": [{"family": "a"}],
    "paired must be True, False or None": [{"paired": "x"}],
    "level must be": [{"level": 2}],
    "seed must be": [{"seed": -1}, {"seed": "x"}],
}
FASTER = [(how, words) for words, every in SPEEDUPS.items() for how in every]


@pytest.mark.parametrize(
    ("how", "words"), FASTER, ids=[f"{number}-{'-'.join(how)}" for number, (how, _) in enumerate(FASTER)]
)
def test_a_wrong_speedup_is_refused_in_words(how, words, asked):
    """What a speed-up cannot be asked is refused by name."""
    with pytest.raises((ValueError, KeyError), match=words):
        asked["fit"].speedup(**{"over": asked["fit"], "resamples": 20, **how})


@pytest.mark.parametrize("at", [3, "x", [1], {"N": 1}, {"N": 1, "D": 1, "Q": 2}, {"N": "x", "D": 1}, {3: 1}])
def test_an_audit_is_asked_at_variables(at, asked):
    """A point that is none, or lacks a variable, is refused by its name."""
    with pytest.raises(ValueError, match="at"):
        asked["fit"].audit(at=at)


POOL, TARGET = {"N": grid()["N"], "D": grid()["D"]}, {"N": 1e10, "D": 1e12}
PURCHASES = {
    "candidates must be a table": [{"candidates": each} for each in (3, None, [1], "runs.csv")],
    "candidates has no": [{"candidates": {}}, {"candidates": {"N": [1]}}],
    "is empty": [{"candidates": {"N": [], "D": []}}],
    r"candidates\['N'\] must be numbers": [{"candidates": {"N": ["a"], "D": [1.0]}}],
    r"candidates\['N'\] must be numbers; row 0 masked": [
        {"candidates": {"N": np.ma.array([1e9, 1e9], mask=[1, 0]), "D": [1e10, 1e10]}}
    ],
    "must have one entry a run each; got lengths 1 and 2": [{"candidates": {"N": [1, 2], "D": [1]}}],
    "candidates has two columns 'N'": [{"candidates": pd.concat([pd.DataFrame(POOL)] * 2, axis=1)}],
    "target must be a table": [{"target": 3}, {"target": None}],
    "target has no": [{"target": {}}],
    r"target\['N'\] must be numbers": [{"target": {"N": "x", "D": 1}}],
    r"target\[.*must broadcast": [{"target": {"N": [1, 2], "D": [1, 2, 3]}}],
    "budget": [{"budget": each} for each in (0, "x", np.nan, 1.0)],
    "price": [{"price": each} for each in (3, "-N", None, [1])],
    "most must be": [{"most": each} for each in (0, 2, "x")],
    "seed must be": [{"seed": "x"}, {"seed": -1}],
}
BOUGHT = [(how, words) for words, every in PURCHASES.items() for how in every]


@pytest.mark.parametrize(("how", "words"), BOUGHT, ids=[str(how)[:40] for how, _ in BOUGHT])
def test_a_wrong_purchase_is_refused_in_words(how, words, asked):
    """Candidates, targets, budgets and prices of every wrong kind are refused by name."""
    how = {"candidates": POOL, "budget": 1e21, "target": TARGET, **how}
    with pytest.raises(ValueError, match=words):
        sl.suggest_runs(asked["fit"], how.pop("candidates"), **how)


X = np.geomspace(1.0, 1e4, 15)
Y = 1.0 + 3.0 / np.sqrt(X)
COMPARED = {
    "compare_forms takes a table": [((), {}), ((X,), {}), ((X,) * 4, {}), ((3,), {}), (([1, 2],), {})],
    "must be finite and above zero": [((X, -Y), {}), ((0 * X, Y), {}), ((X, np.full(15, np.nan)), {})],
    "must have one entry a run": [((X, Y[:3]), {})],
    "must be numbers": [(("a", "b"), {}), ((np.ma.array(X, mask=X < 2), Y), {})],
    "got complex": [((X * 1j, Y), {})],
    "is empty": [(([], []), {})],
    "forms must be": [((X, Y), {"forms": 3}), ((X, Y), {"forms": [None]}), ((X, Y), {"forms": {"a": 3}})],
    "forms must name at least one": [((X, Y), {"forms": []}), ((X, Y), {"forms": ["broken", "broken"]})],
    "takes N, D, which is no column": [((X, Y), {"forms": ["Chinchilla"]})],
    "held_out": [((X, Y), {"held_out": each}) for each in (0, 1, "x")],
    "largest": [((X, Y), {"largest": each}) for each in (0, 99, 1.5)],
    "beyond": [((X, Y), {"beyond": each}) for each in (0, 1e9)],
    "rows must be 15 values": [((X, Y), {"rows": each}) for each in ([True], [1] * 15, 3)],
    "splits must be": [((X, Y), {"splits": each}) for each in (0, "x", 1e300, 1.5)],
    "space must be one of": [((X, Y), {"space": each}) for each in ("x", 3)],
    "objective must be one of": [((X, Y), {"objective": "lad"})],
    "delta must be": [((X, Y), {"delta": each}) for each in ("x", 0)],
    "groups must have": [((X, Y), {"groups": each}) for each in (3, [1], "q")],
}
TRIED = [(*call, words) for words, every in COMPARED.items() for call in every]


@pytest.mark.parametrize(("data", "how", "words"), TRIED, ids=[str(how)[:40] for _, how, _ in TRIED])
def test_a_wrong_comparison_is_refused_in_words(data, how, words):
    """Data, forms and cuts of every wrong kind are refused by name."""
    with pytest.raises(ValueError, match=words):
        sl.compare_forms(*data, **{"forms": ["power law"], **how})


@pytest.mark.parametrize("name", [None, 3, "", "nope", [], {}, ("chinchilla",), np.nan])
def test_what_is_no_name_is_no_form(name):
    """Whatever is looked up in sl.forms and is not there is said to be unknown, and is not in it."""
    assert name not in sl.forms
    with pytest.raises(KeyError, match="unknown form"):
        sl.forms[name]


# ---- what a result says of itself ------------------------------------------------------------------------


@pytest.mark.parametrize(("N", "D"), [(1e-9, 1.0), (1.0, 1e-9)])
def test_sizes_in_billions_are_doubted_by_any_form_of_them(N, D):
    """sl.fit of N and D in billions warns, as fit_chinchilla does, at the line of the caller; fit_kaplan warns once."""
    table = grid()
    table["N"], table["D"] = table["N"] * N, table["D"] * D
    for call in (
        lambda: sl.fit("chinchilla", table),
        lambda: sl.fit(TEXT, table),
        lambda: sl.fit_kaplan(*(table[name] for name in ("N", "D", "loss"))),
    ):
        with pytest.warns(UserWarning, match="looks like millions or billions") as caught:
            call()
        said = [each for each in caught if "looks like" in str(each.message)]
        assert len(said) == 1 and said[0].filename == __file__


def test_a_budget_far_beyond_the_runs_is_cautioned(asked):
    """optimum says how many times the dearest run a budget is, beyond a hundred times; nearer it does not."""
    near, far = (asked["fit"].optimum(budget, resamples=50) for budget in (1e22, 1e26))
    assert "the budget" not in near.caution
    assert "the budget = 1e+26 is 1.67e+05 times the largest of the runs" in far.caution
    assert "no run has tested it there" in " ".join(far.report().split())


def test_the_report_of_an_optimum_has_what_was_given(asked):
    """Numbers given for names of the cost stand in the first line of the report."""
    cost = "6 * N * D + 2 * N * T"
    found = asked["fit"].optimum(1e22, cost=cost, given={"T": 1e12}, resamples=50)
    assert found.report().splitlines()[0].endswith("at most the budget; given T = 1e+12")


@pytest.mark.parametrize("N", [0.0, -1.0])
def test_an_audit_is_not_asked_where_the_law_is_no_number(N, asked):
    """A point of no size is refused by the variable and the part of the form."""
    with pytest.raises(ValueError, match="N must be above zero, as the form has"):
        asked["fit"].audit(at={"N": N, "D": 1e10})


def test_an_audit_asks_no_share_above_one():
    """A share of the mixture is held where the law is lowest; sizes go ten times beyond."""
    N, share = (z.ravel() for z in np.meshgrid(np.geomspace(1e6, 1e9, 6), [0.1, 0.3, 0.5, 0.9]))
    noise = np.exp(0.002 * np.random.default_rng(0).standard_normal(24))
    table = {"N": N, "r": share, "loss": (1.8 + 400 / N**0.34 + 0.5 * (1.1 - share) ** 1.5) * noise}
    audit = sl.fit("E + A / N**alpha + B * (1.1 - r)**beta", table).audit()
    assert audit.point == pytest.approx({"N": 1e10, "r": 0.9})


def test_cautions_of_other_forms_say_whose_coverage_was_measured(asked):
    """What simulated studies of Chinchilla's law say of beta is not said of a form as if it had one."""
    from scalinglib.coverage.measure import advice

    how = {"runs": 200, "groups": True}
    other, own = advice("runs", **how, law=asked["fit"].law), advice("runs", **how)
    assert other and other.replace(" of Chinchilla's law", "") == own != other


def test_residuals_cannot_be_written_to():
    """Residuals of a result stay what they were."""
    N, D, loss = (grid()[name] for name in ("N", "D", "loss"))
    x, y = X + 10.0, 1.0 + 3.0 / (X + 10.0) ** 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = [sl.fit(TEXT, grid()), sl.fit_chinchilla(N, D, loss), sl.fit_kaplan(N, D, loss)]
        every += [sl.fit_power_law(x, y), sl.fit_shifted_power_law(x, y), sl.fit_saturating_power_law(x, y)]
    for fit in every:
        with pytest.raises(ValueError, match="read-only"):
            fit.residuals[0] = 1.0


def test_a_result_is_one_readable_line(asked, families):
    """The repr of every result is one short line that begins with what it is."""
    fit, x, y = asked["fit"], X + 10.0, 1.0 + 3.0 / (X + 10.0) ** 0.5
    N, D, loss = (grid()[name] for name in ("N", "D", "loss"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = sl.fit_chinchilla(N, D, loss)
        every = [fit, fit.law, fit.form, families, families.law, families.differs("E"), whole]
        every += [asked["bootstrap"], asked["profile"], whole.profile().optimum(1e22, level=0.8)]
        every += [fit.predict(N=1e9, D=1e10), fit.predict(N=[1e8, 1e9], D=1e10), fit.audit()]
        every += [fit.optimum(1e22, resamples=50), fit.optimum(1e22, resamples=50).split]
        every += [fit.speedup(fit, resamples=50), sl.compare_forms(X, Y, forms=["power law"])]
        every += [sl.suggest_runs(fit, POOL, budget=1e21, target=TARGET), sl.fit_kaplan(N, D, loss)]
        every += [sl.fit_power_law(x, y), sl.fit_shifted_power_law(x, y), sl.fit_saturating_power_law(x, y)]
    for each in every:
        said = repr(each)
        assert said.startswith(f"<{type(each).__name__}: ") and "\n" not in said and len(said) <= 110, said
