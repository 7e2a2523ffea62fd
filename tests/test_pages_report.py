"""What `make pages-report` measures: weights counted by hand, gzip on the way, faults in one line."""

import gzip
import itertools
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from _sphinx.tools import quiet, report

ROOT = Path(__file__).resolve().parent.parent
FIGURE = '<div class="explorer" id="fig-x"><div><p>A figure &amp; its data</p></div><br></div>'
PAGE = """<html><head><script src="_static/all.js"></script>{more}</head>
<body><article>{body}</article></body></html>"""
OWN = '<script src="_static/explorer.js"></script>'


@pytest.fixture
def folder(tmp_path):
    """Two pages that share a script; one has a picture, a script of its own and two live figures."""
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/all.js").write_text("let shared = 1;\n" * 50)
    (tmp_path / "_static/explorer.js").write_text("let own = 1;\n" * 50)
    (tmp_path / "picture.png").write_bytes(bytes(range(256)))
    body = f'<p>Text</p>\n{FIGURE}<div>between</div>\n{FIGURE}<img src="picture.png" alt="A picture.">'
    (tmp_path / "one.html").write_text(PAGE.format(more=OWN, body=body))
    (tmp_path / "two.html").write_text(PAGE.format(more="", body="<p>Text</p>"))
    return tmp_path


def size(content):
    return len(gzip.compress(content, 9))


def test_a_page_weighs_what_it_alone_loads(folder):
    """Text counts gzipped, a picture as it is, what all pages load not at all; each live figure by itself."""
    rows, shared, scripts = report.weigh(folder, ["one", "two"])
    assert shared == size(b"let shared = 1;\n" * 50)
    assert scripts == {"_static/explorer.js": size(b"let own = 1;\n" * 50)}
    one, two = rows
    assert one["figures"] == [size(FIGURE.encode())] * 2 and two["figures"] == []
    assert (one["pictures"], one["others"]) == (256, scripts["_static/explorer.js"])
    assert one["html"] == size((folder / "one.html").read_bytes()) and two["own"] == two["html"]
    assert one["own"] == one["html"] + one["pictures"] + one["others"]


def test_what_is_over_a_limit_is_marked(folder, monkeypatch):
    """A figure, a page, a script or a score beyond its limit has a star and a line that says by how much."""
    rows, shared, scripts = report.weigh(folder, ["one", "two"])
    calm = report.report(rows, shared, scripts, {}, {}, "No scores.")
    assert "Nothing is over its limit." in calm and "*" not in calm
    monkeypatch.setattr(report, "FIGURE", 10)
    monkeypatch.setattr(report, "SCRIPT", 10)
    scores = {"one": {"performance": 93, "accessibility": 97, "failed": ["target-size"], "disturbed": 0}}
    loud = report.report(rows, shared, scripts, {"bowl": (3, 25.0, 40.0, 0)}, scores, "Scores.")
    assert "- one, a live figure: 0.1, 0.0 allowed" in loud
    assert "- one, accessibility (target-size): 97, 100 wanted" in loud
    assert "- _static/explorer.js:" in loud and "performance:" not in loud
    assert "~" not in loud


def test_what_the_host_disturbed_is_marked(folder):
    """A score or a time taken on a machine that was lent away says so beside the number."""
    rows, shared, scripts = report.weigh(folder, ["one", "two"])
    scores = {"one": {"performance": 66, "accessibility": 100, "failed": [], "disturbed": 2}}
    text = report.report(rows, shared, scripts, {"bowl": (3, 12.0, 40.0, 1)}, scores, "Scores.")
    assert " 66*~ " in text and " 12~ " in text and "run it again another time" in text


def test_readings_the_host_disturbed_are_set_aside(monkeypatch):
    """Of five readings with two disturbed, the three quiet ones count, whatever they showed."""
    clock = itertools.accumulate(
        [(0, 0), (90, 0), (0, 0), (50, 50), (0, 0), (99, 1), (0, 0), (10, 70), (0, 0), (80, 2)],
        lambda one, two: (one[0] + two[0], one[1] + two[1]),
    )
    monkeypatch.setattr(quiet, "ticks", lambda: next(clock))
    shown = iter([95, 66, 94, 30, 20])
    readings, disturbed = quiet.measured(lambda: next(shown), runs=3, spare=6)
    assert sorted(readings) == [20, 94, 95] and disturbed == 0


