"""The study's tasks: labels by Python's own arithmetic, counts by hand, fixed tests, the same rows twice."""

import functools
import importlib
import json
import math
import operator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the study trains with torch, which only study/ needs")

from scalinglib.runs import Card  # noqa: E402
from study import addition, parity  # noqa: E402

PLANS = ("column_addition", "sparse_parity", "many_parities")
CARDS = Path(addition.__file__).parent / "cards"


def plan(name):
    return importlib.import_module(f"study.plans.{name}")


def carried_out(name):
    """Rows of a miniature plan, in the order of its jobs."""
    rows = []
    for job in plan(name).jobs({}, smoke=True, device="cpu"):
        module, _, function = job.function.partition(":")
        rows += getattr(importlib.import_module(module), function)(**job.arguments)
    return rows


@functools.cache
def first_time(name):
    return tuple(carried_out(name))


def added(**changed):
    """Rows of a very short addition run."""
    arguments = {
        "width": 4, "steps": 3, "learning_rate": 0.1, "seeds": [0, 1], "checkpoints": [3], "test_items": 300,
    }  # fmt: skip
    return addition.train_addition(**arguments | changed)


def one_parity(**changed):
    """Rows of a short run on one parity."""
    arguments = {
        "n": 10, "k": 2, "hidden": 32, "steps": 3, "learning_rate": 0.01, "seeds": [0, 1], "checkpoints": [3],
        "test_items": 512, "examples_per_step": 128,
    }  # fmt: skip
    return parity.train_one(**arguments | changed)


