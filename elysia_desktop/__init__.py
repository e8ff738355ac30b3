"""Ask your data anything, see how the answer came about, browse what was found."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elysia_desktop.core.atlas import Atlas
    from elysia_desktop.core.collection_data import CollectionData
    from elysia_desktop.core.defaults import configure, smart_setup
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.objects import Response, Result, Retrieval, Text
    from elysia_desktop.core.payloads import (
        Completed,
        ConsentAsked,
        Error,
        Return,
        Status,
        TextDelta,
        TreeUpdate,
        Update,
        Warning,  # noqa: A004
    )
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.analysis.editing import (
        delete_preprocessed_collection,
        delete_preprocessed_collection_async,
        edit_preprocessed_collection,
        edit_preprocessed_collection_async,
        preprocessed_collection_exists,
        preprocessed_collection_exists_async,
        view_preprocessed_collection,
        view_preprocessed_collection_async,
    )
    from elysia_desktop.engine.analysis.preprocess import preprocess, preprocess_async
    from elysia_desktop.engine.managers.trees import TreeManager
    from elysia_desktop.engine.managers.users import UserManager
    from elysia_desktop.engine.tool import Tool, tool
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.stores.clients import ClientManager

__version__ = "0.1.0"

_HOMES = {
    "Atlas": "core.atlas",
    "ClientManager": "stores.clients",
    "CollectionData": "core.collection_data",
    "Completed": "core.payloads",
    "ConsentAsked": "core.payloads",
    "Environment": "core.environment",
    "Error": "core.payloads",
    "Response": "core.objects",
    "Result": "core.objects",
    "Retrieval": "core.objects",
    "Return": "core.payloads",
    "Settings": "core.settings",
    "Status": "core.payloads",
    "Text": "core.objects",
    "TextDelta": "core.payloads",
    "Tool": "engine.tool",
    "Tree": "engine.tree",
    "TreeData": "core.tree_data",
    "TreeManager": "engine.managers.trees",
    "TreeUpdate": "core.payloads",
    "Update": "core.payloads",
    "UserManager": "engine.managers.users",
    "Warning": "core.payloads",
    "configure": "core.defaults",
    "delete_preprocessed_collection": "engine.analysis.editing",
    "delete_preprocessed_collection_async": "engine.analysis.editing",
    "edit_preprocessed_collection": "engine.analysis.editing",
    "edit_preprocessed_collection_async": "engine.analysis.editing",
    "preprocess": "engine.analysis.preprocess",
    "preprocess_async": "engine.analysis.preprocess",
    "preprocessed_collection_exists": "engine.analysis.editing",
    "preprocessed_collection_exists_async": "engine.analysis.editing",
    "smart_setup": "core.defaults",
    "tool": "engine.tool",
    "view_preprocessed_collection": "engine.analysis.editing",
    "view_preprocessed_collection_async": "engine.analysis.editing",
}

__all__ = [
    "Atlas",
    "ClientManager",
    "CollectionData",
    "Completed",
    "ConsentAsked",
    "Environment",
    "Error",
    "Response",
    "Result",
    "Retrieval",
    "Return",
    "Settings",
    "Status",
    "Text",
    "TextDelta",
    "Tool",
    "Tree",
    "TreeData",
    "TreeManager",
    "TreeUpdate",
    "Update",
    "UserManager",
    "Warning",
    "__version__",
    "configure",
    "delete_preprocessed_collection",
    "delete_preprocessed_collection_async",
    "edit_preprocessed_collection",
    "edit_preprocessed_collection_async",
    "preprocess",
    "preprocess_async",
    "preprocessed_collection_exists",
    "preprocessed_collection_exists_async",
    "smart_setup",
    "tool",
    "view_preprocessed_collection",
    "view_preprocessed_collection_async",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name what can be imported, for completion."""
    return sorted({*globals(), *__all__})
