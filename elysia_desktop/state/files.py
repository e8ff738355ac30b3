"""The files of a conversation, as functions find, read and write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from elysia_desktop.core.files import Documents, SourceFile
from elysia_desktop.state.document import Document
from elysia_desktop.state.file_query import FileAccess, FileQuery
from elysia_desktop.state.found_passages import Cite, OwnNumbers

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge


class WritableDocuments(Documents, Protocol):
    """The files of one conversation, which functions may add to. Every error is a `StoreError`."""

    async def write(self, name: str, content: str) -> SourceFile:
        """Keep a text that a tool wrote, in place of one that was written under that name before."""
        ...

    async def delete(self, document_id: str) -> None:
        """Take a file out of the conversation; `QueryRejected` for an unknown id."""
        ...


class FileManager(FileQuery):
    """All files of a conversation that are in use. Reading waits for the store, so not on the event loop.

    `cite` takes a passage among what can be cited and returns the number by which the model does.
    """

    def __init__(self, documents: WritableDocuments, bridge: Bridge, cite: Cite | None = None) -> None:
        super().__init__(FileAccess(documents, bridge, cite or OwnNumbers()))

    @property
    def uploaded(self) -> FileQuery:
        """The files, to be filtered, ordered and read."""
        return self.filter()

    def write(self, name: str, text: str) -> Document:
        """Keep a text as a file, in place of one that was written under that name before."""
        file = self._access.bridge.run(self._access.documents.write(name, text))
        return Document(file, self._access)

    def delete(self, document_id: str) -> None:
        """Take a file out of the conversation; `QueryRejected` for an unknown id."""
        self._access.bridge.run(self._access.documents.delete(document_id))
