"""A conversation with its tree as JSON, in the format that `elysia-ai` 0.2.8 writes and reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elysia_desktop.core.jsonable import LEVELS, jsonable
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.saved_json import Saved
from elysia_desktop.core.settings import Settings
from elysia_desktop.core.tree_data import TreeData
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.engine.saved_settings import (
    in_elysias_names,
    settings_restored,
    told_settings,
    without_secrets,
)

_OURS = "desktop_settings"
_LEVELS_ABOVE = 20
"""More than stand above the parts that were within bounds by themselves."""
_WITHIN_ELYSIA = {"forced_text_response"}
"""Tools that Elysia lists, and that are no tools of a tree."""


@dataclass(frozen=True, eq=False)
class SavedTree:
    """All that is saved of a conversation. Two are equal when what would be written of them is.

    `settings` are those that are no secret, under our names. `structure` is None where the tree is as
    `branch_initialisation` makes it, and in Elysia's files. `payloads` are what was sent, in order, prompts included.
    """

    user_id: str
    conversation_id: str
    title: str | None
    branch_initialisation: str
    low_memory: bool
    use_elysia_collections: bool
    tree_index: int
    tree_data: TreeData
    settings: Mapping[str, Any]
    tool_names: tuple[str, ...]
    structure: Mapping[str, Any] | None
    payloads: tuple[Payload, ...]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SavedTree):
            return NotImplemented
        return write_saved_tree(self) == write_saved_tree(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType] - what it holds can change


def write_saved_tree(saved: SavedTree) -> dict[str, Any]:
    """The JSON that `read_saved_tree` and Elysia's `Tree.import_from_json` read; no secret is in it.

    What has no JSON form is left out.
    """
    told = told_settings(saved.settings)
    theirs = in_elysias_names(told)
    written = {
        "user_id": saved.user_id,
        "conversation_id": saved.conversation_id,
        "conversation_title": saved.title or None,
        "branch_initialisation": saved.branch_initialisation or "default",
        "use_elysia_collections": saved.use_elysia_collections,
        "tree_index": saved.tree_index,
        "store_retrieved_objects": False,
        "low_memory": saved.low_memory,
        "tree_data": {**saved.tree_data.to_json(remove_unserialisable=True), "settings": theirs},
        "settings": dict(theirs),
        "tool_names": list(saved.tool_names),
        "frontend_rebuild": _plain(saved.payloads),
        "structure": _plain(saved.structure or None),
        _OURS: _plain(told),
    }
    return without_secrets(written, saved.tree_data.settings)


def read_saved_tree(json_data: Mapping[str, Any], settings: Settings | None = None) -> SavedTree:
    """What `write_saved_tree` or Elysia wrote; raises `ValueError` naming the place of what is damaged.

    The tree's data has `settings`, else those of this process's defaults with the saved ones above them. No secret
    is taken from what was saved. Unknown keys are left out.
    """
    if not isinstance(json_data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - read from a file
        raise ValueError("What was saved is not an object.")  # noqa: TRY004 - damaged data, not a wrong call
    saved = Saved(_plain(json_data), "")
    told = _settings(saved)
    kept = settings if settings is not None else settings_restored(told)
    return SavedTree(
        user_id=saved["user_id"].text(),
        conversation_id=saved["conversation_id"].text(),
        title=saved.get("conversation_title", "").text() or None,
        branch_initialisation=saved.get("branch_initialisation", "").text() or "default",
        low_memory=saved.get("low_memory", False).flag(),
        use_elysia_collections=saved.get("use_elysia_collections", True).flag(),
        tree_index=saved.get("tree_index", -1).number(),
        tree_data=_tree_data(saved, kept),
        settings=told,
        tool_names=_tool_names(saved),
        structure=saved.get("structure", {}).object() or None,
        payloads=tuple(
            item.object() for item in saved.get("frontend_rebuild", []).items() if item.value is not None
        ),
    )


def _plain(value: Any) -> Any:
    """A copy as JSON data; what was not too deep by itself is not too deep within the whole."""
    return jsonable(value, remove_unserialisable=True, path="", levels=LEVELS + _LEVELS_ABOVE)


def _settings(saved: Saved) -> dict[str, Any]:
    """Ours where they are there, else Elysia's, which are told twice."""
    for block in (
        saved.get(_OURS, None),
        saved.get("settings", None),
        saved["tree_data"].get("settings", None),
    ):
        if block.value is not None:
            return told_settings(block.object())
    return {}


def _tool_names(saved: Saved) -> tuple[str, ...]:
    within = _WITHIN_ELYSIA if _is_elysias(saved) else set[str]()
    return tuple(name for name in saved.get("tool_names", []).texts() if name not in within)


def _is_elysias(saved: Saved) -> bool:
    return "structure" not in saved.object()


def _tree_data(saved: Saved, settings: Settings) -> TreeData:
    data = dict(saved["tree_data"].object())
    if _is_elysias(saved):
        data["environment"] = _about_us(saved["tree_data"]["environment"])
    read = TreeData.from_json(data, settings)
    read.collection_data.statistics = statistics
    return read


def _about_us(environment: Saved) -> dict[str, Any]:
    """The environment without what Elysia says about itself; what is told instead is about this application."""
    results = environment["environment"].object()
    return {
        **environment.object(),
        "environment": {tool: named for tool, named in results.items() if tool != "SelfInfo"},
    }
