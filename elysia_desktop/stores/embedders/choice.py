"""Which embedder the settings name, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings

_NO_KEY = SecretStr("")


@dataclass(frozen=True)
class EmbedderChoice:
    """An embedder's name, model, address and key; empty ones mean the usual."""

    name: str
    model: str = ""
    address: str = ""
    key: SecretStr = _NO_KEY

    @classmethod
    def of(cls, settings: Settings) -> EmbedderChoice:
        """The choice in the settings; the key of OpenAI goes to OpenAI's own address alone."""
        address = settings.embedder_api_base.strip()
        key = settings.api_key("EMBEDDER_API_KEY")
        host = urlsplit(address).hostname or ""
        if not key and settings.embedder == "openai" and (not address or host.endswith(".openai.com")):
            key = settings.api_key("OPENAI_API_KEY")
        return cls(settings.embedder, settings.embedder_model.strip(), address, SecretStr(key))
