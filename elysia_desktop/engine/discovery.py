"""Which model servers answer, which models they have, and how much those can read."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import JsonValue, TypeAdapter, ValidationError

from elysia_desktop.core.errors import ElysiaError, MissingKey, ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.core.providers import PROVIDERS, Provider, provider_of
from elysia_desktop.engine.lm import api_address

if TYPE_CHECKING:
    import httpx

_Entry = dict[str, JsonValue]
_BODY: TypeAdapter[_Entry] = TypeAdapter(dict[str, JsonValue])

_NATIVE_ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "openrouter": "https://openrouter.ai/api/v1",
    "mistral": "https://api.mistral.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "groq": "https://api.groq.com/openai/v1",
    "xai": "https://api.x.ai/v1",
}
_PAGE = {"anthropic": {"limit": "1000"}, "gemini": {"pageSize": "1000"}}
# Two servers that say who they are, whatever port they were given.
_PROVIDER_OF_OWNER = {"llamacpp": "llama_cpp", "vllm": "vllm"}
# OpenAI lists everything it sells; these do not write text.
_NOT_FOR_TEXT = (
    "text-embedding",
    "whisper",
    "tts",
    "dall-e",
    "omni-moderation",
    "gpt-image",
    "sora",
    "babbage",
    "davinci",
)
_CONTEXT_NAMES = (
    "max_model_len",
    "loaded_context_length",
    "context_length",
    "context_window",
    "max_context_length",
    "max_input_tokens",
    "inputTokenLimit",
)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class FoundServer:
    """A model server on this computer that answered, and the names of its models."""

    provider: str
    address: str
    models: tuple[str, ...]


def default_candidates() -> tuple[tuple[str, str], ...]:
    """Provider and address of every server that may run on this computer."""
    return tuple((p.id, p.address) for p in PROVIDERS if p.on_this_computer and p.address)


async def find_servers(
    timeout: float = 0.6,  # noqa: ASYNC109 - a limit for each of several servers, not for the caller
    *,
    candidates: Sequence[tuple[str, str]] | None = None,
) -> list[FoundServer]:
    """Ask all usual addresses at once; what does not answer within `timeout` seconds is left out."""
    await _load_httpx()
    asked = default_candidates() if candidates is None else candidates
    answers = await asyncio.gather(*(_look(provider, address, timeout) for provider, address in asked))
    return [server for server in answers if server is not None]


async def list_models(
    address: str, key: str = "", *, provider: str = "openai_compatible", seconds: float = 10
) -> list[str]:
    """The names of the models that can write text, sorted.

    `address` may be empty for a provider that is known by name. Raises `MissingKey`, `ModelUnreachable`,
    `ModelRefused` (wrong key) and `ModelError` (the answer is not a list of models).
    """
    entries = await _Server(address, key, provider, seconds).entries()
    return sorted({name for entry in entries if (name := _name_of(entry)) and _writes_text(provider, entry)})


async def context_length_of(
    address: str, key: str, model: str, *, provider: str = "openai_compatible", seconds: float = 5
) -> int | None:
    """How many tokens the model can read at once, or None when its server does not tell.

    What the server has allotted counts more than what the model was trained for.
    """
    nothing: _Entry = {}
    try:
        server = _Server(address, key, provider, seconds)
        listed = next((entry for entry in await server.entries() if _name_of(entry) == model), nothing)
        if length := _first_number(listed, _CONTEXT_NAMES):
            return length
        meta = _mapping(listed.get("meta"))
        if length := _first_number(meta, ("n_ctx",)):
            return length
        if provider_of(provider).needs_address:
            for ask in (server.llama_cpp_length, server.ollama_length, server.lm_studio_length):
                if length := await ask(model):
                    return length
        return _first_number(meta, ("n_ctx_train",))
    except (ModelError, MissingKey):
        return None


class _Server:
    """One server and how it wants to be asked."""

    def __init__(self, address: str, key: str, provider: str, seconds: float) -> None:
        self._key = key.strip()
        self._provider = provider_of(provider)
        self._seconds = seconds
        self.address = _address(address, self._provider)

    async def entries(self) -> list[_Entry]:
        """What the server says about each of its models."""
        if self._provider.needs_key and not self._key:
            raise MissingKey(
                f"{self._provider.title} needs a key.",
                f"Enter it in Settings → Models, or set {self._provider.key_name} in the environment.",
            )
        body = await self.ask(f"{self.address}/models", params=_PAGE.get(self._provider.id))
        if not ({"data", "models"} & body.keys()):
            raise self._not_a_list()
        # Ollama without models says "data": null.
        return _entries(body.get("data") or body.get("models"))

    async def llama_cpp_length(self, model: str) -> int | None:
        """What llama.cpp's server has allotted; it serves one model."""
        del model
        body = await self._ask_if_there("/props")
        return _first_number(_mapping(body.get("default_generation_settings")), ("n_ctx",))

    async def ollama_length(self, model: str) -> int | None:
        """What Ollama has allotted to the loaded model, else what the model was made for."""
        running = _entries((await self._ask_if_there("/api/ps")).get("models"))
        for entry in running:
            if model in (entry.get("name"), entry.get("model")) and (
                length := _first_number(entry, ("context_length",))
            ):
                return length
        shown = await self._ask_if_there("/api/show", post={"model": model})
        information = _mapping(shown.get("model_info"))
        return _first_number(information, [name for name in information if name.endswith(".context_length")])

    async def lm_studio_length(self, model: str) -> int | None:
        """What LM Studio's own listing says."""
        for entry in _entries((await self._ask_if_there("/api/v0/models")).get("data")):
            if entry.get("id") == model:
                return _first_number(entry, _CONTEXT_NAMES)
        return None

    async def ask(
        self, url: str, *, params: Mapping[str, str] | None = None, post: _Entry | None = None
    ) -> _Entry:
        """One request; every way in which it can fail, in words."""
        httpx = await _load_httpx()
        if not (self._key.isascii() and self._key.isprintable()) or " " in self._key:
            raise ModelRefused(
                "The key holds characters that no key has.", "Copy it again, without spaces and line breaks."
            )
        try:
            async with httpx.AsyncClient(
                trust_env=not _is_loopback(url),
                verify=url.startswith("https:"),  # certificates take 100 ms to load
                timeout=self._seconds,
            ) as client:
                response = await client.request(
                    "GET" if post is None else "POST", url, params=params, json=post, headers=self._headers()
                )
        except httpx.TimeoutException as error:
            raise ModelUnreachable(
                f"{self._host} did not answer within {self._seconds:g} seconds.",
                "Check that the server runs, or try again.",
            ) from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise _not_an_address(self.address) from error
        except (httpx.HTTPError, OSError) as error:
            raise ModelUnreachable(
                f"Nothing answers at {self._host}.",
                "Check that the server runs and that the address is right.",
            ) from error
        return self._body_of(response)

    async def _ask_if_there(self, path: str, post: _Entry | None = None) -> _Entry:
        """Ask a server's own interface, beside the OpenAI-compatible one; nothing when it has none."""
        try:
            return await self.ask(self.address.removesuffix("/v1") + path, post=post)
        except ModelUnreachable:
            raise
        except ModelError:
            return {}

    def _body_of(self, response: httpx.Response) -> _Entry:
        if response.status_code in {401, 403}:
            raise ModelRefused(
                f"{self._host} refused the key: {self._said(response)}"
                if self._key
                else f"{self._host} wants a key: {self._said(response)}",
                "Enter the right key in Settings → Models.",
            )
        if response.status_code == 429:
            raise ModelRefused(
                f"{self._host} does not take more requests now: {self._said(response)}",
                "Wait, then try again.",
            )
        if not response.is_success:
            error = self._not_a_list() if response.status_code in {404, 405} else None
            raise error or ModelError(f"{self._host} failed: {self._said(response)}", "Try again later.")
        try:
            return _BODY.validate_json(response.content)
        except ValidationError as error:
            raise self._not_a_list() from error

    def _not_a_list(self) -> ModelError:
        if self.address.endswith("/v1"):
            hint = "Check the address, or type the model's name."
        else:
            hint = "The address of an OpenAI-compatible server usually ends in /v1."
        return ModelError(f"{self._host} does not list its models.", hint)

    def _said(self, response: httpx.Response) -> str:
        """The server's own words, without the key."""
        try:
            body = _BODY.validate_json(response.content)
        except ValidationError:
            said = response.reason_phrase
        else:
            error = body.get("error") or body.get("message") or body.get("detail")
            inner = error.get("message") if isinstance(error, dict) else error
            said = inner if isinstance(inner, str) else response.reason_phrase
        said = " ".join(said.split())[:300] or f"HTTP {response.status_code}"
        return said.replace(self._key, "•••") if self._key else said

    def _headers(self) -> dict[str, str]:
        if not self._key:
            return {}
        match self._provider.id:
            case "anthropic":
                return {"x-api-key": self._key, "anthropic-version": "2023-06-01"}
            case "gemini":
                return {"x-goog-api-key": self._key}
            case _:
                return {"Authorization": f"Bearer {self._key}"}

    @property
    def _host(self) -> str:
        return self._provider.title if self.address in _NATIVE_ADDRESSES.values() else self.address


