from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont

from elysia_desktop.ui.displays.summary_cells import MOST_LINES, laid_out, lines_for
from elysia_desktop.ui.displays.table import TableDisplay

LONG = "A tent for three that packs small and stands in wind. " * 8


def test_a_short_summary_takes_one_line_and_a_long_one_at_most_four(qapp):
    assert lines_for([], QFont(), 300) == 1
    assert lines_for(["Roomy."], QFont(), 300) == 1
    assert 1 < lines_for(["Roomy.", LONG[:70]], QFont(), 300) < MOST_LINES
    assert lines_for(["Roomy.", LONG], QFont(), 300) == MOST_LINES


def test_what_does_not_fit_ends_in_an_ellipsis(qapp):
    assert laid_out(LONG, QFont(), 200).text().endswith("…")
    assert laid_out(LONG[:50], QFont(), 200).text() == LONG[:50].strip()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.integers(1, 400))
def test_any_text_fits_into_its_lines(qapp, text, width):
    layout = laid_out(text, QFont(), width)
    assert layout.lineCount() <= MOST_LINES
    shown = layout.text()
    last = layout.lineAt(layout.lineCount() - 1) if layout.lineCount() else None
    assert last is None or last.textStart() + last.textLength() == len(shown.encode("utf-16-le")) // 2


def test_the_lines_are_painted_on_the_ground_of_their_row(qtbot):
    objects = [{"name": "Tent", "_REF_ID": "r0", "ELYSIA_SUMMARY": LONG}]
    display = TableDisplay({"objects": objects, "metadata": {}})
    qtbot.addWidget(display)
    display.resize(500, 300)
    display.show()
    table = display.table
    pictures = []
    for chosen in (False, True):
        if chosen:
            display.select_ref("r0")
        image = table.viewport().grab(table.visualRect(table.object_model().index(0, 1))).toImage()
        pictures.append(image)
        ground = image.pixelColor(1, image.height() // 2)
        inked = {
            y
            for y in range(image.height() - 2)
            for x in range(0, image.width(), 2)
            if QColor(image.pixel(x, y)) != ground
        }
        assert max(inked) - min(inked) > image.height() // 2
    assert pictures[0].pixelColor(1, 5) != pictures[1].pixelColor(1, 5)
    assert table.object_model().headerData(1, Qt.Orientation.Horizontal) == "Summary"
