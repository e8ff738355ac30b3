import traceback

import pytest
from engine.models import KEY, choice_of
from pydantic import SecretStr

from elysia_desktop.core.errors import MissingKey
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.model_library import client_for, serving_provider


@pytest.fixture(autouse=True)
def library():
    load_model_library()


@pytest.mark.parametrize(
    ("provider", "model", "called", "served_by"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o", "openai-chat"),
        ("anthropic", "claude-x", "anthropic/claude-x", "anthropic"),
        ("groq", "a/b", "groq/a/b", "groq"),
        ("hosted_vllm", "m", "hosted_vllm/m", "vllm"),
    ],
)
def test_a_provider_is_reached_by_the_name_the_library_knows(provider, model, called, served_by):
    client = client_for(choice_of("", provider=provider, model=model), 5)
    assert client.model == called
    assert client.num_retries == 0
    assert client.cache is False
    assert serving_provider(client) == served_by


@pytest.mark.parametrize("provider", ["bedrock", "vertex_ai", "of-the-future"])
def test_a_provider_not_known_here_is_left_to_the_library_with_a_key_or_without(provider):
    assert client_for(choice_of("", provider=provider, key=SecretStr("")), 5).model == f"{provider}/scripted"
    with pytest.raises(MissingKey, match="Anthropic needs a key"):
        client_for(choice_of("", provider="anthropic", key=SecretStr("")), 5)


def test_no_key_is_in_a_traceback_with_local_variables_of_an_address_that_is_none():
    with pytest.raises(ValueError, match="IPv6") as caught:
        client_for(choice_of("http://[::1"), 5)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(told.format())


def test_openrouter_is_spoken_to_like_an_address_so_that_its_providers_words_are_heard():
    by_name = client_for(choice_of("", provider="openrouter", model="meta/llama"), 5)
    by_address = client_for(choice_of("https://openrouter.ai/api/v1", model="meta/llama"), 5)
    assert by_name.model == by_address.model
    assert by_name.model.endswith("/meta/llama")
    assert serving_provider(by_name) is None  # its own price list holds, not that of a server


def test_an_address_is_reached_under_a_name_of_its_own():
    first = client_for(choice_of("http://localhost:1"), 5)
    again = client_for(choice_of("http://localhost:1/v1"), 5)
    other = client_for(choice_of("http://localhost:2/v1"), 5)
    assert first.model == again.model != other.model


def test_a_model_without_a_name_can_be_reached_by_its_address():
    assert client_for(choice_of(provider="on_this_computer", model=""), 5).model.endswith("/default")
