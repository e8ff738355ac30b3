"""The library's process is killed while it writes."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path
from uuid import UUID

from faults.library_writer import NAME, vector_of
from faults.verdicts import Fault

from elysia_desktop.core.requests import PropertyFilter, QueryRequest
from elysia_desktop.stores.library import Library

KILLS = int(os.environ.get("ELYSIA_FAULT_KILLS", "200"))
_PER_FOLDER = 10
_WRITER = Path(__file__).with_name("library_writer.py")
_ROOT = Path(__file__).resolve().parents[2]


async def killed(folder: Path) -> str:
    """Kill it again and again; after each time open what is there and compare it with what was acknowledged."""
    drawn = random.Random(5)
    acknowledged = kept = 0
    for kill in range(KILLS):
        place = folder / str(kill // _PER_FOLDER)
        first = (kill % _PER_FOLDER) * 1_000_000
        said = await written_until_killed(place, first, drawn.uniform(0, 0.8))
        library = Library(place)
        try:
            await agrees(library, first, said, under_way=1)
            kept += (await library.collections())[0].count if kill % _PER_FOLDER == _PER_FOLDER - 1 else 0
        finally:
            await library.close()
        is_sound(place / "library.db")
        acknowledged += sum(map(len, said.values()))
    return (
        f"{KILLS} kills, {acknowledged:,} changes acknowledged, none lost; {kept:,} objects stand, "
        "each found by its word and its vector"
    )


async def written_until_killed(place: Path, first: int, seconds: float) -> dict[str, list[int]]:
    """What the writer acknowledged before it was killed, by kind of change."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_WRITER),
        str(place),
        str(first),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])},
    )
    assert process.stdout is not None
    said: dict[str, list[int]] = defaultdict(list)
    begun = asyncio.Event()

    async def heard() -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode():
            if line.endswith("\n"):  # the last may be cut
                what, number = line.split()
                said[what].append(int(number))
                begun.set()

    hearing = asyncio.create_task(heard())
    if seconds > 0.1:  # else it is killed while it opens or creates
        await asyncio.wait_for(begun.wait(), 60)
    await asyncio.sleep(seconds)
    assert process.returncode is None, f"it ended by itself after {dict(said)}"
    process.kill()
    await process.wait()
    await hearing
    return said


async def agrees(library: Library, first: int, said: dict[str, list[int]], under_way: int = 0) -> None:
    """What was acknowledged is there, and rows, words and vectors tell the same.

    So many deletions may have happened without being acknowledged.
    """
    if NAME not in [found.name for found in await library.collections()]:
        assert not said, f"the collection is gone, {dict(said)} was acknowledged"
        return
    last = PropertyFilter(property="n", operator=">=", value=first)
    texts = {found["n"]: found["text"] async for found in library.scan(NAME, last)}
    there = sorted(texts)
    inserted = max(said["inserted"], default=0)
    gone = set(range(first, first + inserted)) - set(there)
    wanted = set(said["deleted"])
    assert wanted <= gone, f"came back: {sorted(wanted - gone)}"
    assert len(gone - wanted) <= under_way, f"lost: {sorted(gone - wanted)[:5]}, acknowledged {inserted}"
    for n in said["updated"]:
        assert texts[n].startswith("changed"), f"the change of {n} is lost"
    if said["noted"]:
        assert (await library.get_metadata(NAME) or {})["last"] >= said["noted"][-1]
    await _found_by_word_and_vector(library, there)


async def _found_by_word_and_vector(library: Library, there: list[int]) -> None:
    async def words(text: str) -> tuple[list[int], int | None]:
        page = await library.query(QueryRequest(collection=NAME, search="keyword", text=text, limit=3))
        return [found["n"] for found in page.objects], page.total

    count = (await library.collections())[0].count
    _, by_word = await words("whole")
    assert by_word == count, f"{by_word} objects are found by the word that all {count} have"
    for n in [*there[:3], *there[-3:]]:
        assert await words(f"unit{n}") == ([n], 1)
        nearest = await library.nearest(NAME, vector_of(n), 1)
        assert nearest[0]["uuid"] == str(UUID(int=n))


def is_sound(file: Path) -> None:
    """SQLite's own checks: the file, and every full-text index against the rows it is of."""
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        found = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%'")
        for (name,) in found.fetchall():
            connection.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
    finally:
        connection.close()


FAULTS = (
    Fault(
        "library-killed",
        f"kill -9 at {KILLS} random moments of inserts, changes, deletions and notes",
        "the next open works, nothing acknowledged is lost, words and vectors agree with the rows",
        killed,
        seconds=60 + 6 * KILLS,
    ),
)
