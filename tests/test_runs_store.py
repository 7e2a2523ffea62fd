"""Where a public table is looked for, fetched to and checked, with a server on this machine."""

import dataclasses
import hashlib
import http.server
import threading

import pytest

from scalinglib import runs
from scalinglib.runs import store
from scalinglib.runs.public import PUBLIC

CSV = b"x,y,color,Model Size,Training FLOP,hex_color,loss\n1,2,#000000,1e9,6e19,#000000,2.5\n"
NAME, FILE = "chinchilla", "chinchilla_runs_epoch.csv"


class Server:
    """Serves what is put into `.pages`, and remembers what was asked for."""

    def __init__(self):
        self.pages, self.asked = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                content = outer.pages.get(self.path)
                self.send_response(404 if content is None else 200)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch):
    """A server on loopback, reached without any proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    serving = Server()
    yield serving
    serving.close()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache, and no data folder."""
    monkeypatch.delenv("SCALINGLIB_DATA", raising=False)
    monkeypatch.setenv("SCALINGLIB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pinned(monkeypatch, server, cache):
    """The chinchilla table, pinned to one row on the server of this machine."""
    server.pages["/table.csv"] = CSV
    card = dataclasses.replace(
        PUBLIC[NAME].card, address=f"{server.address}/table.csv", sha256=hashlib.sha256(CSV).hexdigest(), rows=1
    )
    monkeypatch.setitem(PUBLIC, NAME, dataclasses.replace(PUBLIC[NAME], card=card))
    return card


def files(folder):
    """Everything under a folder, hidden files too."""
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_download_once(pinned, server, cache):
    """A table is downloaded once, kept in the cache, and read from there afterwards."""
    assert runs.load(NAME).loc[0, "D"] == 6e19 / 6e9
    assert files(cache) == [FILE]
    server.pages.clear()
    assert len(runs.load(NAME)) == 1
    assert server.asked == ["/table.csv"]


def test_fetch_gives_the_path(pinned, cache):
    """fetch downloads into the cache and says where."""
    assert runs.fetch(NAME) == {NAME: cache / FILE}
    assert (cache / FILE).read_bytes() == CSV


def test_download_prints_nothing(pinned, capfd):
    """Neither output nor error stream says whether a table was downloaded: notebooks must not differ."""
    runs.load(NAME)
    assert capfd.readouterr() == ("", "")


def test_data_folder_comes_first(pinned, server, cache, monkeypatch, tmp_path):
    """A file in the folder of SCALINGLIB_DATA is read, and nothing is downloaded or cached."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / FILE).write_bytes(CSV)
    monkeypatch.setenv("SCALINGLIB_DATA", str(folder))
    assert len(runs.load(NAME)) == 1
    assert runs.fetch(NAME) == {NAME: folder / FILE}
    assert server.asked == []
    assert files(cache) == []


def test_data_folder_without_the_file(pinned, server, cache, monkeypatch, tmp_path):
    """A data folder that lacks the file does not stand in the way of the download."""
    monkeypatch.setenv("SCALINGLIB_DATA", str(tmp_path))
    assert len(runs.load(NAME)) == 1
    assert files(cache) == [FILE]


def test_a_wrong_file_in_the_data_folder(pinned, server, cache, monkeypatch, tmp_path):
    """A file of another hash is refused with both hashes, left as it is, and not replaced by a download."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / FILE).write_bytes(b"x\n1\n")
    monkeypatch.setenv("SCALINGLIB_DATA", str(folder))
    for call in (runs.load, runs.available, runs.fetch):
        with pytest.raises(runs.TableHashError) as caught:
            call(NAME)
        message = str(caught.value)
        assert str(folder / FILE) in message
        assert pinned.sha256 in message
        assert hashlib.sha256(b"x\n1\n").hexdigest() in message
        assert "unset SCALINGLIB_DATA" in message
    assert (folder / FILE).read_bytes() == b"x\n1\n"
    assert server.asked == []
    assert files(cache) == []


def test_a_wrong_download(pinned, server, cache):
    """A download of another hash is refused with both hashes and what to do, and nothing of it is kept."""
    server.pages["/table.csv"] = CSV + b"\n"
    with pytest.raises(runs.TableHashError) as caught:
        runs.load(NAME)
    message = str(caught.value)
    assert pinned.address in message
    assert pinned.sha256 in message
    assert hashlib.sha256(CSV + b"\n").hexdigest() in message
    assert f"put the right {FILE} into a folder and set SCALINGLIB_DATA" in message
    assert files(cache) == []


def test_a_damaged_cache_is_fetched_anew(pinned, server, cache):
    """A cached copy of another hash is replaced by a good download."""
    cache.mkdir()
    (cache / FILE).write_bytes(b"half a ta")
    assert len(runs.load(NAME)) == 1
    assert (cache / FILE).read_bytes() == CSV


def test_a_damaged_cache_without_a_network(pinned, server, cache):
    """A cached copy of another hash is never used, stays until there is a right one, and both faults are told."""
    cache.mkdir()
    (cache / FILE).write_bytes(b"half a ta")
    server.pages.clear()
    with pytest.raises(runs.TableUnavailableError, match="damaged.*404"):
        runs.load(NAME)
    assert files(cache) == [FILE]


def test_no_network(pinned, server, cache):
    """Without a network one error names the address, SCALINGLIB_DATA and the file; available says no."""
    server.close()
    with pytest.raises(runs.TableUnavailableError) as caught:
        runs.load(NAME)
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in (NAME, pinned.address, "SCALINGLIB_DATA", FILE, "ConnectionError"))
    assert runs.available(NAME) is False
    assert files(cache) == []


