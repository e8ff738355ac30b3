"""The values of the data that a question names are told to the model that writes requests."""

import pytest

from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.named_values import named_values
from elysia_desktop.stores.library import Library

SCHEMA = CollectionSchema(
    name="Boats",
    properties=(
        Property(name="name", type=DataType.TEXT),
        Property(name="kind", type=DataType.TEXT),
        Property(name="region", type=DataType.TEXT),
        Property(name="afloat", type=DataType.BOOLEAN),
        Property(name="tags", type=DataType.TEXTS),
    ),
)
BOATS = [
    {"name": "Sea Wolf", "kind": "fishing boats", "region": "North", "tags": ["afloat", "two masts"]},
    {"name": "Old Sea Wolf", "kind": "boats", "region": "South", "tags": ["red"]},
    {"name": "Marlin", "kind": "yachts", "region": "North", "tags": ["red", "“quoted”\n# Heading"]},
]
LISTED = {"fields": [{"name": "region", "type": "text", "groups": [{"value": "East"}, {"value": "North"}]}]}


@pytest.fixture
async def library(tmp_path):
    made = Library(tmp_path)
    await made.create(SCHEMA)
    await made.insert("Boats", BOATS)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many Fishing Boats are there in the north?", "kind “fishing boats”; region “North”"),
        ("Where is the Old Sea Wolf?", "name “Old Sea Wolf”"),
        ("Which are red or have two masts?", "tags “two masts” / “red”"),
        ("Anything in the East?", "region “East”"),
        ("Which are afloat?", ""),
        ("What is a boat?", "kind “boats”"),
        ("Hello!", ""),
        ("", ""),
    ],
)
async def test_values_all_of_whose_words_stand_in_the_question_are_told(library, question, told):
    found = await named_values(library, {"Boats": SCHEMA}, {"Boats": LISTED}, question)
    assert sorted(found.removeprefix("Boats: ").split("; ")) == sorted(told.split("; "))


async def test_a_value_cannot_open_a_section_of_the_prompt(library):
    found = await named_values(library, {"Boats": SCHEMA}, {}, "What is “quoted” in a heading?")
    assert "\n" not in found


async def test_a_store_that_does_not_answer_costs_nothing_but_the_hint(library):
    class Away:
        async def query(self, request):
            raise StoreUnreachable("Nothing answers.", "Start it.")

    found = await named_values(Away(), {"Boats": SCHEMA}, {"Boats": LISTED}, "Fishing boats in the North?")
    assert found == "Boats: region “North”"
