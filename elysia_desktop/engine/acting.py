"""Uses one tool and takes in what it yields; whatever it raises becomes an error the tree hears of."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import ElysiaError, ToolError
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.objects import Response, Result, Text
from elysia_desktop.core.payloads import Error, Return, Status, StepFinished, Update
from elysia_desktop.engine.tool import Tool, as_return, values_of
from elysia_desktop.engine.tool_task import in_own_task

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

logger = logging.getLogger(__name__)

_TOLD_LENGTH = 120
_ERROR_LENGTH = 1_000
_TRACEBACK_LENGTH = 20_000


class EndRun(Return):
    """Yielded by a tool after which the run is to end; it goes no further than here."""

    def __init__(self) -> None:
        super().__init__("", "")


@dataclass
class Acting:
    """What tools work with, whether one of them has answered the person yet, and whether one ended the run."""

    tree_data: TreeData
    base_lm: Model
    complex_lm: Model
    client_manager: ClientManager
    answered: bool = False
    is_ended: bool = False

    async def use(self, tool: Tool, inputs: dict[str, Any]) -> AsyncGenerator[Return, None]:
        """Run a tool: its status, what it yields as it yields it, and how the step went."""
        data = self.tree_data
        data.set_current_task(tool.name)
        data.update_tasks_completed(
            data.user_prompt, tool.name, data.num_trees_completed, inputs=_told(inputs)
        )
        started = time.monotonic()
        failed = False
        found: list[str] = []
        yield Status(tool.status)
        try:
            async with aclosing(self._yielded(tool, inputs)) as items:
                async for item in items:
                    if isinstance(item, EndRun):
                        self.is_ended = True
                        continue
                    failed = failed or isinstance(item, Error)
                    taken = self.take_in(tool, item)
                    if isinstance(item, Result) and item.display:
                        found.append(_found_in(item))
                    yield taken
        except ElysiaError as error:
            failed = True
            yield self.failed(tool.name, error)
        except Exception as error:
            failed = True
            logger.exception("The tool %s failed", tool.name)
            yield self.broke(tool.name, error)
        if not failed:
            data.clear_error(tool.name)
        yield StepFinished(tool.name, time.monotonic() - started, ", ".join(found), failed)

    def take_in(self, tool: Tool, item: Return) -> Return:
        """Keep what a tool yielded where later decisions see it; objects get their reference ids.

        Raises `TypeError` for what has no JSON form, as nobody could be shown it.
        """
        data = self.tree_data
        match item:
            case Result():
                stored = data.environment.add(tool.name, item)
                if len(stored) == len(item.objects):  # a result may have a JSON form of its own
                    item.objects = [
                        {**shown, "_REF_ID": kept["_REF_ID"]}
                        for shown, kept in zip(item.objects, stored, strict=True)
                    ]
                self._note(tool, item.llm_parse())
            case Error():
                data.add_error(tool.name, item.feedback)
            case Text():
                item.to_json()
                jsonable(item.metadata, path="metadata")
                if item.display and item.text.strip() and not item.metadata.get("update"):
                    self.answered = True
                    data.update_history("assistant", item.text)
                    self._note(tool, "Answered the user.")
            case Update():
                item.to_json()
            case _:
                pass
        return item

    def say(self, text: str) -> Response:
        """Answer the person in words that no tool wrote."""
        self.answered = True
        self.tree_data.update_history("assistant", text)
        return Response(text)

    def failed(self, task: str, error: ElysiaError, details: str = "") -> Error:
        """Note an error for later decisions; the person sees it as one that may heal."""
        self.tree_data.add_error(task, error.sentence)
        return Error(feedback=error.sentence, error_message=details or str(error))

    def broke(self, task: str, error: Exception) -> Error:
        """Note an exception that nobody foresaw: its traceback goes to the person, not to the model."""
        told = ToolError(f"{task} failed: {_in_words(error)}"[:_ERROR_LENGTH])
        return self.failed(task, told, "".join(traceback.format_exception(error))[:_TRACEBACK_LENGTH])

    async def _yielded(self, tool: Tool, inputs: dict[str, Any]) -> AsyncGenerator[Return, None]:
        work = tool(self.tree_data, inputs, self.base_lm, self.complex_lm, self.client_manager)
        async with aclosing(in_own_task(values_of(work))) as values:
            async for value in values:
                item = as_return(value, tool.name, inputs)
                if item is not None:
                    yield item

    def _note(self, tool: Tool, result: str) -> None:
        data = self.tree_data
        data.update_tasks_completed(data.user_prompt, tool.name, data.num_trees_completed, result=result)


def _in_words(error: BaseException) -> str:
    """What went wrong; of a group of exceptions those in it."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(_in_words, cast("BaseExceptionGroup[BaseException]", error).exceptions))
    if isinstance(error, ElysiaError):
        return error.sentence
    try:
        words = str(error)
    except Exception:
        logger.exception("An exception could not be put into words")
        words = "(it has no words)"
    return f"{type(error).__name__}: {words}"


def _found_in(result: Result) -> str:
    """What a result holds in a few words: its name and how many objects or groups."""
    groups = result.metadata.get("num_groups")
    if groups is not None:
        return f"{result.name} · {groups} groups" if groups else result.name
    number = len(result)
    return f"{result.name} · {number} object{'' if number == 1 else 's'}"


def _told(inputs: Mapping[str, Any]) -> str:
    """The inputs as later decisions read them; an answer's own text is in the history already."""
    return ", ".join(f"{key}={value!r}"[:_TOLD_LENGTH] for key, value in inputs.items() if key != "text")
