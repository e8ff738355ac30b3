import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from support.local_model import fetch_model

from elysia_desktop.core.errors import ConfigurationError, MissingExtra, ModelError
from elysia_desktop.engine.discovery import context_length_of, list_models
from elysia_desktop.engine.served_model import ServedModel

# Serves /health and nothing else, as the real child does, and tells what it was ordered.
STAND_IN = """
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"order": order, "argv": sys.argv}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
order = json.loads(sys.stdin.readline())
server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("a line of the log", flush=True)
print(f"ELYSIA-SERVES-AT http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
os._exit(0)
"""


def stand_in(code=STAND_IN):
    return (sys.executable, "-c", code)


@pytest.fixture
def gguf(tmp_path) -> Path:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    return path


@pytest.fixture
def weights() -> Path:
    return fetch_model()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]


async def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no file") as raised:
        await ServedModel(tmp_path / "gone.gguf").start()
    assert raised.value.hint


async def test_a_folder_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await ServedModel(tmp_path).start()


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 not a model"])
async def test_what_is_not_a_gguf_file_is_told_before_anything_starts(tmp_path, content):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    model = ServedModel(path, command=("/nowhere/at/all",))
    with pytest.raises(ConfigurationError, match=r"model\.gguf is not a GGUF file"):
        await model.start()


async def test_without_the_optional_part_it_says_what_to_install(gguf, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra) as raised:
        await ServedModel(gguf).start()
    assert "elysia-desktop[local-model]" in raised.value.hint


async def test_the_key_is_told_to_the_child_but_is_in_no_process_list(gguf):
    model = ServedModel(gguf, 2048, command=stand_in())
    said = []
    served = await model.start(said.append)
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            seen = (await client.get(served.address.removesuffix("/v1"))).json()
        key = served.key.get_secret_value()
        assert len(key) >= 32
        assert seen["order"] == {"model": str(gguf), "context_length": 2048, "key": key}
        assert key not in json.dumps(seen["argv"])
        assert key not in repr(served)
        assert said == ["Loading tiny.gguf…", "tiny.gguf is loaded."]
    finally:
        await model.stop()


async def test_starting_twice_serves_once_and_stopping_twice_is_no_matter(gguf):
    model = ServedModel(gguf, command=stand_in())
    first = await model.start()
    assert await model.start() is first
    await model.stop()
    assert not model.is_running
    await model.stop()


async def test_it_can_be_started_again_with_another_key(gguf):
    model = ServedModel(gguf, command=stand_in())
    first = await model.start()
    await model.stop()
    second = await model.start()
    await model.stop()
    assert first.key != second.key


async def test_a_child_that_dies_is_told_with_its_last_words(gguf):
    model = ServedModel(gguf, command=stand_in("print('one'); raise SystemExit('out of memory')"))
    with pytest.raises(ModelError, match="out of memory") as raised:
        await model.start()
    assert raised.value.hint
    assert not model.is_running


async def test_a_silent_child_that_dies_is_told_with_its_code(gguf):
    with pytest.raises(ModelError, match="it ended with code 7"):
        await ServedModel(gguf, command=stand_in("raise SystemExit(7)")).start()


async def test_a_model_that_takes_too_long_is_given_up(gguf):
    model = ServedModel(gguf, command=stand_in("import time; time.sleep(60)"))
    with pytest.raises(ModelError, match="not loaded within"):
        await model.start(seconds=0.2)
    assert not model.is_running


async def test_starting_can_be_cancelled(gguf):
    model = ServedModel(gguf, command=stand_in("import time; time.sleep(60)"))
    task = asyncio.create_task(model.start())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not model.is_running


def test_the_child_imports_nothing_heavy():
    code = "import sys, elysia_desktop.engine.served_model as m; print(*sys.modules)"
    root = Path(__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"dspy", "PySide6", "httpx", "pydantic", "numpy", "weaviate"} & set(loaded)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_the_child_ends_when_its_parent_is_killed(gguf):
    parent = f"""
import asyncio, sys, time
from pathlib import Path
from elysia_desktop.engine.served_model import ServedModel
async def main():
    model = ServedModel(Path({str(gguf)!r}), command=(sys.executable, "-c", {STAND_IN!r}))
    await model.start()
    print(model._child._process.pid, flush=True)
    time.sleep(60)
asyncio.run(main())
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        child = int(process.stdout.readline())
        assert is_alive(child)
        process.kill()
    deadline = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


@pytest.mark.model
async def test_a_real_model_answers_behind_its_key(weights):
    model = ServedModel(weights, 2048)
    served = await model.start()
    try:
        key = served.key.get_secret_value()
        assert await list_models(served.address, key) == [served.model]
        assert await context_length_of(served.address, key, served.model) == served.context_length == 2048
        question = {"model": served.model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            url = f"{served.address}/chat/completions"
            assert (await client.post(url, json=question)).status_code == 401
            answer = await client.post(url, json=question, headers={"Authorization": f"Bearer {key}"})
        assert answer.json()["choices"][0]["message"]["content"]
    finally:
        await model.stop()


@pytest.mark.model
async def test_a_damaged_model_is_told_with_the_reason(weights, tmp_path):
    damaged = tmp_path / "half.gguf"
    with weights.open("rb") as whole:
        damaged.write_bytes(whole.read(5_000_000))
    with pytest.raises(ModelError, match="corrupted or incomplete"):
        await ServedModel(damaged).start()
