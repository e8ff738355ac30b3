"""Adds files to a conversation on a disk that is full or read-only; run by a fault, with the disk as it has to be.

files_on_disk.py fill|full|read_only FOLDER
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from itertools import count
from pathlib import Path

from faults.files_killed import agrees
from faults.files_writer import conversation_of, name_of, prepared, text_of

from elysia_desktop.core.errors import StoreError
from elysia_desktop.services.workspace import Workspace

FILLED = 5
_BALLAST = 1_500_000


async def refusal(workspace: Workspace, given: Path, n: int) -> str:
    """Add one file: why it was refused, with what to do; empty when it was not."""
    path = given / name_of(n)
    path.write_text(text_of(n), "utf-8")
    report = await workspace.files.add(await conversation_of(workspace), [path])
    for refused in report.refused:
        assert refused.hint, refused
        return f"{refused.reason} {refused.hint}"
    return ""


async def fill(place: Path, given: Path) -> str:
    """A profile with a few files."""
    prepared(place / "profile")
    workspace = Workspace(place / "profile")
    await workspace.open()
    for n in range(FILLED):
        assert not await refusal(workspace, given, n)
    await workspace.close()
    return "filled"


async def full(place: Path, given: Path) -> str:
    """Add files until there is no room, then one more with some."""
    ballast = place / "ballast"
    prepared(place / "profile")
    workspace = Workspace(place / "profile")
    await workspace.open()
    await conversation_of(workspace)
    ballast.write_bytes(bytes(_BALLAST))
    for n in count():
        words = await refusal(workspace, given, n)
        if words:
            break
    documents = await workspace.files.documents(await conversation_of(workspace))
    assert await documents.search(f"unit{n - 1}", 1), "nothing can be searched"
    ballast.unlink()
    assert not await refusal(workspace, given, n)
    await workspace.close()
    said = {"added": [*range(n + 1)], "removed": [], "written": []}
    there = await agrees(place / "profile", 0, said)
    assert "full" in words or "No space" in words, words
    return f"after {n} files “{words}”; with room the next went in, {there} are there and searchable"


async def read_only(place: Path, given: Path) -> str:
    """Try to add to a profile on a disk that is mounted for reading only."""
    workspace = Workspace(place / "profile")
    try:
        return await _told(workspace, given)
    finally:
        await workspace.close()


async def _told(workspace: Workspace, given: Path) -> str:
    try:
        await workspace.open_data()
        words = await refusal(workspace, given, FILLED)
    except StoreError as error:
        return f"“{error.sentence}”" if error.hint else ""
    assert words, "it went in"
    return f"“{words}”"


if __name__ == "__main__":
    happen = {"fill": fill, "full": full, "read_only": read_only}[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(happen(Path(sys.argv[2]), Path(folder))))
