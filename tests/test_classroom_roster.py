"""Class and sheets: whose a table is stays so, and a CSV of the teacher's that cannot be read is named."""

import re

import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import HALF, drawn, founded, seat

OTHER = "the secret of another course, a test"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Two assignments, of which one name begins as the other, and a roster."""
    return founded(tmp_path, monkeypatch, {"laws": HALF, "laws-b": HALF}, ["s1", "b-s1"])


def test_a_second_call_of_class_forgets_nobody(course):
    """One assignment drawn anew, or a roster of those who came late, leaves all other tables whose they were."""
    assert drawn() == 0
    seats = classroom.read_class("class")
    assert drawn("--only", "laws") == 0
    assert classroom.read_class("class") == seats and len(seats) == 4
    (course / "roster.csv").write_text("id\nlate\n")
    assert drawn("--only", "laws") == 0
    assert classroom.read_class("class")[:4] == seats and classroom.read_class("class")[4].student == "late"


def test_another_secret_does_not_take_the_tables_of_a_class_away(course, monkeypatch, capsys):
    """What was handed in to them would be nobody's: the call is refused and the folder stays as it was."""
    drawn()
    before = {path.name: path.read_bytes() for path in (course / "class").rglob("*.csv")}
    monkeypatch.setenv("SECRET", OTHER)
    assert drawn() == 2
    assert "a table of s1 for laws that was drawn under another secret" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (course / "class").rglob("*.csv")} == before


def test_every_paper_has_a_report_of_its_own(course):
    """Assignment laws of student b-s1 and assignment laws-b of s1 do not overwrite each other."""
    drawn()
    for name in ("laws", "laws-b"):
        declared = classroom.Declared(name, seat(course, "s1", name).token, {})
        classroom.write_declared(course / "handed", declared)
    assert main(["grade", "--from", "handed", "--class", "class", "--out", "out"]) == 0
    pages = sorted((course / "out/reports").rglob("*.html"))
    assert len(pages) == 4
    assert all(f"<h1>{page.parent.name}: " in page.read_text() for page in pages)


def test_an_assignment_that_was_never_drawn_is_not_graded(course, capsys):
    """No empty marks are written for it."""
    drawn("--only", "laws")
    words = ["grade", "--from", "handed", "--class", "class", "--out", "out", "--only", "laws-b"]
    assert main(words) == 2
    assert "class has tables for laws, and not for laws-b" in capsys.readouterr().err
    assert not (course / "out").exists()


BAD = {
    "of another encoding": ("id\nJosé\n".encode("cp1252"), "not text in UTF-8 (byte 6)"),
    "with a cell that no CSV has": (b'id,x\ns1,"' + b"y" * 200_000, "no CSV, field larger than field limit"),
    "of a workbook": (b"PK\x03\x04\x00\x00", "no text; save it as CSV UTF-8"),
    "with a column twice": (b"id,id\ns1,s2\n", "there are 'id', 'id'"),
    "empty": (b"", "there are none"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize(
    "read", [classroom.read_roster, classroom.read_class, classroom.read_points], ids=lambda read: read.__name__
)
def test_a_sheet_that_cannot_be_read_is_named(tmp_path, kind, read):
    """A CSV of a spreadsheet, in whatever form it was saved, is read or refused with its name."""
    content, said = BAD[kind]
    (tmp_path / "tokens.csv").write_bytes(content)
    place = tmp_path if read is classroom.read_class else tmp_path / "tokens.csv"
    with pytest.raises(ValueError, match="^tokens.csv: .*" + re.escape(said)):
        read(place)


@pytest.mark.parametrize(
    "text",
    [
        "ID,Name\ns1,A\ns2,B\n",
        " id ,n\ns1,A\ns2,B\n",
        "id;n\ns1;A, B\ns2;C\n",
        "\ufeffid,n\r\ns1,\r\ns2,\r\n,\r\n,\r\n",
    ],
)
def test_a_roster_is_read_as_a_spreadsheet_saves_it(tmp_path, text):
    """Capitals and blanks in a header, semicolons between cells, empty rows at the end."""
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    assert classroom.read_roster(tmp_path / "roster.csv") == ["s1", "s2"]


def test_points_of_texts_are_read_with_the_comma_of_a_spreadsheet(tmp_path):
    """Where cells are parted by semicolons, one and a half is 1,5."""
    (tmp_path / "texts.csv").write_text("id;assignment;question;text;points;of\ns1;laws;why;t1;1,5;2\n")
    assert classroom.read_points(tmp_path / "texts.csv") == {("s1", "laws", "why", "t1"): (1.5, 2)}


def test_an_export_with_semicolons_comes_back_with_semicolons(tmp_path):
    """The platform that wrote them reads them."""
    assert classroom.fill("ID;A\ns1;\n", {"s1": 1.5}, column="A", key="ID") == "ID;A\ns1;1.5\n"


@pytest.mark.parametrize("cell", ["=1+1", " =1+1", "\n@SUM(1)", "＝1+1", "－x", "\tx"])
def test_no_cell_of_an_export_is_a_formula(cell):
    """Leading blanks and the wide signs, which some spreadsheets take for the narrow ones, do not help."""
    filled = classroom.fill(f'ID,A,n\ns1,,"{cell}"\n', {"s1": 1.0}, column="A", key="ID")
    assert f"'{cell}" in filled
