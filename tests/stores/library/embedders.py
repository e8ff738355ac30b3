"""Embedders for tests: vectors by words, without any server."""

import asyncio

from support.embedding_server import by_words

from elysia_desktop.stores.embedders.base import Unembeddable


class WordEmbedder:
    """Embeds texts by their words; counts them, may be slow, may fail, refuses texts with `refused` in them."""

    batch_size = 4
    at_once = 2

    def __init__(self, model="words", dimensions=16, refused=None):
        self.name = "test"
        self.model = model
        self.dimensions = dimensions
        self.refused = refused
        self.failure = None
        self.texts = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = 0

    async def embed_documents(self, texts):
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.texts += texts
        return [self._embedded(text) for text in texts]

    async def embed_query(self, text):
        if self.failure is not None:
            raise self.failure
        return list(by_words(text, self.dimensions))

    async def close(self):
        self.closed += 1

    def _embedded(self, text):
        if self.refused and self.refused in text:
            return Unembeddable("The text is refused.")
        return list(by_words(text, self.dimensions))
