"""The language model as functions ask it: one prompt, an answer in words or in a given form."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel

from elysia_desktop.core.chat import FunctionSpec, ToolChoice
from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import InvalidAnswer
from elysia_desktop.core.payloads import Return
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.budget import budget_for, clipped, estimate_tokens
from elysia_desktop.engine.lm import Model
from elysia_desktop.engine.reply import read_reply
from elysia_desktop.state.asking import TRIES, Asking
from elysia_desktop.state.forms import held_to, sent_back, told_form
from elysia_desktop.state.history import fitted, front_of
from elysia_desktop.state.message_list import MessageList, Messages
from elysia_desktop.state.messages import Message
from elysia_desktop.state.models import Models
from elysia_desktop.state.streaming import WrittenTo, pieces_across, pieces_of

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge

logger = logging.getLogger(__name__)

Form = TypeVar("Form", bound=BaseModel)
Schema = dict[str, Any] | type[BaseModel]

_PURPOSE = "completion"

__all__ = ["LanguageModelManager", "Models"]


class LanguageModelManager:
    """Asks one of the models, by default the complex one, which writes answers.

    Its methods wait; those with an “a” before their name are awaited instead. Without `models` there are those of
    `settings`, which also say how long prompts and replies may be. `show` is told what each request took.
    """

    def __init__(
        self,
        bridge: Bridge,
        models: Models | None = None,
        *,
        settings: Settings | None = None,
        show: Callable[[Return], None] | None = None,
        model: str | Model = "complex",
    ) -> None:
        self._bridge = bridge
        self._models = models
        self._settings = settings
        self._show = show
        self._model = model
        self._lock = Lock()

    @property
    def settings(self) -> Settings:
        """How long prompts and replies may be."""
        with self._lock:
            if self._settings is None:
                self._settings = default_settings()
            return self._settings

    @property
    def models(self) -> Models:
        """The models that can be asked."""
        settings = self.settings
        with self._lock:
            if self._models is None:
                self._models = Models.from_settings(settings)
            return self._models

    @property
    def model(self) -> Model:
        """The model that is asked."""
        return self.models.model(self._model, self.models.complex)

    def using(self, model: str | Model) -> LanguageModelManager:
        """The same with another model: `base`, `complex`, a name at the same provider, or a `Model`."""
        chosen = self.models.model(model, self.model)
        return LanguageModelManager(
            self._bridge, self.models, settings=self.settings, show=self._show, model=chosen
        )

    def across(self, bridge: Bridge) -> LanguageModelManager:
        """The same by another way to the event loop."""
        return LanguageModelManager(
            bridge, self.models, settings=self.settings, show=self._show, model=self._model
        )

    async def aclose(self) -> None:
        """Close all connections; the models can be asked again."""
        if self._models is not None:
            await self._models.aclose()

    async def acomplete(
        self,
        messages: Messages,
        out: Message | None = None,
        tools: Sequence[FunctionSpec] = (),
        tool_choice: ToolChoice | None = None,
        schema: Schema | None = None,
        max_tokens: int | None = None,
        *,
        purpose: str = _PURPOSE,
    ) -> Message:
        """What the model says next, and the calls it asks for; raises `ModelError`.

        The text streams into `out` as it comes, in place of what stood there. `schema` holds the reply to JSON.
        A context that is too long loses its oldest messages.
        """
        request = self._request(messages, tools, tool_choice, schema, max_tokens, purpose)
        if out is None:
            return await request.asked(None)
        writing = WrittenTo(out)
        message = await request.asked(writing.take, writing.begin_anew)
        writing.end(message.content)
        return message

    def complete(
        self,
        messages: Messages,
        out: Message | None = None,
        tools: Sequence[FunctionSpec] = (),
        tool_choice: ToolChoice | None = None,
        schema: Schema | None = None,
        max_tokens: int | None = None,
        *,
        purpose: str = _PURPOSE,
    ) -> Message:
        """As `acomplete`, waiting for the end."""
        return self._bridge.run(
            self.acomplete(messages, out, tools, tool_choice, schema, max_tokens, purpose=purpose)
        )

    def astream(
        self,
        messages: Messages,
        out: Message | None = None,
        schema: Schema | None = None,
        max_tokens: int | None = None,
        *,
        purpose: str = _PURPOSE,
    ) -> AsyncGenerator[str, None]:
        """What the model says, piece by piece as it comes, and into `out` too; leaving early ends the request."""
        request = self._request(messages, (), None, schema, max_tokens, purpose)
        return pieces_of(lambda take: request.passed_on(take, out))

    def stream(
        self,
        messages: Messages,
        out: Message | None = None,
        schema: Schema | None = None,
        max_tokens: int | None = None,
        *,
        purpose: str = _PURPOSE,
    ) -> Iterator[str]:
        """As `astream`; with `out` it returns when all is written there, and the pieces can be gone through then."""
        request = self._request(messages, (), None, schema, max_tokens, purpose)
        pieces = pieces_across(self._bridge, lambda take: request.passed_on(take, out))
        return pieces if out is None else iter(list(pieces))

    async def aparse(
        self,
        messages: Messages,
        schema: type[Form],
        max_tokens: int | None = None,
        *,
        purpose: str = "parse",
    ) -> Form:
        """The model's reply as an instance of `schema`; one that does not fit is sent back with the reason.

        Raises `InvalidAnswer` after the third.
        """
        listed = MessageList(messages)
        place = front_of(listed)
        asked = listed[:place] + told_form(schema) + listed[place:]
        behind = MessageList()
        objection = ""
        for _ in range(TRIES):
            request = self._request(asked, (), None, schema, max_tokens, purpose, behind)
            message = await request.asked(None)
            reply, objection = read_reply(schema, message.content, "cut_short" in message.extra)
            if isinstance(reply, schema):
                return reply
            behind = MessageList(sent_back(message.content, objection))
        raise InvalidAnswer(
            f"The model “{self.model.choice.model}” gave no usable answer in {TRIES} tries: {objection}",
            "Ask again, or choose a larger model in Settings → Models.",
        )

    def parse(
        self,
        messages: Messages,
        schema: type[Form],
        max_tokens: int | None = None,
        *,
        purpose: str = "parse",
    ) -> Form:
        """As `aparse`, waiting for the end."""
        return self._bridge.run(self.aparse(messages, schema, max_tokens, purpose=purpose))

    def count_tokens(self, messages: Messages) -> int:
        """About how many tokens a text or messages take."""
        return estimate_tokens(messages) if isinstance(messages, str) else MessageList(messages).tokens

    @overload
    def truncate(self, messages: str, tokens: int) -> str: ...  # pyright: ignore[reportOverlappingOverload] - a text is one too
    @overload
    def truncate(self, messages: Messages, tokens: int) -> MessageList: ...
    def truncate(self, messages: Messages, tokens: int) -> str | MessageList:
        """The start of a text, or the newest of messages, within so many tokens."""
        if isinstance(messages, str):
            return clipped(messages, tokens)
        return MessageList(fitted(MessageList(messages), tokens))

    def budget(self, max_tokens: int | None = None) -> int:
        """The tokens that one prompt may hold, if the reply may have `max_tokens`."""
        reply = max_tokens or self.settings.max_output_tokens
        return budget_for(self.model.choice, self.settings.prompt_token_budget, reply)

    def _request(
        self,
        messages: Messages,
        tools: Sequence[FunctionSpec],
        tool_choice: ToolChoice | None,
        schema: Schema | None,
        max_tokens: int | None,
        purpose: str,
        behind: MessageList | None = None,
    ) -> Asking:
        """A prompt for which there is room; what comes `behind` the messages is not cut."""
        held = schema if schema is None or isinstance(schema, dict) else held_to(schema)
        beside = sum(estimate_tokens(f"{tool.name}{tool.description}{tool.parameters}") for tool in tools)
        budget = self.budget(max_tokens)
        # however many functions there are, the conversation is told too
        room = max(budget - beside - estimate_tokens(str(held or "")), budget // 2)
        listed, behind = MessageList(messages), behind or MessageList()
        room -= min(behind.tokens, room // 2)
        if listed.tokens > room:
            logger.warning("A context of %d tokens was cut to the %d there is room for", listed.tokens, room)
            listed = MessageList(fitted(listed, room))
        return Asking(
            self.model,
            (listed + behind).to_chat(),
            tools,
            tool_choice or "auto",
            held,
            max_tokens,
            purpose,
            self._show,
        )
