import pytest
from PySide6.QtCore import Qt

from elysia_desktop.ui.chat.collection_chip import CollectionChip


@pytest.fixture
def chip(qtbot):
    chip = CollectionChip()
    qtbot.addWidget(chip)
    chip.set_collections([("Products", 500), ("Tickets", 1200), ("Orders & returns", 44)])
    return chip


def entry(chip, start):
    return next(each for each in chip.menu().actions() if each.text().startswith(start))


def test_all_collections_are_meant_at_first(chip):
    assert chip.chosen == []
    assert chip.text() == "All collections ▾"
    assert entry(chip, "All").isChecked()


def test_one_is_named_and_several_are_counted(chip):
    entry(chip, "Products").trigger()
    assert (chip.chosen, chip.text()) == (["Products"], "Products ▾")
    entry(chip, "Tickets").trigger()
    assert (chip.chosen, chip.text()) == (["Products", "Tickets"], "2 collections ▾")


def test_taking_the_last_one_away_means_all_again(chip):
    entry(chip, "Products").trigger()
    entry(chip, "Products").trigger()
    assert chip.chosen == []
    assert entry(chip, "All").isChecked()


def test_all_collections_unchecks_the_others(chip):
    entry(chip, "Products").trigger()
    entry(chip, "All").trigger()
    assert chip.chosen == []
    assert entry(chip, "All").isChecked()


def test_an_ampersand_is_shown_as_it_is(chip):
    chip.choose(["Orders & returns"])
    assert chip.chosen == ["Orders & returns"]
    assert chip.text() == "Orders && returns ▾"


def test_choices_survive_a_new_list_if_they_still_exist(chip):
    chip.choose(["Products", "Tickets"])
    chip.set_collections([("Tickets", 1300), ("Films", 3)])
    assert chip.chosen == ["Tickets"]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_stays_open_while_entries_are_checked(chip, qtbot):
    menu = chip.menu()
    menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))
    for name in ("Products", "Tickets"):
        place = menu.actionGeometry(entry(chip, name)).center()
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    assert menu.isVisible()
    assert chip.chosen == ["Products", "Tickets"]
    menu.close()
