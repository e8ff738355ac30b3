"""Analyses that are cut off go on where they were."""

import asyncio
import json
import time

import pytest
from engine.analysis.analysing import ABOUT, PRODUCT, Wrapped, analysed, analyst, replies
from engine.asking import Clients, settings_for
from support.scripted_model import Fail, ScriptedModel, Stall

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.editing import (
    delete_preprocessed_collection_async,
    edit_preprocessed_collection_async,
)
from elysia_desktop.engine.analysis.preprocess import preprocess, preprocess_async
from elysia_desktop.engine.analysis.unfinished import Found, Unfinished
from elysia_desktop.stores.analyses import COLLECTION
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.library import Library


class Counting(Wrapped):
    """A store that counts the objects that are read of it."""

    read = 0

    async def scan(self, name, filters=None, after=None):
        async for item in self.store.scan(name, filters, after):
            self.read += 1
            yield item


@pytest.fixture
async def texts(tmp_path):
    """A collection of 2,000 texts in a store that counts what is read."""
    library = Library(tmp_path / "texts")
    await library.create(CollectionSchema(name="Texts", properties=(Property(name="text", type="text"),)))
    await library.insert("Texts", [{"text": "word " * (1 + n % 9)} for n in range(2_000)])
    yield Counting(library)
    await library.close()


async def cut_off(store, updates, name="Texts", **options):
    """Begin an analysis and close it after so many updates; returns the last."""
    work = preprocess_async(name, Clients(store), settings=Settings(), **options)
    for _ in range(updates):
        last = await anext(work)
    await work.aclose()
    return last


async def kept(store):
    """The names of the analyses that are unfinished."""
    if COLLECTION not in {info.name for info in await store.collections()}:
        return None
    return [item["name"] async for item in store.scan(COLLECTION)]


async def test_what_was_read_is_not_read_again(texts):
    last = await cut_off(texts, 4)
    assert 0 < last["progress"] < 0.4
    before = texts.read
    assert 0 < before < 2_000
    assert await kept(texts) == ["Texts"]
    assert await texts.get_metadata("Texts") is None
    updates, metadata = await analysed(Clients(texts), "Texts")
    assert "objects that were read before" in updates[0]["message"]
    assert updates[0]["progress"] > 0
    assert texts.read < 2_600, "the batch that was cut off is read again, not all"
    field = metadata["fields"][0]
    assert (field["range"], field["mean"]) == ([1, 9], sum(1 + n % 9 for n in range(2_000)) / 2_000)
    assert await kept(texts) is None, "with the last one, the collection that kept it is gone"


async def test_cut_off_again_and_again_it_comes_to_the_same_end(texts):
    _, whole = await analysed(Clients(texts), "Texts")
    await texts.delete_metadata("Texts")
    for _ in range(6):
        await cut_off(texts, 2)
    _, metadata = await analysed(Clients(texts), "Texts")
    assert metadata == whole


async def test_where_the_data_changed_all_is_read_anew(texts):
    await cut_off(texts, 4)
    await texts.insert("Texts", [{"text": "one two three four five six seven eight nine ten"}])
    texts.read = 0
    updates, metadata = await analysed(Clients(texts), "Texts")
    assert updates[0]["progress"] == 0
    assert texts.read == 2_001
    assert metadata["fields"][0]["range"] == [1, 10]


class Silent(Counting):
    """A store that does not tell whether objects changed, as a Weaviate does not."""

    async def revision(self, name):
        return None


async def changed_unseen(store, name, **properties):
    """Change an object that is none of those by which data are known again; the number stays."""
    known = {item["uuid"] for item in await store.sample(name, 10)}
    async for item in store.scan(name):
        if item["uuid"] not in known:
            await store.update(name, item["uuid"], properties)
            return


async def test_an_object_that_was_read_and_changed_since_is_read_again(texts):
    await cut_off(texts, 4)
    await changed_unseen(texts.store, "Texts", text="word " * 20)
    _, metadata = await analysed(Clients(texts), "Texts")
    assert metadata["fields"][0]["range"] == [1, 20]


