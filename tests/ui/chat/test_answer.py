import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QVBoxLayout, QWidget
from ui.chat.runs import CITED

from elysia_desktop.ui.chat.answer import AnswerView


@pytest.fixture
def view(qtbot):
    pane = QWidget()
    column = QVBoxLayout(pane)
    view = AnswerView(pane, lambda ref_id: f"object {ref_id}")
    column.addWidget(view)
    column.addStretch(1)
    pane.resize(500, 600)
    qtbot.addWidget(pane)
    with qtbot.waitExposed(pane):
        pane.show()
    view.pane = pane
    return view


def test_pieces_are_shown_together_after_a_moment(view, qtbot):
    view.append("The tent ")
    view.append("leads.")
    assert view.document().toPlainText() == ""
    qtbot.waitUntil(lambda: view.document().toPlainText() == "The tent leads.")


def test_the_text_is_what_came_shown_or_not(view):
    view.append("The **tent** ")
    view.append("leads.")
    assert view.text == "The **tent** leads."


def test_a_finished_paragraph_is_shown_as_markdown_while_the_next_is_written(view, qtbot):
    view.append("The **tent** leads.\n\nThe **pack")
    qtbot.waitUntil(lambda: view.document().toPlainText() == "The tent leads.\nThe **pack")


def test_an_open_fence_is_not_taken_for_a_finished_paragraph(view, qtbot):
    view.append("```\none\n\ntwo")
    qtbot.waitUntil(lambda: "two" in view.document().toPlainText())
    assert view.document().toPlainText() == "```\none\n\ntwo"


def test_thousands_of_pieces_add_up_to_the_whole(view, qtbot):
    pieces = [f"word{number}" + ("\n\n" if number % 40 == 0 else " ") for number in range(2000)]
    for piece in pieces:
        view.append(piece)
        if len(piece) % 3 == 0:
            qtbot.wait(0)
    assert view.text == "".join(pieces)
    qtbot.waitUntil(lambda: "word1999" in view.document().toPlainText())
    assert view.document().toPlainText().split() == "".join(pieces).split()


def test_the_final_text_replaces_what_was_streamed(view, qtbot):
    view.append("The **ten")
    view.show_payload({"objects": [{"text": "The **tent** leads."}]})
    qtbot.wait(60)
    assert view.document().toPlainText() == "The tent leads."
    assert view.text == "The **tent** leads."


def test_an_answer_that_is_cut_off_is_shown_as_markdown(view):
    view.append("The **tent** leads")
    view.end()
    assert view.document().toPlainText() == "The tent leads"


def test_the_view_is_as_high_as_its_text(view, qtbot):
    view.show_payload({"objects": [{"text": "word " * 200}]})
    high = view.height()
    assert high == pytest.approx(view.document().size().height(), abs=1)
    view.pane.resize(900, 600)
    qtbot.waitUntil(lambda: view.height() < high)
    assert view.height() == pytest.approx(view.document().size().height(), abs=1)


def test_a_citation_is_reached_with_tab_and_chosen_with_enter(view, qtbot):
    view.show_payload(CITED)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.citation_selected) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == ["query_Products_0_0"]


def test_a_click_on_a_badge_chooses_its_citation(view, qtbot):
    view.show_payload(CITED)
    badge = view._badges[-1]
    qtbot.mouseMove(view.viewport(), view._badge_place(badge).center().toPoint())
    with qtbot.waitSignal(view.citation_selected) as chosen:
        qtbot.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=view._badge_place(badge).center().toPoint()
        )
    assert chosen.args == ["query_Products_0_1"]


def test_a_link_is_told_and_not_opened(view, qtbot):
    view.show_payload({"objects": [{"text": "[book](https://example.org/a)"}]})
    shown = view.document().toPlainText()
    with qtbot.waitSignal(view.link_wanted) as wanted:
        view.anchorClicked.emit(QUrl("https://example.org/a"))
    assert wanted.args == ["https://example.org/a"]
    assert view.document().toPlainText() == shown


def test_it_keeps_its_citations_when_the_colours_change(view, qapp):
    view.show_payload(CITED)
    palette = view.palette()
    palette.setColor(palette.ColorRole.Window, Qt.GlobalColor.black)
    view.pane.setPalette(palette)
    assert list(view.citations.values()) == ["1", "A1", "2"]
    assert len(view._badges) == 3


def test_a_text_that_is_replaced_goes_and_more_may_follow(view, qtbot):
    view.append("Thinking…\n\nstill ")
    qtbot.waitUntil(lambda: "still" in view.document().toPlainText())
    view.replace("The **tent**\n\nleads")
    view.append(" by far.")
    qtbot.waitUntil(lambda: view.document().toPlainText().endswith("by far."))
    assert view.text == "The **tent**\n\nleads by far."
    assert "Thinking" not in view.document().toPlainText()
    view.end()
    assert view.document().toPlainText().startswith("The tent")


def test_what_citations_stand_for_is_said_to_screen_readers(view):
    view.show_payload(CITED)
    spoken = view.accessibleDescription()
    assert spoken.startswith("Citations: 1: object ")
    assert spoken.count(": object ") == len(view.citations)
