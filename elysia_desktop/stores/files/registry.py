"""What is known of each file of a conversation, and its text, in the file of conversations."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elysia_desktop.core.files import PageStart, SourceFile
from elysia_desktop.stores.conversation_file import ConversationPart
from elysia_desktop.stores.conversation_rows import as_json, conversation_number
from elysia_desktop.stores.conversation_search import storable
from elysia_desktop.stores.files.base import FileRefused, HeadingAt, ReadFile

_COLUMNS = "id, name, kind, size, tokens, added_at, pages, title, in_use, note, passages, original, written"


@dataclass(frozen=True)
class Registered:
    """A file, how many passages it was cut into, and the name of its original in the folder of originals."""

    file: SourceFile
    passages: int
    original: str
    written: bool = False
    """Whether a tool wrote it; writing it again replaces it."""


@dataclass(frozen=True)
class Leftover:
    """A file that is gone, or did not come to be, and of which something may still be kept elsewhere."""

    file_id: str
    original: str
    conversation_id: str


class FileRegistry(ConversationPart):
    """The files of all conversations. What a call has returned for survives a crash; errors are `StoreError`."""

    async def of(self, conversation_id: str) -> list[Registered]:
        """The files of a conversation, in the order they were added."""

        def work(database: sqlite3.Connection) -> list[Registered]:
            conversation_number(database, conversation_id)
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM files WHERE conversation = ? ORDER BY number", (conversation_id,)
            )
            return [_registered(row) for row in rows]

        return await self._file.read(work)

    async def announce(self, file_id: str, original: str, conversation_id: str) -> None:
        """Note that something of a file is about to be kept elsewhere, so that it is found if it is left alone."""

        def work(database: sqlite3.Connection) -> None:
            conversation_number(database, conversation_id)
            database.execute(
                "INSERT INTO leftovers (file, original, conversation, since) VALUES (?, ?, ?, ?)",
                (file_id, original, conversation_id, self._file.time()),
            )

        await self._file.write(work)

    async def announced(self, conversation_id: str) -> set[str]:
        """The ids of files of which something is or was about to be kept elsewhere."""
        statement = "SELECT file FROM leftovers WHERE conversation = ?"
        return await self._file.read(
            lambda database: {file_id for (file_id,) in database.execute(statement, (conversation_id,))}
        )

    async def refuse_twice(self, conversation_id: str, sha256: str, name: str) -> None:
        """Raise `FileRefused` when the same content is there under any name."""
        await self._file.read(lambda database: _refuse_twice(database, conversation_id, sha256, name))

    async def add(
        self,
        conversation_id: str,
        new: Registered,
        read: ReadFile,
        sha256: str,
        replaced: str = "",
    ) -> Registered:
        """Keep an announced file, in place of the file with the id `replaced` where one is named.

        `FileRefused` when the same content is there under any name; what tools write may be there twice.
        """

        def work(database: sqlite3.Connection) -> Registered:
            conversation_number(database, conversation_id)
            if not new.written:
                _refuse_twice(database, conversation_id, sha256, new.file.name)
            if not database.execute("DELETE FROM leftovers WHERE file = ?", (new.file.id,)).rowcount:
                raise FileRefused(f"“{new.file.name}” was not kept.", "Add it again.")
            database.execute("DELETE FROM files WHERE id = ?", (replaced,))
            row = _row(conversation_id, new, read, sha256)
            names = ", ".join(row)
            places = ", ".join("?" for _ in row)
            database.execute(f"INSERT INTO files ({names}) VALUES ({places})", tuple(row.values()))
            found = database.execute(f"SELECT {_COLUMNS} FROM files WHERE id = ?", (new.file.id,))
            return _registered(found.fetchone())

        return await self._file.write(work)

    async def read(self, file_id: str) -> ReadFile | None:
        """What reading a file gave, None for one that is not there."""

        def work(database: sqlite3.Connection) -> ReadFile | None:
            row = database.execute(
                "SELECT kind, title, text, page_starts, headings, note FROM files WHERE id = ?", (file_id,)
            ).fetchone()
            return None if row is None else _read(row)

        return await self._file.read(work)

    async def use(self, file_id: str, in_use: bool) -> None:
        """Answer questions from a file, or no longer."""
        await self._set(file_id, "in_use", int(in_use))

    async def set_passages(self, file_id: str, number: int) -> None:
        """Note into how many passages a file was cut."""
        await self._set(file_id, "passages", number)

    async def remove(self, file_id: str) -> None:
        """Remove a file; what is kept of it elsewhere is a leftover from then on."""
        await self._file.write(
            lambda database: database.execute("DELETE FROM files WHERE id = ?", (file_id,)).rowcount
        )

    async def leftovers(self, before: str) -> list[Leftover]:
        """What is to be removed elsewhere, of files that were added or announced before a moment."""

        def work(database: sqlite3.Connection) -> list[Leftover]:
            rows = database.execute(
                "SELECT file, original, conversation FROM leftovers WHERE since < ?", (before,)
            )
            return [Leftover(*row) for row in rows]

        return await self._file.read(work)

    async def forget(self, file_id: str) -> None:
        """Note that nothing is left of a file."""
        await self._file.write(
            lambda database: database.execute("DELETE FROM leftovers WHERE file = ?", (file_id,)).rowcount
        )

    async def has_files(self, conversation_id: str) -> bool:
        """Whether there is such a conversation and it has files."""
        statement = "SELECT 1 FROM files WHERE conversation = ? LIMIT 1"
        return await self._file.read(
            lambda database: database.execute(statement, (conversation_id,)).fetchone() is not None
        )

    def time(self) -> str:
        """The moment, as it is kept."""
        return self._file.time()

    async def _set(self, file_id: str, column: str, value: int) -> None:
        statement = f"UPDATE files SET {column} = ? WHERE id = ?"
        await self._file.write(lambda database: database.execute(statement, (value, file_id)).rowcount)


def _refuse_twice(database: sqlite3.Connection, conversation_id: str, sha256: str, name: str) -> None:
    there = database.execute(
        "SELECT name FROM files WHERE conversation = ? AND sha256 = ?", (conversation_id, sha256)
    ).fetchone()
    if there is not None:
        known = "" if there[0] == name else f" as “{there[0]}”"
        raise FileRefused(f"“{name}” is in this conversation already{known}.", "Ask about that one.")


def _row(conversation_id: str, new: Registered, read: ReadFile, sha256: str) -> dict[str, Any]:
    file = new.file
    return {
        "id": file.id,
        "conversation": conversation_id,
        "name": storable(file.name),
        "kind": file.kind,
        "size": file.size,
        "sha256": sha256,
        "tokens": file.tokens,
        "pages": file.pages,
        "title": storable(file.title),
        "note": storable(file.note),
        "in_use": int(file.in_use),
        "added_at": file.added_at.isoformat(timespec="microseconds"),
        "passages": new.passages,
        "original": new.original,
        "written": int(new.written),
        "page_starts": as_json([[page.page, page.start] for page in read.pages]),
        "headings": as_json([[at.start, at.level, at.text] for at in read.headings]),
        "text": storable(read.text),
    }


def _registered(row: tuple[Any, ...]) -> Registered:
    file = SourceFile(
        id=row[0],
        name=row[1],
        kind=row[2],
        size=row[3],
        tokens=row[4],
        added_at=datetime.fromisoformat(row[5]),
        pages=row[6],
        title=row[7],
        in_use=bool(row[8]),
        note=row[9],
    )
    return Registered(file, passages=row[10], original=row[11], written=bool(row[12]))


def _read(row: tuple[Any, ...]) -> ReadFile:
    kind, title, text, pages, headings, note = row
    return ReadFile(
        kind=kind,
        title=title,
        text=text,
        pages=tuple(PageStart(*page) for page in json.loads(pages)),
        headings=tuple(HeadingAt(*at) for at in json.loads(headings)),
        note=note,
    )
