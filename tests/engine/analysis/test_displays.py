from elysia_desktop.core.schema import DataType
from elysia_desktop.engine.analysis.displays import DISPLAYS, display_names, takes

FIELDS = {
    "conversation": "content author timestamp conversation_id message_id",
    "message": "content author timestamp conversation_id message_id",
    "ticket": "title subtitle author content created_at updated_at url status id tags comments",
    "product": "name description price category subcategory collection rating reviews tags url image brand "
    "id colors sizes",
    "document": "title author date content category",
    "generic": "title subtitle content url id author timestamp tags category subcategory",
}


def test_the_displays_have_the_fields_that_are_shown():
    assert {name: " ".join(display.fields) for name, display in DISPLAYS.items()} == FIELDS


def test_the_table_is_the_last_display():
    assert [*display_names()] == [*FIELDS, "table"]


def test_every_field_takes_some_type():
    assert all(takes(field) for display in DISPLAYS.values() for field in display.fields)
    assert takes("price") == {DataType.INT, DataType.FLOAT}


def test_what_a_display_needs_is_among_its_fields():
    for display in DISPLAYS.values():
        assert set(display.required) <= set(display.telling) <= set(display.fields)
