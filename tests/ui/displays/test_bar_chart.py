import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from elysia_desktop.ui import theme
from elysia_desktop.ui.charts.legend import Legend
from elysia_desktop.ui.displays.bar_chart import BarChartDisplay
from elysia_desktop.ui.displays.card import ResultCard
from elysia_desktop.ui.tables.copying import as_csv


def chart(labels, values, **fields):
    return {
        "title": "Products per category",
        "description": "Jackets lead.",
        "x_axis_label": "category",
        "y_axis_label": "number of objects",
        "data": {"x_labels": labels, "y_values": values},
        "_REF_ID": "visualise_bar_chart_1_0",
        **fields,
    }


def payload(*charts, **metadata):
    return {
        "type": "bar_chart",
        "objects": list(charts),
        "metadata": {"chart_title": "Products per category", "chart_type": "bar", **metadata},
    }


TWO = chart(["Jackets", "Boots"], {"number of objects": [42, 31], "mean_price": [189.5, 142.0]})


def shown(qtbot, content, width=600):
    display = BarChartDisplay(content)
    qtbot.addWidget(display)
    display.resize(width, 400)
    display.show()
    return display


def texts(widget):
    return [label.text() for label in widget.findChildren(QLabel)]


def test_a_chart_is_named_described_and_counted(qtbot):
    display = shown(qtbot, payload(TWO))
    assert display.title == "Products per category"
    assert display.badges == ["bar chart", "4 bars"]
    [plot] = [panel.plot for panel in display.list.panels]
    assert plot.accessibleName() == "Products per category"
    assert "Jackets lead." in texts(display)


def test_a_title_that_stands_above_is_not_repeated_unless_it_may_be_cut_there(qtbot):
    assert "Products per category" not in texts(shown(qtbot, payload(TWO)))
    title = "Products per category, of those that were sold at least twice"
    long = payload(chart(["a"], {"n": [1]}, title=title), chart_title=title)
    assert title in texts(shown(qtbot, long))
    assert texts(shown(qtbot, payload(TWO, TWO))).count("Products per category") == 2


def test_several_series_have_a_legend_and_one_has_none(qtbot):
    display = shown(qtbot, payload(TWO))
    [legend] = display.findChildren(Legend)
    assert texts(legend) == ["Number of objects", "Mean price"]
    single = shown(qtbot, payload(chart(["a"], {"n": [1]})))
    assert single.findChildren(Legend) == []


def test_a_legend_is_as_high_as_its_rows(qtbot):
    display = shown(qtbot, payload(chart(["a"], {f"A series of number {n}": [n] for n in range(8)})), 300)
    [legend] = display.findChildren(Legend)
    display.grab()
    narrow = legend.height()
    display.resize(1200, 400)
    display.grab()
    assert narrow > legend.height()


def test_in_a_narrow_card_nothing_of_the_chart_is_cut_off(qtbot):
    theme.apply(QApplication.instance(), "light")
    card = ResultCard(payload(chart(["a"], {"n": [1]}, description="Word " * 90)))
    qtbot.addWidget(card)
    card.resize(300, 300)
    card.show()
    card.grab()
    card.resize(300, card.sizeHint().height())
    card.grab()
    [panel] = card.display.list.panels
    assert panel.plot.geometry().bottom() <= panel.rect().bottom()
    description = next(label for label in panel.findChildren(QLabel) if label.text().startswith("Word"))
    assert description.height() >= description.heightForWidth(description.width())


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", {}, {"x_labels": None, "y_values": None}, {"x_labels": ["a"], "y_values": {}},
        {"x_labels": ["a"], "y_values": {"n": []}}, {"x_labels": [], "y_values": {"n": [1]}},
        {"x_labels": ["a"], "y_values": {"n": [None]}}, {"x_labels": ["a"], "y_values": {"n": [math.nan]}},
        {"x_labels": ["a"], "y_values": [1, 2]}, {"x_labels": ["a"], "y_values": {"n": ["many"]}},
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said_in_a_sentence(qtbot, data):
    display = shown(qtbot, payload(chart([], {}, data=data)))
    display.grab()
    assert "There is nothing in this chart that can be drawn." in texts(display)
    assert display.list.panels[0].plot is None
    assert display.badges == ["bar chart", "empty"]


