"""What an earlier analysis leaves to the one that replaces it: above all what a person wrote."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from json import dumps
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.jsonable import jsonable

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import Metadata


def take_over(earlier: Metadata, metadata: Metadata, replaceable: Collection[str | None]) -> None:
    """Keep a person's descriptions and vectors switched off, and a summary or questions where there are no new ones.

    A summary that is there stays as well, unless it is `replaceable` because no person wrote it.
    """
    if earlier.get("summary") and earlier["summary"] not in replaceable:
        metadata["summary"] = earlier["summary"]
    metadata["prompts"] = metadata["prompts"] or earlier.get("prompts") or []
    for part in ("fields", "named_vectors"):
        known: dict[str, dict[str, Any]] = {item["name"]: item for item in earlier.get(part) or ()}
        for item in metadata.get(part) or ():
            before = known.get(item["name"], {})
            item["description"] = before.get("description") or item["description"]
            if "enabled" in item:
                item["enabled"] = before.get("enabled", item["enabled"])


def digest(*parts: Any) -> str:
    """What tells whether these are the same as another time."""
    plain = dumps(jsonable(list(parts), path="parts"), sort_keys=True)
    return blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
