"""Uses a library on a disk that is full, limited or read-only; run by a fault, with the disk as it has to be.

library_on_disk.py full|limited|read_only FOLDER
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from collections.abc import Awaitable
from pathlib import Path

from faults.library_killed import agrees, is_sound
from faults.library_writer import BATCH, NAME, numbers, object_of, prepare

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.stores.library import Library

_LARGEST_FILE = 4_000_000


async def refusal(asked: Awaitable[object]) -> str:
    """Why it was refused, with what to do; empty when it was not."""
    try:
        await asked
    except StoreError as error:
        if not error.hint:
            raise
        return error.sentence
    return ""


async def fill(library: Library) -> tuple[str, int]:
    """Insert until it fails; the error in words and how many objects were acknowledged."""
    acknowledged = 0

    def progress(done: int) -> None:
        nonlocal acknowledged
        acknowledged = done

    await prepare(library)
    words = await refusal(library.insert(NAME, numbers(0), progress))
    assert words, "it never failed"
    return words, acknowledged


def said(acknowledged: int) -> dict[str, list[int]]:
    return {"inserted": [acknowledged], "deleted": [], "updated": [], "noted": []}


async def full(place: Path) -> str:
    ballast = place / "ballast"
    ballast.write_bytes(bytes(3_000_000))
    library = Library(place / "library")
    words, acknowledged = await fill(library)
    assert "disk is full" in words, words
    assert acknowledged
    await agrees(library, 0, said(acknowledged))
    ballast.unlink()
    await library.insert(NAME, [object_of(acknowledged)])
    await agrees(library, 0, said(acknowledged + 1))
    await library.close()
    again = Library(place / "library")
    await agrees(again, 0, said(acknowledged + 1))
    await again.close()
    is_sound(place / "library" / "library.db")
    return (
        f"after {acknowledged:,} objects “{words}”; all of them were read, and with space another one went in"
    )


async def limited(place: Path) -> str:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, resource.RLIM_INFINITY))
    library = Library(place / "library")
    words, acknowledged = await fill(library)
    await agrees(library, 0, said(acknowledged))
    await library.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = Library(place / "library")
    await agrees(again, 0, said(acknowledged))
    await again.insert(NAME, [object_of(acknowledged)])
    await agrees(again, 0, said(acknowledged + 1))
    await again.close()
    is_sound(place / "library" / "library.db")
    return f"after {acknowledged:,} objects “{words}”; all of them were read"


async def read_only(place: Path) -> str:
    library = Library(place)
    changing = await refusal(library.insert(NAME, [object_of(BATCH)]))
    assert changing, "it was changed"
    reading = await refusal(library.query(QueryRequest(collection=NAME, search="keyword", text="whole")))
    await library.close()
    return f"“{changing}”; reading {f'says “{reading}”' if reading else 'works'}"


if __name__ == "__main__":
    happen = {"full": full, "limited": limited, "read_only": read_only}[sys.argv[1]]
    print(asyncio.run(happen(Path(sys.argv[2]))))
