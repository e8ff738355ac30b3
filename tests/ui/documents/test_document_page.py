import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSpinBox

from elysia_desktop.ui import theme
from elysia_desktop.ui.documents.cited_passage import CitedPassage, cited_passage, passage_label
from elysia_desktop.ui.documents.document_page import DocumentPage, OpenFile
from elysia_desktop.ui.documents.document_text import Heading

PARAGRAPH = "The bridge over the Elm 😀 was opened on 3 March 1954."
PAGES = [f"Part {number}\n\n{PARAGRAPH}\n\nThe end of part {number}." for number in range(1, 41)]
TEXT = "\n\n".join(PAGES)
STARTS = [TEXT.index(f"Part {number}\n") for number in range(1, 41)]


def a_file(document_id="d1", text=TEXT, **more):
    pages = list(enumerate(STARTS, 1)) if text == TEXT else []
    headings = [Heading(start, start + 6, 1) for start in STARTS] if text == TEXT else []
    return OpenFile(document_id, f"{document_id}.pdf", "pdf", text, pages, headings, **more)


def passage_on(page, words="opened", document_id="d1"):
    start = TEXT.index(words, STARTS[page - 1])
    return CitedPassage(f"r{page}", document_id, f"{document_id}.pdf", start, start + 20, page, words)


@pytest.fixture
def page(qtbot, qapp):
    theme.apply(qapp, "light")
    page = DocumentPage()
    qtbot.addWidget(page)
    page.resize(430, 600)
    page.show()
    return page


@pytest.fixture
def opened(page, qtbot):
    page.show_file(a_file(has_original=True))
    qtbot.waitUntil(lambda: page.view.source.is_given)
    return page


def test_nothing_is_said_to_be_open_at_first(page):
    assert "Click a citation" in page.words
    assert page.header.name == "Document"


def test_a_text_is_shown_with_the_cursor_at_its_beginning(opened):
    assert opened.view.textCursor().position() == 0
    assert opened.view.verticalScrollBar().value() == 0


def test_the_whole_text_is_shown_with_strong_headings(opened):
    assert opened.header.name == "d1.pdf"
    assert opened.view.toPlainText() == TEXT
    assert opened.view.document().findBlockByNumber(0).charFormat().fontWeight() >= 400
    first = opened.view.document().firstBlock().begin().fragment()
    assert first.text() == "Part 1"
    assert first.charFormat().fontWeight() == 600
    assert opened.view.accessibleName() == "Text of d1.pdf"


def test_a_cited_passage_is_in_sight_and_stands_on_a_ground(opened, qtbot):
    opened.show_passages([passage_on(20), passage_on(30)], 0)
    qtbot.wait(10)
    assert opened.places.passage == "Passage 1 of 2"
    assert opened.view.page == 20
    image = opened.view.viewport().grab().toImage()
    ground = QColor(theme.LIGHT.accent_ground).name()
    bar = QColor(theme.LIGHT.accent).name()
    colours = {image.pixelColor(x, y).name() for x in range(4, 200, 1) for y in range(0, 400, 3)}
    assert {ground, bar} <= colours
    assert opened.view.accessibleDescription() == "Cited: opened"


def test_a_passage_is_gone_to_as_soon_as_its_text_is_there(page, qtbot):
    words = "lorem ipsum dolor sit amet " * 8
    long = "\n".join(words for _ in range(20_000)) + "\nThe end"
    page.show_file(a_file("d2", long))
    assert not page.view.source.is_given
    at = long.index("The end")
    page.show_passages([CitedPassage("r", "d2", "d2.pdf", at, at + 7)], 0)
    qtbot.waitUntil(lambda: page.view.source.is_given)
    cursor = page.view.textCursor()
    assert page.view.source.offset(cursor.position()) == at
    assert page.view.viewport().rect().contains(page.view.cursorRect())


def test_the_person_steps_through_the_passages_of_the_answer(opened, qtbot):
    opened.show_passages([passage_on(2), passage_on(5)], 0)
    assert not opened.places._previous.isEnabled()
    with qtbot.waitSignal(opened.passage_wanted) as wanted:
        qtbot.mouseClick(opened.places._next, Qt.MouseButton.LeftButton)
    assert wanted.args == [1]


def test_a_page_that_is_typed_is_gone_to_and_scrolling_tells_the_page(opened, qtbot):
    field = opened.places.findChild(QSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "33")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.view.page == 33
    opened.view.verticalScrollBar().setValue(0)
    assert field.value() == 1


def test_words_are_found_and_gone_through_with_the_keyboard(opened, qtbot):
    with qtbot.waitActive(opened):
        opened.activateWindow()
    opened.view.setFocus()
    QTest.keyClick(opened.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = opened.finding.findChild(QLineEdit)
    assert field.isVisible()
    qtbot.keyClicks(field, "PART 7")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.finding.count == "1 of 2"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.finding.count == "2 of 2"
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert opened.finding.count == "1 of 2"
    assert opened.view.source.offset(opened.view.textCursor().position()) == STARTS[6]
    field.clear()
    qtbot.keyClicks(field, "zebra")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.finding.count == "Not found"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert opened.finding.isHidden()


def test_what_is_copied_stands_so_in_the_file(page, qtbot):
    text = "one 😀 two\n" + "x" * 9000
    page.show_file(a_file("d3", text))
    page.view.selectAll()
    page.view.copy()
    assert QGuiApplication.clipboard().text() == text
    assert page.view.toPlainText() != text  # long lines are broken to be shown


def test_the_passage_is_copied_where_nothing_is_selected(opened):
    opened.show_passages([passage_on(3)], 0)
    opened.header._copy.click()
    assert QGuiApplication.clipboard().text() == TEXT[passage_on(3).start : passage_on(3).end]


def test_the_original_is_asked_for(opened, qtbot):
    with qtbot.waitSignal(opened.original_wanted) as wanted:
        qtbot.mouseClick(opened.header._original, Qt.MouseButton.LeftButton)
    assert wanted.args == ["d1"]


def test_a_file_that_is_gone_is_said_so_with_what_was_cited(opened):
    opened.show_missing(passage_on(4, "opened"), "“d1.pdf” was removed from this conversation.")
    assert opened.words.startswith("“d1.pdf” was removed")
    assert opened.words.endswith("opened")
    assert opened.header.name == "d1.pdf, page 4"
    opened.open_search()
    assert opened.finding.isHidden()


def test_a_file_that_is_open_stays_where_it_is_read(opened):
    opened.view.go_to_page(12)
    opened.show_file(a_file(has_original=True))
    assert opened.view.page == 12


def test_only_objects_that_are_passages_are_passages():
    item = {"title": "a.pdf", "document_id": "d", "start": 3, "end": 9, "page": 2, "content": "words"}
    assert cited_passage("r", item) == CitedPassage("r", "d", "a.pdf", 3, 9, 2, "words")
    assert cited_passage("r", {"title": "a product"}) is None
    assert cited_passage("r", None) is None
    assert passage_label("a.pdf", 2) == "a.pdf, page 2"
    assert passage_label("a.md", None) == "a.md"
