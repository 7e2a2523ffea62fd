"""A table dropped into a kernel's page: fitted, or told what is wrong; nothing of it stays."""

from pathlib import Path

import pytest

from scalinglib.explore import OwnTable

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
