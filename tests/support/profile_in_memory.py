"""A profile held in memory, as the controllers see it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from elysia_desktop.core.conversation import ConversationSummary
from elysia_desktop.core.environment import Environment

LEAF = {"name": "query", "id": "query", "description": "", "instruction": "", "branch": False, "options": {}}
STRUCTURE = {**LEAF, "name": "base", "id": "base", "branch": True, "options": {"query": LEAF}}


def said(kind, payload, identity="1"):
    return {
        "type": kind,
        "id": identity,
        "user_id": "",
        "conversation_id": "",
        "query_id": "",
        "payload": payload,
    }


def answer(text):
    return said("text", {"type": "response", "metadata": {}, "objects": [{"text": text}]}, f"answer {text}")


class Conversations:
    def __init__(self):
        self.kept = {}
        self.turns_of = {}
        self.gone = {}

    async def create(self, title):
        now = datetime.now(UTC)
        made = ConversationSummary(f"c{len(self.kept) + 1}", title, now, now)
        self.kept[made.id] = made
        self.turns_of[made.id] = []
        return made

    async def list(self, search=""):
        return [each for each in self.kept.values() if search in each.title]

    async def turns(self, conversation_id):
        return list(self.turns_of[conversation_id])

    async def rename(self, conversation_id, title):
        self.kept[conversation_id] = replace(self.kept[conversation_id], title=title)

    async def pin(self, conversation_id, pinned):
        self.kept[conversation_id] = replace(self.kept[conversation_id], pinned=pinned)

    async def delete(self, conversation_id):
        self.gone[conversation_id] = self.kept.pop(conversation_id)

    async def restore(self, conversation_id):
        self.kept[conversation_id] = self.gone.pop(conversation_id)


class Asking:
    """Answers with what the test puts into `replies`: payloads, an error to raise, or an event to wait for."""

    def __init__(self):
        self.replies = []
        self.asked = []
        self.cancelled = 0
        self.forgotten = []
        self.kept = {}

    async def forget(self, conversation_id):
        self.forgotten.append(conversation_id)

    async def environment(self, conversation_id):
        return Environment(self_info=False)

    async def errors(self, conversation_id):
        return {}

    async def exchanges(self, conversation_id):
        return self.kept.get(conversation_id, [])

    async def structure(self, conversation_id):
        return STRUCTURE

    async def structure_of_new(self):
        return STRUCTURE

    async def ask(self, conversation_id, query_id, question, collections=()):
        self.asked.append((conversation_id, question, list(collections)))
        try:
            for reply in self.replies.pop(0):
                match reply:
                    case Exception():
                        raise reply
                    case asyncio.Event():
                        await reply.wait()
                    case _:
                        yield reply
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - it waits for anything
            await asyncio.sleep(0)
