from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale, Qt

from elysia_desktop.core.conversation import ConversationSummary
from elysia_desktop.ui.conversations.model import ConversationModel, Role

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)  # a Thursday


def summary(name, days=0.0, pinned=False, prompts=3, collections=("Products",)):
    when = NOW - timedelta(days=days)
    return ConversationSummary(name, f"Title {name}", when, when, prompts, collections, pinned)


@pytest.fixture
def model(qapp):
    before = QLocale()
    QLocale.setDefault(QLocale.c())
    yield ConversationModel(now=lambda: NOW)
    QLocale.setDefault(before)


def titles(model):
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


def test_it_is_a_sound_model(model, qtmodeltester):
    model.set_conversations([summary("a"), summary("b", 1), summary("c", 9, pinned=True)])
    qtmodeltester.check(model)


def test_rows_are_grouped_by_day_with_pinned_ones_first(model):
    model.set_conversations(
        [summary("old", 400), summary("b", 1), summary("a"), summary("p", 2, pinned=True), summary("c", 3)]
    )
    assert titles(model) == [
        "Pinned",
        "Title p",
        "Today",
        "Title a",
        "Yesterday",
        "Title b",
        "Monday",
        "Title c",
        "29 January 2025",
        "Title old",
    ]


def test_the_second_line_counts_prompts_and_names_collections(model):
    model.set_conversations(
        [summary("a", prompts=1, collections=("Tickets", "Orders")), summary("b", 0.01, collections=())]
    )
    details = [model.data(model.index(row, 0), Role.DETAIL) for row in (1, 2)]
    assert details == ["1 prompt · Tickets, Orders", "3 prompts"]


def test_headings_can_neither_be_selected_nor_edited(model):
    model.set_conversations([summary("a")])
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable
    assert not model.setData(model.index(0, 0), "x")


def test_a_new_title_is_told_and_an_empty_one_refused(model, qtbot):
    model.set_conversations([summary("a")])
    with qtbot.waitSignal(model.renamed) as renamed:
        assert model.setData(model.index(1, 0), "  Tents  of 2026 ")
    assert renamed.args == ["a", "Tents of 2026"]
    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(model.index(1, 0), "   ")
        assert model.setData(model.index(1, 0), "Title a")


def test_a_new_title_alone_leaves_rows_where_they_are(model, qtbot):
    model.set_conversations([summary("a"), summary("b", 1)])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_conversations([summary("a", prompts=4), summary("b", 1)])


def test_the_open_one_is_marked(model):
    model.set_conversations([summary("a"), summary("b", 1)])
    model.set_current("b")
    marked = [model.data(model.index(row, 0), Role.CURRENT) for row in (1, 3)]
    assert marked == [False, True]
    model.set_current("gone")
    assert model.current == "gone"
