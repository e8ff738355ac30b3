import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QToolButton

from elysia_desktop.ui import theme
from elysia_desktop.ui.chat.rating import RatingBar

NAMES = {1: "Good answer", 2: "Very good answer", -1: "Bad answer"}


@pytest.fixture
def bar(qtbot):
    bar = RatingBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def button(bar, name):
    return next(one for one in bar.findChildren(QToolButton) if one.accessibleName() == name)


def more(bar):
    return button(bar, "What to do with a bad answer")


@pytest.mark.parametrize("value", NAMES)
def test_each_thumb_tells_its_rating_and_stays_pressed(bar, qtbot, value):
    with qtbot.waitSignal(bar.rated) as rated:
        qtbot.mouseClick(button(bar, NAMES[value]), Qt.MouseButton.LeftButton)
    assert rated.args == [value]
    assert bar.rating == value


def test_pressing_a_thumb_again_takes_the_rating_back(bar, qtbot):
    bar.show_rating(2)
    with qtbot.waitSignal(bar.rated) as rated:
        qtbot.mouseClick(button(bar, NAMES[2]), Qt.MouseButton.LeftButton)
    assert rated.args == [0]
    assert bar.rating == 0


def test_one_thumb_releases_the_other(bar, qtbot):
    for name in NAMES.values():
        qtbot.mouseClick(button(bar, name), Qt.MouseButton.LeftButton)
    assert [button(bar, name).isChecked() for name in NAMES.values()] == [False, False, True]


def test_showing_a_rating_tells_nobody(bar, qtbot):
    with qtbot.assertNotEmitted(bar.rated), qtbot.assertNotEmitted(bar.case_wanted):
        bar.show_rating(-1, kept_as_case=True)
        bar.show_rating(1)
    assert bar.rating == 1


def test_thumbs_work_by_keyboard_alone_in_order(bar, qtbot):
    bar.activateWindow()
    button(bar, NAMES[1]).setFocus()
    for value, name in NAMES.items():
        assert QApplication.focusWidget() is button(bar, name)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
        assert bar.rating == value
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is more(bar)


def test_a_bad_answer_can_be_kept_as_a_case_and_let_go(bar, qtbot):
    assert not more(bar).isVisible()
    bar.show_rating(-1)
    assert more(bar).isVisible()
    (keep,) = more(bar).menu().actions()
    assert keep.text() == "Keep as regression case"
    for wanted in (True, False):
        with qtbot.waitSignal(bar.case_wanted) as told:
            keep.trigger()
        assert told.args == [wanted]


def test_a_case_that_is_kept_is_checked_in_the_menu(bar):
    bar.show_rating(-1, kept_as_case=True)
    (keep,) = more(bar).menu().actions()
    assert keep.isChecked()
    bar.show_rating(-1)
    assert not keep.isChecked()


def test_the_focus_is_not_lost_with_the_menu(bar):
    bar.activateWindow()
    bar.show_rating(-1)
    more(bar).setFocus()
    bar.show_rating(0)
    assert QApplication.focusWidget() is button(bar, NAMES[-1])


@pytest.mark.parametrize("name", NAMES.values())
def test_a_screen_reader_hears_the_name_and_whether_it_is_pressed(bar, name):
    one = button(bar, name)
    told = QAccessible.queryAccessibleInterface(one)
    assert told.text(QAccessible.Text.Name) == name
    assert told.state().checkable
    assert not told.state().checked
    one.click()
    assert told.state().checked
    assert one.toolTip() == name


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_a_pressed_thumb_has_another_colour_in_each_theme(bar, tokens):
    bar.window().setPalette(theme.palette(tokens))

    def colours():
        image = button(bar, NAMES[1]).icon().pixmap(28, 28).toImage()
        pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
        return {pixel.name() for pixel in pixels if pixel.alpha() == 255}

    bar.show_rating(0)
    assert colours() == {tokens.mute}
    bar.show_rating(1)
    assert colours() == {tokens.accent}
