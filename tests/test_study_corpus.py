"""The corpora of the study: built from a package with a known checksum, the same on every machine."""

import hashlib
import io
import lzma
import tarfile
import zlib
from dataclasses import replace

import numpy as np
import pytest

from study import corpus
from study.sources import CONTEXT, entropy, source, toy_chain

TEXT = """00-database-info
   about this dictionary, which is made up for a test and has nothing to say

Abdicate \\Ab"di*cate\\, v. t.
   To give up the throne, formally or otherwise, once and for all.
   [1913 Webster]

Abdomen \\Ab*do"men\\, n.
   The belly, or that part of the body between the thorax and the pelvis.
   [1913 Webster]

Ox \\Ox\\, n.
   Too short.
"""


def package(text):
    """A Debian package that holds one dictionary: an ar archive with a tar inside."""
    packer = zlib.compressobj(wbits=31)
    inside = packer.compress(text.encode()) + packer.flush()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("./usr/share/dictd/made.dict.dz")
        member.size = len(inside)
        archive.addfile(member, io.BytesIO(inside))
    members = {"debian-binary": b"2.0\n", "data.tar.xz": lzma.compress(tar.getvalue())}
    out = b"!<arch>\n"
    for name, content in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


@pytest.fixture
def made(monkeypatch, tmp_path):
    """A corpus of one made-up package, which lies in the folder of corpora."""
    monkeypatch.setenv("STUDY_CORPORA", str(tmp_path))
    content = package(TEXT)
    (tmp_path / "made_1_all.deb").write_bytes(content)
    what = corpus.Package("pool/made_1_all.deb", hashlib.sha256(content).hexdigest(), r"usr/share/dictd/made\.dict\.dz")
    monkeypatch.setitem(
        corpus.CORPORA, "made", replace(corpus.CORPORA["gcide"], name="made", packages=(what,), sha256="")
    )
    return tmp_path


def read(symbols):
    return "".join(corpus.LETTERS[s] for s in symbols)


def test_entries_become_letters_and_spaces(made):
    """Entries are lower-cased to 27 symbols without source tags; short ones are dropped;
    one in forty is kept for validation.
    """
    training, validation = corpus.load("made")
    both = read(training) + read(validation)
    assert "abdomen ab do men n the belly or that part of the body between the thorax and the pelvis " in both
    assert "webster" not in both and "too short" not in both
    assert len(validation) > 0 and validation.dtype == np.uint8


def test_a_built_corpus_is_not_built_again(made, monkeypatch):
    """The second load reads the kept file; nothing is fetched."""
    first = corpus.load("made")
    (made / "made_1_all.deb").unlink()
    assert all(np.array_equal(a, b) for a, b in zip(corpus.load("made"), first, strict=True))


def test_another_package_is_refused(made):
    """A package with another checksum is refused with both, and no corpus is left behind."""
    (made / "made_1_all.deb").write_bytes(package(TEXT + "more"))
    with pytest.raises(ValueError, match="has SHA-256 .*, not .*another package"):
        corpus.load("made")
    assert not list(made.glob("*.npz*"))


def test_another_outcome_is_refused(made, monkeypatch):
    """Symbols that are not those measured on are refused, naming the file to delete."""
    corpus.load("made")
    monkeypatch.setitem(corpus.CORPORA, "made", replace(corpus.CORPORA["made"], sha256="0" * 64))
    with pytest.raises(ValueError, match="not the one that was measured.*made.npz"):
        corpus.load("made")


def test_without_a_mirror_the_way_out_is_said(made, monkeypatch):
    """Where the mirror cannot be read, the error names the package,
    the folder it can be put into and the other mirror.
    """
    (made / "made_1_all.deb").unlink()
    monkeypatch.setenv("DEBIAN_MIRROR", "http://127.0.0.1:9/")
    with pytest.raises(FileNotFoundError, match="made_1_all.deb by hand.*DEBIAN_MIRROR"):
        corpus.load("made")


def test_windows_share_no_target():
    """Training windows of a corpus follow each other: each symbol but the first is a target exactly once."""
    data = source("toy")
    assert data.training.shape[1] == CONTEXT + 1
    from study.sources import windows_of

    symbols = np.arange(1000, dtype=np.int64)
    targets = windows_of(symbols)[:, 1:].ravel()
    assert np.array_equal(targets, np.arange(1, len(targets) + 1))


def test_an_order_is_a_seeded_choice_ofwindows_of():
    """A seed gives the same order again, another seed another one; a smaller choice is the beginning of it."""
    data = source("toy")
    assert np.array_equal(data.order(3), data.order(3)) and not np.array_equal(data.order(3), data.order(4))
    assert sorted(data.order(3)) == list(range(len(data.training)))
    assert np.array_equal(data.order(3, unique=10 * CONTEXT), data.order(3)[:10])


def test_entropy_of_chains_that_are_known():
    """Three fair, independent coins have ln 2 each;
    a chain that only repeats itself has none after the first symbols.
    """
    assert entropy(np.ones((2, 2, 2))) == pytest.approx((np.log(2), np.log(2)))
    alternate = np.zeros((2, 2, 2))
    alternate[0, 1, 0] = alternate[1, 0, 1] = 5
    assert entropy(alternate) == pytest.approx((0.0, 0.0))


def test_drawn_windows_follow_their_chain():
    """Shares of three symbols in a row in the drawn windows are the chain's within five standard errors."""
    counts, data = toy_chain(), source("toy")
    V = len(counts)
    a, b, c = (data.training[:, k : k - 3 or None].astype(int) for k in range(3))
    found = np.bincount(((a * V + b) * V + c).ravel(), minlength=V**3) / a.size
    share = counts.ravel() / counts.sum()
    # Neighbouring triples overlap: three times the variance of independent ones is ample.
    assert (np.abs(found - share) <= 5 * np.sqrt(3 * share / a.size) + 1e-12).all()
