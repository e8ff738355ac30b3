"""How soon the window is there: from the start of the process to its first painting, beside an empty window."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from window.conftest import virtual_display

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("startup_child.py")
_HEAVY = ("dspy", "weaviate", "numpy", "keyring", "litellm", "openai", "httpx")


def measure(rounds: int = 5) -> list[Figure]:
    with virtual_display() as display, tempfile.TemporaryDirectory() as profile:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        for arguments in (("empty",), ("app", profile)):
            _seconds(environment, *arguments)  # the first one reads from the disk and writes bytecode
        empty: list[float] = []
        window: list[float] = []
        for _ in range(rounds):  # in turns, so that whatever else the computer does hits both
            empty.append(_seconds(environment, "empty"))
            window.append(_seconds(environment, "app", profile))
    mine, other = statistics.median(window), statistics.median(empty)
    imports = [_import_seconds() for _ in range(rounds)]
    return [
        Figure("startup: process to first painted window", mine * 1000, "ms", 1000),
        Figure("startup: the same for an empty Qt window", other * 1000, "ms"),
        Figure("startup: ratio of the two", mine / other, "×", 2),
        Figure("startup: import elysia_desktop", statistics.median(imports) * 1000, "ms", 60),
        Figure("startup: heavy libraries loaded before the window", len(_heavy_loaded()), "", 0),
    ]


def _seconds(environment: dict[str, str], *arguments: str) -> float:
    started = time.time()
    ended = subprocess.run(
        [sys.executable, str(_CHILD), *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return float(ended.stdout) - started


def _import_seconds() -> float:
    """The import alone, without what starting Python takes."""
    code = "import time; t = time.perf_counter(); import elysia_desktop; print(time.perf_counter() - t)"
    return float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT))


def _heavy_loaded() -> list[str]:
    code = f"import sys, elysia_desktop.app; print([m for m in {_HEAVY!r} if m in sys.modules])"
    listed = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    return [name for name in _HEAVY if repr(name) in listed]
