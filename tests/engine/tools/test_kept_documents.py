"""The document tools over files as the application keeps them."""

from engine.asking import answer, decision, errors, prompts, texts, told, tree_for
from engine.tools.test_documents import cited
from state.engines import answered, looping
from state.loops import answers, call, calls, sent
from stores.files.shelves import GALLEY, HARBOUR, place
from support.scripted_model import Say, ScriptedModel

from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.tools import ReadDocument, SearchDocuments, TextResponse


async def test_the_tree_searches_reads_and_summarises_files_that_are_kept(tmp_path, empty_clients):
    script = [
        decision("documents"),
        decision("search_documents", text="Who boards at the buoy?", documents=["harbour.md"]),
        decision("documents"),
        decision("read_document", document="galley.md", pages="", part=1),
        decision("documents"),
        decision("summarize_document", document="galley.md"),
        cited(("Bread at dawn.", [1])),
    ]
    async with place(tmp_path / "profile") as profile:
        _, files = await profile.begin()
        for name, text in (("harbour.md", HARBOUR), ("galley.md", GALLEY)):
            await files.write(name, text)
        with ScriptedModel(script) as model:
            tree = tree_for(model, preset="default")
            tree.tree_data.documents = files
            payloads = await told(tree, "What is in the files?", empty_clients)
            said = prompts(model)
        assert errors(payloads) == []
        assert texts(payloads) == ["Bread at dawn."]
        shown = [p["payload"]["objects"][0] for p in payloads if p["type"] == "result"]
        assert [item["title"] for item in shown] == ["harbour.md", "galley.md", "galley.md"]
        assert "harbour.md, Harbour: Harbour The pilot boards" in said[2][1]
        for item in shown:
            for span in item["chunk_spans"]:
                kept = tree.environment.object(span["_REF_ID"])
                whole = await files.text(kept["document_id"])
                assert whole[kept["start"] : kept["end"]] == kept["content"]
                assert item["content"][span["start"] : span["end"]] == kept["content"]


async def test_what_is_read_is_cited_as_what_is_found(tmp_path, empty_clients):
    guide = "# Guide\n\n" + "\n\n".join(f"## Part {n}\n\n{'The pilot boards. ' * 12}" for n in range(9))
    async with place(tmp_path / "profile") as profile:
        _, files = await profile.begin()
        await files.write("guide.md", guide)
        await files.write("other.md", GALLEY)
        script = [
            decision("search_documents", text="pilot", documents=["guide.md"]),
            decision("read_document", document="guide.md", pages="", part=1),
            answer("Read."),
        ]
        with ScriptedModel(script) as model:
            tree = tree_for(model, SearchDocuments, ReadDocument, TextResponse)
            tree.tree_data.documents = files
            payloads = await told(tree, "What is in the guide?", empty_clients)
        found, read = [
            [tree.environment.object(span["_REF_ID"]) for span in p["payload"]["objects"][0]["chunk_spans"]]
            for p in payloads
            if p["type"] == "result"
        ]
    places = ("uuid", "heading", "start", "end")
    passages = [[item[place] for place in places] for item in read]
    assert found
    assert all([item[place] for place in places] in passages for item in found)
    assert read[-1]["heading"].startswith("Guide › Part")


async def test_the_loop_finds_the_same_sources_by_function_and_by_the_state_managers_files(
    tmp_path, empty_clients
):
    async with place(tmp_path / "profile") as profile:
        _, files = await profile.begin()
        file = await files.write("harbour.md", HARBOUR)
        script = [
            calls(
                call("search_documents", text="pilot", documents=[file.id]),
                call("search_documents", text="pilot", documents=["HARBOUR.md"]),
                call("read_document", document="harbor.md"),
            ),
            Say("At the buoy [source1]."),
        ]
        async with looping(empty_clients, *script, tools=[SearchDocuments, ReadDocument]) as state:
            data = state.engine.tree_data
            data.documents = files
            await answered(state)
            first, second, third = answers(sent(state))
            assert "<source1>\nharbour.md, Harbour: " in first
            assert "<source1>" in second
            assert third == "There is no file “harbor.md”. Use one of: harbour.md."
            (hit,) = await files.search("pilot")
            assert Sources(data.environment).passage(hit) == 1
