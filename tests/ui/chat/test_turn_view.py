import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QToolButton
from ui.chat.runs import (
    PRODUCTS,
    SUMMARISED,
    WAITING,
    RememberingCard,
    a_run,
    a_turn,
    decision,
    delta,
    payload,
    response,
)
from ui.inspector.calls_samples import a_loop

from elysia_desktop.ui.chat.answer import AnswerView
from elysia_desktop.ui.chat.footer import Footer
from elysia_desktop.ui.chat.remarks import HealedError, WarningLine
from elysia_desktop.ui.chat.steps import StepsStrip
from elysia_desktop.ui.chat.turn_view import TurnView


@pytest.fixture
def shown(qtbot):
    def show(turn, running=False):
        view = TurnView(turn, running=running, make_card=RememberingCard)
        qtbot.addWidget(view)
        view.resize(700, 600)
        view.show()
        return view

    return show


def button(view, name):
    return next(one for one in view.findChildren(QToolButton) if one.accessibleName() == name)


def test_a_finished_turn_shows_steps_result_answer_and_footer(shown):
    view = shown(a_turn(payloads=a_run()))
    assert [step.node for step in view.findChild(StepsStrip).steps] == ["query", "cited_summarize"]
    assert view.findChild(RememberingCard).payload == PRODUCTS
    assert view.answer == "The **tent** leads with 4.8. Price is a weak guide."
    assert view.findChild(Footer).summary.endswith("4.5 s")


def test_a_run_grows_with_its_payloads(shown, qtbot):
    view = shown(a_turn(seconds=None), running=True)
    assert not view.findChild(Footer).isVisible()
    view.apply(payload("status", {"text": "Searching…"}))
    assert any(label.text() == "Searching…" and label.isVisible() for label in view.findChildren(QLabel))
    for piece in ("The **tent** ", "leads."):
        view.apply(delta(piece))
    assert view.answer == "The **tent** leads."
    view.apply(response("The **tent** leads."))
    view.apply(payload("completed", {}))
    assert len(view.findChildren(AnswerView)) == 1
    assert view.findChild(Footer).isVisible()
    assert not any(label.text() == "Searching…" and label.isVisible() for label in view.findChildren(QLabel))


def test_two_thousand_pieces_are_the_answer(shown, qtbot):
    view = shown(a_turn(seconds=None), running=True)
    pieces = [f"word{number} " for number in range(2000)]
    for number, piece in enumerate(pieces):
        view.apply(delta(piece))
        if number % 100 == 0:
            qtbot.wait(5)
    assert view.answer == "".join(pieces)
    qtbot.waitUntil(lambda: "word1999" in view.findChild(AnswerView).document().toPlainText())


def test_a_citation_selects_its_object_in_the_cards_and_is_told(shown, qtbot):
    view = shown(a_turn(payloads=a_run()))
    answer = view.findChild(AnswerView)
    answer.setFocus()
    qtbot.keyClick(answer, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.citation_selected) as selected:
        qtbot.keyClick(answer, Qt.Key.Key_Return)
    assert selected.args == ["q1", "query_Products_0_0"]
    assert view.findChild(RememberingCard).selected == ["query_Products_0_0"]


def test_what_a_card_tells_is_passed_on_with_the_turn(shown, qtbot):
    view = shown(a_turn(payloads=a_run()))
    card = view.findChild(RememberingCard)
    with qtbot.waitSignal(view.object_selected) as selected:
        card.object_selected.emit("query_Products_0_1")
    assert selected.args == ["q1", "query_Products_0_1"]
    with qtbot.waitSignal(view.table_wanted) as wanted:
        card.opened.emit()
    assert wanted.args == ["q1", PRODUCTS]


def test_warnings_and_healed_errors_are_shown(shown, qtbot):
    view = shown(a_turn(seconds=None), running=True)
    view.apply(payload("warning", {"text": "Two were left out."}))
    view.apply(payload("self_healing_error", {"feedback": "No rank.", "error_message": "QueryRejected"}))
    qtbot.waitUntil(view.findChild(WarningLine).isVisible)
    assert view.findChild(HealedError).detail.text() == "QueryRejected"


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("allow_chunk_collections", "Settings → Data connection → Chunk collections"),
        ("a_setting_of_another_version", "Settings"),
    ],
)
def test_a_question_to_the_person_stays_as_a_remark_that_says_where_to_answer_it(shown, setting, place):
    view = shown(a_turn(payloads=[payload("consent_asked", {"setting": setting, "text": "They are long."})]))
    (line,) = view.findChildren(WarningLine)
    words = [label.text() for label in line.findChildren(QLabel)]
    assert f"They are long. Allow it, or not, in {place}." in words


def test_a_stopped_turn_says_so_and_rests(shown):
    turn = a_turn(seconds=None)
    view = shown(turn, running=True)
    view.apply(decision("base", "query"))
    view.apply(delta("The **tent**"))
    turn.stopped = True
    view.finish()
    assert view.findChild(Footer).summary == "Stopped"
    assert view.findChild(StepsStrip).steps[0].state == "stopped"
    assert view.findChild(AnswerView).document().toPlainText() == "The tent"


def test_a_turn_that_was_cut_off_keeps_its_pieces(shown):
    view = shown(a_turn(payloads=[delta("The "), delta("tent")], seconds=None))
    assert view.answer == "The tent"
    assert view.findChild(Footer).summary == "Cut off"


