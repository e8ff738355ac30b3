from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.environment_model import CHUNK, EnvironmentModel

METADATA = {"query_type": "none", "query_output": {"filters": {"kind": "property"}}, "time": 1.4}


def products(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"name": f"Trail shoe {number}", "price": 49.5 + number, "stock": None, "tags": ["red", {"size": 42}]}
        for number in range(start, start + count)
    ]


@pytest.fixture
def environment() -> Environment:
    environment = Environment()
    environment.add_objects("query", "Products", products(10), METADATA)
    environment.add_objects("aggregate", "Products", [{"num_items": 3, "collections": []}])
    environment.hidden_environment["seen"] = {"a": 1}
    return environment


@pytest.fixture
def model(environment: Environment, qtbot: QtBot) -> Iterator[EnvironmentModel]:
    model = EnvironmentModel()
    model.set_environment(environment, {"query": ["No such field."]})
    yield model
    model.deleteLater()


def opened(model: EnvironmentModel, *path: str) -> QModelIndex:
    index = model.index_of_path(path)
    assert index.isValid()
    if model.canFetchMore(index):
        model.fetchMore(index)
    return index


def texts(model: EnvironmentModel, index: QModelIndex) -> list[tuple[str, str]]:
    if model.canFetchMore(index):
        model.fetchMore(index)
    return [
        (model.index(row, 0, index).data(), model.index(row, 1, index).data())
        for row in range(model.rowCount(index))
    ]


def test_tools_come_first_then_what_is_hidden_and_what_failed(model: EnvironmentModel) -> None:
    assert texts(model, QModelIndex()) == [
        ("query", "1 result"),
        ("aggregate", "1 result"),
        ("hidden_environment", "1"),
        ("errors", "1"),
    ]


def test_a_result_holds_its_objects_by_title_and_its_metadata_last(model: EnvironmentModel) -> None:
    rows = texts(model, opened(model, "query", "Products"))
    assert rows[0] == ("query_Products_1_0", "Trail shoe 0")
    assert rows[-1] == ("metadata", "query · filters · 1.4 s")
    assert len(rows) == 11


def test_an_object_shows_its_fields_and_nested_values_open(model: EnvironmentModel) -> None:
    ref = "query_Products_1_0"
    rows = texts(model, opened(model, "query", "Products", ref))
    assert rows == [("name", '"Trail shoe 0"'), ("price", "49.5"), ("stock", "null"), ("tags", "2 items")]
    assert texts(model, opened(model, "query", "Products", ref, "tags")) == [("0", '"red"'), ("1", "1 field")]
    assert texts(model, opened(model, "query", "Products", ref, "tags", "1")) == [("size", "42")]


def test_ten_thousand_objects_are_made_in_chunks(qtbot: QtBot) -> None:
    environment = Environment()
    environment.add_objects("query", "Products", products(10_000), METADATA)
    model = EnvironmentModel()
    model.set_environment(environment, {})
    name = model.index_of_path(("query", "Products"))
    assert model.hasChildren(name)
    assert model.rowCount(name) == 0
    model.fetchMore(name)
    assert model.rowCount(name) == CHUNK + 1
    assert model.index(CHUNK, 0, name).data() == "metadata"
    model.fetchMore(name)
    assert model.rowCount(name) == 2 * CHUNK + 1
    assert model.index(2 * CHUNK - 1, 0, name).data() == "query_Products_1_399"
    assert model.index(2 * CHUNK, 0, name).data() == "metadata"


def test_an_object_is_found_by_its_reference_id_beyond_what_was_made(qtbot: QtBot) -> None:
    environment = Environment()
    environment.add_objects("query", "Products", products(1000))
    model = EnvironmentModel()
    model.set_environment(environment, {})
    index = model.index_of_ref("query_Products_1_777")
    assert index.data() == "query_Products_1_777"
    assert model.rowCount(index.parent()) == 800
    assert not model.index_of_ref("query_Products_9_9").isValid()


def test_a_repeat_is_named_so_and_its_id_leads_to_the_original(
    model: EnvironmentModel, environment: Environment
) -> None:
    environment.add_objects("query", "Products", products(2))
    model.refresh()
    second = texts(model, opened(model, "query", "Products", "#2"))
    assert second == [
        ("query_Products_1_0", "again: Trail shoe 0"),
        ("query_Products_1_1", "again: Trail shoe 1"),
    ]
    assert model.index_of_ref("query_Products_1_0").parent().data() == "result 1"


def test_a_new_tool_is_inserted_before_the_hidden_environment(
    model: EnvironmentModel, environment: Environment, qtbot: QtBot
) -> None:
    opened(model, "query", "Products")
    environment.add_objects("visualise", "chart", [{"title": "Prices"}])
    with qtbot.waitSignal(model.rowsInserted) as inserted, qtbot.assertNotEmitted(model.modelReset):
        model.refresh()
    assert inserted.args is not None
    assert inserted.args[1:] == [2, 2]
    assert [row[0] for row in texts(model, QModelIndex())][2:] == [
        "visualise",
        "hidden_environment",
        "errors",
    ]


