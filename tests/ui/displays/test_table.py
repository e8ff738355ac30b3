from PySide6.QtCore import Qt

from elysia_desktop.ui.displays.table import MOST_HIGH_ROWS, TableDisplay
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


def summarised(content, text="A ticket about a pole that broke in the wind, and what became of it. " * 3):
    objects = [{**item, "ELYSIA_SUMMARY": text} for item in content["objects"]]
    return {**content, "objects": objects}


def test_summaries_stand_behind_the_name_in_rows_that_are_higher(qtbot):
    display = TableDisplay(summarised(payload(30)))
    qtbot.addWidget(display)
    display.resize(500, 400)
    display.show()
    assert [column.title for column in display.columns()] == ["Title", "Summary", "Status"]
    row = display.table.rowHeight(0)
    assert row > 2 * ROW_HEIGHT
    assert display.table.height() == HEADER_HEIGHT + MOST_HIGH_ROWS * row


def test_rows_are_as_high_as_the_width_of_their_summaries_asks(qtbot):
    display = TableDisplay(summarised(payload(3)))
    qtbot.addWidget(display)
    display.resize(1800, 400)
    display.show()
    before = display.table.rowHeight(0)
    display.resize(420, 400)
    assert display.table.rowHeight(0) > before
    assert display.table.height() >= HEADER_HEIGHT + 3 * display.table.rowHeight(0)


def test_what_a_person_did_in_a_table_stays_when_summaries_come(qtbot):
    content = payload(30)
    for number, item in enumerate(content["objects"]):
        item["status"] = ("open", "closed", "waiting")[number % 3]
    display = TableDisplay(content)
    qtbot.addWidget(display)
    display.resize(500, 400)
    display.show()
    table = display.table
    status = [column.name for column in display.columns()].index("status")
    table.sortByColumn(status, Qt.SortOrder.DescendingOrder)
    display.select_ref("query_T_0_9")
    table.verticalScrollBar().setValue(40)
    order = [item["_REF_ID"] for item in table.object_model().objects()]
    told = []
    display.object_selected.connect(told.append)
    display.show_summaries(summarised(content))
    assert [item["_REF_ID"] for item in table.object_model().objects()] == order
    assert table.selected_object()["_REF_ID"] == "query_T_0_9"
    assert table.selected_object()["summary"].startswith("A ticket")
    assert table.verticalScrollBar().value() == 40
    assert table.horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    assert told == []


def test_without_summaries_the_rows_are_low_again(qtbot):
    display = TableDisplay(summarised(payload(3)))
    qtbot.addWidget(display)
    display.show()
    display.show_summaries(payload(3))
    assert display.table.rowHeight(0) == ROW_HEIGHT
    assert [column.title for column in display.columns()] == ["Title", "Status"]
