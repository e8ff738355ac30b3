"""One step of a real model at a time, over the sample questions, where the steps before were right.

    steps.py requests|answering [--model 135m|0.5b|1.5b] [--per-kind N] [--only ID,ID] [--set NAME=VALUE] [--json FILE]

`requests`: the right tool was chosen, for the right collections; are the requests that the model writes for it
valid, and do they find the right objects or numbers? `answering`: the right objects or numbers were found; is the
next decision to answer? Questions that need a second search are left out there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

from run import ROOT, asked_validly, chosen, found_right, requests_of

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.decide import Decider, Decision
from elysia_desktop.engine.tree import Tree
from elysia_desktop.services.workspace import Workspace
from elysia_desktop.stores.clients import ClientManager

sys.path[:0] = [str(ROOT / "packaging" / "tools"), str(ROOT / "tests")]

Row = dict[str, Any]
_ANSWERING = {"cited_summarize", "text_response"}


class FirstDecided(Decider):
    """A decider whose first decision is known."""

    def __init__(self, question: Row) -> None:
        super().__init__()
        inputs = {"collection_names": question["collections"]}
        self._first: Decision | None = Decision(question["tool"], inputs)

    async def decide(self, *asked: Any) -> Decision:
        """The known decision, then those of the model."""
        first, self._first = self._first, None
        return first or await super().decide(*asked)


async def steps_of(
    question: Row, settings: Settings, clients: ClientManager, is_over: Callable[[Row], bool]
) -> list[Row]:
    """The payloads of a run that begins with the right tool, up to the one it is over with."""
    tree = Tree(settings=settings)
    tree._decider = FirstDecided(question)
    payloads: list[Row] = []
    async with aclosing(tree.async_run(question["question"], client_manager=clients)) as run:
        async for payload in run:
            payloads.append(payload)
            if is_over(payload):
                break
    await tree.aclose()
    return payloads


async def written(question: Row, settings: Settings, clients: ClientManager) -> Row:
    """How the model's requests for the right tool did."""
    payloads = await steps_of(question, settings, clients, lambda p: p["type"] == "step_finished")
    return {
        "valid": asked_validly(payloads),
        "right": found_right(question, payloads),
        "told": requests_of(payloads)
        or [p["payload"]["feedback"] for p in payloads if p["type"] == "self_healing_error"],
    }


async def next_decided(question: Row, settings: Settings, clients: ClientManager) -> Row:
    """What the model decides once the right requests were carried out."""
    from support.right_requests import as_a_model_writes
    from support.scripted_model import Json, ScriptedModel

    right = [await as_a_model_writes(clients.store(), one) for one in question["requests"]]

    def reply(body: Any) -> Json:
        # where the collections do not fit into one prompt, each is asked about those it shows
        form = json.dumps(body["response_format"])
        return Json({"requests": [one for one in right if f'"{one["collection"]}"' in form]})

    seen = 0

    def is_second(payload: Row) -> bool:
        nonlocal seen
        seen += payload["type"] == "tree_update"
        return seen == 2 or payload["type"] == "self_healing_error"

    with ScriptedModel(reply) as model:
        scripted = {
            "complex_provider": "openai_compatible",
            "complex_model": "m",
            "complex_api_base": model.address,
        }
        payloads = await steps_of(question, settings.model_copy(update=scripted), clients, is_second)
    last = payloads[-1]["payload"]
    return {
        "valid": payloads[-1]["type"] == "tree_update",
        "right": last.get("decision") in _ANSWERING,
        "told": [last.get("decision") or last],
    }


async def evaluate(model: Path, questions: Sequence[Row], part: str, changed: Mapping[str, Any]) -> list[Row]:
    """Every question in a tree of its own, with the model that the application serves."""
    with ExitStack() as stack:
        workspace = Workspace(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        try:
            await workspace.open()
            await workspace.configuration.save(
                {"base_provider": "on_this_computer", "model_file": str(model), **changed}
            )
            await workspace.apply_settings()
            settings = await workspace.serving.ready(workspace.configuration.settings)
            rows: list[Row] = []
            for question in questions:
                started = time.monotonic()
                row = await (written if part == "requests" else next_decided)(
                    question, settings, workspace.clients
                )
                row |= {"id": question["id"], "seconds": round(time.monotonic() - started, 1)}
                rows.append(row)
                marks = "".join("✓" if row[key] else "·" for key in ("valid", "right"))
                print(f"{marks}  {row['id']:<20} {row['seconds']:6.1f} s  {question['question']}", flush=True)
                for told in row["told"]:
                    print(f"     {json.dumps(told, ensure_ascii=False)[:400]}", flush=True)
            return rows
        finally:
            await workspace.close()


def main() -> int:
    """Run one part of the evaluation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("requests", "answering"))
    parser.add_argument("--model", choices=("135m", "0.5b", "1.5b"), default="1.5b")
    parser.add_argument("--per-kind", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--set", action="append", default=[], help="a setting to change, its value as JSON")
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    from get_local_llm import fetch  # packaging/tools

    questions = chosen(said.per_kind, {name for name in said.only.split(",") if name})
    if said.part == "answering":
        questions = [question for question in questions if question["kind"] != "two_collections"]
    changed = {name: json.loads(value) for name, _, value in (each.partition("=") for each in said.set)}
    rows = asyncio.run(evaluate(fetch(said.model), questions, said.part, changed))
    print(f"\n{said.part}, {said.model}: {len(rows)} questions")
    for key in ("valid", "right"):
        print(f"  {key:<6} {sum(row[key] for row in rows)} of {len(rows)}")
    if said.json:
        said.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
