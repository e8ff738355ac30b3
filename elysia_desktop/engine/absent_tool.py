"""The place of a tool that a saved tree names and nobody has given yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elysia_desktop.engine.tool import Tool

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


class AbsentTool(Tool):
    """Keeps a tool's place, and what follows it, until the tool of that name is added again."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"The tool “{name}” was in the saved tree; add it again to use it.")

    async def is_tool_available(
        self,
        tree_data: TreeData,  # noqa: ARG002 - what every tool is asked with
        base_lm: Model,  # noqa: ARG002
        complex_lm: Model,  # noqa: ARG002
        client_manager: ClientManager,  # noqa: ARG002
    ) -> bool:
        """Not in this program."""
        return False
