"""What every decision and tool of a run knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from elysia_desktop.core.collection_data import ClientManager, CollectionData, Metadata, Statistics
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.settings import Settings

DECISION = "elysia_decision_node"


def datetime_reference() -> dict[str, str]:
    """The present moment, for questions such as “last week”."""
    now = datetime.now().astimezone()
    return {
        "current_datetime": now.isoformat(timespec="seconds"),
        "current_day_of_week": now.strftime("%A"),
        "current_time_of_day": now.strftime("%H:%M"),
    }


class Atlas(BaseModel):
    """Who the agent is: how it writes, what it is for, when it is done."""

    style: str = Field(default="No style provided.", description="How the agent writes.")
    agent_description: str = Field(default="No description provided.", description="What the agent is.")
    end_goal: str = Field(default="No end goal provided.", description="When the agent is done.")

    @property
    def datetime_reference(self) -> dict[str, str]:
        """The present moment, read when it is asked for."""
        return datetime_reference()


class TreeData:
    """The state of a conversation's agent: question, history, environment, what was done, errors."""

    def __init__(
        self,
        collection_data: CollectionData,
        atlas: Atlas,
        user_prompt: str | None = None,
        conversation_history: Sequence[Mapping[str, str]] | None = None,
        environment: Environment | None = None,
        tasks_completed: Sequence[Mapping[str, Any]] | None = None,
        num_trees_completed: int | None = None,
        recursion_limit: int | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.collection_data = collection_data
        self.atlas = atlas
        self.user_prompt = user_prompt or ""
        self.conversation_history: list[dict[str, str]] = [dict(item) for item in conversation_history or ()]
        self.environment = environment if environment is not None else Environment()
        self.tasks_completed: list[dict[str, Any]] = [deepcopy(dict(item)) for item in tasks_completed or ()]
        self.num_trees_completed = num_trees_completed or 0
        self.recursion_limit = recursion_limit or 3
        self.settings = settings if settings is not None else Settings()
        self.errors: dict[str, list[str]] = {}
        self.current_task: str | None = None

    @property
    def collection_names(self) -> list[str]:
        """The collections in use."""
        return self.collection_data.collection_names

    def begin_run(self, user_prompt: str) -> None:
        """Start a new entry for this prompt; the same prompt asked twice is two entries."""
        self.user_prompt = user_prompt
        self.num_trees_completed = 0
        self.errors = {}
        self.tasks_completed.append({"prompt": user_prompt, "task": []})
        self.update_history("user", user_prompt)

    def soft_reset(self) -> None:
        """Forget how far the last run came; what was said and found stays."""
        self.num_trees_completed = 0
        self.errors = {}
        self.current_task = None

    def set_property(self, property: str, value: Any) -> None:  # noqa: A002 - public name
        """Keep a value under this name, for later tools."""
        vars(self)[property] = value

    def update_string(self, property: str, value: str) -> None:  # noqa: A002 - public name
        """Add to the end of a text; a new one begins empty."""
        vars(self)[property] = vars(self).get(property, "") + value

    def update_list(self, property: str, value: Any) -> None:  # noqa: A002 - public name
        """Append to a list; a new one begins empty."""
        vars(self)[property] = [*vars(self).get(property, ()), value]

    def update_dict(self, property: str, key: str, value: Any) -> None:  # noqa: A002 - public name
        """Set a key of a dict; a new one begins empty."""
        vars(self)[property] = {**vars(self).get(property, {}), key: value}

    def delete_from_dict(self, property: str, key: str) -> None:  # noqa: A002 - public name
        """Remove a key of a dict; what is absent stays so."""
        vars(self).get(property, {}).pop(key, None)

    def update_history(self, role: str, content: str) -> None:
        """Add to the conversation; successive texts of one role are joined."""
        if not content:
            return
        last = self.conversation_history[-1] if self.conversation_history else None
        if last is not None and last["role"] == role:
            last["content"] = f"{last['content']}\n{content}"
        else:
            self.conversation_history.append({"role": role, "content": content})

    def update_tasks_completed(self, prompt: str, task: str, num_trees_completed: int, **values: Any) -> None:
        """Note what was chosen and came of it; a repeated task of the same iteration is merged."""
        if not self.tasks_completed or self.tasks_completed[-1]["prompt"] != prompt:
            self.tasks_completed.append({"prompt": prompt, "task": []})
        tasks: list[dict[str, Any]] = self.tasks_completed[-1]["task"]
        entry = next((t for t in tasks if t["task"] == task and t["iteration"] == num_trees_completed), None)
        if entry is None:
            tasks.append({"task": task, "iteration": num_trees_completed, **deepcopy(values)})
            return
        for name, value in values.items():
            entry[name] = _merged(entry[name], value) if name in entry else deepcopy(value)

    def tasks_completed_string(self) -> str:
        """What was done for each prompt, for a model; the last prompt is the current one."""
        lines: list[str] = []
        for number, entry in enumerate(self.tasks_completed, start=1):
            lines.append(f"Prompt {number}: {entry['prompt']}")
            for task in entry["task"]:
                details = "; ".join(
                    str(value) for key, value in task.items() if key not in {"task", "iteration"} and value
                )
                lines.append(f"- {task['task']}{f': {details}' if details else ''}")
        return "\n".join(lines)

    def set_current_task(self, task: str) -> None:
        """Name the tool whose errors `get_errors` returns."""
        self.current_task = task

    def get_errors(self) -> dict[str, list[str]] | list[str]:
        """The errors of the current tool; the decision gets those of all."""
        if self.current_task == DECISION:
            return self.errors
        return self.errors.get(self.current_task or "", [])

    def add_error(self, task: str, feedback: str) -> None:
        """Note what went wrong in a tool."""
        self.errors.setdefault(task, []).append(feedback)

    def clear_error(self, task: str) -> None:
        """Forget a tool's errors."""
        self.errors.pop(task, None)

    def tree_count_string(self) -> str:
        """Which iteration this is, with a word of warning on the last one and past the limit."""
        count = f"{self.num_trees_completed + 1}/{self.recursion_limit}"
        if self.num_trees_completed + 1 == self.recursion_limit:
            return f"{count} (this is the last turn: bring the answer to its end)"
        if self.num_trees_completed >= self.recursion_limit:
            return f"{count} (past the limit: end now)"
        return count

    async def set_collection_names(
        self, names: Sequence[str], client_manager: ClientManager, statistics: Statistics | None = None
    ) -> None:
        """Use these collections from now on."""
        await self.collection_data.set_collection_names(names, client_manager, statistics)

    def output_collection_metadata(
        self, collection_names: Sequence[str] | None = None, with_mappings: bool = False
    ) -> dict[str, Metadata]:
        """The metadata of the collections in use."""
        return self.collection_data.output_full_metadata(collection_names, with_mappings)

    def output_collection_return_types(self) -> dict[str, list[str]]:
        """The displays that fit each collection in use."""
        return self.collection_data.output_mapping_lists()

    def to_json(self, remove_unserialisable: bool = False) -> dict[str, Any]:
        """Everything but secrets."""
        return {
            "collection_data": self.collection_data.to_json(),
            "atlas": self.atlas.model_dump(),
            "user_prompt": self.user_prompt,
            "conversation_history": deepcopy(self.conversation_history),
            "environment": self.environment.to_json(remove_unserialisable),
            "tasks_completed": jsonable(
                self.tasks_completed, remove_unserialisable=remove_unserialisable, path="tasks_completed"
            ),
            "num_trees_completed": self.num_trees_completed,
            "recursion_limit": self.recursion_limit,
            "errors": deepcopy(self.errors),
        }

    @classmethod
    def from_json(cls, json_data: Mapping[str, Any], settings: Settings | None = None) -> TreeData:
        """What `to_json` wrote."""
        data = cls(
            collection_data=CollectionData.from_json(json_data["collection_data"]),
            atlas=Atlas(
                **{
                    name: json_data["atlas"][name]
                    for name in Atlas.model_fields
                    if name in json_data["atlas"]
                }
            ),
            user_prompt=json_data.get("user_prompt"),
            conversation_history=json_data.get("conversation_history"),
            environment=Environment.from_json(json_data["environment"]),
            tasks_completed=json_data.get("tasks_completed"),
            num_trees_completed=json_data.get("num_trees_completed"),
            recursion_limit=json_data.get("recursion_limit"),
            settings=settings,
        )
        data.errors = deepcopy(dict(json_data.get("errors") or {}))
        return data


def _merged(old: Any, new: Any) -> Any:
    """Text joined by a newline, numbers added, lists extended, dicts updated, anything else replaced."""
    match old, new:
        case (bool(), _) | (_, bool()):
            return new
        case str(), str():
            return f"{old}\n{new}"
        case ((int() | float()), (int() | float())):
            return old + new
        case list(), list():
            return [*old, *deepcopy(new)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case dict(), dict():
            return {**old, **deepcopy(new)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return deepcopy(new)
