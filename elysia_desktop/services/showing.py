"""What the person is shown of all that a state manager tells."""

from __future__ import annotations

from collections.abc import Iterator

from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Return, Status, TextDelta, TextReplaced, ToolCalled, ToolReturned
from elysia_desktop.core.sources import SourceMarks


class Shown:
    """What of all that a state manager tells is shown: of texts only the answer's, without marks of sources.

    Passages that were found again are not shown a second time.
    """

    def __init__(self, answer_id: str) -> None:
        self._answer_id = answer_id
        self._marks = SourceMarks()
        self._passages: set[str] = set()

    def of(self, item: Return) -> Iterator[Return]:
        """The item as it is shown; none where nothing of it is."""
        match item:
            case TextDelta() if self._is_answer(item):
                text = self._marks.feed(str(item.object["delta"]))
                if text:
                    yield TextDelta(self._answer_id, text)
            case TextReplaced() if self._is_answer(item):
                self._marks = SourceMarks()
                yield TextReplaced(self._answer_id, self._marks.feed(str(item.object["text"])))
            case TextDelta() | TextReplaced():
                pass
            case Retrieval() if "document_id" in item.metadata:
                found = {str(passage.get("_REF_ID")) for passage in item.objects}
                if not found <= self._passages:
                    yield item
                self._passages |= found
            case _:
                yield item

    def _is_answer(self, item: TextDelta | TextReplaced) -> bool:
        return item.object["message_id"] == self._answer_id


class Doing:
    """Says between what a loop tells what the model is doing: nothing else does once a function has returned."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._is_writing = False

    def of(self, item: Return) -> Iterator[Return]:
        """The item, with what is being done from now on."""
        match item:
            case ToolCalled():
                self._running.add(str(item.object["call_id"]))
                self._is_writing = False
            case ToolReturned():
                self._running.discard(str(item.object["call_id"]))
                yield item
                if not self._running:
                    yield Status("Thinking…")
                return
            case TextDelta() if not self._is_writing and not self._running:
                self._is_writing = True
                yield Status("Writing…")
            case _:
                pass
        yield item