def forward_flop(function, *arguments):
    """FLOP of the matrix products of a call, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        function(*arguments)
    return counter.get_total_flops()


def test_sums_are_those_of_pythons_integers():
    """The digits of a sum are those of Python's whole numbers, the carry out of the last column dropped."""
    tokens, sums = addition.draw(np.random.default_rng(3), 500)
    for pairs, digits in zip(tokens.tolist(), sums.tolist(), strict=True):
        a = int("".join(str(pair // 10) for pair in reversed(pairs)))
        b = int("".join(str(pair % 10) for pair in reversed(pairs)))
        assert int("".join(map(str, reversed(digits)))) == (a + b) % 10**10
    assert (tokens.min(), tokens.max()) == (0, 99)


def test_parity_is_exclusive_or():
    """The answer is the exclusive or of the chosen bits, for one choice and for a choice an example."""
    bits = parity.draw_bits(np.random.default_rng(5), 300, 13)
    assert bits.shape == (300, 13) and set(np.unique(bits)) == {0, 1}
    one, each = np.array([1, 4, 12]), parity.draw_tasks(7, 13, 3)[np.arange(300) % 7]
    for row, alone, own, places in zip(
        bits.tolist(), parity.parity(bits, one), parity.parity(bits, each), each, strict=True
    ):
        assert alone == functools.reduce(operator.xor, (row[place] for place in one))
        assert own == functools.reduce(operator.xor, (row[place] for place in places))


def test_tasks_differ():
    """No two tasks have the same bits, none a bit twice, and small families are found whole."""
    tasks = parity.draw_tasks(10, 5, 3)
    assert len({tuple(task) for task in tasks.tolist()}) == 10 == math.comb(5, 3)
    assert all(len(set(task)) == 3 for task in tasks.tolist())


def test_shares_are_a_power_law():
    """Tasks are asked with shares that fall as rank ** -(alpha + 1) and sum to one."""
    weights = parity.shares(32, 0.4)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights[0] / weights[31] == pytest.approx(32**1.4, rel=1e-12)


@pytest.mark.parametrize("name", PLANS)
def test_twice_the_same_rows(name):
    """A miniature of each plan gives the same rows twice but for the seconds."""

    def without_seconds(rows):
        return [{column: value for column, value in row.items() if column != "seconds"} for row in rows]

    assert without_seconds(carried_out(name)) == without_seconds(first_time(name))


@pytest.mark.parametrize("name", PLANS)
def test_rows_are_those_of_the_plan_and_of_its_card(name):
    """Rows have the plan's columns and plain values; C = 6 N D; the card names the columns in their order."""
    module, rows = plan(name), first_time(name)
    assert module.COLUMNS[:4] == ("N", "D", "C", "loss") and len(set(module.COLUMNS)) == len(module.COLUMNS)
    for row in rows:
        assert set(row) == set(module.COLUMNS)
        assert all(type(value) in (int, float, str) for value in row.values())
        assert row["C"] == 6 * row["N"] * row["D"] and row["N"] < row["N_total"]
    card = json.loads((CARDS / f"{module.NAME}.json").read_text(encoding="utf-8"))
    assert tuple(card["columns"]) == module.COLUMNS == tuple(card["units"])
    report = Card(name=module.NAME, rows=9999, sha256="0" * 64, **card).report()
    assert max(map(len, report.splitlines())) <= 88


@pytest.mark.parametrize("name", PLANS)
def test_jobs_are_plain_and_named_apart(name):
    """Arguments survive JSON unchanged, keys differ, and every seed and checkpoint gives a row."""
    for smoke in (True, False):
        jobs = plan(name).jobs({}, smoke=smoke, device="cpu")
        assert len({job.key for job in jobs}) == len(jobs)
        for job in jobs:
            assert json.loads(json.dumps(job.arguments)) == job.arguments
            assert max(job.arguments["checkpoints"]) == job.arguments["steps"]
    jobs = plan(name).jobs({}, smoke=True, device="cpu")
    expected = sum(len(job.arguments["seeds"]) * len(job.arguments["checkpoints"]) for job in jobs)
    assert len(first_time(name)) == expected


def test_scores_of_an_addition_agree():
    """First k right falls with k, starts as the first column's share and stays below each column's."""
    for row in first_time("column_addition"):
        together = [row[f"exact_{k}"] for k in range(1, 11)]
        columns = [row[f"column_{k}"] for k in range(1, 11)]
        assert together[0] == columns[0] and together == sorted(together, reverse=True)
        assert all(0 <= share <= column <= 1 for share, column in zip(together, columns, strict=True))
        assert row["token_accuracy"] == pytest.approx(sum(columns) / 10, abs=1e-6)
        for share in [*together, *columns]:  # a share is a count over the items
            assert share * row["test_items"] == pytest.approx(round(share * row["test_items"]), abs=1e-3)
        assert row["exact_10_of_100"] * 100 == pytest.approx(round(row["exact_10_of_100"] * 100), abs=1e-9)


def test_the_mean_loss_is_that_of_the_tasks():
    """The loss of many parities is the mean of the tasks' losses with their shares."""
    for row in first_time("many_parities"):
        tasks = [row[f"task_{task:02d}"] for task in range(row["tasks"])]
        mean = float(parity.shares(row["tasks"], row["alpha"]) @ tasks)
        assert row["loss"] == pytest.approx(mean, abs=2e-6)
        assert 0 <= row["accuracy"] <= 1


def test_flop_of_an_addition_are_those_of_its_products():
    """Training FLOP a column are three times the products that torch counts, and a count by hand."""
    # width 2: layer 48 weights, scores and values 4 * 10 * 2, digits 2 * 10 * 2; forward 96 + 80 + 40 = 216
    assert addition.flop_per_token(2) == 3 * 216
    for width in (3, 8):
        tensors = addition._initial(width, [0, 1], "cpu")
        tokens = torch.zeros(2, 5, 10, dtype=torch.long)
        counted = forward_flop(addition._scores, tensors, tokens)
        assert 3 * counted == addition.flop_per_token(width) * tokens.numel()
        assert sum(tensor[0].numel() for tensor in tensors) == addition.parameters(width)[1]


@pytest.mark.parametrize("tasks", [0, 6])
def test_flop_of_a_parity_are_those_of_its_products(tasks):
    """Training FLOP an example are three times the forward products, 6 N, and all parameters are counted."""
    assert parity.flop_per_example(40, 256) == 6 * (40 * 256 + 256)
    tensors = parity._initial(12, 20, tasks, [0, 1], "cpu")
    asked = torch.zeros(2, 9, dtype=torch.long) if tasks else None
    counted = forward_flop(parity._losses, tensors, torch.zeros(2, 9, 12), asked, torch.zeros(2, 9))
    assert 3 * counted == parity.flop_per_example(12, 20) * 18
    N, N_total = parity.parameters(12, 20, tasks)
    assert sum(tensor[0].numel() for tensor in tensors) == N_total
    assert tensors[0][0].numel() + tensors[2][0].numel() == N


def test_untrained_models_know_nothing_and_are_judged_on_the_same_items():
    """At rate zero the losses are ln 10 and ln 2, and all seeds and widths score the same on fixed tests."""
    rows = added(learning_rate=0.0, seeds=[0, 1, 2]) + added(learning_rate=0.0, seeds=[9], width=6)
    assert {row["loss"] for row in rows} == {round(math.log(10), 6)}
    assert len({tuple(row[f"column_{k}"] for k in range(1, 11)) for row in rows}) == 1
    assert rows[0]["token_accuracy"] == pytest.approx(0.1, abs=0.03)  # always the digit 0
    assert {row["loss"] for row in one_parity(learning_rate=0.0)} == {round(math.log(2), 6)}


def test_no_column_sees_a_later_one():
    """Scores of a column do not change with the columns after it, and do with those before it."""
    generator = torch.Generator().manual_seed(1)
    tensors = [torch.randn(start.shape, generator=generator) for start in addition._initial(8, [0], "cpu")]
    tokens = torch.arange(10)[None, None] * 7
    changed = tokens.clone()
    changed[..., 5] = 99
    before, after = addition._scores(tensors, tokens), addition._scores(tensors, changed)
    assert torch.equal(before[:, :, :5], after[:, :, :5])
    assert all((before[:, :, place] != after[:, :, place]).any() for place in range(5, 10))


def test_models_trained_together_are_strangers():
    """A seed gives the same model alone and beside others, to the rounding of products in another order."""
    assert added(seeds=[7])[0]["loss"] == pytest.approx(added(seeds=[3, 7])[1]["loss"], rel=1e-4)
    assert added(seeds=[3])[0]["loss"] != added(seeds=[7])[0]["loss"]
    assert one_parity(seeds=[7])[0]["loss"] == pytest.approx(one_parity(seeds=[3, 7])[1]["loss"], rel=1e-4)


def test_a_small_parity_is_learned():
    """A parity of two bits out of ten is chance at first and all but solved within 200 steps."""
    early, late = one_parity(checkpoints=[1]), one_parity(steps=200, checkpoints=[200])
    assert all(row["loss"] == pytest.approx(math.log(2), abs=0.05) for row in early)
    assert all(row["loss"] < 0.05 and row["accuracy"] > 0.99 for row in late)


def test_a_small_adder_learns():
    """A narrow adder halves the loss of guessing within 60 steps."""
    rows = added(width=8, steps=60, checkpoints=[60])
    assert all(row["loss"] < math.log(10) / 2 for row in rows)


def test_small_numbers_count_again_after_training():
    """Training takes subnormal numbers for zero, and leaves the process that called it as it was."""
    from study.training import train

    train([{"width": 4, "tokens": 1024, "learning_rate": 0.01, "seed": 0}], on="toy")
    assert np.float64(5e-324) / 1.0 > 0 and np.nextafter(0.0, 1.0) * 1.0 > 0
