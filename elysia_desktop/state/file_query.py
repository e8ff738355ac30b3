"""Which files are meant: filtered and ordered step by step, and read only when they are gone through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, overload

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.files import FoundPassage, Passage, SourceFile
from elysia_desktop.engine.budget import CHARACTERS_PER_TOKEN
from elysia_desktop.state.document import FILE_FIELDS, Document
from elysia_desktop.state.found_passages import Cite, FoundPassages
from elysia_desktop.state.lookups import Q

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge
    from elysia_desktop.state.files import WritableDocuments

_AROUND_ALL, _AROUND_ONE = 400, 40
"""Bytes of what is said before and after all sources, and of the marks around one."""
_SHORTEST = 200
"""Bytes of a file that are shown at least, where it is shown at all."""

Fits = Callable[[SourceFile], bool]


@dataclass(frozen=True)
class FileAccess:
    """How files are reached: where they are kept, the way there, and how their passages are numbered."""

    documents: WritableDocuments
    bridge: Bridge
    cite: Cite


class Rows(list[dict[str, Any]]):
    """What is known of files, as dicts; written into a prompt, times read as people write them."""

    def __str__(self) -> str:
        told = [
            {
                name: value.isoformat(" ", "minutes") if isinstance(value, datetime) else value
                for name, value in row.items()
            }
            for row in self
        ]
        return str(told)


class FileQuery:
    """Some of the files of a conversation; which they are is looked up each time they are gone through.

    Narrowing it down returns a new query and changes nothing.
    """

    def __init__(self, access: FileAccess, fits: Sequence[Fits] = (), order: Sequence[str] = ()) -> None:
        self._access = access
        self._fits = tuple(fits)
        self._order = tuple(order)

    def __iter__(self) -> Iterator[Document]:
        return iter([Document(file, self._access) for file in self._files()])

    def __len__(self) -> int:
        return len(self._files())

    def __bool__(self) -> bool:
        return bool(self._files())

    @overload
    def __getitem__(self, place: int) -> Document: ...
    @overload
    def __getitem__(self, place: slice) -> list[Document]: ...
    def __getitem__(self, place: int | slice) -> Document | list[Document]:
        return list(self)[place]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {[file.name for file in self._files()]}>"

    def filter(self, *conditions: Q, **lookups: Any) -> FileQuery:
        """Those that fulfil all of these, such as `kind="pdf"` or `name__icontains="report"`.

        `QueryRejected` for a field or lookup that there is not, naming those there are.
        """
        condition = Q(*conditions, **lookups)
        fits = FILE_FIELDS.matcher(condition)
        return FileQuery(self._access, (*self._fits, fits) if condition else self._fits, self._order)

    def exclude(self, *conditions: Q, **lookups: Any) -> FileQuery:
        """Those that do not fulfil all of these."""
        return self.filter(~Q(*conditions, **lookups))

    def order_by(self, *names: str) -> FileQuery:
        """Ordered by these fields, from large to small after a “-”; without any, as they were added."""
        for name in names:
            FILE_FIELDS.field(name.removeprefix("-"))
        return FileQuery(self._access, self._fits, names)

    def all(self) -> FileQuery:
        """The same files."""
        return FileQuery(self._access, self._fits, self._order)

    def values(self, *names: str) -> Rows:
        """These fields of each as dicts, or all fields; `QueryRejected` for one that there is not."""
        for name in names:
            FILE_FIELDS.field(name)
        return Rows(document.values(*names) for document in self)

    def get_by_id(self, document_id: str) -> Document:
        """The file with this id, or of this name where that is one file's; `QueryRejected` where there is none."""
        files = self._files()
        named = [file for file in files if file.name.casefold() == str(document_id).casefold()]
        by_id = next((file for file in files if file.id == document_id), None)
        found = by_id or (named[0] if len(named) == 1 else None)
        if found is not None:
            return Document(found, self._access)
        told = ", ".join(f"{file.id} ({file.name})" for file in files[:12])
        raise QueryRejected(
            f"There is no file “{document_id}” here.",
            f"Use one of: {told}{', …' if len(files) > 12 else ''}." if files else "There are none.",
        )

    def first(self) -> Document | None:
        """The first, None where there is none."""
        return next(iter(self), None)

    def last(self) -> Document | None:
        """The last, None where there is none."""
        return next(reversed(list(self)), None)

    def count(self) -> int:
        """How many there are."""
        return len(self)

    def exists(self) -> bool:
        """Whether there are any."""
        return bool(self)

    def search(self, text: str, limit: int = 8) -> FoundPassages:
        """The passages of these files that fit the text best, the best first."""
        ids = [file.id for file in self._files()]
        found: list[FoundPassage] = []
        if ids:
            found = self._access.bridge.run(self._access.documents.search(text, limit, ids))
        return FoundPassages(found, self._access.cite)

    def as_context(self, tokens: int) -> str:
        """The files themselves as sources, from their beginnings; each may take the same share of the tokens."""
        documents = list(self)
        share = int(max(tokens, 0) * CHARACTERS_PER_TOKEN) // max(len(documents), 1)
        found: list[FoundPassage] = []
        cut: list[str] = []
        for document in documents:
            content = document.content
            around = _AROUND_ALL // len(documents) + _AROUND_ONE + len(document.name.encode())
            room = max(share - around, _SHORTEST)
            text = content.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
            if len(text) < len(content):
                cut.append(document.name)
            passage = Passage(document.id, 0, 0, len(text), text)
            found.append(FoundPassage(passage, document.name, score=1.0))
        return FoundPassages(found, self._access.cite, cut).as_context(tokens)

    def _files(self) -> list[SourceFile]:
        files = [file for file in self._access.documents.listed() if all(fits(file) for fits in self._fits)]
        return FILE_FIELDS.ordered(files, self._order)
