"""The process of one store in the benchmark: takes a call by its name, says what it took and what was found.

stores_child.py library|weaviate|lancedb|duckdb PLACE DATA
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import stores_data


class Child:
    """One contestant; times are milliseconds."""

    def __init__(self, contestant, data):
        self._contestant = contestant
        self._data = data
        self._requests, self._asked = stores_data.read_requests(data)
        self._given = None

    def read(self):
        """Have the objects in memory before they are ingested."""
        self._given = stores_data.read(self._data)
        return {"objects": len(self._given[0])}

    def forget(self):
        """Release the objects, so that their memory is not what is measured next."""
        self._given = None
        return {}

    def open(self):
        return self._timed(self._contestant.open)

    def close(self):
        return self._timed(self._contestant.close)

    def ingest(self):
        return self._timed(lambda: self._contestant.ingest(*self._given))

    def ask(self, kind, first, number):
        """So many requests of a kind, each timed by itself, and what they found."""
        times, found = [], []
        for request in self._requests[kind][first : first + number]:
            details = dict(request)
            if "vector" in details:
                details["vector"] = self._asked[details["vector"]]
            started = time.perf_counter()
            answer = getattr(self._contestant, kind)(**details)
            times.append((time.perf_counter() - started) * 1000)
            found.append(answer)
        return {"times": times, "found": found}

    def can(self, kind):
        return {"can": hasattr(self._contestant, kind)}

    @staticmethod
    def _timed(work):
        started = time.perf_counter()
        work()
        return {"times": [(time.perf_counter() - started) * 1000]}


def serve(name, place, data):
    started = time.perf_counter()
    contestant = importlib.import_module(f"benchmarks.stores_{name}").Contestant(place)
    child = Child(contestant, data)
    print(json.dumps({"started": (time.perf_counter() - started) * 1000}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = getattr(child, asked.pop("call"))(**asked)
        except Exception:  # noqa: BLE001 -- whatever it is, the benchmark tells it
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
