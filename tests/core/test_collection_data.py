import json
import logging

import pytest

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.core.schema import CollectionInfo


class Store:
    """A store that knows three collections: one analysed, one not, one broken."""

    def __init__(self):
        self.asked = []

    async def collections(self):
        return [CollectionInfo(name=name, count=1) for name in ("Known", "New", "Broken")]

    async def get_metadata(self, name):
        self.asked.append(name)
        if name == "Broken":
            raise StoreUnreachable("gone")
        return (
            {"name": name, "summary": "About.", "mappings": {"table": {"a": "a"}}}
            if name == "Known"
            else None
        )


class Clients:
    def __init__(self):
        self.made = Store()

    def store(self):
        return self.made


async def made_statistics(store, name):
    return {"name": name, "summary": "Counted."}


async def test_unknown_and_unreadable_collections_are_left_out_and_warned_about(caplog):
    clients, known = Clients(), CollectionData([], statistics=made_statistics)
    wanted = ["Known", "Nope", "New", "Known", "Broken"]
    assert await known.set_collection_names(wanted, clients) == ["Known", "New"]
    assert known.collection_names == ["Known", "New"]
    assert known.incorrect_collections == ["Nope"]
    assert known.removed_collections == ["Broken"]
    assert "Broken" in caplog.text
    assert "gone" in caplog.text
    assert "Nope" in caplog.text
    assert known.output_collection_summaries() == {"Known": "About.", "New": "Counted."}
    assert known.output_full_metadata(["New", "Nope"]) == {"New": {"name": "New", "summary": "Counted."}}
    await known.set_collection_names(["New", "Known"], clients)
    assert known.collection_names == ["New", "Known"]
    assert (known.removed_collections, known.incorrect_collections) == ([], [])


WRITTEN = {
    "name": "Shop",
    "length": 2.0,
    "summary": "Wares.",
    "fields": [
        {
            "name": "label",
            "type": "text",
            "description": "Its name",
            "range": [1, 9],
            "mean": 4.0,
            "groups": None,
        },
        {"name": "price", "type": "float", "description": "", "range": [1, 2], "mean": 1.5, "groups": None},
    ],
    "mappings": {"product": {"name": "label"}, "table": {"label": "label", "price": "price"}},
    "prompts": ["What is cheapest?"],
}


class Shop:
    """A store of one collection whose size and metadata change, and how often it was computed anew."""

    def __init__(self, written=WRITTEN):
        self.count = 2
        self.written = written
        self.is_reachable = True
        self.computed = 0
        self.known = CollectionData([], statistics=self.statistics)

    def store(self):
        return self

    async def collections(self):
        return [CollectionInfo(name="Shop", count=self.count)]

    async def get_metadata(self, name):
        if not self.is_reachable:
            raise StoreUnreachable("gone")
        return self.written

    async def statistics(self, store, name):
        self.computed += 1
        sizes = {"range": [2, 3], "mean": 2.5, "description": "", "groups": None}
        fields = [
            {"name": "label", "type": "text", **sizes, "groups": [{"value": "Lamp", "count": self.count}]}
        ]
        fields += [{"name": "price", "type": "float", **sizes}, {"name": "stock", "type": "int", **sizes}]
        return {
            "name": name, "length": float(self.count), "summary": "", "fields": fields, "prompts": [],
            "mappings": {"table": {field["name"]: field["name"] for field in fields}},
        }  # fmt: skip

    async def now(self):
        assert await self.known.set_collection_names(["Shop"], self) == ["Shop"]
        return self.known.metadata["Shop"]


async def test_an_analysis_is_used_as_it_was_written_while_the_number_of_objects_is_the_same():
    shop = Shop()
    assert await shop.now() == await shop.now() == WRITTEN
    assert shop.computed == 0


