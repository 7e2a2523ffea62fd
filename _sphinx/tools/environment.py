"""The course's own environment: makes .venv, installs the pinned set, and says plainly what is missing.

Runs on the system's Python with its standard library alone. The syntax is kept old on purpose,
so that an old interpreter can still read this file and be told what it lacks.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 13)
INPUTS = ("requirements.txt", "constraints.txt", "pyproject.toml")

UNREACHABLE = re.compile(
    r"name resolution|Name or service not known|nodename nor servname|getaddrinfo|NewConnectionError"
    r"|Connection refused|Network is unreachable|No route to host|ConnectTimeout|Read timed out"
    r"|ProxyError|Connection aborted|Connection reset|Cannot connect to proxy|\(from versions: none\)",
    re.IGNORECASE,
)


class Missing(Exception):
    """Something the user has to provide; its text is the one line to show."""


def version_fault(version):
    """Return why a Python of this version cannot be used, or None."""
    if tuple(version[:2]) >= OLDEST:
        return None
    have = "{}.{}".format(*version[:2])
    for minor in (13, 12, 11):
        name = f"python3.{minor}"
        if shutil.which(name):
            return (
                f"Python {have} is too old: 3.11 or newer is needed. {name} is here: add PYTHON={name} to the command."
            )
    return (
        f"Python {have} is too old: install Python 3.11 or newer (Debian 12, Ubuntu 24.04 or newer have it) "
        "and name it with PYTHON=python3.12 if it is not called python3."
    )


def venv_fault(find=importlib.util.find_spec):
    """Return which part of the standard library Debian left out, or None."""
    if find("venv") is None or find("ensurepip") is None:
        return "Python cannot make environments here: install python3-venv (sudo apt install python3-venv)."
    return None


def install_fault(text, log):
    """Return the one line that says why pip failed, from what it wrote."""
    if UNREACHABLE.search(text):
        return (
            "The package index cannot be reached: check the network (or PIP_INDEX_URL and the proxy), "
            f"then run make again. Details: {log}"
        )
    if "No space left on device" in text:
        return f"The disk is full: the environment needs about 1 GB. Details: {log}"
    errors = re.findall(r"^\s*((?:ERROR|\w*Error): .*)$", text, re.MULTILINE)
    last = errors[-1].strip() if errors else "pip gave no reason"
    return f"The pinned packages could not be installed ({last[:200]}). Details: {log}"


def fingerprint(root):
    """Return a hash of all that the environment is made from, its place included."""
    digest = hashlib.sha256(str(root).encode())
    for name in INPUTS:
        digest.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def interpreter(root):
    """Return the environment's Python."""
    return root / ".venv" / "bin" / "python"


def made_with(root):
    """Return the (major, minor) an existing environment was made with, or None."""
    try:
        text = (root / ".venv" / "pyvenv.cfg").read_text()
    except OSError:
        return None
    found = re.search(r"^version\s*=\s*(\d+)\.(\d+)", text, re.MULTILINE)
    return (int(found.group(1)), int(found.group(2))) if found else None


def is_at_home(root):
    """Return whether the environment was made in this place: its scripts start the Python of the place they know."""
    try:
        return (root / ".venv" / "place").read_text().strip() == str(root)
    except OSError:
        return False


def is_ready(root, this_python):
    """Return whether the environment was finished from today's inputs."""
    stamp = root / ".venv" / "stamp"
    if not (stamp.is_file() and interpreter(root).exists()):
        return False
    if this_python and made_with(root) != sys.version_info[:2]:
        return False
    return stamp.read_text().strip() == fingerprint(root)


def works(root):
    """Return whether the environment's Python starts and has pip."""
    command = [str(interpreter(root)), "-c", "import pip, sys; assert sys.prefix != sys.base_prefix"]
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


class Progress:
    """One line about the work at hand: rewritten on a terminal, now and then in a log."""

    def __init__(self, stream=sys.stdout):
        self.stream, self.live = stream, stream.isatty()
        self.start = self.last = time.monotonic()

    def say(self, text, always=False):
        now = time.monotonic()
        if self.live:
            self.stream.write(f"\r\033[K{text} ({now - self.start:.0f} s)")
        elif always or now - self.last > 10:
            self.stream.write(f"{text} ({now - self.start:.0f} s)\n")
            self.last = now
        self.stream.flush()

    def end(self, text):
        self.stream.write(("\r\033[K" if self.live else "") + text + "\n")
        self.stream.flush()


