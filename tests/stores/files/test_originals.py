"""Originals are kept whole, privately, or not at all."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.originals import Originals, Snapshot, original_name


@pytest.fixture
def originals(tmp_path):
    return Originals(tmp_path / "files")


def test_a_file_is_copied_with_its_size_and_sum(originals, tmp_path):
    content = os.urandom(2_500_000)
    (tmp_path / "source.pdf").write_bytes(content)
    assert originals.keep("a.pdf", Snapshot.of(tmp_path / "source.pdf")) == (
        hashlib.sha256(content).hexdigest(),
        len(content),
    )
    assert originals.path("a.pdf").read_bytes() == content
    assert [stat.S_IMODE(path.stat().st_mode) for path in (originals.path("a.pdf"), tmp_path / "files")] == [
        0o600,
        0o700,
    ]


def test_a_text_is_kept_as_utf_8(originals):
    assert originals.keep("a.txt", "Ünï\ud800")[1] == 6
    assert originals.path("a.txt").read_text("utf-8") == "Ünï?"


def test_a_source_that_is_gone_is_refused_and_leaves_nothing(originals, tmp_path):
    with pytest.raises(FileRefused, match="cannot be read") as raised:
        originals.keep("a.txt", Snapshot.of(tmp_path / "gone.txt"))
    assert raised.value.hint
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize("content", ["before and after", "afterw"])
def test_a_source_that_has_changed_since_is_refused_and_leaves_nothing(originals, tmp_path, content):
    source = tmp_path / "source.txt"
    source.write_text("before")
    os.utime(source, ns=(1, 1))
    before = Snapshot.of(source)
    source.write_text(content)
    with pytest.raises(FileRefused, match="changed while it was read") as raised:
        originals.keep("a.txt", before)
    assert raised.value.hint
    assert list((tmp_path / "files").iterdir()) == []


def test_no_more_is_copied_than_was_there(originals):
    if not Path("/proc/self/maps").exists():
        pytest.skip("this system has no file that tells a wrong size")
    with pytest.raises(FileRefused, match="changed"):
        originals.keep("a.txt", Snapshot.of(Path("/proc/self/maps")))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="could not be written") as raised:
        Originals(tmp_path / "file" / "files").keep("a.txt", "x")
    assert raised.value.hint


def test_removing_takes_what_was_left_of_the_writing_too(originals, tmp_path):
    originals.keep("a.txt", "x")
    originals.keep("b.txt", "y")
    (tmp_path / "files" / ".a.txt-123.new").write_text("half")
    originals.remove("a.txt")
    originals.remove("a.txt")
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["b.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be removed")
def test_what_cannot_be_removed_is_told(originals, tmp_path):
    originals.keep("a.txt", "x")
    (tmp_path / "files").chmod(0o500)
    with pytest.raises(StoreError, match="removed"):
        originals.remove("a.txt")
    (tmp_path / "files").chmod(0o700)


@pytest.mark.parametrize(("kind", "suffix"), [("markdown", ".md"), ("text", ".txt"), ("pdf", ".pdf")])
def test_an_original_is_named_by_its_kind(kind, suffix):
    assert original_name("abc", kind) == f"abc{suffix}"
