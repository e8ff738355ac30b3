"""The answers of aggregations, as every store gives them."""

from types import SimpleNamespace

import pytest

from elysia_desktop.core.requests import Metric
from elysia_desktop.core.schema import DataType

NAN = float("nan")
NANOSECONDS = "2024-01-01T02:00:00.123456789+02:00"


def value(data_type, function, least=None, **answer):
    from elysia_desktop.stores.weaviate import metrics

    metric = Metric(property="p", function=function, min_occurrences=least)
    return metrics.value(data_type, metric, {"p": SimpleNamespace(**answer)} if answer else {})


@pytest.mark.parametrize(
    ("data_type", "function", "answer", "expected"),
    [
        (DataType.INT, "MEDIAN", {"count": 2, "median": 2.0}, 2),
        (DataType.INT, "MEDIAN", {"count": 2, "median": 2.5}, 2.5),
        (DataType.INT, "SUM", {"count": 0, "sum_": None}, 0),
        (DataType.INT, "MAX", {"count": 0, "maximum": 0}, None),
        (DataType.BOOLEAN, "PERCENTAGE_TRUE", {"count": 0, "percentage_true": NAN}, None),
        (DataType.BOOLEAN, "TOTAL_FALSE", {"count": 0, "total_false": None}, 0),
        (DataType.DATE, "MIN", {"count": 1, "minimum": NANOSECONDS}, "2024-01-01T00:00:00.123456+00:00"),
        (DataType.DATE, "MAX", {"count": 0, "maximum": None}, None),
        (DataType.FLOAT, "MEAN", {}, None),
        (DataType.FLOAT, "COUNT", {}, 0),
        (DataType.TEXT, "TOP_OCCURRENCES", {}, []),
    ],
)  # fmt: skip
def test_answers_are_told_as_every_store_tells_them(client_library, data_type, function, answer, expected):
    assert value(data_type, function, **answer) == expected


def test_frequent_values_come_most_frequent_first_then_by_code_point(client_library):
    listed = [
        SimpleNamespace(value=text, count=count) for text, count in (("é", 2), ("z", 2), ("a", 1), ("B", 3))
    ]
    found = value(DataType.TEXT, "TOP_OCCURRENCES", least=2, count=4, top_occurrences=listed)
    assert [(one["value"], one["count"]) for one in found] == [("B", 3), ("z", 2), ("é", 2)]
