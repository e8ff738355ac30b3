"""Function calls of real models: twelve questions over three functions, natively and in words.

    functions.py [--model 135m,0.5b,1.5b] [--mode native,words] [--json FILE]

The models are served by the application itself. Weights are fetched once (see packaging/tools) and cached.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from elysia_desktop.core.chat import ChatMessage, FunctionSpec, RequestedCall
from elysia_desktop.core.errors import ModelError
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.lm import Completion, LanguageModel
from elysia_desktop.engine.served_model import ServedModel

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "packaging" / "tools")]

Row = dict[str, Any]

_SYSTEM = "You help a person with the documents of this conversation: 1 (lease.pdf), 2 (minutes.md) and 3 (prices.csv)."
_NUMBER = {"type": "integer", "description": "the document's number"}
TOOLS = (
    FunctionSpec(
        "search_documents",
        "Search all documents for passages about something. Use it for questions about what is in them.",
        {
            "type": "object",
            "properties": {"text": {"type": "string", "description": "what to look for"}},
            "required": ["text"],
        },
    ),
    FunctionSpec(
        "summarize_document",
        "Write a summary of one whole document.",
        {
            "type": "object",
            "properties": {
                "document": _NUMBER,
                "length": {
                    "type": "string",
                    "enum": ["short", "long"],
                    "description": "how long it should be",
                },
            },
            "required": ["document"],
        },
    ),
    FunctionSpec(
        "add_numbers",
        "Add numbers up exactly.",
        {
            "type": "object",
            "properties": {"numbers": {"type": "array", "items": {"type": "number"}, "minItems": 1}},
            "required": ["numbers"],
        },
    ),
)


@dataclass(frozen=True)
class Question:
    """What is asked, and the function that should be called for it, none where it is to be answered at once."""

    text: str
    function: str | None
    arguments: dict[str, Any] | None = None
    """Those that must be among the call's."""


QUESTIONS = (
    Question("What does the lease say about pets?", "search_documents"),
    Question("When does the rent have to be paid?", "search_documents"),
    Question("Who was at the last meeting?", "search_documents"),
    Question("Find every passage that mentions the heating.", "search_documents"),
    Question("Summarise document 2.", "summarize_document", {"document": 2}),
    Question(
        "Give me a long summary of document 1.", "summarize_document", {"document": 1, "length": "long"}
    ),
    Question(
        "I need a short summary of prices.csv.", "summarize_document", {"document": 3, "length": "short"}
    ),
    Question("Add 12.5, 7 and 30.", "add_numbers", {"numbers": [12.5, 7, 30]}),
    Question("What is the sum of 1999 and 2999?", "add_numbers", {"numbers": [1999, 2999]}),
    Question("Hello! How are you?", None),
    Question("Thank you, that is all for today.", None),
    Question("Say the word “ready” and nothing else.", None),
)
_RESULT_QUESTION = "What does the lease say about pets?"
_RESULT = "lease.pdf, page 3: Tenants may keep one cat. Dogs are not allowed."


def is_valid(call: RequestedCall) -> bool:
    """Whether a call names a function and gives it what its schema demands."""
    tool = next((tool for tool in TOOLS if tool.name == call.name), None)
    if tool is None:
        return False
    try:
        arguments = json.loads(call.arguments)
    except ValueError:
        return False
    if not isinstance(arguments, dict) or not set(tool.parameters["required"]) <= arguments.keys():
        return False
    match call.name:
        case "search_documents":
            return isinstance(arguments["text"], str) and bool(arguments["text"].strip())
        case "summarize_document":
            return isinstance(arguments["document"], int) and arguments.get("length", "short") in {
                "short",
                "long",
            }
        case _:
            numbers = arguments["numbers"]
            return (
                isinstance(numbers, list)
                and bool(numbers)
                and all(isinstance(n, int | float) for n in numbers)
            )


