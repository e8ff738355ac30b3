from datetime import date

import pytest

from elysia_desktop.ui.tables.columns import Kind, decimals_of, infer_columns, kind_of, title_of


def names(columns):
    return [column.name for column in columns]


def test_columns_come_in_the_order_in_which_their_fields_first_appear():
    assert names(infer_columns([{"b": 1}, {"a": 1, "b": 2}, {"c": None}])) == ["b", "a", "c"]


def test_fields_of_the_applications_own_have_no_column():
    item = {"uuid": "u", "_REF_ID": "r", "collection_name": "Products", "_score": 1, "name": "Tent"}
    assert names(infer_columns([item])) == ["name"]


def test_preferred_fields_come_first_where_there_are_any():
    columns = infer_columns([{"a": 1, "b": 2, "c": 3}], order=["c", "missing", "a"])
    assert names(columns) == ["c", "a", "b"]


def test_a_title_can_be_given():
    assert infer_columns([{"a": 1}], titles={"a": "Amount"})[0].title == "Amount"


def test_no_objects_give_no_columns():
    assert infer_columns([]) == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("release_date", "Release date"),
        ("releaseDate", "Release date"),
        ("ELYSIA_SUMMARY", "Elysia summary"),
        ("product_id", "Product ID"),
        ("id", "ID"),
        ("größe", "Größe"),
        ("weight2", "Weight2"),
        ("$", "$"),
        ("", ""),
    ],
)
def test_titles_are_in_sentence_case(name, title):
    assert title_of(name) == title


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 2.5], Kind.NUMBER),
        (["2010-07-16", "2010-07-16T10:00:00Z", None], Kind.DATE),
        ([date(2010, 7, 16)], Kind.DATE),
        (["2010-07-16", "soon"], Kind.TEXT),
        ([True, False], Kind.BOOLEAN),
        ([True, 1], Kind.TEXT),
        ([["a"], []], Kind.LIST),
        ([{"a": 1}], Kind.OBJECT),
        ([None, None], Kind.TEXT),
        ([], Kind.TEXT),
        (["0000"], Kind.TEXT),
    ],
)
def test_the_kind_is_what_all_values_are(values, kind):
    assert kind_of(values) is kind


def test_all_numbers_of_a_column_share_the_decimals_that_one_of_them_needs():
    [price] = infer_columns([{"price": 349}, {"price": 64.95}, {"price": 24.0}])
    assert price.decimals == 2


@pytest.mark.parametrize(
    ("number", "decimals"),
    [(3, 0), (3.0, 0), (9.1, 1), (2.345678, 2), (0.123456, 4), (0.0012, 4), (0.5, 1), (float("nan"), 0)],
)
def test_only_decimals_worth_reading_are_shown(number, decimals):
    assert decimals_of(number) == decimals


def test_years_and_ids_have_no_separators():
    columns = infer_columns([{"year": 2010, "release_year": 2010, "id": 1, "votes": 1}])
    assert [column.grouped for column in columns] == [False, False, False, True]
