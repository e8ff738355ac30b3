"""The library's disk is full or cannot be written, or another program holds the file."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
import time
from pathlib import Path

from faults.library_killed import agrees, is_sound
from faults.library_writer import BATCH, NAME, numbers, object_of, prepare
from faults.verdicts import Cannot, Fault

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.stores.library import Library

_CHILD = Path(__file__).with_name("library_on_disk.py")
_ROOT = Path(__file__).resolve().parents[2]
READ_ONLY = "mount --bind {place} {place} && mount -o remount,bind,ro {place}"
"""Mounts a folder for reading only."""


async def full(folder: Path) -> str:
    return await on_disk(_CHILD, "full", folder, "mount -t tmpfs -o size=12m tmpfs {place}")


async def limited(folder: Path) -> str:
    return await on_disk(_CHILD, "limited", folder)


async def read_only(folder: Path) -> str:
    place = folder / "library"
    await _filled(place)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    said = await on_disk(_CHILD, "read_only", place, READ_ONLY)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before, "a file changed"
    is_sound(place / "library.db")
    return said


async def on_disk(program: Path, what: str, place: Path, mount: str = "") -> str:
    """Run a program with the disk as wanted, which only it sees; `Cannot` where that is not allowed."""
    command = [sys.executable, str(program), what, str(place)]
    if mount:
        inside = f'set -e; {mount.format(place=f"{place}")}; exec "$@"'
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", inside, "sh", *command]
        if shutil.which("unshare") is None:
            raise Cannot("There is no “unshare” here, which gives a process a disk of its own.")
        trial = await asyncio.create_subprocess_exec(*command[:-5], "true", stderr=asyncio.subprocess.PIPE)
        _, said = await trial.communicate()
        if trial.returncode:
            raise Cannot(f"No disk of its own can be given to a process here: {said.decode().strip()}")
    child = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])},
    )
    out, _ = await child.communicate()
    assert child.returncode == 0, out.decode()
    return out.decode().splitlines()[-1]


async def locked(folder: Path) -> str:
    """Another program keeps a transaction open for longer than anybody waits."""
    place = folder / "library"
    await _filled(place)
    library = Library(place)
    other = sqlite3.connect(place / "library.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        writing = asyncio.create_task(library.insert(NAME, [object_of(BATCH)]))
        slowest = 0.0
        while not writing.done():
            asked = time.monotonic()
            page = await library.query(QueryRequest(collection=NAME, search="keyword", text="whole", limit=1))
            assert page.total == BATCH
            slowest = max(slowest, time.monotonic() - asked)
            await asyncio.sleep(0.05)
        said = _error_of(writing)
        waited = time.monotonic() - started
        other.execute("ROLLBACK")
        await library.insert(NAME, [object_of(BATCH)])
        await agrees(library, 0, {"inserted": [BATCH + 1], "deleted": [], "updated": [], "noted": []})
    finally:
        other.close()
        await library.close()
    is_sound(place / "library.db")
    return (
        f"after {waited:.0f} s “{said}”; reads took {slowest * 1000:.0f} ms at most; the next insert went in"
    )


def _error_of(task: asyncio.Task[object]) -> str:
    error = task.exception()
    assert isinstance(error, StoreError), repr(error)
    assert error.hint
    return error.sentence


async def _filled(place: Path) -> None:
    library = Library(place)
    try:
        await prepare(library)
        await library.insert(NAME, (one for one, _ in zip(numbers(0), range(BATCH), strict=False)))
    finally:
        await library.close()


FAULTS = (
    Fault(
        "library-disk-full",
        "the disk is full in the middle of an insert",
        "an error says so, what was acknowledged is intact and can be read, with space the insert goes on",
        full,
    ),
    Fault(
        "library-file-limit",
        "the file may not grow any more (a quota) in the middle of an insert",
        "an error says so, what was acknowledged is intact and can be read",
        limited,
    ),
    Fault(
        "library-read-only",
        "the library's folder is on a disk that is mounted for reading only",
        "a change is refused in words, nothing is changed, reading works or says why not",
        read_only,
    ),
    Fault(
        "library-locked",
        "another program holds the library's file and does not let go",
        "reads go on, a change says that it had to wait too long, afterwards changes go in",
        locked,
    ),
)
