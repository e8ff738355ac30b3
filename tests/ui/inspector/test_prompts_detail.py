import pytest
from PySide6.QtWidgets import QFrame
from pytestqt.qtbot import QtBot
from ui.inspector.prompts_samples import call, exchange

from elysia_desktop.ui.inspector.prompts_detail import PromptDetail
from elysia_desktop.ui.inspector.prompts_rows import rows_of


@pytest.fixture
def detail(qtbot: QtBot) -> PromptDetail:
    detail = PromptDetail()
    qtbot.addWidget(detail)
    detail.resize(430, 700)
    detail.show()
    return detail


def test_everything_sent_and_received_is_shown(detail: PromptDetail) -> None:
    (row,) = rows_of([call("e1")], [exchange(1)])
    detail.show_row(row, 2, 5)
    assert (detail.header.title, detail.header.chip) == ("Call 2 of 5", "1,612 tokens in · 58 out")
    assert detail.remarks[0].startswith("decision · gpt-oss:20b · 0.8 s · $0.0004 · sent at ")
    assert detail.system.shown == "Decide."
    assert detail.user.shown == "Question 1"
    assert detail.reply.shown == '{\n  "option": "query"\n}'
    assert not detail.schema.is_open
    assert detail.schema.isVisible()


def test_an_error_is_told_in_words(detail: PromptDetail) -> None:
    failed, answered = rows_of([call("e1", "e2")], [exchange(1, error="Too busy.", reply=""), exchange(2)])
    frame = next(found for found in detail.findChildren(QFrame) if found.property("look") == "error")
    detail.show_row(failed, 1, 2)
    assert frame.isVisible()
    assert "Too busy." in detail.remarks
    assert not detail.reply.isVisible()
    detail.show_row(answered, 2, 2)
    assert not frame.isVisible()
    assert "Too busy." not in detail.remarks
    assert detail.reply.isVisible()


def test_what_came_of_a_reply_is_said(detail: PromptDetail) -> None:
    first, second = rows_of([call("e1", "e2")], [exchange(1), exchange(2, reply="")])
    detail.show_row(first, 1, 2)
    assert detail.remarks[-1] == "This reply could not be used, so the model was asked again."
    detail.show_row(second, 2, 2)
    assert detail.remarks[-1] == "The model sent nothing back."


def test_of_a_prompt_that_is_gone_it_says_how_long_prompts_are_kept(detail: PromptDetail) -> None:
    kept, gone = rows_of([call("e1"), call("lost")], [exchange(1)])
    detail.show_row(kept, 1, 2)
    detail.show_row(gone, 2, 2)
    assert "until the app ends" in detail.remarks[-1]
    assert not any(part.isVisible() for part in (detail.system, detail.user, detail.reply, detail.schema))


def test_without_a_schema_none_is_offered(detail: PromptDetail) -> None:
    (row,) = rows_of([call("e1")], [exchange(1, schema=None)])
    detail.show_row(row, 1, 1)
    assert not detail.schema.isVisible()
