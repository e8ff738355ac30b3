"""The files of a conversation as the tree's tools see them: which there are, their passages, and how these are shown."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from elysia_desktop.core.errors import QueryRejected, ToolError
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.sources import passage_object
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.signatures import one_of
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.files import Documents, PageStart, Passage, SourceFile
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

SHOWN = 20_000
"""Characters of a file that are sent to be shown; of a longer one only what stands around its passages."""
_AROUND = 300
_GAP = "\n\n[…]\n\n"
_MOST_NAMED = 12
_MOST_LISTED = 500
"""Characters; names of no more in all are told with the inputs of each tool, as the only ones that can be named."""
_NAME = 60
_AROUND_NAMES = " …“”\"'"


class DocumentTool(Tool):
    """A tool that works on the files of the conversation; its inputs `document` and `documents` name them."""

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The inputs; only files in use can be named."""
        names = listed_names(tree_data)
        narrowed = {key: declared.copy() for key, declared in self.inputs.items()}
        if names:
            kinds: dict[str, Any] = {"document": one_of(names), "documents": list[one_of(names)]}
            for key in kinds.keys() & narrowed:
                narrowed[key]["type"] = kinds[key]
        return narrowed

    async def is_tool_available(
        self,
        tree_data: TreeData,
        base_lm: Model,  # noqa: ARG002 - what every tool is asked with
        complex_lm: Model,  # noqa: ARG002
        client_manager: ClientManager,  # noqa: ARG002
    ) -> bool:
        """Available while the conversation has files in use."""
        return bool(files_of(tree_data))


def files_of(tree_data: TreeData) -> Sequence[SourceFile]:
    """The files in use."""
    return tree_data.documents.listed() if tree_data.documents is not None else ()


def listed_names(tree_data: TreeData) -> list[str]:
    """The names of the files in use where these are few enough to be told with each tool, else none."""
    names = list(named(files_of(tree_data)))
    return names if sum(map(len, names)) <= _MOST_LISTED else []


def documents_of(tree_data: TreeData) -> Documents:
    """The conversation's files; `ToolError` where there are none in use."""
    if tree_data.documents is None or not files_of(tree_data):
        raise ToolError(
            "The conversation has no files in use.", "Drop a file into it, or search a collection."
        )
    return tree_data.documents


def named(files: Sequence[SourceFile]) -> dict[str, SourceFile]:
    """The files by the names that a model calls them by: those of the same name also by the start of their ids."""
    times = Counter(file.name for file in files)
    return {file.name if times[file.name] == 1 else f"{file.name} ({file.id[:8]})": file for file in files}


def chosen(tree_data: TreeData, told: Sequence[Any]) -> list[SourceFile]:
    """The files of these names or ids, all for none; `QueryRejected` for an unknown one, naming those there are.

    The beginning or a part of a name does where no other has it: models leave out endings.
    """
    files = files_of(tree_data)
    by_name = named(files)
    known = {file.id: file for file in files} | by_name
    folded = {" ".join(name.casefold().split()): file for name, file in by_name.items()}
    found: dict[str, SourceFile] = {}
    for name in map(str, told):
        words = " ".join(name.casefold().split()).strip(_AROUND_NAMES)
        file = known.get(name) or folded.get(words) or _like(words, folded)
        if file is None:
            raise QueryRejected.unknown("file", name, by_name)
        found[file.id] = file
    return list(found.values()) or list(files)


def _like(words: str, folded: Mapping[str, SourceFile]) -> SourceFile | None:
    """The only file whose name begins with these words, or else has them anywhere."""
    if not words:
        return None
    for fits in (str.startswith, str.__contains__):
        like = [file for name, file in folded.items() if fits(name, words)]
        if len(like) == 1:
            return like[0]
    return None


def chosen_one(tree_data: TreeData, told: Any) -> SourceFile:
    """The file of this name or id, the only one there is for none; `QueryRejected` where it is not known which."""
    files = chosen(tree_data, [told] if told else [])
    if len(files) > 1:
        names = ", ".join(list(named(files))[:_MOST_NAMED])
        raise QueryRejected("It is not said which file is meant.", f"Use one of: {names}.")
    return files[0]


def files_text(tree_data: TreeData) -> str:
    """The names of the files in use, for a decision."""
    names = [f"“{compact(name, _NAME)}”" for name in named(files_of(tree_data))]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"Files: {', '.join(names[:_MOST_NAMED])}{more}."


def last_page_of(passage: Passage, pages: Sequence[PageStart]) -> int:
    """The page on which a passage ends; 0 in a format without pages."""
    at = bisect_right([page.start for page in pages], max(passage.end - 1, 0))
    return pages[max(at - 1, 0)].page if pages else 0


class PassageRetrieval(Retrieval):
    """Passages of one file, for the model; the person is shown the file with `chunk_spans` where they stand.

    Of a file that is longer than `SHOWN` only what stands around the passages is sent: whoever shows the whole
    finds it by `document_id`, and a passage in it by the object's `start` and `end`.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        file: SourceFile,
        text: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        told = {
            "document_id": file.id,
            "display_type": "document",
            "return_type": "document",
            "output_type": "original",
            "total": None,
            **(metadata or {}),
        }
        objects = [passage_object(passage, file.name) for passage in passages]
        super().__init__(objects, told, "document", name=file.name)
        self._file = file
        self._text = text

    @override
    def shown(self) -> list[dict[str, Any]]:
        content, moved = excerpt(self._text, [(item["start"], item["end"]) for item in self.objects])
        spans = [
            {"start": start, "end": end, "uuid": item["uuid"]}
            | ({"_REF_ID": item["_REF_ID"]} if "_REF_ID" in item else {})
            for item, (start, end) in zip(self.objects, moved, strict=True)
            if end > start
        ]
        best = {"_REF_ID": spans[0]["_REF_ID"]} if spans and "_REF_ID" in spans[0] else {}
        return [
            {
                "title": self._file.name,
                "category": _about(self._file, is_whole=content == self._text),
                "content": content,
                "uuid": self._file.id,
                "document_id": self._file.id,
                "is_excerpt": content != self._text,
                **best,
                "chunk_spans": spans,
            }
        ]


def excerpt(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """A text of at most about `SHOWN` characters that holds these spans, and where they stand in it.

    A span that has no room comes back empty.
    """
    if len(text) <= SHOWN:
        return text, list(spans)
    windows: list[tuple[int, int]] = []
    left = SHOWN
    for start, end in spans:  # the first are the best
        window = max(start - _AROUND, 0), min(end + _AROUND, len(text))
        if window[1] - window[0] <= left:
            windows.append(window)
            left -= window[1] - window[0]
    parts: list[str] = []
    places: list[tuple[int, int, int]] = []
    length = 0
    for start, end in _merged(windows or [(0, SHOWN)]):
        opening = (_GAP if parts else "[…]\n\n") if start else ""
        parts += [opening, text[start:end]]
        places.append((start, end, length + len(opening)))
        length += len(opening) + end - start
    parts.append("\n\n[…]" if places[-1][1] < len(text) else "")
    return "".join(parts), [_moved(span, places) for span in spans]


def _merged(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _moved(span: tuple[int, int], places: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    for start, end, at in places:
        if start <= span[0] and span[1] <= end:
            return span[0] - start + at, span[1] - start + at
    return 0, 0


def _about(file: SourceFile, is_whole: bool) -> str:
    """What kind of file it is, and whether all of it is shown."""
    pages = "" if file.pages is None else f", {file.pages:,} page{'' if file.pages == 1 else 's'}"
    return f"{file.kind.upper()}{pages}{'' if is_whole else ', shown in part'}"
