"""A profile's files for tests, opened and closed as the application does."""

import contextlib
from uuid import UUID

from elysia_desktop.stores.conversations import Conversations
from elysia_desktop.stores.files.conversation_files import ConversationFiles
from elysia_desktop.stores.files.index import PassageIndex
from elysia_desktop.stores.files.originals import Originals
from elysia_desktop.stores.files.registry import FileRegistry
from elysia_desktop.stores.files.shelf import Shelf
from elysia_desktop.stores.library import Library

HARBOUR = "# Harbour\n\nThe pilot boards at the outer buoy. Berths are given by the harbour master."
GALLEY = "# Galley\n\nThe cook bakes bread at dawn. Soup is served at noon."


class Place:
    """The stores of a profile; `embedder` may be exchanged."""

    def __init__(self, root, embedder=None):
        self.root = root
        self.embedder = embedder
        self.conversations = Conversations(root / "conversations.db")
        self.library = Library(root / "library", lambda: self.embedder)
        self.registry = FileRegistry(self.conversations.file)
        self.originals = Originals(root / "files")

    def index(self, conversation_id):
        return PassageIndex(conversation_id, lambda: self.library, lambda: self.embedder)

    async def files(self, conversation_id):
        shelf = Shelf(conversation_id, self.registry, self.index(conversation_id), self.originals)
        files = ConversationFiles(shelf)
        await files.open()
        return files

    async def begin(self):
        conversation = await self.conversations.create("T")
        return conversation.id, await self.files(conversation.id)

    async def collections(self):
        return [info.name for info in await self.library.collections()]

    def kept_originals(self):
        folder = self.root / "files"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@contextlib.asynccontextmanager
async def place(root, embedder=None):
    opened = Place(root, embedder)
    try:
        yield opened
    finally:
        await opened.library.close()
        await opened.conversations.close()


def written(folder, name, text):
    """A file on the disk."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def collection_name(conversation_id):
    return f"ELYSIA_FILES_{UUID(conversation_id).hex}__"


async def passages(place, conversation_id):
    """All passages of a conversation by file, as any reader of the library sees them."""
    found = {}
    name = collection_name(conversation_id)
    if name in await place.collections():
        async for one in place.library.scan(name):
            found.setdefault(one["document_id"], []).append(one)
    return found


async def names_found(files, text, **more):
    return [one.name for one in await files.search(text, **more)]