async def test_statistics_are_refreshed_once_when_the_number_of_objects_changed():
    shop = Shop()
    await shop.now()
    shop.count = 5
    metadata = await shop.now()
    assert metadata["length"] == 5.0
    assert metadata["summary"] == "Wares."
    assert metadata["prompts"] == WRITTEN["prompts"]
    label, price, stock = metadata["fields"]
    assert (label["description"], label["range"], label["mean"]) == ("Its name", [1, 9], 4.0)
    assert label["groups"] == [{"value": "Lamp", "count": 5}]
    assert (price["range"], price["mean"]) == ([2, 3], 2.5)
    assert stock["range"] == [2, 3]
    assert metadata["mappings"]["product"] == {"name": "label"}
    assert set(metadata["mappings"]["table"]) == {"label", "price", "stock"}
    assert await shop.now() == metadata
    assert shop.computed == 1
    shop.count = 6
    assert (await shop.now())["length"] == 6.0
    assert WRITTEN["length"] == 2.0
    assert WRITTEN["mappings"]["table"] == {"label": "label", "price": "price"}


async def test_in_a_large_collection_a_few_objects_more_do_not_cost_new_statistics():
    shop = Shop({**WRITTEN, "length": 1_000_000.0})
    shop.count = 1_000_900
    assert (await shop.now()) == {**WRITTEN, "length": 1_000_900.0}
    shop.count = 999_100
    assert (await shop.now())["length"] == 999_100.0
    assert shop.computed == 0
    shop.count = 1_001_100
    await shop.now()
    assert shop.computed == 1
    shop.count += 1_000
    assert (await shop.now())["length"] == float(shop.count)
    assert shop.computed == 1
    shop.count += 100
    await shop.now()
    assert shop.computed == 2, "many small changes add up"


async def test_a_new_analysis_is_taken_and_one_that_is_gone_is_not_used_any_more():
    shop = Shop(None)
    assert (await shop.now())["summary"] == ""
    shop.written = WRITTEN
    assert (await shop.now())["summary"] == "Wares."
    shop.written = {**WRITTEN, "summary": "More wares."}
    assert (await shop.now())["summary"] == "More wares."
    shop.written = None
    assert (await shop.now())["summary"] == ""
    assert shop.computed == 2


async def test_a_collection_that_was_not_analysed_is_computed_again_only_when_its_size_changed():
    shop = Shop(None)
    await shop.now()
    await shop.now()
    assert shop.computed == 1
    saved = CollectionData.from_json(json.loads(json.dumps(shop.known.to_json())))
    saved.statistics, shop.known = shop.statistics, saved
    await shop.now()
    assert shop.computed == 1, "a conversation that was saved knows it, too"
    shop.count = 3
    assert (await shop.now())["length"] == 3.0
    assert shop.computed == 2


async def test_a_saved_conversation_learns_what_was_analysed_since():
    shop = Shop(None)
    await shop.now()
    shop.known = CollectionData.from_json(shop.known.to_json())
    shop.written = WRITTEN
    assert (await shop.now())["summary"] == "Wares."


async def test_what_was_known_serves_while_the_store_does_not_answer():
    shop = Shop()
    before = await shop.now()
    shop.is_reachable = False
    assert await shop.now() == before
    assert shop.known.removed_collections == []


async def test_what_elysia_writes_in_another_way_is_read_as_ours():
    field = {"type": "text", "description": ""}
    rest = {"value": "<undefined_group> (not used for filtering)", "count": 1}
    shop = Shop(
        {
            **WRITTEN,
            "fields": [
                {**field, "name": "a", "groups": [{"value": "Lamp", "count": 1}, rest]},
                {**field, "name": "b", "type": "int", "groups": [{"value": "3.0", "count": 2}]},
                {**field, "name": "c", "type": "float", "groups": [{"value": "3.0", "count": 2}]},
            ],
            "mappings": {"table": {"c": "c", "a": "a", "b": "b"}, "product": {"name": "a", "price": ""}},
        }
    )
    metadata = await shop.now()
    assert [field["groups"] for field in metadata["fields"]] == [
        [{"value": "Lamp", "count": 1}],
        [{"value": "3", "count": 2}],
        [{"value": "3.0", "count": 2}],
    ]
    assert metadata["mappings"]["product"] == {"name": "a"}
    assert [*metadata["mappings"]] == ["product", "table"]
    assert [*metadata["mappings"]["table"]] == ["a", "b", "c"]


