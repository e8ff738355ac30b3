import pytest

from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.embedders.choice import EmbedderChoice


def chosen(**changes):
    settings = Settings()
    settings.configure(**changes)
    return EmbedderChoice.of(settings)


def test_the_choice_is_what_the_settings_say():
    choice = chosen(embedder="ollama", embedder_model=" bge-m3 ", embedder_api_base="http://gpu:11434")
    assert (choice.name, choice.model, choice.address) == ("ollama", "bge-m3", "http://gpu:11434")
    assert choice.key.get_secret_value() == ""


def test_the_embedders_own_key_comes_first():
    choice = chosen(embedder="openai", embedder_api_key="own", openai_api_key="general")
    assert choice.key.get_secret_value() == "own"
    assert "own" not in repr(choice)


@pytest.mark.parametrize(
    ("embedder", "address", "key"),
    [
        ("openai", "", "general"),
        ("openai", "https://eu.api.openai.com/v1", "general"),
        ("openai", "https://example.org/v1", ""),
        ("openai", "https://notopenai.com/v1", ""),
        ("ollama", "", ""),
    ],
)
def test_the_key_of_openai_goes_to_openai_alone(embedder, address, key):
    choice = chosen(embedder=embedder, embedder_api_base=address, openai_api_key="general")
    assert choice.key.get_secret_value() == key