async def _load_httpx() -> ModuleType:
    """The library, imported where it does not hold up the window."""
    return await asyncio.to_thread(importlib.import_module, "httpx")


async def _look(provider: str, address: str, seconds: float) -> FoundServer | None:
    try:
        # The client's own limit is for each read: a server that drips bytes would never meet it.
        async with asyncio.timeout(seconds):
            entries = await _Server(address, "", provider, seconds).entries()
    except (ElysiaError, TimeoutError):
        return None
    owners = {str(entry.get("owned_by")) for entry in entries}
    told = next((_PROVIDER_OF_OWNER[owner] for owner in owners if owner in _PROVIDER_OF_OWNER), provider)
    names = sorted({name for entry in entries if (name := _name_of(entry))})
    return FoundServer(told, address, tuple(names))


def _address(address: str, provider: Provider) -> str:
    try:
        if address.strip():
            return api_address(address) if provider.needs_address else address.strip().rstrip("/")
    except ValueError as error:
        raise _not_an_address(address) from error
    known = provider.address or _NATIVE_ADDRESSES.get(provider.id, "")
    if known:
        return known
    raise ModelError(
        f"Where {provider.title} lists its models is not known.", "Type the address, or the model's name."
    )


def _not_an_address(address: str) -> ModelUnreachable:
    return ModelUnreachable(f"“{address}” is not an address.", "It looks like http://localhost:11434/v1.")


def _is_loopback(url: str) -> bool:
    """Whether a proxy could only lose its way."""
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def _name_of(entry: _Entry) -> str:
    name = entry.get("id") or entry.get("name")
    return name.removeprefix("models/") if isinstance(name, str) else ""


def _writes_text(provider: str, entry: _Entry) -> bool:
    if provider == "openai":
        return not _name_of(entry).startswith(_NOT_FOR_TEXT)
    methods = entry.get("supportedGenerationMethods")
    return not isinstance(methods, list) or "generateContent" in methods


def _entries(value: JsonValue) -> list[_Entry]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _mapping(value: JsonValue) -> _Entry:
    return value if isinstance(value, dict) else {}


def _first_number(entry: _Entry, names: Sequence[str]) -> int | None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None
