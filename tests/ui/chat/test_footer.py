import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QToolButton

from elysia_desktop.ui.chat.footer import Footer, Usage


@pytest.fixture
def footer(qtbot):
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    footer = Footer()
    qtbot.addWidget(footer)
    footer.show()
    yield footer
    QLocale.setDefault(before)


def button(footer, name):
    return next(one for one in footer.findChildren(QToolButton) if one.accessibleName() == name)


def used(*calls):
    usage = Usage()
    for tokens, cost in calls:
        usage.add({"input_tokens": tokens, "output_tokens": 14, "cost": cost})
    return usage


def test_tokens_cost_and_seconds_are_summed_up(footer):
    footer.show_run(used((1900, 0.01), (986, 0.02)), 4.5, stopped=False, copyable=True)
    assert footer.summary == "2,914 tokens · $0.0300 · 4.5 s"


def test_an_unknown_price_of_one_call_leaves_the_cost_out(footer):
    footer.show_run(used((100, 0.01), (100, None)), 4.5, stopped=False, copyable=True)
    assert footer.summary == "228 tokens · 4.5 s"


@pytest.mark.parametrize(("stopped", "words"), [(True, "Stopped"), (False, "Cut off")])
def test_a_run_without_an_end_says_why(footer, stopped, words):
    footer.show_run(Usage(), None, stopped=stopped, copyable=False)
    assert footer.summary == words


def test_copy_and_run_again_are_told(footer, qtbot):
    footer.show_run(Usage(), 1, stopped=False, copyable=True)
    copy, again = button(footer, "Copy"), button(footer, "Run again")
    with qtbot.waitSignal(footer.copy_wanted):
        qtbot.keyClick(copy, Qt.Key.Key_Space)
    assert copy.text() == "Copied"
    with qtbot.waitSignal(footer.run_again):
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)


def test_without_an_answer_there_is_nothing_to_copy(footer):
    footer.show_run(Usage(), 1, stopped=True, copyable=False)
    assert not button(footer, "Copy").isVisible()


def test_an_answer_can_be_rated_and_kept_as_a_case(footer, qtbot):
    footer.show_run(Usage(), 1, stopped=False, copyable=True)
    with qtbot.waitSignal(footer.rated) as rated:
        qtbot.mouseClick(button(footer, "Bad answer"), Qt.MouseButton.LeftButton)
    assert rated.args == [-1]
    (keep,) = button(footer, "What to do with a bad answer").menu().actions()
    with qtbot.waitSignal(footer.case_wanted) as wanted:
        keep.trigger()
    assert wanted.args == [True]


def test_a_run_without_an_answer_can_be_rated_too(footer, qtbot):
    footer.show_run(Usage(), 1, stopped=True, copyable=False)
    assert button(footer, "Bad answer").isVisible()
    with qtbot.waitSignal(footer.rated) as rated:
        qtbot.mouseClick(button(footer, "Bad answer"), Qt.MouseButton.LeftButton)
    assert rated.args == [-1]
