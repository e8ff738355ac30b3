"""Files are added to conversations, searched, asked about, and go with them."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from engine.asking import told
from services.scripts import answers, cited, decision, opened, query, stage
from stores.files.shelves import GALLEY, HARBOUR, written
from support.scripted_model import ScriptedModel

from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tree import Tree
from elysia_desktop.services.workspace import Workspace

SAMPLES = Path(__file__).resolve().parents[1] / "files"


@pytest.fixture
async def workspace(tmp_path):
    workspace = await opened(tmp_path / "profile")
    yield workspace
    await workspace.close()


@pytest.fixture
async def conversation(workspace):
    return (await workspace.begin("What?")).id


@pytest.fixture
def harbour(tmp_path):
    return written(tmp_path, "harbour.md", HARBOUR)


@pytest.fixture
def galley(tmp_path):
    return written(tmp_path, "galley.md", GALLEY)


async def test_files_are_added_in_order_and_progress_is_told(workspace, conversation, harbour, galley):
    steps = []
    report = await workspace.files.add(conversation, [harbour, galley], lambda *step: steps.append(step))
    assert steps == [(0, 2, "harbour.md"), (1, 2, "galley.md"), (2, 2, "galley.md")]
    assert [file.name for file in report.added] == ["harbour.md", "galley.md"]
    assert report.refused == []
    assert await workspace.files.listed(conversation) == report.added


async def test_one_bad_file_does_not_keep_the_others_out(workspace, conversation, harbour, galley, tmp_path):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 and nothing that follows")
    folder = tmp_path / "folder"
    folder.mkdir()
    report = await workspace.files.add(
        conversation, [bad, harbour, tmp_path / "gone.md", folder, harbour, galley]
    )
    assert [file.name for file in report.added] == ["harbour.md", "galley.md"]
    assert [file.name for file in report.refused] == ["bad.pdf", "gone.md", "folder", "harbour.md"]
    assert all(file.reason.endswith(".") for file in report.refused)


async def test_nothing_to_add_is_fine(workspace, conversation):
    report = await workspace.files.add(conversation, [])
    assert (report.added, report.refused) == ([], [])


async def test_a_conversation_that_does_not_exist_is_refused_in_words(workspace, harbour):
    for call in (
        workspace.files.add("no", [harbour]),
        workspace.files.add_text("no", "a", "b"),
        workspace.files.listed("no"),
        workspace.files.documents("no"),
        workspace.files.remove("no", "a"),
    ):
        with pytest.raises(StoreError, match="does not exist") as raised:
            await call
        assert raised.value.hint
    assert not workspace.folders.files.exists()


async def test_two_adds_at_once_both_go_in(workspace, conversation, tmp_path):
    many = [written(tmp_path, f"{n}.txt", f"Lantern {n} hangs on the quay.") for n in range(6)]
    reports = await asyncio.gather(
        workspace.files.add(conversation, many[:4]), workspace.files.add(conversation, many[2:])
    )
    added = [file.name for report in reports for file in report.added]
    assert sorted(added) == sorted(path.name for path in many)
    assert sum(len(report.refused) for report in reports) == 2
    documents = await workspace.files.documents(conversation)
    assert (await documents.search("lantern 5"))[0].name == "5.txt"


async def test_cancelled_between_files_what_went_in_stays_and_is_whole(workspace, conversation, tmp_path):
    many = [written(tmp_path, f"{n}.txt", f"Lantern {n} hangs on the quay.") for n in range(50)]
    third = asyncio.Event()
    adding = asyncio.create_task(
        workspace.files.add(conversation, many, lambda done, of, name: third.set() if done == 3 else None)
    )
    await third.wait()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    listed = await workspace.files.listed(conversation)
    assert [file.name for file in listed] == [path.name for path in many[: len(listed)]]
    assert 3 <= len(listed) <= 4
    assert len(list(workspace.folders.files.iterdir())) == len(listed)
    assert len((await workspace.files.add(conversation, many)).added) == 50 - len(listed)


async def test_closing_ends_what_is_being_added(tmp_path):
    workspace = await opened(tmp_path / "profile")
    conversation = (await workspace.begin("What?")).id
    many = [written(tmp_path, f"{n}.txt", f"Lantern {n} hangs on the quay.") for n in range(200)]
    begun = asyncio.Event()
    adding = asyncio.create_task(
        workspace.files.add(conversation, many, lambda done, *_: begun.set() if done == 2 else None)
    )
    await begun.wait()
    await workspace.close()
    assert (await asyncio.gather(adding, return_exceptions=True))[0].__class__ is asyncio.CancelledError
    workspace = await opened(tmp_path / "profile")
    listed = await workspace.files.listed(conversation)
    assert len(list(workspace.folders.files.iterdir())) == len(listed)
    assert 2 <= len(listed) <= 3
    await workspace.close()


async def test_a_pasted_text_is_added_under_its_name(workspace, conversation):
    added = await workspace.files.add_text(conversation, "notes", GALLEY)
    shown = await workspace.files.shown(conversation, added.id)
    assert (shown.file, shown.text, list(shown.pages)) == (added, GALLEY, [])
    assert shown.original.read_text("utf-8") == GALLEY


async def test_a_file_is_shown_with_where_it_is_kept(workspace, conversation, harbour):
    (added,) = (await workspace.files.add(conversation, [harbour])).added
    shown = await workspace.files.shown(conversation, added.id)
    assert "outer buoy" in shown.text
    assert [heading.text for heading in shown.headings] == ["Harbour"]
    assert shown.original.read_text("utf-8") == HARBOUR
    assert stat.S_IMODE(shown.original.stat().st_mode) == 0o600
    with pytest.raises(QueryRejected):
        await workspace.files.shown(conversation, "nope")


async def test_a_passage_of_a_pdf_tells_its_page(workspace, conversation):
    (added,) = (await workspace.files.add(conversation, [SAMPLES / "pdf" / "mupdf.pdf"])).added
    shown = await workspace.files.shown(conversation, added.id)
    assert (added.kind, added.pages) == ("pdf", len(shown.pages))
    assert shown.original.read_bytes() == (SAMPLES / "pdf" / "mupdf.pdf").read_bytes()
    documents = await workspace.files.documents(conversation)
    last = shown.pages[-1].start
    found = [one.passage for one in await documents.search(shown.text[last : last + 60])]
    assert any(passage.start <= last < passage.end for passage in found)
    for passage in found:
        assert passage.page == max(page.page for page in shown.pages if page.start <= passage.start)


async def test_what_is_not_in_use_is_listed_all_the_same(workspace, conversation, harbour, galley):
    one, two = (await workspace.files.add(conversation, [harbour, galley])).added
    documents = await workspace.files.documents(conversation)
    await workspace.files.use(conversation, one.id, in_use=False)
    assert [file.in_use for file in await workspace.files.listed(conversation)] == [False, True]
    assert documents.listed() == [two]
    assert await workspace.files.documents(conversation) is documents
    await workspace.files.remove(conversation, two.id)
    assert documents.listed() == []
    assert [file.name for file in await workspace.files.listed(conversation)] == ["harbour.md"]


async def test_a_tree_queries_the_passages_as_it_does_any_collection(workspace, conversation, harbour):
    (added,) = (await workspace.files.add(conversation, [harbour])).added
    name = (await workspace.files.documents(conversation)).collection
    assert name not in [info.name for info in await workspace.collections()]

    def find_then_cite(body):
        match stage(body):
            case "decide":
                found = "# Found so far" in body["messages"][-1]["content"]
                return (
                    decision("cited_summarize", end=True) if found else decision("query", collection_names=[])
                )
            case "queries":
                return query(name, search_words="pilot")
            case _:
                return cited("At the outer buoy.")

    with ScriptedModel(find_then_cite) as model:
        served = {"base_provider": "llama_cpp", "base_model": "scripted", "base_api_base": model.address}
        tree = Tree(settings=Settings(**served, queries_as_sql=False))
        payloads = await told(tree, "Where?", workspace.clients, collection_names=[name])
    assert answers(payloads) == ["At the outer buoy."]
    results = [payload["payload"] for payload in payloads if payload["type"] == "result"]
    assert [found["document_id"] for found in results[0]["objects"]] == [added.id]


async def test_files_are_kept_in_the_library_though_the_data_comes_from_elsewhere(tmp_path, harbour):
    workspace = Workspace(tmp_path / "profile")
    await workspace.open_settings()
    workspace.clients.settings = Settings(data_source="local", local_weaviate_port=1)
    await workspace.open_data()
    conversation = (await workspace.begin("What?")).id
    assert len((await workspace.files.add(conversation, [harbour])).added) == 1
    documents = await workspace.files.documents(conversation)
    assert [found.name for found in await documents.search("pilot")] == ["harbour.md"]
    await workspace.close()


async def test_a_start_removes_what_was_left_behind(tmp_path, harbour):
    workspace = await opened(tmp_path / "profile")
    conversation = (await workspace.begin("What?")).id
    (added,) = (await workspace.files.add(conversation, [harbour])).added
    library = workspace.clients.library()

    async def fails(name):
        raise StoreError("It is locked.")

    library.drop = fails
    await workspace.files.remove(conversation, added.id)
    name = (await workspace.files.documents(conversation)).collection
    await workspace.files.tidy()
    assert name in [info.name for info in await library.collections()]
    await workspace.close()
    workspace = await opened(tmp_path / "profile")
    assert name not in [info.name for info in await workspace.clients.library().collections()]
    assert list(workspace.folders.files.iterdir()) == []
    await workspace.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be written")
async def test_a_folder_that_cannot_be_written_is_told_for_each_file(workspace, conversation, harbour):
    workspace.folders.files.mkdir(mode=0o500)
    report = await workspace.files.add(conversation, [harbour])
    (refused,) = report.refused
    assert "could not be written" in refused.reason
    assert refused.hint


async def test_a_file_in_the_way_of_the_folder_is_told(workspace, conversation, harbour):
    workspace.folders.files.write_text("in the way")
    report = await workspace.files.add(conversation, [harbour])
    (refused,) = report.refused
    assert "could not be written" in refused.reason
    assert refused.hint
    assert await workspace.files.listed(conversation) == []
