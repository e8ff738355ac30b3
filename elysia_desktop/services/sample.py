"""Loads the shop's sample data, with what analysis knows of it, into a store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.resources import resource
from elysia_desktop.core.schema import CollectionSchema

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store

Progress = Callable[[float, str], None]
"""Called with the share that is done, 0 to 1, and what is being loaded."""


async def load_sample(store: Store, progress: Progress | None = None) -> list[str]:
    """Load what is missing of the sample collections; returns their names. Cut off, it is finished next time.

    The metadata of a collection is written last, so its presence means that the collection is whole. One of the
    same name but with other properties is the person's own and is left alone.
    """
    described = await asyncio.to_thread(_described)
    existing = {info.name for info in await store.collections()}
    total = sum(int(item["metadata"]["length"]) for item in described)
    done = 0
    for item in described:
        name, length = str(item["name"]), int(item["metadata"]["length"])
        schema = CollectionSchema.model_validate({"name": name, "properties": item["properties"]})
        if name in existing and (await store.get_metadata(name) or not await _is_ours(store, schema)):
            done += length
            continue
        if name not in existing:
            await _create(store, schema)
        objects = await asyncio.to_thread(_objects, name)

        def tell(count: int, before: int = done, name: str = name) -> None:
            if progress is not None:
                progress((before + count) / total, name)

        await store.insert(name, objects, tell)
        await store.put_metadata(name, item["metadata"])
        done += length
    names = [str(item["name"]) for item in described]
    if progress is not None:
        progress(1.0, names[-1])
    return names


async def _create(store: Store, schema: CollectionSchema) -> None:
    """Make a collection, unless another start of the application has just done so."""
    try:
        await store.create(schema)
    except QueryRejected:
        if schema.name not in {info.name for info in await store.collections()}:
            raise


async def _is_ours(store: Store, schema: CollectionSchema) -> bool:
    kinds = [(prop.name, prop.type) for prop in (await store.schema(schema.name)).properties]
    return kinds == [(prop.name, prop.type) for prop in schema.properties]


def _described() -> list[dict[str, Any]]:
    return json.loads(resource("sample", "collections.json").read_text("utf-8"))


def _objects(name: str) -> list[dict[str, Any]]:
    lines = resource("sample", f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]
