"""Files are replaced whole or not at all."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.atomic import make_private_folder, move_aside, write_text_atomically

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@settings(max_examples=30, deadline=None)
@given(text=st.text())
def test_what_is_written_is_read_back_byte_for_byte(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("atomic") / "file.txt"
    write_text_atomically(path, text)
    assert path.read_bytes() == text.encode()
    assert list(path.parent.iterdir()) == [path]


@on_posix
def test_only_the_owner_reads_the_file_unless_told_otherwise(tmp_path):
    write_text_atomically(tmp_path / "secret", "x")
    write_text_atomically(tmp_path / "open", "x", mode=0o644)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o644


@on_posix
def test_a_missing_folder_is_made_for_its_owner_only(tmp_path):
    write_text_atomically(tmp_path / "new" / "file", "x")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@on_posix
def test_a_link_is_followed_and_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_text_atomically(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_failure_names_the_file_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="folder") as raised:
        write_text_atomically(tmp_path / "folder", "x")
    assert raised.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_where_a_folder_should_be_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as raised:
        write_text_atomically(tmp_path / "file" / "settings.json", "x")
    assert "profile folder" in raised.value.hint
    assert (tmp_path / "file").read_text() == "in the way"


def test_text_that_has_no_bytes_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    write_text_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text_atomically(path, "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_half_a_file_even_when_the_writer_is_killed(tmp_path):
    path = tmp_path / "file"
    write_text_atomically(path, "a" * 200_000)
    program = (
        "import sys; from pathlib import Path\n"
        "from elysia_desktop.stores.atomic import write_text_atomically\n"
        "while True:\n  for c in 'ab': write_text_atomically(Path(sys.argv[1]), c * 200_000)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=root) as writer:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            text = path.read_text()
            assert text in {"a" * 200_000, "b" * 200_000}
        writer.kill()
    text = path.read_text()
    assert len(text) == 200_000
    assert len(set(text)) == 1


def test_a_file_moved_aside_never_replaces_another(tmp_path):
    names = set()
    for content in "abc":
        path = tmp_path / "file"
        path.write_text(content)
        names.add(move_aside(path).name)
    assert len(names) == 3
    assert all(name.startswith("file.damaged-") for name in names)


@on_posix
def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    make_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o755
