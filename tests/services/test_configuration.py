"""Settings come from the environment, then the file, then the defaults; keys from where they are safe."""

import asyncio
import json
import logging

import pytest

from elysia_desktop.core.errors import ConfigurationError, StoreError
from elysia_desktop.core.settings import Settings
from elysia_desktop.services.configuration import Configuration
from elysia_desktop.stores.secrets import KeyringUnavailable, Secrets
from elysia_desktop.stores.settings_file import SettingsFile

SECRET = "sk-only-for-the-provider"


class Ring:
    """The operating system's keyring, as far as it is used; notes what it is asked for."""

    def __init__(self, **kept):
        self.kept = kept
        self.asked = []

    def get_password(self, service, username):
        self.asked.append(username)
        return self.kept.get(username)

    def set_password(self, service, username, password):
        self.kept[username] = password

    def delete_password(self, service, username):
        del self.kept[username]


@pytest.fixture
def file(tmp_path):
    return SettingsFile(tmp_path / "settings.json")


def configured(file, environ=None, **kept):
    ring = Ring(**kept)
    environ = environ or {}
    configuration = Configuration(file, Secrets(environ=environ, find_keyring=lambda: ring), environ)
    configuration.ring = ring
    return configuration


def write(file, **settings):
    file.path.write_text(json.dumps(settings))


async def test_the_environment_is_above_the_file_and_the_file_above_the_defaults(file):
    write(file, base_model="of the file", style="of the file")
    configuration = configured(file, {"BASE_MODEL": "of the environment", "WCD_URL": "https://x.example"})
    settings = await configuration.load()
    assert settings is configuration.settings
    assert (settings.base_model, settings.style) == ("of the environment", "of the file")
    assert settings.end_goal == Settings().end_goal
    assert settings.wcd_url == "https://x.example"
    assert configuration.from_environment == {"base_model", "wcd_url"}
    assert configuration.notice == ""


async def test_what_comes_from_the_environment_is_never_written_to_the_file(file):
    write(file, base_model="of the file")
    configuration = configured(file, {"BASE_MODEL": "of the environment"})
    await configuration.load()
    await configuration.save({"style": "Dry."})
    assert configuration.settings.base_model == "of the environment"
    again = configured(file)
    await again.load()
    assert (again.settings.base_model, again.settings.style) == ("of the file", "Dry.")


async def test_changing_one_setting_keeps_the_others(file):
    configuration = configured(file)
    await configuration.load()
    await configuration.save({"style": "Dry.", "recursion_limit": 7})
    await configuration.save({"appearance": "dark"})
    again = configured(file)
    settings = await again.load()
    assert (settings.style, settings.recursion_limit, settings.appearance) == ("Dry.", 7, "dark")


async def test_two_changes_at_once_are_both_kept(file):
    configuration = configured(file)
    await configuration.load()
    await asyncio.gather(
        configuration.save({"style": "Dry."}, {"OPENAI_API_KEY": SECRET}),
        configuration.save({"appearance": "dark"}),
        configuration.save({"recursion_limit": 7}),
    )
    settings = await configured(file).load()
    assert (settings.style, settings.appearance, settings.recursion_limit) == ("Dry.", "dark", 7)


