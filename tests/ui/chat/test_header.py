from elysia_desktop.ui.chat.header import Header


def test_it_shows_title_and_chips(qtbot):
    header = Header()
    qtbot.addWidget(header)
    header.set_title("Best rated products")
    header.set_chips(["Products · 500", "Decide: gpt-oss:20b"])
    header.set_chips(["Products · 501"])
    assert header.title == "Best rated products"
    assert header.chips == ["Products · 501"]


def test_a_long_title_gives_way_to_the_chips(qtbot):
    header = Header()
    qtbot.addWidget(header)
    header.set_title("word " * 100)
    header.set_chips(["Products · 500"])
    assert header.minimumSizeHint().width() < 400