def test_what_can_be_drawn_of_ragged_and_broken_series_is_drawn(qtbot):
    values = {
        "short": [1],
        "long": [1, 2, 3],
        "texts": ["4", "many"],
        "nulls": [None, math.inf],
        "none": None,
    }
    display = shown(qtbot, payload(chart(["a", None], values)))
    display.grab()
    plot = display.list.panels[0].plot
    assert [plot.reading(place).spoken for place in range(plot.count())] == [
        "a, Short: 1", "a, Long: 1", "a, Texts: 4", "Long: 2",
    ]  # fmt: skip
    assert "4 values could not be drawn." in texts(display)


def test_as_a_table_it_has_a_row_per_label_and_a_column_per_series(qtbot):
    display = shown(qtbot, payload(TWO))
    assert display.rows()[1] == {"category": "Boots", "number of objects": 31, "mean_price": 142.0}
    assert (
        as_csv(display.columns(), display.rows()).splitlines()[0] == "Category,Number of objects,Mean price"
    )


def test_no_series_is_lost_in_the_table_because_of_its_name(qtbot):
    display = shown(qtbot, payload(chart(["a"], {"category": [1], "uuid": [2], "_n": [3]})))
    assert [column.title for column in display.columns()] == ["Category", "Category 2", "Uuid", "N"]
    assert list(display.rows()[0].values()) == ["a", 1, 2, 3]


def test_several_charts_are_one_table_that_names_them(qtbot):
    display = shown(qtbot, payload(TWO, chart(["Tents"], {"n": [1]}, title="Tents")))
    assert [row["chart"] for row in display.rows()] == ["Products per category"] * 2 + ["Tents"]
    assert display.badges == ["bar chart", "2 charts"]


def test_a_bar_selects_the_object_it_comes_from_or_else_the_chart(qtbot):
    sources = [{"series": "mean_price", "ref_ids": [["aggregate_Products_1_0"], ["aggregate_Products_1_1"]]}]
    display = shown(qtbot, payload(TWO, sources=sources))
    plot = display.list.panels[0].plot
    for place, ref_id in ((3, "aggregate_Products_1_1"), (2, "visualise_bar_chart_1_0")):
        with qtbot.waitSignal(display.object_selected) as selected:
            qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.spot(place).center().toPoint())
        assert selected.args == [ref_id]


def test_the_chart_that_is_meant_is_highlighted(qtbot):
    theme.apply(QApplication.instance(), "light")
    other = chart(["a"], {"n": [1]}, _REF_ID="visualise_bar_chart_1_1")
    display = shown(qtbot, payload(TWO, other))
    assert display.select_ref("visualise_bar_chart_1_1")
    corners = [panel.grab().toImage().pixelColor(2, 2).name() for panel in display.list.panels]
    assert corners[1] == theme.LIGHT.selection
    assert corners[0] != theme.LIGHT.selection
    assert not display.select_ref("aggregate_Products_1_0")


def test_markup_in_captions_is_shown_as_it_is(qtbot):
    display = shown(qtbot, payload(chart(["<b>a</b>"], {"n": [1]}, description="<img src='http://x/y.png'>")))
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in display.findChildren(QLabel))
    assert display.list.panels[0].plot.reading(0).name == "<b>a</b>"


def test_an_axis_for_several_series_is_not_named_after_one_of_them(qtbot):
    [panel] = shown(qtbot, payload(TWO)).list.panels
    assert panel.chart.y_label == ""
    one = chart(["Jackets"], {"number of objects": [42]})
    shared = chart(["Jackets"], {"a": [1], "b": [2]}, y_axis_label="euros")
    odd = chart(["Jackets"], {"a": [1], "b": [2]}, y_axis_label=["x"])
    labels = [panel.chart.y_label for panel in shown(qtbot, payload(one, shared, odd)).list.panels]
    assert labels[:2] == ["Number of objects", "Euros"]
