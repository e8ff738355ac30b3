import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from elysia_desktop.ui.displays.scatter_or_line_chart import ScatterOrLineChartDisplay


def points(values, labels=()):
    return [
        {"value": value, "label": labels[place] if place < len(labels) else ""}
        for place, value in enumerate(values)
    ]


def series(label, kind, values):
    return {"label": label, "kind": kind, "data_points": points(values)}


def shown(qtbot, data, metadata=None, **fields):
    item = {
        "title": "Rating against price",
        "x_axis_label": "price",
        "y_axis_label": "rating",
        "data": data,
        "_REF_ID": "visualise_1_0",
        **fields,
    }
    content = {"type": "scatter_or_line_chart", "objects": [item], "metadata": metadata or {}}
    display = ScatterOrLineChartDisplay(content)
    qtbot.addWidget(display)
    display.resize(600, 400)
    display.show()
    display.grab()
    return display


def readings(display):
    plot = display.list.panels[0].plot
    return [plot.reading(place).spoken for place in range(plot.count())]


JACKETS = {
    "x_axis": points([99.0, 149.5, 350], ["Fell Light", "Ridge"]),
    "y_axis": [
        series("rating", "scatter", [3.9, 4.1, 4.6]),
        series("fitted line", "line", [3.93, 4.06, 4.61]),
    ],
    "normalize_y_axis": False,
}


def test_points_are_read_with_their_label_and_both_values(qtbot):
    display = shown(qtbot, JACKETS)
    assert readings(display)[:2] == [
        "Fell Light · Price 99, Rating: 3.9",
        "Fell Light · Price 99, Fitted line: 3.93",
    ]
    assert readings(display)[-1] == "Price 350, Fitted line: 4.61"
    assert display.badges == ["scatter or line chart", "6 points"]
    described = display.list.panels[0].plot.accessibleDescription()
    assert described == (
        "Scatter and line chart with 6 points in 2 series, from 99 to 350. The values run from 3.9 to 4.61."
    )


def test_dates_are_readable_and_lie_from_left_to_right(qtbot):
    data = {
        "x_axis": points(["2024-05-31T00:00:00Z", "2024-05-30T00:00:00Z"]),
        "y_axis": [series("number of objects", "line", [7, 4])],
    }
    display = shown(qtbot, data, x_axis_label="created_at")
    assert readings(display) == [
        "Created at 2024-05-30, Number of objects: 4",
        "Created at 2024-05-31, Number of objects: 7",
    ]
    plot = display.list.panels[0].plot
    assert plot.spot(0).left() < plot.spot(1).left()


def test_names_stand_side_by_side(qtbot):
    data = {"x_axis": points(["Tents", "Boots", "Tents"]), "y_axis": [series("n", "scatter", [1, 2, 3])]}
    plot = shown(qtbot, data).list.panels[0].plot
    assert [plot.reading(place).name for place in range(3)] == ["Price Tents", "Price Tents", "Price Boots"]
    assert plot.spot(0).left() == plot.spot(1).left() < plot.spot(2).left()


def test_scaled_series_are_said_to_be_scaled_and_keep_their_values(qtbot):
    display = shown(qtbot, {**JACKETS, "normalize_y_axis": True})
    assert readings(display)[0] == "Fell Light · Price 99, Rating: 3.9"
    assert display.list.panels[0].plot._y_label == "Rating (each series scaled to 0–1)"


def test_a_point_selects_the_object_it_comes_from(qtbot):
    refs = [["query_Products_1_0"], ["query_Products_1_1"], ["query_Products_1_2"]]
    display = shown(qtbot, JACKETS, {"sources": [{"series": "rating", "ref_ids": refs}]})
    plot = display.list.panels[0].plot
    chosen = []
    display.object_selected.connect(chosen.append)
    for _ in range(4):
        qtbot.keyClick(plot, Qt.Key.Key_Right)
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert chosen == ["query_Products_1_0", "visualise_1_0", "query_Products_1_1", "visualise_1_0"]


def test_as_a_table_it_has_a_row_per_place(qtbot):
    display = shown(qtbot, JACKETS)
    assert display.rows()[1] == {"price": 149.5, "label": "Ridge", "rating": 4.1, "fitted line": 4.06}
    assert [column.title for column in display.columns()] == ["Price", "Label", "Rating", "Fitted line"]


@pytest.mark.parametrize(
    "data",
    [
        None, {}, {"x_axis": None, "y_axis": None}, {"x_axis": points([1]), "y_axis": []},
        {"x_axis": [], "y_axis": [series("n", "line", [1])]},
        {"x_axis": points([None]), "y_axis": [series("n", "line", [1])]},
        {"x_axis": points([1]), "y_axis": [series("n", "line", [None])]},
        {"x_axis": points([math.nan]), "y_axis": [series("n", "line", [math.nan])]},
        {"x_axis": 7, "y_axis": [3, None, {"data_points": "x"}]},
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said_in_a_sentence(qtbot, data):
    display = shown(qtbot, data)
    labels = [label.text() for label in display.findChildren(QLabel)]
    assert "There is nothing in this chart that can be drawn." in labels


def test_what_can_be_drawn_of_ragged_and_broken_series_is_drawn(qtbot):
    broken = {"label": None, "kind": "cloud", "data_points": [5, {"value": "6"}, {}, None, "many"]}
    data = {"x_axis": points([1, 2, None]), "y_axis": [series("short", "line", [1]), broken]}
    display = shown(qtbot, data)
    assert readings(display) == ["Price 1, Short: 1", "Price 1, 5", "Price 2, 6"]
    assert "3 values could not be drawn." in [label.text() for label in display.findChildren(QLabel)]


def test_one_point_and_ten_thousand_are_drawn(qtbot):
    one = shown(qtbot, {"x_axis": points([1]), "y_axis": [series("n", "line", [1])]})
    assert one.badges[1] == "1 point"
    many = list(range(10_000))
    for kind in ("scatter", "line"):
        display = shown(qtbot, {"x_axis": points(many), "y_axis": [series("n", kind, many)]})
        assert display.badges[1] == "10,000 points"
