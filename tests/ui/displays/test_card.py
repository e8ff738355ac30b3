import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QVBoxLayout, QWidget

from elysia_desktop.ui import theme
from elysia_desktop.ui.displays.card import ResultCard

PAYLOAD = {
    "type": "table",
    "objects": [{"name": f"Tent {i}", "price": i, "_REF_ID": f"query_Products_0_{i}"} for i in range(10)],
    "metadata": {"collection_name": "Products", "total": 214, "query_output": {"collection": "Products"}},
    "code": {"language": "python", "title": "Query", "text": "products.query.fetch_objects()"},
}


@pytest.fixture
def card(qtbot):
    card = ResultCard(PAYLOAD)
    qtbot.addWidget(card)
    card.resize(700, 400)
    card.show()
    return card


def labels(card):
    return [label.text() for label in card.findChildren(QLabel)]


def test_the_header_says_what_it_is_and_how_many_of_how_many(card):
    assert {"Products", "table", "10 of 214"} <= set(labels(card))


def test_the_query_is_shown_and_hidden_again(qtbot, card):
    with qtbot.waitSignal(card.query_wanted):
        qtbot.mouseClick(card.query_button, Qt.MouseButton.LeftButton)
    request, code = card.query_panel.texts
    assert card.query_panel.isVisible()
    assert json.loads(request.toPlainText()) == {"collection": "Products"}
    assert code.toPlainText() == "products.query.fetch_objects()"
    assert request.isReadOnly()
    qtbot.mouseClick(card.query_button, Qt.MouseButton.LeftButton)
    assert not card.query_panel.isVisible()


def test_the_request_and_its_code_can_be_copied(qtbot, card):
    qtbot.mouseClick(card.query_button, Qt.MouseButton.LeftButton)
    copied = []
    for button in card.query_panel.copy_buttons:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        copied.append(QGuiApplication.clipboard().text())
    assert json.loads(copied[0]) == {"collection": "Products"}
    assert copied[1] == "products.query.fetch_objects()"
    assert card.query_panel.copy_buttons[1].accessibleName() == "Copy: Query · Python"


def test_without_a_request_there_is_nothing_to_view(qtbot):
    card = ResultCard({"type": "table", "objects": [{"a": 1}], "metadata": {}})
    qtbot.addWidget(card)
    card.show()
    assert card.query_button.isHidden()


def test_it_can_be_opened_in_a_table(qtbot, card):
    with qtbot.waitSignal(card.opened):
        qtbot.mouseClick(card.open_button, Qt.MouseButton.LeftButton)


def test_it_is_copied_in_the_form_chosen(card):
    copied = []
    for action in card.copy_button.menu().actions():
        action.trigger()
        copied.append(QGuiApplication.clipboard().text().splitlines()[0])
    assert copied == ["Name\tPrice", "Name,Price", "| Name | Price |", "["]


def test_a_selected_object_is_told(qtbot, card):
    table = card.display.table
    place = table.visualRect(table.object_model().index(0, 0)).center()
    with qtbot.waitSignal(card.object_selected) as selected:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert selected.args == ["query_Products_0_0"]


def test_a_reference_scrolls_the_page_to_its_row(qtbot):
    area, page = QScrollArea(), QWidget()
    qtbot.addWidget(area)
    layout = QVBoxLayout(page)
    layout.addSpacing(2000)
    card = ResultCard(PAYLOAD)
    layout.addWidget(card)
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.resize(700, 300)
    area.show()
    assert card.select_ref("query_Products_0_9")
    assert area.verticalScrollBar().value() > 1500


def test_a_result_without_objects_says_so(qtbot):
    card = ResultCard({"type": "table", "objects": [], "metadata": {}})
    qtbot.addWidget(card)
    assert "Nothing was found." in labels(card)


def test_it_takes_on_another_theme_while_it_is_shown(qtbot, card):
    app = QApplication.instance()
    style, palette, sheet, font = app.style().name(), app.palette(), app.styleSheet(), app.font()
    try:
        pictures = []
        for appearance in ("light", "dark"):
            theme.apply(app, appearance)
            card.display.select_ref("query_Products_0_0")
            image = card.display.table.viewport().grab().toImage()
            icon = card.open_button.icon().pixmap(14, 14).toImage()
            pictures.append((image.pixelColor(4, 20).name(), icon.pixelColor(10, 4).name()))
        assert [ground for ground, _ in pictures] == [theme.LIGHT.selection, theme.DARK.selection]
        assert pictures[0][1] != pictures[1][1]
    finally:
        app.setStyleSheet(sheet)
        app.setStyle(style)
        app.setPalette(palette)
        app.setFont(font)


def test_tab_reaches_the_commands_before_the_display(qtbot, card):
    order, widget = [], card.query_button
    for _ in range(30):
        order.append(widget)
        widget = widget.nextInFocusChain()
    assert order.index(card.copy_button) < order.index(card.open_button) < order.index(card.display.table)


def test_a_copy_is_confirmed_for_a_moment(qtbot, card):
    card.show_query()
    button = card.query_panel.copy_buttons[0]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.toolTip() == "Copied"
    qtbot.waitUntil(lambda: button.toolTip() == "Copy: Request", timeout=4000)


def test_the_command_that_hides_the_query_is_called_so(qtbot, card):
    for name in ("View query: Products", "Hide query: Products", "View query: Products"):
        assert card.query_button.accessibleName() == name
        qtbot.mouseClick(card.query_button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("lines", [1, 5, 14])
@pytest.mark.parametrize("wide", [False, True])
def test_short_code_is_shown_whole(qtbot, lines, wide):
    theme.apply(QApplication.instance(), "light")
    line = "x" * (300 if wide else 3)
    card = ResultCard({**PAYLOAD, "code": {"language": "python", "text": "\n".join([line] * lines)}})
    qtbot.addWidget(card)
    card.resize(700, 900)
    card.show_query()
    card.show()
    code = card.query_panel.texts[1]
    qtbot.waitUntil(lambda: code.horizontalScrollBar().isVisible() == wide)
    needed = lines * code.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: needed <= code.viewport().height() <= needed + 4)
    assert not code.verticalScrollBar().isVisible()


def test_code_shows_that_it_has_the_focus(qtbot):
    theme.apply(QApplication.instance(), "light")
    card = ResultCard(PAYLOAD)
    qtbot.addWidget(card)
    card.resize(700, 600)
    card.show_query()
    with qtbot.waitActive(card):
        card.show()
        card.activateWindow()
    code = card.query_panel.texts[0]
    code.setFocus()
    image = code.grab().toImage()
    assert image.pixelColor(image.width() // 2, 0).name() == theme.LIGHT.accent
