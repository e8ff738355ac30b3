from elysia_desktop.ui.widgets.chip import Chip


def test_a_chip_is_never_read_as_markup(qtbot):
    chip = Chip("<b>Products</b> · 500")
    qtbot.addWidget(chip)
    assert chip.textFormat().name == "PlainText"
    assert chip.property("look") == "chip"
