"""Chapter outputs: runs notebooks afresh and writes them so that a second run leaves no difference."""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from scalinglib import __version__
from scalinglib.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
SECONDS_A_CELL = 600
COLAB_ID = "colab"
# What may not be in a committed output, since it differs from machine to machine.
UNSTABLE = re.compile(r" at 0x[0-9a-fA-F]{6,}|/tmp/ipykernel_\d+|" + re.escape(str(ROOT)) + "/")


class Refused(Exception):
    """A notebook that could not be run or holds what may not be committed; its text says where."""


def repository_url(config):
    """Return the repository's address from _config.yml, or an empty string while it is unset."""
    settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else None
    return (((settings or {}).get("repository") or {}).get("url") or "").strip()


def colab_source(url):
    """Return the first cell's code: it installs this release on Colab, as tagged, and does nothing elsewhere."""
    if url:
        body = f'%pip install -q "scalinglib @ git+{url}@v{__version__}"'
    else:
        body = 'raise RuntimeError("set repository.url in _config.yml, then run make execute")'
    return f'import sys\nif "google.colab" in sys.modules:\n    {body}'


def stamp_colab(notebook, url):
    """Put the Colab cell first, or bring the one that stands there up to date."""
    if not notebook.cells or notebook.cells[0].get("id") != COLAB_ID:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(id=COLAB_ID))
    first = notebook.cells[0]
    first.source = colab_source(url)
    first.metadata = nbformat.from_dict({"tags": ["remove-cell"]})


def merge_streams(outputs):
    """Join neighbouring pieces of one stream: where they are cut depends on timing."""
    merged = []
    for output in outputs:
        previous = merged[-1] if merged else None
        if previous and output.output_type == previous.output_type == "stream" and output.name == previous.name:
            previous.text += output.text
        else:
            merged.append(output)
    return merged


def settle(notebook):
    """Drop what varies from run to run or from one Python to another; the outputs stay."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    metadata = notebook.metadata
    metadata.pop("widgets", None)
    metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata["language_info"] = {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        for key in ("execution", "ExecuteTime", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = merge_streams(cell.outputs)
            for output in cell.outputs:
                # The number of a model that is gone with its kernel, another one each time.
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def unstable_output(cell):
    """Return why a cell's outputs may not be committed, or None."""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            return f"writes to stderr: {output.text.strip().splitlines()[-1][:200]}"
        texts = [output.get("text", ""), *(v for k, v in output.get("data", {}).items() if k.startswith("text/"))]
        for text in texts:
            found = UNSTABLE.search(text if isinstance(text, str) else "".join(text))
            if found:
                return f"prints {found.group().strip()!r}, which differs from machine to machine"
    return None


def executed(path, url):
    """Return the text of a notebook after a fresh run, as it should stand in the file.

    Raises
    ------
    Refused
        When a cell fails, or prints what would not be the same on the next run.
    """
    notebook = _read(path, url)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        # Without it each kernel says that its loopback connection is not encrypted.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    # What a kernel process says beside its cells is its own: at shutdown it may complain of a socket that is gone.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as aside:
        _execute(client, path, aside)
    settle(notebook)
    for cell in notebook.cells:
        reason = unstable_output(cell) if cell.cell_type == "code" else None
        if reason:
            raise Refused(f"{path}: cell {cell.id!r} {reason}")
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def stamped(path, url):
    """Return the text of a notebook with the address in its Colab cell; nothing is run, and nothing else changes."""
    return nbformat.writes(_read(path, url), version=4).rstrip("\n") + "\n"


def _read(path, url):
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, OSError) as fault:
        raise Refused(f"{path}: not a notebook ({str(fault).splitlines()[0][:200]})") from fault
    stamp_colab(notebook, url)
    return notebook


def _execute(client, path, aside):
    try:
        client.execute(stderr=aside)
    except CellExecutionError as fault:
        failed = next(c for c in client.nb.cells if any(o.output_type == "error" for o in c.get("outputs", [])))
        raise Refused(f"{path}: cell {failed.id!r} failed with {fault.ename}: {fault.evalue}") from fault
    except (CellTimeoutError, DeadKernelError) as fault:
        aside.seek(0)
        words = " ".join(aside.read().split())[-500:]
        raise Refused(f"{path}: {str(fault).splitlines()[0]}{' Its last words: ' + words if words else ''}") from fault


def changed_cells(before, after):
    """Return the ids of the cells whose code or outputs differ between two texts of a notebook."""
    old = {cell.get("id"): cell for cell in nbformat.reads(before, as_version=4).cells}
    return [
        cell.id
        for cell in nbformat.reads(after, as_version=4).cells
        if cell.cell_type == "code"
        and (cell.id not in old or [cell.source, cell.outputs] != [old[cell.id].source, old[cell.id].get("outputs")])
    ]


def chapters(root):
    """Return every chapter notebook, in a fixed order."""
    return sorted(p for p in (root / "chapters").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def main(arguments=None):
    """Run the notebooks and write them in place; return the exit code."""
    parser = argparse.ArgumentParser(description="Re-run notebooks in place.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebook under chapters/")
    parser.add_argument("--dry-run", action="store_true", help="list which outputs would change, write nothing")
    parser.add_argument("--address", action="store_true", help="write the repository's address only, and run nothing")
    parser.add_argument("--config", type=Path, default=ROOT / "_config.yml", help="where repository.url stands")
    options = parser.parse_args(arguments)
    paths = options.notebooks or chapters(ROOT)
    if not paths:
        print("There is no notebook under chapters/.", file=sys.stderr)
        return 1
    url, refused = repository_url(options.config), 0
    for path in paths:
        name = path if not path.is_relative_to(ROOT) else path.relative_to(ROOT)
        if not path.is_file():
            print(f"{name}: no such notebook", file=sys.stderr)
            refused += 1
            continue
        start = time.monotonic()
        if not options.address:
            print(f"{name}: running", flush=True)
        try:
            after = (stamped if options.address else executed)(path, url)
        except Refused as fault:
            print(fault, file=sys.stderr)
            refused += 1
            continue
        before = path.read_text(encoding="utf-8")
        cells = changed_cells(before, after)
        told = f"cells changed: {', '.join(cells)}" if cells else "no output changed"
        if after != before and not options.dry_run:
            write_whole(path.parent, {path.name: after.encode()})
        print(f"{name}: {told} ({time.monotonic() - start:.0f} s)", flush=True)
    if refused:
        print(f"{refused} of {len(paths)} could not be run; those files are as they were.", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
