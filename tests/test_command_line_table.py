"""Tests of how the command reads a practitioner's own table."""

import math

import numpy as np
import pytest

from scalinglib.reading import cells, conditions
from scalinglib.reading.cells import TableError
from scalinglib.reading.doubts import doubts
from scalinglib.reading.headers import find_columns
from scalinglib.reading.quantities import SYNONYMS
from scalinglib.reading.table import read

ANY = {"N": None, "D": None, "C": None, "loss": None}


@pytest.fixture
def table(tmp_path):
    """Write text (or bytes) to a file and read it."""

    def written(text, *, named=None, **options):
        path = tmp_path / "runs.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(str(path), named=ANY | (named or {}), **options)

    return written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.3B", 1.3e9),
        ("300M", 3e8),
        ("1,000,000", 1e6),
        ("1e21", 1e21),
        ("3.2T", 3.2e12),
        ("7b", 7e9),
        ("70 B", 7e10),
        (" 12,345.5 ", 12345.5),
        ("6.4 x 10^21", 6.4e21),
        ("10^18", 1e18),
        ("2·10^9", 2e9),
        ("125k", 1.25e5),
        (".5M", 5e5),
    ],
)
def test_counts_are_read_as_people_write_them(text, value):
    """Suffixes, groups of three digits and powers of ten give the very float of the number written out."""
    assert cells.number(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1.3X", "12,34", "1,0000", "1.300.000", "0x10", "10^", "1e", "--", "1 2", "５B,"]
)
def test_what_is_no_number_is_refused(text):
    """Text that could be read in two ways, or in none, is no number."""
    with pytest.raises(ValueError, match=r"empty|not a number|decimal comma"):
        cells.number(text)


@pytest.mark.parametrize("quantity", SYNONYMS)
def test_each_synonym_is_found_in_any_case(quantity):
    """A header is found however its words are joined, with its unit in brackets or without."""
    for name in SYNONYMS[quantity]:
        for shown in (name, name.upper(), name.replace("_", " ").title(), f"{name} (unit)", name.replace("_", "-")):
            assert find_columns(["seed", shown], {quantity: None}, required=(quantity,)) == {quantity: 1}


def test_no_synonym_serves_two_quantities():
    """No name is taken for two quantities."""
    names = [name for known in SYNONYMS.values() for name in known]
    assert len(names) == len(set(names))


