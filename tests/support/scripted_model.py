"""A real OpenAI-compatible server on this computer that says what a test tells it to say."""

from __future__ import annotations

import json
import select
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from support.chat_completions import Body, completion, events
from support.scripted_replies import (
    Call,
    Calls,
    Cut,
    Endless,
    Fail,
    Garbage,
    Json,
    Raw,
    Reply,
    Say,
    Slow,
    Stall,
)

__all__ = [
    "Call",
    "Calls",
    "Cut",
    "Endless",
    "Fail",
    "Garbage",
    "Json",
    "Raw",
    "Received",
    "Reply",
    "Say",
    "ScriptedModel",
    "Slow",
    "Stall",
]

Script = Callable[[Body], Reply] | Sequence[Reply]


@dataclass(frozen=True)
class Received:
    """A request for a completion: its parsed body and its headers by lower-case names."""

    body: Body
    headers: Mapping[str, str]


class ScriptedModel:
    """Serves GET /v1/models and POST /v1/chat/completions while its `with` block runs.

    A list of replies is used in order, and a request beyond its end gets status 400, which clients do not
    repeat. With `refuses_tools`, requests with functions are refused so, and use up no reply. An exception in
    the script or the server is raised at the end of the block.
    """

    def __init__(
        self,
        script: Script,
        *,
        api_key: str | None = None,
        models: Sequence[str] = ("scripted",),
        refuses_tools: str | Fail | None = None,
    ) -> None:
        self.requests: list[Received] = []
        self.hung_up = 0
        """How many times the client closed before the reply was complete."""
        self.api_key = api_key
        self.models = tuple(models)
        self.closing = threading.Event()
        self._script = script
        self._refuses_tools = Fail(400, refuses_tools) if isinstance(refuses_tools, str) else refuses_tools
        self._served = count()
        self._lock = threading.Lock()
        self._failure: BaseException | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """The base address for a client, such as http://127.0.0.1:40123/v1."""
        assert self._server is not None, "The model serves inside its `with` block."
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="scripted-model"
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
        self._server.drop_connections()
        self._server.server_close()
        if self._failure is not None and error is None:
            raise self._failure

    def reply_to(self, body: Body, headers: Mapping[str, str]) -> Reply:
        """Note the request and look up what to say."""
        with self._lock:
            self.requests.append(Received(body, headers))
            if self._refuses_tools is not None and body.get("tools"):
                return self._refuses_tools
            number = next(self._served)
        if callable(self._script):
            return self._script(body)
        if number < len(self._script):
            return self._script[number]
        return Fail(400, f"The script has {len(self._script)} replies; this is request {number + 1}.")

    def note_hang_up(self) -> None:
        """Count a client that went away."""
        with self._lock:
            self.hung_up += 1

    def note_failure(self, error: BaseException | None) -> None:
        """Keep the first exception for the end of the block."""
        with self._lock:
            self._failure = self._failure or error


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that it can end those that wait."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, model: ScriptedModel) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's also asks the name service, which may take seconds
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, ConnectionError | TimeoutError):
            self.model.note_hang_up()
        else:
            self.model.note_failure(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] - only _Server makes these

    @property
    def model(self) -> ScriptedModel:
        return self.server.model

    def do_GET(self) -> None:
        if not self._is_known():
            return
        if self.path.rstrip("/") != "/v1/models":
            self._fail(Fail(404, f"There is no {self.path} here."))
            return
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in self.model.models
        ]
        self._send(200, json.dumps({"object": "list", "data": listed}))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._is_known():
            return
        if self.path != "/v1/chat/completions":
            self._fail(Fail(404, f"There is no {self.path} here."))
            return
        try:
            body = json.loads(content)
        except ValueError:
            self._fail(Fail(400, "The request is not JSON."))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer(self.model.reply_to(body, headers), body)

    def _is_known(self) -> bool:
        wanted = self.model.api_key
        if wanted is None or self.headers.get("Authorization") == f"Bearer {wanted}":
            return True
        error = {"message": "Incorrect API key provided.", "type": "invalid_request_error", "param": None}
        self._fail(Fail(401, {"error": {**error, "code": "invalid_api_key"}}))
        return False

    def _answer(self, reply: Reply, body: Body) -> None:
        streamed = bool(body.get("stream"))
        match reply:
            case Slow():
                if self._is_left_alone(reply.seconds):
                    self._answer(reply.then, body)
            case Fail():
                self._fail(reply)
            case Json():
                self._answer(Say(json.dumps(reply.value)), body)
            case Say() | Calls() if streamed:
                self._stream(reply, body)
            case Say() | Calls():
                self._send(200, json.dumps(completion(reply, body)))
            case Garbage() if streamed:
                self._begin_stream()
                self._chunk(f"data: {reply.text}\n\n")
                self._chunk("")
            case Garbage():
                self._send(200, reply.text, "text/html")
            case Stall() | Cut():
                self._break_off(reply, body, streamed)
            case Raw():
                self._headers(reply.status, reply.content_type, {"Content-Length": str(len(reply.content))})
                self.wfile.write(reply.content)
            case Endless():
                self._go_on(reply, body, streamed)

    def _stream(self, reply: Say | Calls, body: Body) -> None:
        self._begin_stream()
        for event in events(reply, body):
            self._chunk(event)
            if reply.pause and not self._is_left_alone(reply.pause):
                return
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _break_off(self, reply: Stall | Cut, body: Body, streamed: bool) -> None:
        if streamed:
            self._begin_stream()
            for event in events(Say(reply.text), {**body, "stream_options": None})[:-1]:
                self._chunk(event)
        else:
            whole = json.dumps(completion(Say(reply.text), body)).encode()
            self._headers(200, "application/json", {"Content-Length": str(len(whole))})
            self.wfile.write(whole[: len(whole) // 2])
        if isinstance(reply, Stall):
            self._is_left_alone(None)

    def _go_on(self, reply: Endless, body: Body, streamed: bool) -> None:
        first, again = events(Say(reply.text, piece=len(reply.text)), body)[:2]
        if streamed:
            self._begin_stream()
            self._chunk(first)
        else:
            self._headers(200, "application/json", {"Transfer-Encoding": "chunked"})
        while self._is_left_alone(reply.pause):
            self._chunk(again if streamed else reply.text)

    def _is_left_alone(self, seconds: float | None) -> bool:
        """Wait; whether the time passed without the client hanging up or the test ending."""
        step, waited = 0.02 if seconds is None else min(0.02, seconds), 0.0
        if seconds == 0 and self.model.closing.is_set():
            return False
        while seconds is None or waited < seconds:
            if self.model.closing.wait(step):
                return False
            waited += step
            if select.select([self.connection], [], [], 0)[0]:
                self.model.note_hang_up()
                return False
        return True

    def _fail(self, reply: Fail) -> None:
        body = reply.body
        if not isinstance(body, Mapping):
            message = body or f"The server answered with status {reply.status}."
            body = {"error": {"message": message, "type": "server_error", "param": None, "code": None}}
        self._send(reply.status, json.dumps(body), headers=reply.headers)

    def _send(
        self,
        status: int,
        text: str,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content = text.encode()
        self._headers(status, content_type, {"Content-Length": str(len(content)), **(headers or {})})
        self.wfile.write(content)

    def _begin_stream(self) -> None:
        self._headers(200, "text/event-stream", {"Transfer-Encoding": "chunked"})

    def _chunk(self, text: str) -> None:
        """One chunk of the transfer; an empty one ends it."""
        content = text.encode()
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def _headers(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        # one request per connection: nothing idles when the test ends, and a cut is seen at once
        for name, value in {"Content-Type": content_type, "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    # Overrides of http.server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass
