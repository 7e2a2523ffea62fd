"""Process: the settings that a program trains under, and that it leaves as they were."""

from contextlib import contextmanager

import torch

__all__ = ["one_quick_thread"]


@contextmanager
def one_quick_thread():
    """One thread, and numbers too small for full precision taken as zero: Adam's squares are full of them.

    Afterwards they count again: whatever else runs in this process may need them.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
