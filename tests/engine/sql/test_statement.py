"""A SELECT becomes the request that it stands for, or is refused in words that say how to write it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import shown
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, VectorConfig
from elysia_desktop.engine.sql.statement import request_of

PROPERTIES = {
    "name": DataType.TEXT,
    "region": DataType.TEXT,
    "story": DataType.TEXT,
    "masts": DataType.INT,
    "length": DataType.FLOAT,
    "afloat": DataType.BOOLEAN,
    "built": DataType.DATE,
    "tags": DataType.TEXTS,
    "extra": DataType.OBJECT,
}
BOATS = CollectionSchema(
    name="Boats", properties=tuple(Property(name=name, type=kind) for name, kind in PROPERTIES.items())
)
KNOWN = {"Boats": {"fields": [{"name": "story", "type": "text", "mean": 80.0}]}}


def said(sql, boats=BOATS, known=KNOWN):
    crews = CollectionSchema(name="Crews", properties=BOATS.properties)
    return shown(request_of(sql, {"Boats": boats, "Crews": crews}, known))


def where(condition):
    return said(f"SELECT * FROM Boats WHERE {condition}")["filters"]


def one(name, operator, value):
    return {"property": name, "operator": operator, "value": value}


def both(*filters):
    return {"kind": "and", "filters": list(filters)}


def test_names_are_found_whatever_their_case_and_quotes():
    wanted = {"collection": "Boats", "filters": one("region", "=", "North"), "limit": 200}
    for sql in (
        "SELECT * FROM boats WHERE REGION = 'North'",
        'select b."name" from `Boats` as b where b.region = "North";',
        "SELECT name FROM Boats AS b WHERE LOWER(b.region) = 'North'",
    ):
        assert said(sql) == wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("tags LIKE '%two masts%'", one("tags", "CONTAINS_ANY", ["two masts"])),
        ("'fast' IN tags", one("tags", "CONTAINS_ANY", ["fast"])),
        ("tags IN ('fast')", one("tags", "CONTAINS_ANY", ["fast"])),
        ("name LIKE 'Sea%'", one("name", "LIKE", "Sea*")),
        ("name LIKE '%old sea wolf%'", one("name", "=", "old sea wolf")),
        ("name = ''", one("name", "IS_NULL", True)),
        ("name != ''", one("name", "IS_NULL", False)),
        ("NOT name IS NULL", one("name", "IS_NULL", False)),
        ("masts = '2'", one("masts", "=", 2)),
        ("afloat", one("afloat", "=", True)),
        ("afloat = 'true'", one("afloat", "=", True)),
        ("masts IN (1, 2)", {"kind": "or", "filters": [one("masts", "=", 1), one("masts", "=", 2)]}),
    ],
)
def test_conditions_mean_what_they_say(condition, wanted):
    assert where(condition) == wanted


@pytest.mark.parametrize(
    "condition",
    [
        "built LIKE '2024-02%'",
        "YEAR(built) = 2024 AND MONTH(built) = 2",
        "strftime('%Y', built) = '2024' AND strftime('%m', built) = '02'",
        "EXTRACT(YEAR FROM built) = 2024 AND EXTRACT(MONTH FROM built) = 2",
        "strftime('%Y-%m', built) = '2024-02'",
        "built BETWEEN '2024-02-01' AND '2024-02-29'",
        "DATE(built) >= '2024-02-01' AND DATE(built) <= DATE('2024-02-29')",
    ],
)
def test_a_month_is_its_days_however_it_is_written(condition):
    assert where(condition) == both(one("built", ">=", "2024-02-01"), one("built", "<", "2024-03-01"))


def test_years_are_compared_as_a_whole():
    assert where("YEAR(built) >= 2023") == one("built", ">=", "2023-01-01")
    assert where("built > 2023") == one("built", ">=", "2024-01-01")


@pytest.mark.parametrize("today", ["CURRENT_DATE", "date('now')", "DATE('now', 'localtime', 'utc')"])
def test_today_has_a_name(today):
    days = {(datetime.now(UTC) + timedelta(seconds=s)).date().isoformat() for s in (-60, 0, 60)}
    assert where(f"built >= {today}")["value"] in days


def test_dates_are_reckoned_with():
    assert where("built < date('2024-03-31', 'start of month', '-1 month')") == one(
        "built", "<", "2024-02-01"
    )


def test_words_in_long_texts_are_searched_for_and_few_are_asked_for():
    wanted = {"collection": "Boats", "search": "keyword", "text": "storm mutiny", "limit": 10}
    assert said("SELECT name FROM Boats WHERE story LIKE '%storm%' OR story LIKE '%mutiny%'") == wanted
    narrowed = said("SELECT name FROM Boats WHERE story LIKE '%storm%' AND masts > 1 LIMIT 3")
    assert narrowed == {
        "collection": "Boats",
        "search": "keyword",
        "text": "storm",
        "filters": one("masts", ">", 1),
        "limit": 3,
    }


def test_a_search_for_words_is_not_narrowed_by_labels_of_which_the_question_has_no_word():
    schemas, question = {"Boats": BOATS}, "What is said of storms in the North?"
    for region, kept in (("North", one("region", "=", "North")), ("Deep South", None)):
        sql = f"SELECT * FROM Boats WHERE story LIKE '%storm%' AND region = '{region}' AND masts > 0"
        parts = [part for part in (kept, one("masts", ">", 0)) if part]
        found = shown(request_of(sql, schemas, KNOWN, question))["filters"]
        assert found == (both(*parts) if len(parts) > 1 else parts[0])
        without_words = f"SELECT * FROM Boats WHERE region = '{region}'"
        assert shown(request_of(without_words, schemas, KNOWN, question))["filters"]["value"] == region


def test_where_there_are_vectors_meaning_counts_too_but_for_those_switched_off():
    vectors = (VectorConfig(name="a", vectorizer="x"), VectorConfig(name="b", vectorizer="x"))
    boats = BOATS.model_copy(update={"vectors": vectors})
    sql = "SELECT name FROM Boats WHERE story MATCH 'storm'"
    assert said(sql, boats)["search"] == "hybrid"
    assert "target_vectors" not in said(sql, boats)
    off = {"Boats": {**KNOWN["Boats"], "named_vectors": [{"name": "b", "enabled": False}]}}
    assert said(sql, boats, off)["target_vectors"] == ["a"]


def test_words_cannot_be_searched_for_in_an_aggregation_and_are_compared():
    found = said("SELECT COUNT(*) FROM Boats WHERE story LIKE '%storm%'")
    assert found == {"collection": "Boats", "filters": one("story", "LIKE", "*storm*")}


@pytest.mark.parametrize(
    ("selection", "group", "metrics"),
    [
        ("COUNT(*) FROM Boats", None, []),
        ("COUNT(1) AS n, AVG(length) FROM Boats", None, [("length", "MEAN")]),
        ("region, ROUND(AVG(length), 1) FROM Boats GROUP BY region", "region", [("length", "MEAN")]),
        ("region r, MAX(built), MIN(masts) FROM Boats GROUP BY r HAVING MAX(built) > 1 ORDER BY 2 LIMIT 1",
         "region", [("built", "MAX"), ("masts", "MIN")]),
        ("DISTINCT region FROM Boats", "region", []),
        ("COUNT(DISTINCT region) FROM Boats", "region", []),
        ("AVG(afloat), SUM(afloat) FROM Boats", None, [("afloat", "PERCENTAGE_TRUE"), ("afloat", "TOTAL_TRUE")]),
    ],
)  # fmt: skip
def test_functions_and_groups_are_aggregations(selection, group, metrics):
    request = request_of(f"SELECT {selection}", {"Boats": BOATS}, {})
    assert request.kind == "aggregate"
    assert request.group_by == group
    assert [(metric.property, metric.function) for metric in request.metrics] == metrics


def test_the_object_of_an_extreme_is_found():
    found = said("SELECT name, MAX(length) FROM Boats WHERE afloat")
    assert found["sort"] == [{"property": "length", "direction": "desc"}]
    assert found["limit"] == 1


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DROP TABLE Boats", "not one SELECT"),
        ("SELECT * FROM Boats; SELECT * FROM Boats", "not one SELECT"),
        ("SELEC name FORM Boats", "SQL cannot be read|not one SELECT"),
        ("", "not one SELECT"),
        ("SELECT * FROM Ships", "no table “Ships”.*Boats"),
        ("SELECT * FROM Boats WHERE mast = 2", "no property “mast”.*masts"),
        ("SELECT * FROM Boats JOIN Crews ON Boats.name = Crews.name", "More than one table"),
        ("SELECT * FROM Boats WHERE masts = (SELECT MAX(masts) FROM Boats)", "More than one table"),
        ("SELECT * FROM Boats WHERE masts = 'many'", "masts holds numbers"),
        ("SELECT * FROM Boats WHERE built > 'yesterday'", "holds dates, “yesterday” is none"),
        ("SELECT * FROM Boats WHERE MONTH(built) = 2", "month of built alone"),
        ("SELECT * FROM Boats WHERE built > datetime(zeroblob(9))", "no value that built can be compared"),
        ("SELECT * FROM Boats WHERE name = load_extension('x')", "no value that name can be compared"),
        ("SELECT * FROM Boats WHERE masts + 1 = 2", "no condition that can be|is no column"),
        ("SELECT * FROM Boats WHERE extra = 'x'", "extra"),
        ("SELECT * FROM Boats ORDER BY masts * 2", "cannot be ordered by"),
        ("SELECT region, masts, COUNT(*) FROM Boats GROUP BY region, masts", "cannot be grouped by"),
        ("SELECT STDEV(masts), AVG(name) FROM Boats", "AVG|cannot be computed"),
        ("SELECT COUNT(CASE WHEN masts = 1 THEN 1 END) FROM Boats", "cannot be computed"),
        ("SELECT * FROM Boats WHERE " + "(" * 500 + "1" + ")" * 500, "."),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(sql, told):
    with pytest.raises(QueryRejected) as caught:
        said(sql)
    assert re.search(told, caught.value.sentence)
    assert caught.value.hint
