"""The command: run the studies, resume them, write their tables."""

import argparse
import sys
import time
from pathlib import Path

from .jobs import Results, run
from .tables import assembled, ship, write

FOLDER = Path(__file__).parent / "results"


def main(words=None):
    """Run `python -m study`; returns the exit code."""
    options = _parser().parse_args(words)
    try:
        from .plans import PLANS
    except ModuleNotFoundError as error:
        print(f"study: {error}. Install it: pip install -r study/requirements.txt", file=sys.stderr)
        return 2
    if options.smoke and options.save:
        print("study: a miniature is not for keeping: --save does not go with --smoke", file=sys.stderr)
        return 2
    unknown = sorted(set(options.studies) - set(PLANS))
    if unknown:
        print(f"study: no study named {', '.join(unknown)}; there are {', '.join(PLANS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        _study(PLANS, options)
    except KeyboardInterrupt:
        print("\nstudy: stopped; what had ended is kept, and the same command goes on from there", file=sys.stderr)
        return 130
    except (ValueError, FileNotFoundError) as error:
        print(f"study: {error}", file=sys.stderr)
        return 2
    print(f"done in {(time.monotonic() - started) / 60:.1f} minutes; tables in {_folder(options)}")
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m study", description=__doc__)
    parser.add_argument("studies", nargs="*", help="names of studies (default: all)")
    parser.add_argument("--smoke", action="store_true", help="a miniature of every study, in seconds")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each (default 2)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where models are trained")
    parser.add_argument("--results", type=Path, help="folder of results (default: study/results)")
    parser.add_argument("--before-held-out", action="store_true", help="leave the held-out runs untrained")
    parser.add_argument("--save", action="store_true", help="put the tables into scalinglib/data, with their cards")
    return parser


def _folder(options):
    kind = "smoke" if options.smoke else options.device
    return (options.results or FOLDER) / kind


def _devices(plan):
    return getattr(plan, "DEVICES", ("cpu", "cuda"))


def _study(plans, options):
    """Two rounds: studies that need no other, then those that need a table of the first."""
    results = Results(_folder(options))
    wanted = {name: plan for name, plan in plans.items() if name in (options.studies or plans)}
    if not options.studies:  # what a GPU is for is not made on two cores
        wanted = {n: p for n, p in wanted.items() if options.device in _devices(p)}
    for plan in list(wanted.values()):
        wanted |= {name: plans[name] for name in plan.AFTER}
    tables = {}
    for first in (True, False):
        round_ = {name: plan for name, plan in wanted.items() if (not plan.AFTER) == first}
        jobs = {name: plan.jobs(tables, smoke=options.smoke, device=options.device) for name, plan in round_.items()}
        if options.before_held_out:
            jobs = {name: [job for job in some if job.labels.get("role") != "held-out"] for name, some in jobs.items()}
        run([job for some in jobs.values() for job in some], results, workers=options.workers)
        for name, plan in round_.items():
            tables[name] = assembled(plan, jobs[name], results)
            write(tables[name], results.folder / f"{name}.csv")
            # What ships of the common plans was made on two cores; a GPU adds tables of its own.
            if options.save and (options.device == "cpu") == ("cpu" in _devices(plan)):
                ship(name, tables[name])


if __name__ == "__main__":
    sys.exit(main())
