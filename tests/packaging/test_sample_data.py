"""The sample data is what its generator writes, holds together, and answers its questions."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "resources" / "sample"
NAMES = ("Products", "Reviews", "Messages", "Tickets", "Handbook")
LABELS = dict(zip(NAMES, ("name", "title", "message_id", "ticket_id", "title"), strict=True))
TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
    "boolean": lambda value: type(value) is bool,
    "date": lambda value: datetime.fromisoformat(value).tzinfo is not None,
    "text[]": lambda value: bool(value) and all(isinstance(member, str) for member in value),
}
DATA = {
    name: [json.loads(line) for line in (SAMPLE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    for name in NAMES
}
COLLECTIONS = json.loads((SAMPLE / "collections.json").read_text(encoding="utf-8"))
QUESTIONS = json.loads((SAMPLE / "questions.json").read_text(encoding="utf-8"))


# A small oracle: requests evaluated on plain lists.


def matches(item: dict[str, Any], condition: dict[str, Any] | None) -> bool:
    if condition is None:
        return True
    match condition["kind"]:
        case "and":
            return all(matches(item, part) for part in condition["filters"])
        case "or":
            return any(matches(item, part) for part in condition["filters"])
        case "not":
            return not matches(item, condition["filter"])
        case _:
            value = item[condition["property"]]
            return compares(value, condition["operator"], condition["value"], length=condition["length"])


def compares(value: Any, operator: str, wanted: Any, *, length: bool) -> bool:
    if operator == "IS_NULL":
        return (value is None) == wanted
    if value is None:
        return False
    if length:
        value = len(value)
    match operator:
        case "=":
            return value == wanted
        case "!=":
            return value != wanted
        case "<":
            return value < wanted
        case ">":
            return value > wanted
        case "<=":
            return value <= wanted
        case ">=":
            return value >= wanted
        case "LIKE":
            patterns = wanted.lower().split()
            return all(any(fnmatchcase(word, pattern) for word in words(value)) for pattern in patterns)
        case "CONTAINS_ANY":
            return bool(set(value) & set(wanted))
        case "CONTAINS_ALL":
            return set(wanted) <= set(value)
    raise AssertionError(operator)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def words_of(item: dict[str, Any]) -> set[str]:
    return words(" ".join(value for value in item.values() if isinstance(value, str)))


def query(request: dict[str, Any]) -> list[dict[str, Any]]:
    found = [item for item in DATA[request["collection"]] if matches(item, request["filters"])]
    if request["search"] != "none":
        wanted = words(request["text"])
        found = [item for item in found if wanted <= words_of(item)]
    for order in reversed(request["sort"]):
        found.sort(key=lambda item: item[order["property"]], reverse=order["direction"] == "desc")
    return found[request["offset"] :][: request["limit"]]


def measure(items: list[dict[str, Any]], metrics: list[dict[str, str]]) -> Any:
    if not metrics:
        return len(items)
    (metric,) = metrics
    values = [item[metric["property"]] for item in items if item[metric["property"]] is not None]
    functions: dict[str, Callable[[list[Any]], Any]] = {
        "MIN": min,
        "MAX": max,
        "MEAN": fmean,
        "MEDIAN": median,
        "SUM": sum,
        "COUNT": len,
        "PERCENTAGE_TRUE": fmean,
        "TOTAL_TRUE": sum,
    }
    return functions[metric["function"]](values)


def aggregate(request: dict[str, Any]) -> Any:
    found = [item for item in DATA[request["collection"]] if matches(item, request["filters"])]
    if request["group_by"] is None:
        return measure(found, request["metrics"])
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in found:
        groups.setdefault(str(item[request["group_by"]]), []).append(item)
    return {name: measure(members, request["metrics"]) for name, members in groups.items()}


def respond(request: dict[str, Any]) -> Any:
    if request["kind"] == "aggregate":
        return aggregate(request)
    return [item[LABELS[request["collection"]]] for item in query(request)]


# The files


def test_the_generator_writes_the_same_bytes_again(tmp_path: Path) -> None:
    script = ROOT / "packaging" / "sample_data" / "generate.py"
    subprocess.run([sys.executable, "-B", str(script), str(tmp_path)], check=True, timeout=60)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in SAMPLE.iterdir()}


def test_everything_together_stays_below_three_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 3_000_000


def test_the_collections_have_their_sizes() -> None:
    sizes = {name: len(DATA[name]) for name in ("Products", "Reviews", "Tickets", "Handbook")}
    assert sizes == {"Products": 500, "Reviews": 3000, "Tickets": 600, "Handbook": 40}
    lengths = Counter(message["conversation_id"] for message in DATA["Messages"])
    assert len(lengths) == 200
    assert min(lengths.values()) >= 3
    assert max(lengths.values()) <= 12


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection["name"])
def test_every_value_has_the_type_of_its_property(collection: dict[str, Any]) -> None:
    types = {entry["name"]: entry["type"] for entry in collection["properties"]}
    for item in DATA[collection["name"]]:
        assert set(item) == {"uuid", *types}
        wrong = [key for key, kind in types.items() if item[key] is not None and not TYPES[kind](item[key])]
        assert not wrong, item["uuid"]


def test_every_uuid_and_key_occurs_once() -> None:
    everything = [item["uuid"] for objects in DATA.values() for item in objects]
    assert len(set(everything)) == len(everything)
    for name, key in (
        ("Products", "sku"),
        ("Products", "name"),
        ("Tickets", "ticket_id"),
        ("Handbook", "url"),
    ):
        assert len({item[key] for item in DATA[name]}) == len(DATA[name])


def test_reviews_join_products_and_give_their_ratings() -> None:
    products = {product["sku"]: product for product in DATA["Products"]}
    ratings: dict[str, list[int]] = {sku: [] for sku in products}
    for review in DATA["Reviews"]:
        product = products[review["sku"]]
        assert review["product_name"] == product["name"]
        assert review["created_at"] > product["released"]
        ratings[review["sku"]].append(review["rating"])
    for sku, product in products.items():
        assert product["reviews"] == len(ratings[sku])
        assert product["rating"] == (round(fmean(ratings[sku]), 2) if ratings[sku] else None)


def test_tickets_refer_to_products_and_end_after_they_begin() -> None:
    skus = {product["sku"] for product in DATA["Products"]}
    for ticket in DATA["Tickets"]:
        assert ticket["product_sku"] is None or ticket["product_sku"] in skus
        assert ticket["updated_at"] >= ticket["created_at"]
        assert (ticket["resolved_hours"] is None) == (ticket["status"] in ("open", "pending"))


def test_the_messages_of_a_conversation_follow_one_another() -> None:
    for before, after in pairwise(DATA["Messages"]):
        if before["conversation_id"] == after["conversation_id"]:
            assert before["timestamp"] < after["timestamp"]
            assert before["role"] != after["role"]
        else:
            assert after["role"] == "customer"


def test_handbook_pages_are_long() -> None:
    assert all(700 <= len(page["content"].split()) <= 1500 for page in DATA["Handbook"])


def test_no_template_is_left_open() -> None:
    for objects in DATA.values():
        for item in objects:
            assert not re.search(r"[{}\[\]|]", " ".join(v for v in item.values() if isinstance(v, str)))


def test_all_dates_lie_in_the_five_years() -> None:
    for collection in COLLECTIONS:
        dates = [entry["name"] for entry in collection["properties"] if entry["type"] == "date"]
        for item in DATA[collection["name"]]:
            assert all("2021-01-01" <= item[key] < "2026-01-01" for key in dates)


# The metadata


def test_the_metadata_names_every_collection_and_fits_its_schema() -> None:
    assert [collection["name"] for collection in COLLECTIONS] == list(NAMES)
    for collection in COLLECTIONS:
        metadata = collection["metadata"]
        names = [entry["name"] for entry in collection["properties"]]
        assert metadata["length"] == len(DATA[collection["name"]])
        assert [field["name"] for field in metadata["fields"]] == names
        assert metadata["mappings"]["table"] == {name: name for name in names}
        assert all(set(mapping.values()) <= set(names) for mapping in metadata["mappings"].values())
        assert all(metadata["index_properties"].values())
        assert len(metadata["prompts"]) == 4


FIELDS = [
    pytest.param(collection["name"], field, id=f"{collection['name']}.{field['name']}")
    for collection in COLLECTIONS
    for field in collection["metadata"]["fields"]
]


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_the_statistics_of_a_field_are_exact(name: str, field: dict[str, Any]) -> None:
    values = [item[field["name"]] for item in DATA[name]]
    present = [value for value in values if value is not None]
    if field["type"] == "date":
        dates = sorted(present)
        stamps = [datetime.fromisoformat(date).timestamp() for date in dates]
        assert field["date_range"] == [dates[0], dates[-1]]
        assert datetime.fromisoformat(field["date_median"]).timestamp() == pytest.approx(
            median(stamps), abs=1
        )
        assert field["range"] is field["mean"] is field["groups"] is None
        return
    assert field["date_range"] is field["date_median"] is None
    sizes = {
        "text": lambda value: len(value.split()),
        "text[]": len,
        "int": lambda value: value,
        "float": lambda value: value,
    }
    if field["type"] == "boolean":
        assert field["range"] is field["mean"] is None
    else:
        measured = [sizes[field["type"]](value) for value in present]
        assert field["range"] == [min(measured), max(measured)]
        assert field["mean"] == pytest.approx(fmean(measured), abs=1e-6)
    members = [value if isinstance(value, list) else [value] for value in present]
    counts = Counter(
        str(member).lower() if member in (True, False) and field["type"] == "boolean" else str(member)
        for value in members
        for member in set(value)
    )
    if field["type"] == "float" or len(counts) > 30 or len(present) * 2 < len(values):
        assert field["groups"] is None
    else:
        assert {group["value"]: group["count"] for group in field["groups"]} == counts


# The questions


def test_there_are_enough_questions_of_every_kind_and_pattern() -> None:
    kinds = Counter(question["kind"] for question in QUESTIONS)
    assert set(kinds) == {
        "count", "filter", "date", "rank", "group", "two_collections", "text_search", "nothing",
    }  # fmt: skip
    assert min(kinds.values()) >= 12
    assert len(QUESTIONS) >= 96
    assert len({question["pattern"] for question in QUESTIONS}) >= 48
    for key in ("id", "question"):
        assert len({question[key] for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_the_requests_of_a_question_give_its_answer(question: dict[str, Any]) -> None:
    requests, answer = question["requests"], question["answer"]
    answers = [respond(request) for request in requests]
    last = requests[-1]
    assert question["tool"] == last["kind"]
    assert question["collections"] == list(dict.fromkeys(request["collection"] for request in requests))
    if isinstance(answer, dict) and last["kind"] == "aggregate" and last["group_by"] is None:
        assert answer == {request["collection"]: got for request, got in zip(requests, answers, strict=True)}
    elif isinstance(answer, list | str):
        assert answers[-1] == answer
    else:
        assert answers[-1] == pytest.approx(answer, abs=1e-6)
    if question["uuids"] is None:
        assert last["kind"] == "aggregate"
    else:
        assert [item["uuid"] for item in query(last)] == question["uuids"]
    assert (question["kind"] == "nothing") == (answer in (0, []))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_no_order_hangs_on_a_tie(question: dict[str, Any]) -> None:
    for request in question["requests"]:
        if request["kind"] == "query" and request["sort"]:
            cut = request["offset"] + request["limit"]
            found = query(request | {"offset": 0, "limit": cut + 1})
            keys = [tuple(item[order["property"]] for order in request["sort"]) for item in found]
            assert len(set(keys)) == len(keys)


def test_requests_say_nothing_about_missing_values_by_accident() -> None:
    """Stores differ on whether "not equal" holds for a missing value, so no question depends on it."""
    missing = {
        (name, key)
        for name, objects in DATA.items()
        for item in objects
        for key, value in item.items()
        if value is None
    }

    def negated(condition: dict[str, Any], *, inside: bool = False) -> set[str]:
        if condition["kind"] == "property":
            return {condition["property"]} if inside or condition["operator"] == "!=" else set()
        if condition["kind"] == "not":
            return negated(condition["filter"], inside=True)
        return {key for part in condition["filters"] for key in negated(part, inside=inside)}

    for question in QUESTIONS:
        for request in question["requests"]:
            names = negated(request["filters"]) if request["filters"] else set()
            assert not {(request["collection"], name) for name in names} & missing
