"""A cluster: what runs through joblib gives the same numbers on one core, on two, and over dask.distributed."""

import warnings

import joblib
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.coverage.designs import draw_runs
from scalinglib.coverage.measure import measure_coverage


@pytest.fixture(scope="module")
def cluster():
    """A local cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made,
        distributed.Client(made) as client,
    ):
        client.wait_for_workers(2, timeout=300)
        assert len({info["id"] for info in client.scheduler_info()["workers"].values()}) == 2
        yield client


def resamples():
    study = draw_runs("isoflop", seed=0)
    return sl.fit_chinchilla(study.N, study.D, study.loss).bootstrap(2500, seed=7).samples


def coverage():
    return measure_coverage(
        "few-20", methods=["runs", "profile"], objective="log_least_squares", studies=15, resamples=20, seed=3
    )


def forms():
    study = draw_runs("ragged", seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sl.compare_forms(study.N, study.D, study.loss, splits=2).table


@pytest.mark.parametrize("work", [resamples, coverage, forms])
def test_the_same_numbers_anywhere(work, cluster):
    """One process, two processes and a cluster of two workers agree to the last bit."""
    with joblib.parallel_config(n_jobs=1):
        one = work()
    with joblib.parallel_config(n_jobs=2):
        two = work()
    with joblib.parallel_config(backend="dask"):
        far = work()
    for other in (two, far):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_work_is_done_on_the_workers(cluster):
    """Under dask the pieces run in the cluster's processes, not in this one."""
    import os

    from scalinglib.parallel import run_pieces

    with joblib.parallel_config(backend="dask"):
        places = set(run_pieces(os.getpid, [()] * 8, label="places"))
    assert os.getpid() not in places
    assert places <= set(cluster.run(os.getpid).values())
