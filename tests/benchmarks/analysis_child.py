"""One part of the benchmark of analysis, in a process of its own; told by one JSON object on the standard input."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from pathlib import Path

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.preprocess import preprocess_async
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.stores.clients import ClientManager

NAME = "Things"
_SCHEMA = CollectionSchema(
    name=NAME,
    properties=(
        Property(name="title", type="text"),
        Property(name="note", type="text"),
        Property(name="kind", type="text"),
        Property(name="price", type="float"),
        Property(name="stock", type="int"),
        Property(name="sold", type="boolean"),
        Property(name="since", type="date"),
        Property(name="tags", type="text[]"),
    ),
)


def objects(number):
    """So many objects, one at a time."""
    for n in range(number):
        yield {
            "uuid": f"00000000-0000-4000-8000-{n:012d}",
            "title": f"Thing {n}",
            "note": f"It is made of {n % 7} parts. " * (1 + n % 3),
            "kind": f"kind {n % 12}",
            "price": n / 100,
            "stock": n % 500,
            "sold": n % 3 == 0,
            "since": f"20{n % 24:02}-0{1 + n % 9}-1{n % 10}T00:00:00Z",
            "tags": [f"t{n % 5}", f"u{n % 7}"],
        }


class Memory:
    """The most memory that this process has for itself, and has mapped of files, in MB, above what it began with."""

    def __init__(self):
        self._ended = threading.Event()
        self._start = self._now()
        self._most = self._start
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    @property
    def own(self):
        return self._most[0] - self._start[0]

    @property
    def mapped(self):
        return self._most[1] - self._start[1]

    def _watch(self):
        while not self._ended.wait(0.02):
            self._most = tuple(map(max, self._most, self._now()))

    @staticmethod
    def _now():
        lines = Path("/proc/self/status").read_text().splitlines()
        said = dict(line.split(":", 1) for line in lines)
        return tuple(int(said[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))


def clients_of(place, model=""):
    scripted = {"base_provider": "llama_cpp", "base_model": "scripted", "base_api_base": model}
    if "folder" in place:
        settings = Settings(**(scripted if model else {}))
        return ClientManager(settings=settings, library_folder=Path(place["folder"]))
    ports = {"local_weaviate_port": place["http"], "local_weaviate_grpc_port": place["grpc"]}
    return ClientManager(settings=Settings(data_source="local", **ports, **(scripted if model else {})))


async def fill(clients, number):
    store = clients.store()
    await store.create(_SCHEMA)
    report = await store.insert(NAME, objects(number))
    return {"inserted": report.inserted, "rejected": [one.reason for one in report.rejected[:3]]}


async def analyse(clients):
    await clients.store().collections()
    with Memory() as memory:
        started, of_processor = time.perf_counter(), time.process_time()
        updates = preprocess_async(NAME, clients, settings=clients.settings, force=True)
        async for update in updates:
            last = update
        seconds, processor = time.perf_counter() - started, time.process_time() - of_processor
    metadata = await clients.store().get_metadata(NAME) or {"length": None}
    told = {"type": last["type"], "error": last["error"], "length": metadata["length"]}
    return {**told, "seconds": seconds, "processor": processor, "own": memory.own, "mapped": memory.mapped}


async def first_use(clients):
    await clients.store().collections()
    started = time.perf_counter()
    await statistics(clients.store(), NAME)
    return {"seconds": time.perf_counter() - started}


async def main(asked):
    clients = clients_of(asked["place"], asked.get("model", ""))
    try:
        if "fill" in asked:
            return await fill(clients, asked["fill"])
        return await (first_use if asked.get("first") else analyse)(clients)
    finally:
        await clients.close_clients()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
