"""What a model of the loop wrote, as the answer that is shown and kept: without marks, with its citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elysia_desktop.core.objects import Text
from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.answering import as_answer

if TYPE_CHECKING:
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.state.messages import Message


def answer_of(message: Message, environment: Environment) -> Text:
    """The answer that a message holds, under its id: in segments with `ref_ids` where it cites sources that there are."""
    return as_answer(message.content, environment, message.id)


def with_sources(message: Message, environment: Environment) -> Message:
    """A copy of a message that names the sources that its text cites."""
    return message.copy(sources=Sources(environment).cited(message.content))
