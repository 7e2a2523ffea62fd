"""Plan: what N, what D and what loss for a budget, and how sure."""

import math

from ..audit.distance import of_budget, of_values
from ..laws import ChinchillaLaw
from ..reports.rows import as_rows, optimum
from .lawfile import read_law
from .text import align, fitted, put, put_json, say, size

__all__ = ["ends", "run", "said"]


def run(options):
    """Do what ``plan`` asks and return the exit code."""
    found = read_law(options.law)
    if not isinstance(found.law, ChinchillaLaw) or options.cost or options.over or options.given or options.bound:
        from .form_plan import run as run_form

        return run_form(found, options)
    plans = [_planned(found, C, options) for C in options.budgets]
    return said(found, plans, options, [_printed(plan, options) for plan in plans], _listed(plans))


def said(found, plans, options, printed, listed):
    """Print plans, as text or as JSON, and what is to be said against them; return the exit code.

    `plans` are dicts with ``warning`` and ``not_to_be_trusted``, `printed` and `listed` the same for people and JSON.
    """
    if options.json:
        level = options.level if found.bootstrap is not None else None
        said = {"doubts": list(found.doubts), "caution": found.caution}
        answer = {"law": found.name, "level": level, **said, "plans": listed}
        put_json(answer)
    else:
        put(fitted("\n\n".join([_head(found, options), *printed])))
    for plan in plans:
        if plan["warning"]:
            say(plan["warning"], "warning")
    reasons = [*found.doubts, *(plan["not_to_be_trusted"] for plan in plans if plan["not_to_be_trusted"])]
    for reason in reasons:
        say(reason, "not to be trusted")
    return 1 if reasons else 0


def _planned(found, C, options):
    """The best split of C and, where a size was given, what that size does."""
    runs, intervals = found.runs, found.bootstrap is not None
    plan = {
        "C": C,
        "times_largest_run": C / runs["C"][1],
        "best": optimum(found.law, found.bootstrap, C, options.level),
    }
    if options.N is not None:
        plan["size"] = _size(found, C, options)
    reaches = [of_budget(C, runs["C"], intervals=intervals)]
    if options.N is not None:
        reaches.append(of_values({"N": options.N, "D": plan["size"]["D"]}, runs, intervals=intervals))
    where, warnings, reasons = zip(*reaches, strict=True)
    plan["where"] = where
    plan["warning"] = "; ".join(filter(None, warnings))
    plan["not_to_be_trusted"] = "; ".join(filter(None, reasons))
    return plan


def _size(found, C, options):
    from ..allocation import overtraining_cost

    N, law = options.N, found.law
    D = C / (6.0 * N)
    if found.bootstrap is None:
        loss = (float(law(N, D)), None, None)
    else:
        sure = found.bootstrap.predict(N, D, level=options.level)
        loss = tuple(float(z) for z in (sure.value, sure.low, sure.high))
    cost = float(overtraining_cost(law, N, D))
    return {"N": N, "D": D, "tokens_per_parameter": D / N, "loss": loss, "compute_over_best": cost}


def _head(found, options):
    content = found.content
    counts = content.get("N_counts") or "not said whether with embeddings"
    after = {"N": f" ({counts})" if content else "", "C": " FLOP"}
    seen = [f"{name} {size(low)} to {size(high)}{after.get(name, '')}" for name, (low, high) in found.seen.items()]
    seen = f"  seen: {', '.join(seen)}"
    if not content:
        from .. import published

        source = published.source(found.name)
        head = f"{found.name}: {source.citation}, constants {source.digits}."
        return f"{head}\n{seen}\n  It comes without its runs, so no interval can be given; for one, fit the runs."
    lines = [f"{found.name}: law fitted to {content['runs']['count']} runs of {content['table']['name']}", seen]
    lines += [f"  losses in {content['loss']}"] if content["loss"] == "bits per byte" else []
    if found.bootstrap is None:
        lines.append("  no resamples in the file, so no intervals: fit again without --bootstrap none")
    else:
        lines.append(f"  {options.level:.0%} intervals: {content['resamples']['made']}")
        lines += [f"  {content['resamples']['caution']}"] if content["resamples"]["caution"] else []
    lines += [f"  {found.caution}"] if found.caution else []
    return "\n".join(lines)


def _printed(plan, options):
    where = plan["where"]
    head = f"C = {size(plan['C'])} FLOP" + (f", {where[0]}" if where[0] else "")
    lines = [head, align(as_rows(plan["best"], options.level))]
    if "size" in plan:
        at = plan["size"]
        value, low, high = at["loss"]
        interval = "" if low is None else f" ({low:.4f} to {high:.4f})"
        lines.append(
            f"  with N = {size(at['N'])}: D = {size(at['D'])}, {at['tokens_per_parameter']:.3g} tokens a parameter, "
            f"loss {value:.4f}{interval}; {at['compute_over_best']:.3g} times the compute that loss needs at its best "
            "split"
        )
        if len(where) > 1 and where[1]:
            lines.append(f"    outside the runs: {where[1]}")
    return "\n".join(lines)


def ends(values):
    """A value and the ends of its interval by name; None for what is not known."""
    known = (None if value is None or math.isnan(value) else value for value in values)
    return dict(zip(("value", "low", "high"), known, strict=True))


def _listed(plans):
    """The plans as JSON has them."""
    listed = []
    for plan in plans:
        entry = {name: plan[name] for name in ("C", "times_largest_run", "warning", "not_to_be_trusted")}
        entry |= {name: ends(values) for name, values in plan["best"].items()}
        if "size" in plan:
            entry["at_given_size"] = plan["size"] | {"loss": ends(plan["size"]["loss"])}
        listed.append(entry)
    return listed
