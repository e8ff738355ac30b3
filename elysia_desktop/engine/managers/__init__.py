"""Many conversations of many users: one tree per conversation, put away when nobody uses it."""

from elysia_desktop.engine.managers.trees import TreeManager
from elysia_desktop.engine.managers.users import UserManager

__all__ = ["TreeManager", "UserManager"]
