"""Parity: a perceptron with one hidden layer finds which few bits of many decide, for one task or many.

The answer is the exclusive or of k bits out of n; the other bits are noise. No smaller set of bits says
anything about it: with three or more of them the loss waits near ln 2 until they are found.
"""

import time

import numpy as np
import torch
from torch.nn import functional

from .adam import Adam
from .process import one_quick_thread

__all__ = [
    "draw_bits", "draw_tasks", "flop_per_example", "parameters", "parity", "shares", "train_many",
    "train_one",
]  # fmt: skip

_TEST_STREAM, _TRAINING_STREAM, _START_STREAM, _TASK_STREAM = 21, 22, 23, 24
_JUDGED_AT_ONCE = 2048  # examples, for all models together


def draw_bits(generator, items, n):
    """`items` rows of `n` fair bits, 0 or 1, as int8."""
    packed = generator.integers(0, 256, (items, -(-n // 8)), dtype=np.uint8)
    return np.unpackbits(packed, axis=1, count=n).view(np.int8)


def draw_tasks(tasks, n, k):
    """Places of the `k` bits that decide, (tasks, k), in rising order and no two tasks the same."""
    generator = np.random.default_rng([_TASK_STREAM, tasks, n, k])
    chosen = []
    while len(chosen) < tasks:
        places = sorted(generator.choice(n, k, replace=False).tolist())
        if places not in chosen:
            chosen.append(places)
    return np.array(chosen)


def parity(bits, places):
    """Exclusive or of `bits` (items, n) at `places`: (k,) for all of them or (items, k) for each: 0 or 1."""
    places = np.broadcast_to(places, (len(bits), np.shape(places)[-1]))
    return np.take_along_axis(bits, places, axis=1).sum(1) % 2


def shares(tasks, alpha):
    """How often each task is asked: proportional to rank ** -(alpha + 1), summing to one."""
    weights = np.arange(1, tasks + 1) ** -(alpha + 1.0)
    return weights / weights.sum()


def parameters(n, hidden, tasks=0):
    """Return (N, N_total): the two layers' matrices, n h + h, and those with biases and task embeddings.

    One task has h + 1 biases; many have an embedding of h numbers a task in place of the h biases.
    """
    N = n * hidden + hidden
    return N, N + max(tasks, 1) * hidden + 1


def flop_per_example(n, hidden):
    """Training FLOP of one example: three times those of the products forward, 2 (n h + h).

    The step back to the input bits is counted and not done: a third of the first layer's share is saved.
    """
    return 3 * 2 * (n * hidden + hidden)


def _initial(n, hidden, tasks, seeds, device):
    """First matrix, task embedding (or biases), second matrix and its bias, each (K, ...)."""
    models = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(1000 * _START_STREAM + seed)
        first = torch.randn(n, hidden, generator=generator) / n**0.5
        embedding = torch.randn(max(tasks, 1), hidden, generator=generator) * (1.0 if tasks else 0.0)
        models.append((first, embedding, torch.zeros(hidden, 1), torch.zeros(1, 1)))  # starts at ln 2
    return [torch.stack(parts).to(device) for parts in zip(*models, strict=True)]


def _losses(tensors, bits, tasks, answers):
    """Cross-entropy of each example and whether it is right, both (K, B); bits (K, B, n) of 0 and 1."""
    first, embedding, last, bias = tensors
    K, _, hidden = embedding.shape
    x = torch.bmm(1.0 - 2.0 * bits, first)
    if tasks is None:
        x = x + embedding
    else:
        models = torch.arange(K, device=tasks.device)[:, None]
        x = x + functional.embedding(tasks + embedding.shape[1] * models, embedding.reshape(-1, hidden))
    score = (torch.bmm(functional.relu(x), last) + bias).squeeze(-1)
    toward = score * (1.0 - 2.0 * answers)
    return functional.softplus(-toward), toward > 0


def _judge(tensors, bits, tasks, answers):
    """Loss and share right of each block of examples, both (K, blocks); inputs (blocks, items, ...)."""
    K = len(tensors[0])
    losses, rights = [], []
    at_once = max(1, _JUDGED_AT_ONCE // K)
    with torch.no_grad():
        for block in range(len(bits)):
            loss, right = torch.zeros(K, dtype=torch.float64), torch.zeros(K, dtype=torch.int64)
            for begin in range(0, bits.shape[1], at_once):
                part = slice(begin, begin + at_once)
                chosen = None if tasks is None else tasks[block, part].expand(K, -1)
                shown = bits[block, part].float().expand(K, -1, -1)
                each, correct = _losses(tensors, shown, chosen, answers[block, part].expand(K, -1))
                loss += each.double().sum(1).cpu()
                right += correct.sum(1).cpu()
            losses.append(loss / bits.shape[1])
            rights.append(right.double() / bits.shape[1])
    return torch.stack(losses, dim=1), torch.stack(rights, dim=1)


def _train(draw, test, *, n, hidden, tasks, steps, learning_rate, seeds, checkpoints, device):
    """Train a model for each seed on what `draw(generator)` gives; yield (step, seconds, losses, rights)."""
    started = time.perf_counter()
    streams = [np.random.default_rng([_TRAINING_STREAM, seed]) for seed in seeds]
    tensors = _initial(n, hidden, tasks, seeds, device)
    optimiser = Adam(tensors)
    test = [None if part is None else torch.from_numpy(part).to(device) for part in test]
    stops = set(checkpoints)
    for step in range(1, steps + 1):
        drawn = zip(*(draw(stream) for stream in streams), strict=True)
        bits, chosen, answers = (
            None if parts[0] is None else torch.from_numpy(np.stack(parts)).to(device) for parts in drawn
        )
        losses, _ = _losses(tensors, bits.float(), chosen, answers)
        optimiser.step(losses.mean(1), learning_rate)
        if step in stops:
            judged = [part.tolist() for part in _judge(tensors, *test)]
            yield step, round((time.perf_counter() - started) / len(seeds), 2), *judged


def _rows(trained, *, n, k, hidden, tasks, steps, learning_rate, seeds, device, examples_per_step, scored):
    """Rows (dicts), one a seed and checkpoint; `scored(losses, rights)` gives the columns of a test."""
    N, N_total = parameters(n, hidden, tasks)
    rows = []
    for step, seconds, losses, rights in trained:
        seen = step * examples_per_step
        for seed, loss, right in zip(seeds, losses, rights, strict=True):
            rows.append({
                "N": N, "D": seen, "C": 6 * N * seen, **scored(loss, right), "n": n, "k": k, "hidden": hidden,
                "N_total": N_total, "flop": flop_per_example(n, hidden) * seen, "width": hidden, "step": step,
                "run_steps": steps, "learning_rate": learning_rate, "seed": seed, "seconds": seconds,
                "device": device, "torch": str(torch.__version__),
            })  # fmt: skip
    return rows


@one_quick_thread()
def train_one(*, n, k, hidden, steps, learning_rate, seeds, checkpoints, test_items, examples_per_step, device="cpu"):
    """Train on one parity of `k` out of `n` bits, a model for each seed, on fresh examples each step.

    Rows (dicts), one a seed and checkpoint (in steps), judged on the same `test_items` examples.
    """
    places = draw_tasks(1, n, k)[0]

    def draw(generator, items=examples_per_step):
        bits = draw_bits(generator, items, n)
        return bits, None, parity(bits, places)

    bits, _, answers = draw(np.random.default_rng([_TEST_STREAM, n, k]), test_items)
    shape = {"n": n, "hidden": hidden, "tasks": 0, "steps": steps}
    shape |= {"learning_rate": learning_rate, "seeds": seeds}
    trained = _train(draw, (bits[None], None, answers[None]), checkpoints=checkpoints, device=device, **shape)

    def scored(loss, right):
        return {"loss": round(loss[0], 6), "accuracy": round(right[0], 6), "test_items": test_items}

    return _rows(trained, k=k, device=device, examples_per_step=examples_per_step, scored=scored, **shape)


@one_quick_thread()
def train_many(
    *, tasks, alpha, n, k, hidden, steps, learning_rate, seeds, checkpoints, test_items, examples_per_step,
    device="cpu",
):  # fmt: skip
    """Train a model for each seed on many parities of the same bits, asked as often as `shares` says.

    Rows (dicts), one a seed and checkpoint (in steps). Each task is judged on `test_items` examples of its
    own, the same for every run; `loss` is the mean over tasks with the weights of `shares`.
    """
    places, weights = draw_tasks(tasks, n, k), shares(tasks, alpha)
    upto = np.cumsum(weights)[:-1]

    def draw(generator):
        asked = np.searchsorted(upto, generator.random(examples_per_step), side="right")
        bits = draw_bits(generator, examples_per_step, n)
        return bits, asked, parity(bits, places[asked])

    bits = draw_bits(np.random.default_rng([_TEST_STREAM, n, k]), tasks * test_items, n)
    asked = np.repeat(np.arange(tasks), test_items)
    blocks = (tasks, test_items)
    test = bits.reshape(*blocks, n), asked.reshape(blocks), parity(bits, places[asked]).reshape(blocks)
    shape = {"n": n, "hidden": hidden, "tasks": tasks, "steps": steps}
    shape |= {"learning_rate": learning_rate, "seeds": seeds}
    trained = _train(draw, test, checkpoints=checkpoints, device=device, **shape)

    def scored(loss, right):
        return {
            "loss": round(float(weights @ np.array(loss)), 6),
            "accuracy": round(float(weights @ np.array(right)), 6),
            "tasks": tasks, "alpha": alpha, "test_items": tasks * test_items,
            **{f"task_{task:02d}": round(each, 6) for task, each in enumerate(loss)},
        }  # fmt: skip

    return _rows(trained, k=k, device=device, examples_per_step=examples_per_step, scored=scored, **shape)
