"""Asks a real model on this computer questions about the sample data and says what came out right.

    run.py [--model 1.5b|0.5b|135m] [--per-kind N] [--only ID,ID] [--json FILE]

A question is judged by four marks: the tool that was chosen, the requests (all that the model wrote fitted their
schema and were carried out), what they found, and the words of the answer. Where questions are named, the window
is left out.

The model is served by the application itself. Weights are fetched once (see packaging/tools) and cached.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from elysia_desktop.core.resources import resource
from elysia_desktop.services.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "packaging" / "tools"), str(ROOT / "tests")]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
MARKS = {
    "right_tool": "right tool",
    "valid_request": "valid request",
    "right_objects": "right objects",
    "right_words": "right answer",
}


def chosen(per_kind: int, only: set[str]) -> list[dict[str, Any]]:
    """The questions to ask: the first few of each kind, of different patterns, or those named."""
    questions = json.loads(resource("sample", "questions.json").read_text("utf-8"))
    if only:
        return [question for question in questions if question["id"] in only]
    taken: Counter[str] = Counter()
    patterns: set[str] = set()
    result = []
    for question in questions:
        if taken[question["kind"]] < per_kind and question["pattern"] not in patterns:
            taken[question["kind"]] += 1
            patterns.add(question["pattern"])
            result.append(question)
    return result


def numbers_in(value: Any) -> Iterator[float]:
    """Every number within an aggregation's objects."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def found_right(question: dict[str, Any], payloads: list[dict[str, Any]]) -> bool:
    """Whether the objects or numbers found are those of the right answer."""
    results = [p["payload"] for p in payloads if p["type"] == "result"]
    answer = question["answer"]
    if question["uuids"]:
        wanted = question["uuids"]
        for result in results:
            got = [item.get("uuid") for item in result["objects"]]
            if question["kind"] == "text_search" and set(wanted) <= set(got):
                return True
            if set(got) == set(wanted):
                return True
        return False
    numbers = [
        n for result in results if result["type"] == "aggregation" for n in numbers_in(result["objects"])
    ]
    if isinstance(answer, dict):
        return all(any(abs(n - float(v)) < 0.01 for n in numbers) for v in answer.values())
    if isinstance(answer, int | float):
        if answer == 0 and not numbers:
            return not any(result["objects"] for result in results)
        return any(abs(n - answer) < 0.01 for n in numbers)
    if isinstance(answer, str):  # a moment: its day is found, in numbers or among an object's fields
        return any(answer[:10] in json.dumps(result["objects"], default=str) for result in results)
    return not any(result["objects"] for result in results if result["type"] != "aggregation")


def said_right(question: dict[str, Any], text: str) -> bool:
    """Whether the answer's words hold the right numbers or names."""
    answer = question["answer"]
    plain = text.replace(",", "").lower()
    if isinstance(answer, dict):
        return all(_says(value, plain) for value in answer.values())
    if isinstance(answer, list):
        names = [str(item).lower().replace(",", "") for item in answer]
        return sum(name in plain for name in names) * 2 >= len(names) if names else True
    if answer == 0:
        return any(word in plain for word in ("no ", "none", "0", "zero", "not ", "nothing"))
    return _says(answer, plain)


def _says(value: Any, plain: str) -> bool:
    if isinstance(value, str) and _MOMENT.match(value):
        return _says_day(datetime.fromisoformat(value), plain)
    if isinstance(value, float):
        return any(f"{value:.{digits}f}".rstrip("0").rstrip(".") in plain for digits in (1, 2, 3, 6))
    return str(value).lower() in plain


