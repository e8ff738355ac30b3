"""Homes and files for tests, which note what is asked of them."""

from datetime import UTC, datetime

from elysia_desktop.core.files import FoundPassage, Passage, SourceFile
from elysia_desktop.state.home import MemoryHome


class CountingHome(MemoryHome):
    """A home in memory that notes what is asked of it."""

    def __init__(self, *messages):
        super().__init__(messages=messages)
        self.asked = []

    async def messages(self):
        self.asked.append("messages")
        return await super().messages()

    async def save(self, messages):
        self.asked.append(("save", [message.content for message in messages]))
        await super().save(messages)

    async def delete(self, message_ids):
        self.asked.append(("delete", len(message_ids)))
        return await super().delete(message_ids)

    async def storage(self):
        self.asked.append("storage")
        return await super().storage()

    async def save_storage(self, values):
        self.asked.append(("save_storage", dict(values)))
        await super().save_storage(values)


def file(name="a.txt", **fields):
    given = {
        "id": name,
        "kind": "text",
        "size": 10,
        "tokens": 3,
        "added_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return SourceFile(name=name, **{**given, **fields})


class ListedFiles:
    """Files that are told and never searched: their texts are given; it notes what is asked."""

    def __init__(self, *files, texts=()):
        self.files = list(files)
        self.texts = dict(texts)
        self.asked = []

    def listed(self):
        self.asked.append("listed")
        return self.files

    async def text(self, document_id):
        self.asked.append(("text", document_id))
        return self.texts[document_id]

    async def search(self, text, limit=8, document_ids=()):
        self.asked.append(("search", text, limit, tuple(document_ids)))
        return [found(self.texts[each], each) for each in document_ids][:limit]


def found(text, name="a.txt", number=0, page=None, heading=""):
    start = 1000 * number
    passage = Passage(name, number, start, start + len(text), text, page, heading)
    return FoundPassage(passage, name, score=1.0)