async def test_a_store_that_tells_of_no_changes_is_trusted_for_a_day(texts):
    store = Silent(texts.store)
    await cut_off(store, 4)
    store.read = 0
    await cut_off(store, 2)
    assert 0 < store.read < 2_000
    (item,) = [item async for item in store.scan(COLLECTION)]
    found = json.loads(item["found"])
    assert 0 <= time.time() - found["begun"] < 600
    late = json.dumps({**found, "begun": found["begun"] - 25 * 3600})
    await store.update(COLLECTION, item["uuid"], {"found": late})
    store.read = 0
    updates, metadata = await analysed(Clients(store), "Texts")
    assert updates[0]["progress"] == 0
    assert store.read == 2_000
    assert metadata["fields"][0]["range"] == [1, 9]


@pytest.mark.parametrize("kind", [Counting, Silent])
async def test_statistics_are_those_of_now_although_the_model_is_asked_only_for_the_rest(shop, kind):
    store = kind(shop.store())
    clients = Clients(store)
    with analyst(product=Fail(500)) as model:
        _, metadata = await analysed(clients, settings=settings_for(model, model_retries=0))
    assert {f["name"]: f["range"] for f in metadata["fields"]}["price"] == [0.5, 39.5]
    await changed_unseen(shop.store(), "Shop", price=9_999.0, maker="Initech", text="a b c d e f g h i j")
    with analyst() as model:
        _, metadata = await analysed(clients, settings=settings_for(model))
        assert len(model.requests) == 1
    fields = {field["name"]: field for field in metadata["fields"]}
    assert fields["price"]["range"][1] == 9_999.0
    assert fields["text"]["range"] == [5, 10]
    assert {"value": "Initech", "count": 1} in fields["maker"]["groups"]


async def failed_in_part(clients, **options):
    """An analysis whose product mapping the model failed at; its settings."""
    with analyst(product=Fail(500)) as model:
        await analysed(clients, settings=settings_for(model, model_retries=0), **options)
    assert await kept(clients.store()) == ["Shop"]


async def edited(clients, **changes):
    return await edit_preprocessed_collection_async("Shop", clients, **changes)


async def test_what_a_person_edited_stays_as_it_is_although_an_analysis_was_unfinished(shop):
    await failed_in_part(shop)
    mine = await edited(
        shop,
        summary="Mine.",
        mappings={"generic": {"title": "label"}},
        fields=[{"name": "price", "description": "In pounds"}],
    )
    with analyst() as model:
        updates, metadata = await analysed(shop, settings=settings_for(model))
        assert not model.requests
    assert "its analysis is kept" in updates[-1]["message"]
    assert metadata == mine
    assert await kept(shop.store()) is None, "what nobody goes on with is forgotten"


async def test_a_forced_analysis_that_was_cut_off_does_not_replace_what_was_edited_since(shop):
    with analyst() as model:
        settings = settings_for(model)
        await analysed(shop, settings=settings)
        work = preprocess_async("Shop", shop, settings=settings, force=True)
        while not (await anext(work))["message"].startswith("Choosing"):
            pass
        await work.aclose()
        mine = await edited(shop, summary="Mine.")
        assert (await analysed(shop, settings=settings))[1] == mine


async def test_a_summary_that_a_person_wrote_stays_when_the_model_answers_at_last(shop):
    await analysed(shop)
    await edited(shop, summary="Mine.")
    with analyst(about={"summary": "", "questions": []}) as model:
        _, metadata = await analysed(shop, settings=settings_for(model))
    assert "guessed" not in metadata
    with analyst() as model:
        _, metadata = await analysed(shop, settings=settings_for(model))
        assert len(model.requests) == 1
    assert metadata["summary"] == "Mine."
    assert metadata["prompts"] == ABOUT["questions"]


async def test_a_model_that_fails_at_more_takes_nothing_away(shop):
    await failed_in_part(shop)
    with ScriptedModel([Fail(401)]) as model:
        settings = settings_for(model)
        settings.configure(base_model="another")
        _, metadata = await analysed(shop, settings=settings)
    assert (metadata["summary"], metadata["prompts"]) == (ABOUT["summary"], ABOUT["questions"])


