"""Weaviate is not there, does not answer, does not know the key or the tenant."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from faults.verdicts import Fault
from faults.weaviate_asking import NAME, SCHEMA, filled, is_right, manager_for, objects, refused
from support.weaviate_server import WeaviateServer, weaviate_binary, weaviate_server

from elysia_desktop.core.errors import ConfigurationError, QueryRejected, StoreError, StoreUnreachable
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.stores.base import Store
from elysia_desktop.stores.library import Library

_WRONG = "a-key-that-nobody-gave-out"
_SLOWEST_PAUSE = 0.5


def everything(store: Store) -> dict[str, object]:
    """One call of each kind that asks the server something."""

    async def scanned() -> None:
        async for _ in store.scan(NAME):
            return

    return {
        "collections": store.collections,
        "schema": lambda: store.schema(NAME),
        "query": lambda: store.query(QueryRequest(collection=NAME)),
        "aggregate": lambda: store.aggregate(AggregateRequest(collection=NAME)),
        "get": lambda: store.get(NAME, ["00000000-0000-0000-0000-000000000001"]),
        "sample": lambda: store.sample(NAME, 3),
        "create": lambda: store.create(SCHEMA),
        "insert": lambda: store.insert(NAME, objects(3)),
        "update": lambda: store.update(NAME, "00000000-0000-0000-0000-000000000001", {"n": 1}),
        "delete": lambda: store.delete(NAME, ["00000000-0000-0000-0000-000000000001"]),
        "drop": lambda: store.drop(NAME),
        "scan": scanned,
        "get_metadata": lambda: store.get_metadata(NAME),
        "put_metadata": lambda: store.put_metadata(NAME, {"name": NAME}),
        "delete_metadata": lambda: store.delete_metadata(NAME),
    }


async def not_there(folder: Path) -> str:
    nowhere = WeaviateServer(weaviate_binary(), folder)  # its ports are free, it is never started
    longest = 0.0
    async with manager_for(nowhere) as manager:
        for name, call in everything(manager.store()).items():
            started = time.monotonic()
            error = await refused(call())  # type: ignore[operator]
            longest = max(longest, time.monotonic() - started)
            assert isinstance(error, StoreUnreachable), f"{name}: {error!r}"
    return f"“{error.sentence}”; each of 15 calls within {longest:.1f} s"


async def frozen(folder: Path) -> str:
    """The connections stand, nothing is answered; another store is used meanwhile on the same event loop."""
    other = Library(folder)
    with weaviate_server() as server:
        try:
            async with manager_for(server) as manager:
                store = manager.store()
                await filled(store, 200)
                await other.create(SCHEMA)
                await other.insert(NAME, objects(200))
                await is_right(store, 1)
                server.freeze()
                started = time.monotonic()
                asking = asyncio.gather(
                    refused(is_right(store, 1)),
                    refused(store.insert(NAME, objects(200))),
                    refused(store.collections()),
                )
                slowest, answers = await _others_go_on(other, asking)
                took = time.monotonic() - started
                errors = asking.result()
                server.thaw()
                await is_right(store, 1)
        finally:
            server.thaw()
            await other.close()
    for error in errors:
        assert isinstance(error, StoreError), repr(error)
    assert slowest < _SLOWEST_PAUSE, f"the event loop stood still for {slowest:.2f} s"
    return (
        f"“{errors[0].sentence}” after {took:.1f} s; {answers} answers by another store meanwhile, "
        f"the longest pause {slowest * 1000:.0f} ms; afterwards it is used again"
    )


async def _others_go_on(other: Library, asking: asyncio.Future[object]) -> tuple[float, int]:
    slowest, answers = 0.0, 0
    while not asking.done():
        started = time.monotonic()
        await is_right(other, answers % 200)
        await asyncio.sleep(0.01)
        slowest = max(slowest, time.monotonic() - started)
        answers += 1
    return slowest, answers


async def wrong_key(_: Path) -> str:
    with weaviate_server(key="the-right-key") as server:
        async with manager_for(server, wcd_api_key="the-right-key") as manager:
            await filled(manager.store(), 10)
        async with manager_for(server, wcd_api_key=_WRONG) as manager:
            for name, call in everything(manager.store()).items():
                error = await refused(call())  # type: ignore[operator]
                assert isinstance(error, ConfigurationError | StoreError), f"{name}: {error!r}"
                assert "key" in error.sentence, f"{name}: {error.sentence}"
                assert _WRONG not in error.sentence
        async with manager_for(server, wcd_api_key="the-right-key") as manager:
            await is_right(manager.store(), 3)
    return f"“{error.sentence}”"


async def missing_tenant(_: Path) -> str:
    schema = SCHEMA.model_copy(update={"multi_tenant": True})
    with weaviate_server() as server:
        async with manager_for(server, weaviate_tenant="here") as manager:
            await filled(manager.store(), 10, schema)
            await is_right(manager.store(), 3)
        said: list[str] = []
        for tenant in ("elsewhere", ""):
            async with manager_for(server, weaviate_tenant=tenant) as manager:
                store = manager.store()
                for name in ("query", "aggregate", "get", "sample", "scan"):
                    error = await refused(everything(store)[name]())  # type: ignore[operator]
                    assert isinstance(error, QueryRejected | ConfigurationError), (
                        f"{name}, “{tenant}”: {error!r}"
                    )
                    assert "tenant" in error.sentence.lower(), error.sentence
                said.append(error.sentence)
                await store.collections()  # the others are not in the way
    return "; ".join(f"“{one}”" for one in said)


FAULTS = (
    Fault(
        "weaviate-refused",
        "nothing listens at the address of Weaviate",
        "every call is refused in words in time",
        not_there,
        seconds=200,
    ),
    Fault(
        "weaviate-frozen",
        "Weaviate holds its connections and answers nothing",
        "a time-out in words, other work goes on, afterwards it is used again",
        frozen,
        seconds=200,
    ),
    Fault(
        "weaviate-wrong-key",
        "Weaviate does not know the key",
        "every call says so without the key itself",
        wrong_key,
        seconds=200,
    ),
    Fault(
        "weaviate-missing-tenant",
        "a collection keeps tenants apart, and the one that is set is not there, or none is set",
        "reading says which tenant is missing and where to set it",
        missing_tenant,
    ),
)
