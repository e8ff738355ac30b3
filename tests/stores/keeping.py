"""Conversations for tests: stores that are opened and closed, and payloads as runs send them."""

import contextlib

from elysia_desktop.stores.conversations import Conversations


@contextlib.asynccontextmanager
async def opened(path, **options):
    store = Conversations(path, **options)
    try:
        yield store
    finally:
        await store.close()


def text(words, identity="t"):
    return {
        "type": "text",
        "id": identity,
        "payload": {"type": "response", "metadata": {}, "objects": [{"text": words}]},
    }


def result(*objects):
    return {"type": "result", "id": "r", "payload": {"type": "table", "objects": list(objects)}}


async def begun(store, title="T", query_id="q", prompt="What?"):
    """A conversation in which a question was asked."""
    conversation = await store.create(title)
    await store.begin_turn(conversation.id, query_id, prompt, [])
    return conversation


async def found(store, search):
    return [summary.title for summary in await store.list(search)]
