import pytest

from elysia_desktop.core.defaults import reset_settings
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.saved_settings import (
    in_elysias_names,
    settings_restored,
    settings_told,
    told_settings,
    without_secrets,
)

KEY = "sk-only-for-the-provider"


@pytest.fixture
def here(monkeypatch):
    """Sets this process's environment, whose settings are the defaults."""

    def set_environment(**environ):
        for name in ("OPENAI_API_KEY", "WCD_API_KEY", "BASE_API_BASE", "WCD_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        reset_settings()

    yield set_environment
    reset_settings()


def test_what_belongs_to_one_computer_or_is_a_secret_is_not_told():
    settings = Settings(model_file="/home/ann/m.gguf", appearance="dark", style="Dry.", wcd_api_key=KEY)
    settings.configure(openai_api_key=KEY)
    told = told_settings({**dict(settings), "made_up": 1})
    assert told["style"] == "Dry."
    assert not {"model_file", "appearance", "wcd_api_key", "api_keys", "made_up"} & told.keys()
    assert told_settings(told) == told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ann:secret@x.example:8443/v1", "https://x.example:8443/v1"),
        ("https://x.example/@team", "https://x.example/@team"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("name", ["base_api_base", "embedder_api_base"])
def test_an_address_is_told_without_a_password(name, address, told):
    assert told_settings({name: address}) == {name: told}


def test_a_server_of_ones_own_is_an_openai_compatible_one_to_elysia():
    told = Settings(base_provider="vllm", base_model="m", base_api_base="http://x:8000/v1").to_json()
    theirs = in_elysias_names(told)
    assert (theirs["BASE_PROVIDER"], theirs["BASE_MODEL"]) == ("openai", "m")
    assert theirs["MODEL_API_BASE"] == "http://x:8000/v1"
    assert (theirs["COMPLEX_PROVIDER"], theirs["COMPLEX_MODEL"]) == (None, None)
    assert (theirs["API_KEYS"], theirs["WCD_API_KEY"]) == ({}, "")


def test_elysia_finds_the_models_and_the_cluster_under_its_names():
    told = Settings(
        base_provider="openrouter", base_model="google/m", data_source="custom", custom_http_host="h"
    )
    theirs = in_elysias_names(told.to_json())
    assert f"{theirs['BASE_PROVIDER']}/{theirs['BASE_MODEL']}" == "openrouter/google/m"
    assert (theirs["WEAVIATE_IS_CUSTOM"], theirs["WEAVIATE_IS_LOCAL"]) == (True, False)
    assert (theirs["CUSTOM_HTTP_HOST"], theirs["CUSTOM_GRPC_HOST"]) == ("h", None)
    assert told_settings(theirs)["data_source"] == "custom"
    assert (theirs["LOGGING_LEVEL"], theirs["LOGGING_LEVEL_INT"]) == ("WARNING", 30)


def test_what_does_not_fit_is_left_out_and_told(caplog):
    settings = settings_told({"style": "Dry.", "recursion_limit": "many", "base_model": "m"})
    assert (settings.style, settings.recursion_limit, settings.base_model) == ("Dry.", 5, "m")
    assert "recursion_limit" in caplog.text


def test_settings_that_name_no_server_get_the_keys_of_this_computer(here):
    here(OPENAI_API_KEY=KEY, WCD_API_KEY=KEY)
    settings = settings_restored({"base_provider": "openai", "base_model": "m", "base_api_base": ""})
    assert settings.api_key("OPENAI_API_KEY") == KEY
    assert settings.wcd_api_key.get_secret_value() == KEY


@pytest.mark.parametrize("name", ["base_api_base", "complex_api_base", "embedder_api_base", "wcd_url"])
def test_settings_that_name_another_server_get_no_key(here, caplog, name):
    here(OPENAI_API_KEY=KEY, WCD_API_KEY=KEY, BASE_API_BASE="https://known.example")
    settings = settings_restored({name: "https://other.example", "custom_http_host": ""})
    assert (settings.api_keys, settings.wcd_api_key) == ({}, None)
    assert name in caplog.text
    settings.configure(openai_api_key="given")
    assert settings.api_key("OPENAI_API_KEY") == "given"


@pytest.mark.parametrize("name", ["custom_http_host", "custom_grpc_host"])
def test_settings_that_name_another_weaviate_get_no_key(here, name):
    here(WCD_API_KEY=KEY)
    assert settings_restored({name: "other.example", "data_source": "custom"}).wcd_api_key is None


def test_where_there_is_no_key_nobody_is_warned(here, caplog):
    here()
    settings_restored({"base_api_base": "https://other.example"})
    assert caplog.text == ""


def test_a_server_of_this_computer_gets_its_key(here):
    here(OPENAI_API_KEY=KEY, BASE_API_BASE="https://known.example/")
    assert settings_restored({"base_api_base": "https://known.example"}).api_keys


def test_keys_are_struck_out_wherever_they_stand():
    settings = Settings(wcd_api_key=f"{KEY}-longer")
    settings.configure(openai_api_key=KEY, cohere_api_key="short")
    saved = {"a": [f"wrong key {KEY}.", {f"{KEY}-longer": 1}], "short": True, "b": None}
    assert without_secrets(saved, settings) == {"a": ["wrong key •••.", {"•••": 1}], "short": True, "b": None}
    assert without_secrets(saved, Settings()) is saved


def test_a_flag_that_is_neither_true_nor_false_is_left_out(caplog):
    told = told_settings({"BASE_MODEL": "gemma", "WEAVIATE_IS_CUSTOM": -1})
    assert told["base_model"] == "gemma"
    assert "data_source" not in told
    assert "weaviate_is_custom" in caplog.text
