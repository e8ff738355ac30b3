"""Files beside the database that hold vectors ready to be searched; they can all be made again from it."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import numpy as np

from elysia_desktop.stores.library.matrices import Block, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

Kind = Literal["matrix", "index"]

_TOGETHER = 4096
_SECONDS_UNTIL_ORPHANED = 3600


@dataclass(frozen=True)
class Made:
    """Something that was made of a collection's vectors: up to which, and which removals it knows of."""

    token: str
    last: int
    gone: int

    def is_older_than(self, other: Made) -> bool:
        """Whether the other was made of a later state."""
        return (self.last, self.gone) < (other.last, other.gone)


@dataclass(frozen=True)
class Marks:
    """The numbers of the newest vector and of the newest removal in a collection."""

    last: int
    gone: int

    @classmethod
    def of(cls, session: Session, table: Table) -> Marks:
        """Those of this moment."""
        # Not the tables' own greatest: that would go back when the newest is removed.
        found = dict(
            session.rows(
                "SELECT name, seq FROM sqlite_sequence WHERE name IN (?, ?)", (table.vectors, table.gone)
            )
        )
        return cls(found.get(table.vectors, 0), found.get(table.gone, 0))


class VectorFiles:
    """The folder of these files. Each has a name of its own, which the database gives to those in use.

    So a copy of the database that is put in its place never meets files of another state.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, token: str) -> Path:
        """Where the file or folder of this name is."""
        return self._folder / token

    def new_token(self) -> str:
        """A name that no other has; its folder is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return uuid4().hex

    def open_matrix(self, token: str) -> Block | None:
        """The vectors in a file, mapped; None where it is gone or damaged."""
        folder = self.path(token)
        try:
            ids, rows = np.load(folder / "ids.npy"), np.load(folder / "rows.npy")
            # An array of its own class would make every product slower.
            matrix = np.asarray(np.load(folder / "matrix.npy", mmap_mode="r"))
        except (OSError, ValueError, EOFError):
            return None
        fits = len(ids) == len(rows) == len(matrix)
        return Block(ids, rows, matrix) if fits else None

    def make_matrix(self, session: Session, table: Table, config: VectorConfig) -> Made:
        """Write all vectors of a name into a new file; raises `OSError`."""
        marks = Marks.of(session, table)
        count: int = session.value(f"SELECT count(*) FROM {table.vectors} WHERE name = ?", (config.name,))
        made = Made(self.new_token(), marks.last, marks.gone)
        folder = self.path(made.token)
        folder.mkdir(mode=0o700)
        try:
            ids, rows = np.empty(count, np.int64), np.empty(count, np.int64)
            shape = (count, config.dimensions or 0)
            with (folder / "matrix.npy").open("wb") as file:
                header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
                at = 0
                for block in read_blocks(session, table, config, 0):
                    ids[at : at + len(block)], rows[at : at + len(block)] = block.ids, block.rows
                    file.write(block.matrix.tobytes())
                    at += len(block)
                file.flush()
                os.fsync(file.fileno())
            np.save(folder / "ids.npy", ids)
            np.save(folder / "rows.npy", rows)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return made

    def remove(self, token: str) -> None:
        """Remove a file; what another process still has open stays until the next sweep."""
        path = self.path(token)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()

    def sweep(self, used: set[str]) -> None:
        """Remove files that the database does not name, unless they are being made just now."""
        if not self._folder.is_dir():
            return
        old = time.time() - _SECONDS_UNTIL_ORPHANED
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if path.name not in used and path.stat().st_mtime < old:
                    self.remove(path.name)


def read_blocks(session: Session, table: Table, config: VectorConfig, after: int) -> Iterator[Block]:
    """The unit vectors of a name with higher numbers than `after`, some thousand at a time."""
    dimensions = config.dimensions or 0
    while True:
        found = session.rows(
            f"SELECT id, object, vector FROM {table.vectors} WHERE id > ? AND name = ? ORDER BY id LIMIT ?",
            (after, config.name, _TOGETHER),
        )
        if not found:
            return
        ids, rows, vectors = zip(*found, strict=True)
        matrix = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(ids), dimensions)
        yield Block(np.array(ids, np.int64), np.array(rows, np.int64), unit(matrix))
        after = ids[-1]


def named(session: Session, table: Table, name: str, kind: Kind) -> Made | None:
    """The file that the database names for the vectors of a name."""
    found = session.rows(
        "SELECT token, last, gone FROM vector_files WHERE collection = ? AND name = ? AND kind = ?",
        (table.id, name, kind),
    )
    return Made(*found[0]) if found else None


def name_it(session: Session, table: Table, name: str, kind: Kind, made: Made) -> str | None:
    """Take a new file into use; returns what is no longer used: the old one, or the new one if it is older."""
    old = named(session, table, name, kind)
    if old is not None and (made.is_older_than(old) or made.token == old.token):
        if made.token == old.token:
            return None
        return made.token
    session.run(
        "INSERT OR REPLACE INTO vector_files (collection, name, kind, token, last, gone) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (table.id, name, kind, made.token, made.last, made.gone),
    )
    # Removals that every file knows of are needed no more.
    known = session.value(
        "SELECT min(gone) FROM vector_files WHERE collection = ? AND kind = 'matrix'", (table.id,)
    )
    if len([config for config in table.schema.vectors if config.dimensions]) == 1:
        session.run(f"DELETE FROM {table.gone} WHERE sequence <= ?", (known or 0,))
    return None if old is None else old.token
