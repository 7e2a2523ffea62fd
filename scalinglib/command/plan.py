"""Plan: what N, what D and what loss for a budget, and how sure."""

import json
import sys

from .lawfile import read_law
from .quantities import as_rows, optimum
from .text import align, fitted, size

__all__ = ["run"]


def run(options):
    """Do what ``plan`` asks and return the exit code."""
    found = read_law(options.law)
    plans = [_planned(found, C, options) for C in options.budgets]
    if options.json:
        print(json.dumps(_as_json(found, plans, options), indent=2))
    else:
        print(fitted("\n\n".join([_head(found, options), *(_printed(plan, options) for plan in plans)])))
    for plan in plans:
        if plan["warning"]:
            print(f"scalinglib: warning: {plan['warning']}", file=sys.stderr)
    for doubt in found.doubts:
        print(f"scalinglib: not to be trusted: {doubt}", file=sys.stderr)
    return 1 if found.doubts else 0


def _planned(found, C, options):
    """The best split of C and, where a size was given, what that size does."""
    beyond = None if found.largest is None else C / found.largest
    plan = {
        "C": C,
        "times_largest_run": beyond,
        "best": optimum(found.law, found.bootstrap, C, options.level),
        "warning": _warning(C, beyond),
    }
    if options.N is not None:
        plan["size"] = _size(found, C, options)
    return plan


def _warning(C, beyond):
    if beyond is None or beyond <= 100.0:
        return ""
    return (
        f"{size(C)} FLOP is {beyond:.2g} times the largest run: the interval holds if the law does, "
        "and no run has tested it there"
    )


def _size(found, C, options):
    from ..allocation import overtraining_cost

    N, law = options.N, found.law
    D = C / (6.0 * N)
    if found.bootstrap is None:
        loss = (float(law(N, D)), None, None)
    else:
        ends = found.bootstrap.predict(N, D, level=options.level)
        loss = tuple(float(z) for z in (ends.value, ends.low, ends.high))
    return {
        "N": N,
        "D": D,
        "tokens_per_parameter": D / N,
        "loss": loss,
        "compute_over_best": float(overtraining_cost(law, N, D)),
    }


def _head(found, options):
    if not found.content:
        from .. import published

        source = published.source(found.name)
        return (
            f"{found.name}: {source.citation}, constants {source.digits}.\n"
            "It comes without its runs, so no interval can be given; for one, fit the runs."
        )
    runs, content = found.content["runs"], found.content
    counts = content.get("N_counts") or "not said whether with embeddings"
    lines = [
        f"{found.name}: law fitted to {runs['count']} runs of {content['table']['name']}",
        f"  seen: N {_range(runs['N'])} ({counts}), D {_range(runs['D'])}, C {_range(runs['C'])} FLOP",
    ]
    if found.bootstrap is None:
        lines.append("  no resamples in the file, so no intervals: fit again without --bootstrap none")
    else:
        lines.append(f"  {options.level:.0%} intervals: {content['resamples']['made']}")
        lines += [f"  {content['resamples']['caution']}"] if content["resamples"]["caution"] else []
    return "\n".join(lines)


def _range(ends):
    return f"{size(ends[0])} to {size(ends[1])}"


def _printed(plan, options):
    beyond = plan["times_largest_run"]
    where = ""
    if beyond is not None:
        where = f", {beyond:.3g} times the largest run" if beyond > 1 else ", within the compute of the runs"
    lines = [f"C = {size(plan['C'])} FLOP{where}", align(as_rows(plan["best"], options.level))]
    if "size" in plan:
        at = plan["size"]
        value, low, high = at["loss"]
        ends = "" if low is None else f" ({low:.4f} to {high:.4f})"
        lines.append(
            f"  with N = {size(at['N'])}: D = {size(at['D'])}, "
            f"{at['tokens_per_parameter']:.3g} tokens a parameter, loss {value:.4f}{ends}; "
            f"{at['compute_over_best']:.3g} times the compute that loss needs "
            "at its best split"
        )
    return "\n".join(lines)


def _as_json(found, plans, options):
    def ends(values):
        return dict(zip(("value", "low", "high"), values, strict=True))

    listed = []
    for plan in plans:
        entry = {"C": plan["C"], "times_largest_run": plan["times_largest_run"], "warning": plan["warning"]}
        entry |= {name: ends(values) for name, values in plan["best"].items()}
        if "size" in plan:
            entry["at_given_size"] = plan["size"] | {"loss": ends(plan["size"]["loss"])}
        listed.append(entry)
    level = options.level if found.bootstrap is not None else None
    return {"law": found.name, "level": level, "doubts": list(found.doubts), "plans": listed}
