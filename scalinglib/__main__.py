"""``python -m scalinglib`` and ``scalinglib``: the command line as a program."""

import contextlib
import os
import sys


def program():
    """Run the command line on the words that the program was called with, and return its exit code."""
    try:
        _opened()
        from .command import main

        return main()
    except KeyboardInterrupt:  # while the command itself was loading
        print("scalinglib: stopped", file=sys.stderr)
        return 130


def _opened():
    """Give the command three streams that it can use."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:  # a closed one would become the next file that is opened
        pass
    os.close(handle)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # open to the end
        elif mode == "w":
            # a column's name may hold letters that the terminal's encoding has not
            stream.reconfigure(errors="backslashreplace")


def _apart():
    """Take the folder that ``python -m`` puts first off the path: a numpy.py in it is the user's, not ours."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with contextlib.suppress(OSError):  # a folder that is no longer there
        if not sys.flags.safe_path and sys.path[0] in ("", os.getcwd()) and not os.path.samefile(os.getcwd(), own):
            del sys.path[0]


if __name__ == "__main__":
    _apart()
    sys.exit(program())
