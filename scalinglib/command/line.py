"""Line: runs the command line, with errors of one line and exit codes."""

import contextlib
import dis
import platform
import sys
import tempfile
import traceback
import warnings
from importlib import import_module, metadata, util

from .options import parser
from .text import STANDARD_OUTPUT, flush, say, silence

__all__ = ["main"]

FAULT = 70
"""The exit code of a fault of the program itself, as sysexits.h has it."""


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
        code = _answered(arguments)
        flush()
        return code
    except KeyboardInterrupt:
        return _ended("stopped", 130)
    except BrokenPipeError:  # whoever read our output has left
        silence()
        return 0
    except FileExistsError as error:
        return _ended(error, 2)
    except OSError as error:
        if error.filename == STANDARD_OUTPUT:
            silence()
        return _ended(f"{error.filename}: {error.strerror}" if error.filename is not None else error, 3)
    except MemoryError:
        return _ended("there is not enough memory for this; fewer rows or a smaller --resamples take less", 2)
    except Exception as error:
        if isinstance(error, (ValueError, KeyError)) and _ours(error):
            return _ended(error, getattr(error, "exit_code", 2))
        if isinstance(error, ImportError) and _stopped(error):
            return _ended("stopped", 130)
        return _ended(_fault(error, arguments), FAULT)


def _answered(arguments):
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said what it had to
        return stop.code
    warned = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *_, **__: warned.append(message)
            return _run(options)
    finally:
        for message in dict.fromkeys(" ".join(str(each).split()) for each in warned):
            say(message, "warning")


def _run(options):
    if options.command in ("fit", "compare"):
        options.columns = {name: getattr(options, name) for name in ("N", "D", "C", "loss")}
    return import_module(f".{options.command}", __package__).run(options)


def _ended(error, code):
    say(error)
    return code


def _ours(error):
    """Whether a raise statement of this package made the error: numpy's are ValueErrors, too."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "")
    raised = trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    return raised and module.partition(".")[0] == __package__.partition(".")[0]


def _stopped(error):
    """Whether Ctrl-C came while a module was loading, which some of them report as an import that failed."""
    while error is not None:
        error = error.__cause__ or error.__context__
        if isinstance(error, KeyboardInterrupt):
            return True
    return False


def _fault(error, arguments):
    """What is said of an error that nobody foresaw; the rest goes into a file, for a report."""
    from .. import __version__

    package = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and package and not _there(package):
        return f"{package} is needed and not installed; python -m pip install {package}"
    lines = [f"scalinglib {__version__}, Python {platform.python_version()}, {platform.platform()}"]
    loaded = [name for name in ("numpy", "scipy", "pandas", "matplotlib") if name in sys.modules]
    lines += [f"{name} {getattr(sys.modules[name], '__version__', 'of unknown version')}" for name in loaded]
    lines += [f"arguments: {sys.argv[1:] if arguments is None else arguments}", "", *traceback.format_exception(error)]
    text, path = "\n".join(lines), ""
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(prefix="scalinglib-fault-", suffix=".txt")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    return (
        f"a fault of scalinglib, not of your table: {type(error).__name__}: {error}. Please report it {_address()}"
        + (f", with the file {path}" if path else "")
        + "; a table that shows it helps most"
    )


def _there(package):
    with contextlib.suppress(ImportError):
        return util.find_spec(package) is not None
    return False


def _address():
    """Where faults are reported: what the installed package says, where it does."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        for entry in metadata.metadata("scalinglib").get_all("Project-URL") or ():
            label, _, address = entry.partition(", ")
            if label == "Issues":
                return f"at {address}"
    return "to whom you have scalinglib from"
