from elysia_desktop.ui.displays.field_order import telling_order

JACKETS = [
    {"sku": "A", "description": "x" * 90, "name": "Fulmar", "price": 100, "category": "Jackets", "rating": 5},
    {
        "sku": "B",
        "description": "y" * 90,
        "name": "Cowrie",
        "price": 181,
        "category": "Jackets",
        "rating": 4.7,
    },
]
REQUEST = {
    "filters": {
        "kind": "and",
        "filters": [
            {"kind": "property", "property": "category", "operator": "=", "value": "Jackets"},
            {"kind": "property", "property": "price", "operator": "<", "value": 200},
        ],
    },
    "sort": [{"property": "rating", "direction": "desc"}],
}


def test_the_name_comes_first_then_what_was_asked_about_and_long_texts_last():
    assert telling_order(JACKETS, REQUEST) == ["name", "rating", "price", "sku", "category", "description"]


def test_without_a_request_only_names_and_long_texts_move():
    assert telling_order(JACKETS, None) == ["name", "sku", "price", "category", "rating", "description"]


def test_fields_that_only_some_objects_have_are_there_too():
    assert telling_order([{"a": 1}, {"b": 2}], {}) == ["a", "b"]


def test_nothing_has_no_order():
    assert telling_order([], REQUEST) == []
