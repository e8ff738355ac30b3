"""The parts of a saved conversation's state, checked: what is damaged raises `ValueError` naming its place."""

from __future__ import annotations

from typing import Any

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.saved_json import Saved


def message(saved: Saved) -> dict[str, str]:
    """One message of the conversation."""
    return {"role": saved["role"].text(), "content": saved["content"].text()}


def prompt_with_tasks(saved: Saved) -> dict[str, Any]:
    """One prompt and what was done for it."""
    saved["prompt"].text()
    for task in saved["task"].items():
        task["task"].text()
        task["iteration"].number()
    return saved.object()


def errors(saved: Saved, of_no_task: str) -> dict[str, list[str]]:
    """Errors by task; a bare list of them is that of `of_no_task`, a bare text one error."""
    if isinstance(saved.value, list):
        texts = saved.texts()
        return {of_no_task: texts} if texts else {}
    return {
        task: [told.value] if isinstance(told.value, str) else told.texts()
        for task, told in saved.parts().items()
    }


def environment(saved: Saved) -> Environment:
    """The environment; objects without a reference id are given one."""
    named = saved["environment"].parts()
    numbers = saved.get("numbers", {}).parts()
    return Environment.from_json(
        {
            "environment": {
                tool: told.object() if tool == "SelfInfo" else _results(told) for tool, told in named.items()
            },
            "hidden_environment": saved.get("hidden_environment", {}).object(),
            "self_info": saved.get("self_info", True).flag(),
            "numbers": {
                tool: {name: number.number() for name, number in told.parts().items()}
                for tool, told in numbers.items()
            },
            "taken": saved.get("taken", []).texts(),
        }
    )


def _results(saved: Saved) -> dict[str, list[dict[str, Any]]]:
    return {name: [_entry(item) for item in told.items()] for name, told in saved.parts().items()}


def _entry(saved: Saved) -> dict[str, Any]:
    return {
        "metadata": saved.get("metadata", {}).object(),
        "objects": [_found(item) for item in saved["objects"].items()],
    }


def _found(saved: Saved) -> dict[str, Any]:
    saved.get("_REF_ID", "").text()
    return saved.object()
