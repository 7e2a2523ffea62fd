"""Tests of reading people's own tables of every kind: the same runs in, the same numbers out, or a line that helps."""

import bz2
import gzip
import io
import json
import lzma
import math
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from scalinglib import runs
from scalinglib.command import main
from scalinglib.reading import TableError
from scalinglib.reading.cells import number, plain_number
from scalinglib.reading.conditions import parse
from scalinglib.text import short_label

N, D, LOSS = [1e8, 1.3e9, 7e9, 7e9], [2e9, 2.6e10, 1.4e11, 7e10], [3.104, 2.507, 2.111, 2.142]
ROWS = list(zip(N, D, LOSS, strict=True))
CSV = "N,D,loss\n" + "".join(f"{n:.0f},{d:.0f},{loss}\n" for n, d, loss in ROWS)
OBJECTS = [{"N": n, "D": d, "loss": loss} for n, d, loss in ROWS]


@pytest.fixture
def table(tmp_path):
    """Write text (or bytes) to a file of a name and read it."""

    def written(content, name="runs.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return runs.read_table(path, **options)

    return written


def same(frame):
    """Whether a frame has the four runs of this file."""
    return [frame[name].tolist() for name in ("N", "D", "loss")] == [N, D, LOSS]


def lines(head, row, end="", between="\n"):
    """A text table of the four runs: `row` is a format of N, D and loss."""
    return head + "".join(row.format(n, d, loss) + between for n, d, loss in ROWS) + end


# ---- text ------------------------------------------------------------------------------------------------

TEXTS = {
    "comments before the header": "# sweep of June, three budgets\n# loss: nats per token\n" + CSV,
    "comments among the rows": CSV.replace("\n7", "\n# the large ones, twice, of one size\n7", 1),
    "a run that is commented out": CSV + "#8e9,1e11,9.9\n",
    "comments in quotes": '"# sweep of June",,\n' + CSV,
    "numpy.savetxt": lines("# N D loss\n", "{:.18e} {:.18e} {:.18e}"),
    "numpy.savetxt with commas": lines("# by hand\n# N,D,loss\n", "{},{},{}"),
    "a title line": "Runs of June,,\n\n" + CSV,
    "a title line of one cell": "Runs of June\n" + CSV,
    "blanks": lines("N D loss\n", "{:.0f} {:.0f} {}"),
    "columns by blanks": lines("      N         D    loss\n", "  {:>12.0f}   {:>14.0f}   {}  "),
    "blanks and tabs": lines("N  D\tloss\n", "{:.0f} {:.0f} {}").replace("N  D\tloss", "N  D  loss"),
    "a rule of dashes": lines("N  D  loss\n---  ---  ----\n", "{:.0f} {:.0f} {}"),
    "decimal commas": lines("N;D;loss\n", "{:.0f};{:.0f};{}").replace(".", ","),
    "decimal commas of three digits only": "N;D;loss\n" + "".join(
        f"{n:.0f};{d:.0f};{str(loss).replace('.', ',')}\n" for n, d, loss in ROWS
    ),
    "decimal commas by tabs, points for thousands": "N\tD\tloss\n" + "".join(
        f"{n:,.0f}\t{d:,.0f}\t{loss}\n".replace(",", "'").replace(".", ",").replace("'", ".") for n, d, loss in ROWS
    ),
    "decimal commas in quotes": "N,D,loss\n" + "".join(
        f'{n:.0f},{d:.0f},"{str(loss).replace(".", ",")}"\n' for n, d, loss in ROWS
    ),
    "thousands by blanks": lines("N;D;loss\n", "{:,.0f};{:,.0f};{}").replace(",", " "),
    "Markdown": lines("| N | D | loss |\n|---|---:|:---:|\n", "| {:.0f} | {:.0f} | **{}** |"),
    "Markdown without outer marks": lines("N | D | loss\n--- | --- | ---\n", "{:.0f} | {:.0f} | {}"),
    "Markdown in a text": lines(
        "# Runs\n\nJune, 3 | 4.\n\n| **N** | D | `loss` |\n|-|-|-|\n", "| {:.0f} | {:.0f} | *{}* |", "\nNone.\n"
    ),
    "Markdown with an empty first column": lines("| | N | D | loss |\n|--|--|--|--|\n", "| | {:.0f} | {:.0f} | {} |"),
    "psql": lines(" N | D | loss \n---+---+------\n", " {:.0f} | {:.0f} | {}", "(4 rows)\n"),
    "a grid of mysql": lines(
        "+---+---+------+\n| N | D | loss |\n+---+---+------+\n", "| {:.0f} | {:.0f} | {} |", "+---+---+------+\n"
    ),
    "names of rows without a header": lines("N D loss\n", "run {:.0f} {:.0f} {}"),
    "comments of other languages": CSV.replace("\n", "\n// all of June\n% by hand\n", 1),
    "bold in CSV": lines("N,D,loss\n", "{:.0f},{:.0f},**{}**"),
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_read_however_it_is_laid_out(text, table):
    """Comments, titles, blanks, decimal commas and Markdown do not change the numbers."""
    assert same(table(text))


ENCODED = {
    "UTF-16 with a mark": CSV.encode("utf-16"),
    "UTF-16, little end first, no mark": CSV.encode("utf-16-le"),
    "UTF-16, big end first, no mark": CSV.encode("utf-16-be"),
    "UTF-32 with a mark": CSV.encode("utf-32"),
    "UTF-8 with a mark": CSV.encode("utf-8-sig"),
    "gzip": gzip.compress(CSV.encode()),
    "bzip2": bz2.compress(CSV.encode()),
    "xz": lzma.compress(CSV.encode()),
    "gzip of JSON lines": gzip.compress("\n".join(map(json.dumps, OBJECTS)).encode()),
}


def zipped(members):
    """A zip archive of files, name -> content, in bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_text_is_read_however_it_is_encoded_and_packed(content, table):
    """The first bytes tell what a file is, whatever its name."""
    assert same(table(content))


def test_a_zip_of_one_file_is_read_and_of_several_refused(table):
    """A folder and what macOS adds are no files of their own."""
    assert same(table(zipped({"june/": "", "june/runs.csv": CSV, "__MACOSX/._runs.csv": "x"}), "runs.zip"))
    assert same(table(zipped({"runs.csv.gz": gzip.compress(CSV.encode())}), "runs.zip"))
    with pytest.raises(TableError, match="is an archive of 2 files; unpack the one"):
        table(zipped({"a.csv": CSV, "b.csv": CSV}))


JSONS = {
    "a list of objects": json.dumps(OBJECTS),
    "spread over lines": json.dumps(OBJECTS, indent=2),
    "lines": "\n".join(map(json.dumps, OBJECTS)),
    "lines with empty ones": "\n" + "\n\n".join(map(json.dumps, OBJECTS)) + "\n",
    "nested": json.dumps([{"config": {"N": n, "D": d}, "summary": {"loss": x}} for n, d, x in ROWS]),
    "in an object": json.dumps({"created": "June", "runs": OBJECTS}),
    "columns": json.dumps({"N": N, "D": D, "loss": LOSS}),
    "columns as pandas has them": json.dumps(
        {name: dict(enumerate(column)) for name, column in (("N", N), ("D", D), ("loss", LOSS))}
    ),
    "split as pandas has it": json.dumps({"columns": ["N", "D", "loss"], "index": [0, 1, 2, 3], "data": ROWS}),
    "rows": json.dumps([["N", "D", "loss"], *ROWS]),
    "settings as wandb keeps them": json.dumps(
        [{"N": {"value": n, "desc": None}, "D": {"value": d}, "loss": x} for n, d, x in ROWS]
    ),
    "nested runs by name": json.dumps(
        {
            "runs": {
                f"r{place}": {"config": {"N": n, "D": d}, "summary": {"loss": x}}
                for place, (n, d, x) in enumerate(ROWS)
            }
        }
    ),
    "runs by name": json.dumps({f"run-{place}": each for place, each in enumerate(OBJECTS)}),
}


@pytest.mark.parametrize("text", JSONS.values(), ids=JSONS)
def test_json_is_read_in_any_of_its_shapes(text, table):
    """Lists, lines, columns and nested objects are the same table."""
    nested = {"N": "config/N", "D": "config/D", "loss": "summary/loss"} if "config" in text else {}
    assert same(table(text, "runs.json", **nested))


def test_names_in_nested_json_are_found_behind_their_folder(table):
    """A configuration and a summary are folders, as those of a logger."""
    found = table(json.dumps([{"config": {"n_params": n, "tokens": d}, "summary": {"loss": x}} for n, d, x in ROWS]))
    assert same(found)


def test_json_says_which_line_or_record_is_wrong(table):
    """In lines the line is named, in a list the record."""
    bad = [*OBJECTS[:2], {**OBJECTS[2], "loss": None}]
    with pytest.raises(TableError, match="1 bad row: record 3 'loss' is empty"):
        table(json.dumps(bad))
    with pytest.raises(TableError, match="1 bad row: line 4 'loss' is empty"):
        table("\n" + "\n".join(map(json.dumps, bad)))


def test_a_value_may_stand_in_quotes(table):
    """As a shell's user writes it."""
    text = CSV.replace("loss", "loss,State").replace("4\n", "4,done\n").replace("7\n", "7,ran on\n")
    text = text.replace("1\n", "1,done\n").replace("42\n", "42,done\n")
    assert table(text, where="State = 'ran on'")["loss"].tolist() == [2.507]


class Trap:
    """Something that would be noticed if it were unpickled."""

    def __reduce__(self):
        return (exec, ("import pathlib; pathlib.Path('/tmp/reading-trap').touch()",))


def array():
    held = io.BytesIO()
    np.save(held, np.eye(3))
    return held.getvalue()


UNREAD = {
    "a pickle": (pickle.dumps(Trap()), "runs.csv", "is a pickle, which is never opened here"),
    "an old pickle": (pickle.dumps(Trap(), protocol=0), "runs.pkl", "is a pickle, which is never opened here"),
    "a pickle in gzip": (gzip.compress(pickle.dumps(Trap())), "runs.gz", "is a pickle, which is never opened here"),
    "a checkpoint": (zipped({"archive/data.pkl": "x", "archive/version": "3"}), "x.bin", "is a pickle, which is never"),
    "an array": (array(), "runs.npy", "is an array of numpy.*write it as CSV"),
    "arrays": (zipped({"a.npy": array(), "b.npy": array()}), "runs.npz", "is an array of numpy.*write it as CSV"),
    "Zstandard": (b"\x28\xb5\x2f\xfd\x04", "runs.csv.zst", "is compressed with Zstandard; unpack it first"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "runs.xls", r"is an old Excel workbook \(.xls\); save the sheet"),
    "a page": ("<!DOCTYPE html>\n<table>", "runs.html", "is a web page"),
    "zero bytes": (b"N,D,loss\n" + b"\0" * 50, "runs.csv", "is no text: it holds zero bytes"),
    "HDF5": (b"\x89HDF\r\n", "runs.h5", "is an HDF5 file"),
    "tar in gzip": (gzip.compress(b"runs".ljust(257, b"\0") + b"ustar"), "runs.tgz", "is a tar archive; unpack it"),
    "a grid": ("width \\ budget,1e18,3e18,1e19\nd512,3.4,3.3,3.2\n", "runs.csv", "is a grid.*one line a run"),
    "a grid with named budgets": ("d,C=1e18,C=3e18\n512,3.4,3.3\n", "runs.csv", "is a grid, with 'C=1e18' and others"),
    "a grid in FLOP": ("width;1e18 FLOP;3e18 FLOP\n512;3.4;3.3\n", "runs.csv", "is a grid, with '1e18 FLOP'"),
    "on its side": ("name,a,b,c\nparams,1e8,2e8,3e8\ntokens,1,2,3\nval_loss,3,2,1\n", "runs.csv", "lies on its side"),
    "LZ4": (b"\x04\x22\x4d\x18", "runs.csv.lz4", "is compressed with LZ4; unpack it first"),
    "two tables": ("|N|D|loss|\n|-|-|-|\n|1|2|3|\n\n|N|D|loss|\n|-|-|-|\n|1|2|3|\n", "a.md", "second table, at line 6"),
    "a cell of 200,000 letters": ("N,D,loss," + "x" * 200_000 + "\n1,2,3,4\n", "runs.csv", "field larger than"),
    "a line of 2,000,000 letters": ("N,D,loss\n" + "1" * 2_000_000, "runs.csv", "line 2 has more than 1,000,000"),
    "a bzip2 with a wrong byte": (bz2.compress(CSV.encode())[:40] + b"x" * 40, "runs.bz2", "is damaged or cut short"),
    "half an xz": (lzma.compress(CSV.encode())[:60], "runs.xz", "is damaged or cut short"),
    "deep JSON": ("[" * 100_000, "runs.json", "is JSON|is a"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "message"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_is_named_with_what_to_do(content, name, message, table):
    """One line names what the file is; a pickle runs nothing."""
    with pytest.raises(TableError, match=message) as caught:
        table(content, name)
    assert str(caught.value).startswith(name) and "\n" not in str(caught.value)
    assert not Path("/tmp/reading-trap").exists()


@pytest.mark.parametrize(("kind", "package"), [("parquet", "pyarrow"), ("xlsx", "openpyxl")])
def test_files_that_pandas_reads_are_read_or_the_package_is_named(kind, package, table, monkeypatch):
    """Parquet and workbooks go through pandas; without its reader the line says what to install."""
    import pandas

    frame = pandas.DataFrame(OBJECTS)
    content = b"PAR1" if kind == "parquet" else zipped({"xl/workbook.xml": "x"})

    def absent(*_, **__):
        raise ImportError(package)

    name = {"parquet": "read_parquet", "xlsx": "read_excel"}[kind]
    monkeypatch.setattr(pandas, name, absent)
    with pytest.raises(TableError, match=f"pip install {package}"):
        table(content, f"runs.{kind}")
    sheet = pandas.DataFrame([list(frame), *frame.itertuples(index=False)], dtype=object)
    notes = pandas.DataFrame([["All of June"]], dtype=object)
    monkeypatch.setattr(pandas, name, lambda *_, **__: frame if kind == "parquet" else {"notes": notes, "runs": sheet})
    assert same(table(content, f"runs.{kind}"))
    monkeypatch.setattr(pandas, "read_excel", lambda *_, **__: {"June": sheet, "May": sheet})
    if kind == "xlsx":
        with pytest.raises(TableError, match="has tables in the sheets 'June', 'May': save the one"):
            table(content, "runs.xlsx")


def test_bytes_that_are_no_text_of_the_encoding_are_refused_where_they_sort_rows(table):
    """Two labels that differ in such a byte stay two; the encoding is asked for, and with it they are read."""
    text = "N,D,loss,corpus,note\n1e8,2e9,3.1,K\xf6ln,a\n1e9,2e10,2.5,K\xfcln,\xe9\n".encode("latin-1")
    found = table(text)
    assert found["corpus"].nunique() == 2
    with pytest.raises(TableError, match=r"K\\+xf6ln.*--encoding latin-1"):
        table(text, where="corpus = Köln")
    with pytest.raises(TableError, match=r"gr\\+xf6.* name the encoding, as --encoding latin-1"):
        table(text.replace(b"note", b"gr\xf6"), where="grö = a")
    with pytest.raises(TableError, match=r"column 'N' holds '1\\\\xa0000'.*--encoding latin-1"):
        table("N;D;loss\n1\xa0000;2e9;3\n".encode("latin-1"))
    assert table("N;D;loss\n1\xa0000;2e9;3\n".encode("latin-1"), encoding="latin-1")["N"].tolist() == [1000]
    assert table(text, encoding="latin-1", where="corpus = Köln")["loss"].tolist() == [3.1]
    with pytest.raises(ValueError, match="encoding 'klingon' is not known"):
        table(text, encoding="klingon")


def test_groups_in_another_encoding_are_refused_by_the_command(tmp_path, capsys):
    """Labels of runs are never merged by what cannot be read of them."""
    rows = "".join(f"{1 + place}e8,2e9,3.{9 - place},r\xe9{chr(0xE0 + place)}\n" for place in range(6))
    (tmp_path / "t.csv").write_bytes(f"N,D,loss,run\n{rows}".encode("latin-1"))
    assert main(["fit", str(tmp_path / "t.csv"), "--group", "run"]) == 2
    assert "name the encoding, as --encoding latin-1" in capsys.readouterr().err


# ---- columns ---------------------------------------------------------------------------------------------

LOGGED = {
    "nanochat": ("flops_budget,num_scaling_params,tokens_trained,val_loss", (1, 2, 3)),
    "OLMo": ("num_parameters_non_embedding,throughput/total_tokens,eval/c4_en-validation/CrossEntropyLoss", (0, 1, 2)),
    "OLMo, other sets": ("params_total,throughput/total_tokens,eval/pile/CrossEntropyLoss", (0, 1, 2)),
    "Hugging Face": ("num_parameters,num_input_tokens_seen,eval_loss,total_flos", (0, 1, 2)),
    "wandb of Hugging Face": ("_step,train/num_input_tokens_seen,eval/loss,model/num_parameters", (3, 1, 2)),
    "nanoGPT": ("iter,val/loss,model.n_params,num_train_tokens,mfu", (2, 3, 1)),
    "Megatron": ("consumed_train_tokens,lm loss,num_params", (2, 0, 1)),
    "Megatron, held out": ("Consumed Tokens,validation/lm loss,Total Params", (2, 0, 1)),
    "MLflow": ("run_id,params.n_params,params.n_tokens,metrics.val_loss", (1, 2, 3)),
    "litgpt": ("total_tokens,val_loss,parameters,step", (2, 0, 1)),
    "camel case": ("numParams,trainTokens,valLoss", (0, 1, 2)),
    "Pythia": ("Non-Embedding Params,Training Tokens,Val Loss", (0, 1, 2)),
    "levanter": ("parameter_count,throughput/total_tokens,eval/loss,throughput/tokens_per_second", (0, 1, 2)),
}


@pytest.mark.parametrize(("header", "where"), LOGGED.values(), ids=LOGGED)
def test_columns_are_known_by_the_names_that_trainers_give_them(header, where, table):
    """Each name is taken for its quantity, and words beside it for none."""
    width = header.count(",") + 1
    rows = []
    for run in ROWS:
        cells = ["7"] * width
        for place, value in zip(where, run, strict=True):
            cells[place] = repr(value)
        rows.append(",".join(cells))
    assert same(table("\n".join([header, *rows])))


@pytest.mark.parametrize(
    "header", ["throughput/tokens", "batch/tokens", "eval/tokens", "train/aux/loss", "router/loss"]
)
def test_names_behind_other_folders_are_of_something_else(header, table):
    """Tokens a second and a part of the loss are no quantities of a run."""
    names = ["N", "D", "loss"]
    names[2 if "loss" in header else 1] = header
    with pytest.raises(TableError, match="no column for"):
        table(",".join(names) + "\n1e8,2e9,3\n")


def test_where_two_columns_fit_their_meaning_is_said(table):
    """Whether embeddings count is for the user to choose, and what is chosen stands in the report."""
    text = "params_total,num_parameters_non_embedding,tokens,val_loss\n1.2e8,1e8,2e9,3\n"
    said = r"'params_total' \(with embeddings\), 'num_parameters_non_embedding' \(without embeddings\); choose with --N"
    with pytest.raises(TableError, match=said):
        table(text)
    found = table(text, N="num_parameters_non_embedding")
    assert found["N"].tolist() == [1e8] and "(without embeddings)" in found.attrs["report"]


@pytest.mark.parametrize(
    ("header", "offered"),
    [("budget,model_size,final_loss", "with --C budget "), ("size,lr,val_loss", "with --C COLUMN "), ("n,loss", "")],
)
def test_compute_is_offered_where_one_of_N_and_D_is_missing(header, offered, table):
    """A budget may be compute or tokens: it is named, not taken."""
    numbers = ",".join(["1e9"] * header.count(","))
    with pytest.raises(TableError, match="no column for D") as said:
        table(f"{header}\n{numbers},3\n")
    assert (f"or name compute {offered}(columns" in str(said.value)) == bool(offered)


def test_one_of_a_name_is_read_as_several_are(table):
    """A header in the singular, as German has it too."""
    assert same(table(CSV.replace("N,D,loss", "Parameter,Token,Loss")))


def test_columns_without_numbers_are_no_candidates(table):
    """A Size of words stands beside Parameters; one of numbers has to be told apart."""
    found = table("Size,Parameters,Tokens,Loss\nsmall,1e8,2e9,3\nlarge,1e9,2e10,2.5\n")
    assert found["N"].tolist() == [1e8, 1e9] and found["Size"].tolist() == ["small", "large"]
    with pytest.raises(TableError, match="two columns may be N: 'Size', 'Parameters'"):
        table("Size,Parameters,Tokens,Loss\n1,1e8,2e9,3\n")


def test_the_likely_columns_are_listed_first(table):
    """The loss stands behind twelve others, and is named first, with the option."""
    header = ",".join(["run", *"abefghijkmopq", "params", "tokens", "loss_c4_en", "wiki_bpb"])
    with pytest.raises(TableError, match=r"as --loss loss_c4_en \(columns: 'loss_c4_en', 'wiki_bpb', 'a', .*\.\.\.\)"):
        table(header + "\nr0" + ",1" * 17 + "\n")


def test_compute_that_two_columns_may_hold_is_no_matter_beside_N_and_D(table):
    """It is only compared with them; where it is needed, it has to be chosen."""
    both = table("N,D,flops,total_flos,loss\n1e8,2e9,1e18,2e18,3\n")
    assert both["C"].tolist() == [6 * 1e8 * 2e9]
    with pytest.raises(TableError, match="two columns may be C"):
        table("N,flops,total_flos,loss\n1e8,1e18,2e18,3\n")


def test_among_several_the_one_of_all_parameters_and_of_held_out_text_is_offered(table):
    """The whole model before its part without embeddings, held-out losses before those of training."""
    with pytest.raises(TableError, match="choose with --N model.num_parameters$"):
        table("model.num_parameters_non_embedding,model.num_parameters,D,loss\n1,1,1,1\n")
    with pytest.raises(TableError, match="choose with --loss eval/pile/CrossEntropyLoss$"):
        table("N,D,train/CrossEntropyLoss,eval/pile/CrossEntropyLoss\n1,1,1,1\n")


def test_the_export_of_a_chart_is_named(table):
    """A column a run is no table of runs."""
    with pytest.raises(TableError, match="holds a column a run, as charts are exported .* write one line a run"):
        table('"Step","d512 - eval/loss","d512 - eval/loss__MIN","d768 - eval/loss"\n10,3.2,3.2,3.1\n')


# ---- formulas --------------------------------------------------------------------------------------------

STEPS = "params,steps,batch size,seq_len,loss\n1e8,1000,256,2048,3\n2e8,2000,512,2048,2.9\n"


@pytest.mark.parametrize(
    "formula",
    ["steps * batch_size * seq_len", "steps * batch * seq", "[batch size] * steps * 2048", "STEPS*batch_size*2**11"],
)
def test_a_column_may_be_a_formula_of_columns(formula, table):
    """Names are headers, their words, or the only beginning of one; brackets hold names with blanks."""
    found = table(STEPS, D=formula)
    assert found["D"].tolist() == [1000 * 256 * 2048, 2000 * 512 * 2048]
    assert formula in found.attrs["report"]


def test_a_formula_may_name_other_quantities_with_their_scale(table):
    """Tokens a parameter times N, where N is in millions, are tokens in ones."""
    text = "params (M),size,ratio,loss\n100,7,20,3\n200,7,40,2.9\n"
    found = table(text, N="params (M)", D="N * ratio", scale={"N": 1e6})
    assert found["D"].tolist() == [2e9, 8e9]
    assert table("N,tokens (B),loss\n1e8,2,3\n", D="1e9 * [tokens (B)]")["D"].tolist() == [2e9]
    assert table("N,epochs,unique,loss\n1e8,4,2e9,3\n", D="epochs * unique", scale={"D": 10.0})["D"].tolist() == [8e10]


def test_conditions_and_bad_rows_know_computed_columns(table):
    """A condition holds on what is computed; a row where it is nothing is bad, and named."""
    text = "N,steps,loss\n1e8,1000,3\n1e8,0,3\n1e8,3000,2.8\n"
    with pytest.raises(TableError, match=r"1 bad row: line 3 steps \* 2048 is 0, which is not between zero"):
        table(text, D="steps * 2048")
    assert len(table(text, D="steps * 2048", drop_bad=True)) == 2
    assert table(text, D="steps * 2048", where="D > 3e6")["loss"].tolist() == [2.8]


WRONG = {
    "no such name": ("steps * sequences", "no column 'sequences' in --D 'steps \\* sequences'"),
    "no such name in brackets": ("[a b] * 2", "no column 'a b' for --D"),
    "not a formula": ("steps * * 2", "--D 'steps \\* \\* 2' is no column, and no formula of columns"),
    "no column and no formula": ("step-count", "no column 'step-count' for --D; there are 'steps'"),
    "of none": ("N * D", "D in 'N \\* D' has no single column|D in"),
    "by zero in a row": (
        "steps / (steps - 1000)",
        "line 2 steps / \\(steps - 1000\\) is inf, which is not between zero",
    ),
    "by zero": ("steps * (1 / 0)", "no formula of columns: 1 / 0 divides by zero"),
    "too large": ("steps * 1e300**2", "no formula of columns: .* is no finite number"),
    "a power without end": ("2**1e999 * steps", "no formula of columns: 1e999 is more than a float can hold"),
    "too long": ("steps * " + "(" * 3000, "--D has 3,008 characters"),
}


@pytest.mark.parametrize(("formula", "message"), WRONG.values(), ids=WRONG)
def test_a_formula_that_cannot_be_used_is_refused_in_one_line(formula, message, table):
    """The option, the name and what there is."""
    with pytest.raises(TableError, match=message) as caught:
        table("N,steps,loss\n1e8,1000,3\n", D=formula)
    assert "\n" not in str(caught.value)


OFFERED = {
    "params,steps,batch_size,seq_len": "--D 'steps * batch_size * seq_len'",
    "params,_step,tokens_per_step": "--D '_step * tokens_per_step'",
    "params,tokens_per_param": "--D 'N * tokens_per_param'",
    "params,epochs,unique_tokens": "--D 'epochs * unique_tokens'",
    "params,consumed samples,sequence_length": "--D '[consumed samples] * sequence_length'",
    "params,_step": "--D '_step * 524288'",
    "params,D/N": "--D 'N * [D/N]'",
    "params,max_steps,global_batch_size,batch_size,n_ctx": "--D 'max_steps * global_batch_size * n_ctx'",
    "params,steps,per_device_train_batch_size,gradient_accumulation_steps,world_size,seq_len": "--D 'steps * "
    "per_device_train_batch_size * gradient_accumulation_steps * world_size * seq_len'",
    "tokens,layers,d_model": "--N '12 * layers * d_model**2'",
}


@pytest.mark.parametrize(("header", "offered"), OFFERED.items())
def test_a_formula_is_offered_where_a_quantity_can_be_computed(header, offered, table):
    """What the table has is put together in the line that says what it lacks, and is read when it is taken up."""
    text = f"{header},loss\n" + "1000," * (header.count(",") + 1) + "3\n"
    with pytest.raises(TableError) as caught:
        table(text)
    assert f"or say how it is computed, as {offered}" in str(caught.value)
    quantity, formula = offered[2], offered.split("'")[1]
    assert table(text, **{quantity: formula})[quantity].gt(1000).all()


# ---- units, repeats, states and rows left out ------------------------------------------------------------


def test_bits_per_byte_are_taken_as_they_are_or_as_nats(table):
    """The header is believed; with the bytes of a token the loss is in nats per token."""
    text = "N,D,val_bpb\n1e8,2e9,1.02\n"
    found = table(text)
    assert found["loss"].tolist() == [1.02] and found.attrs["loss_unit"] == "bits per byte"
    nats = table(text, bytes_per_token=4.5)
    assert nats["loss"].tolist() == pytest.approx([1.02 * math.log(2) * 4.5], rel=1e-15)
    assert nats.attrs["loss_unit"] == "nats per token"
    assert table(text.replace("bpb", "bpc")).attrs["loss_unit"] == "bits per character"
    assert table("N,D,loss\n1e8,2e9,1\n", loss_unit="bits-per-byte").attrs["loss_unit"] == "bits per byte"
    with pytest.raises(TableError, match="say --loss-unit bits-per-byte"):
        table("N,D,loss\n1e8,2e9,1\n", bytes_per_token=4.5)


def test_a_loss_in_nats_is_taken_before_one_in_another_unit(table):
    """Beside a loss, bits per byte and perplexity are other columns; alone the latter needs its unit said."""
    assert table("N,D,val_bpb,val_ppl,val_loss\n1e8,2e9,1,20,3\n")["loss"].tolist() == [3.0]
    with pytest.raises(TableError, match="'val_ppl' names a unit: say --loss-unit perplexity"):
        table("N,D,val_ppl\n1e8,2e9,20\n")


def test_best_of_pair_keeps_the_lowest_loss_of_each(table):
    """Of five learning rates at each N and D one row is left, and the report says what that does."""
    rng = np.random.default_rng(0)
    rows = [(n, d, 2 + n / 1e9 + x, lr) for n in (1e8, 2e8) for d in (1e9, 2e9) for lr, x in enumerate(rng.random(5))]
    rng.shuffle(rows)
    text = "N,D,loss,lr\n" + "".join(f"{n},{d},{x!r},{lr:g}\n" for n, d, x, lr in map(tuple, np.array(rows).tolist()))
    every, best = table(text), table(text, best_of_pair=True)
    lowest = every.groupby(["N", "D"])["loss"].min()
    assert len(best) == 4 and best.set_index(["N", "D"])["loss"].sort_index().tolist() == lowest.tolist()
    merged = best.merge(every, on=["N", "D", "loss", "lr"])
    assert len(merged) == 4  # the other columns are of the same rows
    assert "16 left out by --best-of-pair, which keeps the lowest loss of each N, D" in best.attrs["report"]


def test_runs_that_did_not_finish_are_said_with_the_condition(table):
    """Its own condition silences the note."""
    text = "Name,State,params,tokens,val_loss\na,finished,1e8,2e9,3\nb,crashed,1e8,4e9,5\nc,running,1e8,8e9,4\n"
    (note,) = table(text).attrs["notes"]
    assert note.startswith("column 'State' has 2 rows that did not finish (1 crashed, 1 running): ")
    assert note.endswith("--where 'State = finished' leaves them out")
    assert table(text, where="State = finished").attrs["notes"] == []
    assert table(text.replace("crashed", "finished").replace("running", "finished")).attrs["notes"] == []


def test_rows_that_a_condition_chooses_by_their_loss_are_said(table):
    """What is left out for its result bends a law, whichever option does it."""
    (note,) = table(CSV, where="loss < 3").attrs["notes"]
    assert note == "--where 'loss < 3' leaves out 1 row by their loss, which bends a law"
    assert table(CSV, where="loss < 30").attrs["notes"] == table(CSV, where="N > 2e8").attrs["notes"] == []


STATES = {
    "Slurm": ("status", "COMPLETED", "CANCELLED by 1000", "1 CANCELLED by 1000", "status = COMPLETED"),
    "a flag of what went well": ("completed", "True", "False", "1 False", "completed = True"),
    "a flag of what went wrong": ("diverged", "0", "1", "1 1", "diverged = 0"),
    "a logger's folder": ("run/state", "finished", "killed", "1 killed", "run/state = finished"),
}


@pytest.mark.parametrize(("name", "good", "bad", "said", "where"), STATES.values(), ids=STATES)
def test_states_are_known_by_many_words(name, good, bad, said, where, table):
    """Schedulers and flags say it in other words; the condition that is offered leaves those rows out."""
    text = f"N,D,loss,{name}\n1e8,2e9,3,{good}\n1e8,4e9,2.9,{good}\n2e8,2e9,9,{bad}\n"
    (note,) = table(text).attrs["notes"]
    assert f"1 row that did not finish ({said})" in note and f"--where '{where}'" in note
    left = table(text, where=where)
    assert len(left) == 2 and left.attrs["notes"] == []


def test_columns_that_only_sound_like_states_are_left_alone(table):
    """An error in percent is no flag, and a state of another kind is no end of a run."""
    assert table("N,D,loss,error,state\n1e8,2e9,3,0,Ohio\n1e8,4e9,2.9,0.5,Texas\n1e8,8e9,2.8,1,\n").attrs["notes"] == []


def test_unique_tokens_beside_passes_are_doubted(table):
    """A dataset's size is not what a run saw, if it saw it four times."""
    (note,) = table("N,dataset_size,epochs,loss\n1e8,2e9,4,3\n").attrs["notes"]
    assert "say --D 'epochs * dataset_size'" in note


def test_rows_that_are_dropped_for_the_best_of_their_budget_are_named(table):
    """Marks on the best runs make them bad rows: without them the optimum of each budget moves."""
    rows = "".join(
        f"{n}e8,{8 / n}e9,{3 + 0.1 * (n - 2) ** 2 - c}{'*' if n == 2 else ''}\n" for c in (0, 1) for n in (1, 2, 4)
    )
    with pytest.raises(TableError, match="2 bad rows: line 3 'loss' .3.0\\*. is not a number"):
        table("N,D,loss\n" + rows)
    (note,) = table("N,D,loss\n" + rows.replace("4e8,2.0e9,2", "4e8,2.0e9,2"), drop_bad=True).attrs["notes"]
    assert note.startswith("--drop-bad leaves out") and "lowest of" in note and "correct the cells" in note
    (note,) = table("N,D,loss\n1e8,2e9,3\n1e8,4e9,diverged\n", drop_bad=True).attrs["notes"]
    assert note.startswith("--drop-bad leaves out 1 row for the loss alone")
    assert table("N,D,loss\n1e8,2e9,3\n,4e9,3\n", drop_bad=True).attrs["notes"] == []


# ---- what is long, odd or hostile ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["loss =< 4", "loss => 4", "loss = < 4", "loss <> 4", "< 4", "loss <", "loss", "loss !4", "=", ""]
)
def test_a_condition_with_a_sign_of_its_own_is_refused(text):
    """No slip of the keys becomes an equality that holds nowhere."""
    with pytest.raises(ValueError, match="is no condition"):
        parse(text)


def test_long_texts_are_refused_or_read_in_linear_work(table):
    """A million blanks, and names of 100,000 letters: patterns that take the square of it would never end."""
    blanks = " " * 100_000
    for wrong in (blanks, f"1e24{blanks}x", "9" * 100_000 + "x", f"-{blanks}"):
        with pytest.raises(ValueError, match="is empty|is not a number"):
            number(wrong)
        with pytest.raises(ValueError, match="is empty|is not a number"):
            plain_number(wrong)
    with pytest.raises(ValueError, match="1000 characters at most"):
        parse(f"loss{blanks}< 4")
    for name in ("(" * 100_000, "x_" * 20_000, "a" * 40_000, "eval/" * 20_000, "[" * 100_000, "k " * 40_000):
        found = table(f"N,D,loss,{name}\n1e8,2e9,3,1\n")
        assert found["loss"].tolist() == [3.0] and short_label(name.strip()) in found
        with pytest.raises(TableError, match="no column|characters"):
            table("N,D,loss\n1e8,2e9,3\n", N=name)


# ---- the command -----------------------------------------------------------------------------------------


def ladder(loss=lambda N, D: 1.7 + 400 / N**0.34 + 410 / D**0.28, budgets=(1e18, 3e18, 1e19, 3e19)):
    """N, D and loss of five sizes at each of four budgets, in scatter of 0.2%."""
    rng = np.random.default_rng(3)
    pairs = [(each := (C / 120) ** 0.5 * f, C / 6 / each) for C in budgets for f in (0.25, 0.5, 1, 2, 4)]
    return [(N, D, loss(N, D) * np.exp(0.002 * rng.standard_normal())) for N, D in pairs]


@pytest.fixture
def command(tmp_path, capsys, monkeypatch):
    """Write a table, fit it, and return the code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def called(text, *options):
        Path("runs.csv").write_text(text)
        code = main(["fit", "runs.csv", "--resamples", "40", "--force", *options])
        return code, *capsys.readouterr()

    return called


def test_bits_per_byte_are_fitted_in_their_own_unit(command, capsys):
    """The split of a budget is that of nats; the unit stands in the law file, the plan and the figure."""
    rows = ladder(lambda N, D: (1.7 + 400 / N**0.34 + 410 / D**0.28) / 3)
    text = "num_scaling_params,tokens_trained,val_bpb\n" + "".join(f"{n:.0f},{d:.0f},{x:.6f}\n" for n, d, x in rows)
    code, out, err = command(text)
    assert code == 0 and "column 'val_bpb', in bits per byte" in out and "bits a byte" not in err
    law = json.loads(Path("runs-law/law.json").read_text())
    assert law["loss"] == "bits per byte"
    assert main(["plan", "runs-law/law.json", "1e20", "--json"]) == 0
    own = json.loads(capsys.readouterr().out)["plans"][0]
    assert main(["plan", "runs-law/law.json", "1e20"]) == 0
    assert "losses in bits per byte" in capsys.readouterr().out
    assert command(text, "--bytes-per-token", "4.5")[0] == 0
    assert json.loads(Path("runs-law/law.json").read_text())["loss"] == "nats per token"
    assert main(["plan", "runs-law/law.json", "1e20", "--json"]) == 0
    nats = json.loads(capsys.readouterr().out)["plans"][0]
    assert nats["N"]["value"] == pytest.approx(own["N"]["value"], rel=1e-4)
    assert nats["loss"]["value"] == pytest.approx(own["loss"]["value"] * math.log(2) * 4.5, rel=1e-4)


@pytest.mark.parametrize("form", [[], ["--form", "E + A / N**alpha + B / D**beta"]])
def test_formulas_and_the_best_of_each_pair_hold_for_any_form(form, command):
    """The law of the best learning rates is that of a table that holds nothing else."""
    rows = ladder()
    best = "n,steps,seq,loss\n" + "".join(f"{n:.0f},{d / 2048:.3f},2048,{x:.6f}\n" for n, d, x in rows)
    searched = "n,steps,seq,loss,lr\n" + "".join(
        f"{n:.0f},{d / 2048:.3f},2048,{x * worse:.6f},{lr}\n"
        for n, d, x in rows
        for lr, worse in ((1, 1.02), (2, 1), (3, 1.03))
    )
    options = ["--N", "n", "--D", "steps * seq", *form]
    assert command(best, *options)[0] == 0
    law = json.loads(Path("runs-law/law.json").read_text())["law"]
    code, out, _ = command(searched, *options, "--best-of-pair")
    assert code == 0 and "40 left out by --best-of-pair" in " ".join(out.split())
    assert json.loads(Path("runs-law/law.json").read_text())["law"] == law
    assert 'left_out_by_best_of_pair": 40' in Path("runs-law/law.json").read_text()


def test_dropping_the_best_of_each_budget_is_not_to_be_trusted(command):
    """The law is written, with the reason, and the code is 1."""
    rows = "".join(
        f"{n:.0f},{d:.0f},{x:.4f}{'*' if place % 5 == 2 else ''}\n" for place, (n, d, x) in enumerate(ladder())
    )
    code, out, err = command("N,D,loss\n" + rows, "--drop-bad")
    assert code == 1 and "4 left out as bad" in out
    assert "not to be trusted: --drop-bad leaves out" in err and "correct the cells instead" in err


def test_compute_that_is_not_6ND_can_be_planned_with(command, capsys):
    """The note has the cost that spends compute as it was measured."""
    rows = "".join(f"{n:.0f},{d:.0f},{7.8 * n * d:.6g},{x:.6f}\n" for n, d, x in ladder())
    code, _, err = command("N,D,C,loss\n" + rows)
    assert code == 0 and "plan --cost '7.8 * N * D' spends it as measured" in err
    assert main(["plan", "runs-law/law.json", "1e20", "--cost", "7.8 * N * D", "--json"]) == 0
    best = json.loads(capsys.readouterr().out)["plans"][0]
    assert best["N"]["value"] * best["D"]["value"] == pytest.approx(1e20 / 7.8, rel=1e-3)


def test_a_device_without_end_is_refused(capsys):
    """Its first bytes are no text; the whole is never read."""
    assert main(["fit", "/dev/zero"]) == 2
    assert "is no text" in capsys.readouterr().err


def test_what_an_option_was_given_is_told_in_short(capsys):
    """A budget of 100,000 blanks, or a factor of as many letters, is refused at once in a line of its own."""
    for arguments in (
        ["plan", "besiroglu2024", "1e24" + " " * 100_000 + "x"],
        ["fit", "t.csv", "--scale", "N=" + "9" * 100_000],
    ):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err) < 400
    assert main(["plan", "besiroglu2024", "1e21 FLOPs", "1e21flop"]) == 0


def test_the_best_of_each_x_is_compared_and_states_are_said_of_any_form(tmp_path, capsys):
    """Points of one variable and forms of any other take the same options and notes as runs of N and D."""
    path = tmp_path / "sizes.csv"
    sizes = np.geomspace(1e6, 1e9, 12)
    runs_of = [(n, (1.7 + 400 / n**0.34) * worse, lr) for n in sizes for lr, worse in ((1, 1.0), (2, 1.03))]
    rows = "".join(f"{n:.0f},{x:.6f},{lr},{'crashed' if n < 2e6 else 'finished'}\n" for n, x, lr in runs_of)
    path.write_text("n_params,val_loss,lr,State\n" + rows)
    assert main(["compare", str(path), "--x", "n_params", "--y", "val_loss", "--best-of-pair"]) == 0
    assert "12 left out by --best-of-pair" in " ".join(capsys.readouterr().out.split())
    options = ["--form", "E + A / N**alpha", "--bootstrap", "none", "--out", str(tmp_path / "law")]
    main(["fit", str(path), "--best-of-pair", *options])
    out, err = capsys.readouterr()
    assert "column 'State' has 4 rows that did not finish (4 crashed)" in err
    assert "12 rows used" in out


def test_records_are_called_records_in_the_report(command):
    """A list in JSON has no lines that one could look up."""
    text = json.dumps([dict(zip(("N", "D", "loss"), run, strict=True)) for run in ladder()], indent=1)
    code, out, _ = command(text)
    assert code == 0 and "row r is record r + 1 of runs.csv" in out
