"""A table dropped into a kernel's page: fitted, or told what is wrong; nothing of it stays."""

from pathlib import Path

import pytest

from scalinglib.explore import OwnTable, Pick, drop_runs

TEMPLATE = Path(__file__).resolve().parent.parent / "chapters" / "fitting" / "my-runs.csv"


def test_a_dropped_table_is_fitted():
    """The page's template gives a report of 42 runs, as a browser's upload hands it over."""
    place = OwnTable()
    file = {"name": "my-runs.csv", "type": "text/csv", "size": 1, "content": memoryview(TEMPLATE.read_bytes())}
    place.upload.value = ({**file, "last_modified": __import__("datetime").datetime.now()},)
    assert "42 runs" in place.said.value and place.said.value.startswith("<pre>")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "a.csv"),
        ("a.csv", b"size,loss\n1,2\n", "a.csv"),
        ("../../a.csv", b"N,D,loss\n1e8,<b>,3\n", "&lt;b&gt;"),
        ("a.csv", b"\x80\x04 pickled", "a.csv"),
        ("..", b"N,D,loss\n1e8,2e9,3\n", "1 run cannot fix"),
        ("", b"N,D,loss\n1e8,2e9,3\n", "1 run cannot fix"),
        ("a\0.csv", b"N,D,loss\n1e8,2e9,3\n", "1 run cannot fix"),
        ("y" * 300 + ".csv", b"", "... (304 letters"),
        ("a.csv.gz", b"\x1f\x8b cut", "a.csv.gz"),
        ("<b>", b"", "&lt;b&gt;: is empty"),
    ],
)
def test_a_table_that_cannot_be_fitted_says_why(name, content, words):
    """What is wrong is said in a sentence with the file's own name, as text and not as markup."""
    place = OwnTable()
    place._taken({"new": [{"name": name, "content": content}]})
    assert words in place.said.value and "/tmp" not in place.said.value and "<b>" not in place.said.value


def test_a_page_without_a_kernel_says_what_it_takes():
    """The page's place can be found by id and class, and names the command."""
    data, _ = OwnTable()._repr_mimebundle_()
    assert 'class="own-table" id="own-table"' in data["text/html"] and "scalinglib fit" in data["text/html"]


@pytest.mark.parametrize(
    "rows", [(1, 1), (245,), (-1,), (1.5,), (True,), ("a",), "12", 3, None, [[1, 2]], tuple(range(61))], ids=repr
)
def test_rows_to_leave_out_are_rows(rows):
    """A row twice, one that is not there, counted from the end or no number, too many: refused."""
    with pytest.raises(ValueError, match="takes up to 60 different rows of 0 to 244; got"):
        drop_runs(without=rows)


@pytest.mark.parametrize("options", [dict(rows=0, most=0), dict(rows=2, most=9), dict(rows=3, most=3, default=(9,))])
def test_a_pick_that_nobody_could_use_is_refused(options):
    """More rows to leave out than there are, or a start with a row that is not there."""
    with pytest.raises(ValueError, match="'x'"):
        Pick(label="x", more="m", **options)
