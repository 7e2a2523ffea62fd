"""bubblewrap: how it is called, whether it can be had here, and what mends it where it cannot."""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["GIVEN", "call", "environment", "refusal"]

_FOLDER, GIVEN = "/notebook", "/given"
_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share")
_ROOTS = ("/bin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
_PARTS = ("bin", "lib", "lib64", "share", "pyvenv.cfg")  # of an interpreter; its folder may hold a course as well
_PROFILE = """abi <abi/4.0>,
include <tunables/global>
profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
  include if exists <local/bwrap>
}"""
_users = itertools.count()


def refusal() -> str:
    """Why nothing can be contained here and what mends it; empty where a trial runs as it should."""
    if not sys.platform.startswith("linux"):
        return "the sandbox is made by bubblewrap, which is for Linux: grade there, or in a virtual machine or WSL 2"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: sudo apt install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "setpriv is not installed, and without it a process of root's stays root: sudo apt install util-linux"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            call(["-c", "print('works')"], folder, disk=1 << 20),
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(),
        )
    return "" if tried.stdout == "works\n" else _mended(tried.stderr)


def environment() -> dict[str, str]:
    """The whole environment of a process in the sandbox: nothing of the caller's is in it."""
    ours = str(Path(__file__).resolve().parents[2])
    libraries = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": _FOLDER,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "PIP_NO_INDEX": "1",  # or it would try the network for a quarter of a minute
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([ours, *libraries])),
        **threads,
    }


def call(words: list[str], inside: str, *, disk: int, calls: int | None = None) -> list[str]:
    """The call of bubblewrap with Python and its words at the end.

    Parameters
    ----------
    words : list of str
        For the interpreter.
    inside : str
        The folder that is found under `GIVEN`.
    disk : int
        Bytes of the folder in which it runs.
    calls : int, optional
        An open file with the filter of system calls.
    """
    held = {path: path for path in (*_SYSTEM, *_ROOTS, *_SETTINGS) if os.path.exists(path)}
    for prefix in dict.fromkeys([sys.prefix, sys.base_prefix]):
        held |= {f"{prefix}/{part}": f"{prefix}/{part}" for part in _PARTS if os.path.exists(f"{prefix}/{part}")}
    for path in [str(Path(__file__).resolve().parents[1]), *environment()["PYTHONPATH"].split(os.pathsep)[1:]]:
        held[path] = path
    # what lies in a folder that is there already is there already
    held = {path: real for path, real in held.items() if not any(str(one) in held for one in Path(path).parents)}
    parents = sorted({str(one) for path in held for one in Path(path).parents} - {"/"})
    line = [shutil.which("bwrap"), "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    line += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    line += ["--proc", "/proc", "--dev", "/dev"]
    for path in (_FOLDER, "/tmp", "/dev/shm"):  # before all else: an interpreter may lie under /tmp
        line += ["--perms", "1777", "--size", str(disk if path == _FOLDER else disk // 2), "--tmpfs", path]
    # whoever makes a folder on the way makes it for root alone
    line += [word for path in parents for word in ("--perms", "0755", "--dir", path)]
    for path in held:
        link = path in _ROOTS and os.path.islink(path)
        line += ["--symlink", os.readlink(path), path] if link else ["--ro-bind", os.path.realpath(path), path]
    line += ["--ro-bind", inside, GIVEN]
    # both are of memory, and of no size that anybody has set
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", _FOLDER]
    line += ["--seccomp", str(calls)] if calls is not None else []
    if os.geteuid() == 0:
        # with a user namespace, setpriv could become nobody else
        # two who grade at once would share a user, and its processes are counted together
        user = str(60_600 + (101 * os.getpid() + next(_users)) % 500)
        line += [word for right in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{right}")]
        line += ["--", os.path.realpath(shutil.which("setpriv")), "--reuid", user, "--regid", user, "--clear-groups"]
        line += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"]
    else:
        line += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    return [*line, "--", sys.executable, *words]


def _mended(said):
    """What mends a trial that failed, from what bubblewrap said."""
    first = (said.strip().splitlines() or ["it says nothing"])[0]
    if os.geteuid() == 0:
        return (
            f"bubblewrap does not start ({first}); a container needs the right to make namespaces: grade outside, or "
            "start it with --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
        )
    if any(word in said for word in ("uid map", "RTM_NEWADDR", "new namespace", "permissions to create")):
        return (
            f"this system forbids ordinary users their namespaces ({first}), as Ubuntu does from 23.10 on; write into "
            f"/etc/apparmor.d/bwrap\n\n{_PROFILE}\n\nand then: sudo systemctl reload apparmor. Elsewhere "
            "sudo sysctl -w kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=10000; or grade as root"
        )
    return f"bubblewrap does not start: {first}"
