"""Running notebooks again: the graders are graded, with notebooks that are right, wrong, broken or hostile.

What a cell must not be able to do it tries itself and asserts that it failed: "yes" then means that it was contained.
"""

import json
import os
import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import HALF, drawn, founded, seat

REFUSED = classroom.refusal()
contained = pytest.mark.skipif(bool(REFUSED), reason=f"no sandbox here: {REFUSED.splitlines()[0] if REFUSED else ''}")

OPEN = "import scalinglib as sl\nwork = sl.classroom.open_assignment()"
RIGHT = 'work.answer("half", float(work.data.x[0]))'


def notebook(*cells, language="python"):
    held = [{"cell_type": "code", "source": cell, "metadata": {}, "id": f"c{k}"} for k, cell in enumerate(cells)]
    about = {"language_info": {"name": language}}
    return json.dumps({"cells": held, "metadata": about, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """One assignment, a class of two with their tables, and a folder of what they hand in."""
    founded(tmp_path, monkeypatch, {"half": HALF}, ["s1", "s2"])
    (tmp_path / "assignments/half/half.ipynb").write_text(
        json.dumps(
            {
                "cells": [
                    {"cell_type": "markdown", "source": "question: half", "metadata": {}, "id": "a"},
                    {"cell_type": "code", "source": RIGHT, "metadata": {"tags": ["solution"]}, "id": "b"},
                ],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    assert drawn() == 0
    return tmp_path


def hand_in(course, cells, *, student="s1", half=None, place=None):
    """The answers of a student, and a notebook beside them, from its cells or its bytes."""
    own = seat(course, student)
    x = float((course / "class/tables" / own.table).read_text().split()[1])
    folder = course / "handed" / (place or student)
    classroom.write_declared(folder, classroom.Declared("half", own.token, {"half": x if half is None else half}))
    path = folder / "half.ipynb"
    path.write_bytes(cells if isinstance(cells, bytes) else notebook(*cells))
    return path


def graded(course, *more):
    """id -> (points, reproduced), by the command."""
    words = ["grade", "--from", "handed", "--class", "class", "--out", "out", *more]
    assert main(words) == 0
    kept = classroom.read_record(course / "out/record.json").papers
    return {paper.seat.student: (paper.points, paper.reproduced) for paper in kept}


@contained
def test_a_notebook_that_declares_what_was_handed_in_is_reproduced(course, capsys):
    """Right or wrong answers alike: what they are worth is marked elsewhere, and one without a notebook is told."""
    hand_in(course, [OPEN, RIGHT])
    hand_in(course, [OPEN, 'work.answer("half", 99)'], student="s2", half=99)
    assert graded(course, "--rerun") == {"s1": (2, "yes"), "s2": (0, "yes")}
    assert "2 reproduced" in capsys.readouterr().out
    (course / "handed/s2/half.ipynb").unlink()
    assert graded(course, "--rerun") == {"s1": (2, "yes"), "s2": (0, "no: none")}
    assert "Reproduced from your notebook: yes." in (course / "out/reports/half/half-s1.html").read_text()
    page = (course / "out/class.html").read_text()
    assert "no: none" in page and "(s2)" in page


def told(folder, cells, **limits):
    """What running a notebook again says, without a class around it: its answer to "half" is one."""
    path = folder / "half.ipynb"
    path.write_bytes(cells if isinstance(cells, bytes) else notebook(*cells))
    (folder / "half.questions.txt").write_text(HALF)
    questions = classroom.read_questions(folder / "half.questions.txt")
    own = classroom.Declared("half", "a" * 16)
    form = {"assignment": "half", "practice": {}, "questions": [asdict(classroom.Asked.of(questions["half"]))]}
    files = {"half.form.json": json.dumps(form).encode(), f"half-{own.token}.csv": b"x\n1.0\n", **PRACTICE}
    limits = classroom.Limits(**{"memory": 1 << 30, **limits})
    return classroom.rerun(path, {"half": 1.0}, questions, files, answers_file=own.file, limits=limits)


PRACTICE = {"half-practice.csv": b"x\n0.5\n"}
BROKEN = {
    "other answers": ([OPEN, 'work.answer("half", 99)'], "no: differs"),
    "empty": ([], "no: answers"),
    "as it was given out": ([OPEN, 'work.answer("half", ...)'], "no: answers"),
    "crashing": ([OPEN, "1 / 0", RIGHT], "no: failed"),
    "a fault of grammar": (["answer ="], "no: failed"),
    "leaving": (["import sys\nsys.exit()", OPEN, RIGHT], "no: failed"),
    "ending its process": ([OPEN, RIGHT, "import os\nos._exit(0)"], "no: crashed"),
    "killing its process": (["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"], "no: crashed"),
    "memory at once": (["hold = bytearray(8 << 30)"], "no: memory"),
    "memory by and by": (["hold = []\nwhile True:\n    hold.append(bytearray(1 << 26))"], "no: memory"),
    "filling its folder": (["f = open('big', 'wb')\nwhile True:\n    f.write(bytes(1 << 20))"], "no: failed"),
    "filling all there is": (
        [
            "import itertools\nfor k in itertools.count():\n    for place in ('/tmp', '/dev/shm', '.'):\n"
            "        open(f'{place}/{k}', 'wb').write(bytes(1 << 20))"
        ],
        "no: failed",
    ),
    "huge output": (["while True:\n    print('x' * 100_000)"], "no: output"),
    "huge complaints": (["import sys\nwhile True:\n    sys.stderr.write('x' * 100_000)"], "no: output"),
    "another kernel": (notebook(OPEN, RIGHT, language="julia"), "no: kernel"),
    "not a notebook": (b"answer = 1", "no: notebook"),
    "an archive": (b"PK\x03\x04\x00\xff" * 100, "no: notebook"),
    "a list": (b"[]", "no: notebook"),
    "no cells": (b'{"metadata": {}}', "no: notebook"),
    "cells of numbers": (b'{"metadata": {}, "cells": [1]}', "no: notebook"),
    "deep": (b"[" * 100_000, "no: notebook"),
    "too big": (b" " * 21_000_000, "no: notebook"),
    "half a letter": (notebook(OPEN, "x = '\ud800'", RIGHT), "no: failed"),
}


@contained
@pytest.mark.parametrize("kind", BROKEN)
def test_a_notebook_that_does_not_reproduce_says_why_in_a_word(tmp_path, kind):
    """Each has its word: the limit that it reached, or how its cells or its file failed."""
    cells, expected = BROKEN[kind]
    assert told(tmp_path, cells) == expected


@contained
def test_a_word_for_why_changes_no_mark(course):
    """Points stay what the answers are worth, and the other student's notebook is run as well."""
    hand_in(course, [OPEN, "1 / 0", RIGHT])
    hand_in(course, b"answer = 1", student="s2")
    assert graded(course, "--rerun") == {"s1": (2, "no: failed"), "s2": (2, "no: notebook")}


@contained
def test_whom_the_system_kills_while_memory_is_short_had_too_much(tmp_path, monkeypatch):
    """A machine under load may run out before the limit is reached, and then a signal comes from outside."""
    cell = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr("scalinglib.classroom.sandbox._family", lambda _: (1, 900 << 20))
    assert told(tmp_path, [cell]) == "no: memory"


ENDLESS = {
    "endless": "while True: pass",
    "asleep": "import time\ntime.sleep(1e9)",
    "deaf": "import signal, time\nfor k in range(1, 32):\n    try: signal.signal(k, signal.SIG_IGN)\n"
    "    except OSError: pass\ntime.sleep(1e9)",
    "forking": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "threads": "import threading as th, time\nwhile True:\n    try: th.Thread(target=time.sleep, args=(9e8,)).start()\n"
    "    except RuntimeError: pass",
}


@contained
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_does_not_end_is_ended_with_all_that_it_started(tmp_path, kind):
    """A loop, a sleep, a bomb of forks: stopped at the time that it has, and no process of it is left."""
    cells = ["import subprocess\nsubprocess.Popen(['sleep', '86397'])", ENDLESS[kind]]
    assert told(tmp_path, cells, seconds=8, memory=classroom.Limits.memory) == "no: time"
    assert not left("86397")


def left(word):
    """Whether a process with the word in its call is left; the kernel may need a moment to end it."""
    for _ in range(600):
        calls = [Path(f"/proc/{one}/cmdline") for one in os.listdir("/proc") if one.isdigit()]
        if not any(word.encode() in read(path) for path in calls):
            return False
        time.sleep(0.1)
    return True


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contained
def test_processes_that_are_many_and_each_small_are_too_much_together(tmp_path):
    """A limit of one process's memory is not got around by children."""
    cell = "import os, time\nfor k in range(6):\n    if not os.fork():\n        hold = bytearray(b'x') * (200 << 20)\n"
    assert told(tmp_path, [cell + "        time.sleep(1e9)\ntime.sleep(1e9)"], memory=700 << 20) == "no: memory"


CONTAINED = {
    "file-writing": """
import pathlib
places = ["/x", "/dev/x", "/usr/x", "/etc/x", "/given/x", "/proc/sys/kernel/hostname", "{home}/x", "{here}/x"]
for place in [*places, sl.__file__]:
    try:
        pathlib.Path(place).write_text("1")
    except OSError:
        continue
    raise AssertionError(place)
""",
    "test-reading": """
import os, pathlib
seen = {{one for place, _, names in os.walk("/") if not place.startswith(("/proc", "/sys")) for one in names}}
assert not any(one.endswith((".questions.txt", "-solution.ipynb")) for one in seen)
assert not {{"tokens.csv", "roster.csv"}} & seen
assert not any(one.startswith("test_classroom") for one in seen)
for place in ("/etc/passwd", "/etc/shadow", "{here}", "{here}/class/tokens.csv", "{home}/.ssh", "/proc/1/root/etc"):
    try:
        assert not pathlib.Path(place).exists(), place
    except PermissionError:
        pass
assert len(list(pathlib.Path(".").glob("half-*.csv"))) == 2
""",
    "looking at the grader": """
import os
assert "SECRET" not in os.environ and "PATH" in os.environ
assert not [one for one in os.environ.values() if "secret" in one]
calls = [open(f"/proc/{{one}}/cmdline").read() for one in os.listdir("/proc") if one.isdigit()]
assert len(calls) < 5 and not [one for one in calls if "pytest" in one or "--rerun" in one]
""",
    "taking rights": """
import ctypes, os
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert all(int(status[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
assert int(status["NoNewPrivs"]) == 1 and os.getuid() != 0 and os.getgid() != 0
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000, 0x40000000):  # a user, a mount, a network namespace
    assert libc.unshare(flag) == -1
assert libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == -1
assert libc.ptrace(16, 1, 0, 0) == -1
for become in (os.setuid, os.setgid):
    try:
        become(0)
    except OSError:
        continue
    raise AssertionError(become)
""",
    "the host behind a virtual machine": """
import socket
for family in (16, 38, 40):  # the kernel's own, its ciphers, the host of a virtual machine
    try:
        socket.socket(family, socket.SOCK_STREAM if family == 40 else socket.SOCK_RAW)
    except OSError:
        continue
    raise AssertionError(family)
""",
    "a server of this machine, the network, a name, its reader": """
import socket
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", {port}), 5),
    lambda: socket.create_connection(("192.0.2.1", 80), 5),
    lambda: socket.getaddrinfo("example.org", 80),
    input,
):
    try:
        attempt()
    except (OSError, EOFError, RuntimeError, NotImplementedError):
        continue
    raise AssertionError(attempt)
""",
    "killing everything": """
import os, signal
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    pass
""",
    "leaving something behind": """
import subprocess, threading, time
subprocess.Popen(["sleep", "86396"], start_new_session=True)
threading.Thread(target=time.sleep, args=(1e9,)).start()
""",
    "patching the library": """
import builtins, json, scalinglib.classroom.marking as marking, scalinglib.classroom.cells as cells
marking.mark = cells.main = cells._run = lambda *_: 99
json.load = lambda *_: {{"points": 99}}
""",
    "a picture": """
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
""",
    "installing": "%pip install nothing-of-this-name",
    "a shell": "!echo hello",
    "waiting at the top": "import asyncio\nawait asyncio.sleep(0)",
}


@contained
def test_a_notebook_is_contained_and_what_an_honest_one_needs_works(course):
    """Nothing outside is written, read, called or killed; pictures, magics and a shell are no fault."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {"home": Path.home(), "here": course, "port": server.getsockname()[1]}
        cells = {kind: text.format(**places) for kind, text in CONTAINED.items()}
        hand_in(course, [OPEN, RIGHT, *cells.values()])
        before = set(course.rglob("*"))
        came = graded(course, "--rerun")["s1"]
        made = set(course.rglob("*")) - before
        if came != (2, "yes"):  # one by one, to say which
            (course / "alone").mkdir()
            wrong = {kind: told(course / "alone", [OPEN, RIGHT, cell]) for kind, cell in cells.items()}
            raise AssertionError(f"{came}: {wrong}")
    assert all(path == course / "out" or course / "out" in path.parents for path in made)
    assert not left("86396")


FORGED = {
    "by hand": 'import glob\nfor one in glob.glob("half-*.csv"):\n    open(one[:-3] + "answers.json", "w").write("{}")',
    "with points": (
        'import glob, json\ntoken = next(n for n in glob.glob("half-*.csv") if "practice" not in n)[5:-4]\n'
        'held = {"assignment": "half", "token": token, "answers": {"half": 99}, "points": 99}\n'
        'open(f"half-{token}.answers.json", "w").write(json.dumps(held))'
    ),
    "on the channel": (
        "import os\nfor k in range(3, 64):\n    try: os.write(k, b'ran\\n{}')\n    except OSError: pass\nos._exit(0)"
    ),
}


@contained
@pytest.mark.parametrize("kind", FORGED)
def test_forging_declares_answers_and_earns_nothing(tmp_path, kind):
    """Neither the file of answers nor the channel on which they are told can say more than a declaration does."""
    assert told(tmp_path, [FORGED[kind]]) == "no: answers"


@contained
def test_a_link_is_not_followed(course):
    """A link to the notebook of somebody else, or to any file, is told as one."""
    path = hand_in(course, [OPEN, RIGHT])
    path.rename(course / "elsewhere.ipynb")
    path.symlink_to(course / "elsewhere.ipynb")
    assert graded(course, "--rerun")["s1"] == (2, "no: link")


@contained
def test_in_one_folder_for_all_a_notebook_is_whose_table_it_names(course):
    """As platforms pack them: by the token in its outputs; one that names none belongs to nobody."""
    seats = {one.student: one for one in classroom.read_class(course / "class")}
    for student in ("s1", "s2"):
        path = hand_in(course, [OPEN, RIGHT], student=student)
        named = json.loads(path.read_text())
        named["cells"].append({"cell_type": "markdown", "source": f"half: table {seats[student].token}, 1 rows"})
        (course / f"handed/{student}_123_half.ipynb").write_text(json.dumps(named))
        path.unlink()
        for file in path.parent.iterdir():
            file.rename(course / "handed" / file.name)
    (course / "handed/nobody.ipynb").write_bytes(notebook(OPEN))
    assert graded(course, "--rerun") == {"s1": (2, "yes"), "s2": (2, "yes")}
    assert "nobody.ipynb: a notebook that names no table of this class" in (course / "out/class.html").read_text()


@contained
def test_what_was_run_is_kept_and_only_the_rest_is_run(course, monkeypatch):
    """After a stop, or for one that was handed in anew; who was out of time is tried again with more of it."""
    hand_in(course, [OPEN, RIGHT])
    hand_in(course, ["import time\ntime.sleep(1e9)"], student="s2")
    assert graded(course, "--rerun", "--seconds", "10") == {"s1": (2, "yes"), "s2": (2, "no: time")}
    ran, run = [], classroom.rerun
    monkeypatch.setattr(
        sys.modules[run.__module__], "rerun", lambda path, *a, **k: ran.append(path.parent.name) or "yes"
    )
    assert graded(course, "--rerun", "--seconds", "10")["s2"] == (2, "no: time") and ran == []
    assert graded(course)["s2"] == (2, "no: time") and ran == []
    assert graded(course, "--rerun", "--seconds", "11")["s2"] == (2, "yes") and ran == ["s2"]
    hand_in(course, [OPEN, RIGHT, "1"])
    assert graded(course) == {"s1": (2, ""), "s2": (2, "yes")}
    assert graded(course, "--rerun", "--seconds", "11")["s1"] == (2, "yes") and ran == ["s2", "s1"]


@pytest.fixture
def no_bubblewrap(tmp_path, monkeypatch):
    """A machine on which a program of this name, if any, is what `said` makes it say before it fails."""

    def made(said=None):
        folder = tmp_path / "path"
        folder.mkdir(exist_ok=True)
        if said:
            (folder / "bwrap").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
            (folder / "bwrap").chmod(0o755)
            (folder / "setpriv").write_text("#!/bin/sh\n")
            (folder / "setpriv").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return made


def test_without_a_sandbox_nothing_is_run_unless_told_so_in_words(course, capsys, no_bubblewrap):
    """It says what to install; the words are exact, and then it runs."""
    no_bubblewrap()
    hand_in(course, [f"open({str(course / 'proof')!r}, 'w').write('ran')", OPEN, RIGHT])
    words = ["grade", "--from", "handed", "--class", "class", "--out", "out", "--rerun"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "no notebook is run without a sandbox: " in said and "--unprotected 'run them unprotected'" in said
    if sys.platform == "linux":
        assert "sudo apt install bubblewrap" in said
    for wrong in ("yes", "", "Run them unprotected"):
        assert main([*words, "--unprotected", wrong]) == 2
    assert not (course / "proof").exists() and not (course / "out").exists()
    assert main([*words, "--unprotected", "run them unprotected"]) == 0
    assert (course / "proof").exists()
    assert classroom.read_record(course / "out/record.json").papers[0].reproduced == "yes"


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is of Linux")
@pytest.mark.parametrize(
    ("user", "said", "expected"),
    [
        (1000, "bwrap: setting up uid map: Permission denied", "profile bwrap /usr/bin/bwrap flags=(unconfined)"),
        (1000, "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "systemctl reload apparmor"),
        (1000, "bwrap: Creating new namespace failed: Operation not permitted", "kernel.unprivileged_userns_clone=1"),
        (0, "bwrap: Creating new namespace failed: Operation not permitted", "--cap-add SYS_ADMIN"),
        (1000, "bwrap: Unknown option --size", "bubblewrap does not start: bwrap: Unknown option --size"),
    ],
)
def test_a_system_that_forbids_namespaces_is_told_with_its_mend(monkeypatch, no_bubblewrap, user, said, expected):
    """Ubuntu's ban, a container, a bubblewrap that is too old: the words name what failed and what to write where."""
    no_bubblewrap(said)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    told = classroom.refusal()
    assert expected in told and said in told


@contained
@contained
def test_who_handed_in_twice_has_the_notebook_beside_the_answers_that_count(course):
    """An older folder with an older notebook does not stand in the way."""
    hand_in(course, [OPEN, 'work.answer("half", 99)'], place="old", half=99)
    hand_in(course, [OPEN, RIGHT], place="new")
    for path in (course / "handed/old").iterdir():
        os.utime(path, (1, 1))
    assert graded(course, "--rerun")["s1"] == (2, "yes")


@pytest.mark.parametrize(
    ("second", "expected"),
    [([1.0, 2.0], "yes"), ("1.01 2", "yes"), ([1.0, 2.1], "no: differs"), ([1.0], "no: answers")],
)
def test_several_numbers_in_one_answer_are_compared_each(tmp_path, second, expected):
    """The ends of intervals from a bootstrap without a seed are the same within two hundredths."""
    asked = classroom.Question("ends", 1, "numbers", words=2)
    held = {"assignment": "a", "token": "practice", "answers": {"ends": second} if len(second) > 1 else {}}
    (tmp_path / "n.ipynb").write_bytes(notebook(f"open('a.json', 'w').write({json.dumps(held)!r})"))
    told = classroom.rerun(
        tmp_path / "n.ipynb", {"ends": "1 2"}, classroom.Questions("q", (asked,)), {}, answers_file="a.json"
    )
    assert told == expected


def test_the_filter_of_calls_is_right_for_both_processors():
    """Every jump lands inside, and each path ends in an answer; namespaces are refused, and sockets of IP are not."""
    from scalinglib.classroom.seccomp import call_filter

    for machine, arch, unshare, clone, sock, read_ in (
        ("x86_64", 0xC000003E, 272, 56, 41, 0),
        ("aarch64", 0xC00000B7, 97, 220, 198, 63),
    ):
        asked = [
            ((arch, unshare, 0), 0x50001),
            ((arch, clone, 0x10000000), 0x50001),
            ((arch, clone, 17), 0x7FFF0000),
            ((arch, 435, 0), 0x50000 | 38),
            ((arch, 425, 0), 0x50001),
            ((arch, sock, 2), 0x7FFF0000),
            ((arch, sock, 40), 0x50001),
            ((arch, read_, 0), 0x7FFF0000),
            ((arch ^ 1, read_, 0), 0x80000000),
            ((arch, 0x40000000 | unshare, 0), 0x50001),
        ]
        for call, expected in asked:
            assert answered(call_filter(machine), *call) == expected, (machine, call)


def answered(program, arch, number, first):
    """What the kernel would answer: a reader of the few instructions that the filter has."""
    lines = [
        (int.from_bytes(program[k : k + 2], sys.byteorder), program[k + 2], program[k + 3], program[k + 4 : k + 8])
        for k in range(0, len(program), 8)
    ]
    held, place = 0, 0
    while True:
        code, then, otherwise, raw = lines[place]
        value = int.from_bytes(raw, sys.byteorder)
        place += 1
        if code == 0x20:
            held = {0: number, 4: arch, 16: first}[value]
        elif code == 0x06:
            return value
        else:
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            place += then if holds else otherwise
