"""A model file on this computer, served by llama.cpp in a child process.

Run as a program (`python -m elysia_desktop.engine.served_model`) it is that child: it reads one line of JSON
from its standard input, serves on loopback, says where, and ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from elysia_desktop.core.errors import ConfigurationError, MissingExtra, ModelError

if TYPE_CHECKING:
    from pydantic import SecretStr

MODEL_NAME = "local"

_MAGIC = b"GGUF"
_READY = "ELYSIA-SERVES-AT "
_LOGGED_ERROR = " E "
_ROOT = Path(__file__).resolve().parents[2]

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ServedAt:
    """Where the served model answers, and the key that only this process knows."""

    address: str
    key: SecretStr
    model: str
    context_length: int


class ServedModel:
    """Serves one GGUF file for as long as it is started, on a free loopback port with a random key."""

    def __init__(
        self, gguf: Path, context_length: int = 8192, *, command: Sequence[str] | None = None
    ) -> None:
        self._gguf = gguf.expanduser()
        self._context_length = context_length
        self._command = tuple(command or _command())
        self._child: _Child | None = None
        self._served: ServedAt | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child process lives."""
        return self._child is not None and self._child.is_alive

    async def start(self, progress: Progress | None = None, *, seconds: float = 300) -> ServedAt:
        """Load the model and return where it answers; a running one is returned as it is.

        Raises `MissingExtra`, `ConfigurationError` (no such file, not a GGUF file) and `ModelError` (the
        model cannot be loaded, or not within `seconds`).
        """
        if self._served is not None and self.is_running:
            return self._served
        say = progress or _say_nothing
        await asyncio.to_thread(check_gguf, self._gguf)
        if importlib.util.find_spec("xllamacpp") is None:
            raise MissingExtra(
                "Serving a model file needs the optional part “local-model”.",
                'Install it with: pip install "elysia-desktop[local-model]".',
            )
        await self.stop()
        say(f"Loading {self._gguf.name}…")
        key = secrets.token_urlsafe(32)
        order = {"model": str(self._gguf.resolve()), "context_length": self._context_length, "key": key}
        # Not in a thread: were this task cancelled meanwhile, nobody would know of the child.
        self._child = _Child(self._command, order)
        try:
            async with asyncio.timeout(seconds):
                address = await asyncio.wrap_future(self._child.address)
                await _wait_for_health(address)
        except TimeoutError as error:
            await self.stop()
            raise ModelError(
                f"{self._gguf.name} was not loaded within {seconds:g} seconds.", "Choose a smaller model."
            ) from error
        except BaseException:
            await self.stop()
            raise
        say(f"{self._gguf.name} is loaded.")
        self._served = _served_at(f"{address}/v1", key, self._context_length)
        return self._served

    async def stop(self) -> None:
        """End the child process; without one this does nothing."""
        child, self._child, self._served = self._child, None, None
        if child is not None:
            await asyncio.to_thread(child.end)


def check_gguf(path: Path) -> None:
    """Raise `ConfigurationError` unless the file is there and begins as a GGUF file does."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no file {path}.", "Choose the model file again in Settings → Models."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Choose another model file in Settings → Models.",
        ) from error
    if magic != _MAGIC:
        raise ConfigurationError(
            f"{path.name} is not a GGUF file.",
            "Choose a model file in the GGUF format, as llama.cpp uses it.",
        )


class _Child:
    """The child process. A thread reads what it says, for a full pipe would stop it."""

    def __init__(self, command: Sequence[str], order: dict[str, str | int]) -> None:
        self.address: Future[str] = Future()
        self.address.set_running_or_notify_cancel()  # who waits may give up, the reader does not
        self._said: deque[str] = deque(maxlen=40)
        # Not asyncio's subprocess: it depends on the event loop, and the window has its own.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=_ROOT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._reader = threading.Thread(target=self._read, name="served model", daemon=True)
        self._reader.start()
        try:
            # Not an argument: those are in everybody's process list.
            _pipe(self._process.stdin).write(json.dumps(order) + "\n")
            _pipe(self._process.stdin).flush()
        except OSError:
            pass  # it died at once; the reader tells why

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Ask it to end, then make it end."""
        self._process.terminate()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written has no reader any more
                _pipe(pipe).close()

    def _read(self) -> None:
        for line in _pipe(self._process.stdout):
            if line.startswith(_READY):
                self.address.set_result(line.removeprefix(_READY).strip())
            elif line.strip():
                self._said.append(line.strip())
        if not self.address.done():
            self.address.set_exception(
                ModelError(
                    f"The model could not be loaded: {self._reason()}",
                    "Choose another model file, or a smaller one if memory is short.",
                )
            )

    def _reason(self) -> str:
        """Why it ended: llama.cpp's first error tells the cause, the later ones only what follows from it."""
        errors = [said for line in self._said if (said := line.partition(_LOGGED_ERROR)[2])]
        if errors:
            return (errors[0].partition(": ")[2] or errors[0]).removeprefix("error loading model: ")
        return self._said[-1] if self._said else f"it ended with code {self._process.wait()}"


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _command() -> tuple[str, ...]:
    # A frozen application has no interpreter to give a module to.
    if getattr(sys, "frozen", False):
        return (sys.executable, "--serve-model")
    return (sys.executable, "-m", "elysia_desktop.engine.served_model")


def _served_at(address: str, key: str, context_length: int) -> ServedAt:
    from pydantic import SecretStr

    return ServedAt(address, SecretStr(key), MODEL_NAME, context_length)


async def _wait_for_health(address: str) -> None:
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        while True:
            try:
                if (await client.get(f"{address}/health")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass  # it listens before it answers
            await asyncio.sleep(0.05)


def _say_nothing(text: str) -> None:
    del text


def serve() -> None:
    """Be the child: serve what the first line of standard input says until standard input is closed."""
    # By number: a windowed program has no sys.stdin and sys.stdout.
    with open(0, encoding="utf-8", closefd=False) as orders, open(1, "w", closefd=False) as answers:
        order = json.loads(orders.readline())
        xllamacpp: Any = importlib.import_module("xllamacpp")
        parameters = xllamacpp.CommonParams()
        parameters.model.path = order["model"]
        parameters.n_ctx = order["context_length"]
        parameters.n_parallel = 1
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        parameters.api_keys = [order["key"]]
        parameters.model_alias = {MODEL_NAME}
        parameters.verbosity = 1
        parameters.ui = False
        server = xllamacpp.Server(parameters)
        answers.write(f"{_READY}{server.listening_address}\n")
        answers.flush()
        # The parent holds the other end: it is closed when the parent ends, however that happens.
        orders.read()
    os._exit(0)


if __name__ == "__main__":
    serve()
