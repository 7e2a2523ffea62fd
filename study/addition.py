"""Addition: a one-layer transformer that adds two ten-digit numbers, column by column.

A token is a pair of digits, the least significant first, and the answer at each place is the digit of the
sum: the carry has to be found in the columns before. A carry out of the tenth column is not asked for.
Half of each block's channels come from the column before, and attention favours what is near: without that,
models of every width first learn the digits alone and stay near .65 nats until they find the carry.
"""

import time

import numpy as np
import torch
from torch.nn import functional

from .adam import Adam
from .process import one_quick_thread

__all__ = ["COLUMNS", "draw", "flop_per_token", "parameters", "train_addition"]

COLUMNS = 10
EXAMPLES_PER_STEP = 64
_WARMUP = 0.05  # share of the steps
_TEST_STREAM, _TRAINING_STREAM, _START_STREAM = 11, 12, 13
_FEW = 100  # items of the small test, the first of the large one
_JUDGED_AT_ONCE = 400  # items, for all models together: what fits into a cache is twice as fast


def draw(generator, items):
    """Draw `items` pairs of ten-digit numbers: (tokens, sums), both (items, 10), least significant first.

    A token is 10 a + b for the digits a and b of a column; a sum's digit is (a + b + carry) mod 10.
    """
    tokens = generator.integers(0, 100, (items, COLUMNS))
    sums = np.empty_like(tokens)
    carry = np.zeros(items, dtype=tokens.dtype)
    for column in range(COLUMNS):
        total = tokens[:, column] // 10 + tokens[:, column] % 10 + carry
        sums[:, column], carry = total % 10, total // 10
    return tokens, sums


def parameters(width):
    """Return (N, N_total): the layer's matrices, 12 d^2; with reading (100 d) and writing (10 d)."""
    return 12 * width**2, 12 * width**2 + (100 + 10) * width


def flop_per_token(width):
    """Training FLOP of one column: three times those of the products forward, two for a multiply-add.

    Forward: 2 * 12 d^2 in the layer's matrices, 4 * 10 d for the scores and the weighted values (the
    attention matrix counted in full), 2 * 10 d for the digits' scores. Reading an embedding costs nothing.
    """
    return 3 * (2 * 12 * width**2 + 4 * COLUMNS * width + 2 * 10 * width)


def _initial(width, seeds, device):
    """Embedding, the layer's four matrices and the reader of digits, each (K, ...)."""
    shapes = (
        (100, width), (width, 3 * width), (width, width),
        (width, 4 * width), (4 * width, width), (width, 10),
    )  # fmt: skip
    models = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(1000 * _START_STREAM + seed)
        values = [torch.randn(shape, generator=generator) for shape in shapes]
        scales = (1.0, width**-0.5, 0.0, width**-0.5, 0.0, 0.0)  # what writes starts at zero
        models.append([value * scale for value, scale in zip(values, scales, strict=True)])
    return [torch.stack(parts).to(device) for parts in zip(*models, strict=True)]


def _norm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


def _shift(x):
    """Take half of the channels of (K, B, T, d) from the column before."""
    half = x.shape[-1] // 2
    before = functional.pad(x[..., :half], (0, 0, 1, 0))[:, :, :-1]
    return torch.cat((before, x[..., half:]), dim=-1)


def _bias(device):
    """What is added to the scores of attention, (T, T): minus the distance, and nothing of the future."""
    place = torch.arange(COLUMNS, device=device)
    distance = place[:, None] - place[None, :]
    return torch.where(distance >= 0, -distance.float(), float("-inf"))


def _scores(tensors, tokens):
    """Scores of the ten digits, (K, B, 10, 10), for tokens (K, B, 10)."""
    embedding, read, write, widen, narrow, digits = tensors
    K, B, T = tokens.shape
    d = embedding.shape[-1]
    models = torch.arange(K, device=tokens.device)[:, None, None]
    x = functional.embedding(tokens + 100 * models, embedding.reshape(-1, d))
    columns = _shift(_norm(x)).view(K, B * T, d) @ read
    query, key, value = columns.view(K, B, T, 3, d).unbind(3)
    weights = (query @ key.transpose(-1, -2) * d**-0.5 + _bias(tokens.device)).softmax(-1)
    x = x + ((weights @ value).view(K, B * T, d) @ write).view(K, B, T, d)
    wide = functional.relu(_shift(_norm(x)).view(K, B * T, d) @ widen).square()
    x = x.view(K, B * T, d) + wide @ narrow
    return (_norm(x) @ digits).view(K, B, T, 10)


