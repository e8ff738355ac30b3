"""Reads a library until it holds so many objects; says how often it read and how many states it saw.

library_reader.py FOLDER OBJECTS
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from faults.library_writer import BATCH, NAME, vector_of

from elysia_desktop.core.requests import AggregateRequest, Metric, QueryRequest
from elysia_desktop.stores.library import Library

_LONGEST_READ = 10.0


async def main() -> None:
    library = Library(Path(sys.argv[1]))
    wanted, before, reads = int(sys.argv[2]), 0, 0
    states: set[int] = set()
    highest = AggregateRequest(collection=NAME, metrics=(Metric(property="n", function="MAX"),))
    while before < wanted:
        started = time.monotonic()
        answer = await library.aggregate(highest)
        assert answer.count % BATCH == 0, f"half a batch: {answer.count}"
        assert answer.count >= before, f"{before} objects became {answer.count}"
        if answer.count:
            assert answer.metrics[0].value == answer.count - 1
        before = answer.count
        states.add(before)
        page = await library.query(QueryRequest(collection=NAME, search="keyword", text="whole", limit=1))
        assert page.total is None or before <= page.total <= wanted
        if before:
            found = await library.nearest(NAME, vector_of(before - 1), 1)
            assert found[0]["n"] == before - 1
        reads += 3
        assert time.monotonic() - started < _LONGEST_READ
    await library.close()
    print(reads, len(states))


asyncio.run(main())
