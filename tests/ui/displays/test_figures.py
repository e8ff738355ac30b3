from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.displays.figures import Figure, figures_in

COUNT = Figure("Products", "", None, "", "COUNT", 10)


def aggregation(field, content):
    return [{"num_items": 10, "collections": [{"Products": {field: content}}]}]


def value(number, field, name):
    return {"value": number, "field": field, "aggregation": name}


def test_a_count_of_everything_is_a_figure_where_nothing_else_was_computed():
    assert figures_in([{"num_items": 10, "collections": [{"Products": {}}]}]) == [COUNT]
    assert (COUNT.title, COUNT.number) == ("Count", 10)


def test_a_value_of_nothing_is_missing_and_zero_is_not():
    missing = [Figure("Products", "price", None, "price", "MEAN", value) for value in (None, [], 0, "")]
    assert [figure.is_missing for figure in missing] == [True, True, False, False]


def test_plain_values_are_figures_about_everything_behind_its_count():
    [count, figure] = figures_in(
        aggregation("price", {"type": "number", "values": [value(244.2, "price", "MEAN")]})
    )
    assert count == COUNT
    assert figure == Figure("Products", "price", None, "price", "MEAN", 244.2)
    assert figure.title == "Mean price"


def test_values_of_groups_name_their_group():
    groups = {"Tents": {"values": [value(4, "category", "count"), value(624, "price", "mean")]}}
    _, *figures = figures_in(aggregation("category", {"type": "text", "values": [], "groups": groups}))
    assert [(figure.group, figure.title, figure.value) for figure in figures] == [
        ("Tents", "Count", 4),
        ("Tents", "Mean price", 624),
    ]


def test_the_most_frequent_values_are_groups_with_a_count():
    top = [{"value": "red", "count": 5}, {"value": "blue", "count": 2}]
    content = {"type": "text", "values": [value(top, "color", "TOP_OCCURRENCES")]}
    _, *figures = figures_in(aggregation("color", content))
    assert [(figure.group, figure.title, figure.value) for figure in figures] == [
        ("red", "Count", 5),
        ("blue", "Count", 2),
    ]


def test_a_count_of_values_names_what_it_counts():
    [_, figure] = figures_in(aggregation("price", {"values": [value(7, "price", "count")]}))
    assert figure.title == "Price count"


plain = st.none() | st.booleans() | st.floats() | st.text()
json = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["collections", "values", "groups", "value", "count"]), inner)
    ),
)


@given(st.lists(st.fixed_dictionaries({}, optional={"collections": json, "num_items": plain}), max_size=3))
def test_other_forms_are_passed_over(objects):
    figures_in(objects)
