"""What `make pages-report` measures: weights counted by hand, faults in one line."""

import gzip
import json
import math

import pytest

from _sphinx.tools import report

pytest_plugins = ["tests.browser"]

FIGURE = '<div class="explorer" id="fig-x"><div><p>A figure &amp; its data</p></div><br/></div>'
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
    return len(gzip.compress(content, 9)) / 1024


def test_a_page_weighs_what_it_alone_loads(folder):
    """Text counts gzipped, a picture as it is, what all pages load not at all; the largest live figure by itself."""
    rows, shared = report.weigh(folder, ["one", "two"])
    assert shared == size(b"let shared = 1;\n" * 50)
    one, two = rows["one"], rows["two"]
    assert one["largest figure"] == size(FIGURE.encode()) and math.isnan(two["largest figure"])
    assert (one["pictures"], one["other files"]) == (0.25, size(b"let own = 1;\n" * 50))
    assert one["HTML"] == size((folder / "one.html").read_bytes()) and two["in all"] == two["HTML"]
    assert one["in all"] == pytest.approx(one["HTML"] + one["pictures"] + one["other files"])


def test_what_is_over_a_limit_is_listed(folder, monkeypatch):
    """A figure, a page or a score beyond its limit has a line that says by how much."""
    rows, shared = report.weigh(folder, ["one", "two"])
    assert "Nothing is over its limit." in report.report(rows, shared, {}, "No scores.")
    monkeypatch.setitem(report.ALLOWED, "largest figure", 0.01)
    rows["one"] |= {"performance": 93, "accessibility": 97}
    loud = report.report(rows, shared, {"bowl": {"sliders": 3, "median ms": 25.0, "worst ms": 40.0}}, "Scores.")
    assert "- one, largest figure: 0, 0.01 allowed" in loud
    assert "- one, accessibility: 97, 100 wanted" in loud and "one, performance" not in loud
    assert "- bowl, median ms: 25, 20 allowed" in loud


def test_what_run_loads_is_weighed_by_what_asks_for_it(folder):
    """Packages stand by their names, companions of matplotlib in one sum; a book without a runtime says that."""
    assert report.runtime_weights(folder) == {} and "the book has no runtime" in report.report({}, 0.0, {}, "")
    (folder / "_static/live/pyodide-1").mkdir(parents=True)
    (folder / "_static/live/book.zip").write_bytes(bytes(1000))
    modules = {name: f"{name}.whl" for name in ("numpy", "pandas", "scipy", "matplotlib", "six")}
    sizes = {
        "python.wasm": 9e6,
        "numpy.whl": 3e6,
        "pandas.whl": 4e6,
        "scipy.whl": 14e6,
        "matplotlib.whl": 7e6,
        "six.whl": 1e6,
    }
    held = {"modules": {**modules, "mpl_toolkits": "matplotlib.whl"}, "sizes": sizes}
    (folder / "_static/live/pyodide-1/packages.json").write_text(json.dumps(held))
    weights = report.runtime_weights(folder)
    assert list(weights.values()) == pytest.approx([9.001, 3, 4, 14, 8])
    assert "MB: Python and the library 9.0, numpy 3.0, " in report.report({}, 0.0, {}, "", weights)


def test_without_a_chromium_the_weights_are_still_reported(folder, tmp_path, monkeypatch, capsys):
    """Where no browser is found the report says so in a line and holds the rest."""
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"])
    target = tmp_path / "out/report.md"
    assert report.main([str(folder), "--report", str(target)]) == 0
    assert "nowhere cannot be run" in target.read_text() and "one" in target.read_text()
    assert target.read_text() in capsys.readouterr().out


def test_a_run_cut_off_keeps_the_scores_it_has(folder, tmp_path, monkeypatch):
    """Whoever stops lighthouse at the second page still has the first."""
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"])
    monkeypatch.setattr(report, "find_chromium", lambda: "chromium")
    monkeypatch.setattr(report, "frame_times", lambda *given: {})
    monkeypatch.setattr(report, "lighthouse", lambda folder: folder)

    def stopped(program, chromium, address):
        if address.endswith("two.html"):
            raise KeyboardInterrupt
        return {"performance": 97, "accessibility": 100}

    monkeypatch.setattr(report, "score", stopped)
    target = tmp_path / "out/report.md"
    assert report.main([str(folder), "--report", str(target)]) == 0
    assert "cut short: stopped" in target.read_text() and " 97" in target.read_text()


@pytest.mark.parametrize(
    ("words", "said"), [([], "run make book first"), (["--pages", "nonsense"], "no such page: nonsense")]
)
def test_what_cannot_be_measured_is_one_line(folder, monkeypatch, capsys, words, said):
    """A book that is not built and an unknown page are refused in one line, exit code 1."""
    monkeypatch.setattr(report, "toc_pages", lambda toc: ["one", "two"] if words else ["one", "three"])
    assert report.main([str(folder), *words]) == 1
    assert said in capsys.readouterr().err


def test_a_figure_without_sliders_has_no_times(folder, chromium_path):
    """Where rows are picked there is no slider to time: the figure is listed, and the others are timed."""
    slider = '<div class="controls"><input type="range" min="0" max="3"></div>'
    figures = f'<figure class="explorer" id="a"></figure><figure class="explorer" id="b">{slider}</figure>'
    (folder / "one.html").write_text(PAGE.format(more="", body=figures))
    with report.served(folder) as address:
        times = report.frame_times(chromium_path, address, ["one"])
    assert times["a"] == {"sliders": 0} and times["b"]["sliders"] == 1 and times["b"]["median ms"] > 0
    assert "b" in report.report({"one": {}}, 0.0, times, "")
