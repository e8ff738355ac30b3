import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.resources import resource
from elysia_desktop.core.schema import DataType, Property
from elysia_desktop.engine.analysis.displays import DISPLAYS, takes
from elysia_desktop.engine.analysis.guessing import guessed_mapping, guessed_mappings, likeness
from elysia_desktop.engine.analysis.mapping import is_kept

SAMPLE = {
    item["name"]: item for item in json.loads(resource("sample", "collections.json").read_text("utf-8"))
}


def properties(**types):
    return [Property(name=name, type=kind) for name, kind in types.items()]


def guessed(mean=10, **types):
    return guessed_mappings(properties(**types), [{"name": name, "mean": mean} for name in types])


@pytest.mark.parametrize("name", SAMPLE)
def test_the_displays_of_the_sample_collections_are_guessed(name):
    described = SAMPLE[name]
    known = [Property.model_validate(prop) for prop in described["properties"]]
    wanted = {
        display: mapping
        for display, mapping in described["metadata"]["mappings"].items()
        if display != "table"
    }
    found = guessed_mappings(known, described["metadata"]["fields"])
    assert found.keys() == wanted.keys()
    for display, mapping in found.items():
        assert mapping.items() <= wanted[display].items()
        assert len(mapping) >= len(wanted[display]) * 0.75


def test_names_are_read_in_any_spelling():
    found = guessed(ProductName="text", listPrice="float", Details="text", colour="text", itemSKU="text")
    assert found == {
        "product": {
            "name": "ProductName",
            "description": "Details",
            "price": "listPrice",
            "id": "itemSKU",
            "colors": "colour",
        }
    }


def test_a_name_counts_for_nothing_where_the_type_does_not_fit():
    assert likeness("price", Property(name="price", type="text")) == 0
    assert "product" not in guessed(name="text", price="text", brand="text", category="text", rating="int")


def test_a_text_to_read_makes_a_document_and_a_short_one_does_not():
    kinds = {"title": "text", "author": "text", "content": "text", "published": "date"}
    assert set(guessed(mean=400, **kinds)) == {"document"}
    assert set(guessed(mean=20, **kinds)) == {"generic"}


def test_numbers_alone_make_no_display():
    assert guessed(width="float", height="float") == {}


NAMES = st.sampled_from(
    ["title", "name", "content", "text", "price", "author", "created_at", "date", "status", "message_id",
     "conversation_id", "tags", "url", "body", "film_title", "sku", "x"]
)  # fmt: skip


@given(st.dictionaries(NAMES, st.sampled_from(DataType)), st.floats(0, 1))
def test_a_guess_uses_each_property_once_and_where_its_type_fits(types, threshold):
    known = properties(**types)
    kinds = {prop.name: prop.type for prop in known}
    for display in DISPLAYS.values():
        mapping = guessed_mapping(display, known)
        assert len(set(mapping.values())) == len(mapping)
        assert all(kinds[prop] in takes(field) for field, prop in mapping.items())
    for name, mapping in guessed_mappings(known, [], threshold).items():
        assert is_kept(DISPLAYS[name], mapping, threshold)
