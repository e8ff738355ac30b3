"""Makes things go wrong and tells whether what must hold held: python tests/faults/run.py [--json FILE] [NAME…].

Every fault happens in a process of its own, which is ended with all that it started when it takes too long.
`--list` names the faults; a name's beginning is enough (`library`, `weaviate`, `cluster`). $ELYSIA_FAULT_KILLS says
how often the library's process is killed, 200 times by default.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]  # found, whichever way this is started

from faults import (  # noqa: E402
    answer_killed,
    files_disk,
    files_hostile,
    files_killed,
    library_disk,
    library_killed,
    library_readers,
    weaviate_dies,
    weaviate_node_lost,
    weaviate_refuses,
    weaviate_run,
)
from faults.verdicts import Cannot, Fault, Verdict, as_json, table  # noqa: E402

FAULTS: tuple[Fault, ...] = (
    *answer_killed.FAULTS,
    *library_killed.FAULTS,
    *files_killed.FAULTS,
    *files_disk.FAULTS,
    *files_hostile.FAULTS,
    *library_readers.FAULTS,
    *library_disk.FAULTS,
    *weaviate_refuses.FAULTS,
    *weaviate_dies.FAULTS,
    *weaviate_run.FAULTS,
    *weaviate_node_lost.FAULTS,
)


def happen(fault: Fault) -> dict[str, object]:
    """Make it happen in this process."""
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        try:
            return {"held": True, "seen": asyncio.run(fault.happen(Path(folder)))}  # type: ignore[arg-type]
        except (Cannot, pytest.skip.Exception) as reason:
            return {"held": None, "seen": str(reason)}
        except Exception:  # noqa: BLE001 -- whatever it is, it is the verdict
            return {"held": False, "seen": traceback.format_exc()}


def verdict_on(fault: Fault) -> Verdict:
    """Make it happen in a process of its own."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, __file__, "--here", fault.name],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=fault.seconds)
        lines = [line for line in said.splitlines() if line.startswith('{"held":')]
        came = json.loads(lines[-1]) if lines else {"held": False, "seen": f"ended with {process.returncode}"}
    except subprocess.TimeoutExpired:
        came = {"held": False, "seen": f"it hung: nothing within {fault.seconds:g} s"}
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return Verdict(fault.name, fault.what, fault.must_hold, seconds=time.monotonic() - started, **came)


def chosen(names: list[str]) -> list[Fault]:
    return [fault for fault in FAULTS if not names or any(fault.name.startswith(name) for name in names)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts to this file as well")
    parser.add_argument("--here", metavar="NAME", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        print(json.dumps(happen(next(fault for fault in FAULTS if fault.name == said.here))))
        return 0
    faults = chosen(said.names)
    if not faults:
        parser.error(f"there is no fault {', '.join(said.names)}")
    if said.list:
        print("\n".join(f"{fault.name:<32} {fault.what}" for fault in faults))
        return 0
    verdicts: list[Verdict] = []
    for fault in faults:
        verdicts.append(verdict_on(fault))
        print(verdicts[-1].lines(), flush=True)
    print()
    print(table(verdicts).splitlines()[-1])
    if said.json:
        said.json.write_text(json.dumps(as_json(verdicts), indent=1), "utf-8")
    return 1 if any(verdict.held is False for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
