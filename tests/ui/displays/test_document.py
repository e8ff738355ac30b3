from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from elysia_desktop.ui import theme
from elysia_desktop.ui.displays.clamped import ClampedText
from elysia_desktop.ui.displays.document import DocumentDisplay

TEXT = "First part. 😀 Second part. Third part. " + "More of it. " * 400


def span(part, ref, **more):
    start = TEXT.index(part)
    return {"start": start, "end": start + len(part), "_REF_ID": ref, **more}


def shown(qtbot, *spans, text=TEXT):
    item = {"title": "Guide", "content": text, "chunk_spans": list(spans), "_REF_ID": "r1"}
    display = DocumentDisplay({"type": "document", "objects": [item]})
    qtbot.addWidget(display)
    display.resize(500, 400)
    display.show()
    return display, [each.shown_text for each in display.findChildren(ClampedText)]


def test_the_passages_that_were_found_come_before_the_whole_text(qtbot):
    display, texts = shown(qtbot, span("Third part.", "r2"), span("First part.", "r1"))
    assert texts[:2] == ["First part. …", "… Third part. …"]
    assert texts[2].startswith("First part. 😀 Second part.")
    assert len(texts) == 3
    assert display.rows()[0].keys() == {"title", "content", "_REF_ID"}


def test_passages_that_overlap_are_one(qtbot):
    _, texts = shown(qtbot, span("First part. 😀 Second part.", "r1"), span("Second part. Third part.", "r2"))
    assert texts[0] == "First part. 😀 Second part. Third part. …"
    assert len(texts) == 2


def test_every_passage_leads_to_its_document(qtbot):
    display, _ = shown(qtbot, span("First part.", "r1"), span("Third part.", "r2"))
    for ref in ("r1", "r2"):
        assert display.select_ref(ref)
        assert display.list.rows[0].is_selected
    assert not display.select_ref("r3")


def test_a_document_without_passages_shows_its_beginning(qtbot):
    _, texts = shown(qtbot)
    assert len(texts) == 1
    assert texts[0].startswith("First part.")
    assert texts[0].endswith("…")


def test_places_that_are_not_in_the_text_are_left_out(qtbot):
    wrong = [{"start": 5, "end": 2}, {"start": 0, "end": 10**9}, {"start": "a", "end": 3}, {}, None, 7]
    _, texts = shown(qtbot, *wrong, span("First part.", "r1"))
    assert texts[0] == "First part. …"
    assert len(texts) == 2


def marked(label):
    """The parts of a label's text that have a ground of their own."""
    document = QTextDocument()
    document.setHtml(label.text())
    parts, block = [], document.begin()
    while block.isValid():
        parts += [
            each.fragment().text()
            for each in block
            if each.fragment().charFormat().background().style() is not Qt.BrushStyle.NoBrush
        ]
        block = block.next()
    return document.toPlainText(), parts


def test_the_passages_are_marked_in_the_whole_text(qtbot):
    text = "  \n" + TEXT.replace("Second part", "<b>Second</b> & part")
    start = text.index("<b>")
    found = {"start": start, "end": text.index("Third") - 1, "_REF_ID": "r1"}
    display, _ = shown(qtbot, found, text=text)
    whole = display.findChildren(ClampedText)[-1]
    qtbot.mouseClick(whole.button, Qt.MouseButton.LeftButton)
    assert marked(whole.findChild(QLabel)) == (text.strip(), ["<b>Second</b> & part."])


def test_marks_follow_the_theme(qtbot):
    theme.apply(QApplication.instance(), "light")
    display, _ = shown(qtbot, span("First part.", "r1"))
    label = display.findChildren(ClampedText)[-1].findChild(QLabel)
    assert theme.LIGHT.accent_ground in label.text()
    theme.apply(QApplication.instance(), "dark")
    qtbot.waitUntil(lambda: theme.DARK.accent_ground in label.text())


def test_a_file_of_the_conversation_is_opened_instead_of_being_shown_whole(qtbot):
    item = {
        "title": "guide.pdf",
        "content": TEXT,
        "document_id": "d1",
        "is_excerpt": False,
        "chunk_spans": [span("Second part.", "r2"), span("Third part.", "r3")],
        "_REF_ID": "r2",
    }
    display = DocumentDisplay({"type": "document", "objects": [item]})
    qtbot.addWidget(display)
    display.show()
    assert display.title == "From the files"
    shown_texts = [text.shown_text for text in display.findChildren(ClampedText)]
    assert shown_texts == ["… Second part. …", "… Third part. …"]
    button = next(b for b in display.findChildren(QPushButton) if b.text() == "Open the text")
    assert button.accessibleName() == "Open the text: guide.pdf"
    with qtbot.waitSignal(display.passage_wanted) as wanted:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["r2"]
    assert display.select_ref("r3")
    assert [each.property("look") for _, each in display._passages] == ["", "cited"]
    assert display.rows()[0].keys() == {"title", "content", "_REF_ID"}
