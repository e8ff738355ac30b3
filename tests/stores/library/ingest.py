"""Inserts batches for ever and says after each what has been acknowledged; run by a test, which kills it."""

import asyncio
import sys
from itertools import count
from pathlib import Path
from uuid import UUID

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library


async def main():
    library = Library(Path(sys.argv[1]))
    properties = (Property(name="n", type="int"), Property(name="text", type="text"))
    await library.create(CollectionSchema(name="Numbers", properties=properties))
    numbers = ({"uuid": UUID(int=n), "n": n, "text": f"number {n} " * 10} for n in count())
    await library.insert("Numbers", numbers, progress=lambda done: print(done, flush=True))


asyncio.run(main())
