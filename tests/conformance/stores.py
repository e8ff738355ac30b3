"""The two stores, opened for a comparison."""

from contextlib import asynccontextmanager

from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.library import Library
from elysia_desktop.stores.weaviate.store import WeaviateStore


@asynccontextmanager
async def library(folder):
    """The embedded store, its file in a folder of its own."""
    opened = Library(folder)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def weaviate(http_port, grpc_port):
    """The store of a Weaviate that listens at these ports of this computer."""
    clients = ClientManager(
        weaviate_is_local=True,
        wcd_url="localhost",
        local_weaviate_port=http_port,
        local_weaviate_grpc_port=grpc_port,
    )
    opened = WeaviateStore(clients)
    try:
        yield opened
    finally:
        await opened.close()
        await clients.close_clients()
