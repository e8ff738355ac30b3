"""Editing and showing the structure of a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from elysia_desktop.engine.adapt import AnyTool, coerce_tool
from elysia_desktop.engine.nodes import Structure
from elysia_desktop.engine.presets import INITIALISATIONS
from elysia_desktop.engine.tool import Tool

Initialisation = Literal["default", "one_branch", "multi_branch", "empty"]


class EditableTree:
    """The structure of a tree. What cannot be done raises `ValueError` or `TypeError` and changes nothing."""

    def __init__(self, branch_initialisation: str | None) -> None:
        self.branch_initialisation: str
        self._structure: Structure
        self.set_branch_initialisation(branch_initialisation)

    def set_branch_initialisation(self, initialisation: str | None) -> None:
        """Put one of the structures that come with the application in place of this tree's."""
        name = initialisation or "default"
        if name not in INITIALISATIONS:
            raise ValueError(f"There is no tree called “{name}”. There are: {', '.join(INITIALISATIONS)}.")
        self.branch_initialisation = name
        self._structure = INITIALISATIONS[name]()

    def one_branch_init(self) -> None:
        """One decision among all tools."""
        self.set_branch_initialisation("one_branch")

    def multi_branch_init(self) -> None:
        """First whether to search, then how."""
        self.set_branch_initialisation("multi_branch")

    def empty_init(self) -> None:
        """A root without options."""
        self.set_branch_initialisation("empty")

    def clear_tree(self) -> None:
        """Remove every branch and tool, the root too."""
        self._structure = Structure()

    def add_branch(
        self,
        branch_id: str,
        instruction: str,
        description: str = "",
        root: bool = False,
        from_branch_id: str = "",
        from_tool_ids: Sequence[str] = (),
        status: str = "",
    ) -> None:
        """Add a decision node: `instruction` is for decisions made in it, `description` for those that lead to it."""
        self._structure.add_branch(
            branch_id, instruction, description, root, from_branch_id, from_tool_ids, status
        )

    def remove_branch(self, branch_id: str) -> None:
        """Remove a decision node and what is below it."""
        self._structure.remove_branch(branch_id)

    def add_tool(
        self,
        tool: AnyTool,
        branch_id: str | None = None,
        from_tool_ids: Sequence[str] = (),
        root: bool = False,
        **kwargs: Any,
    ) -> None:
        """Offer a tool, given as a class or an instance, or as a pydantic class; at the root unless a branch is named.

        `from_tool_ids` is the chain of tools after which it is offered, `kwargs` are for the class; for a pydantic
        one they may be `status` and `end`.
        """
        made = coerce_tool(tool, "tree", **kwargs)
        self._structure.add_tool(made, self._root_id if root else branch_id, from_tool_ids)

    def remove_tool(
        self,
        tool_name: str,
        branch_id: str | None = None,
        from_tool_ids: Sequence[str] = (),
        root: bool = False,
    ) -> None:
        """Take a tool, and what follows it, out of a branch."""
        self._structure.remove_tool(tool_name, None if root else branch_id, from_tool_ids)

    @property
    def tree(self) -> dict[str, Any]:
        """The structure as nested plain data."""
        return self.structure()

    def structure(self, *, with_files: bool = True) -> dict[str, Any]:
        """The structure as nested plain data, with or without the branches that are for files."""
        return self._structure.root.view(with_files=with_files) if self._structure.root else {}

    @property
    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return self._structure.tools()

    @property
    def absent_tools(self) -> list[str]:
        """The names of tools that a saved tree had and that were not added again."""
        return list(dict.fromkeys(node.id for node in self._structure.absent()))

    def view(self) -> str:
        """The structure as indented text, one node a line."""
        return "\n".join(_lines(self.tree)) if self.tree else ""

    @property
    def _root_id(self) -> str | None:
        return self._structure.root.id if self._structure.root else None

    def _edited_structure(self) -> dict[str, Any] | None:
        """`{"root": …}`, or None where it is the preset's: then it may grow with the application."""
        told = self._structure.to_json()
        return None if told == INITIALISATIONS[self.branch_initialisation]().to_json() else {"root": told}


def _lines(node: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    about = str(node["description"] or node["instruction"]).split("\n", 1)[0]
    yield f"{'  ' * depth}{'+' if node['branch'] else '-'} {node['id']}: {about}"
    for option in node["options"].values():
        yield from _lines(option, depth + 1)
