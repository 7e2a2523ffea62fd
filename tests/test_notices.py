"""Notices: what a call silences for itself, it silences for nobody else, and leaves the process as it was."""

import threading
import warnings

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import scalinglib as sl
from scalinglib.coverage.measure import measure_coverage
from scalinglib.notices import quiet, warn


def one_size():
    """Runs of one model size: no law of N and D is determined by them."""
    D = np.geomspace(1e9, 1e11, 12)
    N = np.full(12, 1e8)
    return N, D, sl.published["besiroglu2024"](N, D)


def curves():
    """Forms compared on two threads."""
    x = np.geomspace(1e2, 1e6, 17)
    sl.compare_forms(x, 1.5 + 20.0 / x**0.4, forms=["power law", "broken", "saturating", "shifted"], splits=2)


def coverage():
    """Studies of coverage on two threads."""
    measure_coverage("few-20", methods=["profile"], objective="log_least_squares", studies=40, seed=3)


@pytest.mark.parametrize("work", [curves, coverage])
def test_work_on_threads_leaves_the_process_as_it_was(work):
    """After a comparison on threads warnings.filters, np.geterr and the threads of linear algebra are as before, and
    a fit that its runs do not determine says so."""
    work()  # scipy sets filters of its own as it loads
    with threadpool_limits(2):
        before = list(warnings.filters), np.geterr(), [pool["num_threads"] for pool in threadpool_info()]
        with joblib.parallel_config(backend="threading", n_jobs=2):
            work()
        assert (list(warnings.filters), np.geterr(), [pool["num_threads"] for pool in threadpool_info()]) == before
    with pytest.warns(sl.IdentifiabilityWarning):
        sl.fit_chinchilla(*one_size())


def test_quiet_is_of_its_own_thread_and_of_its_own_categories():
    """While one thread is quiet another is heard, and what is not of the silenced categories is heard here."""
    heard = []

    def elsewhere():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn("elsewhere", UserWarning)
        heard.extend(str(each.message) for each in caught)

    with quiet(UserWarning), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn("not heard", UserWarning)
        warn("heard", RuntimeWarning)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert [str(each.message) for each in caught] == ["heard"]
    assert heard == ["elsewhere"]


def test_a_warning_points_at_the_line_of_the_caller():
    """A warning is shown at the line that called the library, not inside of it."""
    with pytest.warns(sl.IdentifiabilityWarning) as caught:
        sl.fit_chinchilla(*one_size())
        sl.fit_power_law([1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0])
        sl.fit_broken_power_law(np.geomspace(1, 10, 12), np.linspace(2, 1, 12))
    assert {each.filename for each in caught} == {__file__}
