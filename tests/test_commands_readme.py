"""The words around the commands: the README names commands that exist, and notebooks become readable text."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
import yaml

from _sphinx.tools import lock, notebook_text, serve
from scalinglib import plots, published

ROOT = Path(__file__).resolve().parent.parent
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/pages.yml", ".github/workflows/release.yml"]
)
def test_commands_named_are_the_makefiles(name):
    """Every `make` command in the README and its neighbours is a target of the Makefile."""
    text = (ROOT / name).read_text()
    named = set(re.findall(r"(?:`|^\s*|run: )make ([a-z-]+)", text, re.MULTILINE))
    assert named and named <= TARGETS


def test_readme_names_every_command_a_reader_needs():
    """The README shows the two commands in its first screen and names each of the others that it relies on."""
    lines = (ROOT / "README.md").read_text().splitlines()
    first = "\n".join(lines[:30])
    assert "make book" in first and "make test" in first
    assert re.search(r"!\[[^\]]{20,}\]\(", first), "the first screen shows one picture, with words for it"
    assert {"serve", "execute"} <= set(re.findall(r"make ([a-z]+)", "\n".join(lines)))


def test_readme_picture_is_the_plots_modules():
    """The picture of the README is what `plots.isoflop_bowls` draws today, with the figure's own alt text."""
    figure = plots.isoflop_bowls(published["besiroglu2024"])
    assert f"![{figure.alt}](_sphinx/readme.svg)" in (ROOT / "README.md").read_text()
    assert (ROOT / "_sphinx" / "readme.svg").read_text() == figure.file


@pytest.mark.published_data("chinchilla")
def test_readme_example_runs(capsys):
    """The README's example of the library runs as printed and gives the number that stands beside it."""
    text = (ROOT / "README.md").read_text()
    lines = [line[4:] for line in text[text.index("    import scalinglib as sl") :].split("\n\n")[0].splitlines()]
    exec("\n".join(lines), {})
    number = re.search(r"# (\d+\.\d)$", lines[-1]).group(1)
    assert capsys.readouterr().out == f"{number} tokens per parameter\n"


def test_readme_files_and_links_exist():
    """Every file that the README or CONTRIBUTING links to stands in the checkout."""
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text()):
            assert target.startswith("https://") or (ROOT / target).exists(), f"{name}: {target}"


def test_help_lists_every_target():
    """`make` alone lists every command with a line about it."""
    said = subprocess.run(["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\w", said, re.MULTILINE)) == TARGETS - {"environment", "torch"}


