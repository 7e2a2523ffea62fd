"""Text: all that the command prints, fitted to the terminal and harmless to it."""

import contextlib
import json
import os
import shutil
import sys
import time
import unicodedata

from ..parallel import ticking
from ..text import WIDTH, align, one_line, size
from ..text import fitted as fitted_to

__all__ = [
    "align",
    "columns_wide",
    "fitted",
    "flush",
    "one_line",
    "put",
    "put_json",
    "say",
    "shown",
    "silence",
    "size",
    "working",
]

NAME, STANDARD_OUTPUT = "scalinglib", "standard output"
_WIDEST = 88
_LONGEST, _HEAD, _TAIL = 2000, 1200, 400


def columns_wide():
    """Columns to print in: those of the terminal (or COLUMNS), 88 at most; 80 where there is none."""
    return max(30, min(_WIDEST, shutil.get_terminal_size((WIDTH, 24)).columns))


def fitted(text):
    """The text with lines that are too wide for the terminal broken, each at its own indent."""
    return fitted_to(shown(text), columns_wide())


def shown(text):
    """The text as it may stand on a terminal, whoever wrote the labels, names and files that it quotes.

    What is no letter, mark or blank is written out, so that nothing moves the cursor or turns the writing
    around; of a line of over 2,000 characters the middle is left out.

    Examples
    --------
    >>> print(shown("a" + chr(27) + "[2J"))
    a\\x1b[2J
    >>> len(shown("x" * 100_000)) < 2000
    True
    """
    return "\n".join(map(_shortened, map(_harmless, str(text).split("\n"))))


def _harmless(line):
    if line.isprintable():
        return line
    letters = (
        letter
        if letter.isprintable() or unicodedata.category(letter) == "Zs"
        else letter.encode("unicode_escape").decode("ascii")
        for letter in line
    )
    return "".join(letters)


def _shortened(line):
    if len(line) <= _LONGEST:
        return line
    return f"{line[:_HEAD]} ... {len(line) - _HEAD - _TAIL:,} characters left out ... {line[-_TAIL:]}"


def put(text=""):
    """Print on standard output, at once: whether it can be written is known then."""
    _print(shown(text))


def put_json(answer):
    """Print as JSON, which writes out every strange letter by itself."""
    _print(json.dumps(answer, indent=2))


def _print(text):
    with _whole():
        print(text)
        sys.stdout.flush()


@contextlib.contextmanager
def _whole():
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, STANDARD_OUTPUT) from None


def flush():
    """Make sure that standard output has all that was printed, by argparse as well."""
    with _whole():
        sys.stdout.flush()


def say(text, kind=None):
    """Print one line on standard error: a ``note``, a ``warning``, or without a kind why there is no result."""
    line = f"{NAME}: {kind}: {one_line(text)}" if kind else f"{NAME}: {one_line(text)}"
    with contextlib.suppress(OSError):  # nobody is there to be told
        print(shown(line), file=sys.stderr, flush=True)


@contextlib.contextmanager
def working(what, *, after=2.0):
    """Show on a terminal what is being done and for how long, once that is over two seconds."""
    begun, line = time.monotonic(), ""

    def tick():
        nonlocal line
        line = f"{what}: {time.monotonic() - begun:.0f} s"
        _draw(line)

    try:
        with ticking(tick, after=after):
            yield
    finally:
        _draw(" " * len(line) + "\r" if line else "")


def _draw(line):
    with contextlib.suppress(OSError):
        print(f"\r{line}" if line else "", end="", file=sys.stderr, flush=True)


def silence():
    """Standard output can take no more: nothing is to be flushed to it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
