"""The sandbox: a Python process that sees its own folder and the interpreter, and no network, host or right.

bubblewrap makes it, on Linux. The process has namespaces of its own, a file system that holds the interpreter, the
system's libraries and one small writable folder, no capabilities, the user id of nobody, a filter of system calls, and
limits on time, memory, processes and what it prints and writes.
"""

import contextlib
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .bubblewrap import GIVEN, call, environment, refusal
from .cells import LIMITS
from .seccomp import call_filter

__all__ = ["UNPROTECTED", "Limits", "Ran", "SandboxError", "run_python"]

UNPROTECTED = "run them unprotected"
_MOST_TOLD = 400_000  # bytes on the second channel
_KILLED = (-9, 128 + 9)  # by signal; and as bubblewrap says it of what it ran
_TICK = 0.05  # seconds between two looks at memory and processes


class SandboxError(OSError):
    """There is no sandbox here, or it did not start; the message says what would mend it."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a process may use.

    Attributes
    ----------
    seconds : float
        From its start to its end.
    memory : int
        Bytes, of one process and of all together.
    processes : int
        With threads, at a time.
    output : int
        Bytes that it prints.
    disk : int
        Bytes that it writes into its folder, and as many for passing files.
    """

    seconds: float = 120.0
    memory: int = 2 << 30
    processes: int = 32
    output: int = 10_000_000
    disk: int = 64 << 20


@dataclass(frozen=True)
class Ran:
    """How a process ended.

    Attributes
    ----------
    outcome : str
        "ended" by itself, or the limit at which it was stopped: "time", "memory", "processes" or "output".
    code : int
        Its exit code; of one that was stopped, minus the signal.
    told : bytes
        What it wrote to the second channel, where errors go.
    """

    outcome: str
    code: int
    told: bytes


def run_python(
    words: list[str], files: Mapping[str, bytes], *, limits: Limits | None = None, protected: bool = True
) -> Ran:
    """Run Python in the sandbox, with files that it finds in the folder which its last word names.

    Parameters
    ----------
    words : list of str
        For the interpreter; the folder of the files is added.
    files : mapping
        Name -> bytes; they are copied for it and cannot be changed.
    limits : Limits, optional
    protected : bool
        Whether in the sandbox; without it only limits hold, and the process can read, write and send what you can.

    Raises
    ------
    SandboxError
        Where no sandbox can be started.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="rerun-") as place, contextlib.ExitStack() as stack:
        inside = Path(place) / "in"
        inside.mkdir()
        for name, content in files.items():
            (inside / name).write_bytes(content)
            (inside / name).chmod(0o644)
        inside.chmod(0o755)  # read there by another user; the folder around it is closed to all others
        prepared = _protected if protected else _unprotected
        process = subprocess.Popen(
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **prepared(words, Path(place), limits, stack),
        )
        try:
            outcome, told = _watched(process, limits)
        finally:
            _end(process)
        return Ran(outcome, process.returncode, told)


def _protected(words, place, limits, stack):
    """What starts Python in the sandbox."""
    if shutil.which("bwrap") is None:
        raise SandboxError(refusal())
    filtered = None
    if known := call_filter():
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115, it closes with the stack
        stack.callback(file.close)
        file.write(known)
        file.seek(0)
        filtered = file.fileno()
    return {
        "args": call([*words, GIVEN], str(place / "in"), disk=limits.disk, calls=filtered),
        "env": environment() | _told(limits, limits.processes),
        "pass_fds": [] if filtered is None else [filtered],
    }


def _unprotected(words, place, limits, stack):
    """What starts it as any other process, in a folder that goes when it ends."""
    (place / "work").mkdir()
    own = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR"), str(place))
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    # a limit on processes would count all of the user's
    return {
        "args": [sys.executable, *words, str(place / "in")],
        "env": environment() | own | kept | _told(limits, "-"),
        "cwd": place / "work",
    }


def _told(limits, processes):
    allowed = limits.memory, processes, limits.disk, int(limits.seconds) + 1
    return {LIMITS: " ".join(map(str, allowed))}


def _watched(process, limits):
    """Wait for the end, or for a limit; and what was told until then."""
    told, printed, most, end = bytearray(), 0, 0, time.monotonic() + limits.seconds
    with selectors.DefaultSelector() as waiting:
        for stream in (process.stdout, process.stderr):
            os.set_blocking(stream.fileno(), False)
            waiting.register(stream, selectors.EVENT_READ)
        looked = 0.0
        while True:
            over = process.poll() is not None  # looked at before the last read, so that nothing is left unread
            for key, _ in waiting.select(0 if over else _TICK):
                got = key.fileobj.read(1 << 16)
                if not got:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    told += got
                else:
                    printed += len(got)
            if printed > limits.output or len(told) > _MOST_TOLD:
                return "output", bytes(told[:_MOST_TOLD])
            if over:
                # whom nobody here stopped the system may have, when its memory ran out before the limit was reached
                starved = process.returncode in _KILLED and most > limits.memory / 2
                return "memory" if starved else "ended", bytes(told)
            if time.monotonic() > end:
                return "time", bytes(told)
            if time.monotonic() - looked > _TICK:
                looked = time.monotonic()
                count, resident = _family(process.pid)
                if count > 2 * limits.processes:
                    return "processes", bytes(told)
                most = max(most, resident)
                if resident > limits.memory:
                    return "memory", bytes(told)
            if not waiting.get_map():
                time.sleep(_TICK)


def _family(first):
    """How many processes come from one, and the bytes of memory that they hold together, where /proc tells."""
    parents, sizes = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            rest = place.read_text(errors="replace").rpartition(")")[2].split()
            parents[int(place.parent.name)], sizes[int(place.parent.name)] = int(rest[1]), int(rest[21])
    children = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    found, left = [], [first]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], ())
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return len(found), page * sum(sizes.get(one, 0) for one in found)


def _end(process):
    """End it with all that it started: a namespace of processes goes with its first one, a group with a signal."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, 9)
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        stream.close()
