"""Loads the shop's sample data, with what analysis knows of it, into a store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.resources import resource
from elysia_desktop.core.schema import CollectionSchema

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store

Progress = Callable[[float, str], None]
"""Called with the share that is done, 0 to 1, and what is being loaded."""


async def load_sample(store: Store, progress: Progress | None = None) -> list[str]:
    """Load what is missing of the sample collections; returns their names. Cut off, it is finished next time.

    The metadata of a collection is written last, so its presence means that the collection is whole.
    """
    described = await asyncio.to_thread(_described)
    existing = {info.name for info in await store.collections()}
    total = sum(int(item["metadata"]["length"]) for item in described)
    done = 0
    for item in described:
        name, length = str(item["name"]), int(item["metadata"]["length"])
        if await store.get_metadata(name) if name in existing else False:
            done += length
            continue
        if name not in existing:
            await store.create(
                CollectionSchema.model_validate({"name": name, "properties": item["properties"]})
            )
        objects = await asyncio.to_thread(_objects, name)

        def tell(count: int, before: int = done, name: str = name) -> None:
            if progress is not None:
                progress((before + count) / total, name)

        await store.insert(name, objects, tell)
        await store.put_metadata(name, item["metadata"])
        done += length
    return [str(item["name"]) for item in described]


def _described() -> list[dict[str, Any]]:
    return json.loads(resource("sample", "collections.json").read_text("utf-8"))


def _objects(name: str) -> list[dict[str, Any]]:
    lines = resource("sample", f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]
