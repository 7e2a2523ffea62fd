"""Form plan: how a budget is best spent on the variables of a law of any form, under any cost, and how sure."""

import math
from dataclasses import dataclass, replace

from ..audit.distance import of_budget, of_values
from ..forms import Form
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS
from ..reading.cells import number, short
from .lawfile import LawFile
from .plan import ends, said
from .terms import as_form
from .text import align, size

__all__ = ["run"]

_COST = "6 * N * D"


@dataclass(frozen=True, eq=False)
class _Known:
    """A law file as `optimum_of` takes a fit; `how` has what else it takes."""

    file: LawFile
    form: Form
    law: object
    constants: dict
    undetermined: tuple
    how: dict


def run(found, options):
    """Do what ``plan`` asks of a law of any form and return the exit code."""
    if options.N is not None:
        raise ValueError(f"--N goes with C = 6 N D alone; say --given N={size(options.N)} --over D")
    one, *more = (name for name in getattr(found.law, "variables", "ND") if name != getattr(found.law, "by", None))
    if not more and (options.cost or (_COST if one in ("N", "D") else one)) == one:
        plans = [_read_off(found, one, value, options) for value in options.budgets]
    else:
        known = _known(found, options)
        plans = [_planned(known, budget, options.level) for budget in options.budgets]
    names = ("budget", "cost", "given", "spent", "warning", "not_to_be_trusted")
    listed = [
        {name: plan[name] for name in names} | {name: ends(values) for name, values in plan["best"].items()}
        for plan in plans
    ]
    return said(found, plans, options, [_printed(plan, options.level) for plan in plans], listed)


def _read_off(found, variable, value, options):
    """What a law of one variable gives there, with its interval: there is nothing to split."""
    law, family, where = found.law, dict(options.given), ("", "", "")
    if options.over or options.bound or set(family) - {getattr(law, "by", "")}:
        raise ValueError(f"the law has {variable} alone, and nothing to choose: say its values alone")
    at = {variable: value, **family}
    if set(at) != set(law.variables):
        raise ValueError(f"--given {law.by}=LABEL must say whose law: {', '.join(law.laws)}")
    if found.bootstrap is None:
        read = float(law(**at)), None, None
    else:
        sure = found.bootstrap.predict(**at, level=options.level)
        read = tuple(map(float, (sure.value, sure.low, sure.high)))
    if found.seen:
        where = of_values({variable: value}, found.seen, intervals=found.bootstrap is not None)
    names = ("where", "warning", "not_to_be_trusted")
    plan = {"budget": value, "cost": variable, "given": family, "spent": value, "notes": []}
    return {**plan, "best": {found.content["law"]["y"]: read}, **dict(zip(names, where, strict=True))}


def _known(found, options):
    from .. import forms

    law = found.law
    if isinstance(law, ChinchillaLaw):
        law = forms.read_form("chinchilla").law(**{name: getattr(law, name) for name in CONSTANTS})
        found = replace(found, bootstrap=found.bootstrap and replace(found.bootstrap, law=law))
    laws = getattr(law, "laws", {})
    given, family = dict(options.given), None
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
    how = {"cost": cost, "over": over, "given": given, "bounds": options.bound}
    constants = {f"{name}[{label}]": value for label, each in laws.items() for name, value in each.constants.items()}
    return _Known(found, own.form, law, own.constants | constants, found.undetermined, {**how, "family": family})


def _planned(known, budget, level):
    """The best split of a budget, its intervals, and how far it lies from the runs."""
    from ..allocation import best_split, optimum_of

    how, bootstrap, caution = dict(known.how), known.file.bootstrap, ""
    family, given = how.pop("family"), how["given"]
    if bootstrap is None:
        best = best_split(known.law.laws[family] if family else known.law, budget, **how)
        found = {name: (value, None, None) for name, value in {**best.value, "loss": best.loss}.items()}
    else:
        sure = optimum_of(known, budget, draws=bootstrap.samples, level=level, family=family, **how)
        best, caution = sure.split, sure.caution
        found = {
            name: (value, *(end[name] if math.isfinite(end[name]) else None for end in (sure.low, sure.high)))
            for name, value in {**best.value, "loss": best.loss}.items()
        }
    at = best.value | {name: value for name, value in given.items() if name in known.form.variables}
    where, reaches = "", []
    if known.file.seen:
        seen, intervals = known.file.seen, bootstrap is not None
        if known.how["cost"] == _COST and "C" in seen:
            reaches = [of_budget(budget, seen["C"], intervals=intervals)]
            where = reaches[0][0]
            at = {name: value for name, value in at.items() if name not in ("N", "D")}
        reaches.append(of_values(at, seen, intervals=intervals))
    notes = [f"{name} stands on its bound" for name, on in best.at_bound.items() if on]
    if best.spent < budget * (1 - 1e-6):
        notes.append(f"{size(best.spent)} of the budget is spent")
    if best.lower_elsewhere:
        notes.append("the law falls lower still far outside of any runs; this is its best inner point")
    return {
        "budget": budget,
        "cost": how["cost"],
        "given": given | ({known.law.by: family} if family else {}),
        "best": found,
        "spent": best.spent,
        "where": "; ".join(filter(None, [where, *(words for words, *_ in reaches[bool(where) :])])),
        "notes": notes,
        "warning": "; ".join(filter(None, [caution.rstrip("."), *(warning for _, warning, _ in reaches)])),
        "not_to_be_trusted": "; ".join(filter(None, (reason for *_, reason in reaches))),
    }


def _printed(plan, level):
    given = "".join(
        f", {name} = {value if isinstance(value, str) else size(value)}" for name, value in plan["given"].items()
    )
    where = f": {plan['where']}" if plan["where"] else ""
    known = any(low is not None for _, low, _ in plan["best"].values())
    rows = [("", "best", f"{level:.0%} from", "to")[: 4 if known else 2]]
    for name, (value, low, high) in plan["best"].items():
        say = (lambda value: f"{value:.4f}") if name == "loss" else size
        interval = (say(low), say(high)) if low is not None and high is not None else ("not", "determined")
        rows.append((name, say(value), *(interval if known else ())))
    if {"N", "D"} <= set(plan["best"]):
        rows.insert(-1, ("D / N", size(plan["best"]["D"][0] / plan["best"]["N"][0]), *[""] * (len(rows[0]) - 2)))
    return "\n".join(
        [
            f"{plan['cost']} = {size(plan['budget'])}{given}{where}",
            align(rows),
            *(f"  {note}" for note in plan["notes"]),
        ]
    )
