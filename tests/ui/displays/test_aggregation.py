from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from elysia_desktop.ui.displays.aggregation import AggregationDisplay
from elysia_desktop.ui.displays.bar import Bar
from elysia_desktop.ui.displays.groups import GroupList


def payload(groups):
    content = {
        "type": "text",
        "values": [{"value": 1214, "field": "price", "aggregation": "maximum"}],
        "groups": {
            name: {
                "values": [
                    {"value": mean, "field": "price", "aggregation": "mean"},
                    {"value": count, "field": "category", "aggregation": "count"},
                ]
            }
            for name, (count, mean) in groups.items()
        },
    }
    item = {"num_items": 3, "collections": [{"Products": {"category": content}}], "_REF_ID": "aggregate_0_0"}
    return {"type": "aggregation", "objects": [item], "metadata": {}}


def shown(qtbot, groups):
    display = AggregationDisplay(payload(groups))
    qtbot.addWidget(display)
    display.resize(600, 400)
    display.show()
    return display


def texts(display):
    return [label.text() for label in display.findChildren(QLabel)]


def test_plain_numbers_are_labelled(qtbot):
    display = shown(qtbot, {})
    assert texts(display) == ["Count", "3", "Maximum price", "1,214"]
    assert display.badges == ["aggregation", "2 figures"]


def plain(*values, count):
    fields = {"price": {"type": "number", "values": list(values)}} if values else {}
    item = {"num_items": count, "collections": [{"Products": fields}]}
    return {"type": "aggregation", "objects": [item], "metadata": {"collection_name": "Products"}}


def test_a_plain_count_is_shown(qtbot):
    display = AggregationDisplay(plain(count=1204))
    qtbot.addWidget(display)
    assert texts(display) == ["Count", "1,204"]
    assert display.badges == ["aggregation", "1 figure"]
    assert display.rows() == [
        {"collection": "Products", "field": "", "group": None, "figure": "Count", "value": 1204}
    ]
    assert [column.title for column in display.columns()] == ["Collection", "Figure", "Value"]


def test_what_could_not_be_computed_of_nothing_has_no_value(qtbot):
    mean = {"value": None, "field": "price", "aggregation": "MEAN"}
    top = {"value": [], "field": "price", "aggregation": "TOP_OCCURRENCES"}
    display = AggregationDisplay(plain(mean, top, count=0))
    qtbot.addWidget(display)
    assert texts(display) == ["Count", "0", "Mean price", "no value", "Top occurrences price", "no value"]


def test_a_group_without_a_value_has_a_dash(qtbot):
    display = shown(qtbot, {"Tents": (4, None), "Packs": (2, 189)})
    assert texts(display)[7:] == ["Tents", "–", "4", "Packs", "189", "2"]
    dash = next(label for label in display.findChildren(QLabel) if label.text() == "–")
    assert dash.accessibleName() == "Tents, Mean price: no value"


def test_each_group_has_its_metrics_and_a_bar_for_its_count(qtbot):
    display = shown(qtbot, {"Tents": (40, 624.5), "Packs": (10, 189)})
    assert texts(display)[4:] == [
        "Category", "Mean price", "Count", "Tents", "624.5", "40", "Packs", "189.0", "10",
    ]  # fmt: skip
    assert [bar.share for bar in display.findChildren(Bar)] == [1.0, 0.25]
    assert display.title == "Products"
    assert display.badges[1] == "2 groups"


def test_many_groups_are_shown_on_request(qtbot):
    display = shown(qtbot, {f"Group {i}": (i, i) for i in range(30)})
    [groups] = display.findChildren(GroupList)
    assert len(display.findChildren(Bar)) == 10
    qtbot.mouseClick(groups.more, Qt.MouseButton.LeftButton)
    assert len(display.findChildren(Bar)) == 30
    assert groups.more.isHidden()


def test_as_a_table_it_has_a_row_per_figure(qtbot):
    display = shown(qtbot, {"Tents": (40, 624.5)})
    assert display.rows()[2] == {
        "collection": "Products",
        "field": "category",
        "group": "Tents",
        "figure": "Mean price",
        "value": 624.5,
    }
    assert [column.title for column in display.columns()] == [
        "Collection", "Field", "Group", "Figure", "Value",
    ]  # fmt: skip


def test_negative_and_missing_values_have_no_bar(qtbot):
    display = shown(qtbot, {"A": (-4, 1), "B": (None, 2), "C": (8, 3)})
    assert [bar.share for bar in display.findChildren(Bar)] == [0.0, 0.0, 1.0]
