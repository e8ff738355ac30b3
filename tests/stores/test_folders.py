"""Where things are kept, and that others cannot look."""

import stat
from pathlib import Path

import pytest

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.folders import Folders


def test_naming_a_profile_touches_nothing(tmp_path):
    folders = Folders.of_profile(tmp_path / "profile")
    assert folders.settings == tmp_path / "profile" / "settings.json"
    assert folders.logs == tmp_path / "profile" / "logs"
    assert list(tmp_path.iterdir()) == []


def test_a_profile_is_the_same_from_wherever_the_application_is_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Folders.of_profile(Path("here")).data == tmp_path / "here"
    assert Folders.of_profile(Path("~/there")).data == tmp_path / "home" / "there"


def test_without_a_profile_they_are_the_platforms(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folders = Folders.of_profile(None)
    assert folders.data == tmp_path / "data" / "elysia-desktop"
    assert folders.logs.is_relative_to(tmp_path / "state" / "elysia-desktop")
    folders.make()
    assert stat.S_IMODE(folders.logs.stat().st_mode) == 0o700


def test_made_folders_are_for_this_user_alone(tmp_path):
    folders = Folders.of_profile(tmp_path / "deep" / "profile")
    folders.make()
    folders.make()
    for folder in (folders.data, folders.library, folders.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    Folders.of_profile(tmp_path).make()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "library").stat().st_mode) == 0o700


@pytest.mark.parametrize("place", ["file", "file/below", "profile/../file"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as raised:
        Folders.of_profile(tmp_path / place).make()
    assert raised.value.hint
