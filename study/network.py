"""Network: a small transformer, many of one width at once along a leading axis.

K models of one shape are K slices of one tensor of parameters (K, P), so that training several costs
little more than training one, and the same code fills a GPU. Norms have no gains and positions no
parameters: the matrices are all there is, 12 L d^2 in the layers and V d each for reading and writing.
"""

import torch
from torch.nn import functional

from scalinglib.accounting import TransformerShape

__all__ = ["LAYERS", "initial", "loss_per_token", "shape_of"]

LAYERS = 2
# One head a layer: for these widths a second one doubles the time. What it subtracts from the score of
# a symbol one place further back (ALiBi):
_RECENCY = 0.25


def shape_of(width, *, context, vocabulary):
    """The TransformerShape that counts this network's parameters and FLOP."""
    return TransformerShape(layers=LAYERS, width=width, context=context, vocabulary=vocabulary, heads=1, tied=False)


def _matrices(d, vocabulary):
    layer = ((d, 3 * d), (d, d), (d, 4 * d), (4 * d, d))
    return ((vocabulary, d), *(LAYERS * layer), (d, vocabulary))


def initial(d, vocabulary, seeds, device="cpu"):
    """Parameters (K, P), one row a seed: matrices scaled by fan-in, those that write start at zero."""
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        parts = []
        for place, (inputs, outputs) in enumerate(_matrices(d, vocabulary)):
            values = torch.randn(inputs, outputs, generator=generator) / inputs**0.5
            writes = place > 0 and (place % 2 == 0 or place == 4 * LAYERS + 1)
            parts.append((torch.zeros_like(values) if writes else values).flatten())
        rows.append(torch.cat(parts))
    return torch.stack(rows).to(device)


def _norm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


def _shift(x, windows):
    """Take half of the channels from the previous position: without it small models stay at bigrams."""
    K, tokens, d = x.shape
    x = x.view(K, windows, tokens // windows, d)
    before = functional.pad(x[..., : d // 2], (0, 0, 1, 0))[:, :, :-1]
    return torch.cat((before, x[..., d // 2 :]), dim=-1).view(K, tokens, d)


def _bias(context, device):
    """What is added to the scores, (T, T): less the further back, and nothing of the future."""
    place = torch.arange(context, device=device)
    distance = place[:, None] - place[None, :]
    return torch.where(distance >= 0, -_RECENCY * distance, float("-inf"))


def _scores(parameters, d, vocabulary, tokens):
    """Logits (K, B T, V) of `tokens` (K, B, T)."""
    K, B, T = tokens.shape
    shapes = _matrices(d, vocabulary)
    flat = parameters.split([rows * columns for rows, columns in shapes], dim=1)
    matrices = [part.view(K, *shape) for part, shape in zip(flat, shapes, strict=True)]
    models = torch.arange(K, device=tokens.device)[:, None, None]
    x = functional.embedding(tokens + models * vocabulary, matrices[0].reshape(K * vocabulary, d)).view(K, B * T, d)
    bias = _bias(T, tokens.device)
    for layer in range(LAYERS):
        read, write, widen, narrow = matrices[1 + 4 * layer : 5 + 4 * layer]
        query, key, value = (_shift(_norm(x), B) @ read).view(K * B, T, 3 * d).split(d, dim=-1)
        attention = torch.softmax(query * d**-0.5 @ key.transpose(-1, -2) + bias, dim=-1)
        x = x + (attention @ value).view(K, B * T, d) @ write
        x = x + functional.relu(_shift(_norm(x), B) @ widen).square() @ narrow
    return _norm(x) @ matrices[-1]


def loss_per_token(parameters, d, vocabulary, windows):
    """Mean cross-entropy in nats, (K,), of predicting each symbol of `windows` (K, B, T + 1) but the first."""
    K = len(windows)
    scores = _scores(parameters, d, vocabulary, windows[:, :, :-1])
    each = functional.cross_entropy(scores.view(-1, vocabulary), windows[:, :, 1:].reshape(-1), reduction="none")
    return each.view(K, -1).mean(1)
