"""Line: runs the command line, with errors of one line and exit codes."""

import contextlib
import os
import sys
import warnings

from .options import NAME, parser

__all__ = ["main"]


def main(arguments=None):
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : list of str, optional
        Without the program's name; ``sys.argv`` when not given.

    Examples
    --------
    >>> main(["plan", "besiroglu2024", "5.76e23"])  # doctest: +ELLIPSIS
    besiroglu2024: Besiroglu et al. 2024, ...
      seen: N 5.73e7 to 1.62e10, D 8.18e8 to 3.18e11, C 1.4e18 to 1.3e22 FLOP
      It comes without its runs, so no interval can be given; for one, fit the runs.
    <BLANKLINE>
    C = 5.76e23 FLOP, 44.3 times the largest run
                        best
      N parameters  7.225e10
      D tokens      1.329e12
      D / N            18.39
      loss            1.9744
    0
    """
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said what it had to
        return stop.code
    warned = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *_, **__: warned.append(message)
            code = _run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _failed("stopped", 130)
    except BrokenPipeError:
        _silence()
        return 0
    except FileExistsError as error:
        return _failed(error, 2)
    except OSError as error:
        return _failed(_said(error), 3)
    except (ValueError, KeyError, MemoryError) as error:
        return _failed(error or type(error).__name__, getattr(error, "exit_code", 2))
    finally:
        for message in dict.fromkeys(" ".join(str(each).split()) for each in warned):
            print(f"{NAME}: warning: {message}", file=sys.stderr)


def _run(options):
    from importlib import import_module

    if options.command in ("fit", "compare"):
        options.columns = {name: getattr(options, name) for name in ("N", "D", "C", "loss")}
        options.scale = dict(options.scale)
    return import_module(f".{options.command}", __package__).run(options)


def _said(error):
    if error.filename is None:
        return error
    return f"{os.fsencode(error.filename).decode('utf-8', 'replace')}: {error.strerror}"


def _failed(error, code):
    with contextlib.suppress(BrokenPipeError):
        print(f"{NAME}: {' '.join(str(error).split())}", file=sys.stderr)
    return code


def _silence():
    """Whoever read our output has left: nothing more is to be flushed to it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
