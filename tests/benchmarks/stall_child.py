"""Feeds a run of 10,000 objects and 2,000 pieces of text through the real window and times its event loop."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import qasync
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from elysia_desktop.core.conversation import ConversationSummary
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import Result
from elysia_desktop.ui import theme
from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.main_window import MainWindow
from elysia_desktop.ui.tasks import Tasks

OBJECTS = 10_000
PER_RESULT = 500
DELTAS = 2_000
DELTAS_PER_PAUSE = 10


class Clock:
    """Notes how long after its time each tick of a 1 ms timer comes."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.worst: tuple[float, str] = (0.0, "")
        self.doing = ""
        self._before = time.perf_counter()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=1)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._before = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        late = (now - self._before) * 1000
        self._before = now
        self.late.append(late)
        self.worst = max(self.worst, (late, self.doing))


def objects(start: int) -> list[dict[str, Any]]:
    return [
        {
            "uuid": f"{number:032x}",
            "name": f"Product {number}",
            "description": f"Number {number} keeps the rain out, and the wind as well. " * 3,
            "price": 10 + number / 100,
            "rating": None if number % 17 == 0 else 1 + number % 5,
            "stock": number % 60,
            "released": "2024-03-01T09:00:00Z",
            "waterproof": number % 2 == 0,
        }
        for number in range(start, start + PER_RESULT)
    ]


def envelope(kind: str, payload: dict[str, Any], identity: str = "1") -> dict[str, Any]:
    return {
        "type": kind,
        "id": identity,
        "user_id": "",
        "conversation_id": "",
        "query_id": "q",
        "payload": payload,
    }


class Conversations:
    """Keeps nothing."""

    async def create(self, title: str) -> ConversationSummary:
        return ConversationSummary("c", title, datetime.now(UTC), datetime.now(UTC))


class Asking:
    """Answers with 10,000 objects and 2,000 pieces of text, as fast as they can be made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._found = Environment(self_info=False)

    async def environment(self, conversation_id: str) -> Environment:
        return self._found

    async def errors(self, conversation_id: str) -> dict[str, list[str]]:
        return {}

    async def structure(self, conversation_id: str) -> dict[str, Any]:
        leaf = {
            "name": "query",
            "id": "query",
            "description": "",
            "instruction": "",
            "branch": False,
            "options": {},
        }
        return {**leaf, "name": "base", "id": "base", "branch": True, "options": {"query": leaf}}

    async def ask(self, *_: Any) -> AsyncIterator[dict[str, Any]]:
        for number, start in enumerate(range(0, OBJECTS, PER_RESULT)):
            made = objects(start)
            about = {"collection_name": "Products", "total": OBJECTS}
            result = Result(made, metadata=about, payload_type="table")
            kept = await asyncio.to_thread(self._found.add, "query", result)
            shown = [{**item, "_REF_ID": ref["_REF_ID"]} for item, ref in zip(made, kept, strict=True)]
            self._clock.doing = f"result {number}"
            yield envelope(
                "tree_update",
                {
                    "node": "base",
                    "decision": "query",
                    "reasoning": "More.",
                    "tree_index": number,
                    "reset": False,
                },
            )
            yield envelope("result", {"type": "table", "objects": shown, "metadata": about}, f"r{number}")
            found = {"node": "query", "seconds": 0.1, "found": "Products · 500 objects", "failed": False}
            yield envelope("step_finished", found)
            await asyncio.sleep(0.005)
        text = ""
        for number in range(DELTAS):
            delta = f"word{number} " + ("\n\n" if number % 60 == 59 else "")
            text += delta
            self._clock.doing = f"delta {number}"
            yield envelope("text_delta", {"message_id": "m", "delta": delta})
            if number % DELTAS_PER_PAUSE == 0:
                await asyncio.sleep(0.005)
        self._clock.doing = "end"
        yield envelope("text", {"type": "response", "metadata": {}, "objects": [{"text": text}]}, "m")
        yield envelope("completed", {})


async def main(app: QApplication) -> None:
    with tempfile.TemporaryDirectory() as folder:
        theme.apply(app, "light")
        window = MainWindow(QSettings(str(Path(folder) / "layout.ini"), QSettings.Format.IniFormat))
        window.show()
        clock = Clock()
        tasks = Tasks(window)
        workspace: Any = SimpleNamespace(asking=Asking(clock), conversations=Conversations())
        chat = ChatController(window.page, window.inspector, workspace, tasks, lambda: "q")
        chat.ready.set()
        await asyncio.sleep(0.5)
        clock.start()
        started = time.perf_counter()
        chat.ask("Everything, please")
        while tasks.is_running("ask:q"):  # noqa: ASYNC110 - nothing tells of its end
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - started
        await asyncio.sleep(0.3)
        clock.stop()
        late = sorted(clock.late)
        worst, doing = clock.worst
        print(
            json.dumps(
                {
                    "longest_ms": worst,
                    "during": doing,
                    "p99_ms": late[int(len(late) * 0.99)],
                    "seconds": seconds,
                }
            )
        )


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(main(application))
