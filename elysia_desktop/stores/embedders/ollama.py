"""The embedding models of an Ollama."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elysia_desktop.stores.embedders.served import ServedEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elysia_desktop.stores.embedders.base import Embedding
    from elysia_desktop.stores.embedders.choice import EmbedderChoice


class OllamaEmbedder(ServedEmbedder):
    """Asks POST /api/embed below the address; Ollama itself cuts texts to what the model reads."""

    name = "ollama"
    usual_model = "nomic-embed-text"
    usual_address = "http://localhost:11434"

    def _address_of(self, choice: EmbedderChoice) -> str:
        # Models are asked at /v1 of the same server, so that is often what was copied.
        return super()._address_of(choice).removesuffix("/v1").removesuffix("/api")

    def _request(self, texts: Sequence[str]) -> tuple[str, dict[str, Any]]:
        return "api/embed", {"model": self.model, "input": list(texts)}

    def _vectors(self, reply: Any) -> list[Embedding]:
        return [[float(number) for number in vector] for vector in reply["embeddings"]]
