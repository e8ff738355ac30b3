"""How long the window's event loop is held up while a large run streams into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure
from window.conftest import virtual_display

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("stall_child.py")


def measure() -> list[Figure]:
    with virtual_display() as display:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        }
        said = subprocess.check_output([sys.executable, str(_CHILD)], env=environment, cwd=ROOT, timeout=300)
    found = json.loads(said.splitlines()[-1])
    return [
        Figure("stall: longest while 10,000 objects, 2,000 deltas come", found["longest_ms"], "ms", 50),
        Figure("stall: 99th percentile of the same", found["p99_ms"], "ms"),
        Figure("stall: the whole run", found["seconds"], "s"),
    ]
