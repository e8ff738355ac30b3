"""Embeds some objects more each time it runs, and is killed in the middle of it; run by a test."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from stores.library.embedders import WordEmbedder
from stores.library.test_embedding import NOTES, notes

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.library import Library


class Killed(WordEmbedder):
    async def embed_documents(self, texts):
        if len(self.texts) >= 24:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().embed_documents(texts)


async def main():
    embedder = Killed()
    library = Library(Path(sys.argv[1]), lambda: embedder)
    try:
        await library.create(NOTES)
        await library.insert("Notes", notes(100))
    except QueryRejected:  # it is there from the last time
        pass
    await library.embed_pending()


asyncio.run(main())
