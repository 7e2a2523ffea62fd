"""Cells that run in the page, in a browser; skipped where the book was built without a runtime (make live)."""

import json
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scalinglib.command import main
from tests.browser import reader

pytest_plugins = ["tests.browser"]
PAGE = "chapters/units/what-a-loss-is.html"
RUNS = Path(__file__).resolve().parents[1] / "chapters/fitting/my-runs.csv"
TABLE = 1  # the second cell of the page shows a table, and needs the imports above it


@pytest.fixture(scope="module")
def live_address(built_book, book_address):
    """The book's address, where it can run code."""
    if not (built_book / "_static/live").is_dir():
        pytest.skip("the book was built without a runtime for its cells; make live fetches one")
    return book_address


class Cell:
    """One cell of a page: its buttons, and what stands below it."""

    def __init__(self, page, number):
        self.page = page
        self.cell = page.locator("div.cell").filter(has=page.locator(".live-bar")).nth(number)
        self.bar = self.cell.locator(".live-bar")

    def press(self, words):
        """Press the button with these words."""
        self.bar.get_by_role("button").filter(has_text=words).first.click()

    def done(self):
        """Wait until it has run; what the cell then says."""
        self.cell.and_(self.page.locator("[aria-busy]")).wait_for(state="detached")
        return self.bar.locator(".live-said").text_content()

    def write(self, text):
        """Edit the cell, and run it by the keyboard."""
        if not self.cell.locator(".live-code").count():
            self.press("Edit")
        self.cell.locator(".live-code").fill(text)
        self.cell.locator(".live-code").press("Shift+Enter")
        return self.done()


def test_a_cell_is_run_edited_stopped_and_reset(chromium, live_address):
    """Nothing is loaded before the first Run; then the book's own result, one's own, an error with its line, a stop."""
    with reader(chromium) as seen:
        page = seen.open(live_address + PAGE)
        loaded = [urlsplit(address).path for address in seen.requests if "/live/" in address]
        assert [path.rpartition("/")[2] for path in loaded] in (["live.js"], ["live.css", "live.js"])
        one = Cell(page, TABLE)
        stored = one.cell.locator(".cell_output").inner_text()
        one.press("Run")
        assert one.done().startswith("Done in ")
        assert one.cell.locator(".live-label").text_content() == "Yours, the same as the book's"
        assert one.cell.locator(".live-output").inner_text().endswith(stored)
        assert page.locator("p[role=status]").last.text_content().startswith("Cell 2: Done in ")

        one.write("print(2 + 2, np.e)")
        assert "4 2.718281828459045" in one.cell.inner_text()
        assert one.cell.locator(".live-label").text_content() == "Yours, not the same as the book's"
        assert one.write("x = [1]\nx[5]") == "Stopped at an error."
        assert one.cell.locator(".live-fault").inner_text().split("\n")[0] == "IndexError: list index out of range"
        assert "Line 2 of cell 2: x[5]" in one.cell.locator(".live-fault").inner_text()
        assert seen.axe(within="[...document.querySelectorAll('div.cell')]") == []

        page.emulate_media(media="print")
        one.cell.locator(".live-output").wait_for(state="detached")
        assert one.cell.locator(".cell_output").is_visible()
        page.emulate_media(media="screen")
        one.cell.locator(".live-output").wait_for()

        one.cell.locator(".live-code").fill("while True: pass")
        one.press("Run")
        one.press("Stop")
        assert one.done().startswith("Stopped. What ran before is forgotten")
        assert one.write("print('after', np.pi)").startswith("Done in ")

        page.reload()
        one = Cell(page, TABLE)
        assert one.cell.locator(".live-code").input_value() == "print('after', np.pi)"
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download as a notebook").click()
        with open(taken.value.path(), encoding="utf-8") as held:
            cells = json.load(held)["cells"]
        assert any("".join(cell["source"]) == "print('after', np.pi)" for cell in cells)
        one.press("Reset")
        assert one.cell.locator(".live-code").count() == 0 and one.cell.locator(".cell_output").inner_text() == stored
        assert seen.faults() == []


def test_from_a_folder_there_is_no_run(chromium, built_book, live_address):
    """A page that was opened as a file has no button that could not work."""
    with reader(chromium) as seen:
        page = seen.page
        page.goto((built_book / PAGE).as_uri())
        assert page.locator(".live-bar").count() == 0 and page.locator(".live-foot").count() == 0


@pytest.mark.parametrize("lacking", ["WebAssembly", "Worker"])
def test_a_browser_that_cannot_run_python_is_told_so(chromium, live_address, lacking):
    """Without what Python needs there is no button; a line at the foot says why, and the stored results stay."""
    with reader(chromium) as seen:
        seen.page.add_init_script(f"delete window.{lacking}")
        page = seen.open(live_address + PAGE)
        foot = "This browser is too old to run the code of this page; what it gave us stands below each cell."
        assert page.locator(".live-foot").inner_text() == foot and page.locator(".live-bar").count() == 0
        assert page.locator(".cell_output").first.is_visible() and seen.faults() == []


def test_a_table_that_is_not_passed_on_is_told(chromium, live_address, built_book):
    """The cell that loads it stops, and says why and where it runs as it is."""
    [packed] = (built_book / "_static/live").glob("book-*.zip")
    if "tables/chinchilla_runs_epoch.csv" in zipfile.ZipFile(packed).namelist():
        pytest.skip("this book was built with all tables, for its owner's use")
    with reader(chromium) as seen:
        page = seen.open(live_address + "chapters/fitting/replication.html")
        cells = page.locator("div.cell").filter(has=page.locator(".live-bar")).all_inner_texts()
        one = Cell(page, next(i for i, text in enumerate(cells) if 'runs.load("chinchilla")' in text))
        one.press("Run")
        assert one.done() == "Stopped at an error."
        told = one.cell.locator(".live-fault").inner_text()
        assert (
            "is not among the files of this page" in told and "as a notebook, in Binder or on your own machine" in told
        )


def test_a_pasted_table_gives_what_the_command_says(chromium, live_address, tmp_path, monkeypatch, capsys):
    """On the page for one's own table, all lines of the command stand below it, but for how the fit got there."""
    shutil.copy(RUNS, tmp_path / "pasted.csv")
    monkeypatch.chdir(tmp_path)
    main(["fit", "pasted.csv", "--out", "law", "--no-figure", "--budget", "1e23"])
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("wrote ")]
    with reader(chromium) as seen:
        page = seen.open(live_address + "own-table.html")
        page.locator("textarea").fill(RUNS.read_text(encoding="utf-8"))
        page.get_by_label("A budget to plan for").fill("1e23")
        page.get_by_role("button", name="Fit a law").click()
        page.get_by_text("Done.", exact=True).wait_for(timeout=180_000)
        lines = page.locator(".own-result pre").inner_text().splitlines()
        changed = [pair for pair in zip(said, lines, strict=True) if pair[0].rstrip() != pair[1].rstrip()]
        assert all("gradient norm" in ours and ours.split(";")[0] == theirs.split(";")[0] for ours, theirs in changed)
        with page.expect_download() as taken:
            page.get_by_role("button", name="Save the law").click()
        assert (
            json.loads(Path(taken.value.path()).read_text())["runs"]
            == json.loads(Path("law/law.json").read_text())["runs"]
        )
        assert seen.faults() == []
