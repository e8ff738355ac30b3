"""How long a person waits for a conversation of 5,000 messages and a table of 100,000 rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure
from window.conftest import virtual_display

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("views_child.py")


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
    conversation, table = found["conversation"], found["table"]
    return [
        Figure("views: open a conversation of 5,000 messages", conversation["open"], "ms", 300),
        Figure("views: append a piece of text to it", conversation["append"], "ms", 5),
        Figure("views: longest frame while scrolling it", conversation["frame"], "ms", 33),
        Figure("views: show a table of 100,000 × 12", table["show"], "ms", 50),
        Figure("views: sort it by a text", table["sort_name"], "ms", 150),
        Figure("views: sort it by a number", table["sort_price"], "ms", 150),
        Figure("views: sort it by a date", table["sort_released"], "ms", 150),
    ]
