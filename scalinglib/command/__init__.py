"""The command line: ``python -m scalinglib fit``, ``plan`` and ``compare``."""

from .line import main

__all__ = ["main"]
