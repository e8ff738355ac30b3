from typing import Any

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from ui.inspector.prompts_samples import at, call, exchange

from elysia_desktop.ui.inspector.prompts_list import PromptsList, PromptsModel
from elysia_desktop.ui.inspector.prompts_rows import PromptRow, rows_of


def rows(count: int, **changed: Any) -> list[PromptRow]:
    return rows_of([], [exchange(number, system=f"{number}", **changed) for number in range(count)], at(0))


def test_it_is_a_sound_model(qtmodeltester: ModelTester) -> None:
    model = PromptsModel()
    qtmodeltester.check(model)
    for shown in (rows(2), rows(3), rows(3, error="Busy."), rows(1), []):
        model.set_rows(shown)
        assert model.rowCount() == len(shown)


def test_more_rows_leave_the_chosen_one_chosen(qtbot: QtBot) -> None:
    model = PromptsModel()
    view = PromptsList(model)
    qtbot.addWidget(view)
    model.set_rows(rows(2))
    view.setCurrentIndex(model.index(1))
    with qtbot.assertNotEmitted(view.selectionModel().currentChanged):
        model.set_rows(rows(4))
    assert view.currentIndex().row() == 1
    assert view.selectedIndexes() == [model.index(1)]


def test_a_row_that_changes_is_told_of(qtbot: QtBot) -> None:
    model = PromptsModel()
    before = [exchange(1), exchange(2, purpose="query")]
    model.set_rows(rows_of([], before, at(0)))
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_rows(rows_of([call("e2")], before, at(0)))
    assert [index.row() for index in changed.args[:2]] == [1, 1]
    assert model.rows[1].call == 0


def test_a_row_is_said_and_read(qtbot: QtBot) -> None:
    model = PromptsModel()
    model.set_rows(rows(1))
    assert model.index(0).data() == "decision"
    assert "58 out" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_every_kind_of_row_can_be_drawn_in_both_directions(qtbot: QtBot) -> None:
    model = PromptsModel()
    view = PromptsList(model)
    qtbot.addWidget(view)
    model.set_rows(rows_of([call("e1", "e2"), call("gone")], [exchange(1), exchange(2, error="Busy.")]))
    view.resize(300, 200)
    there = view.grab().toImage()
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert view.grab().toImage() != there
    view.resize(40, 200)
    assert not view.grab().isNull()
