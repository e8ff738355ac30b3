import pytest
from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.setting_names import (
    in_our_names,
    is_key_name,
    saved_in_our_names,
    without_plain_keys,
)
from elysia_desktop.core.settings import Settings


@pytest.mark.parametrize(
    ("named", "ours"),
    [
        ({"BASE_MODEL": "m"}, {"base_model": "m"}),
        ({"MODEL_API_BASE": "http://x"}, {"base_api_base": "http://x", "complex_api_base": "http://x"}),
        (
            {"model_api_base": "http://x", "base_api_base": "http://y"},
            {"base_api_base": "http://y", "complex_api_base": "http://x"},
        ),
        ({"model_api_base": None}, {"base_api_base": "", "complex_api_base": ""}),
        ({"base_provider": "openrouter/google"}, {"base_provider": "openrouter"}),
        (
            {"complex_provider": "openrouter/google", "complex_model": "google/m"},
            {"complex_provider": "openrouter", "complex_model": "google/m"},
        ),
        ({"logging_level": "debug"}, {"logging_level": "DEBUG"}),
        ({"logging_level_int": 20}, {"logging_level": "INFO"}),
        ({"logging_level": "DEBUG", "logging_level_int": 40}, {"logging_level": "DEBUG"}),
        ({"logging_level": "NOTSET"}, {}),
        ({"logging_level": [3]}, {"logging_level": [3]}),
        ({"settings_id": "1", "unknown": 1}, {"unknown": 1}),
        ({"base_supports_schema": None}, {"base_supports_schema": None}),
    ],
)
def test_names_of_elysia_become_ours(named, ours):
    assert in_our_names(named) == ours


@pytest.mark.parametrize(
    ("named", "in_force", "source"),
    [
        ({"weaviate_is_local": True, "weaviate_is_custom": True}, {}, "local"),
        ({"weaviate_is_local": "True", "data_source": "library"}, {}, "library"),
        ({"weaviate_is_local": False}, {"data_source": "local"}, "library"),
        ({"weaviate_is_local": False}, {"data_source": "local", "wcd_url": "https://x"}, "cloud"),
        ({"weaviate_is_local": False}, {"data_source": "custom"}, None),
        ({"wcd_url": "https://x"}, {"data_source": "library"}, "cloud"),
        ({"wcd_url": "https://x"}, {"data_source": "local"}, None),
        ({"wcd_url": ""}, {}, None),
        ({"base_model": "m"}, {"data_source": "library", "wcd_url": "https://x"}, None),
    ],
)
def test_what_is_said_of_weaviate_chooses_the_data_source(named, in_force, source):
    assert in_our_names(named, in_force).get("data_source") == source


@pytest.mark.parametrize("word", ["perhaps", "2", [1]])
def test_a_flag_that_is_neither_true_nor_false_is_told(word):
    with pytest.raises(ConfigurationError, match="weaviate_is_custom does not fit"):
        in_our_names({"WEAVIATE_IS_CUSTOM": word})


def test_keys_are_hidden_under_whatever_name_they_have():
    given = {
        "OPENAI_API_KEY": "k",
        "weaviate_api_key": "k",
        "api_keys": {"A": "k"},
        "base_model": "m",
        "wcd_api_key": None,
    }
    assert without_plain_keys(given) == {
        "OPENAI_API_KEY": SecretStr("k"),
        "weaviate_api_key": SecretStr("k"),
        "api_keys": {"A": SecretStr("k")},
        "base_model": "m",
        "wcd_api_key": None,
    }


def test_what_was_given_is_not_changed():
    given = {"MODEL_API_BASE": "http://x"}
    in_our_names(given)
    assert given == {"MODEL_API_BASE": "http://x"}


def test_our_own_settings_are_taken_as_they_stand():
    saved = Settings(wcd_url="https://x", base_provider="a/b").to_json()
    assert saved_in_our_names(saved) == saved
    assert saved_in_our_names({"WCD_URL": "https://x"}) == {"wcd_url": "https://x", "data_source": "cloud"}


@pytest.mark.parametrize(
    ("name", "is_key"),
    [
        ("OPENAI_API_KEY", True),
        ("cohere_apikey", True),
        ("wcd_api_key", False),
        ("WEAVIATE_API_KEY", False),
        ("api_keys", False),
        ("base_model", False),
    ],
)
def test_a_key_is_known_by_its_name(name, is_key):
    assert is_key_name(name) is is_key
