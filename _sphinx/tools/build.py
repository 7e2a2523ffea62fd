"""The pages: what `jupyter-book build` does with warnings as errors, by the interpreter that runs this module.

The script in .venv/bin would start the interpreter of the place where the environment was made.
"""

import sys

from jupyter_book.cli.main import main

if __name__ == "__main__":
    main(["build", *sys.argv[1:], "--all", "-W", "-n", "--keep-going"])
