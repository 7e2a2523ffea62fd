"""Plan: how a budget is best spent, what loss it gives, and how sure: of runs of N and D, or of any form and cost."""

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

from ..audit.distance import of_budget, of_values
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS
from ..reading.cells import number, short
from ..reports.rows import as_rows, optimum
from .lawfile import read_law
from .terms import as_form
from .text import align, fitted, put, put_json, say, size

__all__ = ["run"]

_COST = "6 * N * D"


@dataclass(frozen=True)
class _Plan:
    """One budget: `head` and `lines` for people, `entry` for programs, and what (words, warning, reason) its reach is.

    best : quantity -> (value, low, high), the ends None where they are not known
    """

    head: str
    lines: list
    entry: dict
    best: dict
    reach: tuple

    def listed(self):
        """As JSON has it."""
        said = {"warning": self.reach[1], "not_to_be_trusted": self.reach[2]}
        best = {name: _ends(values) for name, values in self.best.items()}
        return {**self.entry, **said, **best}


def run(options):
    """Do what ``plan`` asks and return the exit code."""
    found = read_law(options.law)
    plans = list(_plans(found, options))
    if options.json:
        level = options.level if found.bootstrap is not None else None
        said = {"doubts": list(found.doubts), "caution": found.caution}
        put_json({"law": found.name, "level": level, **said, "plans": [plan.listed() for plan in plans]})
    else:
        put(fitted("\n\n".join([_head(found, options), *("\n".join([plan.head, *plan.lines]) for plan in plans)])))
    for _, warning, _ in (plan.reach for plan in plans):
        if warning:
            say(warning, "warning")
    reasons = [*found.doubts, *(plan.reach[2] for plan in plans if plan.reach[2])]
    for reason in reasons:
        say(reason, "not to be trusted")
    return 1 if reasons else 0


def _plans(found, options):
    """A _Plan for each budget."""
    if isinstance(found.law, ChinchillaLaw) and not (options.cost or options.over or options.given or options.bound):
        return (_split(found, C, options) for C in options.budgets)
    if options.N is not None:
        raise ValueError(f"--N goes with C = 6 N D alone; say --given N={size(options.N)} --over D")
    one, *more = (name for name in getattr(found.law, "variables", "ND") if name != getattr(found.law, "by", None))
    if not more and (options.cost or (_COST if one in ("N", "D") else one)) == one:
        return (_read_off(found, one, value, options) for value in options.budgets)
    known = _known(found, options)
    return (_spent(found, known, budget, options.level) for budget in options.budgets)


def _split(found, C, options):
    """The best split of C = 6 N D and, where a size was given, what that size does."""
    runs, intervals = found.runs, found.bootstrap is not None
    best = optimum(found.law, found.bootstrap, C, options.level)
    entry, lines = {"C": C, "times_largest_run": C / runs["C"][1]}, [align(as_rows(best, options.level))]
    reaches = [of_budget(C, runs["C"], intervals=intervals)]
    if options.N is not None:
        at = _size(found, C, options)
        entry["at_given_size"] = at | {"loss": _ends(at["loss"])}
        reaches.append(of_values({"N": options.N, "D": at["D"]}, runs, intervals=intervals))
        lines.append(_size_said(at))
        lines += [f"    outside the runs: {reaches[1][0]}"] if reaches[1][0] else []
    head = f"C = {size(C)} FLOP" + (f", {reaches[0][0]}" if reaches[0][0] else "")
    return _Plan(head, lines, entry, best, _together(reaches))


def _size(found, C, options):
    from ..allocation import overtraining_cost

    N, law = options.N, found.law
    D = C / (6.0 * N)
    loss = _sure(found, law, {"N": N, "D": D}, options.level)
    cost = float(overtraining_cost(law, N, D))
    return {"N": N, "D": D, "tokens_per_parameter": D / N, "loss": loss, "compute_over_best": cost}


def _size_said(at):
    value, low, high = at["loss"]
    interval = "" if low is None else f" ({low:.4f} to {high:.4f})"
    return (
        f"  with N = {size(at['N'])}: D = {size(at['D'])}, {at['tokens_per_parameter']:.3g} tokens a parameter, "
        f"loss {value:.4f}{interval}; {at['compute_over_best']:.3g} times the compute that loss needs at its best split"
    )


def _sure(found, law, at, level):
    """What the law gives at the values of its variables, with the ends of its interval, or None for each."""
    if found.bootstrap is None:
        return float(law(**at)), None, None
    sure = found.bootstrap.predict(**at, level=level)
    return float(sure.value), float(sure.low), float(sure.high)


def _read_off(found, variable, value, options):
    """What a law of one variable gives there, with its interval: there is nothing to split."""
    law, family, reach = found.law, dict(options.given), ("", "", "")
    if options.over or options.bound or set(family) - {getattr(law, "by", "")}:
        raise ValueError(f"the law has {variable} alone, and nothing to choose: say its values alone")
    at = {variable: value, **family}
    if set(at) != set(law.variables):
        raise ValueError(f"--given {law.by}=LABEL must say whose law: {', '.join(law.laws)}")
    best = {found.content["law"]["y"]: _sure(found, law, at, options.level)}
    if found.seen:
        reach = of_values({variable: value}, found.seen, intervals=found.bootstrap is not None)
    return _of_form(value, variable, family, value, best, reach, options.level)


