"""The part of either side's process that is the same: takes a measure by its name, says what it took."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

TURNS_BEFORE = 3
TURNS_MEASURED = 10


def resident():
    """MiB that this process holds."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("This system does not tell a process's resident memory.")


class Child:
    """Measures one side. `side` makes conversations: `decides(objects)`, `acts(objects)`, `adds(objects)`.

    A conversation has `prepare()`, which brings it back to its state and is not measured, and `async run()`.
    """

    def __init__(self, side):
        self._side = side
        self._prepared = {}
        self._runner = asyncio.Runner()

    def sample(self, what, objects, times):
        """Medians of some runs in a row: milliseconds on the clock, and of the processor."""
        key = (what, objects)
        if key not in self._prepared:
            self._prepared.clear()  # only one state in memory at a time
            self._prepared[key] = getattr(self._side, what)(objects)
        # the first of many finds the processor's caches full of what the other side did
        runs = [self._one(self._prepared[key]) for _ in range(times + (times > 1))]
        wall, cpu = (statistics.median(column) for column in zip(*runs[-times:], strict=True))
        return {"wall": wall * 1000, "cpu": cpu * 1000}

    def memory(self, objects):
        """KiB that one turn leaves behind."""
        self._prepared.clear()
        conversation = self._side.decides(objects)
        conversation.prepare()
        tracemalloc.start()
        try:
            for _ in range(TURNS_BEFORE):
                self._runner.run(conversation.run())
            before = self._traced()
            for _ in range(TURNS_MEASURED):
                self._runner.run(conversation.run())
            return {"kib": (self._traced() - before) / TURNS_MEASURED / 1024}
        finally:
            tracemalloc.stop()

    def prompt(self, objects):
        """What the model is asked by the first decision."""
        self._prepared.clear()
        conversation = self._side.decides(objects)
        conversation.prepare()
        self._runner.run(conversation.run())
        text, schema = self._side.engine.prompt()
        return {"text": text, "schema": schema}

    def budget(self):
        """The tokens that a prompt may hold."""
        return {"tokens": self._side.budget()}

    def leaks(self, few, many):
        """Resident MiB after a few and after many runs of one conversation."""
        self._prepared.clear()
        conversation = self._side.decides(100)
        conversation.prepare()
        told = []
        for number in range(1, many + 1):
            self._runner.run(conversation.run())
            if number in {few, many}:
                gc.collect()
                told.append(resident())
        return {"few": told[0], "many": told[1]}

    def _one(self, conversation):
        """Seconds on the clock and of the processor for one run."""

        async def timed():
            wall, cpu = time.perf_counter(), time.process_time()
            await conversation.run()
            return time.perf_counter() - wall, time.process_time() - cpu

        gc.collect()
        for _ in ("warms what the collection drove from the processor's caches", "counts"):
            conversation.prepare()
            taken = self._runner.run(timed())
        return taken

    def _traced(self):
        gc.collect()
        return tracemalloc.get_traced_memory()[0]


def serve(make_side):
    """Answer requests line by line: `{"call": name, …}`; anything that is printed meanwhile goes to the error stream."""
    out, sys.stdout = sys.stdout, sys.stderr
    child = Child(make_side())
    for line in sys.stdin:
        request = json.loads(line)
        told = getattr(child, request.pop("call"))(**request)
        print(json.dumps(told), file=out, flush=True)
