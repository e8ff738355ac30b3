"""The file that is being read: its name, its bytes, and its text where it is one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path, PurePath
from typing import BinaryIO

from elysia_desktop.stores.files.encodings import decoded

HEAD = 65_536
"""Bytes from the beginning that tell what a file is."""


class Source:
    """A file on the disk, or a text that was pasted under a name."""

    def __init__(self, name: str, path: Path | None = None, text: str | None = None) -> None:
        self.name = name
        self.note = ""
        """What could not be decoded, in words."""
        self.is_cut = False
        """Whether the text went on."""
        self._path = path
        self._text = text

    @property
    def suffix(self) -> str:
        """The end of the name, from its last dot, in lower case."""
        return PurePath(self.name).suffix.lower()

    @property
    def is_pasted(self) -> bool:
        """Whether there is no file."""
        return self._path is None

    def open(self) -> BinaryIO:
        """The bytes, to be closed by the caller."""
        return self._path.open("rb") if self._path else BytesIO((self._text or "").encode(errors="replace"))

    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(HEAD)

    def text(self, most: int, *, names_its_encoding: bool = False) -> str:
        """The text, or so many characters of it; `is_cut` tells whether there are more.

        `names_its_encoding` where the text itself may say what it is encoded in, as HTML does.
        """
        if self._text is None:
            with self.open() as file:
                # no encoding has characters of more than four bytes
                self._text, self.note = decoded(file.read(4 * most + 8), names_itself=names_its_encoding)
        self.is_cut = len(self._text) > most
        return self._text[:most]
