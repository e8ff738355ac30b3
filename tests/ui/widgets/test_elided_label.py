from elysia_desktop.ui.widgets.elided_label import ElidedLabel


def test_a_cut_text_is_whole_in_the_tooltip(qtbot):
    label = ElidedLabel("A <b>rather</b> long title of a conversation")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.toolTip() == "<p>A &lt;b&gt;rather&lt;/b&gt; long title of a conversation</p>"


def test_a_text_with_room_has_no_tooltip(qtbot):
    label = ElidedLabel("Title")
    qtbot.addWidget(label)
    label.resize(400, 20)
    label.show()
    assert label.toolTip() == ""


def test_it_asks_for_little_room(qtbot):
    label = ElidedLabel("word " * 50)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 60
    assert not label.grab().isNull()
