from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.environment_model import EnvironmentModel
from elysia_desktop.ui.inspector.environment_view import EnvironmentView

REF = "query_Products_1_3"


@pytest.fixture
def model(environment: Environment, qtbot: QtBot) -> EnvironmentModel:
    model = EnvironmentModel()
    model.set_environment(environment, {})
    return model


@pytest.fixture
def view(model: EnvironmentModel, qtbot: QtBot) -> EnvironmentView:
    view = EnvironmentView(model)
    qtbot.addWidget(view)
    view.resize(430, 500)
    view.show()
    return view


def open_row(view: EnvironmentView, model: EnvironmentModel, *path: str) -> QModelIndex:
    index = model.index_of_path(path)
    view.tree.setExpanded(index, True)
    return index


def test_the_header_counts_objects_and_tools_stand_open(
    view: EnvironmentView, model: EnvironmentModel
) -> None:
    assert view.header.chip == "11 objects"
    assert view.tree.isExpanded(model.index_of_path(("query",)))
    tool = model.index(0, 0)
    assert model.rowCount(tool) == 1
    assert view.tree.visualRect(model.index(0, 0, tool)).isValid()
    assert not view.tree.isExpanded(model.index_of_path(("query", "Products")))


def test_a_reference_is_selected_in_sight_and_unannounced(view: EnvironmentView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.object_selected):
        assert view.select_ref(REF)
        assert not view.select_ref("query_Products_9_9")
    assert view.tree.currentIndex().data() == REF
    assert view.tree.viewport().rect().contains(view.tree.visualRect(view.tree.currentIndex()))


def test_a_click_on_a_field_announces_its_object(
    view: EnvironmentView, model: EnvironmentModel, qtbot: QtBot
) -> None:
    open_row(view, model, "query")
    open_row(view, model, "query", "Products")
    open_row(view, model, "query", "Products", REF)
    price = model.index_of_path(("query", "Products", REF, "price"))
    view.tree.scrollTo(price)
    with qtbot.waitSignal(view.object_selected) as selected:
        qtbot.mouseClick(
            view.tree.viewport(), Qt.MouseButton.LeftButton, pos=view.tree.visualRect(price).center()
        )
    assert selected.args == [REF]


def test_arrow_keys_open_and_walk(view: EnvironmentView, model: EnvironmentModel, qtbot: QtBot) -> None:
    view.tree.setCurrentIndex(model.index_of_path(("query", "Products")))
    with qtbot.waitSignal(view.object_selected) as selected:
        qtbot.keyClick(view.tree, Qt.Key.Key_Right)
        qtbot.keyClick(view.tree, Qt.Key.Key_Down)
    assert selected.args == ["query_Products_1_0"]


def test_what_is_open_and_selected_survives_a_reset(
    view: EnvironmentView, model: EnvironmentModel, environment: Environment, qtbot: QtBot
) -> None:
    open_row(view, model, "query", "Products")
    open_row(view, model, "query", "Products", REF)
    view.select_ref(REF)
    environment.add_objects("query", "Products", [{"name": "Camp stove"}])
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    index = model.index_of_path(("query", "Products", "#1", REF))
    assert view.tree.isExpanded(index)
    assert view.tree.isExpanded(index.parent())
    assert view.tree.isExpanded(index.parent().parent())
    assert view.tree.currentIndex() == index
    assert view.header.chip == "12 objects"


def test_a_new_tool_comes_open(
    view: EnvironmentView, model: EnvironmentModel, environment: Environment
) -> None:
    environment.add_objects("visualise", "chart", [{"title": "Prices"}])
    model.refresh()
    assert view.tree.isExpanded(model.index_of_path(("visualise",)))


def test_typing_filters_and_opens_what_is_found(
    view: EnvironmentView, model: EnvironmentModel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.modelReset):
        qtbot.keyClicks(view.filter_field, "shoe 7")
    assert view.header.chip == "1 of 11 objects"
    assert view.tree.isExpanded(model.index_of_path(("query", "Products")))
    with qtbot.waitSignal(model.modelReset):
        view.filter_field.clear()
    assert view.header.chip == "11 objects"


def test_more_rows_come_when_the_end_of_a_result_comes_in_sight(
    qtbot: QtBot, model: EnvironmentModel
) -> None:
    environment = Environment()
    environment.add_objects("query", "Products", [{"name": f"Shoe {number}"} for number in range(1000)])
    view = EnvironmentView(model)
    qtbot.addWidget(view)
    view.resize(430, 400)
    view.show()
    model.set_environment(environment, {})
    name = open_row(view, model, "query", "Products")
    assert model.rowCount(name) == 200
    bar = view.tree.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    environment.add_objects("aggregate", "Groups", [{"name": "Shoes"}])
    model.refresh()  # lays the rows out again, which makes none
    qtbot.wait(1)
    assert model.rowCount(name) == 200
    bar.setValue(bar.maximum())
    assert model.rowCount(name) == 400


@pytest.mark.parametrize(
    ("path", "copied"), [(("name",), "Trail shoe 3"), (("price",), "52.5"), ((), '"price": 52.5')]
)
def test_a_value_is_copied(
    view: EnvironmentView, model: EnvironmentModel, qtbot: QtBot, path: tuple[str, ...], copied: str
) -> None:
    view.tree.go_to(model.index_of_path(("query", "Products", REF, *path)))
    qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied in QGuiApplication.clipboard().text()


def test_the_menu_copies_json_and_opens(view: EnvironmentView, model: EnvironmentModel) -> None:
    index = model.index_of_path(("query", "Products", REF))
    view.tree.go_to(index)
    actions: dict[str, Any] = {action.text(): action for action in view.tree.menu_for(index).actions()}
    actions["Copy JSON"].trigger()
    assert '"name": "Trail shoe 3"' in QGuiApplication.clipboard().text()
    actions["Copy reference"].trigger()
    assert QGuiApplication.clipboard().text() == REF
    actions["Open"].trigger()
    assert view.tree.isExpanded(index)


def test_an_empty_environment_says_what_will_come(view: EnvironmentView, model: EnvironmentModel) -> None:
    model.set_environment(Environment(), {})
    assert not view.tree.isVisible()
    assert view.header.chip == ""


def test_two_views_share_a_model(view: EnvironmentView, model: EnvironmentModel, qtbot: QtBot) -> None:
    other = EnvironmentView(model, is_alone=True)
    qtbot.addWidget(other)
    open_row(view, model, "query", "Products")
    assert not other.tree.isExpanded(model.index_of_path(("query", "Products")))
    view.grab()
    other.grab()
