"""Adds files to a conversation for ever and says what was reported as added; run by a fault, which kills it.

    files_writer.py PROFILE FIRST

Files are numbered from FIRST on. Lines it says: `added N`, `removed N`, `written N`.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from elysia_desktop.services.files import Files
from elysia_desktop.services.workspace import Workspace

PARAGRAPHS = 12


def name_of(n: int) -> str:
    return f"unit{n} of the whole.md"


def text_of(n: int) -> str:
    """A text of several passages, each with the number's word."""
    told = f"Number unit{n} of the whole is told here. "
    return "\n\n".join([f"# Unit {n}", *(f"{told * 8}Part{part} of unit{n}." for part in range(PARAGRAPHS))])


def draft_of(n: int) -> str:
    return f"The draft{n} of the whole."


def prepared(profile: Path) -> Path:
    """A profile without sample data, and a folder for the files that are given."""
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "sample-loaded").touch()
    folder = profile.with_name(f"{profile.name}-given")
    folder.mkdir(exist_ok=True)
    return folder


async def conversation_of(workspace: Workspace) -> str:
    """The profile's conversation, begun where there is none."""
    there = await workspace.conversations.list()
    return there[0].id if there else (await workspace.begin("Whole?")).id


async def change(files: Files, conversation: str, folder: Path, first: int) -> None:
    documents = await files.documents(conversation)
    for n in count(first):
        path = folder / name_of(n)
        path.write_text(text_of(n), "utf-8")
        report = await files.add(conversation, [path])
        assert not report.refused, report.refused
        say("added", n)
        if (n - first) % 3 == 2:
            await files.remove(conversation, name_of(n - 1))
            say("removed", n - 1)
        if n % 4 == 3:
            await documents.write("draft", draft_of(n))
            say("written", n)


def say(what: str, number: int) -> None:
    print(what, number, flush=True)


async def main() -> None:
    profile = Path(sys.argv[1])
    folder = prepared(profile)
    workspace = Workspace(profile)
    await workspace.open()
    await change(workspace.files, await conversation_of(workspace), folder, int(sys.argv[2]))


if __name__ == "__main__":
    asyncio.run(main())
