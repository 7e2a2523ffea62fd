"""Training: one program for every run of the language models, many runs of one width at a time."""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from .network import initial, loss_per_token, shape_of
from .process import one_quick_thread
from .sources import CONTEXT, source

__all__ = ["TOKENS_PER_STEP", "Recipe", "train"]

WINDOWS_PER_STEP = 8
TOKENS_PER_STEP = WINDOWS_PER_STEP * CONTEXT
_BETA1, _BETA2, _CLIP = 0.9, 0.99, 1.0
_JUDGED_AT_ONCE = 2**16  # tokens
_PARAMETERS_AT_ONCE = 130_000


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one run is trained.

    width : of the network; tokens : D, the tokens trained on; unique : U, how many of them differ (they
    are gone through again and again, in a new order each time), or None for one pass; learning_rate : at
    its peak; warmup : tokens of its rise from zero, a twentieth of the run without it; horizon : tokens
    after which it has fallen to zero, the run's end without it; seed : of the start and of the order;
    note : what the plan calls this run.
    """

    width: int
    tokens: int
    learning_rate: float
    seed: int
    unique: int | None = None
    warmup: int | None = None
    horizon: int | None = None
    note: str = ""

    def rates(self):
        """The learning rate of every step."""
        steps, horizon = self.tokens // TOKENS_PER_STEP, (self.horizon or self.tokens) / TOKENS_PER_STEP
        rise = (self.horizon or self.tokens) / 20 if self.warmup is None else self.warmup
        rise = max(rise / TOKENS_PER_STEP, 1.0)
        step = np.arange(steps) + 0.5
        fall = (horizon - step) / max(horizon - rise, 1.0)
        return self.learning_rate * np.minimum(np.minimum(step / rise, 1.0), fall)


def _schedule(recipe, places):
    """Window numbers (steps, windows a step) for a run, epoch by epoch."""
    needed = recipe.tokens // CONTEXT
    generator = np.random.default_rng([recipe.seed, 2])
    epochs = [places]
    while sum(map(len, epochs)) < needed:
        epochs.append(generator.permutation(places))
    return np.concatenate(epochs)[:needed].reshape(-1, WINDOWS_PER_STEP)


def _refuse(recipes, data):
    for recipe in recipes:
        if recipe.tokens % TOKENS_PER_STEP or (recipe.unique or 0) % CONTEXT:
            raise ValueError(f"tokens must be whole steps of {TOKENS_PER_STEP}: {recipe}")
        if (recipe.unique or recipe.tokens) > data.unique_tokens:
            raise ValueError(f"{data.name} has {data.unique_tokens} tokens, fewer than {recipe}")
    if len({(r.width, r.tokens) for r in recipes}) != 1:
        raise ValueError("runs trained together must agree in width and tokens")


@one_quick_thread()
def train(recipes, *, on, checkpoints=(), device="cpu"):
    """Train runs of one width and length together on the source named `on`; one row (dict) a judgement.

    A run is judged on the same validation windows as all others, at its end and after `checkpoints`
    (tokens). The rows hold the recipe, the counts, the losses and the seconds (a run's share of those of
    the batch it was trained in, up to that judgement).
    """
    recipes = [Recipe(**r) if isinstance(r, dict) else r for r in recipes]
    data = source(on)
    _refuse(recipes, data)
    at_once = len(recipes)
    if device == "cpu":  # more than the cache holds would be slower than one after the other
        shape = shape_of(recipes[0].width, context=CONTEXT, vocabulary=data.vocabulary)
        at_once = max(1, _PARAMETERS_AT_ONCE // shape.parameters)
    batches = (recipes[begin : begin + at_once] for begin in range(0, len(recipes), at_once))
    return [row for batch in batches for row in _train(batch, data, checkpoints, device)]


def _train(recipes, data, checkpoints, device):
    width = recipes[0].width
    started = time.perf_counter()
    plan = np.stack([_schedule(r, data.order(r.seed, unique=r.unique)) for r in recipes], axis=1)
    rates = torch.tensor(np.stack([r.rates() for r in recipes], axis=1), dtype=torch.float32, device=device)
    parameters = initial(width, data.vocabulary, [r.seed for r in recipes], device).requires_grad_()
    mean, square = torch.zeros_like(parameters), torch.zeros_like(parameters)
    stops = {point // TOKENS_PER_STEP for point in checkpoints} | {len(plan)}
    recent, rows = [], []
    for step, places in enumerate(plan, start=1):
        windows = torch.from_numpy(data.training[places].astype(np.int64)).to(device)
        losses = loss_per_token(parameters, width, data.vocabulary, windows)
        (slope,) = torch.autograd.grad(losses.sum(), parameters)
        recent = [*recent[-49:], losses.detach()]
        with torch.no_grad():
            slope *= (_CLIP / slope.norm(dim=1, keepdim=True)).clamp(max=1.0)
            mean.lerp_(slope, 1 - _BETA1)
            square.lerp_(slope.square(), 1 - _BETA2)
            size = rates[step - 1, :, None] * math.sqrt(1 - _BETA2**step) / (1 - _BETA1**step)
            parameters -= size * mean / (square.sqrt() + 1e-8)
            if step in stops:
                judged = _judge(parameters, width, data, device)
                trained = torch.stack(recent).mean(0).tolist()
                seconds = (time.perf_counter() - started) / len(recipes)
                for recipe, loss, last in zip(recipes, judged, trained, strict=True):
                    rows.append(_row(recipe, data, step, len(plan), loss, last, seconds, device))
    return rows


def _judge(parameters, width, data, device):
    """Validation loss of each model, (K,), summed in double precision."""
    at_once = max(1, _JUDGED_AT_ONCE // (CONTEXT * len(parameters)))
    total = np.zeros(len(parameters))
    for begin in range(0, len(data.validation), at_once):
        windows = torch.from_numpy(data.validation[begin : begin + at_once].astype(np.int64)).to(device)
        losses = loss_per_token(parameters, width, data.vocabulary, windows.expand(len(parameters), -1, -1))
        total += losses.double().cpu().numpy() * len(windows)
    return (total / len(data.validation)).tolist()


def _row(recipe, data, step, steps, loss, last, seconds, device):
    seen = step * TOKENS_PER_STEP
    shape = shape_of(recipe.width, context=CONTEXT, vocabulary=data.vocabulary)
    unique = min(seen, recipe.unique or seen)
    return {
        "N": shape.parameters_without_embeddings,
        "D": seen,
        "C": 6 * shape.parameters_without_embeddings * seen,
        "loss": round(loss, 6),
        "N_total": shape.parameters,
        "N_embedding": shape.embedding_parameters,
        "U": unique,
        "flop": shape.flop_per_token() * seen,
        "width": recipe.width,
        "steps": step,
        "run_steps": steps,
        "learning_rate": recipe.learning_rate,
        "rate_now": float(f"{recipe.rates()[step - 1]:.4g}"),
        "warmup": -1 if recipe.warmup is None else recipe.warmup,
        "horizon": recipe.horizon or recipe.tokens,
        "seed": recipe.seed,
        "note": recipe.note,
        "train_loss": round(last, 6),
        "seconds": round(seconds, 2),
        "source": data.name,
        "device": device,
        "torch": torch.__version__,
    }
