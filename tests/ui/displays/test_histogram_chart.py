import math

import pytest
from PySide6.QtWidgets import QLabel

from elysia_desktop.ui.displays.histogram_chart import HistogramChartDisplay

PRICES = [99.0, 120, 149.5, 180, 240, 350]


def shown(qtbot, data, **fields):
    item = {"title": "Prices", "description": "", "data": data, "_REF_ID": "visualise_1_0", **fields}
    display = HistogramChartDisplay({"type": "histogram_chart", "objects": [item], "metadata": {}})
    qtbot.addWidget(display)
    display.resize(600, 400)
    display.show()
    display.grab()
    return display


def readings(display):
    plot = display.list.panels[0].plot
    return [plot.reading(place).spoken for place in range(plot.count())]


def test_values_are_counted_in_bins(qtbot):
    labels = {"x_axis_label": "price", "y_axis_label": "number of objects"}
    display = shown(qtbot, {"price": {"distribution": PRICES}}, **labels)
    assert readings(display) == [
        "0 – 100, Number of objects: 1",
        "100 – 200, Number of objects: 3",
        "200 – 300, Number of objects: 1",
        "300 – 400, Number of objects: 1",
    ]
    assert display.badges == ["histogram chart", "6 values"]


def test_without_axis_labels_the_series_says_what_its_values_are(qtbot):
    [chart] = shown(qtbot, {"list_price": {"distribution": PRICES}}).list.charts
    assert (chart.x_label, chart.y_label) == ("List price", "Count")


def test_several_series_share_their_bins(qtbot):
    display = shown(qtbot, {"old": {"distribution": [1, 2]}, "new": {"distribution": [2, 3, 3]}})
    assert readings(display) == [
        "1 – 2, Old: 1", "1 – 2, New: 0", "2 – 3, Old: 1", "2 – 3, New: 3",
    ]  # fmt: skip


def test_as_a_table_it_has_a_row_per_bin(qtbot):
    display = shown(qtbot, {"price": {"distribution": PRICES}})
    assert display.rows()[1] == {"from": 100, "to": 200, "Price": 3}


@pytest.mark.parametrize(
    "data",
    [None, {}, {"price": None}, {"price": [1, 2]}, {"price": {"distribution": []}},
     {"price": {"distribution": [None, "much", math.nan]}}],
)  # fmt: skip
def test_what_cannot_be_counted_is_said_in_a_sentence(qtbot, data):
    display = shown(qtbot, data)
    assert "There is nothing in this chart that can be drawn." in [
        x.text() for x in display.findChildren(QLabel)
    ]
    assert display.rows() == []


def test_values_that_are_no_numbers_are_left_out_and_counted(qtbot):
    display = shown(qtbot, {"price": {"distribution": [1, "2", None, "much"]}, "empty": {"distribution": []}})
    assert display.badges[1] == "2 values"
    assert "2 values could not be drawn." in [label.text() for label in display.findChildren(QLabel)]
