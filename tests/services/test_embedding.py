import pytest
from support.embedding_server import EmbeddingServer, Fail

from elysia_desktop.core.errors import ModelRefused
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.services.embedding import Embedded
from elysia_desktop.services.workspace import Workspace


@pytest.fixture
async def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.folders.make()
    for name in ("Notes", "Papers"):
        properties = (Property(name="text", type=DataType.TEXT),)
        await workspace.clients.store().create(CollectionSchema(name=name, properties=properties))
        await workspace.clients.store().insert(name, [{"text": f"{name} {number}"} for number in range(4)])
    yield workspace
    await workspace.close()


def embed_by(workspace, server):
    settings = workspace.clients.settings.model_copy()
    settings.configure(
        embedder="openai", embedder_model="scripted-embedding", embedder_api_base=server.openai_address
    )
    workspace.clients.settings = settings


async def settled(workspace):
    await workspace.embedding.state()  # asking begins what waits
    await workspace.clients.library().embed_pending()
    return await workspace.embedding.state()


async def test_without_an_embedder_nothing_is_left_to_do(workspace):
    assert await workspace.embedding.state() == Embedded(1)


async def test_texts_that_were_refused_are_counted_apart_with_a_reason(workspace):
    with EmbeddingServer() as server:
        taking = server.take

        def take(asked):
            refused = Fail(400, "No papers.") if any("Papers" in text for text in asked.texts) else None
            return taking(asked) or refused

        server.take = take
        embed_by(workspace, server)
        now = await settled(workspace)
        reason = f"{server.openai_address} did not embed with “scripted-embedding”: No papers."
        assert now == Embedded(0.5, failed=4, reason=reason)


async def test_what_keeps_texts_from_being_embedded_is_told_and_no_text_is_refused(workspace):
    with EmbeddingServer() as server:
        embed_by(workspace, server)
        assert await settled(workspace) == Embedded(1)
        server.always = Fail(400, "No models loaded.")
        await workspace.clients.store().insert("Notes", [{"text": f"more {number}"} for number in range(8)])
        for _ in range(2):
            now = await workspace.embedding.state()
            if now.problem:
                break
            with pytest.raises(ModelRefused, match="No models loaded"):
                await workspace.clients.library().embed_pending()
        assert (now.share, now.failed, now.is_done) == (0.5, 0, False)
        assert "No models loaded." in now.problem
