import pytest
from support.embedding_server import EmbeddingServer

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.weaviate.connection import _load_library


@pytest.fixture(scope="session")
def client_library():
    """Loads weaviate-client as the application does, for tests that ask no server."""
    _load_library()


@pytest.fixture
async def clients(weaviate_node):
    opened = ClientManager(
        settings=Settings(
            data_source="local",
            local_weaviate_port=weaviate_node.port,
            local_weaviate_grpc_port=weaviate_node.grpc_port,
        )
    )
    yield opened
    await opened.close_clients()


@pytest.fixture
async def store(clients):
    """The store of a Weaviate, whose collections are dropped afterwards."""
    opened = clients.store()
    yield opened
    async with clients.connect_to_async_client() as client:
        await client.collections.delete_all()


@pytest.fixture(scope="module")
def embeddings():
    with EmbeddingServer() as running:
        yield running


@pytest.fixture
def make(store):
    """Makes a collection: `await make("Films", title="text", …)` with further fields of its schema by keyword."""

    async def made(name, properties, **more):
        schema = CollectionSchema(
            name=name,
            properties=tuple(
                one if isinstance(one, Property) else Property(name=key, type=one)
                for key, one in properties.items()
            ),
            **more,
        )
        await store.create(schema)
        return schema

    return made


def uuid(number):
    """An id that sorts by its number."""
    return f"00000000-0000-0000-0000-{number:012d}"


@pytest.fixture
async def films(store, make):
    """A store with a small collection of films."""
    await make(
        "Films",
        {
            "title": "text",
            "plot": "text",
            "year": "int",
            "rating": "float",
            "seen": "boolean",
            "premiere": "date",
            "tags": "text[]",
            "crew": "object",
        },
    )
    rows = [
        (
            "Alien",
            "A crew meets a creature in space.",
            1979,
            8.5,
            True,
            "1979-05-25T20:00:00-04:00",
            ["horror", "space"],
        ),
        ("Amélie", "A shy waitress mends the lives of others.", 2001, 8.3, None, "2001-04-25", ["romance"]),
        (
            "Solaris",
            "A psychologist in space. Space thinks.",
            1972,
            None,
            False,
            "1972-03-20T00:00:00Z",
            ["space"],
        ),
        ("Untitled", None, None, None, None, None, None),
    ]
    names = ("title", "plot", "year", "rating", "seen", "premiere", "tags")
    report = await store.insert(
        "Films",
        [{"uuid": uuid(9 - index), **dict(zip(names, row, strict=True))} for index, row in enumerate(rows)],
    )
    assert report.rejected == []
    return store