async def test_only_the_keys_of_the_chosen_providers_are_fetched(file):
    write(file, base_provider="openai", complex_provider="anthropic", complex_model="x")
    environ = {"ANTHROPIC_API_KEY": "of the environment", "GITHUB_API_KEY": "not ours"}
    configuration = configured(
        file, environ, OPENAI_API_KEY=SECRET, GEMINI_API_KEY="other", WCD_API_KEY="data"
    )
    settings = await configuration.load()
    assert settings.api_key("OPENAI_API_KEY") == SECRET
    assert settings.api_key("ANTHROPIC_API_KEY") == "of the environment"
    assert set(settings.api_keys) == {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"}
    assert settings.wcd_api_key is None
    assert configuration.ring.asked == ["OPENAI_API_KEY"]


async def test_without_a_provider_the_keyring_is_left_in_peace(file):
    configuration = configured(file, OPENAI_API_KEY=SECRET)
    await configuration.load()
    assert configuration.ring.asked == []


async def test_the_cluster_key_is_fetched_when_there_is_a_cluster(file):
    write(file, data_source="cloud")
    configuration = configured(file, WCD_API_KEY="data")
    settings = await configuration.load()
    assert settings.wcd_api_key.get_secret_value() == "data"


async def test_a_key_is_in_the_keyring_and_nowhere_else(file, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    configuration = configured(file)
    await configuration.load()
    (kept,) = await configuration.save(
        {"base_provider": "openai", "wcd_api_key": "wcd-secret"}, {"OPENAI_API_KEY": f" {SECRET}\n"}
    )
    assert kept.place == "keyring"
    assert configuration.ring.kept == {"OPENAI_API_KEY": SECRET}
    assert configuration.settings.model_choice("base").key.get_secret_value() == SECRET
    written = "".join(path.read_text() for path in file.path.parent.iterdir())
    said = capfd.readouterr()
    for text in (
        written,
        caplog.text,
        said.out,
        said.err,
        repr(configuration.settings),
        str(configuration.settings),
        repr(configuration.settings.model_choice("base")),
        repr(vars(configuration)),
        json.dumps(configuration.settings.to_json()),
        configuration.settings.model_dump_json(),
    ):
        assert SECRET not in text
        assert "wcd-secret" not in text
    assert (await configuration.saved_keys())["OPENAI_API_KEY"].place == "keyring"


async def test_an_empty_key_is_forgotten(file):
    write(file, base_provider="openai")
    configuration = configured(file, OPENAI_API_KEY=SECRET)
    await configuration.load()
    assert await configuration.save({}, {"OPENAI_API_KEY": " "}) == []
    assert configuration.ring.kept == {}
    assert configuration.settings.api_key("OPENAI_API_KEY") == ""


async def test_a_draft_is_tested_without_being_saved(file):
    write(file, base_provider="openai", base_model="old")
    configuration = configured(file, OPENAI_API_KEY=SECRET)
    await configuration.load()
    before = file.path.read_bytes()
    draft = await configuration.draft("base", {"base_model": "new"}, {})
    assert (draft.model, draft.key.get_secret_value()) == ("new", SECRET)
    other = await configuration.draft("base", {"base_provider": "gemini"}, {"GEMINI_API_KEY": " g-key\n"})
    assert (other.provider, other.key.get_secret_value()) == ("gemini", "g-key")
    assert (await configuration.draft("base", {}, {"OPENAI_API_KEY": ""})).key.get_secret_value() == ""
    local = await configuration.draft("base", {"base_provider": "ollama"}, {})
    assert (local.address, local.key.get_secret_value()) == ("http://localhost:11434/v1", "")
    assert file.path.read_bytes() == before
    assert configuration.ring.kept == {"OPENAI_API_KEY": SECRET}
    assert configuration.settings.base_model == "old"


async def test_a_draft_of_the_complex_model_falls_back_to_the_base_model(file):
    write(file, base_provider="openai", base_model="both")
    configuration = configured(file, OPENAI_API_KEY=SECRET)
    await configuration.load()
    draft = await configuration.draft("complex", {}, {})
    assert (draft.provider, draft.model, draft.key.get_secret_value()) == ("openai", "both", SECRET)


async def test_a_draft_of_the_data_connection_has_the_key_that_was_entered_or_else_the_saved_one(file):
    configuration = configured(file, WCD_API_KEY=SECRET)
    await configuration.load()
    changes = {"data_source": "cloud", "wcd_url": "https://x.weaviate.cloud"}

    async def key(**keys):
        draft = await configuration.draft_data(changes, keys)
        assert (draft.data_source, draft.wcd_url) == ("cloud", "https://x.weaviate.cloud")
        return draft.wcd_api_key and draft.wcd_api_key.get_secret_value()

    assert await key() == SECRET
    assert await key(WCD_API_KEY=" new\n") == "new"
    assert await key(WCD_API_KEY="") is None
    assert configuration.settings.data_source == "library"
    assert (await configuration.draft_data({}, {"WCD_API_KEY": "unused"})).wcd_api_key is None


async def test_the_embedders_key_is_there_when_it_is_used_and_only_then(file):
    write(file, embedder="openai")
    configuration = configured(file, OPENAI_API_KEY=SECRET)
    assert (await configuration.load()).api_key("OPENAI_API_KEY") == SECRET
    await configuration.save({"embedder": "offline"})
    assert configuration.settings.api_keys == {}


async def test_a_draft_that_does_not_fit_is_told(file):
    configuration = configured(file)
    await configuration.load()
    with pytest.raises(ConfigurationError, match="base_api_base"):
        await configuration.draft("base", {"base_api_base": "ftp://x"}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECURSION_LIMIT", "many"),
        ("LOCAL_WEAVIATE_PORT", "0"),
        ("MODEL_API_BASE", "localhost:8080"),
        ("LOGGING_LEVEL", "LOUD"),
        ("BASE_USE_REASONING", "perhaps"),
    ],
)
async def test_a_variable_that_does_not_fit_is_left_out_and_told_and_the_others_hold(file, name, value):
    write(file, style="Dry.")
    configuration = configured(file, {name: value, "BASE_MODEL": "of the environment"})
    settings = await configuration.load()
    assert settings == Settings(style="Dry.", base_model="of the environment")
    assert name in configuration.notice
    assert configuration.from_environment == {"base_model"}


async def test_a_value_that_does_not_fit_changes_nothing(file):
    write(file, style="Dry.")
    configuration = configured(file)
    await configuration.load()
    before = file.path.read_bytes()
    for changes in ({"recursion_limit": 0}, {"style": "x", "recursion_limit": "many"}, {"no_such": 1}):
        with pytest.raises(ConfigurationError):
            await configuration.save(changes, {"OPENAI_API_KEY": SECRET})
    assert file.path.read_bytes() == before
    assert configuration.settings.style == "Dry."
    assert configuration.ring.kept == {}


async def test_a_save_that_fails_leaves_file_and_settings_as_they_were(file, tmp_path):
    write(file, style="Dry.")
    configuration = configured(file)
    await configuration.load()
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(StoreError) as raised:
        await configuration.save({"style": "Wet."})
    assert raised.value.hint
    assert configuration.settings.style == "Dry."
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


async def test_a_reader_never_sees_half_a_file(file):
    configuration = configured(file)
    await configuration.load()
    await configuration.save({"style": "0"})
    broken, over = [], asyncio.Event()

    def read():
        while not over.is_set():
            try:
                json.loads(file.path.read_text())
            except ValueError as error:
                broken.append(error)

    reader = asyncio.create_task(asyncio.to_thread(read))
    for number in range(40):
        await configuration.save({"style": str(number) * 1000})
    over.set()
    await reader
    assert broken == []


async def test_a_damaged_file_is_told_and_everything_works(file):
    file.path.write_text("{")
    configuration = configured(file, {"RECURSION_LIMIT": "many"})
    assert await configuration.load() == Settings()
    assert "damaged" in configuration.notice
    assert "RECURSION_LIMIT" in configuration.notice
    await configuration.save({"style": "Dry."})
    assert (await configured(file).load()).style == "Dry."


async def test_a_cluster_in_the_environment_does_not_choose_the_data_unless_it_is_said(file):
    assert (await configured(file, {"WCD_URL": "https://x.example"}).load()).data_source == "library"
    said = configured(file, {"WCD_URL": "https://x.example", "DATA_SOURCE": "cloud"})
    assert (await said.load()).data_source == "cloud"


async def test_a_key_that_cannot_be_deleted_costs_no_other_change(file):
    class Stuck(Secrets):
        async def delete(self, name):
            raise KeyringUnavailable("The keyring is locked.", "Unlock it.")

    configuration = Configuration(file, Stuck(environ={}, find_keyring=lambda: None), {})
    await configuration.load()
    with pytest.raises(KeyringUnavailable):
        await configuration.save({"style": "Terse."}, {"OPENAI_API_KEY": ""})
    assert configuration.settings.style == "Terse."
    assert file.load().style == "Terse."
