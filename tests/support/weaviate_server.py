"""A real Weaviate of one node on this computer, for tests."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

_GET = Path(__file__).parents[2] / "packaging" / "tools" / "get_weaviate.py"
_TOKENS = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"
_SECONDS_TO_START = 40
_SECONDS_TO_STOP = 15
_TRIES = 3


def weaviate_binary() -> Path:
    """The server's program; the test is skipped, saying why, where it was not built."""
    command = [sys.executable, str(_GET), "--cached"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        pytest.skip(ended.stderr.strip())
    return Path(ended.stdout.strip())


class WeaviateServer:
    """One node; it can be stopped and started again at the same ports, with its data."""

    def __init__(self, binary: Path, folder: Path, key: str = "") -> None:
        self.key = key
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._take_ports()

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the server said last."""
        file = self._folder / "log"
        return file.read_text(errors="replace")[-3000:] if file.exists() else ""

    def start(self) -> None:
        """Start the server and wait until it answers; `RuntimeError` when it ends, `TimeoutError` when it does not."""
        _keep_tokens(self._folder / "tokens")
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._binary, "--host", "127.0.0.1", "--port", str(self.port), "--scheme", "http"],
                env=self._environment(),
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let the server hold its connections and answer nothing more."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def start_somewhere(self) -> None:
        """Start at free ports; another program may take one in between, so this is tried again."""
        for last in range(_TRIES - 1, -1, -1):
            try:
                self.start()
            except RuntimeError:
                if not last:
                    raise
                self._take_ports()
            else:
                return

    def _take_ports(self) -> None:
        """Among nodes on one computer, Weaviate takes a node's port for calls to be the one after its raft port."""
        self.port, self.grpc_port, self._gossip, self._raft = _free_ports((1, 1, 2, 2))

    def _wait(self) -> None:
        until = time.monotonic() + _SECONDS_TO_START
        ready = f"http://127.0.0.1:{self.port}/v1/.well-known/ready"
        with httpx.Client(trust_env=False, timeout=2) as http:
            while time.monotonic() < until:
                if not self.is_running:
                    raise RuntimeError(f"Weaviate ended while it started:\n{self.log}")
                try:
                    if http.get(ready).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.05)
        raise TimeoutError(f"Weaviate did not start:\n{self.log}")

    def _environment(self) -> dict[str, str]:
        """Nothing leaves this computer, and what a cluster waits for before it elects a leader is short."""
        with_key = {
            "AUTHENTICATION_APIKEY_ENABLED": "true",
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": self.key,
            "AUTHENTICATION_APIKEY_USERS": "tester",
            "AUTHORIZATION_ADMINLIST_ENABLED": "true",
            "AUTHORIZATION_ADMINLIST_USERS": "tester",
        }
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ},
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false" if self.key else "true",
            **(with_key if self.key else {}),
            "PERSISTENCE_DATA_PATH": str(self._folder / "data"),
            "GRPC_PORT": str(self.grpc_port),
            "CLUSTER_HOSTNAME": "node1",
            "CLUSTER_IN_LOCALHOST": "true",
            "CLUSTER_BIND_ADDR": "127.0.0.1",
            "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
            "CLUSTER_GOSSIP_BIND_PORT": str(self._gossip),
            "CLUSTER_DATA_BIND_PORT": str(self._gossip + 1),
            "RAFT_PORT": str(self._raft),
            "RAFT_INTERNAL_RPC_PORT": str(self._raft + 1),
            "RAFT_JOIN": f"node1:{self._raft}",
            "RAFT_BOOTSTRAP_EXPECT": "1",
            "RAFT_TIMEOUTS_MULTIPLIER": "1",
            "ENABLE_API_BASED_MODULES": "false",
            "ENABLE_MODULES": "text2vec-bigram,text2vec-ollama,text2vec-openai",
            "TIKTOKEN_CACHE_DIR": str(self._folder / "tokens"),
            "DISABLE_TELEMETRY": "true",
            "GO_PROFILING_DISABLE": "true",
            "LOG_LEVEL": "error",
        }


@contextmanager
def weaviate_server(key: str = "") -> Iterator[WeaviateServer]:
    """A running server with a folder of its own, which asks for `key` if there is one; gone afterwards."""
    with TemporaryDirectory(prefix="weaviate-") as folder:
        server = WeaviateServer(weaviate_binary(), Path(folder), key)
        server.start_somewhere()
        try:
            yield server
        finally:
            server.stop()


def _keep_tokens(folder: Path) -> None:
    """Tokens of one byte each, where text2vec-openai looks before it fetches its own from the network."""
    folder.mkdir(exist_ok=True)
    tokens = b"".join(b"%s %d\n" % (base64.b64encode(bytes([byte])), byte) for byte in range(256))
    (folder / hashlib.sha1(_TOKENS.encode(), usedforsecurity=False).hexdigest()).write_bytes(tokens)


def _free_ports(numbers: tuple[int, ...]) -> list[int]:
    """Free ports in runs of these lengths, the first of each run."""
    with ExitStack() as taken:
        return [_free_run(length, taken) for length in numbers]


def _free_run(length: int, taken: ExitStack) -> int:
    while True:
        with ExitStack() as trying:
            first = trying.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            start = first.getsockname()[1]
            try:
                for port in range(start + 1, start + length):
                    trying.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            taken.push(trying.pop_all())
            return start
