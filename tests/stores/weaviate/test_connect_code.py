import subprocess
import sys

import pytest

from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.connect_code import connect_code

KEYS = {"openai_api_key": "sk-of-openai", "cohere_apikey": "of-cohere", "unknown_api_key": "of-nobody"}


def code(vectorizers=(), **changes):
    settings = Settings()
    settings.configure(**changes, **KEYS)
    return connect_code(settings, vectorizers)


LONG = {
    "data_source": "custom",
    "custom_http_host": "weaviate.a-rather-long-name.example.com",
    "custom_grpc_host": "grpc.weaviate.a-rather-long-name.example.com",
    "wcd_api_key": "of-weaviate",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"data_source": "local"},
        LONG,
        {"data_source": "cloud", "wcd_url": "x.weaviate.cloud", "wcd_api_key": "y" * 9},
    ],
)
@pytest.mark.parametrize("vectorizers", [(), ("text2vec-openai",), ("text2vec-openai", "text2vec-cohere")])
def test_programs_that_connect_elsewhere_are_formatted_too(tmp_path, changes, vectorizers):
    file = tmp_path / "program.py"
    file.write_text(QueryRequest(collection="Films").to_python(code(vectorizers, **changes)))
    formats = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "--no-cache", str(file)]
    checked = subprocess.run(formats, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("vectorizers", "names"),
    [
        ((), set()),
        (("none", "text2vec-ollama"), set()),
        (("text2vec-openai",), {"OPENAI_API_KEY"}),
        (("text2vec-openai", "text2vec-cohere"), {"OPENAI_API_KEY", "COHERE_APIKEY"}),
        (("multi2vec-elsewhere",), {"OPENAI_API_KEY", "COHERE_APIKEY"}),
    ],
)
def test_keys_are_those_of_the_vectorisers_and_stay_in_the_environment(vectorizers, names):
    written = code(vectorizers, data_source="local")
    assert {name for name in map(str.upper, KEYS) if f'os.environ["{name}"]' in written} == names
    assert not any(key in written for key in KEYS.values())


def test_the_library_is_shown_with_a_weaviate_on_this_computer():
    assert code(("text2vec-openai",), data_source="library") == "weaviate.connect_to_local()"
