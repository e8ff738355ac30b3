"""One file of a conversation: what is known of it, and its text when it is asked for."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from elysia_desktop.core.files import SourceFile
from elysia_desktop.state.lookups import Field, Fields, Kind

if TYPE_CHECKING:
    from elysia_desktop.state.file_query import FileAccess


_KINDS: dict[str, Kind] = {
    "size": "number",
    "tokens": "number",
    "pages": "number",
    "added_at": "time",
    "in_use": "truth",
}


def _field(name: str) -> Field[SourceFile]:
    return Field(_KINDS.get(name, "text"), lambda file: getattr(file, name))


FILE_FIELDS: Fields[SourceFile] = Fields("files", {own.name: _field(own.name) for own in fields(SourceFile)})
"""What files can be filtered and ordered by, and what `values` tells of them."""


class Document:
    """A file; two are equal when they are the same file."""

    def __init__(self, file: SourceFile, access: FileAccess) -> None:
        self._file = file
        self._access = access

    def __repr__(self) -> str:
        return f"<Document {self.id}: {self.name!r}>"

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Document) else NotImplemented

    __hash__ = None  # pyright: ignore[reportAssignmentType] - writing gives it another id

    @property
    def id(self) -> str:
        """The id by which it is asked for."""
        return self._file.id

    @property
    def name(self) -> str:
        """The file's name, with its ending."""
        return self._file.name

    @property
    def kind(self) -> str:
        """What it was read as: `pdf`, `docx`, `html`, `markdown`, `text`, `csv` or `json`."""
        return self._file.kind

    @property
    def size(self) -> int:
        """Bytes."""
        return self._file.size

    @property
    def tokens(self) -> int:
        """About how many tokens its text takes."""
        return self._file.tokens

    @property
    def pages(self) -> int | None:
        """How many pages it has; None where the format has none."""
        return self._file.pages

    @property
    def title(self) -> str:
        """The title that stands in it, empty for none."""
        return self._file.title

    @property
    def added_at(self) -> datetime:
        """When it was added."""
        return self._file.added_at

    @property
    def in_use(self) -> bool:
        """Whether questions are answered from it."""
        return self._file.in_use

    @property
    def note(self) -> str:
        """What could not be read of it, in words; empty when all was."""
        return self._file.note

    @property
    def content(self) -> str:
        """Its whole text, read now."""
        return self._access.bridge.run(self._access.documents.text(self.id))

    def values(self, *names: str) -> dict[str, Any]:
        """These fields as a dict, or all; `QueryRejected` for one that there is not."""
        return {name: FILE_FIELDS.field(name).read(self._file) for name in names or FILE_FIELDS.names}

    def write(self, text: str) -> Self:
        """Keep this text under the file's name, in place of what a tool has written there; this is that file then.

        A file that the person added stays as it is, beside it.
        """
        self._file = self._access.bridge.run(self._access.documents.write(self.name, text))
        return self

    def delete(self) -> None:
        """Take the file out of the conversation."""
        self._access.bridge.run(self._access.documents.delete(self.id))
