"""The files as they were added, so that they can be opened outside."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.atomic import cannot_write, keep_entry, make_private_folder
from elysia_desktop.stores.files.base import FileRefused

_PIECE = 1 << 20
_SUFFIXES = {"markdown": ".md", "text": ".txt"}


def original_name(file_id: str, kind: str) -> str:
    """What a file's original is called; by what it was read as, so that nothing runs when it is opened."""
    return f"{file_id}{_SUFFIXES.get(kind, f'.{kind}')}"


@dataclass(frozen=True)
class Snapshot:
    """A file as it stood before it was read, so that what is kept is what was read."""

    path: Path
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""

    @classmethod
    def of(cls, path: Path) -> Snapshot:
        """The file as it stands now; of one that is not there, one that nothing is like."""
        try:
            now = path.stat()
        except (OSError, ValueError):  # the latter for a name that no file can have
            return cls(path, -1, -1)
        return cls(path, now.st_size, now.st_mtime_ns)


class Originals:
    """A folder of files that only their owner reads. Everything here blocks; errors are `StoreError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where an original is."""
        return self._folder / name

    def keep(self, name: str, source: Snapshot | str) -> tuple[str, int]:
        """Keep the content of a file, or a text, whole or not at all; its SHA-256 and size in bytes.

        `FileRefused` for a file that has changed since.
        """
        digest, size, target = hashlib.sha256(), 0, self.path(name)
        try:
            make_private_folder(self._folder)
            handle, aside = tempfile.mkstemp(dir=self._folder, prefix=f".{name}-", suffix=".new")
        except OSError as error:
            raise cannot_write(target, error) from error
        temporary = Path(aside)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in _pieces(source):
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise cannot_write(target, error) from error
            raise
        keep_entry(self._folder)
        return digest.hexdigest(), size

    def remove(self, name: str) -> None:
        """Remove an original and what was left of its writing, where there is any."""
        try:
            for left in self._folder.glob(f".{name}-*.new"):
                left.unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                self.path(name).unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreError(
                f"“{self.path(name)}” could not be removed: {reason}.", "Remove it by hand."
            ) from error


def _pieces(source: Snapshot | str) -> Iterator[bytes]:
    if isinstance(source, str):
        yield source.encode("utf-8", "replace")
        return
    name, left = source.path.name, source.size
    try:
        with source.path.open("rb") as file:
            while left >= 0 and (piece := file.read(_PIECE)):
                left -= len(piece)
                yield piece
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileRefused(
            f"“{name}” cannot be read: {reason}.", "Check the file and add it again."
        ) from error
    if left or Snapshot.of(source.path) != source:
        raise FileRefused(f"“{name}” changed while it was read.", "Add it again once it is finished.")