def test_an_interpreter_named_by_hand_is_insisted_on():
    """A PYTHON given to make remakes .venv where it differs; the default one leaves a working .venv alone."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL")}
    command = ["make", "-n", "-C", str(ROOT), "environment"]
    default, named = (
        subprocess.run(words, env=clean, capture_output=True, text=True, check=True).stdout
        for words in (command, [*command, "PYTHON=python3.13"])
    )
    assert "--this-python" not in default
    assert '"python3.13" _sphinx/tools/environment.py --this-python' in named


def test_git_shows_a_notebook_as_text(tmp_path):
    """After `make dev`, git diff of a notebook shows its words and no JSON."""
    for name in (".gitattributes", "Makefile", "_sphinx/tools/notebook_text.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    git = ["git", "-C", str(tmp_path)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "MAKE"))}
    subprocess.run([*git, "init", "-q"], check=True, env=clean)
    (tmp_path / "_sphinx/tools/environment.py").write_text("")
    subprocess.run(["make", "-s", "-C", str(tmp_path), "dev"], check=True, env=clean, stdout=subprocess.DEVNULL)
    for words in ("one", "two"):
        cells = [nbformat.v4.new_code_cell(f"print('{words}')", id="say")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
        if words == "one":
            subprocess.run([*git, "add", "a.ipynb"], check=True, env=clean)
    shown = subprocess.run([*git, "diff", "a.ipynb"], check=True, env=clean, capture_output=True, text=True).stdout
    assert "-print('one')" in shown and "+print('two')" in shown
    assert '"cell_type"' not in shown


def test_workflows_pin_their_actions():
    """Every action is named by a commit, which nobody can move, with its version behind it for people."""
    versions = {}
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        used = re.findall(r"uses: (.*)", path.read_text())
        assert used
        for each in used:
            found = re.fullmatch(r"([\w/-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", each)
            assert found, f"{path.name}: {each}"
            versions.setdefault(found[1], set()).add(found.groups()[1:])
    assert all(len(commits) == 1 for commits in versions.values()), versions


def test_what_builds_may_not_publish():
    """Rights to write are given to single jobs, and those check nothing out and run no command of this repository."""
    publishing = set()
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        flow = yaml.safe_load(path.read_text())
        assert flow["permissions"] == {"contents": "read"}
        for name, job in flow["jobs"].items():
            if "write" in job.get("permissions", {}).values():
                publishing.add(f"{path.stem}: {name}")
                assert not any("run" in step or "checkout" in step["uses"] for step in job["steps"])
                assert job["needs"] and job["environment"]
    assert publishing == {"pages: publish", "release: publish"}


def test_every_pin_has_hashes():
    """Each file that make or Binder may install is named by its SHA-256."""
    for name in ("constraints.txt", ".binder/requirements.txt"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert len(pinned) == len(lock.pins("\n".join(pinned)))
        assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry) for entry in pinned)
    assert "--require-hashes" in (ROOT / "_sphinx/tools/environment.py").read_text()


def test_requirements_are_pins_that_constraints_repeat():
    """Each line of requirements.txt pins one version, jupyter-book's is 1.0.4.post1,
    and constraints.txt says the same.
    """
    wanted = lock.pins((ROOT / "requirements.txt").read_text())
    held = lock.pins((ROOT / "constraints.txt").read_text())
    asked = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert len(wanted) == len(asked)
    assert wanted["jupyter-book"] == "1.0.4.post1"
    assert {name: held.get(name) for name in wanted} == wanted


def test_one_pin_serves_every_python():
    """No package has a different version on another Python: the numbers in the book are those of one set."""
    names = [key.split(" ;")[0] for key in lock.pins((ROOT / "constraints.txt").read_text())]
    assert sorted(names) == sorted(set(names))


def test_lock_says_what_moved():
    """Moved, new and gone pins each get a line; unmoved ones, comments and the reasons after them get none."""
    hashed = " \\\n    --hash=sha256:00\n    # via"
    before = f"a==1{hashed} x\nb==2 ; python_version < '3.12'{hashed} x\nc==3\n# d==4\n"
    after = f"a==1.1{hashed} y\nb==2 ; python_version < '3.12'{hashed} z\ne==5{hashed} z\n"
    assert lock.moves(before, after) == ["a: 1 -> 1.1", "c: 3 -> gone", "e: not there -> 5"]


def test_notebook_diff_reads_as_text(tmp_path):
    """A notebook's text shows source, printed output and alt text; a picture is a short hash
    that moves with it; run twice it is the same.
    """
    figure = nbformat.v4.new_output(
        "display_data",
        data={"image/svg+xml": "<svg/>", "text/plain": "Figure: a line"},
        metadata={"image/svg+xml": {"alt": "a line"}},
    )
    printed = nbformat.v4.new_output("stream", name="stdout", text="1.5\n")
    cell = nbformat.v4.new_code_cell("plot()", id="draw", outputs=[printed, figure], metadata={"tags": ["hide-input"]})
    held = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Näme", id="t"), cell])
    nbformat.write(held, tmp_path / "a.ipynb")
    command = [sys.executable, str(ROOT / "_sphinx/tools/notebook_text.py"), str(tmp_path / "a.ipynb")]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for part in (
        "---- markdown t",
        "# Näme",
        "---- code draw #hide-input",
        "plot()",
        "1.5",
        "Figure: a line",
        '"alt": "a line"',
    ):
        assert part in text
    assert "<svg/>" not in text
    figure.data["image/svg+xml"] = "<svg />"
    moved = "\n".join(notebook_text.notebook_lines(json.loads(nbformat.writes(held))))
    assert len(set(moved.splitlines()) - set(text.splitlines())) == 1
    (tmp_path / "a.ipynb").write_text("<<<<<<< half merged")
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "<<<<<<< half merged"


def test_serve_shows_the_book_on_loopback_only(tmp_path):
    """`make serve` answers on 127.0.0.1, and takes the next port when the one asked for is in use."""
    (tmp_path / "index.html").write_text("<p>hello</p>")
    first = serve.open_server(tmp_path, 18300)
    second = serve.open_server(tmp_path, first.server_address[1])
    try:
        assert first.server_address[0] == "127.0.0.1"
        assert second.server_address[1] == first.server_address[1] + 1
        threading.Thread(target=second.handle_request, daemon=True).start()
        asked = http.client.HTTPConnection("127.0.0.1", second.server_address[1], timeout=120)
        asked.request("GET", "/index.html")
        assert asked.getresponse().read() == b"<p>hello</p>"
    finally:
        first.server_close()
        second.server_close()


def test_serve_without_a_book_is_one_line(tmp_path, capsys):
    """Without a built book serving says which command makes one."""
    assert serve.main([str(tmp_path)]) == 1
    assert "make book" in capsys.readouterr().err
