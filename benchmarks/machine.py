"""Machine: what the figures were measured on, in words that another machine can be compared with."""

import os
import platform
from pathlib import Path

__all__ = ["describe"]


def _processor():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = fields.get("model name") or platform.processor() or platform.machine()
    family, model = fields.get("cpu family"), fields.get("model")
    # A virtual machine may hide the name that it is sold under; family and model still tell it.
    return f"{name} (family {family}, model {model})" if family else name


def describe():
    """Return the processor, cores, Python and the libraries that do the arithmetic, as a dict."""
    import numpy as np
    import scipy.linalg  # numpy and scipy each bring a BLAS; one that is not loaded is not seen
    from threadpoolctl import threadpool_info

    blas = sorted(
        {f"{pool['internal_api']} {pool['version']}" for pool in threadpool_info() if pool["user_api"] == "blas"}
    )
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "blas": ", ".join(blas),
    }