def requests_of(payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests that found something, as they were written."""
    results = [p["payload"] for p in payloads if p["type"] == "result"]
    return [r["metadata"]["query_output"] for r in results if "query_output" in r["metadata"]]


def asked_validly(payloads: list[dict[str, Any]]) -> bool:
    """Whether requests were written, each at the first try, and every store took them; a repeat is valid."""
    used = [p["payload"] for p in payloads if p["type"] == "model_used"]
    writing = [u for u in used if u["purpose"] in {"query", "aggregate"}]
    refused = [p["payload"] for p in payloads if p["type"] == "self_healing_error"]
    rejected = [r for r in refused if "made for this question already" not in r["feedback"]]
    return bool(writing) and all(u["attempts"] == 1 for u in writing) and not rejected


def _says_day(moment: datetime, plain: str) -> bool:
    """Whether a text names the day of a moment, as 2024-05-31 or with the month's name."""
    parts = (f"{moment:%B}".lower(), f"{moment.day}", f"{moment.year}")
    return moment.date().isoformat() in plain or all(part in plain for part in parts)


async def ask(workspace: Workspace, question: dict[str, Any]) -> dict[str, Any]:
    """Ask one question in a conversation of its own and judge what came."""
    conversation = await workspace.begin(question["question"])
    started = time.monotonic()
    run = workspace.asking.ask(conversation.id, workspace.new_id(), question["question"])
    payloads = [payload async for payload in run]
    seconds = time.monotonic() - started
    used = [p["payload"] for p in payloads if p["type"] == "model_used"]
    decisions = [u for u in used if u["purpose"] == "decision"]
    tools = [p["payload"]["decision"] for p in payloads if p["type"] == "tree_update"]
    texts = [
        item["text"]
        for p in payloads
        if p["type"] == "text" and not p["payload"]["metadata"].get("update")
        for item in p["payload"]["objects"]
    ]
    errors = [p["payload"]["feedback"] for p in payloads if p["type"] == "self_healing_error"]
    return {
        "id": question["id"],
        "question": question["question"],
        "expected": question["answer"],
        "tools": tools,
        "decisions": len(decisions),
        "valid_decisions": sum(u["attempts"] == 1 for u in decisions),
        "right_tool": bool(tools) and question["tool"] in tools[:2],
        "valid_request": asked_validly(payloads),
        "right_objects": found_right(question, payloads),
        "right_words": said_right(question, " ".join(texts)),
        "ended": payloads[-1]["type"] == "completed" and bool(texts),
        "errors": errors,
        "requests": requests_of(payloads),
        "tokens": sum(u["input_tokens"] + u["output_tokens"] for u in used),
        "seconds": round(seconds, 1),
        "answer": " ".join(texts)[:300],
    }


async def evaluate(model: Path, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask all questions of one model."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        try:
            await workspace.open()
            await workspace.configuration.save(
                {"base_provider": "on_this_computer", "model_file": str(model)}
            )
            await workspace.apply_settings()
            rows = []
            for question in questions:
                row = await ask(workspace, question)
                rows.append(row)
                marks = "".join("✓" if row[key] else "·" for key in MARKS)
                print(
                    f"{marks}  {row['id']:<20} {row['seconds']:6.1f} s  {row['tokens']:6,} tokens  {row['tools']}",
                    flush=True,
                )
                print(
                    f"     {row['question']}\n     → {row['answer'][:140]}  (expected {str(row['expected'])[:80]})",
                    flush=True,
                )
                for request in row["requests"]:
                    print(f"     ? {json.dumps(request, ensure_ascii=False)[:400]}", flush=True)
                for error in row["errors"]:
                    print(f"     ! {error[:200]}", flush=True)
            return rows
        finally:
            await workspace.close()


def main() -> int:
    """Run the evaluation; the exit code says whether the window answered rightly and every run ended in words."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=("1.5b", "0.5b", "135m"), default="1.5b")
    parser.add_argument("--per-kind", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    from asking_in_the_window import answers_rightly
    from get_local_llm import fetch  # packaging/tools

    model = fetch(said.model)
    shown = bool(said.only) or answers_rightly(model, ROOT / "screenshots" / "eval.png")
    questions = chosen(said.per_kind, {name for name in said.only.split(",") if name})
    rows = asyncio.run(evaluate(model, questions))
    decisions = sum(row["decisions"] for row in rows)
    print(f"\n{len(rows)} questions to the {said.model} model")
    print(f"  decisions valid at once  {sum(row['valid_decisions'] for row in rows)} of {decisions}")
    for key, title in MARKS.items():
        print(f"  {title:<24} {sum(row[key] for row in rows)} of {len(rows)}")
    tokens, seconds = (sum(row[key] for row in rows) / len(rows) for key in ("tokens", "seconds"))
    print(f"  tokens and seconds, mean {tokens:,.0f}, {seconds:.1f} s")
    if said.json:
        said.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    return 0 if shown and all(row["ended"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