def _known(found, options):
    """The law of a file as `optimum_of` takes a fit; `how` has what else it takes."""
    from .. import forms

    law, bootstrap = found.law, found.bootstrap
    if isinstance(law, ChinchillaLaw):
        law = forms.read_form("chinchilla").law(**{name: getattr(law, name) for name in CONSTANTS})
        bootstrap = bootstrap and replace(bootstrap, law=law)
    laws, given, family = getattr(law, "laws", {}), dict(options.given), None
    if laws:
        family = given.pop(law.by, None)
        if family not in laws:
            raise ValueError(f"--given {law.by}=LABEL must say whose law: {', '.join(laws)}")
    own = laws[family] if laws else law
    for name, text in given.items():
        try:
            given[name] = number(text)
        except ValueError as error:
            raise ValueError(f"--given {name}: {short(text)} {error}") from None
    cost = options.cost or _COST
    priced = as_form(cost, "cost").names
    over = options.over or [name for name in own.variables if name in priced and name not in given]
    if not over:
        raise ValueError(
            f"{cost} names no variable that is not given; say --cost; the law has {', '.join(own.variables)}"
        )
    for name in dict.fromkeys((*own.variables, *priced)):
        if name not in over and name not in given:
            what = "the law" if name in own.variables else "the cost"
            raise ValueError(f"{what} has {name}: give it as --given {name}=NUMBER, or choose it with --over")
    constants = {f"{name}[{label}]": value for label, each in laws.items() for name, value in each.constants.items()}
    return SimpleNamespace(
        law=law,
        own=own,
        form=own.form,
        constants=own.constants | constants,
        undetermined=found.undetermined,
        draws=bootstrap and bootstrap.samples,
        family=family,
        how={"cost": cost, "over": over, "given": given, "bounds": options.bound},
    )


def _spent(found, known, budget, level):
    """How a budget is best spent by a law of any form, its intervals, and how far it lies from the runs."""
    from ..allocation import best_split, optimum_of

    how, given, caution = known.how, known.how["given"], ""
    if known.draws is None:
        best = best_split(known.own, budget, **how)
        low = high = dict.fromkeys(best.value | {"loss": 0})
    else:
        sure = optimum_of(known, budget, draws=known.draws, level=level, family=known.family, **how)
        best, low, high, caution = sure.split, sure.low, sure.high, sure.caution
    values = {name: (value, low[name], high[name]) for name, value in {**best.value, "loss": best.loss}.items()}
    at = best.value | {name: value for name, value in given.items() if name in known.form.variables}
    reaches, seen, intervals = [("", caution.rstrip("."), "")], found.seen, known.draws is not None
    if seen and how["cost"] == _COST and "C" in seen:
        reaches.append(of_budget(budget, seen["C"], intervals=intervals))
        at = {name: value for name, value in at.items() if name not in ("N", "D")}
    if seen:
        reaches.append(of_values(at, seen, intervals=intervals))
    notes = [f"  {name} stands on its bound" for name, on in best.at_bound.items() if on]
    if best.spent < budget * (1 - 1e-6):
        notes.append(f"  {size(best.spent)} of the budget is spent")
    if best.lower_elsewhere:
        notes.append("  the law falls lower still far outside of any runs; this is its best inner point")
    given = given | ({known.law.by: known.family} if known.family else {})
    return _of_form(budget, how["cost"], given, best.spent, values, _together(reaches), level, notes)


def _of_form(budget, cost, given, spent, best, reach, level, notes=()):
    """The _Plan of a law of any form."""
    said = "".join(f", {name} = {value if isinstance(value, str) else size(value)}" for name, value in given.items())
    known = any(_known_end(low) for _, low, _ in best.values())
    rows = [("", "best", f"{level:.0%} from", "to")[: 4 if known else 2]]
    for name, (value, low, high) in best.items():
        write = "{:.4f}".format if name == "loss" else size
        interval = (write(low), write(high)) if _known_end(low) and _known_end(high) else ("not", "determined")
        rows.append((name, write(value), *(interval if known else ())))
    if {"N", "D"} <= set(best):
        rows.insert(-1, ("D / N", size(best["D"][0] / best["N"][0]), *[""] * (len(rows[0]) - 2)))
    head = f"{cost} = {size(budget)}{said}" + (f": {reach[0]}" if reach[0] else "")
    entry = {"budget": budget, "cost": cost, "given": given, "spent": spent}
    return _Plan(head, [align(rows), *notes], entry, best, reach)


def _together(reaches):
    """Several (words, warning, reason) as one."""
    return tuple("; ".join(filter(None, each)) for each in zip(*reaches, strict=True))


def _known_end(value):
    return value is not None and not math.isnan(value)


def _ends(values):
    """A value and the ends of its interval by name; None for what is not known."""
    known = (value if _known_end(value) else None for value in values)
    return dict(zip(("value", "low", "high"), known, strict=True))


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
    lines += [f"  losses in {content['loss']}"] if content["loss"] not in ("", "nats per token") else []
    if found.bootstrap is None:
        lines.append("  no resamples in the file, so no intervals: fit again without --bootstrap none")
    else:
        lines.append(f"  {options.level:.0%} intervals: {content['resamples']['made']}")
        lines += [f"  {content['resamples']['caution']}"] if content["resamples"]["caution"] else []
    lines += [f"  {found.caution}"] if found.caution else []
    return "\n".join(lines)
