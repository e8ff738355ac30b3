import pytest
from PySide6.QtCore import Qt

from elysia_desktop.ui.displays.document import DocumentDisplay
from elysia_desktop.ui.displays.product import ProductDisplay


def payload(count):
    objects = [
        {
            "title": f"Guide {i}",
            "name": f"Tent {i}",
            "price": 100 + i / 4,
            "category": "Tents",
            "date": "2024-02-01T00:00:00Z",
            "content": "Short.",
            "_REF_ID": f"query_X_0_{i}",
        }
        for i in range(count)
    ]
    return {"type": "x", "objects": objects, "metadata": {}}


@pytest.fixture(params=[DocumentDisplay, ProductDisplay])
def display(request, qtbot):
    display = request.param(payload(12))
    qtbot.addWidget(display)
    display.resize(600, 600)
    display.show()
    return display


def visible(display):
    return [row for row in display.list.rows if not row.isHidden()]


def test_a_few_objects_are_shown_and_the_others_on_request(qtbot, display):
    assert len(visible(display)) == 5
    qtbot.mouseClick(display.list.more, Qt.MouseButton.LeftButton)
    assert len(visible(display)) == 12


def test_a_click_selects_one_object_and_tells_its_reference(qtbot, display):
    told = []
    display.object_selected.connect(told.append)
    for row in display.list.rows[:2]:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert told == ["query_X_0_0", "query_X_0_1"]
    assert [row.is_selected for row in display.list.rows[:2]] == [False, True]


def test_the_keyboard_selects_too(qtbot, display):
    with qtbot.waitSignal(display.object_selected):
        qtbot.keyClick(display.list.rows[1], Qt.Key.Key_Space)


def test_a_reference_among_those_left_out_is_brought_to_sight_without_telling(qtbot, display):
    told = []
    display.object_selected.connect(told.append)
    assert display.select_ref("query_X_0_11")
    assert display.list.rows[11].is_selected
    assert not display.list.rows[11].isHidden()
    assert told == []


def test_rows_have_names_for_screen_readers(display):
    assert all(row.accessibleName() for row in display.list.rows)
