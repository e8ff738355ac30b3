import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from elysia_desktop.ui.widgets.flow_layout import FlowLayout


@pytest.fixture
def pane(qtbot):
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.flow = FlowLayout(pane, gap=10, row_gap=5)
    pane.boxes = [QLabel(pane) for _ in range(3)]
    for box in pane.boxes:
        box.setFixedSize(100, 20)
        pane.flow.addWidget(box)
    pane.show()
    return pane


def test_widgets_stand_in_a_row_while_there_is_room(pane):
    pane.flow.setGeometry(QRect(0, 0, 320, 100))
    assert [(box.x(), box.y()) for box in pane.boxes] == [(0, 0), (110, 0), (220, 0)]
    assert pane.flow.heightForWidth(320) == 20


def test_the_next_row_begins_where_the_width_ends(pane):
    pane.flow.setGeometry(QRect(0, 0, 319, 100))
    assert [(box.x(), box.y()) for box in pane.boxes] == [(0, 0), (110, 0), (0, 25)]
    assert pane.flow.heightForWidth(319) == 45


def test_rows_begin_at_the_right_where_one_reads_from_the_right(pane):
    pane.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    pane.flow.setGeometry(QRect(0, 0, 320, 100))
    assert [box.x() for box in pane.boxes] == [220, 110, 0]


def test_hidden_widgets_take_no_room(pane):
    pane.boxes[0].hide()
    pane.flow.setGeometry(QRect(0, 0, 320, 100))
    assert pane.boxes[1].x() == 0


def test_an_item_can_be_taken_out(pane):
    item = pane.flow.takeAt(0)
    assert item.widget() is pane.boxes[0]
    assert pane.flow.count() == 2
    assert pane.flow.takeAt(7) is None
