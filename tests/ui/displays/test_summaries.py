import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from elysia_desktop.ui.displays import DISPLAYS, display_for
from elysia_desktop.ui.displays.card import ResultCard
from elysia_desktop.ui.displays.summaries import summarised_rows, summary_field, summary_of


@pytest.mark.parametrize(
    ("item", "summary"),
    [({}, ""), ({"ELYSIA_SUMMARY": " A tent. "}, "A tent."), ({"ELYSIA_SUMMARY": None}, "")],
)
def test_an_object_has_the_summary_that_was_written_of_it(item, summary):
    assert summary_of(item) == summary


def test_rows_hold_the_summaries_in_a_field_of_their_own():
    rows = summarised_rows(
        [{"name": "Tent", "ELYSIA_SUMMARY": "Roomy."}, {"name": "Pole", "ELYSIA_SUMMARY": ""}]
    )
    assert rows == [{"name": "Tent", "summary": "Roomy."}, {"name": "Pole", "summary": None}]


def test_a_summary_that_objects_have_themselves_is_not_overwritten():
    objects = [{"Summary": "own", "ELYSIA_SUMMARY": "written"}, {"new summary": 1}]
    field = summary_field(objects)
    assert field not in {"Summary", "summary", "new summary"}
    assert summarised_rows(objects)[0] == {"Summary": "own", field: "written"}


def test_objects_without_summaries_have_no_such_field():
    assert summary_field([{"ELYSIA_SUMMARY": ""}, {}]) == ""
    assert summarised_rows([{"a": 1, "ELYSIA_SUMMARY": ""}]) == [{"a": 1}]


@pytest.mark.parametrize("kind", [*DISPLAYS, "default"])
def test_the_name_under_which_summaries_are_sent_is_never_seen(qtbot, kind):
    item = {"title": "Tent", "content": "Roomy.", "_REF_ID": "r", "ELYSIA_SUMMARY": "Fits three."}
    card = ResultCard({"type": kind, "objects": [item], "metadata": {}})
    qtbot.addWidget(card)
    card.show()
    seen = [label.text() for label in card.findChildren(QLabel)]
    seen += [column.title + column.name for column in card.display.columns()]
    for action in card.copy_button.menu().actions():
        action.trigger()
        seen.append(QGuiApplication.clipboard().text())
    assert "ELYSIA" not in " ".join(seen).upper()


@pytest.mark.parametrize("kind", ["document", "product"])
def test_rows_tell_their_summaries_as_they_come(qtbot, kind):
    objects = [{"name": f"Tent {i}", "content": "Roomy.", "_REF_ID": f"r{i}"} for i in range(9)]
    display = display_for({"type": kind, "objects": objects, "metadata": {}})
    qtbot.addWidget(display)
    display.resize(300, 900)
    display.show()
    rows = display.list.rows
    assert not any(row.summary.isVisible() for row in rows)
    display.list.show_all()
    display.select_ref("r7")
    summary = "A tent for three that packs small. " * 6
    written = [{**item, "ELYSIA_SUMMARY": "" if item["_REF_ID"] == "r1" else summary} for item in objects]
    display.show_summaries({"type": kind, "objects": written, "metadata": {}})
    assert display.list.rows == rows
    assert [row.summary.isVisible() for row in rows[:3]] == [True, False, True]
    assert rows[7].is_selected
    assert rows[7].isVisible()
    label = rows[0].summary
    qtbot.waitUntil(lambda: label.height() == label.heightForWidth(label.width()) > 3 * 12)
    again = display_for({"type": kind, "objects": written, "metadata": {}})
    qtbot.addWidget(again)
    assert again.list.rows[0].summary.text() == summary.strip()
