from typing import get_args

import pytest

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.embedders import EMBEDDERS, ChosenEmbedder, opened
from elysia_desktop.stores.embedders.choice import EmbedderChoice


def test_every_embedder_of_the_settings_can_be_opened():
    names = get_args(Settings.model_fields["embedder"].annotation)
    assert set(names) == {"none", *EMBEDDERS}
    for name in EMBEDDERS:
        embedder = opened(EmbedderChoice(name))
        assert embedder is not None
        assert embedder.name == name
        assert embedder.model


def test_an_embedder_that_does_not_exist_is_told():
    with pytest.raises(ConfigurationError, match="no embedder “cohere”") as caught:
        opened(EmbedderChoice("cohere"))
    assert caught.value.hint == "Use one of: none, offline, ollama, openai."


def test_the_embedder_follows_the_settings():
    settings = Settings()
    chosen = ChosenEmbedder(settings)
    assert chosen() is None
    settings.configure(embedder="ollama")
    first = chosen()
    assert first is chosen()
    settings.configure(embedder_model="bge-m3")
    second = chosen()
    assert (first.model, second.model) == ("nomic-embed-text", "bge-m3")
    chosen.settings = Settings()
    assert chosen() is None
