"""A notebook as text, for git diff: what was written and what was printed, a picture as a short hash."""

import hashlib
import json
import sys


def joined(value):
    """Return nbformat's list of lines, or string, as a string."""
    return value if isinstance(value, str) else "".join(value)


def output_lines(output):
    """Yield the lines of one output."""
    if output["output_type"] == "stream":
        yield from joined(output["text"]).splitlines()
    elif output["output_type"] == "error":
        yield f"{output['ename']}: {output['evalue']}"
    for kind, value in sorted(output.get("data", {}).items()):
        text = value if isinstance(value, (str, list)) else json.dumps(value, sort_keys=True)
        text = joined(text)
        if kind.startswith("text/") and len(text) < 20_000:
            yield f"[{kind}]"
            yield from text.splitlines()
        else:
            yield f"[{kind} {hashlib.sha256(text.encode()).hexdigest()[:12]}]"
    for kind, facts in sorted(output.get("metadata", {}).items()):
        yield f"[{kind} metadata] {json.dumps(facts, sort_keys=True, ensure_ascii=False)}"


def notebook_lines(notebook):
    """Yield the notebook's lines: a rule with the cell's id and tags, its source, its outputs."""
    for cell in notebook["cells"]:
        tags = cell.get("metadata", {}).get("tags", [])
        yield " ".join(["----", cell["cell_type"], cell.get("id", ""), *(f"#{tag}" for tag in tags)]).rstrip()
        yield from joined(cell["source"]).splitlines()
        for output in cell.get("outputs", []):
            yield "==>"
            yield from output_lines(output)


def main(arguments):
    """Print one notebook as text; a file that is none is printed as it is, so that git can still show it."""
    if len(arguments) != 1:
        print("one notebook, please: notebook_text.py FILE", file=sys.stderr)
        return 1
    with open(arguments[0], encoding="utf-8", errors="replace") as file:
        text = file.read()
    try:
        lines = list(notebook_lines(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError):
        sys.stdout.write(text)
        return 0
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
