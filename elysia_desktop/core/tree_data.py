"""What every decision and tool of a run knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn

from elysia_desktop.core.atlas import Atlas
from elysia_desktop.core.collection_data import ClientManager, CollectionData, Metadata, Statistics
from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.saved_json import Saved
from elysia_desktop.core.saved_parts import environment, errors, message, prompt_with_tasks
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.core.files import Documents
    from elysia_desktop.core.run_record import RunRecord

DECISION = "elysia_decision_node"


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
        self.recursion_limit = 3 if recursion_limit is None else recursion_limit
        self.settings = settings if settings is not None else default_settings()
        self.errors: dict[str, list[str]] = {}
        self.current_task: str | None = None
        self.rated_examples: tuple[RunRecord, ...] = ()
        """Runs that may serve as examples for the question, the nearest first; they are saved with no tree."""
        self.documents: Documents | None = None
        """The conversation's files, None where it can have none; they are kept by whoever handed them in."""
        self.state_manager: Any = None
        """What function-calling tools of a tree are handed as `state`; handed in as well, and never saved."""
        self._known = frozenset(vars(self))

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

    @property
    def custom_properties(self) -> dict[str, Any]:
        """What tools keep here under names of their own; it is saved with the rest."""
        return {
            name: value for name, value in vars(self).items() if name not in self._known and name != "_known"
        }

    def set_property(self, property: str, value: Any) -> None:  # noqa: A002 - public name
        """Keep a value under this name, for later tools; `TypeError` where that would break what is here."""
        if not _is_free(property):
            raise TypeError(f"“{property}” cannot be the name of a property of the tree's data.")
        is_own = property in self._known and property != "current_task"  # which may be None
        if is_own and not isinstance(value, type(vars(self)[property])):
            self._refuse(property, type(value).__name__)
        vars(self)[property] = value

    def update_string(self, property: str, value: str) -> None:  # noqa: A002 - public name
        """Add to the end of a text; a new one begins empty. `TypeError` where it is no text."""
        self.set_property(property, self._kept(property, str) + value)

    def update_list(self, property: str, value: Any) -> None:  # noqa: A002 - public name
        """Append to a list; a new one begins empty. `TypeError` where it is no list."""
        self.set_property(property, [*self._kept(property, list), value])

    def update_dict(self, property: str, key: str, value: Any) -> None:  # noqa: A002 - public name
        """Set a key of a dict; a new one begins empty. `TypeError` where it is no dict."""
        self.set_property(property, {**self._kept(property, dict), key: value})

    def delete_from_dict(self, property: str, key: str) -> None:  # noqa: A002 - public name
        """Remove a key of a dict; what is absent stays so. `TypeError` where it is no dict."""
        kept = self._kept(property, dict)
        if key in kept:
            self.set_property(property, {name: value for name, value in kept.items() if name != key})

    def _kept(self, name: str, kind: type[Any]) -> Any:
        kept = vars(self).get(name, kind())
        if not isinstance(kept, kind):
            self._refuse(name, kind.__name__)
        return kept

    def _refuse(self, name: str, wanted: str) -> NoReturn:
        raise TypeError(
            f"“{name}” of the tree's data is a {type(vars(self)[name]).__name__}, not a {wanted}."
        )

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
        """Note what was chosen and came of it; a repeated task of the same iteration is merged, None says nothing."""
        if "iteration" in values:
            raise TypeError("The iteration of a task is the number of trees completed.")
        values = {name: value for name, value in values.items() if value is not None}
        if not self.tasks_completed or self.tasks_completed[-1]["prompt"] != prompt:
            self.tasks_completed.append({"prompt": prompt, "task": []})
        tasks: list[dict[str, Any]] = self.tasks_completed[-1]["task"]
        entry = next((t for t in tasks if t["task"] == task and t["iteration"] == num_trees_completed), None)
        if entry is None:
            tasks.append({"task": task, "iteration": num_trees_completed, **deepcopy(values)})
            return
        for name, value in values.items():
            entry[name] = _merged(entry[name], value) if name in entry else deepcopy(value)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The tasks of the current prompt, oldest first; one without a `result` brought nothing."""
        return self.tasks_completed[-1]["task"] if self.tasks_completed else []

    def tasks_completed_string(self) -> str:
        """What was done for each prompt, for a model; the last prompt is the current one."""
        lines: list[str] = []
        for number, entry in enumerate(self.tasks_completed, start=1):
            lines.append(f"Prompt {number}: {entry['prompt']}")
            lines += [_task_line(task) for task in entry["task"]]
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
    ) -> list[str]:
        """Use these collections from now on; returns those that can be used."""
        return await self.collection_data.set_collection_names(names, client_manager, statistics)

    def output_collection_metadata(
        self, collection_names: Sequence[str] | None = None, with_mappings: bool = False
    ) -> dict[str, Metadata]:
        """The metadata of the collections in use."""
        return self.collection_data.output_full_metadata(collection_names, with_mappings)

    def output_collection_return_types(self) -> dict[str, list[str]]:
        """The displays that fit each collection in use."""
        return self.collection_data.output_mapping_lists()

    def to_json(self, remove_unserialisable: bool = False) -> dict[str, Any]:
        """Everything but the settings; raises `TypeError` naming what has no JSON form, unless it is to be left out."""

        def plain(value: Any, path: str) -> Any:
            return jsonable(value, remove_unserialisable=remove_unserialisable, path=path)

        return {
            **plain(self.custom_properties, "tree_data"),
            "collection_data": plain(self.collection_data.to_json(), "collection_data"),
            "collection_names": list(self.collection_names),
            "atlas": self.atlas.model_dump(),
            "user_prompt": self.user_prompt,
            "conversation_history": deepcopy(self.conversation_history),
            "environment": self.environment.to_json(remove_unserialisable),
            "tasks_completed": plain(self.tasks_completed, "tasks_completed"),
            "num_trees_completed": self.num_trees_completed,
            "recursion_limit": self.recursion_limit,
            "errors": plain(self.errors, "errors"),
            "current_task": self.current_task,
        }

    @classmethod
    def from_json(
        cls, json_data: Mapping[str, Any], settings: Settings | None = None, place: str = "tree_data"
    ) -> TreeData:
        """What `to_json` wrote, ours or Elysia's; raises `ValueError` naming what is damaged, below `place`.

        Settings are the caller's: those that Elysia writes here are not read. A time of reference is not either.
        """
        saved = Saved(json_data, place)
        character = saved["atlas"].parts()
        atlas = Atlas()
        for name in character.keys() & Atlas.model_fields:
            setattr(atlas, name, character[name].text())
        data = cls(
            collection_data=CollectionData.from_json(
                saved["collection_data"].object(), place=f"{place}.collection_data"
            ),
            atlas=atlas,
            user_prompt=saved.get("user_prompt", "").text(),
            conversation_history=[message(item) for item in saved.get("conversation_history", []).items()],
            environment=environment(saved["environment"]),
            tasks_completed=[prompt_with_tasks(item) for item in saved.get("tasks_completed", []).items()],
            num_trees_completed=saved.get("num_trees_completed", 0).number(),
            recursion_limit=saved.get("recursion_limit", 3).number(),
            settings=settings,
        )
        data.errors = errors(saved.get("errors", {}), of_no_task=DECISION)
        task = saved.get("current_task", None)
        data.current_task = None if task.value is None else task.text()
        for name, told in saved.parts().items():
            if name not in {*data._known, "collection_names"} and _is_free(name):
                data.set_property(name, deepcopy(told.value))
        return data


def _is_free(name: str) -> bool:
    return name != "_known" and not hasattr(TreeData, name)


def _task_line(task: Mapping[str, Any]) -> str:
    """A task and what came of it; `action` and `error` are what Elysia counts, not told as numbers."""
    failed = " (failed)" if task.get("error") else ""
    details = "; ".join(
        str(value)
        for key, value in task.items()
        if key not in {"task", "iteration", "action", "error"} and value
    )
    return f"- {task['task']}{failed}{f': {details}' if details else ''}"


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