async def test_another_models_summary_replaces_that_of_the_one_before(shop):
    await failed_in_part(shop)
    with analyst(about={**ABOUT, "summary": "Wares."}) as model:
        settings = settings_for(model)
        settings.configure(base_model="another")
        _, metadata = await analysed(shop, settings=settings)
    assert metadata["summary"] == "Wares."


@pytest.mark.parametrize("end", ["finished", "cut off"])
async def test_what_is_edited_while_an_analysis_runs_stays(shop, end):
    await analysed(shop)
    with analyst() as model:
        settings = settings_for(model)
        work = preprocess_async("Shop", shop, settings=settings)
        while not (await anext(work))["message"].startswith("Choosing"):
            pass
        mine = await edited(shop, mappings={"generic": {"title": "label"}})
        if end == "finished":
            *_, last = [update async for update in work]
            assert (last["type"], last["error"]) == ("completed", "")
            assert "edited meanwhile" in last["message"]
        await work.aclose()
        assert (await analysed(shop, settings=settings))[1] == mine
    assert await kept(shop.store()) is None


async def test_with_its_analysis_what_was_unfinished_of_it_is_deleted(shop):
    await failed_in_part(shop)
    await delete_preprocessed_collection_async("Shop", shop)
    assert await kept(shop.store()) is None
    with analyst() as model:
        await analysed(shop, settings=settings_for(model))
        assert len(model.requests) == 3


async def test_a_first_analysis_that_was_cut_off_can_be_deleted(texts):
    await cut_off(texts, 4)
    with pytest.raises(ValueError, match="was not analysed"):
        await delete_preprocessed_collection_async("Texts", Clients(texts))
    assert await kept(texts) is None


async def test_a_dropped_collection_takes_its_unfinished_analysis_with_it(shop, texts):
    store = shop.store()
    await failed_in_part(shop)
    await store.drop("Chat")
    assert await kept(store) == ["Shop"]
    await store.drop("Shop")
    assert await kept(store) is None


async def test_of_a_collection_that_is_dropped_while_it_is_analysed_nothing_is_kept(texts):
    work = preprocess_async("Texts", Clients(texts), settings=Settings())
    while (await anext(work))["progress"] < 0.1:
        pass
    await texts.drop("Texts")
    *_, last = [update async for update in work]
    assert last["type"] == "error"
    assert await kept(texts) is None


async def test_with_force_all_is_done_anew(texts):
    await cut_off(texts, 4)
    texts.read = 0
    await analysed(Clients(texts), "Texts", force=True)
    assert texts.read == 2_000
    assert await kept(texts) is None


async def test_what_is_kept_is_not_among_the_collections_of_the_person(texts):
    await cut_off(texts, 4)
    assert is_internal(COLLECTION)
    updates, _ = await analysed(Clients(texts), "Txts")
    assert "Use one of: Texts." in updates[-1]["error"]


@pytest.mark.parametrize("asked_before", [0, 1, 2])
async def test_a_cancelled_analysis_asks_only_what_was_not_answered(shop, asked_before):
    loop, stalled = asyncio.get_running_loop(), asyncio.Event()
    answers = []

    def answer_some(body):
        answers.append(body)
        if len(answers) > asked_before:
            loop.call_soon_threadsafe(stalled.set)
            return Stall()
        return replies()(body)

    with ScriptedModel(answer_some) as model:
        task = asyncio.create_task(analysed(shop, settings=settings_for(model)))
        await stalled.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await shop.store().get_metadata("Shop") is None
    with analyst() as model:
        updates, metadata = await analysed(shop, settings=settings_for(model))
        assert len(model.requests) == 3 - asked_before
    assert updates[0]["progress"] >= 0.4, "the statistics are not computed again"
    assert (metadata["summary"], metadata["prompts"]) == (ABOUT["summary"], ABOUT["questions"])
    assert metadata["mappings"]["product"] == PRODUCT
    assert "guessed" not in metadata