def _judge(tensors, tokens, sums):
    """Loss (K,); shares right, each (K, 10): of each column, of the first k together, and so of 100 items."""
    K, items = len(tensors[0]), len(tokens)
    total, rights = torch.zeros(K, dtype=torch.float64), []
    at_once = max(1, _JUDGED_AT_ONCE // K)
    with torch.no_grad():
        for begin in range(0, items, at_once):
            part = tokens[begin : begin + at_once].expand(K, -1, -1)
            answers = sums[begin : begin + at_once].expand(K, -1, -1)
            scores = _scores(tensors, part)
            each = functional.cross_entropy(scores.reshape(-1, 10), answers.reshape(-1), reduction="none")
            total += each.view(K, -1).double().sum(1).cpu()
            rights.append((scores.argmax(-1) == answers).cpu())
    right = torch.cat(rights, dim=1)
    together = right.long().cumprod(-1).double()
    return total / (items * COLUMNS), right.double().mean(1), together.mean(1), together[:, :_FEW].mean(1)


def _rate(step, steps, peak):
    """A rise over the first twentieth, then a straight fall to a tenth of the peak."""
    rise = max(1.0, _WARMUP * steps)
    return peak * min((step - 0.5) / rise, 1.0, 1.0 - 0.9 * (step - rise) / max(steps - rise, 1.0))


@one_quick_thread()
def train_addition(*, width, steps, learning_rate, seeds, checkpoints, test_items, device="cpu"):
    """Train a model for each seed, all at once; one row (dict) a seed and checkpoint (in steps).

    Training items are drawn afresh each step. The test items are the same for every run; they are not kept
    out of the training items by name, but of 10^20 possible ones a chance meeting has odds below 1e-10.
    """
    started = time.perf_counter()
    drawn = draw(np.random.default_rng(_TEST_STREAM), test_items)
    test = [torch.from_numpy(part).to(device) for part in drawn]
    streams = [np.random.default_rng([_TRAINING_STREAM, seed]) for seed in seeds]
    tensors = _initial(width, seeds, device)
    optimiser = Adam(tensors)
    stops, rows = set(checkpoints), []
    for step in range(1, steps + 1):
        drawn = [draw(stream, EXAMPLES_PER_STEP) for stream in streams]
        tokens, sums = (torch.from_numpy(np.stack(part)).to(device) for part in zip(*drawn, strict=True))
        scores = _scores(tensors, tokens)
        each = functional.cross_entropy(scores.reshape(-1, 10), sums.reshape(-1), reduction="none")
        optimiser.step(each.view(len(seeds), -1).mean(1), _rate(step, steps, learning_rate))
        if step in stops:
            judged = [part.tolist() for part in _judge(tensors, *test)]
            seconds = (time.perf_counter() - started) / len(seeds)
            for place, seed in enumerate(seeds):
                scored = _scored(*(part[place] for part in judged))
                rows.append(_row(width, step, scored) | {
                    "run_steps": steps, "learning_rate": learning_rate, "seed": seed,
                    "test_items": test_items, "seconds": round(seconds, 2), "device": device,
                    "torch": str(torch.__version__),
                })  # fmt: skip
    return rows


def _scored(loss, columns, together, together_of_few):
    """What a test says, as columns: shares are counts over the items, so six digits are exact."""
    return {
        "loss": round(loss, 6),
        "token_accuracy": round(sum(columns) / COLUMNS, 6),
        **{f"exact_{k + 1}": round(share, 6) for k, share in enumerate(together)},
        **{f"column_{k + 1}": round(share, 6) for k, share in enumerate(columns)},
        f"exact_{COLUMNS}_of_{_FEW}": round(together_of_few[-1], 6),
    }


def _row(width, step, scored):
    N, N_total = parameters(width)
    examples = step * EXAMPLES_PER_STEP
    seen = examples * COLUMNS
    return {
        "N": N, "D": seen, "C": 6 * N * seen, **scored, "N_total": N_total,
        "examples": examples, "flop": flop_per_token(width) * seen, "width": width, "step": step,
    }  # fmt: skip