async def test_without_statistics_a_collection_that_was_not_analysed_is_removed(caplog):
    known = CollectionData([])
    await known.set_collection_names(["New"], Clients())
    assert (known.collection_names, known.removed_collections) == ([], ["New"])
    assert "New is left out, it was not analysed" in caplog.text


async def test_statistics_that_fail_leave_the_collection_out():
    async def no_statistics(store, name):
        raise StoreUnreachable("gone")

    known = CollectionData([], statistics=made_statistics)
    await known.set_collection_names(["New"], Clients(), no_statistics)
    assert known.removed_collections == ["New"]


async def test_warnings_go_to_the_logger_that_was_given(caplog):
    known = CollectionData([], logger=logging.getLogger("own"))
    await known.set_collection_names(["Nope"], Clients())
    assert {record.name for record in caplog.records} == {"own"}


def test_metadata_is_told_with_or_without_the_displays():
    known = CollectionData(
        ["A", "B", "C"], {"A": {"summary": "S", "mappings": {"product": {"a": "b"}}}, "B": {}}
    )
    assert known.output_full_metadata() == {"A": {"summary": "S"}, "B": {}}
    assert known.output_full_metadata(["A"], with_mappings=True)["A"]["mappings"] == {"product": {"a": "b"}}
    assert known.output_collection_summaries() == {"A": "S", "B": ""}
    assert known.output_mapping_lists() == {"A": ["product"], "B": ["table"]}
    known.output_mappings()["A"]["product"]["a"] = "changed"
    assert known.output_mappings()["A"] == {"product": {"a": "b"}}


def test_nothing_is_shared_with_who_made_it():
    names, metadata = ["A"], {"A": {"fields": []}}
    known = CollectionData(names, metadata)
    names.append("B")
    metadata["A"]["fields"].append(1)
    assert (known.collection_names, known.metadata) == (["A"], {"A": {"fields": []}})
    assert CollectionData([]).metadata is not CollectionData([]).metadata


def test_collections_survive_being_saved():
    known = CollectionData(["A"], {"A": {"fields": [{"name": "a", "type": "int"}]}})
    known.removed_collections, known.incorrect_collections = ["B"], ["C"]
    saved = json.loads(json.dumps(known.to_json()))
    assert CollectionData.from_json(saved).to_json() == saved
    short = CollectionData.from_json({"collection_names": [], "metadata": {}})
    assert (short.removed_collections, short.incorrect_collections) == ([], [])


def test_metadata_without_what_its_readers_need_is_read_anew():
    fields = [{"name": "a"}]
    known = CollectionData.from_json(
        {"collection_names": ["A"], "metadata": {"A": {"fields": fields}, "B": {}}}
    )
    assert (known.collection_names, known.metadata) == (["A"], {"B": {}})
    assert known.output_full_metadata() == {}


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        ({}, "there.collection_names is missing"),
        ({"collection_names": [1]}, "there.collection_names[0] is not a text"),
        ({"collection_names": [], "metadata": {"A": 1}}, "there.metadata.A is not an object"),
        (
            {"collection_names": [], "metadata": {"A": {"fields": {}}}},
            "there.metadata.A.fields is not a list",
        ),
        ({"collection_names": [], "removed_collections": {}}, "there.removed_collections is not a list"),
    ],
)
def test_damage_is_named_by_its_place(damaged, words):
    with pytest.raises(ValueError) as caught:
        CollectionData.from_json(damaged, place="there")
    assert words in str(caught.value)
