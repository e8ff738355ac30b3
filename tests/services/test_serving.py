"""The model file that the person chose is served while it is needed."""

import asyncio
import os
import sys

import pytest

from elysia_desktop.core.errors import ConfigurationError, ModelError
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.served_model import ServedModel
from elysia_desktop.services.serving import Serving

# Serves /health and nothing else, as the real child does.
STAND_IN = """
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *args): pass
sys.stdin.readline()
server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"ELYSIA-SERVES-AT http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    return path


@pytest.fixture
async def serving(monkeypatch):
    """Serves with a stand-in for llama.cpp; notes the models it made."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    made = []

    def make(path):
        made.append(ServedModel(path, command=(sys.executable, "-c", STAND_IN)))
        return made[-1]

    serving = Serving(make=make)
    serving.made = made
    yield serving
    await serving.stop()


def settings_of(path, **more):
    return Settings(base_provider="on_this_computer", model_file=str(path), **more)


async def test_other_providers_are_none_of_its_business():
    settings = Settings(base_provider="openai", base_model="x")
    assert await Serving().ready(settings) is settings


async def test_address_key_and_context_are_filled_in_and_the_settings_stay_as_they_are(serving, gguf):
    settings = settings_of(gguf, style="Dry.")
    settings.set_api_key("kept", "OPENAI_API_KEY")
    filled = await serving.ready(settings)
    choice = filled.model_choice("base")
    assert choice.address.startswith("http://127.0.0.1:")
    assert choice.is_configured
    assert len(choice.key.get_secret_value()) > 20
    assert choice.context_length == 8192
    assert filled.model_choice("complex") == choice
    assert (filled.style, filled.api_key("OPENAI_API_KEY")) == ("Dry.", "kept")
    assert settings.base_api_base == ""
    assert choice.key.get_secret_value() not in repr(filled)


async def test_two_questions_at_once_start_one_server(serving, gguf):
    one, two = await asyncio.gather(*[serving.ready(settings_of(gguf)) for _ in range(2)])
    assert one == two
    assert len(serving.made) == 1


async def test_a_server_that_died_is_started_again(serving, gguf):
    before = await serving.ready(settings_of(gguf))
    os.kill(serving.made[0]._child._process.pid, 9)
    serving.made[0]._child._process.wait()
    after = await serving.ready(settings_of(gguf))
    assert after.base_api_base != before.base_api_base


async def test_another_file_takes_the_place_of_the_first(serving, gguf, tmp_path):
    await serving.ready(settings_of(gguf))
    other = tmp_path / "other.gguf"
    other.write_bytes(gguf.read_bytes())
    await serving.ready(settings_of(other))
    assert [model.is_running for model in serving.made] == [False, True]


async def test_it_is_stopped_when_the_settings_name_another_model(serving, gguf):
    await serving.ready(settings_of(gguf))
    await serving.stop_unless_used(settings_of(gguf))
    assert serving.made[0].is_running
    await serving.stop_unless_used(Settings(base_provider="openai"))
    assert not serving.made[0].is_running


async def test_a_file_that_is_no_model_is_told_and_the_next_one_works(serving, gguf, tmp_path):
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"nothing of the sort")
    with pytest.raises(ConfigurationError, match="not a GGUF file"):
        await serving.ready(settings_of(wrong))
    assert (await serving.ready(settings_of(gguf))).base_api_base


async def test_a_model_that_cannot_be_loaded_is_told(gguf, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    command = (sys.executable, "-c", "print('out of memory')")
    serving = Serving(make=lambda path: ServedModel(path, command=command))
    with pytest.raises(ModelError, match="out of memory"):
        await serving.ready(settings_of(gguf))
    await serving.stop()


async def test_stopping_twice_does_nothing(serving, gguf):
    await serving.ready(settings_of(gguf))
    await serving.stop()
    await serving.stop()
    assert not serving.made[0].is_running
