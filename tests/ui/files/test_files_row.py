import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from ui.files.files import a_source

from elysia_desktop.ui.files.files_row import FilesRow


@pytest.fixture
def row(qtbot):
    row = FilesRow()
    qtbot.addWidget(row)
    row.resize(600, 60)
    row.show()
    return row


def commands(menu):
    return {action.text().replace("&", ""): action for action in menu.actions() if action.text()}


def test_it_is_hidden_while_there_are_no_files(row):
    assert FilesRow().isHidden()
    row.show_files([a_source("a")])
    assert row.isVisible()
    row.show_files([])
    assert row.isHidden()


def test_each_file_has_a_chip_with_its_name_and_pages(row):
    row.show_files([a_source("a"), a_source("b", "notes & more.md", pages=None)])
    assert [chip.text() for chip in row.chips] == ["a.pdf · 2 pages", "notes && more.md"]
    assert row.chips[0].accessibleName() == "File: a.pdf"
    assert "340 kB" in row.chips[0].accessibleDescription()


def test_a_long_name_is_cut_and_told_whole(row):
    name = "the quarterly report of the harbour authority " * 4 + ".pdf"
    row.show_files([a_source("a", name)])
    assert "…" in row.chips[0].text()
    assert name in row.chips[0].toolTip()


def test_more_than_three_files_share_a_chip(row):
    row.show_files([a_source(str(number)) for number in range(4)])
    assert [chip.text() for chip in row.chips] == ["4 files ▾"]
    row.show_files([a_source("0", in_use=False), *(a_source(str(number)) for number in range(1, 5))])
    assert [chip.text() for chip in row.chips] == ["4 of 5 files ▾"]
    submenus = [action.menu() for action in row.chips[0].menu().actions()]
    assert len(submenus) == 5
    assert not commands(submenus[0])["Use for answers"].isChecked()


def test_a_file_is_taken_out_of_use_opened_and_removed(row, qtbot):
    row.show_files([a_source("a")])
    menu = commands(row.chips[0].menu())
    with qtbot.waitSignal(row.used) as used:
        menu["Use for answers"].trigger()
    assert used.args == ["a", False]
    with qtbot.waitSignal(row.opened) as opened:
        menu["Open its text"].trigger()
    assert opened.args == ["a"]
    with qtbot.waitSignal(row.removed) as removed:
        menu["Remove from this conversation"].trigger()
    assert removed.args == ["a"]


def test_a_file_that_is_not_in_use_looks_and_says_so(row):
    row.show_files([a_source("a", in_use=False)])
    assert row.chips[0].property("look") == "unused file"
    assert "not in use" in row.chips[0].accessibleDescription()


def test_what_is_being_read_is_told_and_can_be_stopped(row, qtbot):
    row.show_progress(1, 5, "report.pdf")
    assert row.isVisible()
    assert row.progress == "Reading report.pdf · 2 of 5"
    with qtbot.waitSignal(row.cancelled):
        qtbot.mouseClick(row._reading.cancel, Qt.MouseButton.LeftButton)
    row.end_progress()
    assert row.isHidden()
    assert row.progress == ""


def test_everything_that_takes_the_focus_has_a_name(row):
    row.show_files([a_source("a"), a_source("b")])
    row.show_progress(0, 1, "c.pdf")
    takers = [each for each in row.findChildren(QWidget) if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(takers) == 3
    assert all(each.accessibleName() for each in takers)
