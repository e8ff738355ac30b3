"""The library beside a local Weaviate, LanceDB and, for groups, DuckDB: the same objects and requests in one run.

Each store is asked in a process of its own, in turns, so that whatever else the computer does hits all of them.
$ELYSIA_BENCHMARK_OBJECTS says how many objects, 100,000 by default.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import stores_data, stores_environment
from benchmarks.figures import Figure
from support.weaviate_server import WeaviateServer, weaviate_binary

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("stores_child.py")
_ROUNDS = 5
_INGESTS = 5
_PER_ROUND = 6
KINDS = ("keyword", "vector", "hybrid", "filter_sort", "group_by")


class Side:
    """A store's process, see stores_child.py."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self._process = process
        self._errors = errors
        self._answer()

    def ask(self, call: str, **details: Any) -> dict[str, Any]:
        """One call; raises `RuntimeError` with what went wrong in the process."""
        assert self._process.stdin is not None
        print(json.dumps({"call": call, **details}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(self._errors.read_text("utf-8", "replace")[-3000:])
        answer = json.loads(said)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


@dataclass
class Contestant:
    """A store that is measured: the interpreter that has it, where its data is, and what it took, in ms by row."""

    name: str
    python: Path
    place: Path
    data: Path
    server: WeaviateServer | None = None
    took: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    recall: float = 0.0

    @contextmanager
    def side(self) -> Generator[Side]:
        """Its process, ended afterwards."""
        errors = self.data / f"{self.name}.errors"
        place = f"{self.server.port} {self.server.grpc_port}" if self.server else str(self.place)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        with (
            errors.open("w") as file,
            subprocess.Popen(
                [self.python, "-W", "ignore", _CHILD, self.name, place, self.data],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment,
                text=True,
            ) as process,
        ):
            try:
                yield Side(process, errors)
            finally:
                process.kill()

    def note(self, row: str, milliseconds: float) -> None:
        self.took.setdefault(row, []).append(milliseconds)

    def median(self, row: str) -> float | None:
        return statistics.median(self.took[row]) if self.took.get(row) else None


def measure() -> list[Figure]:
    """Every row; the table of all stores is printed as it is complete."""
    number = int(os.environ.get("ELYSIA_BENCHMARK_OBJECTS", "100000"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stores-")))
        stores_data.write(folder, number)
        contestants = list(_contestants(folder, stack))
        _ingest(contestants)
        _ask(contestants)
        _open_cold(contestants)
    print(table(contestants, number))
    return _figures(contestants)


def _contestants(folder: Path, stack: ExitStack) -> Generator[Contestant]:
    """Those that can be had here; says why one cannot."""
    yield Contestant("library", Path(sys.executable), folder / "library", folder)
    try:
        (folder / "server").mkdir()
        server = WeaviateServer(weaviate_binary(), folder / "server")
        server.start_somewhere()
        stack.callback(server.stop)
        yield Contestant("weaviate", Path(sys.executable), folder / "server", folder, server)
    except pytest.skip.Exception as reason:
        print(f"Without Weaviate: {reason}", file=sys.stderr)
    try:
        python = stores_environment.interpreter()
        yield Contestant("lancedb", python, folder / "lance", folder)
        yield Contestant("duckdb", python, folder / "duck", folder)
    except stores_environment.NoStores as reason:
        print(f"Without LanceDB and DuckDB: {reason}", file=sys.stderr)


def _ingest(contestants: list[Contestant]) -> None:
    """Into an empty store each time, with every index that the requests use; the last one is kept."""
    for round_ in range(_INGESTS):
        for contestant in contestants:
            base = contestant.place
            if contestant.server is None:
                contestant.place = base.with_name(f"{base.name.split('-')[0]}-{round_}")
            with contestant.side() as side:
                side.ask("read")
                side.ask("open")
                took = side.ask("ingest")["times"][0]
                side.ask("close")
            print(f"ingest {contestant.name}: {took / 1000:.1f} s", file=sys.stderr)
            if contestant.name != "duckdb":  # it is here for groups only, and has no index to build
                contestant.note("ingest", took)


def _ask(contestants: list[Contestant]) -> None:
    with ExitStack() as stack:
        sides = {c.name: stack.enter_context(c.side()) for c in contestants}
        for side in sides.values():
            side.ask("open")
        for kind in KINDS:
            able = [c for c in contestants if sides[c.name].ask("can", kind=kind)["can"]]
            found: dict[str, list[Any]] = {c.name: [] for c in able}
            for round_ in range(_ROUNDS + 1):
                for contestant in able:
                    first = (round_ - 1) * _PER_ROUND if kind != "group_by" else 0
                    answer = sides[contestant.name].ask(
                        "ask", kind=kind, first=max(first, 0), number=_PER_ROUND
                    )
                    if round_:  # the first one finds nothing in memory, see _open_cold
                        contestant.note(kind, statistics.median(answer["times"]))
                        found[contestant.name] += answer["found"]
            _check(kind, contestants, found)


def _check(kind: str, contestants: list[Contestant], found: dict[str, list[Any]]) -> None:
    """Exact requests have the same answer everywhere; of the nearest it is counted how many were found."""
    ours = found.get("library", [])
    match kind:
        case "filter_sort":
            assert all(answer == ours for answer in found.values()), "the stores' answers differ"
        case "group_by":
            for answer in found.values():
                assert answer[0].keys() == ours[0].keys()
                for group, numbers in answer[0].items():
                    assert np.allclose(numbers, ours[0][group]), (group, numbers, ours[0][group])
        case "vector":
            nearest = _nearest(contestants[0].data)
            for contestant in contestants:
                answers = found.get(contestant.name, [])
                right = [len(set(a) & set(n)) for a, n in zip(answers, nearest, strict=False)]
                contestant.recall = sum(right) / max(len(right) * stores_data.LIMIT, 1)
        case _:
            assert all(all(answer) for answer in found.values())


def _nearest(data: Path) -> list[list[str]]:
    objects, vectors = stores_data.read(data)
    scores = stores_data.read_requests(data)[1] @ vectors.T
    return [[objects[i]["uuid"] for i in np.argsort(-row)[: stores_data.LIMIT]] for row in scores]


def _open_cold(contestants: list[Contestant]) -> None:
    """From a closed store to the first answer, in a new process whose modules are loaded; of Weaviate, its start."""
    for kind in ("keyword", "vector"):
        for _ in range(_ROUNDS):
            for contestant in contestants:
                if contestant.server is not None:
                    contestant.server.stop()
                with contestant.side() as side:
                    if not side.ask("can", kind=kind)["can"]:
                        continue
                    started = time.perf_counter()
                    if contestant.server is not None:
                        contestant.server.start()
                    side.ask("open")
                    side.ask("ask", kind=kind, first=0, number=1)
                    contestant.note(f"open_{kind}", (time.perf_counter() - started) * 1000)
                    side.ask("close")


ROWS = {
    "ingest": "ingest, all indexes built",
    "keyword": "keyword",
    "vector": "vector",
    "hybrid": "hybrid",
    "filter_sort": "filter + sort",
    "group_by": "group-by, two metrics",
    "open_keyword": "cold open to first keyword answer",
    "open_vector": "cold open to first vector answer",
}
_EXACT = "all vectors are compared exactly, Weaviate's graph looks at some hundreds"
_REASONS = {
    "ingest": "each object is checked and kept for good in batches of 1,000, LanceDB takes whole columns",
    "vector": _EXACT,
    "hybrid": _EXACT,
}
"""Why the library may be behind in a row."""


def table(contestants: list[Contestant], number: int) -> str:
    """A line per row: what each store took, and whether the library is ahead of all."""
    names = [c.name for c in contestants]
    lines = [
        f"{f'{number:,} objects, medians of {_ROUNDS}, ms':<36}{''.join(f'{n:>11}' for n in names)}  verdict"
    ]
    for row, title in ROWS.items():
        took = [c.median(row) for c in contestants]
        others = {c.name: value for c, value in zip(contestants, took, strict=True) if value is not None}
        ours = others.pop("library", None)
        if ours is None:
            continue
        shown = "".join(f"{'–' if value is None else _number(value):>11}" for value in took)
        lines.append(f"{title:<36}{shown}  {_verdict(row, ours, others)}")
    lines.append(
        f"{'nearest 10 found (recall)':<36}{''.join(f'{c.recall or 0:>11.1%}' for c in contestants)}"
    )
    return "\n".join(lines)


def _verdict(row: str, ours: float, others: dict[str, float]) -> str:
    behind = [name for name, value in others.items() if value < ours]
    if not behind:
        return {0: "", 1: "ahead", 2: "ahead of both"}.get(len(others), "ahead of all")
    ahead = [name for name in others if name not in behind]
    return f"behind {', '.join(behind)} ({_REASONS.get(row, 'no reason known')})" + (
        f", ahead of {', '.join(ahead)}" if ahead else ""
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _figures(contestants: list[Contestant]) -> list[Figure]:
    """Ours beside the fastest other; a target where there is no reason for being behind."""
    figures: list[Figure] = []
    for row, title in ROWS.items():
        ours = contestants[0].median(row)
        others = [took for c in contestants[1:] if (took := c.median(row)) is not None]
        if ours is None:
            continue
        fastest = min(others, default=None)
        target = None if row in _REASONS else fastest
        figures.append(Figure(f"stores: {title}", ours, "ms", target, peer=fastest))
    return figures
