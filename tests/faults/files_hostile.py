"""Files that are damaged, huge, or made to do harm are read or refused, in bounded time and memory."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections import Counter
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from faults.verdicts import Fault

from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.passages import passages_of
from elysia_desktop.stores.files.reading import read_file

SAMPLES = Path(__file__).resolve().parents[1] / "files"
KINDS = ("pdf", "docx", "html", "markdown", "text", "csv", "json")
_SLOWEST = 60.0
"""Seconds for one file."""
_MOST_MEMORY = 2_500_000
"""KiB."""


async def damaged(folder: Path) -> str:
    """Every sample, cut and garbled in many ways."""
    chance = random.Random(1)
    came = Counter[str]()
    for kind in KINDS:
        for sample in sorted((SAMPLES / kind).iterdir()):
            for data in _harmed(sample.read_bytes(), chance):
                path = folder / sample.name
                path.write_bytes(data)
                came[await asyncio.to_thread(_read, path)] += 1
    return ", ".join(f"{count} {what}" for what, count in sorted(came.items()))


async def huge(folder: Path) -> str:
    """A text of 200 MB, a table of a million rows, a page of 200,000 paragraphs, JSON of 30 MB."""
    files = {
        "text.txt": lambda: b"A line of a log that goes on and on.\n" * 5_400_000,
        "table.csv": lambda: b"id,name,price\n" + b"17,A chair of wood,3.50\n" * 1_000_000,
        "page.html": lambda: b"<html><body>" + b"<p>One <b>two</b> three.</p>\n" * 200_000,
        "list.json": lambda: b"[" + b'{"id": 17, "name": "A chair"},\n' * 1_000_000 + b"{}]",
        "notes.md": lambda: b"# One\n\nTwo *three* four.\n\n" * 100_000,
    }
    told: list[str] = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data())
        start = time.monotonic()
        came = await asyncio.to_thread(_read, path)
        told.append(f"{name} {came} in {time.monotonic() - start:.0f} s")
        path.unlink()
    return f"{', '.join(told)}; {_memory() // 1024:,} MB of memory"


async def bombs(folder: Path) -> str:
    """What unpacks, nests or repeats without end."""
    word = folder / "bomb.docx"
    with ZipFile(SAMPLES / "docx" / "pandoc.docx") as sample, ZipFile(word, "w", ZIP_DEFLATED) as archive:
        for name in sample.namelist():
            archive.writestr(name, sample.read(name))
        with archive.open("word/media/large.xml", "w") as part:
            for _ in range(2_000):
                part.write(bytes(1_000_000))
    nested = {
        "deep.json": b"[" * 5_000_000,
        "deep.html": b"<div><b>" * 1_000_000,
        "deep.md": b"> " * 1_000_000 + b"x",
    }
    for name, data in nested.items():
        (folder / name).write_bytes(data)
    told = [f"{name} {await asyncio.to_thread(_read, folder / name)}" for name in (word.name, *nested)]
    return f"{', '.join(told)}; {_memory() // 1024:,} MB of memory"


def _harmed(data: bytes, chance: random.Random) -> list[bytes]:
    """The file cut, with rubbish in it, with a part missing, with single bytes changed."""
    harmed = [data[: int(len(data) * share)] for share in (0.1, 0.5, 0.95)]
    for size in (20, 300):
        at = chance.randrange(len(data))
        harmed.append(data[:at] + chance.randbytes(size) + data[at + size :])
        harmed.append(data[:at] + data[at + size :])
    changed = bytearray(data)
    for _ in range(20):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return [*harmed, bytes(changed)]


def _read(path: Path) -> str:
    start = time.monotonic()
    try:
        read = read_file(path)
    except FileRefused as refused:
        came = "refused" if path.name in str(refused) else f"refused as {refused}"
    else:
        assert all(each.text == read.text[each.start : each.end] for each in passages_of("d", read))
        came = "read in part" if read.note else "read"
    assert time.monotonic() - start < _SLOWEST, f"{path.name} took {time.monotonic() - start:.0f} s"
    assert _memory() < _MOST_MEMORY, f"{path.name} took {_memory():,} KiB"
    return came


def _memory() -> int:
    """The most that this process ever took, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


FAULTS = (
    Fault(
        "files-damaged",
        "files of every kind are cut and garbled",
        "each is read, read in part and said so, or refused in words",
        damaged,
        seconds=300,
    ),
    Fault(
        "files-huge", "files are huge", "the beginning is read, in bounded time and memory", huge, seconds=300
    ),
    Fault(
        "files-bombs",
        "files unpack or nest without end",
        "they are refused or read, in bounded memory",
        bombs,
        seconds=300,
    ),
)
