"""Tests of the command on tables and words that wish it ill: a code, its own lines, no traceback."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import scalinglib as sl
from scalinglib.command import lawfile, main
from scalinglib.reading.table import read

# The time of one example depends on the machine, and the first one loads pandas and matplotlib.
QUIET = settings(max_examples=40, derandomize=True)
LITTLE = settings(QUIET, max_examples=6)  # each is a whole fit with its figure

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "nan",
            "inf",
            "-1",
            "0",
            "1e308",
            "1e-308",
            "1e999",
            "1,5",
            "1.3B",
            "3e8",
            '"',
            "2.5",
            "x",
            "é",
            "\x00",
            "1_0",
            "٣",
        ]
    ),
    st.floats(allow_nan=True).map(repr),
    st.text(max_size=6),
)
HEADS = st.one_of(
    st.sampled_from(["N", "D", "C", "loss", "params", "tokens", "val_loss", "flops", "", "1"]), st.text(max_size=5)
)


def outcome(arguments):
    """The code, output and errors of a command that must not raise."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def sane(code, out, err):
    """The code is known, each line of standard error the command's own, nothing printed where it failed."""
    assert code in (0, 1, 2, 3)
    assert all(line.startswith("scalinglib: ") for line in err.splitlines()), err
    if code >= 2:
        assert out == "" and err


def fit(content, *options):
    """Fit a table of these bytes; the outcome, and the law file if one was written."""
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "t.csv")
        with open(path, "wb") as file:
            file.write(content)
        found = outcome(["fit", path, "--out", os.path.join(place, "out"), *options])
        written = os.path.join(place, "out", "law.json")
        law = lawfile.read_law(written) if os.path.exists(written) else None
        assert (law is None) == (found[0] >= 2)
        assert sorted(os.listdir(place)) == (["t.csv"] if law is None else ["out", "t.csv"])
    sane(*found)
    return found, law


@QUIET
@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_an_error_of_one_line(content):
    """Whatever bytes a file holds, the command ends with its own words."""
    (code, _, err), _ = fit(content, "--bootstrap", "none")
    assert code == 2 and err.count("\n") == 1


@QUIET
@given(
    st.sampled_from([",", ";", "\t", "|"]),
    st.lists(HEADS, min_size=1, max_size=5),
    st.lists(st.lists(CELLS, max_size=6), max_size=8),
    st.booleans(),
)
@example(",", ["N", "D", "loss"], [["1e99", "1e99", "1e99"]] * 6, False)
def test_any_cells_are_a_table_or_an_error_of_one_line(mark, header, rows, drop):
    """Cells of any text, rows of any length: a law, or a line that says what is wrong."""
    content = "\n".join(mark.join(row) for row in [header, *rows]).encode("utf-8", "surrogatepass")
    fit(content, "--bootstrap", "none", *(["--drop-bad"] if drop else []))


@LITTLE
@given(
    runs=st.integers(5, 14),
    seed=st.integers(0, 2**31),
    low=st.floats(-6, 20),
    decades=st.floats(0, 6),
    scatter=st.sampled_from([0.0, 1e-9, 1e-3, 0.3, 3.0]),
    unit=st.sampled_from([1e-9, 1.0, 1e6]),
    twice=st.booleans(),
)
def test_few_and_strange_runs_give_a_law_or_one_line(runs, seed, low, decades, scatter, unit, twice):
    """Runs of any size, unit and scatter, repeated or not: a law that can be read back, and its doubts."""
    rng = np.random.default_rng(seed)
    N = 10 ** (low + decades * rng.random(runs))
    D = 10 ** (low + 1 + decades * rng.random(runs))
    loss = unit * (1.5 + N**-0.1 + D**-0.1) * np.exp(scatter * rng.standard_normal(runs))
    rows = [f"{n!r},{d!r},{each!r}" for n, d, each in zip(N.tolist(), D.tolist(), loss.tolist(), strict=True)] * (
        1 + twice
    )
    (code, _, err), law = fit(("N,D,loss\n" + "\n".join(rows)).encode(), "--resamples", "20")
    if code < 2:
        assert law.law.E >= 0.0
        assert (code == 1) == bool(law.doubts), err


@QUIET
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["1e24", "1e99", "--N", "--level", "0.5", "--json", "besiroglu2024", "7B"]),
            st.text(max_size=8),
        ),
        max_size=5,
    )
)
def test_any_words_after_plan_are_a_plan_or_an_error_of_one_line(words):
    """Options in any order and of any text."""
    sane(*outcome(["plan", "besiroglu2024", *(word for word in words if word not in ("-h", "--help"))]))


@LITTLE
@given(st.integers(0, 2**31), st.integers(1, 9), st.sampled_from(["N", "D", "C"]))
def test_compare_of_few_runs_is_a_comparison_or_one_line(seed, runs, by):
    """Too few runs to fit and hold out are refused in words."""
    rng = np.random.default_rng(seed)
    rows = "\n".join(",".join(f"{z:.6g}" for z in 10 ** rng.uniform([8, 9, 0], [10, 11, 1])) for _ in range(runs))
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "t.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"N,D,loss\n{rows}\n")
        sane(*outcome(["compare", path, "--by", by]))


def test_a_table_is_read_in_little_memory(tmp_path):
    """Reading takes three columns of floats and the lines' numbers, 32 bytes a row, twice, and a little."""
    rng = np.random.default_rng(0)
    rows = 20_000
    with open(tmp_path / "big.csv", "w", encoding="utf-8") as file:
        file.write("name,params,tokens,note,val_loss\n")
        for place, (N, D, loss) in enumerate(rng.uniform([7, 9, 2], [10, 12, 4], (rows, 3)).tolist()):
            file.write(f"run-{place},{10**N:.6g},{10**D:.6g},a note that nobody asked for quite long,{loss:.5f}\n")
    named = dict.fromkeys(("N", "D", "C", "loss"))
    tracemalloc.start()
    try:
        table = read(str(tmp_path / "big.csv"), named=named)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table) == rows and table.lines[-1] == rows + 1
    assert peak < 100 * rows + 300_000  # the file itself, 1.7 MB, is never held: 256 KiB of it at a time


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="the peak is read from Linux' /proc")
def test_a_hundred_thousand_rows_are_fitted_in_little_memory(tmp_path):
    """The law of 100,000 runs comes out as the truth, in less than half a gigabyte in all."""
    truth, rng = sl.published["besiroglu2024"], np.random.default_rng(0)
    N = 10 ** rng.uniform(7, 10, 100_000)
    D = N * 10 ** rng.uniform(0, 2.5, 100_000)
    loss = truth(N, D) * np.exp(0.01 * rng.standard_normal(100_000))
    np.savetxt(
        tmp_path / "big.csv", np.stack([N, D, loss], axis=1), delimiter=",", header="N,D,loss", comments="", fmt="%.9g"
    )
    # VmHWM and not ru_maxrss, which a child inherits from the test process that started it
    code = (
        "import sys; from scalinglib.command import main; code = main(sys.argv[1:]); "
        "status = open('/proc/self/status').read(); "
        "print(int(status.split('VmHWM:')[1].split()[0]) / 1024); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "fit", "big.csv", "--resamples", "20"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    law = lawfile.read_law(str(tmp_path / "big-law" / "law.json")).law
    assert law.alpha == pytest.approx(truth.alpha, rel=0.02) and law.beta == pytest.approx(truth.beta, rel=0.02)
    assert float(done.stdout.splitlines()[-1]) < 500
