"""Tests of published data: skipped with a reason where a table cannot be had, failed where it must be there.

And no test fails because the machine is busy: hypothesis has no deadline.
"""

import functools
import os
import re

import pytest
from hypothesis import HealthCheck, settings

LOADED = re.compile(r"\bruns\.load\(\s*[\"']([\w-]+)[\"']")
PROPERTY = "published_data"

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@functools.cache
def available(name):
    """Return whether a table can be had; asked once a session, since without a network it takes a while."""
    from scalinglib import runs

    return runs.available(name)


def code_of(item):
    """Return the code whose `runs.load` calls decide what an item needs: a whole notebook, or one doctest."""
    if type(item).__name__ == "IPyNbCell":
        return "\n".join(cell.source for cell in item.parent.nb.cells if cell.cell_type == "code")
    if hasattr(item, "dtest"):
        return "\n".join(example.source for example in item.dtest.examples)
    return ""


def tables(item):
    """Return the names of the tables that an item cannot do without."""
    marked = [name for mark in item.iter_markers("published_data") for name in mark.args]
    return sorted({*marked, *LOADED.findall(code_of(item))})


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip an item whose table is missing, before a kernel is started for it; pictures are compared by their words."""
    compared = getattr(item.parent, "skip_compare", None)
    if compared is not None and "image/svg+xml" not in compared:
        # As nbval does for PNG: tenths of a pixel depend on the processor. The words for a picture are its text/plain.
        item.parent.skip_compare = (*compared, "image/svg+xml")
    missing = [name for name in tables(item) if not available(name)]
    if missing:
        item.user_properties.append((PROPERTY, ", ".join(missing)))
        pytest.skip(f"published data not to be had here: {', '.join(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn any skip of a test of published data into a failure when SCALINGLIB_DATA says the data are here."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("SCALINGLIB_DATA") and tables(item):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"SCALINGLIB_DATA is set, so this may not be skipped. {reason}"
    return report


def pytest_terminal_summary(terminalreporter):
    """Count what was skipped for want of published data."""
    skipped = [
        dict(report.user_properties)[PROPERTY]
        for report in terminalreporter.stats.get("skipped", [])
        if PROPERTY in dict(getattr(report, "user_properties", []))
    ]
    if skipped:
        names = sorted({name for text in skipped for name in text.split(", ")})
        terminalreporter.write_line(
            f"published data: {len(skipped)} skipped for want of {', '.join(names)} "
            "(set SCALINGLIB_DATA to a folder that has them)"
        )