SAME = {"N": [1e8, 1.3e9, 7e9], "D": [2e9, 2.6e10, 1.4e11], "loss": [3.1, 2.5, 2.1]}
WRITTEN = {
    "commas": "N,D,loss\n1e8,2e9,3.1\n1.3e9,2.6e10,2.5\n7e9,1.4e11,2.1\n",
    "semicolons, BOM, CRLF": "\ufeffN;D;loss\r\n1e8;2e9;3.1\r\n1.3e9;2.6e10;2.5\r\n7e9;1.4e11;2.1\r\n",
    "tabs, empty lines, no last break": "N\tD\tloss\n\n1e8\t2e9\t3.1\n\n1.3e9\t2.6e10\t2.5\n7e9\t1.4e11\t2.1",
    "quoted header, thousands": '"Params","Train tokens (seen)","val/loss"\n'
    '"100,000,000",2e9,3.1\n1.3B,26B,2.5\n7 B,0.14T,2.1\n',
    "Excel's hint": "sep=;\nN;D;loss\n1e8;2e9;3.1\n1.3e9;2.6e10;2.5\n7e9;1.4e11;2.1\n",
    "old line ends": "N,D,loss\r1e8,2e9,3.1\r1.3e9,2.6e10,2.5\r7e9,1.4e11,2.1\r",
    "other columns": 'name,loss,N,note,D\na,3.1,1e8,"x, y",2e9\nb,2.5,1.3e9,,2.6e10\nc,2.1,7e9,"two\nlines",1.4e11\n',
    "trailing marks": "N,D,loss,,\n1e8,2e9,3.1,,\n1.3e9,2.6e10,2.5,,\n7e9,1.4e11,2.1,,\n",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_the_same_table_is_read_from_any_way_of_writing_it(text, table):
    """Separators, quotes, marks and line ends do not change the numbers."""
    found = table(text, named={"loss": "val/loss"} if "val/loss" in text else None)
    for quantity, expected in SAME.items():
        assert found.values[quantity].tolist() == expected


def test_tokens_come_from_compute_where_they_are_missing(table):
    """Without a column of D it is C / (6 N), and without N it is C / (6 D), and the report says so."""
    found = table("params,flops,loss\n1e8,1.2e18,3\n1e9,1.2e20,2.5\n")
    assert found.values["D"].tolist() == pytest.approx([2e9, 2e10], rel=1e-15)
    assert "C / (6 N)" in found.report()
    assert table("tokens,flops,loss\n2e9,1.2e18,3\n2e10,1.2e20,2.5\n").values["N"] == pytest.approx([1e8, 1e9])


def test_loss_in_bits_or_as_perplexity_becomes_nats(table):
    """The same losses in three units are the same numbers in nats."""
    losses = np.array([3.0, 2.5])
    for unit, column in (("nats", losses), ("bits", losses / math.log(2)), ("perplexity", np.exp(losses))):
        rows = "\n".join(f"1e8,2e9,{value!r}" for value in map(float, column))
        assert table(f"N,D,loss\n{rows}\n", loss_unit=unit).values["loss"] == pytest.approx(losses, rel=1e-14)


def test_columns_in_billions_are_scaled(table):
    """A factor turns billions into ones, and stands in the report."""
    found = table("N,D,loss\n0.1,2,3\n1.3,26,2.5\n", scale={"N": 1e9, "D": 1e9})
    assert found.values["N"].tolist() == [1e8, 1.3e9]
    assert "times 1e+09" in found.report()


REFUSED = {
    "empty": ("", "is empty"),
    "blank": ("\n \n,,\n", "is empty"),
    "only a header": ("N,D,loss\n", "has a header and no rows"),
    "no header": ("1e8,2e9,3\n1e9,2e10,2.5\n", "line 1 holds numbers; the first line must name the columns"),
    "one column": ("N:D:loss\n1:2:3\n", r"no column for loss; name it with --loss COLUMN \(columns: 'N:D:loss'\)"),
    "two losses": (
        "N,D,val_loss,train_loss\n1,2,3,4\n",
        "two columns may be the loss: 'val_loss', 'train_loss'; choose with --loss",
    ),
    "no tokens": ("N,loss\n1e8,3\n", "no column for D"),
    "a word": (
        "N,D,loss\n1e8,2e9,3\n\n1e9,2e10,diverged\n",
        "1 bad row: line 4 'loss' 'diverged' is not a number; .*--drop-bad",
    ),
    "an empty cell": ("N,D,loss\n1e8,,3\n", "line 2 'D' is empty"),
    "nan": (
        "N,D,loss\n1e8,2e9,nan\n1e8,2e9,inf\n",
        "2 bad rows: line 2 'loss' 'nan' is not between zero and infinity; line 3",
    ),
    "minus": ("N,D,loss\n-5,2e9,3\n", "line 2 'N' '-5' is not between"),
    "one decimal comma": (
        "N;D;loss\n1e8;2e9;3.1\n1e8;2e9;3,1\n",
        "line 3 'loss' '3,1' has a decimal comma; write a decimal point",
    ),
    "one decimal point": (
        "N;D;loss\n1e8;2e9;3,1\n1e8;2e9;3,2\n1e8;12.345;3,1\n",
        "line 4 'D' '12.345' has a point where other numbers have a decimal comma",
    ),
    "bare thousands": (
        "N,D,loss\n1,000,000,2e9,3\n",
        "line 2 has 5 cells where the header has 3; numbers such as 1,000,000 need quotes",
    ),
    "suffix on a loss": ("N,D,loss\n1e8,2e9,3.1B\n", "'loss' '3.1B' is not a number"),
    "a lone quote": (
        'N,D,loss\n1e8,2e9,"3.1\n1e9,2e10,2.5\n',
        "line 2 cannot be split into cells .* look for a lone quote",
    ),
    "half a zip": (b"PK\x03\x04rest", "is damaged or cut short"),
    "half of UTF-16": ("N,D,loss\n1,2,3".encode("utf-16")[:-1], "cannot be read as utf-16"),
    "JSON": ('\n[{"N": 1e8, "D": 2e9}]', "no column for loss"),
    "JSON lines": ('{"N": 1e8}\n{"N": 2e8]\n', "line 2 is no JSON"),
    "JSON of one run": ('{"N": 1e8, "D": 2e9, "loss": 3}', "is JSON with no single list of runs"),
    "a short row": ("N,D,loss\n1e8,2e9,3\n2e9,3\n", "line 3 has 2 cells where the header has 3"),
    "two columns of one name": (
        "N,D,loss,loss\n1e8,2e9,3,3\n",
        "two columns may be the loss: 'loss', 'loss'; give them names of their own$",
    ),
    "one name twice and another": (
        "N,D,Loss,Loss,nll\n1e8,2e9,3,3,3\n",
        "three columns may be the loss: 'Loss', 'Loss', 'nll'; choose with --loss nll$",
    ),
    "training loss first": (
        "N,D,train/loss,test loss,eval/loss\n1,2,3,4,5\n",
        "'train/loss', 'test loss', 'eval/loss'; choose with --loss eval/loss$",
    ),
    "half a gzip": (b"\x1f\x8b\x08", "is damaged or cut short"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(text, message, table):
    """The line names the file, the line of the file, the column and what to do."""
    with pytest.raises(TableError, match=message) as caught:
        table(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("runs.csv")


def test_lines_are_counted_as_an_editor_counts_them(table):
    """Blank lines and a cell of two lines do not shift the line that a message names."""
    with pytest.raises(TableError, match="line 7 'loss' 'x' is not a number"):
        table('\n\nN,note,D,loss\n1e8,"two\nlines",2e9,3\n\n1e9,,2e10,x\n')


def test_a_perplexity_of_one_is_no_perplexity(table):
    """A perplexity at or below one would be a loss of zero, and is refused."""
    with pytest.raises(TableError, match="line 2 'loss' '1.0' is not between"):
        table("N,D,loss\n1e8,2e9,1.0\n", loss_unit="perplexity")


def test_bad_rows_are_left_out_where_asked_and_counted(table):
    """With drop_bad the other rows are used, and each row left out is named with its line and reason."""
    found = table("N,D,loss\n1e8,2e9,3\n1e9,2e10,nan\n1e9,x,2.5\n2e9,3e10,2.4\n", drop_bad=True)
    assert found.lines.tolist() == [2, 5]
    assert len(found.bad) == 2 and found.bad[0].startswith("line 3") and "'x'" in found.bad[1]
    assert "2 left out as bad: line 3" in found.report()


def test_conditions_choose_rows_before_cells_are_checked(table):
    """A crashed run may have an empty loss: left out by a condition, it is not a bad row."""
    text = "N,D,loss,status\n1e8,2e9,3,ok\n1e9,2e10,,crashed\n2e9,3e10,2.4,ok\n3e9,4e10,9.0,ok\n"
    found = table(text, where=[conditions.parse("status = ok"), conditions.parse("loss<4")])
    assert found.lines.tolist() == [2, 4]
    assert found.filtered == 2
    assert "2 left out by the condition status = ok and loss < 4" in found.report()


def test_conditions_on_numbers_refuse_words(table):
    """A comparison with a number meets a word: the row is bad, not silently out."""
    with pytest.raises(TableError, match="line 3 'loss' '' is empty, for --where"):
        table("N,D,loss\n1e8,2e9,3\n1e9,2e10,\n", where=[conditions.parse("loss < 4")])
    with pytest.raises(TableError, match="names no single column"):
        table("N,D,loss\n1e8,2e9,3\n", where=[conditions.parse("epoch < 4")])


def test_groups_are_labels_of_any_kind(table):
    """Labels are text; an empty one is a bad row."""
    text = "N,D,loss,run\n1e8,2e9,3,a\n1e8,3e9,2.9,a\n1e9,2e10,2.5,7\n"
    assert table(text, group="run").groups == ["a", "a", "7"]
    with pytest.raises(TableError, match="line 2 'run' is empty"):
        table("N,D,loss,run\n1e8,2e9,3,\n", group="run")


# ---- units in headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "option"),
    [
        ("params (M)", "--scale N=1e6"),
        ("Params [millions]", "--scale N=1e6"),
        ("model_size_B", "--scale N=1e9"),
        ("params in billions", "--scale N=1e9"),
        ("paramsM", "--scale N=1e6"),
        ("N (B, with embeddings)", "--scale N=1e9"),
        ("N_B", "--scale N=1e9"),
        ("model/n_params (k)", "--scale N=1e3"),
        ("million parameters", "--scale N=1e6"),
        ("n_params (x10^6)", "--scale N=1e6"),
        ("tokens (B)", "--scale D=1e9"),
        ("tokens_B", "--scale D=1e9"),
        ("billions of tokens", "--scale D=1e9"),
        ("Tokens (T tokens)", "--scale D=1e12"),
        ("D [1e9]", "--scale D=1e9"),
    ],
)
def test_a_unit_in_a_header_needs_a_word_on_what_it_means(header, option, table):
    """Numbers in millions are not taken for numbers in ones, found or named; each option given settles it."""
    quantity, other = ("N", "D") if "N=" in option else ("D", "N")
    text = f'"{header}",{other},loss\n0.5,2e9,3\n'
    for named in ({}, {quantity: header}):
        with pytest.raises(TableError) as caught:
            table(text, named=named)
        said = str(caught.value)
        assert repr(header) in said and f"say {option}, or --scale {quantity}=1 where" in said
    for factor in (1.0, float(option.partition("=")[2])):
        assert table(text, scale={quantity: factor}).values[quantity].tolist() == [0.5 * factor]


@pytest.mark.parametrize("header", ["N (unit)", "params (no embeddings)", "n_params", "Parameters [count]"])
def test_words_in_brackets_that_are_no_unit_pass(header, table):
    """A remark in a header is no unit."""
    assert table(f"{header},D,loss\n5e8,2e9,3\n").values["N"].tolist() == [5e8]


def test_a_last_letter_is_a_unit_only_behind_a_known_name(table):
    """The column of the second model, which somebody names, is not in billions."""
    assert table("model_b,D,loss\n5e8,2e9,3\n", named={"N": "model_b"}).values["N"].tolist() == [5e8]
    for header in ("N_t,D,loss", "N,D,l_b", "N,c_t,loss", "paramsm,D,loss"):
        with pytest.raises(TableError, match="no column for"):
            table(f"{header}\n5e8,2e9,3\n")


def test_all_units_are_asked_for_at_once(table):
    """Two headers with units give one line with both options."""
    with pytest.raises(TableError, match=r"'params \(M\)' and 'tokens \(B\)' .* N=1e6 --scale D=1e9, or"):
        table("params (M),tokens (B),loss\n364,4.6,2.95\n")


def test_compute_in_another_unit_is_refused_where_it_is_needed(table):
    """PFLOP/s-days are 8.64e19 FLOP; beside N and D the column is only compared, and a note says so."""
    with pytest.raises(TableError, match=r"--scale C=8\.64e19, or"):
        table("N,compute (PFLOP/s-days),loss\n1e8,2,3\n")
    beside = table("N,D,compute (PFLOP/s-days),loss\n1e8,2e9,2,3\n1e9,2e10,2,2.5\n")
    assert any("column of C is" in sentence for sentence in doubts(beside))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("loss (bits)", "--loss-unit bits"),
        ("val_loss [bits/token]", "--loss-unit bits"),
        ("loss (ppl)", "--loss-unit perplexity"),
    ],
)
def test_a_unit_in_the_header_of_the_loss_is_settled_by_an_option(header, said, table):
    """A loss in bits by its own header is not taken for nats, unless that is said."""
    text = f"N,D,{header}\n1e8,2e9,3\n"
    with pytest.raises(TableError, match=said):
        table(text)
    assert table(text, loss_unit="nats").values["loss"].tolist() == [3.0]
    assert table("N,D,loss (nats)\n1e8,2e9,3\n").values["loss"].tolist() == [3.0]


def test_names_of_a_logger_are_found_behind_its_folders(table):
    """Folders before a slash are no part of a name, unless they say that the column is of something else."""
    found = table("model/n_params,data/tokens_seen,lr,valid/nll\n1e8,2e9,1,3\n")
    assert [found.values[quantity][0] for quantity in ("N", "D", "loss")] == [1e8, 2e9, 3.0]
    assert table("N,batch/tokens,eval/tokens,tokens,loss\n1,2,3,4e9,5\n").values["D"].tolist() == [4e9]
    for header in ("N,batch/tokens,loss", "N,eval/tokens,loss", "N,D,aux/loss", "data/size,D,loss"):
        with pytest.raises(TableError, match="no column for"):
            table(f"{header}\n1e8,2e9,3\n")


# ---- what looks wrong ------------------------------------------------------------------------------------

CLEAN = "N,D,loss\n" + "".join(
    f"{n}e8,{d}e10,{1.7 + 300 / (n * 1e8) ** 0.3 + 600 / (d * 1e10) ** 0.3}\n" for n in (1, 4, 16) for d in (1, 3, 9)
)
DOUBTED = {
    "swapped": (CLEAN.replace("N,D", "D,N"), "N and D swapped"),
    "billions": (CLEAN.replace("e8", "e-1"), "--scale N=1e6 or --scale N=1e9"),
    "models in millions": (CLEAN.replace("e8,", "e2,"), "N is at most 1.6e+03: if it is in millions"),
    "tokens in millions": (CLEAN.replace("e10", "e4"), "D is at most 9e+04: if it is in millions"),
    "accuracy": (
        "N,D,loss\n1e8,1e10,0.3\n2e8,2e10,0.4\n4e8,4e10,0.5\n8e8,8e10,0.6\n9e8,9e10,0.7\n",
        "loss rises with N D",
    ),
    "perplexity": ("N,D,loss\n1e8,1e10,40\n2e8,2e10,30\n4e8,4e10,20\n", "--loss-unit perplexity"),
    "bits": ("N,D,loss\n1e6,1e8,14\n2e8,2e10,5\n4e8,4e10,4\n", "--loss-unit bits"),
    "other compute": ("N,D,C,loss\n1e8,1e10,2e18,3\n2e8,2e10,8e18,2.9\n", "the column of C is 0.333 times 6 N D"),
    "repeats": (CLEAN + CLEAN.split("\n", 2)[1] + "\n", "1 row repeats another exactly"),
    "checkpoints": (
        "run,N,D,loss\na,1e8,1e10,3\na,1e8,2e10,2.9\nb,2e8,1e10,2.8\n",
        "--group 'run' keeps them together",
    ),
}


@pytest.mark.parametrize(("text", "said"), DOUBTED.values(), ids=DOUBTED)
def test_what_looks_like_another_unit_is_said(text, said, table):
    """Each usual mistake of units or columns has its sentence, and the table is still read."""
    assert any(said in sentence for sentence in doubts(table(text)))


@pytest.mark.parametrize("C", ["", ",C"])
def test_a_sound_table_raises_no_doubt(C, table):
    """Ordinary runs, with a column of 6 N D or without, give no sentence."""
    rows = [row.split(",") for row in CLEAN.split()]
    if C:
        rows = [[*row, "C" if row[0] == "N" else repr(6 * float(row[0]) * float(row[1]))] for row in rows]
    assert doubts(table("\n".join(map(",".join, rows)))) == []


def test_a_table_of_one_variable_is_told_how_it_is_fitted(table):
    """Five sizes and their losses have no tokens: the message offers the law of one variable, with both names."""
    with pytest.raises(TableError, match=r"no column for D; .* as --x n_params --y val_loss"):
        table("n_params,val_loss\n1e6,4\n2e6,3.6\n4e6,3.3\n8e6,3.1\n16e6,3\n")
