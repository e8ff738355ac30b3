"""An embedder that is asked over HTTP: batches, retries, and failures in words."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr

from elysia_desktop.core.addresses import without_user
from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.errors import ConfigurationError, InvalidAnswer, ModelRefused, ModelUnreachable
from elysia_desktop.stores.embedders.base import Unembeddable
from elysia_desktop.stores.embedders.task_words import task_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from elysia_desktop.stores.embedders.base import Embedding
    from elysia_desktop.stores.embedders.choice import EmbedderChoice

_SECONDS = 120.0
_SECONDS_TO_CONNECT = 10.0
_LONGEST = 32_000
"""Characters of a text that are sent: some 8,000 tokens, the most that today's models read."""
_SHORTEST = 400


class ServedEmbedder(ABC):
    """Sends texts to an address; the key, a bearer token, and a password in the address are told nowhere."""

    name: ClassVar[str]
    usual_model: ClassVar[str]
    usual_address: ClassVar[str]
    at_once = 2
    batch_size = 64

    def __init__(self, choice: EmbedderChoice, backoff: Backoff | None = None) -> None:
        self.model = choice.model or self.usual_model
        self._given = SecretStr(self._address_of(choice))
        self._address = without_user(self._given.get_secret_value())
        self._key = choice.key
        self._backoff = backoff or Backoff()
        self._words = task_words(self.model)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._works = False

    async def embed_documents(self, texts: Sequence[str]) -> list[Embedding | Unembeddable]:
        """The vectors of texts that are searched; of a text longer than the model reads, of its beginning."""
        return await self._embedded([f"{self._words.document}{text}"[:_LONGEST] for text in texts])

    async def embed_query(self, text: str) -> Embedding:
        """The vector of what is looked for."""
        found = (await self._embedded([f"{self._words.query}{text}"[:_LONGEST]]))[0]
        if isinstance(found, Unembeddable):
            raise ModelRefused(f"{self._address} did not embed the question: {found.reason}", "Shorten it.")
        return found

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    def _address_of(self, choice: EmbedderChoice) -> str:
        """Where requests go, without a slash at its end."""
        return (choice.address or self.usual_address).rstrip("/")

    @abstractmethod
    def _request(self, texts: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """The path and the body that ask for the vectors of texts."""

    @abstractmethod
    def _vectors(self, reply: Any) -> list[Embedding]:
        """The vectors in a reply; any error means that it holds none."""

    async def _embedded(self, texts: list[str]) -> list[Embedding | Unembeddable]:
        """The vectors; a batch that is refused is halved until only what is refused is left out."""
        try:
            vectors = await self._asked(texts)
        except _Refused as refused:
            if not self._works:
                await self._check_works(refused)
            if len(texts) > 1:
                middle = len(texts) // 2
                return [*await self._embedded(texts[:middle]), *await self._embedded(texts[middle:])]
            if len(texts[0]) > _SHORTEST:
                return await self._embedded([texts[0][: len(texts[0]) // 2]])
            # What has worked before may refuse everything by now.
            await self._check_works(refused)
            return [Unembeddable(str(refused.told))]
        self._works = True
        return list(vectors)

    async def _check_works(self, refused: _Refused) -> None:
        """Raise what was refused where even the simplest text is: it is not the texts then."""
        self._works = False
        try:
            await self._asked(["text"])
        except _Refused:
            raise refused.told from None
        self._works = True

    async def _asked(self, texts: list[str]) -> list[Embedding]:
        path, body = self._request(texts)
        response = await self._answered(path, body)
        try:
            vectors = self._vectors(json.loads(response.content))
        except (ValueError, TypeError, KeyError, AttributeError):
            vectors = []
        if len(vectors) != len(texts) or not all(vectors):
            raise InvalidAnswer(
                f"{self._address} did not answer with the vectors of “{self.model}”.",
                "Check that the address and the model in the settings are those of an embedder.",
            )
        return vectors

    async def _answered(self, path: str, body: dict[str, Any]) -> httpx.Response:
        import httpx

        from elysia_desktop.stores.embedders.replies import (
            failure,
            is_passing,
            refuses_the_text,
            retry_after,
        )

        number = 1
        while True:
            # Anew for every try: it may have been closed under the last.
            client = await self._opened()
            try:
                answer: httpx.Response | httpx.HTTPError = await client.post(path, json=body)
            except httpx.HTTPError as error:
                answer = error
            if isinstance(answer, httpx.Response) and answer.is_success:
                return answer
            number += 1
            wait = None
            if is_passing(answer):
                wait = self._backoff.seconds_before(number, retry_after(answer))
            if wait is None:
                break
            await self._backoff.sleep(wait)
        told = failure(answer, self._address, self.model, self._key, number - 1)
        if refuses_the_text(answer):
            raise _Refused(told)
        raise told

    async def _opened(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # Reading the system's certificates takes a while.
            self._client, self._loop = await asyncio.to_thread(self._made), loop
        return self._client

    def _made(self) -> httpx.AsyncClient:
        import httpx

        key = self._key.get_secret_value()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ConfigurationError(
                "The embedder's key holds characters that no key has.",
                "Copy it again, without spaces and line breaks, into Settings → Data connection.",
            )
        try:
            given = httpx.URL(self._given.get_secret_value())
            return httpx.AsyncClient(
                base_url=self._address,  # httpx logs it
                auth=(given.username, given.password) if given.userinfo else None,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx.Timeout(_SECONDS, connect=_SECONDS_TO_CONNECT),
            )
        except (httpx.InvalidURL, ValueError):
            raise ModelUnreachable(
                f"“{self._address}” is not an address.", "Correct it in the settings of the embedder."
            ) from None


class _Refused(Exception):
    """The server refused what stands in the request."""

    def __init__(self, told: Exception) -> None:
        super().__init__(str(told))
        self.told = told