def test_a_refresh_without_changes_moves_nothing(model: EnvironmentModel, qtbot: QtBot) -> None:
    opened(model, "query", "Products", "query_Products_1_0")
    with qtbot.assertNotEmitted(model.rowsInserted), qtbot.assertNotEmitted(model.modelReset):
        model.refresh()


def test_a_third_result_of_a_name_is_appended_and_a_second_one_resets(
    model: EnvironmentModel, environment: Environment, qtbot: QtBot
) -> None:
    opened(model, "query", "Products")
    environment.add_objects("query", "Products", products(3, 100))
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    name = opened(model, "query", "Products")
    assert texts(model, name) == [("result 1", "10 objects"), ("result 2", "3 objects")]
    environment.add_objects("query", "Products", products(3, 200))
    with qtbot.assertNotEmitted(model.modelReset):
        model.refresh()
    assert texts(model, name)[2] == ("result 3", "3 objects")


def test_removed_objects_reset_the_model(
    model: EnvironmentModel, environment: Environment, qtbot: QtBot
) -> None:
    opened(model, "query", "Products")
    environment.remove("query", "Products")
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    assert texts(model, QModelIndex())[0] == ("query", "0 results")


def test_errors_that_come_later_get_rows_without_being_asked_for(
    environment: Environment, qtbot: QtBot
) -> None:
    errors: dict[str, list[str]] = {}
    model = EnvironmentModel()
    model.set_environment(environment, errors)
    index = opened(model, "#errors")
    assert not model.hasChildren(index)
    errors["query"] = ["No such field."]
    model.refresh()
    assert texts(model, index) == [("query", "1 item")]
    assert index.siblingAtColumn(1).data() == "1"
    errors["query"].append("Again.")
    model.refresh()
    assert texts(model, index) == [("query", "2 items")]


def test_a_path_leads_back_to_its_row_after_the_second_result(
    model: EnvironmentModel, environment: Environment
) -> None:
    path = model.path_of(model.index_of_ref("query_Products_1_3"))
    assert path == ("query", "Products", "#1", "query_Products_1_3")
    environment.add_objects("query", "Products", products(3, 100))
    model.refresh()
    assert model.index_of_path(path).data() == "query_Products_1_3"


def test_the_filter_keeps_tools_names_ids_and_titles(model: EnvironmentModel) -> None:
    model.set_filter("shoe 7")
    assert texts(model, QModelIndex()) == [("query", "1 result")]
    assert next(row[1] for row in texts(model, opened(model, "query", "Products"))) == "Trail shoe 7"
    assert (model.shown_count, model.object_count) == (1, 11)
    model.set_filter("aggreg")
    assert texts(model, QModelIndex()) == [("aggregate", "1 result")]
    model.set_filter("_1_4")
    assert next(row[0] for row in texts(model, opened(model, "query", "Products"))) == "query_Products_1_4"
    model.set_filter("")
    assert len(texts(model, QModelIndex())) == 4


def test_rows_know_their_value_and_their_object(model: EnvironmentModel) -> None:
    price = model.index_of_path(("query", "Products", "query_Products_1_2", "price"))
    assert model.value_of(price) == 51.5
    assert model.ref_of(price) == "query_Products_1_2"
    assert model.ref_of(model.index_of_path(("query",))) == ""
    assert model.value_of(model.index_of_path(("query",)))["Products"][0]["metadata"] == METADATA


def test_long_hostile_texts_are_cut_and_shown_as_they_are(qtbot: QtBot) -> None:
    environment = Environment()
    environment.add_objects("query", "Notes", [{"body": "<b>x</b>" + "y" * 5_000_000}])
    model = EnvironmentModel()
    model.set_environment(environment, {})
    index = model.index_of_path(("query", "Notes", "query_Notes_1_0", "body")).siblingAtColumn(1)
    assert len(index.data()) < 200
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip
    assert len(tip) < 3000


def test_the_model_keeps_qts_rules_before_and_after_changes(
    model: EnvironmentModel, environment: Environment, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)
    opened(model, "query", "Products", "query_Products_1_0", "tags", "1")
    environment.add_objects("aggregate", "Orders", [{"num_items": 3}])
    model.refresh()
    environment.add_objects("query", "Products", products(6, 100))
    model.refresh()
    environment.hidden_environment["more"] = [1, [2, 3]]
    model.refresh()
    model.set_filter("shoe 1")
    environment.add_objects("query", "Products", products(5, 1000))
    model.refresh()
    qtmodeltester.check(model)
