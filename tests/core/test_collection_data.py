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
    assert clients.made.asked == ["Known", "New", "Broken"], "what is known is not read again"
    assert (known.removed_collections, known.incorrect_collections) == ([], [])


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
