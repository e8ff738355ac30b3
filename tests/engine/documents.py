"""Files of a conversation for tests, held in memory and found by their words."""

import re
from datetime import UTC, datetime

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.files import FoundPassage, PageStart, SourceFile
from elysia_desktop.stores.files.base import ReadFile
from elysia_desktop.stores.files.passages import passages_of


def words_of(text):
    return set(re.findall(r"\w+", text.casefold()))


class Held:
    """A file with its text; `pages` is where its pages begin."""

    def __init__(self, name, text, *, kind="text", pages=(), document_id=None):
        self.text, self.pages = text, tuple(PageStart(n, at) for n, at in enumerate(pages, start=1))
        number = len(self.pages) or None
        made = document_id or f"id-{name}"
        self.file = SourceFile(made, name, kind, len(text), len(text) // 4, datetime.now(UTC), number)
        self.passages = passages_of(made, ReadFile(kind, "", text, self.pages))


class FakeDocuments:
    """`core.files.Documents` over these files; a passage is found by any word of the search, the more the better."""

    def __init__(self, *held):
        self.held = {each.file.id: each for each in held}
        self.searches = []

    def listed(self):
        return [each.file for each in self.held.values() if each.file.in_use]

    async def text(self, document_id):
        return self._of(document_id).text

    async def pages(self, document_id):
        return self._of(document_id).pages

    async def passages(self, document_id):
        return self._of(document_id).passages

    async def search(self, text, limit=8, document_ids=()):
        self.searches.append((text, limit, list(document_ids)))
        words = words_of(text)
        hits = [
            FoundPassage(passage, self._of(each).file.name, len(words & words_of(passage.text)))
            for each in document_ids or self.held
            for passage in self._of(each).passages
        ]
        return sorted((hit for hit in hits if hit.score), key=lambda hit: -hit.score)[:limit]

    def _of(self, document_id):
        if document_id not in self.held:
            raise QueryRejected.unknown("file", document_id, self.held)
        return self.held[document_id]


def about(*topics, words=130):
    """A text of a paragraph on each of these, long enough to be a passage of its own."""
    return "\n\n".join(f"This speaks of {topic}. {'It goes on. ' * (words // 3)}".strip() for topic in topics)
