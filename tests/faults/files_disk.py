"""The disk is full or cannot be written while files are added to a conversation."""

from __future__ import annotations

from pathlib import Path

from faults.files_killed import agrees
from faults.files_on_disk import FILLED
from faults.library_disk import READ_ONLY, on_disk
from faults.verdicts import Fault

_CHILD = Path(__file__).with_name("files_on_disk.py")


async def full(folder: Path) -> str:
    return await on_disk(_CHILD, "full", folder, "mount -t tmpfs -o size=6m tmpfs {place}")


async def read_only(folder: Path) -> str:
    await on_disk(_CHILD, "fill", folder)
    before = contents(folder)
    said = await on_disk(_CHILD, "read_only", folder, READ_ONLY)
    assert contents(folder) == before, "a file changed"
    there = await agrees(folder / "profile", 0, {"added": [*range(FILLED)], "removed": [], "written": []})
    return f"{said}; afterwards {there} files are there and searchable"


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FAULTS = (
    Fault(
        "files-disk-full",
        "the disk is full while files are added to a conversation",
        "an error says so, what was added is whole and searchable, nothing is half there, with room the next goes in",
        full,
    ),
    Fault(
        "files-read-only",
        "a file is added to a profile on a disk that is mounted for reading only",
        "it is refused in words and nothing is changed",
        read_only,
    ),
)
