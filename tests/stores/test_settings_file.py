"""Settings survive a restart, damage and a hand that edits the file."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.settings_file import SettingsFile


@pytest.fixture
def file(tmp_path):
    return SettingsFile(tmp_path / "settings.json")


def damaged_files(file):
    return sorted(file.path.parent.glob("settings.json.damaged-*"))


def test_without_a_file_the_defaults_hold_and_nothing_is_written(file):
    assert file.load() == Settings()
    assert not file.notice
    assert list(file.path.parent.iterdir()) == []


@given(
    style=st.text(max_size=100),
    limit=st.integers(1, 50),
    minutes=st.floats(0, 1e6),
    theme=st.sampled_from(["system", "light", "dark"]),
)
@settings(max_examples=30, deadline=None)
def test_what_is_saved_is_loaded(tmp_path_factory, style, limit, minutes, theme):
    file = SettingsFile(tmp_path_factory.mktemp("settings") / "settings.json")
    chosen = Settings(style=style, recursion_limit=limit, tree_timeout=minutes, appearance=theme)
    file.save(chosen)
    assert file.load() == chosen
    assert not file.notice


def test_no_secret_reaches_the_file(file):
    chosen = Settings(wcd_api_key=SecretStr("wcd-secret"), base_model="gpt")
    chosen.set_api_key("sk-secret", "OPENAI_API_KEY")
    file.save(chosen)
    assert "secret" not in file.path.read_text()
    assert file.load().base_model == "gpt"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'"text"', b"null", b"[" * 200_000], ids=range(7)
)
def test_a_damaged_file_is_moved_aside_and_said(file, content):
    file.path.write_bytes(content)
    assert file.load() == Settings()
    (aside,) = damaged_files(file)
    assert aside.read_bytes() == content
    assert aside.name in file.notice
    assert file.load() == Settings()
    assert not file.notice


def test_what_fits_is_kept_when_something_does_not(file):
    written = json.dumps(
        {"base_model": "gpt", "recursion_limit": 5000, "style": ["no"], "appearance": "dark"}
    )
    file.path.write_text(written)
    loaded = file.load()
    assert loaded == Settings(base_model="gpt", appearance="dark")
    assert "Steps per question" in file.notice
    assert "Style" in file.notice
    (aside,) = damaged_files(file)
    assert aside.read_text() == written
    assert file.load() == loaded, "the next start still knows what fitted"
    assert not file.notice


def test_names_of_another_version_do_no_harm(file):
    file.path.write_text(json.dumps({"base_model": "gpt", "setting_of_tomorrow": 1}))
    assert file.load().base_model == "gpt"
    assert not file.notice


def test_a_key_written_by_hand_is_not_used_and_the_person_hears_where_it_belongs(file):
    file.path.write_text(json.dumps({"wcd_api_key": "k-123", "api_keys": {"A": "k-456"}, "style": "dry"}))
    loaded = file.load()
    assert loaded == Settings(style="dry")
    assert "wcd_api_key" in file.notice
    assert "keyring" in file.notice
    assert "k-123" not in file.notice


def test_a_file_from_notepad_with_a_byte_order_mark_is_read(file):
    file.path.write_text(json.dumps({"style": "dry"}), encoding="utf-8-sig")
    assert file.load().style == "dry"
    assert not file.notice


def test_a_file_that_cannot_be_read_is_an_error_and_stays(file):
    file.path.mkdir()
    with pytest.raises(StoreError) as raised:
        file.load()
    assert raised.value.hint
    assert file.path.is_dir()