def follow(command, log, progress, phase):
    """Run a command, keep its words in the log, show how far it is; return (code, words)."""
    environment = dict(os.environ)
    environment.setdefault("PIP_RETRIES", "2")
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(ROOT),
        env=environment,
        encoding="utf-8",
        errors="replace",
    )
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    words, collected = [], 0
    try:
        while True:
            try:
                line = lines.get(timeout=1)
            except queue.Empty:
                line = ""
            if line is None:
                break
            words.append(line)
            log.write(line)
            log.flush()
            if line.startswith("Collecting "):
                collected += 1
                phase = f"Downloading packages: {collected} so far"
            elif line.startswith("Installing collected packages"):
                phase = "Installing {} packages".format(line.count(",") + 1)
            progress.say(phase)
        return process.wait(), "".join(words)
    except BaseException:
        process.terminate()
        raise


def build(root, progress):
    """Make or mend the environment and stamp it; raise Missing with the line to show."""
    folder, log_path = root / ".venv", root / ".venv" / "install.log"
    if folder.is_symlink():  # clearing it would empty what another checkout works with
        raise Missing(f".venv is a link to {os.readlink(str(folder))}: remove the link and run make again.")
    stamp = folder / "stamp"
    if stamp.exists():
        stamp.unlink()
    if not is_at_home(root) or not works(root) or made_with(root) != sys.version_info[:2]:
        # The real interpreter, not one of an environment that is active in the shell.
        base = os.path.realpath(sys.executable)
        progress.say("Making .venv with Python {}.{}.{}".format(*sys.version_info[:3]), always=True)
        made = subprocess.run(
            [base, "-m", "venv", "--clear", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        if made.returncode != 0:
            line = ([text for text in made.stdout.splitlines() if text.strip()] or ["no reason given"])[-1]
            raise Missing(f"The environment .venv could not be made: {line.strip()}")
        (folder / "place").write_text(f"{root}\n")
    pip = [
        str(interpreter(root)),
        "-m",
        "pip",
        "--no-input",
        "--disable-pip-version-check",
        "install",
        "--progress-bar",
        "off",
    ]
    # The whole set, every file checked against its hash; requirements.txt is what it was resolved from.
    pinned = ["--require-hashes", "-r", str(root / "constraints.txt")]
    # The library in place, without its ranges (the pins stand) and with the pinned hatchling of .venv.
    library = ["--no-deps", "--no-build-isolation", "-e", str(root)]
    with open(str(log_path), "w", encoding="utf-8") as log:
        for words, phase in ((pinned, "Asking the package index"), (library, "Installing scalinglib")):
            code, text = follow(pip + words, log, progress, phase)
            if code != 0:
                raise Missing(install_fault(text, os.path.relpath(str(log_path))))
    partial = folder / "stamp.part"
    partial.write_text(fingerprint(root) + "\n")
    os.replace(str(partial), str(stamp))


def main(arguments=None):
    """Make sure the environment is ready; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the course's environment in .venv.")
    parser.add_argument(
        "--this-python",
        action="store_true",
        help="remake .venv when it was made with another Python than the one running this",
    )
    options = parser.parse_args(arguments)
    if is_ready(ROOT, options.this_python):
        return 0
    fault = version_fault(sys.version_info) or venv_fault()
    if fault:
        sys.stderr.write(fault + "\n")
        return 1
    if sys.version_info[:2] > NEWEST:
        sys.stderr.write("Python {}.{} is untested here; 3.11 to 3.13 are tested.\n".format(*sys.version_info[:2]))
    # Two makes at once would install over each other; the lock goes with the process.
    lock = os.open(str(ROOT), os.O_RDONLY)
    progress = Progress()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(ROOT, options.this_python):
            return 0
        build(ROOT, progress)
    except Missing as fault:
        progress.end("The environment is not ready.")
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        progress.end("Stopped; the next make goes on from here.")
        return 130
    except OSError as fault:
        progress.end("The environment is not ready.")
        sys.stderr.write(f"The environment .venv could not be made: {fault}\n")
        return 1
    finally:
        os.close(lock)
    progress.end("The environment .venv is ready.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
