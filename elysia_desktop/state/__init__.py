"""Tools over a conversation and its documents: a model calls functions in a loop, without the decision tree."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elysia_desktop.state.base import BaseStateManager
    from elysia_desktop.state.bridge import Bridge, Stopped
    from elysia_desktop.state.config import ModuleConfig
    from elysia_desktop.state.event import ExternalModuleChosenEvent
    from elysia_desktop.state.files import FileManager, WritableDocuments
    from elysia_desktop.state.home import Home, MemoryHome
    from elysia_desktop.state.llm import LanguageModelManager
    from elysia_desktop.state.lookups import Q
    from elysia_desktop.state.manager import StateManager
    from elysia_desktop.state.message_list import MessageList
    from elysia_desktop.state.message_manager import MessageManager
    from elysia_desktop.state.messages import FunctionCall, Message, Role, ToolOutput
    from elysia_desktop.state.models import Models
    from elysia_desktop.state.storage import StorageManager
    from elysia_desktop.state.turn import run_turn
    from elysia_desktop.state.visible import VisibleStateManager

_HOMES = {
    "BaseStateManager": "base",
    "Bridge": "bridge",
    "ExternalModuleChosenEvent": "event",
    "FileManager": "files",
    "FunctionCall": "messages",
    "Home": "home",
    "LanguageModelManager": "llm",
    "MemoryHome": "home",
    "Message": "messages",
    "MessageList": "message_list",
    "MessageManager": "message_manager",
    "Models": "models",
    "ModuleConfig": "config",
    "Q": "lookups",
    "Role": "messages",
    "StateManager": "manager",
    "Stopped": "bridge",
    "StorageManager": "storage",
    "ToolOutput": "messages",
    "VisibleStateManager": "visible",
    "WritableDocuments": "files",
    "run_turn": "turn",
}

__all__ = [
    "BaseStateManager",
    "Bridge",
    "ExternalModuleChosenEvent",
    "FileManager",
    "FunctionCall",
    "Home",
    "LanguageModelManager",
    "MemoryHome",
    "Message",
    "MessageList",
    "MessageManager",
    "Models",
    "ModuleConfig",
    "Q",
    "Role",
    "StateManager",
    "Stopped",
    "StorageManager",
    "ToolOutput",
    "VisibleStateManager",
    "WritableDocuments",
    "run_turn",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name what can be imported, for completion."""
    return sorted({*globals(), *__all__})