def judged(question: Question, completion: Completion) -> Row:
    """What of a reply is as it should be; `valid` is None where there is nothing to be valid."""
    calls = completion.calls
    right = [call.name for call in calls[:1]] == ([question.function] if question.function else [])
    row: Row = {
        "valid": all(map(is_valid, calls)) if calls else None,
        "right_function": right,
        "right_arguments": None,
    }
    if question.arguments is not None:
        given = json.loads(calls[0].arguments) if right and is_valid(calls[0]) else {}
        row["right_arguments"] = all(given.get(name) == value for name, value in question.arguments.items())
    if question.function is None:
        said = completion.text.strip()
        row["right_function"] = not calls and bool(said) and not said.startswith(("{", "```"))
    return row


async def answered_from_result(model: LanguageModel) -> Completion:
    """What is said to a passage that was found: an answer, it is hoped, and not the same call again."""
    function = {"name": "search_documents", "arguments": '{"text": "pets"}'}
    messages: list[ChatMessage] = [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": _RESULT_QUESTION},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": _RESULT},
    ]
    return await model.converse(messages, tools=TOOLS, max_tokens=200)


async def evaluate(at: ModelChoice, questions: Sequence[Question], verbose: bool) -> list[Row]:
    """Ask one model, reached in one way, all questions."""
    model = LanguageModel(at)
    rows: list[Row] = []
    try:
        for question in questions:
            messages: list[ChatMessage] = [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": question.text},
            ]
            started = time.monotonic()
            try:
                completion = await model.converse(messages, tools=TOOLS, max_tokens=200)
                row = judged(question, completion)
            except ModelError as error:
                completion = Completion(str(error), 0, 0, 0.0)
                row = {"valid": False, "right_function": False, "right_arguments": None}
            row |= {
                "question": question.text,
                "seconds": time.monotonic() - started,
                "tokens": completion.input_tokens + completion.output_tokens,
                "said": completion.in_words,
            }
            rows.append(row)
            if verbose:
                print(f"    {row['right_function']!s:5} {question.text} → {row['said'][:110]!r}", flush=True)
        last = await answered_from_result(model)
        rows[0]["answers_from_result"] = not last.calls and "cat" in last.text.lower()
        if verbose:
            print(
                f"    {rows[0]['answers_from_result']!s:5} (a result) → {last.in_words[:110]!r}", flush=True
            )
    finally:
        await model.aclose()
    return rows


def share(values: Sequence[bool | None]) -> str:
    """How many of those that could be judged are right."""
    counted = [value for value in values if value is not None]
    return f"{sum(counted)}/{len(counted)}"


async def evaluate_file(name: str, file: Path, modes: Sequence[str], verbose: bool) -> list[Row]:
    """Ask the model of one file in each way."""
    served = ServedModel(file, 4096)
    at = await served.start()
    all_rows: list[Row] = []
    try:
        for mode in modes:
            choice = ModelChoice("on_this_computer", at.model, at.address, at.key, False, None, None)
            choice = replace(choice, supports_tools=mode == "native")
            rows = await evaluate(choice, QUESTIONS, verbose)
            valid, function, arguments = (
                share([row[key] for row in rows]) for key in ("valid", "right_function", "right_arguments")
            )
            seconds = sum(row["seconds"] for row in rows) / len(rows)
            tokens = sum(row["tokens"] for row in rows) / len(rows)
            answered = "yes" if rows[0]["answers_from_result"] else "no"
            print(
                f"{name:<6} {mode:<7} {valid:>7} {function:>9} {arguments:>10} {answered:>9}"
                f" {tokens:7.0f} {seconds:6.1f} s",
                flush=True,
            )
            all_rows += [{"model": name, "mode": mode, **row} for row in rows]
    finally:
        await served.stop()
    return all_rows


def main() -> int:
    """Run the evaluation and print its table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="135m,0.5b,1.5b")
    parser.add_argument("--mode", default="native,words")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print each question and its reply")
    said = parser.parse_args()
    from get_local_llm import fetch  # packaging/tools

    print(
        f"{'model':<6} {'mode':<7} {'valid':>7} {'function':>9} {'arguments':>10} {'answers':>9} {'tokens':>7}"
    )
    rows: list[Row] = []
    for name in said.model.split(","):
        rows += asyncio.run(evaluate_file(name, fetch(name), said.mode.split(","), said.verbose))
    if said.json:
        said.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
