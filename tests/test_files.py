"""Files are written whole: all of a set or none, with the modes of any new file, one writer after the other."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scalinglib.files import write_whole

NAMES = ("figure.png", "report.html", "law.json")
NEW = dict.fromkeys(NAMES, b"new content")

# Stops for good at the second draft, as a kill would, with the first whole and the second half written.
KILLED = """
import os, sys
from pathlib import Path
from scalinglib import files
write, calls = Path.write_bytes, []
def dying(path, content):
    calls.append(path)
    write(path, content[:2] if len(calls) == 2 else content)
    if len(calls) == 2:
        os._exit(9)
Path.write_bytes = dying
files.write_whole(sys.argv[1], dict.fromkeys(sys.argv[2:], b"new content"))
"""


# Stops for good before the step that is named by its number, a removal or a renaming.
KILLED_BETWEEN = """
import os, sys
from scalinglib import files
steps = []
def dying(step):
    def one(*paths):
        steps.append(step)
        if len(steps) == int(sys.argv[2]):
            os._exit(9)
        return step(*paths)
    return one
os.remove, os.replace = dying(os.remove), dying(os.replace)
files.write_whole(sys.argv[1], dict.fromkeys(sys.argv[3:], b"new content"))
"""


def held(folder):
    """Name -> bytes of what is in a folder."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.mark.parametrize("there", [False, True], ids=["new folder", "folder that exists"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left")], ids=["Ctrl-C", "full disk"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_stop_changes_nothing(there, stop, at, tmp_path, monkeypatch):
    """Stopped at any file, a new folder does not appear, and in an old one all files are the old ones."""
    place, calls, write = tmp_path / "law", [], Path.write_bytes
    old = dict.fromkeys(NAMES, b"old") if there else {}
    if there:
        write_whole(place, old)

    def stopping(path, content):
        calls.append(path)
        write(path, content[:2])
        if len(calls) == at:
            raise stop
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", stopping)
    with pytest.raises(type(stop)) as caught:
        write_whole(place, NEW)
    if isinstance(stop, OSError):  # the file itself is named, not its draft
        assert caught.value.filename == str(place / NAMES[at - 1])
    assert (held(place) if there else os.listdir(tmp_path)) == (old or [])


def test_a_killed_write_leaves_the_old_files_and_the_next_one_cleans_up(tmp_path):
    """After a kill at the second draft the three files are still of one fit; the next write leaves no draft."""
    old = dict.fromkeys(NAMES, b"old")
    write_whole(tmp_path, old | {"mine.part": b"kept", ".mine.part": b"kept"})
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), *NAMES])
    assert done.returncode == 9
    left = held(tmp_path)
    assert {name: left[name] for name in NAMES} == old
    assert sum(name.endswith(".part") for name in left) == 4
    write_whole(tmp_path, NEW)
    assert held(tmp_path) == NEW | {"mine.part": b"kept", ".mine.part": b"kept"}


@pytest.mark.parametrize("step", range(1, 8))
def test_no_kill_leaves_files_of_two_writes(step, tmp_path):
    """Killed at any step of putting files in place, all that stand there are of one write; the last step needs none."""
    write_whole(tmp_path, dict.fromkeys(NAMES, b"old"))
    done = subprocess.run([sys.executable, "-c", KILLED_BETWEEN, str(tmp_path), str(step), *NAMES])
    assert done.returncode == (9 if step < 7 else 0)
    left = [content for name, content in held(tmp_path).items() if name in NAMES]
    assert len(set(left)) <= 1
    assert step < 7 or left == [b"new content"] * 3
    write_whole(tmp_path, NEW)
    assert held(tmp_path) == NEW


def test_what_is_there_is_kept_unless_replaced(tmp_path):
    """Without `replace` one file that is there keeps the others from being written; a folder of its name does too."""
    write_whole(tmp_path, {"report.html": b"old"})
    with pytest.raises(FileExistsError, match=r"report\.html exists"):
        write_whole(tmp_path, NEW, replace=False)
    assert held(tmp_path) == {"report.html": b"old"}
    (tmp_path / "law.json").mkdir()
    with pytest.raises(IsADirectoryError, match=r"law\.json"):
        write_whole(tmp_path, NEW)
    assert sorted(os.listdir(tmp_path)) == ["law.json", "report.html"]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("there", [False, True], ids=["new folder", "folder that exists"])
def test_writers_of_one_folder_go_one_after_the_other(replace, there, tmp_path):
    """Of several that write into a folder at a time, one wins where nothing may be replaced; no two are mixed."""
    place, wrote, barrier = tmp_path / "law", [], threading.Barrier(6)
    if there:
        place.mkdir()

    def writer(word):
        barrier.wait()
        try:
            write_whole(place, dict.fromkeys(NAMES, word), replace=replace)
            wrote.append(word)
        except FileExistsError:
            assert not replace

    threads = [threading.Thread(target=writer, args=(bytes([65 + place]),)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrote) == (6 if replace else 1)
    found = held(place)
    assert sorted(found) == sorted(NAMES) and len(set(found.values())) == 1
    assert replace or set(found.values()) == set(wrote)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_modes_come_from_the_umask(umask, mode, tmp_path):
    """Who may read a new file is as of any other new file: a cache that a group shares can be read by the group."""
    before = os.umask(umask)
    try:
        (path,) = write_whole(tmp_path / "cache", {"table.csv": b"N,D\n"})
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode
