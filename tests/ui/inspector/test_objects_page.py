import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.object_fields import ObjectFields
from elysia_desktop.ui.inspector.objects_page import ObjectsPage
from elysia_desktop.ui.tables.view import ObjectTable


@pytest.fixture
def page(environment: Environment, qtbot: QtBot) -> ObjectsPage:
    page = ObjectsPage()
    qtbot.addWidget(page)
    page.resize(430, 600)
    page.set_environment(environment)
    page.show()
    return page


def results(page: ObjectsPage) -> list[str]:
    combo = page.findChild(QComboBox)
    return [combo.itemText(index) for index in range(combo.count())]


def fields(page: ObjectsPage) -> list[str]:
    area = page.findChild(ObjectFields)
    return [label.text() for label in area.widget().findChildren(QLabel)]


def test_the_newest_result_is_shown_until_one_is_chosen(
    page: ObjectsPage, environment: Environment, qtbot: QtBot
) -> None:
    assert results(page) == ["query · Products · 10 objects", "aggregate · Groups · 1 object"]
    assert page.shown_place == ("aggregate", "Groups", 0)
    qtbot.keyClick(page.findChild(QComboBox), Qt.Key.Key_Up)
    assert page.shown_place == ("query", "Products", 0)
    environment.add_objects("query", "Products", [{"name": "Camp stove"}])
    page.refresh()
    assert results(page)[:2] == ["query · Products 1 · 10 objects", "query · Products 2 · 1 object"]
    assert page.shown_place == ("query", "Products", 0)


def test_an_entry_is_shown_by_its_place(page: ObjectsPage) -> None:
    assert page.show_entry("query", "Products", 0)
    assert page.findChild(ObjectTable).model().rowCount() == 10
    assert not page.show_entry("query", "Orders", 0)


def test_a_reference_selects_its_row_and_shows_its_fields_unannounced(
    page: ObjectsPage, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(page.object_selected):
        assert page.select_ref("query_Products_1_3")
        assert not page.select_ref("nothing")
    assert fields(page)[:4] == ["name", "Trail shoe 3", "price", "52.5"]


def test_a_click_on_a_row_announces_its_object(page: ObjectsPage, qtbot: QtBot) -> None:
    page.show_entry("query", "Products", 0)
    table = page.findChild(ObjectTable)
    place = table.visualRect(table.model().index(2, 0)).center()
    with qtbot.waitSignal(page.object_selected) as selected:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert selected.args == ["query_Products_1_2"]
    assert "Trail shoe 2" in fields(page)


def test_long_and_nested_values_are_cut_and_indented(page: ObjectsPage) -> None:
    area = page.findChild(ObjectFields)
    area.show_object(
        {"body": "y" * 1_000_000, "tags": ["red"], **{f"f{number}": number for number in range(300)}}
    )
    texts = fields(page)
    assert max(len(text) for text in texts) < 11_000
    assert '[\n  "red"\n]' in texts
    assert "102 more fields" in texts


def test_without_results_it_says_what_will_come(page: ObjectsPage) -> None:
    page.set_environment(Environment())
    assert page.shown_place is None
    assert not page.findChild(ObjectTable).isVisible()
