"""A real server of embeddings on this computer, in OpenAI's and Ollama's manner, whose vectors tests can foresee."""

from __future__ import annotations

import json
import math
import random
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

DIMENSIONS = 32

Embed = Callable[[str, int], Sequence[float]]
"""The vector of a text, with so many dimensions."""


@dataclass(frozen=True)
class Fail:
    """An HTTP error, with this body or one in the manner of what was asked."""

    status: int
    body: Mapping[str, Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Slow:
    """The right answer, after some seconds; cut short when the `with` block ends."""

    seconds: float


@dataclass(frozen=True)
class Raw:
    """A successful reply with just this body."""

    body: str = "<html>It works!</html>"


@dataclass(frozen=True)
class Cut:
    """No reply: the connection is dropped."""


Trouble = Fail | Slow | Raw | Cut


@dataclass(frozen=True)
class Asked:
    """A request for vectors: its path, model, texts, whole body and headers by lower-case names."""

    path: str
    model: str
    texts: tuple[str, ...]
    body: Mapping[str, Any]
    headers: Mapping[str, str]


def by_words(text: str, dimensions: int) -> list[float]:
    """A unit vector that is the same for the same words; texts that share words are near each other."""
    words = re.findall(r"\w+", text.lower()) or [""]
    total = [sum(parts) for parts in zip(*(_word(word, dimensions) for word in words), strict=True)]
    length = math.hypot(*total) or 1.0
    return [part / length for part in total]


@lru_cache(maxsize=50_000)
def _word(word: str, dimensions: int) -> tuple[float, ...]:
    chance = random.Random(word)  # seeded with the text itself: the same in every process
    return tuple(chance.gauss(0, 1) for _ in range(dimensions))


class EmbeddingServer:
    """Serves POST /v1/embeddings and /api/embed, GET /v1/models and /api/tags while its `with` block runs.

    `troubles` are met by the next requests, one each, before answers are right; `always`, where it is set,
    by every request after them. `embed` says what the vector of a text is.
    """

    def __init__(
        self,
        *,
        embed: Embed = by_words,
        dimensions: int = DIMENSIONS,
        api_key: str | None = None,
        models: Sequence[str] = ("scripted-embedding",),
        troubles: Sequence[Trouble] = (),
    ) -> None:
        self.embed = embed
        self.dimensions = dimensions
        self.api_key = api_key
        self.models = tuple(models)
        self.troubles = deque(troubles)
        self.always: Trouble | None = None
        self.asked: list[Asked] = []
        self.most_at_once = 0
        """The largest number of requests that were open at the same time."""
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._open = 0
        self._failure: BaseException | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """The address for Ollama's clients, such as http://127.0.0.1:40123."""
        assert self._server is not None, "The embeddings are served inside the `with` block."
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def openai_address(self) -> str:
        """The address for OpenAI's clients, which ends with /v1."""
        return f"{self.address}/v1"

    @property
    def texts(self) -> list[str]:
        """All texts that were sent, in the order they came."""
        return [text for asked in self.asked for text in asked.texts]

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="embedding-server"
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._failure is not None and error is None:
            raise self._failure

    def take(self, asked: Asked) -> Trouble | None:
        """Note a request; what goes wrong with it."""
        with self._lock:
            self.asked.append(asked)
            return self.troubles.popleft() if self.troubles else self.always

    def count(self, change: int) -> None:
        """Count the requests that are open."""
        with self._lock:
            self._open += change
            self.most_at_once = max(self.most_at_once, self._open)

    def note_failure(self, error: BaseException) -> None:
        """Keep the first exception for the end of the block."""
        with self._lock:
            self._failure = self._failure or error


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, embeddings: EmbeddingServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.embeddings = embeddings

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's also asks the name service, which may take seconds
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.embeddings.note_failure(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] - only _Server makes these

    @property
    def embeddings(self) -> EmbeddingServer:
        return self.server.embeddings

    def do_GET(self) -> None:
        names = self.embeddings.models
        match self.path.rstrip("/"):
            case "/v1/models":
                listed = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in names]
                self._send(200, {"object": "list", "data": listed})
            case "/api/tags":
                self._send(200, {"models": [{"name": name, "model": name} for name in names]})
            case _:
                self._fail(Fail(404, f"There is no {self.path} here."))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path not in {"/v1/embeddings", "/api/embed"}:
            self._fail(Fail(404, f"There is no {self.path} here."))
            return
        if self.embeddings.api_key not in {
            None,
            self.headers.get("Authorization", "").removeprefix("Bearer "),
        }:
            self._fail(Fail(401, "Incorrect API key provided."))
            return
        self.embeddings.count(1)
        try:
            self._answer(json.loads(content))
        finally:
            self.embeddings.count(-1)

    def _answer(self, body: dict[str, Any]) -> None:
        given = body["input"]
        texts: tuple[str, ...] = (given,) if isinstance(given, str) else tuple(given)
        headers = {name.lower(): value for name, value in self.headers.items()}
        match self.embeddings.take(Asked(self.path, str(body.get("model", "")), texts, body, headers)):
            case Fail() as trouble:
                self._fail(trouble)
            case Raw(text):
                self._send(200, text)
            case Cut():
                self.close_connection = True
            case Slow(seconds):
                if not self.embeddings.closing.wait(seconds):
                    self._vectors(body, texts)
            case None:
                self._vectors(body, texts)

    def _vectors(self, body: dict[str, Any], texts: tuple[str, ...]) -> None:
        size = int(body.get("dimensions") or self.embeddings.dimensions)
        vectors = [list(self.embeddings.embed(text, size)) for text in texts]
        model = body.get("model", "")
        if self.path == "/api/embed":
            self._send(200, {"model": model, "embeddings": vectors, "prompt_eval_count": len(texts)})
            return
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        self._send(200, {"object": "list", "data": data, "model": model, "usage": usage})

    def _fail(self, trouble: Fail) -> None:
        body = trouble.body
        if not isinstance(body, Mapping):
            text = body or f"The server answered with status {trouble.status}."
            as_openai = {"message": text, "type": "server_error", "param": None, "code": None}
            body = {"error": text if self.path.startswith("/api/") else as_openai}
        self._send(trouble.status, body, trouble.headers)

    def _send(
        self, status: int, body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        # one request per connection: nothing idles when the test ends
        for name, value in {
            "Content-Type": "application/json",
            "Connection": "close",
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    # Overrides of http.server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass
