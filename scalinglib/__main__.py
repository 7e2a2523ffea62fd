"""``python -m scalinglib``: the command line."""

import sys

from .command import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # a column's name may hold letters that the terminal's encoding has not
        stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
