"""The public tables as loaded, against what is published of them, and their cards."""

import csv
import hashlib
import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglib import runs
from scalinglib.arguments import UnknownNameError
from scalinglib.runs import store
from scalinglib.runs.public import PUBLIC

ROWS = {
    "chinchilla": 245,
    "observational": 148,
    "observational-emergent": 84,
    "addition-4-digit": 17,
    "repeated-c4": 182,
    "chinchilla-models": 50,
    "olmo-ladder": 393,
    "overtraining": 104,
    "steplaw": 1911,
    "vocabulary": 1200,
}
every_table = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.published_data(name)) for name in ROWS]
)


@every_table
def test_quantities_stand_first(name):
    """Each table has its rows, and N, D, C and loss in front as floats."""
    table = runs.load(name)
    assert len(table) == ROWS[name]
    assert list(table)[:4] == ["N", "D", "C", "loss"]
    assert all(table[key].dtype == float for key in ("N", "D", "C", "loss"))
    assert table.columns.is_unique


@every_table
def test_card_describes_the_table(name):
    """The card names every column in order with a unit, the rows, a pinned source and a licence."""
    card, table = runs.card(name), runs.load(name)
    assert list(card.columns) == list(card.units) == list(table)
    assert card.rows == len(table)
    assert len(card.sha256) == 64
    assert card.licence
    assert card.counts
    assert "@" in card.source


@every_table
def test_load_gives_a_fresh_copy(name):
    """Changing a loaded table changes nothing that is loaded later."""
    first = runs.load(name)
    kept = first.copy(deep=True)
    first.iloc[:, 0] = -1.0
    del first["loss"]
    pd.testing.assert_frame_equal(runs.load(name), kept)


@pytest.mark.published_data("chinchilla")
def test_chinchilla_points():
    """245 runs in source order; the five largest losses are rows 0 to 4, all with D/N below 0.41."""
    table = runs.load("chinchilla")
    assert sorted(table["loss"].nlargest(5).index) == [0, 1, 2, 3, 4]
    assert [f"{n:.2e}" for n in table["N"][:5]] == ["6.80e+09", "2.98e+09", "2.64e+09", "2.28e+09", "2.01e+09"]
    assert (table["D"] / table["N"])[:5].max() < 0.41
    assert (table["loss"] < table["loss"].nlargest(5).iloc[-1]).sum() == 240


@pytest.mark.published_data("chinchilla")
def test_chinchilla_quantities_are_the_sources():
    """N and C are the source's own columns to the last bit, and 6 N D is C."""
    table = runs.load("chinchilla")
    assert (table["N"] == table["Model Size"]).all()
    assert (table["C"] == table["Training FLOP"]).all()
    np.testing.assert_allclose(6 * table["N"] * table["D"], table["C"], rtol=1e-15)
    assert table.loc[0, "loss"] == 5.005581996196243


