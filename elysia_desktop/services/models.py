"""The models within reach: found, listed and tested."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from elysia_desktop.core.chat import ChatMessage, FunctionSpec, RequestedCall
from elysia_desktop.core.errors import (
    ConfigurationError,
    ElysiaError,
    ModelError,
    ModelRefused,
    ModelUnreachable,
)
from elysia_desktop.core.providers import SERVED_HERE
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.discovery import FoundServer, context_length_of, find_servers, list_models
from elysia_desktop.engine.served_model import MODEL_NAME

_SYSTEM = "You are a friendly writer. You answer in plain sentences, never in JSON and never in code."
_HELLO = "Say that you are ready, in one short sentence."
_INVITATION = "Which of the two colours teal and ochre do you like better? Tell me in two or three sentences."
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["teal", "ochre"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_NOT_HELD = "It cannot be held to a JSON schema: small models will make more mistakes with it."
_COLOURS = ({"colour": "teal"}, {"colour": "ochre"})
_MIXING = FunctionSpec("mix_paint", "Mix paint of a colour for the person.", _SCHEMA)
_ORDER: tuple[ChatMessage, ...] = (
    {"role": "system", "content": "You run a paint shop. You mix paint by calling the function for it."},
    {"role": "user", "content": "Mix me a pot of ochre, please."},
)


class Writes(Protocol):
    """What a test reads of a completion."""

    @property
    def text(self) -> str:
        """What the model wrote."""
        ...

    @property
    def seconds(self) -> float:
        """How long that took."""
        ...

    @property
    def calls(self) -> Sequence[RequestedCall]:
        """The functions it asks to be called."""
        ...


class AnswersPrompts(Protocol):
    """What a test needs of a language model."""

    def complete(
        self, system: str, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int | None = None
    ) -> Awaitable[Writes]:
        """Send one prompt."""
        ...

    def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[FunctionSpec] = (),
        max_tokens: int | None = None,
    ) -> Awaitable[Writes]:
        """Send a conversation with functions that may be called."""
        ...

    @property
    def calls_functions(self) -> bool:
        """Whether functions are sent as such, and not told in words."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True)
class ModelTest:
    """What a test found out; when it failed, `sentence` says why and `hint` what to do.

    `seconds` is how long a short answer took. `supports_schema`, `supports_tools` and `context_length` are None
    where that could not be found out.
    """

    ok: bool
    sentence: str
    hint: str = ""
    seconds: float | None = None
    context_length: int | None = None
    supports_schema: bool | None = None
    supports_tools: bool | None = None
    models_found: tuple[str, ...] = ()


class Models:
    """Finds model servers, lists their models and tests one by using it."""

    def __init__(
        self, make_model: Callable[[ModelChoice], AnswersPrompts], *, test_seconds: float = 120
    ) -> None:
        self._make_model = make_model
        self._test_seconds = test_seconds

    async def find(self) -> list[FoundServer]:
        """The model servers that answer on this computer."""
        return await find_servers()

    async def choices(self, provider: str, address: str, key: str) -> list[str]:
        """The names of a provider's models; raises `ElysiaError` in words."""
        return (
            []
            if provider == SERVED_HERE and not address
            else await list_models(address, key, provider=provider)
        )

    async def test(self, choice: ModelChoice) -> ModelTest:
        """Use the model freely, held to a JSON schema, and with a function; a failure is told, not raised."""
        if choice.provider == SERVED_HERE:
            choice = replace(choice, model=choice.model or MODEL_NAME)
        try:
            found = await self._listed(choice)
        except ElysiaError as error:
            return _failed(error)
        try:
            async with asyncio.timeout(self._test_seconds):
                return await self._tested(choice, found)
        except TimeoutError:
            late = ModelUnreachable(
                f"“{choice.model}” did not answer within {self._test_seconds:g} seconds.",
                "A large model is slow at first: try again, or choose a smaller one.",
            )
            return _failed(late, found)
        except ElysiaError as error:
            return _failed(error, found, choice.model)

    async def _listed(self, choice: ModelChoice) -> tuple[str, ...]:
        """The provider's models; a server that does not list any may still answer."""
        if not choice.provider:
            raise ConfigurationError("No provider is chosen.", "Choose who serves the model.")
        if choice.provider == SERVED_HERE and not choice.address:
            raise ConfigurationError(
                "The model file is not being served.", "Choose a model file, then test again."
            )
        try:
            return tuple(await self.choices(choice.provider, choice.address, choice.key.get_secret_value()))
        except (ModelUnreachable, ModelRefused):
            raise
        except ModelError:
            return ()

    async def _tested(self, choice: ModelChoice, found: tuple[str, ...]) -> ModelTest:
        if not choice.model:
            raise ConfigurationError("No model is chosen.", "")
        seconds = (await self._ask(choice, _HELLO)).seconds
        schema = await self._obeys_schema(choice)
        functions = await self._calls_functions(choice)
        # Only now: several servers tell the context they allotted, and they allot it at the first prompt.
        length = await context_length_of(
            choice.address, choice.key.get_secret_value(), choice.model, provider=choice.provider
        )
        return ModelTest(
            ok=True,
            sentence=_summary(len(found), length, seconds),
            hint="" if schema is not False else _NOT_HELD,
            seconds=seconds,
            context_length=length,
            supports_schema=schema,
            supports_tools=functions,
            models_found=found,
        )

    async def _obeys_schema(self, choice: ModelChoice) -> bool | None:
        """Whether a prompt that invites prose is answered by the JSON that the schema allows."""
        # Said to be able, or the model would be told the schema in words and might follow them by itself.
        try:
            answer = await self._ask(replace(choice, supports_schema=True), _INVITATION, schema=_SCHEMA)
        except ModelUnreachable:
            return None
        except ModelError:
            return False
        try:
            return json.loads(answer.text) in _COLOURS
        except ValueError:
            return False

    async def _calls_functions(self, choice: ModelChoice) -> bool | None:
        """Whether an order that a function carries out is answered by a call of it, with the right argument."""
        model = self._make_model(replace(choice, supports_tools=True))
        try:
            answer = await model.converse(_ORDER, tools=(_MIXING,), max_tokens=600)
            # A server that refused the function has been asked in words since.
            return model.calls_functions and any(_is_ordered(call) for call in answer.calls)
        except ModelUnreachable:
            return None
        except ModelError:
            return False
        finally:
            await model.aclose()

    async def _ask(self, choice: ModelChoice, prompt: str, schema: dict[str, Any] | None = None) -> Writes:
        model = self._make_model(choice)
        try:
            # Room for a model that thinks before it writes.
            return await model.complete(_SYSTEM, prompt, schema=schema, max_tokens=600)
        finally:
            await model.aclose()


def _is_ordered(call: RequestedCall) -> bool:
    try:
        return call.name == _MIXING.name and json.loads(call.arguments) == {"colour": "ochre"}
    except ValueError:
        return False


def _summary(models: int, context_length: int | None, seconds: float) -> str:
    parts = [f"{models} model{'' if models == 1 else 's'} found"] if models else []
    if context_length:
        parts.append(f"context {context_length:,} tokens")
    parts.append(f"answered in {seconds:.1f} s")
    return "Ready: " + ", ".join(parts) + "."


def _failed(error: ElysiaError, found: tuple[str, ...] = (), model: str = "") -> ModelTest:
    hint = error.hint
    if found and model not in found:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        hint = f"Choose one of: {some}"
    return ModelTest(ok=False, sentence=str(error), hint=hint, models_found=found)