def test_the_answer_is_copied_as_markdown(shown, qtbot):
    view = shown(a_turn(payloads=a_run()))
    qtbot.mouseClick(button(view, "Copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == view.answer


def test_run_again_tells_the_turn(shown, qtbot):
    view = shown(a_turn(payloads=a_run()))
    with qtbot.waitSignal(view.run_again) as again:
        qtbot.mouseClick(button(view, "Run again"), Qt.MouseButton.LeftButton)
    assert again.args == ["q1"]


def test_a_title_stands_over_its_text(shown):
    text = {"type": "text_with_title", "metadata": {"title": "Gaps"}, "objects": [{"text": "One price."}]}
    view = shown(a_turn(payloads=[payload("text", text)]))
    assert "Gaps" in [label.text() for label in view.findChildren(QLabel)]


def test_an_unknown_payload_is_passed_over(shown):
    view = shown(a_turn(seconds=None), running=True)
    view.apply(payload("surprise", {}))
    assert view.answer == ""


def cards(view):
    return [card.payload for card in view.findChildren(RememberingCard)]


def test_a_result_that_comes_again_with_summaries_stays_one_card(shown, qtbot):
    view = shown(a_turn(seconds=None), running=True)
    view.apply(payload("result", WAITING))
    [card] = view.findChildren(RememberingCard)
    view.apply(payload("result", SUMMARISED))
    assert view.findChildren(RememberingCard) == [card]
    assert card.payload == SUMMARISED
    with qtbot.waitSignal(view.table_wanted) as wanted:
        card.opened.emit()
    assert wanted.args == ["q1", SUMMARISED]


def test_a_turn_that_is_kept_shows_a_summarised_result_once(shown):
    kept = [payload("result", WAITING), payload("result", SUMMARISED), payload("completed", {})]
    assert cards(shown(a_turn(payloads=kept))) == [SUMMARISED]


def test_summaries_come_to_the_last_result_that_waits_for_them(shown):
    kept = [payload("result", content) for content in (PRODUCTS, WAITING, WAITING, PRODUCTS, SUMMARISED)]
    assert cards(shown(a_turn(payloads=kept))) == [PRODUCTS, WAITING, SUMMARISED, PRODUCTS]


def test_a_result_found_again_without_summaries_has_a_card_of_its_own(shown):
    kept = [payload("result", WAITING), payload("result", PRODUCTS)]
    assert cards(shown(a_turn(payloads=kept))) == [WAITING, PRODUCTS]


def test_a_text_with_a_title_is_headed_and_stays_one_answer_as_it_streams(shown, qtbot):
    view = shown(a_turn(seconds=None), running=True)
    view.apply(delta("One pri"))
    text = {"type": "text_with_title", "metadata": {"title": "<b>Gaps"}, "objects": [{"text": "One price."}]}
    view.apply(payload("text", text, "q1", "tex-1"))
    [answer] = view.findChildren(AnswerView)
    [title] = [label for label in view.findChildren(QLabel) if label.text() == "<b>Gaps"]
    assert (view.answer, title.property("look")) == ("One price.", "title")
    qtbot.waitUntil(lambda: 0 < title.geometry().bottom() < answer.geometry().top())
    assert title.textFormat() == Qt.TextFormat.PlainText


def test_a_rating_is_told_with_the_turn_and_shown_as_the_turn_says(shown, qtbot):
    turn = a_turn(payloads=a_run())
    turn.rating = -1
    view = shown(turn)
    assert button(view, "Bad answer").isChecked()
    with qtbot.waitSignal(view.rated) as rated:
        qtbot.mouseClick(button(view, "Good answer"), Qt.MouseButton.LeftButton)
    assert rated.args == ["q1", 1]
    view.show_rating()  # it could not be kept
    assert button(view, "Bad answer").isChecked()
    assert not button(view, "Good answer").isChecked()


def test_a_run_that_failed_or_was_stopped_can_be_rated_once_it_has_ended(shown):
    error = payload("self_healing_error", {"feedback": "No model answers.", "error_message": "refused"})
    view = shown(a_turn(seconds=None), running=True)
    view.apply(error)
    assert not button(view, "Bad answer").isVisible()
    view.apply(payload("completed", {}))
    assert button(view, "Bad answer").isVisible()
    stopped = a_turn(seconds=None)
    stopped.stopped = True
    assert button(shown(stopped), "Bad answer").isVisible()


def test_a_replaced_text_takes_the_place_of_what_was_written(shown, qtbot):
    view = shown(a_turn(), running=True)
    view.apply(delta("Summarising…"))
    view.apply(payload("text_replaced", {"message_id": "tex-1", "text": "It opened"}))
    view.apply(delta(" in 1954."))
    assert view.answer == "It opened in 1954."
    view.apply(response("It opened in March 1954."))
    assert view.answer == "It opened in March 1954."


def test_calls_are_shown_as_steps(shown):
    view = shown(a_turn(payloads=a_loop()))
    steps = view.findChild(StepsStrip).steps
    assert [step.node for step in steps] == ["search_documents", "summarize_document"]


def test_a_passage_that_is_wanted_is_told_as_a_citation(shown, qtbot):
    view = shown(a_turn(payloads=a_run()))
    with qtbot.waitSignal(view.citation_selected) as cited:
        view._cards[0].passage_wanted.emit("r1")
    assert cited.args == ["q1", "r1"]
