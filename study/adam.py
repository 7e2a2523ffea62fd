"""Adam: the optimiser of the task programs, for tensors whose leading axis is the model.

Element by element it is the one of torch, whose import costs a second and a half: more than a smoke study.
"""

import math

import torch

__all__ = ["Adam"]

_BETA1, _BETA2, _EPSILON = 0.9, 0.99, 1e-8


class Adam:
    """Adam with decoupled weight decay over `tensors`, each (K, ...): K models that never see each other."""

    def __init__(self, tensors, *, weight_decay=0.0):
        self.tensors = [tensor.requires_grad_() for tensor in tensors]
        self._mean = [torch.zeros_like(tensor) for tensor in tensors]
        self._square = [torch.zeros_like(tensor) for tensor in tensors]
        self._decay = weight_decay
        self._steps = 0

    def step(self, losses, rate):
        """One step of size `rate` down the slope of each of the `losses`, (K,)."""
        slopes = torch.autograd.grad(losses.sum(), self.tensors)
        self._steps += 1
        size = rate * math.sqrt(1 - _BETA2**self._steps) / (1 - _BETA1**self._steps)
        with torch.no_grad():
            every = zip(self.tensors, slopes, self._mean, self._square, strict=True)
            for tensor, slope, mean, square in every:
                mean.lerp_(slope, 1 - _BETA1)
                square.lerp_(slope.square(), 1 - _BETA2)
                if self._decay:
                    tensor *= 1 - rate * self._decay
                tensor -= size * mean / (square.sqrt() + _EPSILON)
