"""The application is killed while it answers a question."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import sys
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

from faults.verdicts import Fault
from services.loops import BOAT, QUESTION, has_results, search
from services.scripts import cited, find_then_cite, opened, stage, use_model
from support.scripted_model import Json, Reply, Say, ScriptedModel

KILLS = int(os.environ.get("ELYSIA_FAULT_ANSWERS_KILLED", "20"))
LONG = " ".join(f"Word {number} of the answer [source1]." for number in range(120))
PAUSE = 0.004
_PIECES = frozenset({"text_delta", "text_replaced"})
_ANY = frozenset({*_PIECES, "status"})
Payloads = list[dict[str, Any]]
_ASKER = Path(__file__).with_name("answer_asker.py")
_ROOT = Path(__file__).resolve().parents[2]


def loop_writes_long(body: dict[str, Any]) -> Reply:
    """Search, then write for a second or two."""
    return Say(LONG, pause=PAUSE) if has_results(body) else search()


def tree_writes_long(body: dict[str, Any]) -> Reply:
    """The same, by the tree."""
    if stage(body) != "answer":
        return find_then_cite(body)
    written = cited(LONG.replace(" [source1]", "")[:800])
    assert isinstance(written, Json)
    return Say(json.dumps(written.value), pause=PAUSE)


async def killed(folder: Path, script: Callable[[dict[str, Any]], Reply], kills: int, *, file: bool) -> str:
    """Kill it again and again; after each time what was shown is there, and the next question is answered."""
    drawn = random.Random(7)
    shown = pieces = 0
    with ScriptedModel(script) as model:
        use_model(folder / "profile", model.address)
        workspace = await opened(folder / "profile")
        conversations = {number: await workspace.begin(f"{number}") for number in range(kills)}
        for conversation in conversations.values():
            if file:
                await workspace.files.add_text(conversation.id, "boat.md", BOAT)
        await workspace.close()
        for number, conversation in conversations.items():
            # Every third at any moment, the others while the answer is being written.
            kinds = _ANY if number % 3 == 2 else _PIECES
            payloads = await asked_until_killed(
                folder / "profile", conversation.id, kinds, drawn.uniform(0, 1.2)
            )
            is_sound(folder / "profile" / "conversations.db")
            workspace = await opened(folder / "profile")
            assert not workspace.notice, workspace.notice
            (turn,) = await workspace.conversations.turns(conversation.id)
            agrees(payloads, turn.payloads)
            await workspace.asking.tree(conversation.id)
            await workspace.close()
            shown += len(payloads)
            pieces += sum(payload["type"] in _PIECES for payload in payloads)
    assert pieces or kills < 5, "it was never killed while it wrote"
    return f"{kills} kills, {shown:,} payloads shown, {pieces:,} of them pieces of an answer; none lost"


async def asked_until_killed(
    profile: Path, conversation_id: str, kinds: Container[str], seconds: float
) -> Payloads:
    """What the asker said it would show, up to that many seconds after the first payload of these kinds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_ASKER),
        str(profile),
        conversation_id,
        QUESTION,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])},
    )
    assert process.stdout is not None
    payloads: Payloads = []
    begun = asyncio.Event()

    async def heard() -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.endswith(b"\n"):  # the last may be cut
                payloads.append(json.loads(line))
                if payloads[-1]["type"] in kinds:
                    begun.set()
        begun.set()

    hearing = asyncio.create_task(heard())
    await asyncio.wait_for(begun.wait(), 60)
    await asyncio.sleep(seconds)
    if process.returncode is None:  # it may have ended
        process.kill()
    await process.wait()
    await hearing
    return payloads


def agrees(shown: Payloads, kept: Payloads) -> None:
    """All that was shown is there; of a text under way at least what was seen of it."""
    there = {payload["id"]: payload for payload in kept}
    texts: dict[str, str] = {}
    for payload in shown:
        body = payload["payload"]
        match payload["type"]:
            case "text_delta":
                texts[body["message_id"]] = texts.get(body["message_id"], "") + body["delta"]
            case "text_replaced":
                texts[body["message_id"]] = body["text"]
            case "status":
                pass
            case _:
                assert there.get(payload["id"]) == payload, f"lost: {payload['type']}"
    is_over = any(payload["type"] == "completed" for payload in kept)
    for message_id, text in texts.items():
        if text.strip() and not is_over:
            assert message_id in there, f"lost: “{text[-40:]}”"
            written = "".join(item["text"] for item in there[message_id]["payload"]["objects"])
            assert written.startswith(text), f"“{text[-40:]}” was shown, “{written[-40:]}” is kept"


def is_sound(file: Path) -> None:
    """SQLite's own check."""
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


async def loop_killed(folder: Path) -> str:
    """The function-calling loop, over a file."""
    return await killed(folder, loop_writes_long, KILLS, file=True)


async def tree_killed(folder: Path) -> str:
    """The decision tree, over a collection."""
    return await killed(folder, tree_writes_long, KILLS, file=False)


_HOLDS = "the next start has everything that was shown, to the last piece of the answer"
FAULTS = (
    Fault(
        "answer-killed-loop",
        f"kill -9 at {KILLS} random moments of an answer from a file",
        _HOLDS,
        loop_killed,
        seconds=60 + 12 * KILLS,
    ),
    Fault(
        "answer-killed-tree",
        f"kill -9 at {KILLS} random moments of an answer of the tree",
        _HOLDS,
        tree_killed,
        seconds=60 + 12 * KILLS,
    ),
)
