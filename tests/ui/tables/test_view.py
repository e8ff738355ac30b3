import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence

from elysia_desktop.ui.tables.delegate import ROW_HEIGHT
from elysia_desktop.ui.tables.header import HEADER_HEIGHT
from elysia_desktop.ui.tables.view import ObjectTable

OBJECTS = [
    {"name": f"Product {9 - i}", "price": float(i), "category": None, "_REF_ID": f"query_Products_0_{i}"}
    for i in range(10)
] + [{"name": "Last", "price": 1207, "category": "Tents", "_REF_ID": "query_Products_0_10"}]


@pytest.fixture
def table(qtbot):
    table = ObjectTable()
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.set_objects(OBJECTS)
    table.show()
    return table


@pytest.fixture
def told(table):
    told = []
    table.object_selected.connect(lambda item: told.append(item["_REF_ID"]))
    return told


def click(qtbot, table, row, column=0):
    place = table.visualRect(table.object_model().index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def click_title(qtbot, table, column):
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(column) + 20, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_selects_the_whole_row_and_tells_its_object(qtbot, table, told):
    click(qtbot, table, 1, column=1)
    assert told == ["query_Products_0_1"]
    assert table.selected_object() is OBJECTS[1]
    assert len(table.selectionModel().selectedIndexes()) == 3


def test_the_arrow_keys_move_the_selection(qtbot, table, told):
    click(qtbot, table, 0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert told == ["query_Products_0_0", "query_Products_0_1"]


def test_enter_activates_the_row(qtbot, table):
    click(qtbot, table, 2)
    with qtbot.waitSignal(table.object_activated) as activated:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert activated.args == [OBJECTS[2]]


def test_a_reference_is_selected_and_scrolled_to_without_telling(table, told):
    assert table.select_ref("query_Products_0_10")
    assert table.selected_object() is OBJECTS[10]
    row = table.visualRect(table.object_model().index(10, 0))
    assert table.viewport().rect().contains(row.center())
    assert told == []


def test_a_click_on_a_row_selected_by_reference_tells_it(qtbot, table, told):
    table.select_ref("query_Products_0_1")
    click(qtbot, table, 1)
    assert told == ["query_Products_0_1"]


def test_a_reference_that_is_elsewhere_changes_nothing(qtbot, table):
    click(qtbot, table, 1)
    assert not table.select_ref("query_Movies_0_0")
    assert table.selected_object() is OBJECTS[1]


def test_a_title_sorts_up_then_down_then_not_at_all(qtbot, table):
    model = table.object_model()
    first = []
    for _ in range(3):
        click_title(qtbot, table, 0)
        first.append(model.object_at(0)["name"])
    assert first == ["Last", "Product 9", "Product 9"]
    assert [item["name"] for item in model.objects()] == [item["name"] for item in OBJECTS]


def test_the_selection_stays_with_its_object_when_sorted(qtbot, table, told):
    click(qtbot, table, 0)
    click_title(qtbot, table, 0)
    assert table.selected_object() is OBJECTS[0]
    assert told == ["query_Products_0_0"]


def test_ctrl_c_copies_the_selected_row_for_a_spreadsheet(qtbot, table):
    click(qtbot, table, 1)
    qtbot.keySequence(table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QGuiApplication.clipboard().text() == "Product 8\t1.0\t\n"


def test_the_menu_of_a_row_copies_in_several_forms(table):
    menu = table.row_menu(table.object_model().index(10, 1))
    copied = {}
    for action in menu.actions():
        action.trigger()
        copied[action.text()] = QGuiApplication.clipboard().text()
    assert copied["Copy cell"] == "1,207"
    assert copied["Copy row"] == "Last\t1207\tTents\n"
    assert json.loads(copied["Copy row as JSON"]) == [{"name": "Last", "price": 1207, "category": "Tents"}]
    assert copied["Copy row as Markdown"].endswith("| Last | 1,207 | Tents |")


def test_columns_fill_the_table_and_fit_their_contents(table):
    header = table.horizontalHeader()
    assert header.length() == table.viewport().width()
    assert header.sectionSize(0) > header.sectionSize(1) >= 60


def test_columns_follow_a_resize_until_the_person_sets_a_width(qtbot, table):
    table.resize(640, 200)
    assert table.horizontalHeader().length() == table.viewport().width()
    table.horizontalHeader().resizeSection(1, 111)
    table.resize(700, 200)
    assert table.columnWidth(1) == 111
    assert table.horizontalHeader().length() < table.viewport().width()


def test_tab_leaves_the_table(qtbot, table):
    assert not table.tabKeyNavigation()


def test_the_height_shows_so_many_rows_and_no_more(table):
    assert table.height_for(8) == HEADER_HEIGHT + 8 * ROW_HEIGHT
    assert table.height_for(50) == HEADER_HEIGHT + 11 * ROW_HEIGHT


def test_it_and_its_titles_have_names_for_screen_readers(table):
    assert table.accessibleName()
    assert table.horizontalHeader().accessibleName()


def test_it_paints_when_empty(qtbot):
    table = ObjectTable()
    qtbot.addWidget(table)
    table.set_objects([])
    table.show()
    assert not table.grab().isNull()
