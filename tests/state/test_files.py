"""The files of a state manager, over those that the application keeps and those in memory."""

import asyncio

import pytest
from stores.files.shelves import GALLEY, HARBOUR, place, written

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.sources import Sources
from elysia_desktop.state.bridge import Bridge
from elysia_desktop.state.files import FileManager
from elysia_desktop.state.memory_documents import MemoryDocuments


@pytest.fixture(params=["kept", "memory"])
async def files(request, tmp_path):
    """A manager over two files, to be used in other threads."""
    bridge = Bridge(asyncio.get_running_loop())
    if request.param == "memory":
        documents = MemoryDocuments()
        for name, text in (("harbour.md", HARBOUR), ("galley.md", GALLEY)):
            await documents.add(name, text)
        yield FileManager(documents, bridge)
        return
    async with place(tmp_path / "profile") as profile:
        _, documents = await profile.begin()
        for name, text in (("harbour.md", HARBOUR), ("galley.md", GALLEY)):
            await documents.add(written(tmp_path, name, text))
        yield FileManager(documents, bridge)


async def test_the_files_are_listed_read_and_searched(files):
    def work():
        harbour = files.filter(name__startswith="harb").first()
        found = files.search("who bakes bread?")
        alone = files.filter(id=harbour.id).search("who bakes bread, and where is the buoy?")
        return harbour.content, [one.name for one in found][:1], {one.name for one in alone}

    content, names, alone = await asyncio.to_thread(work)
    assert "outer buoy" in content
    assert names == ["galley.md"]
    assert alone == {"harbour.md"}


async def test_a_tool_writes_beside_what_the_person_added_and_over_what_a_tool_wrote(files):
    def work():
        (added,) = files.filter(name="harbour.md")
        first = files.write("harbour.md", "Closed in winter.")
        first.write("Closed in summer.")
        texts = [document.content for document in files.filter(name="harbour.md")]
        assert added.content == texts[0]
        first.delete()
        return texts, [document.name for document in files]

    texts, names = await asyncio.to_thread(work)
    assert "outer buoy" in texts[0]
    assert texts[1:] == ["Closed in summer."]
    assert names == ["harbour.md", "galley.md"]


async def test_an_unknown_file_is_told_with_those_there_are(files):
    with pytest.raises(QueryRejected) as caught:
        await asyncio.to_thread(files.delete, "nowhere")
    assert "nowhere" in str(caught.value)
    assert files.first().id in caught.value.hint


async def test_what_is_shown_to_a_model_can_be_cited(files):
    environment = Environment()
    sources = Sources(environment)
    citing = FileManager(files._access.documents, files._access.bridge, sources.passage)

    def work():
        return citing.search("Who bakes the bread?").as_context(500), citing.as_context(500)

    found, whole = await asyncio.to_thread(work)
    assert "<source1>\ngalley.md" in found
    cited = environment.object(sources.ref_id(1))
    assert (cited["title"], cited["document_id"]) == ("galley.md", files.get_by_id("galley.md").id)
    assert "bakes bread" in cited["content"]
    assert "outer buoy" in whole
