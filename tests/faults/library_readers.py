"""Several processes read the library while another one writes it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from faults.library_writer import BATCH, NAME, numbers, prepare
from faults.verdicts import Fault

from elysia_desktop.stores.library import Library

_READERS = 3
_OBJECTS = 30 * BATCH
_READER = Path(__file__).with_name("library_reader.py")
_ROOT = Path(__file__).resolve().parents[2]


async def read_by_others(folder: Path) -> str:
    """Each reader says how many different states it saw; a wrong one ends it."""
    library = Library(folder / "library")
    try:
        await prepare(library)
        readers = [await _reader(folder / "library") for _ in range(_READERS)]
        await library.insert(NAME, (one for one, _ in zip(numbers(0), range(_OBJECTS), strict=False)))
        told = await asyncio.gather(*(asyncio.wait_for(reader.communicate(), 60) for reader in readers))
    finally:
        await library.close()
    assert all(reader.returncode == 0 for reader in readers), told
    seen = [tuple(map(int, out.split())) for out, _ in told]
    assert all(states > 2 for _, states in seen), f"the readers saw only (reads, states) {seen}"
    return f"{sum(reads for reads, _ in seen)} reads by {_READERS} processes, {_OBJECTS:,} objects written meanwhile"


async def _reader(place: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(_READER),
        str(place),
        str(_OBJECTS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])},
    )


FAULTS = (
    Fault(
        "library-read-by-others",
        f"{_READERS} processes search and count while another one writes",
        "no read fails or waits, each sees whole batches only and what it saw once stays",
        read_by_others,
    ),
)
