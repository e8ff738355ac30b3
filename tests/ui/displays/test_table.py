from PySide6.QtCore import Qt

from elysia_desktop.ui.displays.table import TableDisplay
from elysia_desktop.ui.displays.ticket import TicketDisplay
from elysia_desktop.ui.tables.delegate import ROW_HEIGHT
from elysia_desktop.ui.tables.header import HEADER_HEIGHT


def payload(count):
    objects = [{"status": "open", "title": f"Ticket {i}", "_REF_ID": f"query_T_0_{i}"} for i in range(count)]
    return {"type": "ticket", "objects": objects, "metadata": {}}


def test_it_is_as_high_as_its_rows_and_no_higher_than_eight(qtbot):
    heights = []
    for count in (3, 30):
        display = TableDisplay(payload(count))
        qtbot.addWidget(display)
        display.resize(400, 400)
        display.show()
        heights.append(display.table.height())
    assert heights == [HEADER_HEIGHT + 3 * ROW_HEIGHT, HEADER_HEIGHT + 8 * ROW_HEIGHT]


def test_it_makes_room_for_a_scroll_bar_beneath(qtbot):
    wide = {"objects": [{f"field_{i}": 1 for i in range(30)}], "metadata": {}}
    display = TableDisplay(wide)
    qtbot.addWidget(display)
    display.resize(400, 300)
    display.show()
    qtbot.waitUntil(lambda: display.table.height() > HEADER_HEIGHT + ROW_HEIGHT)
    assert display.table.viewport().height() >= ROW_HEIGHT


def test_a_click_tells_the_reference_and_a_double_click_opens_the_table(qtbot):
    display = TableDisplay(payload(3))
    qtbot.addWidget(display)
    display.resize(400, 200)
    display.show()
    place = display.table.visualRect(display.table.object_model().index(1, 0)).center()
    with qtbot.waitSignal(display.object_selected) as selected:
        qtbot.mouseClick(display.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert selected.args == ["query_T_0_1"]
    with qtbot.waitSignal(display.opened):
        qtbot.keyClick(display.table, Qt.Key.Key_Return)


def test_a_ticket_begins_with_its_title(qtbot):
    display = TicketDisplay(payload(1))
    qtbot.addWidget(display)
    assert [column.name for column in display.columns()] == ["title", "status"]