@pytest.mark.published_data("chinchilla")
def test_every_digit_is_read():
    """Each number is the double nearest to its digits in the file, not one a bit away."""
    table = runs.load("chinchilla")
    text = store.obtain(PUBLIC["chinchilla"]).decode()
    for column in ("x", "y", "Model Size", "Training FLOP", "loss"):
        assert table[column].tolist() == [float(row[column]) for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.published_data("observational")
def test_observational_principal_components():
    """The eight benchmarks of the 124 complete rows have variance shares .8431, .0997, .0309."""
    table = runs.load("observational")
    scores = table.loc[:, "MMLU":"HumanEval"].dropna()
    assert scores.shape == (124, 8)
    centred = scores - scores.mean()
    variances = np.linalg.svd(centred.to_numpy(), compute_uv=False) ** 2
    assert np.round(variances / variances.sum(), 4)[:3].tolist() == [0.8431, 0.0997, 0.0309]


@pytest.mark.published_data("observational")
def test_observational_keeps_the_known_mistakes():
    """What the card lists as mistaken is in the table as at the source, unrepaired."""
    table = runs.load("observational").set_index("Model")
    tokens = table["Pretraining Data Size (T)"]
    assert tokens["google/gemma-2b"] == 6.0
    assert tokens["meta-llama/Meta-Llama-3.1-405B-FP8"] == 15.0
    assert tokens["cerebras/btlm-3b-8k-base"] == 627.0
    assert table.loc["openlm-research/open_llama_7b_v2", "Model Size (B)"] == 13.0
    assert tokens.isna().sum() == 25
    corrected = {where.split(":")[0] for where in runs.card("observational").corrected}
    assert {"google/gemma-2b", "meta-llama/Meta-Llama-3.1-405B-FP8"} <= corrected


@pytest.mark.published_data("observational")
def test_observational_rows_named_by_the_card():
    """The rows that the card's list of mistakes gives are the rows of those models."""
    models = runs.load("observational")["Model"]
    mistakes = runs.card("observational").known_mistakes
    named = {40: "gemma-2b", 9: "Llama 3.1 405B", 139: "btlm-3b-8k-base", 100: "open_llama_7b_v2"}
    for row, name in named.items():
        assert any(text.startswith(name) and f"row {row})" in text for text in mistakes)
        assert name.split()[-1] in models[row]
    assert all("opt-" in model for model in models[69:77])


@pytest.mark.published_data("observational")
@pytest.mark.published_data("observational-emergent")
def test_emergent_models_stand_in_the_observational_table():
    """Every model of the emergent table can be joined to one row of the observational one."""
    left, right = runs.load("observational-emergent"), runs.load("observational")
    joined = left[["Model"]].merge(right, on="Model", validate="one_to_one")
    assert len(joined) == len(left)
    assert left[["N", "D", "C", "loss"]].isna().all(axis=None)


@pytest.mark.published_data("addition-4-digit")
def test_addition_split():
    """14 points to fit, 3 to extrapolate, the loss standing in front too, and no invented tokens."""
    table = runs.load("addition-4-digit")
    assert table["split"].value_counts().to_dict() == {"train": 14, "extrapolate": 3}
    assert (table["loss"] == table["test_xent"]).all()
    assert table[["N", "D", "C"]].isna().all(axis=None)


@pytest.mark.published_data("repeated-c4")
def test_repeated_runs():
    """Tokens seen are at least the unique ones, and the doubtful pair of the card is there."""
    table = runs.load("repeated-c4").set_index("name")
    assert (table["D"] >= table["unique_tokens"]).all()
    assert table.loc["83m32b100m", "loss"] == table.loc["83m60b100m", "loss"]
    assert table.loc["25m400m400m", "N"] == 35.5e6


@pytest.mark.published_data("chinchilla-models")
def test_printed_models_equal_the_collected_file():
    """The typed table A9, written as CSV, has the SHA-256 of the collected file."""
    table = runs.load("chinchilla-models").drop(columns=["N", "D", "C", "loss"])
    text = table.to_csv(index=False, lineterminator="\n")
    assert hashlib.sha256(text.encode()).hexdigest() == runs.card("chinchilla-models").sha256
    widths = table["kv_size"] * table["n_heads"]
    assert (widths != table["d_model"]).sum() == 6


@pytest.mark.parametrize("name", ["olmo-ladder", "overtraining", "vocabulary"])
def test_shipped_public_tables_need_no_file(name, monkeypatch, tmp_path):
    """A table whose licence lets it ship loads with no folder, no cache and no network."""
    monkeypatch.setenv("SCALINGLIB_DATA", str(tmp_path))
    monkeypatch.setenv("SCALINGLIB_CACHE", str(tmp_path))
    assert runs.fetch(name) == {name: None}
    assert len(runs.load(name)) == ROWS[name]
    assert "Apache-2.0" in runs.card(name).licence or "MIT" in runs.card(name).licence


def test_the_ladder_is_the_papers():
    """13.2 billion parameters and 5.0 trillion tokens of the larger target; 16 of the runs are the paper's fit."""
    table = runs.load("olmo-ladder")
    target = table[table["run"] == "olmo2-13_eval_final"].iloc[-1]
    assert (target["N"], target["D"]) == (13202396160, 5000088518656)
    ladder = table[(table["role"] == "ladder") & ~table["run"].str.contains("rerun")]
    cells = ladder[(ladder["size"] != "3B") & (ladder["multiple"] >= 1)]["run"].unique()
    assert len(cells) == 16
    assert target["C"] == pytest.approx(5.000088518656e12 * 91335915520)


def test_compute_of_the_over_trained_runs():
    """6 N D to the last run, which whole numbers of 64 bits could not hold."""
    table = runs.load("overtraining")
    np.testing.assert_allclose(
        table["C"], 6.0 * table["params"].astype(float) * table["tokens"].astype(float), rtol=1e-12
    )
    assert table["C"].min() > 1e15


def test_names():
    """The public names exist, each once, and each has a card."""
    assert set(ROWS) <= set(runs.names())
    assert len(set(runs.names())) == len(runs.names())
    assert all(runs.card(name).name == name for name in runs.names())


@given(name=st.text())
def test_unknown_names(name):
    """Whatever is not a name is refused with the names that exist."""
    if name not in runs.names():
        for call in (runs.load, runs.card, runs.available, runs.fetch):
            with pytest.raises(UnknownNameError, match="'chinchilla'"):
                call(name)


def test_nearest_name():
    """A misspelt name is answered with the nearest ones."""
    with pytest.raises(UnknownNameError, match="unknown table 'chinchila'; did you mean 'chinchilla'"):
        runs.load("chinchila")


@pytest.mark.parametrize("name", [None, 3, ["chinchilla"]])
def test_a_name_is_text(name):
    """What is no text is refused like an unknown name."""
    with pytest.raises(UnknownNameError, match="unknown table"):
        runs.load(name)


def test_cards_are_read_only():
    """A card cannot be changed by who holds it."""
    card = runs.card("chinchilla")
    with pytest.raises(TypeError):
        card.columns["N"] = "something else"
    with pytest.raises(AttributeError):
        card.rows = 240


@pytest.mark.parametrize("name", ROWS)
def test_card_as_text_and_markdown(name):
    """A card reads as text and as Markdown: title, licence, hash and each mistake in both."""
    card = runs.card(name)
    joined = " ".join(str(card).split())
    for text in (card.title, card.licence, card.sha256, *card.known_mistakes):
        assert text in joined
        assert text in card._repr_markdown_()
    assert card._repr_markdown_().count("\n| ") == len(card.columns) + 1


def test_a_card_names_the_same_columns_twice():
    """A card whose units and columns differ is refused."""
    options = dict(name="a", title="t", source="s", licence="l", rows=1, counts="c", sha256="0")
    with pytest.raises(ValueError, match=r"card 'a': columns and units must name the same columns; differ in \['N'\]"):
        runs.Card(columns={"N": "parameters"}, units={}, **options)


def test_addresses_are_pinned():
    """Every fetched table has an address at a full commit, and no two tables share a file."""
    fetched = [table.card for table in PUBLIC.values() if table.fetched]
    assert len(fetched) == 6
    for card in fetched:
        commit = card.address.removeprefix("https://raw.githubusercontent.com/").split("/")[2]
        assert len(commit) == 40
        assert set(commit) <= set("0123456789abcdef")
    assert len({card.file for card in fetched}) == 6


def test_import_is_light():
    """Importing runs loads neither pandas, pooch nor requests."""
    code = "import sys, scalinglib.runs; print(sorted({'pandas', 'pooch', 'requests'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
