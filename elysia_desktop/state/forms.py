"""Replies in a given form: how a model is told of it, held to it, and told what did not fit."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from elysia_desktop.engine.budget import clipped, compact
from elysia_desktop.engine.function_schema import bounded_schema, plain_schema
from elysia_desktop.engine.reply_schema import described_schema
from elysia_desktop.state.messages import Message

_LONGEST_REASON = 700
_LONGEST_REPLY = 200
"""Tokens of a reply that is sent back."""


def told_form(schema: type[BaseModel]) -> Message:
    """The instruction to reply in this form."""
    shape = described_schema(plain_schema(schema.model_json_schema()))
    return Message.SYSTEM(f"Reply with one JSON object and nothing else:\n{shape}")


def held_to(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema to which a server holds a reply; every text and list of it has an end."""
    return bounded_schema(plain_schema(schema.model_json_schema()))


def sent_back(reply: str, objection: str) -> list[Message]:
    """A reply that did not fit, and why it did not."""
    told = (
        f"Your last reply could not be used: {compact(objection, _LONGEST_REASON)}\nReply again, correctly."
    )
    return [Message.ASSISTANT(clipped(reply, _LONGEST_REPLY) or "{}"), Message.USER(told)]
