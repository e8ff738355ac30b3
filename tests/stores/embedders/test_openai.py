import pytest
from support.embedding_server import EmbeddingServer

from elysia_desktop.core.errors import MissingKey
from elysia_desktop.stores.embedders.choice import EmbedderChoice
from elysia_desktop.stores.embedders.openai import OpenAIEmbedder


async def test_openai_itself_needs_a_key_and_is_not_asked_without():
    with pytest.raises(MissingKey, match="none is known") as caught:
        await OpenAIEmbedder(EmbedderChoice("openai")).embed_query("a")
    assert "OPENAI_API_KEY" in caught.value.hint


async def test_an_address_may_be_given_with_or_without_its_path():
    with EmbeddingServer() as server:
        for address in (server.address, f"{server.address}/", server.openai_address):
            embedder = OpenAIEmbedder(EmbedderChoice("openai", "m", address))
            assert len(await embedder.embed_query("a")) == 32
            await embedder.close()


async def test_an_empty_text_is_sent_as_a_blank():
    with EmbeddingServer() as server:
        embedder = OpenAIEmbedder(EmbedderChoice("openai", "m", server.address))
        assert len(await embedder.embed_documents(["", "a"])) == 2
        await embedder.close()
        assert server.texts == [" ", "a"]


def test_the_usual_model_is_the_small_one():
    assert OpenAIEmbedder(EmbedderChoice("openai")).model == "text-embedding-3-small"
