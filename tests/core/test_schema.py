import pytest
from pydantic import ValidationError

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import (
    CollectionInfo,
    CollectionSchema,
    DataType,
    Property,
    metrics_of,
    operators_of,
)

COMPARISONS = {"=", "!=", "<", ">", "<=", ">="}
LISTS = {"=", "!=", "CONTAINS_ANY", "CONTAINS_ALL", "IS_NULL"}
NUMBERS = {"COUNT", "MIN", "MAX", "MEAN", "MEDIAN", "MODE", "SUM"}
TRUTHS = {"COUNT", "TOTAL_TRUE", "TOTAL_FALSE", "PERCENTAGE_TRUE", "PERCENTAGE_FALSE"}


@pytest.mark.parametrize(
    ("kind", "operators", "metrics"),
    [
        ("int", COMPARISONS | {"IS_NULL"}, NUMBERS),
        ("float", COMPARISONS | {"IS_NULL"}, NUMBERS),
        ("date", COMPARISONS | {"IS_NULL"}, {"COUNT", "MIN", "MAX", "MEDIAN", "MODE"}),
        ("text", {"=", "!=", "LIKE", "IS_NULL"}, {"COUNT", "TOP_OCCURRENCES"}),
        ("boolean", {"=", "!=", "IS_NULL"}, TRUTHS),
        ("text[]", LISTS, {"COUNT"}),
        ("int[]", LISTS, {"COUNT"}),
        ("object", set(), {"COUNT"}),
    ],
)
def test_each_type_has_its_operators_and_metrics(kind, operators, metrics):
    data_type = DataType(kind)
    assert set(operators_of(data_type)) == operators
    assert set(metrics_of(data_type)) == metrics
    assert set(operators_of(data_type, length=True)) == (COMPARISONS if data_type.is_list else set())


def test_a_list_knows_its_element():
    assert DataType.INTS.element is DataType.INT
    assert DataType.TEXT.element is DataType.TEXT
    assert DataType.FLOATS.is_list
    assert DataType.FLOAT.is_number
    assert not DataType.BOOLEAN.is_number


def test_a_property_is_found_by_name_or_those_there_are_told():
    schema = CollectionSchema(name="Films", properties=(Property(name="title", type="text"),))
    assert schema.property("title").type is DataType.TEXT
    assert schema.of_type(DataType.TEXT, DataType.INT) == [schema.property("title")]
    with pytest.raises(QueryRejected, match="“titel” in Films") as caught:
        schema.property("titel")
    assert "title" in caught.value.hint


def test_schemas_are_frozen():
    info = CollectionInfo(name="Films", count=1)
    with pytest.raises(ValidationError):
        info.count = 2
    with pytest.raises(ValidationError):
        CollectionInfo(name="Films", count=-1)
