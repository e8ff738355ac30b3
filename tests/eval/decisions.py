"""The first decision of a real model for every sample question: is it valid, is it the right tool, what does it take?

    decisions.py [--model 135m|0.5b|1.5b] [--most N] [--plain] [--json FILE]

`--plain` asks the same of the same model as the model library does by itself: the prompt says what form the
reply should have, nothing holds the model to it, nothing is sent back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from importlib import import_module
from pathlib import Path
from typing import Any

from elysia_desktop.core.resources import resource
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.signatures import one_of, signature
from elysia_desktop.engine.tree import Tree
from elysia_desktop.services.workspace import Workspace
from elysia_desktop.stores.clients import ClientManager

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "packaging" / "tools"), str(ROOT / "tests")]

Row = dict[str, Any]


async def decided(question: str, settings: Settings, clients: ClientManager) -> Row:
    """The first decision of a tree, as its payloads tell of it."""
    tree = Tree(settings=settings)
    row: Row = {"tool": None, "attempts": 0, "tokens": 0, "seconds": 0.0}
    async with aclosing(tree.async_run(question, client_manager=clients)) as run:
        async for payload in run:
            body = payload["payload"]
            if payload["type"] == "model_used":
                row["attempts"] = body["attempts"]
                row["tokens"] = body["input_tokens"] + body["output_tokens"]
                row["seconds"] = body["seconds"]
            elif payload["type"] == "tree_update":
                row["tool"] = body["decision"]
                break
            elif payload["type"] == "self_healing_error":
                row["error"] = body["feedback"]
                break
    await tree.aclose()
    return row


async def decided_plainly(question: str, settings: Settings, clients: ClientManager) -> Row:
    """The same decision asked through the model library's own prompt."""
    dspy: Any = import_module("dspy")
    tree = Tree(settings=settings)
    await tree.set_collection_names([c.name for c in await clients.store().collections()], clients)
    choice = settings.model_choice("base")
    lm = dspy.LM(
        f"openai/{choice.model}",
        api_base=choice.address,
        api_key=choice.key.get_secret_value(),
        cache=False,
        max_tokens=300,  # a decision takes half of that
        temperature=0.0,
    )
    # what cannot be chosen before anything was found is not offered, as in the tree
    later = {"cited_summarize", "visualise", "query_postprocessing"}
    tools = {name: tool for name, tool in tree.tools.items() if name not in later}
    declared = signature(
        "Decision",
        "Choose the option that brings the answer to the user's question nearer.",
        ("collections", "options", "question"),
        {},
    )
    for name, kind, about in (
        ("reasoning", str, "why this option"),
        ("option", one_of(list(tools)), "the option"),
        ("inputs", dict[str, Any], "the inputs of the option"),
        ("message_update", str, "a few words to the user"),
        ("end_actions", bool, "whether the question is answered after this step"),
        ("impossible", bool, "whether no option can answer the question"),
    ):
        declared = declared.append(name, dspy.OutputField(desc=about), kind)
    inputs = {
        "collections": json.dumps(tree.tree_data.output_collection_metadata(), default=str)[:6000],
        "options": json.dumps(
            {
                name: {"description": tool.description, "inputs": list(tool.inputs)}
                for name, tool in tools.items()
            }
        ),
        "question": question,
    }
    row: Row = {"tool": None, "attempts": 1, "tokens": 0, "seconds": 0.0}
    started = time.monotonic()
    try:
        with dspy.context(lm=lm, adapter=dspy.ChatAdapter(use_json_adapter_fallback=False), track_usage=True):
            reply = await dspy.Predict(declared).acall(**inputs)
        row["tool"] = reply.option
    except Exception as error:  # noqa: BLE001 - whatever keeps it from deciding counts as invalid
        row["error"] = f"{type(error).__name__}: {str(error)[:160]}"
    row["seconds"] = time.monotonic() - started
    for entry in lm.history:
        usage = entry.get("usage") or {}
        row["tokens"] += usage.get("total_tokens") or 0
    await tree.aclose()
    return row


async def evaluate(model: Path, questions: Sequence[Row], plain: bool) -> list[Row]:
    """Every question in a tree of its own, over the sample data, with the model that the application serves."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        try:
            await workspace.open()
            changed = {"base_provider": "on_this_computer", "model_file": str(model)}
            await workspace.configuration.save(changed)
            await workspace.apply_settings()
            settings = await workspace.serving.ready(workspace.configuration.settings)
            ask = decided_plainly if plain else decided
            rows: list[Row] = []
            for question in questions:
                row = await ask(question["question"], settings, workspace.clients)
                row |= {"id": question["id"], "wanted": question["tool"], "question": question["question"]}
                rows.append(row)
                mark = "✓" if row["tool"] == row["wanted"] else "·" if row["tool"] else "!"
                print(
                    f"{mark} {row['seconds']:6.1f} s {row['tokens']:6,}  {row['tool']}  {row['question'][:90]}"
                )
                if row.get("error"):
                    print(f"     {row['error'][:160]}")
                sys.stdout.flush()
            return rows
        finally:
            await workspace.close()


def told(rows: Sequence[Row], title: str) -> str:
    """The shares and medians in a few lines."""
    most = len(rows)
    valid = sum(row["tool"] is not None for row in rows)
    at_once = sum(row["tool"] is not None and row["attempts"] == 1 for row in rows)
    right = sum(row["tool"] == row["wanted"] for row in rows)
    tokens = statistics.median(row["tokens"] for row in rows)
    seconds = statistics.median(row["seconds"] for row in rows)
    chosen = Counter(f"{row['wanted']} → {row['tool']}" for row in rows if row["tool"] != row["wanted"])
    lines = [
        f"{title}: {most} decisions",
        f"  valid          {valid / most:6.1%}   at the first try {at_once / most:6.1%}",
        f"  right tool     {right / most:6.1%}",
        f"  tokens, median {tokens:,.0f}   seconds, median {seconds:.1f}",
        *(f"  {number} × {what}" for what, number in chosen.most_common(6)),
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the evaluation; fails when fewer than 99 % of the decisions are valid."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=("135m", "0.5b", "1.5b"), default="135m")
    parser.add_argument("--most", type=int, default=120)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    from get_local_llm import fetch  # packaging/tools

    questions = json.loads(resource("sample", "questions.json").read_text("utf-8"))
    step = max(len(questions) // said.most, 1)
    rows = asyncio.run(evaluate(fetch(said.model), questions[::step][: said.most], said.plain))
    print("\n" + told(rows, f"{said.model}{', plain prompting' if said.plain else ''}"))
    if said.json:
        said.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    valid = sum(row["tool"] is not None for row in rows)
    return 0 if said.plain or valid >= 0.99 * len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
