"""How the answering tools have a model write from what was found, citing it."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BeforeValidator, Field, create_model

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.core.objects import Response, Text
from elysia_desktop.core.payloads import Return, TextDelta
from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.budget import (
    LEAST_QUESTION,
    Part,
    Sheet,
    budget_for,
    clipped,
    compact,
    compose,
    estimate_tokens,
)
from elysia_desktop.engine.context import errors_text, history_text, object_text, room_for, tasks_text
from elysia_desktop.engine.json_stream import TextPicker
from elysia_desktop.engine.predict import Prediction, predict
from elysia_desktop.engine.signatures import Output, Signature, one_of, signature
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.stored_objects import objects_of
from elysia_desktop.engine.writing import Writing

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

logger = logging.getLogger(__name__)

MAX_CITED = 40
MOST_REFS = 8
"""Objects that one segment of an answer cites."""
_NUMBER = re.compile(r"(?<!\w)-\d+|\d{1,9}")
_SEGMENTS = 12
_MORE = 16
"""Tokens kept for the line that says that there is more."""
_ORDER = ("conversation", "found", "steps_done", "went_wrong", "question")


@dataclass
class Numbered:
    """The environment's objects as a prompt shows them: short numbers instead of long reference ids."""

    text: str = ""
    ref_ids: list[str] = field(default_factory=list[str])

    def ids_of(self, numbers: Sequence[int]) -> list[str]:
        """The reference ids that these numbers stand for; numbers of nothing are left out."""
        cited = [self.ref_ids[n - 1] for n in numbers if 0 < n <= len(self.ref_ids)]
        return list(dict.fromkeys(cited))

    def known(self, numbers: Any) -> Any:
        """Of the numbers that a model cites those that stand for an object, as whole numbers, each once."""
        if not isinstance(numbers, list):
            return numbers
        cited = cast("list[Any]", numbers)
        read = [int(number[0]) if (number := _NUMBER.search(str(each))) else 0 for each in cited]
        kept = [number for number in dict.fromkeys(read) if 0 < number <= len(self.ref_ids)]
        if len(kept) < len(set(read)):
            logger.info("Dropped citations of objects that do not exist: %s", sorted({*read} - {*kept}))
        return kept[:MOST_REFS]


def numbered(environment: Environment, tokens: int) -> Numbered:
    """Number the objects found, newest results first, as many as fit; what was found again keeps its number."""
    shown = Numbered()
    sheet = Sheet(tokens)
    numbers: dict[str, int] = {}
    for tool, name, entry in environment.newest():
        objects = objects_of(environment, entry)
        if not objects:
            continue
        fits = sheet.add(_head(tool, name, entry, len(objects)), _MORE)
        again: list[int] = []
        for item in objects:
            if item["_REF_ID"] in numbers:
                again.append(numbers[item["_REF_ID"]])
                continue
            told = object_text(item, min(room_for(item, 220), sheet.left - _MORE - 2))
            full = not (fits and told) or len(shown.ref_ids) >= MAX_CITED
            if full or not sheet.add(f"[{len(shown.ref_ids) + 1}] {told}", _MORE):
                sheet.add("(more objects were found than can be shown here)")
                shown.text = sheet.text
                return shown
            shown.ref_ids.append(item["_REF_ID"])
            numbers[item["_REF_ID"]] = len(shown.ref_ids)
        if again:
            sheet.add(f"as above: {', '.join(f'[{number}]' for number in again)}", _MORE)
    shown.text = sheet.text
    return shown


def _head(tool: str, name: str, entry: Entry, shown: int) -> str:
    """What the numbered objects below are, and how many there are in all."""
    name = compact(name, 80)
    total = entry["metadata"].get("total")
    if isinstance(total, int) and total > shown:
        return f"{tool} of {name}: {total:,} objects match, the first {shown:,} of them:"
    if total is None and "total" in entry["metadata"]:
        return f"{tool} of {name}: the first {shown:,} that were found, more may match:"
    return f"{tool} of {name}:" if tool == "aggregate" else f"{tool} of {name}: {shown:,} objects match:"


