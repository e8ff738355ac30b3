import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from elysia_desktop.ui.displays.clamped import ClampedText

LONG = "A tent may be returned within sixty days. " * 30


def make(qtbot, text):
    clamped = ClampedText(text)
    qtbot.addWidget(clamped)
    clamped.resize(300, 200)
    clamped.show()
    return clamped


def test_a_long_text_is_cut_until_all_is_asked_for(qtbot):
    clamped = make(qtbot, LONG)
    assert clamped.shown_text.endswith("…")
    qtbot.mouseClick(clamped.button, Qt.MouseButton.LeftButton)
    assert clamped.shown_text == LONG.strip()
    assert clamped.button.text() == "Show less"
    qtbot.mouseClick(clamped.button, Qt.MouseButton.LeftButton)
    assert clamped.shown_text.endswith("…")


@pytest.mark.parametrize("text", ["", "Short.", "one\ntwo\nthree"])
def test_a_short_text_is_whole_and_has_no_button(qtbot, text):
    clamped = make(qtbot, text)
    assert clamped.shown_text == text
    assert clamped.button.isHidden()


def test_a_wider_place_shows_more(qtbot):
    clamped = make(qtbot, LONG)
    narrow = len(clamped.shown_text)
    clamped.resize(600, 200)
    assert len(clamped.shown_text) > narrow


def test_it_can_stand_back(qtbot):
    clamped = make(qtbot, LONG)
    label = clamped.findChild(QLabel)
    for mute, look in ((True, "mute"), (False, "")):
        clamped.set_mute(mute)
        assert label.property("look") == look
