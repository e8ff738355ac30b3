"""The process is killed while files are added to a conversation, removed and written."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

from faults.files_writer import PARAGRAPHS, conversation_of, draft_of, name_of, text_of
from faults.library_killed import is_sound
from faults.verdicts import Fault

from elysia_desktop.services.workspace import Workspace

KILLS = 20
_WRITER = Path(__file__).with_name("files_writer.py")
_ROOT = Path(__file__).resolve().parents[2]


async def killed(folder: Path) -> str:
    """Kill it again and again; after each time open the profile and compare it with what was reported."""
    drawn = random.Random(7)
    acknowledged = there = 0
    for kill in range(KILLS):
        profile = folder / str(kill // 5)
        first = (kill % 5) * 10_000
        said = await written_until_killed(profile, first, drawn.uniform(0, 0.6))
        there = await agrees(profile, first, said)
        acknowledged += sum(map(len, said.values()))
    return (
        f"{KILLS} kills, {acknowledged:,} changes reported, none lost; {there} files stand in the last profile, "
        "each found by its word, nothing is left of others"
    )


async def written_until_killed(
    profile: Path, first: int, seconds: float, enough: int = 1
) -> dict[str, list[int]]:
    """What was reported before it was killed, by kind of change; it is let do `enough` of them."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_WRITER),
        str(profile),
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
                if sum(map(len, said.values())) >= enough:
                    begun.set()

    hearing = asyncio.create_task(heard())
    await asyncio.wait_for(begun.wait(), 60)
    await asyncio.sleep(seconds)
    assert process.returncode is None, f"it ended by itself after {dict(said)}"
    process.kill()
    await process.wait()
    await hearing
    return said


async def agrees(profile: Path, first: int, said: dict[str, list[int]]) -> int:
    """What was reported is there and searchable, and nothing is half there; returns how many files there are.

    One change may have happened without being reported.
    """
    workspace = Workspace(profile)
    await workspace.open()
    try:
        conversation = await conversation_of(workspace)
        documents = await workspace.files.documents(conversation)
        listed = {file.name: file for file in await workspace.files.listed(conversation)}
        wanted = {name_of(n) for n in said["added"]} - {name_of(n) for n in said["removed"]}
        lost = wanted - listed.keys()
        assert lost <= {name_of(max(said["added"]) - 1)}, f"lost: {sorted(lost)}"
        back = {name_of(n) for n in said["removed"]} & listed.keys()
        assert not back, f"came back: {sorted(back)}"
        for name, file in listed.items():
            original = documents.original(file.id).read_text("utf-8")
            if name == "draft":
                drafts = {draft_of(n) for n in (*said["written"], max(said["added"], default=0))}
                assert original in drafts or int(original.split("draft")[1].split()[0]) < first
                continue
            n = int(name.removeprefix("unit").split()[0])
            assert original == text_of(n)
            assert (await documents.search(f"unit{n}", 1))[0].name == name
            assert f"Part{PARAGRAPHS - 1} of unit{n}" in await documents.text(file.id)
        await _nothing_is_left(workspace, documents.collection, {file.id for file in listed.values()})
    finally:
        await workspace.close()
    is_sound(profile / "library" / "library.db")
    return len(listed)


async def _nothing_is_left(workspace: Workspace, collection: str, ids: set[str]) -> None:
    library = workspace.clients.library()
    if collection in [info.name for info in await library.collections()]:
        indexed = {one["document_id"] async for one in library.scan(collection)}
        assert indexed == ids, f"passages of {indexed ^ ids}"
    else:
        assert not ids
    folder = workspace.folders.files
    originals = {path.name.split(".")[0] for path in folder.iterdir()} if folder.exists() else set[str]()
    assert originals == ids, f"originals of {originals ^ ids}"
    database = sqlite3.connect(workspace.folders.conversations)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM leftovers").fetchone() == (0,)
    finally:
        database.close()


FAULTS = (
    Fault(
        "files-killed",
        f"kill -9 at {KILLS} random moments while files are added to a conversation, removed and written",
        "the next start opens, what was reported as added is there and searchable, nothing is half there",
        killed,
        seconds=60 + 15 * KILLS,
    ),
)
