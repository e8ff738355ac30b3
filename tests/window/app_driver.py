"""The test's end of a driven application."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("driven_app.py")
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "XAUTHORITY")

State = dict[str, Any]


class AppDriver:
    """Starts the application on a display, sends it commands, reads what it shows.

    Leaving its `with` block closes the window; the application must then end with code 0 and have written
    nothing to its standard error.
    """

    def __init__(
        self,
        display: str,
        profile: Path,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [sys.executable, str(_CHILD), "--profile-dir", str(profile), *arguments]
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._environment = {
            **passed,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "LANG": "en_GB.UTF-8",
            "LC_CTYPE": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **(environment or {}),
        }
        self._answers: queue.Queue[str] = queue.Queue()
        self._complaints: list[str] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        readers = ((self._process.stdout, self._answers.put), (self._process.stderr, self._complaints.append))
        self._readers = [threading.Thread(target=_read, args=(pipe, put)) for pipe, put in readers]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        if error is not None:
            print("".join(self._complaints))
            return
        complaints = "".join(self._complaints)
        assert not complaints, complaints
        assert self._process.returncode == 0, f"It ended with code {self._process.returncode}."

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def send(*values: Any, **named: Any) -> Any:
            return self._send(name, *values, **named)

        return send

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._send("resize", width=width, height=height)

    def ask(self, question: str) -> None:
        """Type a question and send it with Enter, as a person would."""
        self.press("Ctrl+L")
        self.type(text=question)
        self.press("Return")

    def wait(self, what: str, holds: Callable[[State], Any], seconds: float = 30) -> State:
        """Read the window until something holds; fails with what it shows when it never does."""
        end = time.monotonic() + seconds
        while True:
            state = self.state()
            if holds(state):
                return state
            assert time.monotonic() < end, f"never came about: {what}\n{json.dumps(state, indent=1)}"
            time.sleep(0.05)

    def wait_for_data(self) -> State:
        """Wait until the data is open."""
        return self.wait("data is open", lambda s: any("collections" in t for t in s["status"]), 60)

    def wait_for_files(self, *names: str) -> State:
        """Wait until these files are beside the question."""
        return self.wait(
            f"the files {names}",
            lambda s: s["files"] == [*names] and not s["reading"],
            60,
        )

    def wait_for_answer(self, turns: int = 1, seconds: float = 30) -> State:
        """Wait until so many questions are answered or ended otherwise."""
        return self.wait(
            f"{turns} turns ended",
            lambda s: len(s["turns"]) == turns and not s["running"] and s["turns"][-1].get("footer"),
            seconds,
        )

    def _send(self, name: str, *values: Any, **named: Any) -> Any:
        if values:
            named[_ARGUMENT[name]] = values[0]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": name, **named}) + "\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=60)
        except queue.Empty:
            line = ""
        assert line, f"the window did not answer to {name}: {''.join(self._complaints)}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["result"]


def _read(pipe: IO[str], put: Callable[[str], None]) -> None:
    """Pass every line on; an empty text says that there are no more."""
    for line in pipe:
        put(line)
    put("")


_ARGUMENT = {
    "type": "text",
    "press": "keys",
    "click": "name",
    "choose": "text",
    "cite": "index",
    "click_row": "row",
    "grab": "path",
    "drop": "paths",
}
