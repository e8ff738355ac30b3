"""The objects of a result as the environment keeps them."""

from __future__ import annotations

from typing import Any

from elysia_desktop.core.environment import Entry, Environment, is_repeat


def objects_of(environment: Environment, entry: Entry) -> list[dict[str, Any]]:
    """The stored objects themselves, a repeat replaced by what it repeats."""
    objects = (
        environment.object(str(item["_REF_ID"])) if is_repeat(item) else item for item in entry["objects"]
    )
    return [item for item in objects if item is not None]
