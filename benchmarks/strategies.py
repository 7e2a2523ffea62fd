"""How often careful, careless and random play rank in that order: `python -m benchmarks.strategies [SETS] [--save]`.

Every strategy plays the same sets of eight laboratories (`simulate.laboratories(seed, 2e20)`, seed 0, 1, ...). About
a second a set on one core.
"""

import json
import sys
from pathlib import Path

import numpy as np

from scalinglib.simulate import laboratories
from scalinglib.strategies import STRATEGIES

RESULTS = Path(__file__).with_name("strategies.json")
BUDGET = 2e20
RANKED = ("isoFLOP and bootstrap", "ladder at 20 to 1", "a guess")


def played(sets: int) -> dict:
    """Strategy -> one row a laboratory: the set, the world, what was wasted, the interval score, whether it held."""
    rows = {name: [] for name in STRATEGIES}
    for seed in range(sets):
        for name, strategy in STRATEGIES.items():
            for place, lab in enumerate(laboratories(seed, BUDGET)):
                found = strategy(lab, seed=8 * seed + place)
                rows[name].append((seed, lab.world, found.wasted, found.interval_score, found.held))
    return rows


def summary(rows: dict, sets: int) -> dict:
    """What the book says of them."""
    told, means = {}, {}
    for name, own in rows.items():
        wasted, scores, held = (np.array([row[k] for row in own], dtype=float) for k in (2, 3, 4))
        means[name] = {"wasted": wasted.reshape(sets, -1).mean(1), "interval_score": scores.reshape(sets, -1).mean(1)}
        kinds = np.array([row[1] for row in own])
        told[name] = {
            "wasted_median": round(float(np.median(wasted)), 5),
            "wasted_90": round(float(np.quantile(wasted, 0.9)), 4),
            "wasted_mean": round(float(wasted.mean()), 4),
            "interval_score": round(float(scores.mean()), 3),
            "held": round(float(held.mean()), 3),
            "held_by_world": {kind: round(float(held[kinds == kind].mean()), 3) for kind in sorted(set(kinds))},
            "wasted_by_world": {kind: round(float(wasted[kinds == kind].mean()), 4) for kind in sorted(set(kinds))},
        }
    ranked = {}
    for key in ("wasted", "interval_score"):
        careful, careless, chance = (means[name][key] for name in RANKED)
        ranked[key] = int(((careful < careless) & (careless < chance)).sum())
    first = rows["isoFLOP and bootstrap"], rows["isoFLOP, interval from residuals"]
    one = np.mean([a[3] < b[3] for a, b in zip(*first, strict=True)])
    eight = np.mean(np.less(*(means[name]["interval_score"] for name in list(rows)[:2])))
    return {
        "sets": sets,
        "strategies": told,
        "sets_in_order": ranked,
        "bootstrap_beats_residuals": {"in_one_world": round(float(one), 3), "in_eight": round(float(eight), 3)},
    }


def main(words: list[str]) -> None:
    """Play, print, and keep with --save."""
    sets = next((int(word) for word in words if word.isdigit()), 100)
    found = json.dumps(summary(played(sets), sets), indent=1)
    print(found)
    if "--save" in words:
        RESULTS.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