async def written(
    purpose: str,
    declared: Signature,
    inputs: Mapping[str, str],
    model: Model,
    answer: Text,
    fill: Callable[[Any], None],
) -> AsyncGenerator[Return, None]:
    """Yield the answer's deltas as the model writes it, what it took, and the answer, which `fill` takes from the reply.

    One without words is not yielded.
    """

    async def work(on_delta: Any) -> Prediction:
        picker = TextPicker(on_delta)
        return await predict(
            model, declared, inputs, on_delta=picker.feed, on_retry=picker.reset, purpose=purpose
        )

    writing = Writing(work)
    async with aclosing(aiter(writing)) as deltas:
        async for delta in deltas:
            yield TextDelta(answer.message_id, delta)
    yield used(purpose, writing.result.spent)
    fill(writing.result.reply)
    if answer.text.strip():
        yield answer


def answer_inputs(tree_data: TreeData, model: Model, instructions: str) -> tuple[dict[str, str], Numbered]:
    """The prompt's inputs for an answer, within the budget, and the numbers given to the objects."""
    settings = tree_data.settings
    budget = budget_for(model.choice, settings.prompt_token_budget, settings.max_output_tokens)
    shown = Numbered()

    def found(tokens: int) -> str:
        nonlocal shown
        shown = numbered(tree_data.environment, tokens)
        return shown.text

    parts = (
        Part("question", lambda tokens: clipped(tree_data.user_prompt, max(tokens, LEAST_QUESTION)), 0.5),
        Part("went_wrong", lambda tokens: errors_text(tree_data.errors, tokens), 0.15),
        Part("found", found, 0.8),
        Part("conversation", lambda tokens: history_text(tree_data, tokens), 0.5),
        Part("steps_done", lambda tokens: tasks_text(tree_data, tokens)),
    )
    return compose(parts, budget - estimate_tokens(instructions) - 200, _ORDER), shown


def cited_signature(instructions: str, shown: Numbered) -> Signature:
    """Title and segments of text, each with the numbers of the objects it rests on; what is no such number is dropped."""
    number = one_of(range(1, len(shown.ref_ids) + 1)) if shown.ref_ids else int
    listed: Any = list[number]  # pyright: ignore[reportInvalidTypeForm, reportUnknownVariableType]
    refs: Any = Annotated[listed, BeforeValidator(shown.known)]
    segment = create_model(
        "Segment",
        text=(str, Field(..., max_length=900, description="one or two sentences, Markdown allowed")),
        refs=(refs, Field(..., max_length=MOST_REFS, description="numbers of the objects that support it")),
    )
    outputs = {
        "title": Output(str, "a few words", max_length=80),
        "answer": Output(list[segment], "the answer in segments", min_length=1, max_length=_SEGMENTS),
    }
    return signature("CitedAnswer", instructions, _ORDER, outputs)


def plain_signature(instructions: str) -> Signature:
    """An answer as one text."""
    outputs = {"text": Output(str, "the answer, Markdown allowed", max_length=4000)}
    return signature("Answer", instructions, _ORDER, outputs)


class TextWithCitations(Text):
    """An answer in segments, each with the reference ids of the objects that support it."""

    def __init__(self, cited_texts: Sequence[Mapping[str, Any]], title: str = "", **kwargs: Any) -> None:
        super().__init__(
            "text_with_citations", cited_texts, metadata={"title": title} if title else {}, **kwargs
        )


def as_answer(text: str, environment: Environment, message_id: str = "") -> Text:
    """A text that a model wrote as an answer: with citations where it cites sources that there are."""
    segments = Sources(environment).segments(text)
    cites = any(segment["ref_ids"] for segment in segments)
    answer = (
        TextWithCitations(segments) if cites else Response("".join(segment["text"] for segment in segments))
    )
    answer.message_id = message_id or answer.message_id
    return answer
