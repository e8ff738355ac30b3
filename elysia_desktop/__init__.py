"""Ask your data anything, see how the answer came about, browse what was found."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import CollectionData
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.objects import Response, Result, Retrieval, Text
    from elysia_desktop.core.payloads import Completed, Error, Return, Status, TreeUpdate, Update, Warning  # noqa: A004
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.core.tree_data import Atlas, TreeData
    from elysia_desktop.engine.tool import Tool, tool
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.stores.clients import ClientManager

__version__ = "0.1.0"

_HOMES = {
    "Atlas": "core.tree_data",
    "ClientManager": "stores.clients",
    "CollectionData": "core.collection_data",
    "Completed": "core.payloads",
    "Environment": "core.environment",
    "Error": "core.payloads",
    "Response": "core.objects",
    "Result": "core.objects",
    "Retrieval": "core.objects",
    "Return": "core.payloads",
    "Settings": "core.settings",
    "Status": "core.payloads",
    "Text": "core.objects",
    "Tool": "engine.tool",
    "Tree": "engine.tree",
    "TreeData": "core.tree_data",
    "TreeUpdate": "core.payloads",
    "Update": "core.payloads",
    "Warning": "core.payloads",
    "tool": "engine.tool",
}

__all__ = [
    "Atlas", "ClientManager", "CollectionData", "Completed", "Environment", "Error", "Response", "Result",
    "Retrieval", "Return", "Settings", "Status", "Text", "Tool", "Tree", "TreeData", "TreeUpdate", "Update",
    "Warning", "__version__", "tool",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name what can be imported, for completion."""
    return sorted({*globals(), *__all__})
