"""OpenAI's embeddings, and those of every server that speaks as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import MissingKey
from elysia_desktop.core.providers import api_address
from elysia_desktop.stores.embedders.served import ServedEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elysia_desktop.core.backoff import Backoff
    from elysia_desktop.stores.embedders.base import Embedding
    from elysia_desktop.stores.embedders.choice import EmbedderChoice


class OpenAIEmbedder(ServedEmbedder):
    """Asks POST /embeddings below the address."""

    name = "openai"
    usual_model = "text-embedding-3-small"
    usual_address = "https://api.openai.com/v1"
    at_once = 4

    def __init__(self, choice: EmbedderChoice, backoff: Backoff | None = None) -> None:
        super().__init__(choice, backoff)
        self._needs_key = not choice.address

    def _address_of(self, choice: EmbedderChoice) -> str:
        return api_address(choice.address or self.usual_address)

    def _request(self, texts: Sequence[str]) -> tuple[str, dict[str, Any]]:
        if self._needs_key and not self._key.get_secret_value():
            raise MissingKey(
                "OpenAI's embeddings need a key, and none is known.",
                "Enter OPENAI_API_KEY or EMBEDDER_API_KEY in Settings → Data connection.",
            )
        # An empty text is refused; of a blank one the vector is as good as any.
        return "embeddings", {"model": self.model, "input": [text or " " for text in texts]}

    def _vectors(self, reply: Any) -> list[Embedding]:
        found = sorted(reply["data"], key=lambda one: one["index"])
        return [[float(number) for number in one["embedding"]] for one in found]
