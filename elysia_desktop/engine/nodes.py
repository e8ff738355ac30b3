"""The shape of a decision tree: branches that hold options, tools that may be followed by more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elysia_desktop.engine.absent_tool import AbsentTool
from elysia_desktop.engine.tool import Tool


@dataclass
class Node:
    """A branch, where a decision is made, or a tool; either may have options after it."""

    id: str
    tool: Tool | None = None
    instruction: str = ""
    description: str = ""
    status: str = ""
    options: dict[str, Node] = field(default_factory=dict[str, "Node"])
    needs_files: bool = False
    """Whether a branch is there only while the conversation has files in use."""

    @property
    def is_branch(self) -> bool:
        """Whether this is a decision node rather than a tool."""
        return self.tool is None

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for option in self.options.values():
            yield from option.walk()

    def view(self, *, with_files: bool = True) -> dict[str, Any]:
        """The node and all below it as plain data, with or without the branches that are for files."""
        return {
            "name": self.id,
            "id": self.id,
            "description": self.tool.description if self.tool else self.description,
            "instruction": self.instruction,
            "reasoning": "",
            "branch": self.is_branch,
            "options": {
                key: option.view(with_files=with_files)
                for key, option in self.options.items()
                if with_files or not option.needs_files
            },
        }

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs: a tool is told by its name alone."""
        told: dict[str, Any] = {"id": self.id}
        if self.is_branch:
            told |= {
                "instruction": self.instruction,
                "description": self.description,
                "status": self.status,
                **({"needs_files": True} if self.needs_files else {}),
            }
        else:
            told["tool"] = self.id
        if self.options:
            told["options"] = [option.to_json() for option in self.options.values()]
        return told


class Structure:
    """The nodes of one tree. A call that fails leaves it as it was."""

    def __init__(self) -> None:
        self.root: Node | None = None

    def branches(self) -> dict[str, Node]:
        """Every branch by its id."""
        return {node.id: node for node in self._nodes() if node.is_branch}

    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return {node.id: node.tool for node in self._nodes() if node.tool is not None}

    def absent(self) -> list[Node]:
        """The places of tools that a saved tree names and this program has not been given."""
        return [node for node in self._nodes() if isinstance(node.tool, AbsentTool)]

    def to_json(self) -> dict[str, Any] | None:
        """The structure as plain data, None for a tree without a root."""
        return self.root.to_json() if self.root is not None else None

    @classmethod
    def from_json(cls, told: Mapping[str, Any] | None, tools: Mapping[str, Tool]) -> Structure:
        """The structure that `to_json` wrote; a tool that is not among `tools` leaves its place empty.

        Raises `ValueError` where it is damaged.
        """
        structure = cls()
        waiting: list[tuple[Mapping[str, Any], str, tuple[str, ...]]] = [(told, "", ())] if told else []
        below: tuple[str, tuple[str, ...]]
        while waiting:
            node, branch, chain = waiting.pop(0)
            try:
                name = str(node["id"])
                if "tool" in node:
                    structure.add_tool(tools.get(name) or AbsentTool(name), branch, chain)
                    below = (branch, (*chain, name))
                else:
                    structure.add_branch(
                        name,
                        str(node.get("instruction") or ""),
                        str(node.get("description") or ""),
                        root=not branch,
                        from_branch_id=branch,
                        from_tool_ids=chain,
                        status=str(node.get("status") or ""),
                        needs_files=bool(node.get("needs_files")),
                    )
                    below = (name, ())
                waiting += [(option, below[0], below[1]) for option in node.get("options") or ()]
            except (TypeError, KeyError, AttributeError) as error:
                raise ValueError(f"The saved structure is damaged below “{branch}”.") from error
        return structure

    def add_branch(
        self,
        branch_id: str,
        instruction: str,
        description: str = "",
        root: bool = False,
        from_branch_id: str = "",
        from_tool_ids: Sequence[str] = (),
        status: str = "",
        needs_files: bool = False,
    ) -> None:
        """Add a decision node, at the root or as an option of another branch."""
        if not isinstance(branch_id, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            raise TypeError(f"{branch_id!r} cannot be the id of a branch; it is a text.")
        if not branch_id.strip():
            raise ValueError("A branch needs an id that is not empty.")
        if branch_id in self.branches():
            raise ValueError(f"There is a branch “{branch_id}” already.")
        node = Node(branch_id, None, instruction, description, status or f"Running {branch_id}...")
        node.needs_files = needs_files
        if root:
            if self.root is not None:
                raise ValueError(f"The root is “{self.root.id}” already.")
            self.root = node
            return
        if not description:
            raise ValueError(f"The branch “{branch_id}” needs a description: it is what decisions choose by.")
        parent = self._parent(from_branch_id or None, from_tool_ids)
        if branch_id in parent.options:
            raise ValueError(f"“{parent.id}” offers a tool “{branch_id}” already.")
        parent.options[branch_id] = node

    def remove_branch(self, branch_id: str) -> None:
        """Remove a branch and everything below it."""
        if self.root is not None and self.root.id == branch_id:
            self.root = None
            return
        for node in self._nodes():
            option = node.options.get(branch_id)
            if option is not None and option.is_branch:
                del node.options[branch_id]
                return
        raise ValueError(f"There is no branch “{branch_id}”. There are: {_listed(self.branches())}.")

    def add_tool(self, tool: Tool, branch_id: str | None = None, from_tool_ids: Sequence[str] = ()) -> None:
        """Offer a tool in a branch, or after a chain of tools within it.

        Places that a saved tree kept for a tool of this name are filled first; with no other place named,
        that is all.
        """
        places = [node for node in self.absent() if node.id == tool.name]
        if places and branch_id is None and not from_tool_ids:
            for node in places:
                node.tool, node.status = tool, tool.status
            return
        parent = self._parent(branch_id, from_tool_ids)
        place = parent.options.get(tool.name)
        if place is not None and (not isinstance(place.tool, AbsentTool) or isinstance(tool, AbsentTool)):
            raise ValueError(f"“{parent.id}” offers a tool or branch “{tool.name}” already.")
        following = place.options if place is not None else {}
        parent.options[tool.name] = Node(tool.name, tool, status=tool.status, options=following)

    def remove_tool(
        self, tool_name: str, branch_id: str | None = None, from_tool_ids: Sequence[str] = ()
    ) -> None:
        """Take a tool, and what follows it, out of a branch."""
        parent = self._parent(branch_id, from_tool_ids)
        option = parent.options.get(tool_name)
        if option is None or option.is_branch:
            offered = [name for name, node in parent.options.items() if not node.is_branch]
            raise ValueError(f"“{parent.id}” offers no tool “{tool_name}”. It offers: {_listed(offered)}.")
        del parent.options[tool_name]

    def _nodes(self) -> Iterator[Node]:
        return self.root.walk() if self.root is not None else iter(())

    def _parent(self, branch_id: str | None, from_tool_ids: Sequence[str]) -> Node:
        if self.root is None:
            raise ValueError("The tree has no root yet; add a branch with root=True first.")
        node = self.root if branch_id is None else self.branches().get(branch_id)
        if node is None:
            raise ValueError(f"There is no branch “{branch_id}”. There are: {_listed(self.branches())}.")
        for tool_id in from_tool_ids:
            following = node.options.get(tool_id)
            if following is None or following.is_branch:
                raise ValueError(
                    f"After “{node.id}” there is no tool “{tool_id}”. There are: {_listed(node.options)}."
                )
            node = following
        return node


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