async def test_only_what_a_model_failed_at_is_asked_again(shop):
    with analyst(product=Fail(500)) as model:
        settings = settings_for(model, model_retries=0)
        _, metadata = await analysed(shop, settings=settings)
        assert metadata["guessed"] is True
    with analyst() as model:
        updates, metadata = await analysed(shop, settings=settings_for(model))
        assert len(model.requests) == 1
    assert updates[-1]["error"] == ""
    assert metadata["mappings"]["product"] == PRODUCT
    assert metadata["summary"] == ABOUT["summary"]
    assert "guessed" not in metadata
    assert await kept(shop.store()) is None


async def test_another_model_is_asked_everything(shop):
    with analyst(product=Fail(500)) as model:
        await analysed(shop, settings=settings_for(model, model_retries=0))
    with analyst() as model:
        settings = settings_for(model)
        settings.configure(base_model="another")
        await analysed(shop, settings=settings)
        assert len(model.requests) == 3


async def test_a_store_that_takes_no_new_collection_is_analysed_all_the_same(texts, caplog):
    class Full(Wrapped):
        async def create(self, schema):
            raise NotSupported("No more collections here.")

    store = Full(texts)
    await cut_off(store, 4)
    assert "not kept on the way" in caplog.text
    _, metadata = await analysed(Clients(store), "Texts")
    assert metadata["length"] == 2_000


async def test_what_is_kept_but_damaged_is_done_anew(texts, caplog):
    await cut_off(texts, 4)
    (item,) = [item async for item in texts.store.scan(COLLECTION)]
    for damaged in ("", "[]", json.dumps({"who": "knows"})):
        await texts.update(COLLECTION, item["uuid"], {"found": damaged})
        assert await Unfinished(texts, "Texts").load() == Found()
    assert "cannot be read" in caplog.text
    _, metadata = await analysed(Clients(texts), "Texts")
    assert metadata["length"] == 2_000


async def test_two_unfinished_analyses_do_not_get_in_each_others_way(texts):
    library = texts.store
    await library.create(CollectionSchema(name="More", properties=(Property(name="text", type="text"),)))
    await library.insert("More", [{"text": "word"}] * 600)
    await cut_off(texts, 3)
    await cut_off(texts, 3, "More")
    assert sorted(await kept(texts)) == ["More", "Texts"]
    await analysed(Clients(texts), "Texts")
    assert await kept(texts) == ["More"]
    await analysed(Clients(texts), "More")
    assert await kept(texts) is None


async def test_the_blocking_form_goes_on_too(texts):
    await cut_off(texts, 4)
    preprocess("Texts", Clients(texts), settings=Settings())
    assert texts.read < 2_600


async def test_closed_when_it_is_complete_it_leaves_nothing_unfinished(texts):
    work = preprocess_async("Texts", Clients(texts), settings=Settings())
    while (await anext(work))["type"] != "completed":
        pass
    await work.aclose()
    assert await kept(texts) is None


async def test_leaving_the_loop_keeps_what_was_found_out(texts):
    async for update in preprocess_async("Texts", Clients(texts), settings=Settings()):
        if update["progress"] > 0.1:
            break
    await asyncio.sleep(0.01)  # the loop begins to close what was left
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    assert await kept(texts) == ["Texts"]


async def test_a_forced_analysis_that_was_cut_off_is_gone_on_with(texts):
    with analyst(displays=()) as model:
        settings = settings_for(model)
        await analysed(Clients(texts), "Texts", settings=settings)
    with analyst(about={**ABOUT, "summary": "Anew."}, displays=()) as model:
        settings = settings_for(model)
        work = preprocess_async("Texts", Clients(texts), settings=settings, force=True)
        while not (await anext(work))["message"].startswith("Choosing"):
            pass
        await work.aclose()
        assert (await texts.get_metadata("Texts"))["summary"] == ABOUT["summary"]
        texts.read = 0
        assert "kept" in (await analysed(Clients(texts), "Texts"))[0][0]["message"], (
            "nothing is lost without a model"
        )
        _, metadata = await analysed(Clients(texts), "Texts", settings=settings)
        assert metadata["summary"] == "Anew."
        assert texts.read == 0
        updates, _ = await analysed(Clients(texts), "Texts", settings=settings)
        assert len(updates) == 1
