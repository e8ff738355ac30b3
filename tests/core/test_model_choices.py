import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from elysia_desktop.core.model_choices import MODELS_BY_KEY, models_for
from elysia_desktop.core.providers import provider_of


@pytest.mark.parametrize(("key", "provider", "small", "large"), MODELS_BY_KEY)
def test_each_key_chooses_a_small_and_a_large_model(key, provider, small, large):
    assert models_for({key}, {}) == {
        "base_provider": provider,
        "base_model": small,
        "complex_provider": provider,
        "complex_model": large,
    }
    assert small != large
    assert provider_of(provider).key_name == key


def test_the_first_key_of_the_table_decides():
    keys = [key for key, *_ in MODELS_BY_KEY]
    assert models_for(set(keys), {})["base_provider"] == "openrouter"
    assert models_for(set(keys[2:]), {})["base_provider"] == "openai"
    assert models_for({"COHERE_API_KEY"}, {}) == {}


def test_what_is_chosen_already_stays():
    keys = {"OPENAI_API_KEY"}
    assert models_for(keys, {"base_model": "mine"}) == {}
    assert models_for(keys, {"base_provider": "on_this_computer"}) == {}
    assert set(models_for(keys, {"complex_model": "mine"})) == {"base_provider", "base_model"}


def test_the_model_library_knows_the_models():
    litellm = Path(find_spec("litellm").submodule_search_locations[0])
    known = json.loads((litellm / "model_prices_and_context_window_backup.json").read_text("utf-8"))
    for _, provider, *models in MODELS_BY_KEY:
        if provider != "openrouter":  # whose models are not all listed
            assert all(model in known or f"{provider}/{model}" in known for model in models)