def test_without_a_quiet_moment_the_least_disturbed_count(monkeypatch):
    """The number of readings is bounded, and how many of those returned were disturbed is said."""
    clock = itertools.accumulate(
        [(0, 0), (90, 0), (0, 0), (20, 80), (0, 0), (50, 50), (0, 0), (10, 90)],
        lambda one, two: (one[0] + two[0], one[1] + two[1]),
    )
    monkeypatch.setattr(quiet, "ticks", lambda: next(clock))
    shown = iter("abcd")
    assert quiet.measured(lambda: next(shown), runs=2, spare=2) == (["a", "c"], 1)


def test_a_system_that_counts_no_stolen_time_is_quiet(tmp_path, monkeypatch):
    """Where /proc/stat is missing or reads otherwise every reading counts."""
    for words in (None, "cpu 1 2 three\n"):
        monkeypatch.setattr(quiet, "STAT", tmp_path / "stat")
        if words:
            (tmp_path / "stat").write_text(words)
        assert quiet.measured(lambda: 7, runs=2, spare=5) == ([7, 7], 0)
    (tmp_path / "stat").write_text("cpu  10 1 2 500 7 3 4 25 9 0\ncpu0 1\n")
    assert quiet.ticks() == (20, 25)


def test_text_is_served_gzipped(folder):
    """A browser that takes gzip gets it; one that does not gets the file as it is."""
    with report.served(folder) as address:
        asked = urllib.request.Request(f"{address}/one.html", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(answer.read()) == (folder / "one.html").read_bytes()
        with urllib.request.urlopen(f"{address}/one.html") as answer:
            assert answer.read() == (folder / "one.html").read_bytes()


def test_without_a_chromium_the_weights_are_still_reported(folder, tmp_path, monkeypatch, capsys):
    """Where no browser is found the report says so in a line and holds the rest."""
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"])
    target = tmp_path / "out/report.md"
    assert report.main([str(folder), "--report", str(target)]) == 0
    assert "nowhere cannot be run" in target.read_text() and "| one " in target.read_text()
    assert target.read_text() in capsys.readouterr().out


def test_a_run_cut_off_keeps_the_scores_it_has(folder, tmp_path, monkeypatch):
    """The table is written after each page: whoever stops the second page still has the first."""
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"])
    monkeypatch.setattr(report, "find_chromium", lambda: "chromium")
    monkeypatch.setattr(report, "frame_times", lambda *given: {})
    monkeypatch.setattr(report, "install", lambda tools: tools)

    def stopped(program, chromium, address, runs):
        if address.endswith("two.html"):
            raise KeyboardInterrupt
        return {"performance": 97, "accessibility": 100, "failed": [], "disturbed": 0}

    monkeypatch.setattr(report, "score", stopped)
    target = tmp_path / "out/report.md"
    with pytest.raises(KeyboardInterrupt):
        report.main([str(folder), "--report", str(target)])
    assert "1 of 2 pages scored so far" in target.read_text() and " 97 " in target.read_text()
    assert [one.name for one in target.parent.iterdir()] == ["report.md"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "run make book first"),
        (["--pages", "nonsense"], "no such page: nonsense"),
        (["--runs", "0"], "--runs is at least 1"),
    ],
)
def test_what_cannot_be_measured_is_one_line(folder, monkeypatch, capsys, words, said):
    """A book that is not built, an unknown page and no runs at all are refused in one line, exit code 1."""
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"] if words else ["one", "three"])
    assert report.main([str(folder), *words]) == 1
    assert said in capsys.readouterr().err


def test_help_says_what_is_measured():
    """The script can be called by itself, and says what it does."""
    command = [sys.executable, "-m", "_sphinx.tools.report", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "lighthouse" in done.stdout
