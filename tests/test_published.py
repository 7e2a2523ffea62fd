"""Published constants and tables: what is printed, where it stands, and the slips in it."""

import numpy as np
import pytest

import scalinglib as sl


def test_besiroglu_as_printed():
    """The constants of Besiroglu et al. are those of their abstract and text, to the digit."""
    law = sl.published["besiroglu2024"]
    assert (law.E, law.A, law.B, law.alpha, law.beta) == (1.8172, 482.01, 2085.43, 0.3478, 0.3658)
    assert sl.published.source("besiroglu2024").digits == "printed"


def test_unrounded_constants_round_to_the_printed_ones():
    """Hoffmann's logarithms give the printed E, A, B; alpha and beta round to 0.34 and 0.28."""
    exact, printed = sl.published["hoffmann2022"], sl.published["hoffmann2022-rounded"]
    assert exact.A == pytest.approx(406.4, abs=0.05)
    assert exact.B == pytest.approx(410.7, abs=0.05)
    assert exact.E == pytest.approx(1.69, abs=0.005)
    assert (round(exact.alpha, 2), round(exact.beta, 2)) == (printed.alpha, printed.beta)


@pytest.mark.parametrize("name", list(sl.published))
def test_every_law_has_a_source(name):
    """A source unpacks into citation, version and one of two words for its digits."""
    citation, version, digits = sl.published.source(name)
    assert citation and version
    assert digits in ("printed", "unrounded")


@pytest.mark.parametrize("call", [lambda name: sl.published[name], sl.published.source])
def test_unknown_name_gives_the_nearest(call):
    """A misspelt name is answered with the nearest known ones, as a KeyError."""
    with pytest.raises(KeyError) as caught:
        call("besiroglu24")
    assert "besiroglu24" in str(caught.value)
    assert "'besiroglu2024'" in str(caught.value)


def test_unknown_table_gives_the_known_ones():
    """A misspelt table is answered with the list."""
    with pytest.raises(KeyError, match="hoffmann2022-A3"):
        sl.published.table("hoffmann2022-A33")


def test_the_mapping_behaves_as_one():
    """published can be asked for its names, its length and membership."""
    assert set(sl.published) == set(sl.published.names())
    assert len(sl.published) == len(sl.published.names())
    assert "kaplan2020" in sl.published and "kaplan" not in sl.published
    assert dict(sl.published)["kaplan2020"] is sl.published["kaplan2020"]
    assert dict(sl.published.items()).keys() == sl.published.keys()


def test_the_audit_counts_rows_it_cannot_judge():
    """Rows without C are left out and counted."""
    table = sl.published.table("hoffmann2022-A3")
    table.loc[3, "C"] = np.nan
    audit = sl.audit_table(table)
    assert (audit.rows, audit.skipped, len(audit.findings)) == (17, 1, 1)


def test_the_audit_finds_the_slip_in_table_A3():
    """Of all printed tables one row is off C = 6ND: 175B by Approach 3, by a factor of ten."""
    audits = sl.published.audit()
    found = {name: audit.findings for name, audit in audits.items() if len(audit.findings)}
    assert list(found) == ["hoffmann2022-A3"]
    (row,) = found["hoffmann2022-A3"].itertuples()
    assert (row.approach, row.N, row.C) == (3, 175e9, 1.26e24)
    assert row.ratio == pytest.approx(10.0, rel=1e-3)
    assert "factor 10" in row.remark and "too small" in row.remark
    assert "1.26e+25" in audits["hoffmann2022-A3"].report()


def test_the_audit_sees_what_is_put_in():
    """A row pushed off by any factor above the tolerance is found, and only that row."""
    table = sl.published.table("hoffmann2022-3")
    for factor in (0.001, 0.8, 1.2, 100.0):
        spoilt = table.copy()
        spoilt.loc[4, "C"] *= factor
        findings = sl.audit_table(spoilt, tolerance=0.1).findings
        assert list(findings.index) == [4]
        assert ("slip" in findings.remark.iloc[0]) == (factor in (0.001, 100.0))


def test_the_audit_changes_nothing():
    """The table that is audited keeps its columns and its misprint."""
    table = sl.published.table("hoffmann2022-A3")
    before = table.copy()
    sl.audit_table(table)
    assert table.equals(before)


def test_the_audit_names_missing_columns():
    """A table without D is refused, with the columns it has."""
    with pytest.raises(ValueError, match="no column D"):
        sl.audit_table(sl.published.table("hoffmann2022-3").drop(columns="D"))


def test_growth_of_tokens_in_the_tables():
    """Table 3 grows as D ~ N^1.0075 and Table A3, Approach 3, as D ~ N^1.1795 (a = 0.4588)."""
    table = sl.published.table("hoffmann2022-3")
    assert np.polyfit(np.log(table.N), np.log(table.D), 1)[0] == pytest.approx(1.0075, abs=5e-5)
    table = sl.published.table("hoffmann2022-A3").query("approach == 3")
    slope = np.polyfit(np.log(table.N), np.log(table.D), 1)[0]
    assert slope == pytest.approx(1.1795, abs=5e-5)
    assert 1 / (1 + slope) == pytest.approx(0.4588, abs=5e-5)


@pytest.mark.published_data("chinchilla-models")
def test_shapes_of_table_A9():
    """Table A9 as typed has fifty models from 44M to 16.183B parameters, as in public copies."""
    table = sl.published.table("hoffmann2022-A9")
    assert len(table) == 50
    assert (table.params.iloc[0], table.params.iloc[-1]) == (44_000_000, 16_183_000_000)


@pytest.mark.published_data("chinchilla")
def test_the_range_of_hoffmanns_runs_is_that_of_the_extracted_ones():
    """The ends of N, D and C are those of the 240 extracted runs to three digits, and every law has a range."""
    runs = sl.runs.load("chinchilla").nsmallest(240, "loss")
    for name, column in {"N": runs.N, "D": runs.D, "C": 6 * runs.N * runs.D}.items():
        assert sl.published.seen("besiroglu2024")[name] == pytest.approx([column.min(), column.max()], rel=5e-3)
    assert all({"N", "D"} <= set(sl.published.seen(name)) for name in sl.published)


def test_language_models_say_what_was_disclosed():
    """Rows have both numbers or neither, and who names no number says so; active parameters are fewer than all."""
    table = sl.published.table("language-models")
    known = table["N"].notna()
    assert (known == table["D"].notna()).all()
    assert (table["source"][~known] == "not disclosed").all()
    assert (table["N"] < table["N_total"])[table["N_total"].notna()].all()
    assert table["model"].is_unique
    assert table["year"].is_monotonic_increasing


@pytest.mark.published_data("observational")
def test_language_models_from_the_observational_table_are_its_rows():
    """Each row that names Ruan et al. as its source has a row there with that size and those tokens."""
    theirs = sl.runs.load("observational")
    ours = sl.published.table("language-models").query("source == 'Ruan et al. 2024'")
    assert len(ours) >= 15
    for row in ours.itertuples():
        near = np.isclose(theirs["N"], row.N, rtol=1e-6) & np.isclose(theirs["D"], row.D, rtol=1e-6)
        assert near.any(), row.model