def test_the_server_does_not_have_it(pinned, server):
    """An answer of 404 is no network fault to guess at: the number is in the error."""
    server.pages.clear()
    with pytest.raises(runs.TableUnavailableError, match="the server answered 404"):
        runs.fetch(NAME)


def test_available(pinned):
    """A table that can be downloaded is available."""
    assert runs.available(NAME) is True


@pytest.mark.parametrize("make", [lambda path: path.write_text("a file"), lambda path: None])
def test_data_folder_is_no_folder(pinned, monkeypatch, tmp_path, make):
    """SCALINGLIB_DATA set to a file, or to nothing that exists, is said to be no folder."""
    path = tmp_path / "somewhere"
    make(path)
    monkeypatch.setenv("SCALINGLIB_DATA", str(path))
    with pytest.raises(NotADirectoryError, match="SCALINGLIB_DATA is set to .*somewhere.*not a folder"):
        runs.load(NAME)


def test_an_empty_setting_is_none(pinned, monkeypatch):
    """SCALINGLIB_DATA set to nothing counts as not set."""
    monkeypatch.setenv("SCALINGLIB_DATA", "")
    assert len(runs.load(NAME)) == 1


def test_collected_tables_are_extracted_before_the_check(server, cache, monkeypatch):
    """Of a source that holds a table, the extracted CSV is what is checked and cached."""
    script = b"x = np.array([1, 2])\ny = np.array([.5, .25])\nsplit_point = 1\n"
    csv = b"train_size,test_xent,split\n1,0.5,train\n2,0.25,extrapolate\n"
    server.pages["/script.py"] = script
    table = PUBLIC["addition-4-digit"]
    card = dataclasses.replace(
        table.card, address=f"{server.address}/script.py", sha256=hashlib.sha256(csv).hexdigest(), rows=2
    )
    monkeypatch.setitem(PUBLIC, "addition-4-digit", dataclasses.replace(table, card=card))
    assert runs.load("addition-4-digit")["loss"].tolist() == [0.5, 0.25]
    assert (cache / table.card.file).read_bytes() == csv
    assert files(cache) == [table.card.file]


def test_a_card_that_disagrees_with_its_table(pinned, monkeypatch):
    """A table with other rows than its card says is not handed out."""
    card = dataclasses.replace(pinned, rows=2)
    monkeypatch.setitem(PUBLIC, NAME, dataclasses.replace(PUBLIC[NAME], card=card))
    with pytest.raises(runs.TableLayoutError, match="has 1 rows .* its card says 2 rows"):
        runs.load(NAME)


def test_an_interrupted_write_leaves_nothing(pinned, cache, monkeypatch):
    """When the file cannot be put in place the table is still had, with a warning, and nothing stays behind."""

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(store.os, "replace", refuse)
    with pytest.warns(UserWarning, match="disk full.*SCALINGLIB_CACHE"):
        assert len(runs.load(NAME))
    assert files(cache) == []


def test_default_cache(monkeypatch):
    """Without a setting the cache is the system's own, under the library's name."""
    monkeypatch.delenv("SCALINGLIB_CACHE", raising=False)
    assert "scalinglib" in store.cache_folder().parts


def test_a_page_says_where_a_table_can_be_had(cache, monkeypatch):
    """Under WebAssembly nothing is asked for; the message says why, and where the cell runs as it is."""
    monkeypatch.setattr(store.sys, "platform", "emscripten")
    with pytest.raises(runs.TableUnavailableError) as told:
        runs.load(NAME)
    for words in ("not among the files of this page", "licence: none stated", "as a notebook, in Binder", "https://"):
        assert words in str(told.value)
