"""Jobs: pieces of a study that run by themselves, and the results that are kept as each one ends."""

import hashlib
import importlib
import json
import multiprocessing
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from scalinglib.files import write_whole
from scalinglib.parallel import ticking

__all__ = ["Job", "Results", "run", "write_text"]

_PROGRAM = 1  # raise it when a change of the programs makes earlier results others


@dataclass(frozen=True, kw_only=True)
class Job:
    """One call that returns rows (dicts).

    study, key : where the result is kept; function : "module:name"; arguments : its keyword arguments,
    plain values only; labels : columns that every row gets; cost : roughly how long it takes, in any
    unit, so that long ones start first.
    """

    study: str
    key: str
    function: str
    arguments: dict
    labels: dict = field(default_factory=dict)
    cost: float = 1.0

    @property
    def fingerprint(self):
        """A hash of all that decides the result: a kept one with another hash is not this job's."""
        said = json.dumps([_PROGRAM, self.function, self.arguments, self.labels], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Results:
    """A folder of results, one JSON file a job, each written whole."""

    folder: Path

    def path(self, job):
        return self.folder / job.study / f"{job.key}.json"

    def rows(self, job):
        """The rows of a job, or None where it has not ended (or was another job of that name).

        ValueError names a file that is damaged: a result that cannot be read is not taken for one that never was.
        """
        path = self.path(job)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            rows = kept["rows"] if kept["fingerprint"] == job.fingerprint else []
            if not all(isinstance(row, dict) for row in rows) or (rows == [] and kept["rows"] == []):
                raise ValueError("its rows are none")
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            said = f"{type(error).__name__}: {error}"
            raise ValueError(f"{path} is damaged ({said}). Remove it; its job is then run again.") from error
        return rows or None

    def keep(self, job, rows):
        path = self.path(job)
        text = json.dumps({"fingerprint": job.fingerprint, "rows": [row | job.labels for row in rows]}, indent=1)
        write_text(path, text + "\n")


def write_text(path, text):
    """Write a text file whole, lines ending alike on every system."""
    write_whole(path.parent, {path.name: text.encode()})


def run(jobs, results, *, workers):
    """Run the jobs that have no result yet, the longest first, and keep each result as it ends.

    They go through joblib: under ``joblib.parallel_config(backend="dask")`` a cluster that shares the
    folder takes them. An interruption loses the jobs under way and nothing else; however this process ends, its
    workers end with it.
    """
    import joblib
    from tqdm import tqdm

    waiting = sorted((job for job in jobs if results.rows(job) is None), key=lambda job: -job.cost)
    if not waiting:
        return
    total = sum(job.cost for job in waiting)
    calls = (joblib.delayed(_carry_out)(place, job, results) for place, job in enumerate(waiting))
    how = {"batch_size": 1, "pre_dispatch": workers, "return_as": "generator_unordered"}
    parallel = joblib.Parallel(n_jobs=workers, **how, initializer=_end_with_parent)
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, about {remaining} left"
    show = tqdm(total=total, desc=f"0 of {len(waiting)} jobs", file=sys.stderr, bar_format=layout)
    # the longest jobs come first, and the clock of the bar shall move
    with show, ticking(show.refresh):
        for ended, place in enumerate(parallel(calls), start=1):
            show.set_description_str(f"{ended} of {len(waiting)} jobs", refresh=False)
            show.update(waiting[place].cost)


def _end_with_parent():
    """Let a worker end when the process that started it has: what it would return, nobody takes.

    A killed process cannot tell its workers; they see it by the parent that they then have, on every POSIX system.
    """
    parent = multiprocessing.parent_process()

    def watch():
        while os.getppid() == parent.pid:
            time.sleep(0.5)
        os._exit(1)

    if parent is not None and os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()


def _carry_out(place, job, results):
    """Run one job and keep its rows; returns its place in the queue."""
    # Each process trains with one thread: two processes beat two threads at every size here.
    module, _, name = job.function.partition(":")
    results.keep(job, getattr(importlib.import_module(module), name)(**job.arguments))
    return place
