"""Corpora: Debian packages turned into one long sequence of symbols, the same on every machine.

A corpus is built from packages with known checksums, fetched from a Debian mirror (or taken from a
folder), and kept as one file of bytes. Its text is not part of this repository.
"""

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalinglib.files import write_whole

__all__ = ["CORPORA", "Corpus", "build", "load"]

MIRROR = "http://deb.debian.org/debian/"
LETTERS = " abcdefghijklmnopqrstuvwxyz"
PRINTABLE = "\n" + "".join(map(chr, range(32, 127)))
_SHORTEST = 40
_EVERY_TO_VALIDATION = 40


@dataclass(frozen=True)
class Package:
    """A Debian package: where it lies on a mirror, and its SHA-256."""

    path: str
    sha256: str
    members: str  # regular expression of the files that are read

    @property
    def name(self):
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Corpus:
    """How a corpus is made, and the SHA-256 of what comes out."""

    name: str
    packages: tuple[Package, ...]
    alphabet: str
    dictionary: bool  # dictd format, split at headwords; otherwise one entry a file
    sha256: str  # of the training symbols followed by the validation symbols
    licence: str


CORPORA = {
    "gcide": Corpus(
        name="gcide",
        packages=(
            Package(
                "pool/main/d/dict-gcide/dict-gcide_0.48.5+nmu2_all.deb",
                "7b0af5cfde3cbdef5e9d6e78f92ec335ced7c2790f37a40f49bebc6f7347ac0f",
                r"usr/share/dictd/gcide\.dict\.dz",
            ),
        ),
        alphabet=LETTERS,
        dictionary=True,
        sha256="fa7fd1f911d935457fafbed50fe80c30103c8d0315b9ba71750484a91f1245e6",
        licence="GPL-2+ (GCIDE: Webster 1913 with later additions)",
    ),
    "go": Corpus(
        name="go",
        packages=(
            Package(
                "pool/main/g/golang-1.19/golang-1.19-src_1.19.8-2_all.deb",
                "2dfa82fe4f08f4e0193c532e561af4c91871f5235608f04f2bb8d57bb288df5a",
                r"usr/share/go-1\.19/(src|test)/.*\.go",
            ),
        ),
        alphabet=PRINTABLE,
        dictionary=False,
        sha256="027f342fcbccc12d902679bcf139203f41fb3fb4bedd637dbf639b2b85d2dd63",
        licence="BSD-3-Clause (the Go source tree)",
    ),
}


def folder():
    """Where built corpora are kept: `STUDY_CORPORA`, or a cache folder of the user."""
    named = os.environ.get("STUDY_CORPORA")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else cache / "scalinglib-study"


def load(name):
    """Return (training, validation) symbols of a corpus as uint8 arrays, building it where needed."""
    corpus = CORPORA[name]
    path = folder() / f"{name}.npz"
    if not path.exists():
        build(name)
    with np.load(path) as kept:
        training, validation = kept["training"], kept["validation"]
    _check(corpus, training, validation)
    return training, validation


def build(name):
    """Fetch the packages of a corpus, check them, and write its symbols whole."""
    corpus = CORPORA[name]
    entries = []
    for package in corpus.packages:
        for text in _texts(_fetch(package), package):
            entries += _entries(text) if corpus.dictionary else [text]
    training, validation = _split([_symbols(entry, corpus.alphabet) for entry in entries], corpus.alphabet)
    _check(corpus, training, validation)
    packed = io.BytesIO()
    np.savez(packed, training=training, validation=validation)
    write_whole(folder(), {f"{name}.npz": packed.getvalue()})


def _check(corpus, training, validation):
    found = hashlib.sha256(training.tobytes() + validation.tobytes()).hexdigest()
    if corpus.sha256 and found != corpus.sha256:
        raise ValueError(
            f"the corpus {corpus.name!r} is not the one that was measured: its SHA-256 is {found}, not "
            f"{corpus.sha256}. Delete {folder() / (corpus.name + '.npz')} and start again."
        )


def _fetch(package):
    """The bytes of a package: from the folder of corpora, from the mirror, or through apt."""
    here = folder() / package.name
    content = here.read_bytes() if here.exists() else _download(package)
    found = hashlib.sha256(content).hexdigest()
    if found != package.sha256:
        raise ValueError(f"{package.name} has SHA-256 {found}, not {package.sha256}: it is another package")
    return content


def _download(package):
    mirror = os.environ.get("DEBIAN_MIRROR", MIRROR)
    address = mirror.rstrip("/") + "/" + package.path
    print(f"fetching {address}", file=sys.stderr)
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise FileNotFoundError(
            f"{address} cannot be read ({error}). Fetch {package.name} by hand (apt download, or "
            f"snapshot.debian.org when the mirror has moved on) and put it into {folder()}; "
            "DEBIAN_MIRROR names another mirror."
        ) from None


def _texts(package_bytes, package):
    """Decoded files of a .deb: an ar archive that holds a tar."""
    for name, content in _ar(package_bytes):
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(_decompressed(name, content))) as archive:
                for member in sorted(archive.getmembers(), key=lambda m: m.name):
                    if member.isfile() and re.fullmatch(package.members, member.name.removeprefix("./")):
                        raw = archive.extractfile(member).read()
                        if member.name.endswith((".dz", ".gz")):
                            raw = zlib.decompress(raw, wbits=31)
                        yield raw.decode("utf-8", errors="replace")


def _decompressed(name, content):
    if name.endswith(".zst"):  # not in this Python's library; Debian's tool is
        return subprocess.run(["zstd", "-dc"], input=content, stdout=subprocess.PIPE, check=True).stdout
    import lzma

    return lzma.decompress(content) if name.endswith(".xz") else zlib.decompress(content, wbits=31)


def _ar(archive):
    place = 8  # after the magic line
    while place + 60 <= len(archive):
        head = archive[place : place + 60]
        size = int(head[48:58])
        yield head[:16].decode().strip().rstrip("/"), archive[place + 60 : place + 60 + size]
        place += 60 + size + size % 2


def _entries(text):
    """Entries of a dictd dictionary: each starts at a line that is not indented, with its headword."""
    text = re.sub(r"\[[^\]\n]{0,40}(?:1913 Webster|PJC|WordNet|RP|GCIDE)[^\]\n]{0,20}\]", " ", text)
    return re.split(r"\n\n(?=\S)", text)


def _symbols(entry, alphabet):
    if alphabet == LETTERS:
        return re.sub("[^a-z]+", " ", entry.lower()).strip()
    return re.sub(r"[^\n -~]", "", entry.replace("\t", "    "))


def _split(entries, alphabet):
    """Order entries by hash, drop duplicates and stubs, keep every fortieth for validation."""
    kept = {e for e in entries if len(e) >= _SHORTEST}
    ordered = sorted(kept, key=lambda e: hashlib.sha256(e.encode()).digest())
    places = np.full(256, 255, dtype=np.uint8)
    places[[ord(c) for c in alphabet]] = np.arange(len(alphabet))
    apart = alphabet[0]

    def encode(chosen):
        return places[np.frombuffer((apart.join(chosen) + apart).encode("ascii"), dtype=np.uint8)]

    validation = ordered[::_EVERY_TO_VALIDATION]
    training = [e for i, e in enumerate(ordered) if i % _EVERY_TO_VALIDATION]
    return encode(training), encode(validation)
