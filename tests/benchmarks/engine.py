"""What the engine itself takes, beside `elysia-ai` 0.2.8: the same state, the same model that answers at once.

Both sides run in a process of their own and are asked in turns, so that whatever else the computer does hits both.
The model is an engine in the same process, reached through the model library that both use (`dspy.LM`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import peer_environment
from benchmarks.figures import Figure

from elysia_desktop.engine.budget import estimate_tokens

ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).parent
_ROUNDS = 7
_PER_ROUND = 5
_LONG_ROUNDS = 5
_IMPORT = """\
import time
from pathlib import Path
started, of_processor = time.perf_counter(), time.process_time()
from {package} import Tree, tool
wall, cpu = time.perf_counter() - started, time.process_time() - of_processor
held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:"))
print(wall * 1000, cpu * 1000, int(held.split()[1]) / 1024)
"""


class Side:
    """A process that measures one side, see engine_child.py."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self._process = process
        self._errors = errors

    def ask(self, call: str, **details: Any) -> dict[str, Any]:
        """One measurement; raises `RuntimeError` with the process's last words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"call": call, **details}), file=self._process.stdin, flush=True)
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(self._errors.read_text("utf-8", "replace")[-3000:])
        return json.loads(said)


def measure() -> list[Figure]:
    """Every figure of the engine; ours alone, with the reason said, where the peer cannot be had."""
    try:
        peer_python: Path | None = peer_environment.interpreter()
    except peer_environment.NoPeer as reason:
        print(f"Without the peer: {reason}", file=sys.stderr)
        peer_python = None
    with ExitStack() as stack:
        figures = _imports(peer_python)
        ours = stack.enter_context(_side(Path(sys.executable), "engine_ours.py"))
        peer = stack.enter_context(_side(peer_python, "engine_peer.py")) if peer_python else None
        figures += _decisions(ours, peer)
        figures += _turns(ours, peer)
        figures += _adding(ours, peer)
        figures += _memory(ours, peer)
        figures += _prompts(ours, peer)
    return figures


def measure_leaks() -> list[Figure]:
    """Whether memory grows with the number of runs."""
    with _side(Path(sys.executable), "engine_ours.py") as ours:
        told = ours.ask("leaks", few=20, many=200)
    return [
        Figure("leaks: memory held after 20 runs", told["few"], "MiB"),
        Figure("leaks: after 200 runs, part of that after 20", told["many"] / told["few"], "×", at_most=1.1),
    ]


def _imports(peer_python: Path | None) -> list[Figure]:
    sides = [(Path(sys.executable), "elysia_desktop")]
    if peer_python is not None:
        sides.append((peer_python, "elysia"))
    taken: list[list[tuple[float, ...]]] = [[] for _ in sides]
    for round_ in range(_LONG_ROUNDS + 1):
        for (python, package), told in zip(sides, taken, strict=True):
            said = subprocess.check_output(
                [str(python), "-W", "ignore", "-c", _IMPORT.format(package=package)],
                env=_environment(),
                cwd=ROOT,
                text=True,
            )
            if round_:  # the first one reads from the disk and writes bytecode
                told.append(tuple(float(part) for part in said.splitlines()[-1].split()))
    medians = [[statistics.median(column) for column in zip(*told, strict=True)] for told in taken]
    wall, cpu, held = medians[0]
    peer_wall, peer_cpu, peer_held = medians[1] if len(medians) > 1 else (None, None, None)
    name = "engine: import Tree, tool"
    figures = [
        Figure(name, wall, "ms", 250, peer=peer_wall, processor=cpu, peer_processor=peer_cpu),
        Figure(f"{name}: memory of the process", held, "MiB", 60, peer=peer_held),
    ]
    return [*figures, *_times_faster(figures[0], 25)]


def _decisions(ours: Side, peer: Side | None) -> list[Figure]:
    figures = [
        _timed(ours, peer, "decides", objects, f"engine: one decision, {objects:,} objects found", target)
        for objects, target in ((0, 4), (1_000, None), (10_000, 5))
    ]
    first = _timed(ours, peer, "decides_first", 0, "engine: first decision of a new tree")
    return [*figures, *_times_faster(figures[-1], 100), first]


def _turns(ours: Side, peer: Side | None) -> list[Figure]:
    return [
        _timed(ours, peer, "acts", objects, f"engine: a turn without the model, {objects:,} objects", target)
        for objects, target in ((0, None), (10_000, 0.5))
    ]


def _adding(ours: Side, peer: Side | None) -> list[Figure]:
    half, whole = [
        _timed(
            ours,
            peer,
            "adds",
            objects,
            f"engine: taking in {objects:,} objects",
            target,
            rounds=_LONG_ROUNDS,
            per_round=1,
        )
        for objects, target in ((10_000, None), (20_000, 60))
    ]
    growth = Figure(
        "engine: the processor's time for it, times 10,000 objects",
        _ratio(whole.processor, half.processor) or 0.0,
        "×",
        at_most=2.3,  # twice as long, and room for noise; four times would be quadratic
        peer=_ratio(whole.peer_processor, half.peer_processor),
    )
    return [half, whole, growth, *_times_faster(whole, 100)]


def _memory(ours: Side, peer: Side | None) -> list[Figure]:
    kept = [side.ask("memory", objects=10_000)["kib"] for side in (ours, peer) if side]
    name = "engine: memory kept per turn, 10,000 objects"
    return [Figure(name, kept[0], "KiB", 100, peer=kept[1] if len(kept) > 1 else None)]


def _prompts(ours: Side, peer: Side | None) -> list[Figure]:
    figures: list[Figure] = []
    budget = ours.ask("budget")["tokens"]
    for objects, target in ((0, 1200), (1_000, 3000), (100_000, budget)):
        told = ours.ask("prompt", objects=objects)
        # the peer's of 100,000 objects would be millions of tokens
        other = peer.ask("prompt", objects=objects) if peer and objects < 100_000 else None
        figures.append(
            Figure(
                f"engine: first prompt, {objects:,} objects (bytes / 3.6)",
                estimate_tokens(told["text"]),
                "tokens",
                target,
                peer=estimate_tokens(other["text"]) if other else None,
            )
        )
        if not objects:
            schema = json.dumps(told["schema"]) if told["schema"] else ""
            figures.append(Figure("engine: JSON schema sent beside it", estimate_tokens(schema), "tokens"))
    return figures


def _timed(
    ours: Side,
    peer: Side | None,
    what: str,
    objects: int,
    name: str,
    target: float | None = None,
    rounds: int = _ROUNDS,
    per_round: int = _PER_ROUND,
) -> Figure:
    """Medians of both sides, asked in turns."""
    taken: list[list[dict[str, float]]] = [[], []]
    for _ in range(rounds):
        for side, samples in zip((ours, peer), taken, strict=True):
            if side is not None:
                samples.append(side.ask("sample", what=what, objects=objects, times=per_round))

    def median(number: int, clock: str) -> float | None:
        return statistics.median(sample[clock] for sample in taken[number]) if taken[number] else None

    return Figure(
        name,
        median(0, "wall") or 0.0,
        "ms",
        target,
        peer=median(1, "wall"),
        processor=median(0, "cpu"),
        peer_processor=median(1, "cpu"),
    )


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _times_faster(figure: Figure, at_least: float) -> list[Figure]:
    if figure.peer is None:
        return []
    return [Figure(f"{figure.name}: times faster", figure.peer / figure.value, "×", at_least=at_least)]


@contextmanager
def _side(python: Path, script: str) -> Generator[Side]:
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors"
        with errors.open("wb") as into:
            process = subprocess.Popen(
                [str(python), "-W", "ignore", str(_HERE / script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=into,
                text=True,
                encoding="utf-8",
                env={**_environment(), "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])},
                cwd=folder,
            )
        try:
            yield Side(process, errors)
        finally:
            process.kill()
            process.communicate()


def _environment() -> dict[str, str]:
    """As either side is installed, without the person's keys and what was kept of earlier replies."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return {**kept, "DSPY_CACHEDIR": tempfile.gettempdir()}
