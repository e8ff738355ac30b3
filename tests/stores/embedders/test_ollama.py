import pytest
from support.embedding_server import EmbeddingServer

from elysia_desktop.stores.embedders.choice import EmbedderChoice
from elysia_desktop.stores.embedders.ollama import OllamaEmbedder


@pytest.mark.parametrize("path", ["", "/", "/v1", "/api/"])
async def test_the_address_of_its_models_is_understood(path):
    with EmbeddingServer() as server:
        embedder = OllamaEmbedder(EmbedderChoice("ollama", "m", server.address + path))
        assert len(await embedder.embed_query("a")) == 32
        await embedder.close()
        assert server.asked[0].path == "/api/embed"


def test_the_usual_model_is_nomic():
    assert OllamaEmbedder(EmbedderChoice("ollama")).model == "nomic-embed-text"
