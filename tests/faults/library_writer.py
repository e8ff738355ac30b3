"""Changes a library for ever and says after each change what was acknowledged; run by a fault, which kills it.

    library_writer.py FOLDER FIRST

Objects are numbered from FIRST on. Lines it says: `inserted N` (so many of them so far), `updated N`, `deleted N`,
`noted N`, each with the object's or note's number.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library

NAME = "Numbers"
DIMENSIONS = 16
BATCH = 1_000


def vector_of(n: int) -> list[float]:
    """A direction of its own for each number."""
    drawn = random.Random(n)
    return [drawn.gauss(0, 1) for _ in range(DIMENSIONS)]


def object_of(n: int) -> dict[str, Any]:
    return {
        "uuid": UUID(int=n),
        "n": n,
        "text": f"number unit{n} of the whole",
        "_vector": vector_of(n),
    }


def numbers(first: int) -> Iterator[dict[str, Any]]:
    return (object_of(n) for n in count(first))


async def prepare(library: Library) -> None:
    """Make the collection where it is not there."""
    properties = (Property(name="n", type="int"), Property(name="text", type="text"))
    try:
        await library.create(CollectionSchema(name=NAME, properties=properties))
    except QueryRejected:
        await library.schema(NAME)


async def change(library: Library, first: int) -> None:
    """Between inserts one object of the last batch is changed, one deleted, and a note is kept."""
    rounds = random.Random(first)
    start = first
    while True:
        most = rounds.randint(1, 4) * BATCH // 2
        given = (object_of(n) for n in range(start, start + most))
        before = start - first
        await library.insert(NAME, given, lambda done, before=before: say("inserted", before + done))
        start += most
        await library.update(
            NAME, str(UUID(int=start - 1)), {"text": f"changed unit{start - 1} of the whole"}
        )
        say("updated", start - 1)
        await library.delete(NAME, [str(UUID(int=start - 2))])
        say("deleted", start - 2)
        await library.put_metadata(NAME, {"last": start - 1})
        say("noted", start - 1)


def say(what: str, number: int) -> None:
    print(what, number, flush=True)


async def main() -> None:
    library = Library(Path(sys.argv[1]))
    await prepare(library)
    await change(library, int(sys.argv[2]))


if __name__ == "__main__":
    asyncio.run(main())
