import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from elysia_desktop.ui import theme
from elysia_desktop.ui.charts.bar_plot import BarPlot
from elysia_desktop.ui.charts.bars import Bars, BarSeries, binned
from elysia_desktop.ui.charts.point_plot import PointPlot, thinned
from elysia_desktop.ui.charts.points import Mark, Points, PointSeries
from elysia_desktop.ui.charts.values import places_of
from elysia_desktop.ui.charts.words import summary

BARS = Bars(
    ("Tents", "Boots", "Packs"),
    (BarSeries("Count", (3.0, None, -2.0)), BarSeries("Price", (1.5, 4.0, 1200.0))),
)


def shown(qtbot, plot, width=600):
    qtbot.addWidget(plot)
    plot.resize(width, plot.sizeHint().height())
    plot.show()
    plot.grab()
    return plot


def bar_plot(qtbot, bars=BARS, width=600):
    return shown(qtbot, BarPlot(bars, "Category", "Number", summary(bars)), width)


def points(xs, series, **keywords):
    marks = [
        Mark(x, y, number, source, "")
        for number, (_, ys) in enumerate(series)
        for source, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]
    kinds = tuple(PointSeries(name, name.endswith("line"), min(ys), max(ys)) for name, ys in series)
    marks.sort(key=lambda mark: (mark.x, mark.series))
    values = [mark.y for mark in marks]
    return Points(kinds, tuple(marks), places_of(xs), places_of(values), **keywords)


def point_plot(qtbot, drawn, width=600):
    return shown(qtbot, PointPlot(drawn, "Budget", "Rating", summary(drawn)), width)


def read(plot):
    return plot.reading(plot.current).spoken if plot.current is not None else None


def press(qtbot, plot, *keys):
    for key in keys:
        qtbot.keyClick(plot, key)
    return read(plot)


def hover(qtbot, plot, place):
    qtbot.mouseMove(plot, plot.spot(place).center().toPoint())
    return read(plot)


def test_the_pointer_reads_the_bar_it_is_on_or_above(qtbot):
    plot = bar_plot(qtbot)
    assert hover(qtbot, plot, 0) == "Tents, Count: 3"
    assert hover(qtbot, plot, 4) == "Packs, Price: 1,200"
    above = QPoint(plot.spot(2).center().toPoint().x(), int(plot.frame.area.top()) + 2)
    qtbot.mouseMove(plot, above)
    assert read(plot) == "Boots, Price: 4"
    qtbot.mouseMove(plot, QPoint(plot.width() // 2, 1))
    assert read(plot) is None


def test_the_name_in_front_of_a_bar_reads_it_whole(qtbot):
    long = tuple(f"A rather long name of a product that must be cut, {n}" for n in range(6))
    lying = bar_plot(qtbot, Bars(long, (BarSeries("n", (1.0,) * 6),)))
    qtbot.mouseMove(lying, QPoint(10, lying.spot(3).center().toPoint().y()))
    assert read(lying) == f"{long[3]}, n: 1"


def test_the_name_under_a_bar_reads_it(qtbot):
    standing = bar_plot(qtbot)
    foot = int(standing.frame.area.bottom()) + 12
    qtbot.mouseMove(standing, QPoint(standing.spot(2).center().toPoint().x(), foot))
    assert read(standing) == "Boots, Price: 4"


def test_the_pointer_reads_the_nearest_point_within_reach(qtbot):
    plot = point_plot(qtbot, points([1, 2, 3], [("Rating", [5.0, 6.25, 9.0])]))
    spot = plot.spot(1).center()
    qtbot.mouseMove(plot, (spot + QPointF(6, 6)).toPoint())
    assert read(plot) == "Budget 2, Rating: 6.25"
    qtbot.mouseMove(plot, (spot + QPointF(60, 60)).toPoint())
    assert read(plot) is None


def test_arrow_keys_walk_along_the_bars_and_across_the_series(qtbot):
    plot = bar_plot(qtbot)
    plot.setFocus()
    assert press(qtbot, plot, Qt.Key.Key_Right) == "Tents, Count: 3"
    assert press(qtbot, plot, Qt.Key.Key_Right) == "Tents, Price: 1.5"
    assert press(qtbot, plot, Qt.Key.Key_Right) == "Boots, Price: 4"
    assert press(qtbot, plot, Qt.Key.Key_Up) == "Boots, Price: 4"
    assert press(qtbot, plot, Qt.Key.Key_End) == "Packs, Price: 1,200"
    assert press(qtbot, plot, Qt.Key.Key_Up) == "Packs, Count: -2"
    assert press(qtbot, plot, Qt.Key.Key_PageUp) == "Tents, Count: 3"
    assert press(qtbot, plot, Qt.Key.Key_Left) == "Tents, Count: 3"
    assert press(qtbot, plot, Qt.Key.Key_Escape) is None


def test_up_and_down_find_the_point_of_another_series_at_about_the_same_place(qtbot):
    plot = point_plot(qtbot, points([1, 2, 3], [("Rating", [5, 6, 9]), ("Fitted line", [4, 6, 8])]))
    assert press(qtbot, plot, Qt.Key.Key_End, Qt.Key.Key_Up) == "Budget 3, Rating: 9"
    assert press(qtbot, plot, Qt.Key.Key_Down) == "Budget 3, Fitted line: 8"


def test_enter_and_a_click_choose_a_point(qtbot):
    plot = bar_plot(qtbot)
    with qtbot.waitSignal(plot.chosen) as chosen:
        press(qtbot, plot, Qt.Key.Key_End, Qt.Key.Key_Return)
    assert chosen.args == [4]
    with qtbot.waitSignal(plot.chosen) as chosen:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.spot(2).center().toPoint())
    assert chosen.args == [2]


def test_tab_reaches_the_plot_and_reads_its_first_point(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    field, plot = QLineEdit(), BarPlot(BARS, "Category", "Number", summary(BARS))
    layout.addWidget(field)
    layout.addWidget(plot)
    with qtbot.waitActive(window):
        window.show()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert read(plot) == "Tents, Count: 3"
    qtbot.keyClick(plot, Qt.Key.Key_Backtab)
    assert read(plot) is None


def test_the_chart_and_the_point_that_is_read_are_told_in_words(qtbot):
    plot = bar_plot(qtbot)
    told = "Bar chart with 5 bars in 2 series. The values run from -2 to 1,200."
    assert plot.accessibleDescription() == told
    press(qtbot, plot, Qt.Key.Key_Home)
    assert plot.accessibleDescription() == f"Tents, Count: 3. {told}"
    assert summary(binned({"Price": [1, 1, 4]})) == (
        "Histogram of 3 values in 3 bins, from 1 to 4. The values run from 0 to 2."
    )
    both = points([1, 2], [("Rating", [5, 6]), ("Fitted line", [4, 6])])
    assert summary(both) == (
        "Scatter and line chart with 4 points in 2 series, from 1 to 2. The values run from 4 to 6."
    )


def test_bars_grow_from_zero_upwards_and_downwards(qtbot):
    plot = bar_plot(qtbot, Bars(("a", "b"), (BarSeries("n", (2.0, -1.0)),)))
    up, down = plot.spot(0), plot.spot(1)
    assert up.bottom() == down.top() == round(plot.frame.along_y(0))
    assert up.height() == pytest.approx(2 * down.height(), abs=2)


def test_bars_lie_where_names_are_long_and_few(qtbot):
    few = Bars(
        tuple(f"A rather long name of a product, {n}" for n in range(6)), (BarSeries("n", (1.0,) * 6),)
    )
    plot = bar_plot(qtbot, few)
    assert plot.is_lying
    assert plot.spot(0).width() > plot.spot(0).height()
    assert plot.spot(0).top() < plot.spot(5).top()
    assert hover(qtbot, plot, 5) == "A rather long name of a product, 5, n: 1"
    many = Bars(tuple(f"Category number {n}" for n in range(50)), (BarSeries("n", (1.0,) * 50),))
    assert not bar_plot(qtbot, many).is_lying
    assert not bar_plot(qtbot).is_lying


@pytest.mark.parametrize("width", [160, 300, 600])
def test_every_point_stays_inside_however_narrow_the_plot_is(qtbot, width):
    names = Bars(
        tuple(f"Category number {n}" for n in range(50)), (BarSeries("n", tuple(map(float, range(50)))),)
    )
    years = points(list(range(1950, 2000)), [("A line", list(range(50)))])
    for plot in (bar_plot(qtbot, names, width), point_plot(qtbot, years, width)):
        inside = plot.frame.area.adjusted(-1, -1, 1, 1)
        assert plot.frame.area.height() > 60
        assert all(inside.contains(plot.spot(place).center()) for place in range(plot.count()))


def test_a_histogram_with_one_series_reads_how_many(qtbot):
    plot = bar_plot(qtbot, binned({"Price": [99.0, 120, 149.5, 180, 240, 350]}))
    assert hover(qtbot, plot, 1) == "100 – 200, Number: 3"
    assert plot.spot(1).left() == pytest.approx(plot.frame.along_x(100), abs=2)


def test_scaled_series_reach_from_the_foot_to_the_top_and_are_read_as_they_are(qtbot):
    drawn = points([1, 2], [("A line", [5, 6]), ("B line", [1000, 9000])], is_normalised=True)
    plot = point_plot(qtbot, drawn)
    area = plot.frame.area
    assert {round(plot.spot(place).center().y()) for place in range(4)} == {
        round(area.top()),
        round(area.bottom()),
    }
    assert press(qtbot, plot, Qt.Key.Key_End) == "Budget 2, B line: 9,000"


def test_the_picture_is_drawn_once_until_its_size_or_theme_changes(qtbot):
    app = QApplication.instance()
    theme.apply(app, "light")
    plot = point_plot(qtbot, points(list(range(500)), [("Rating", list(range(500)))]))
    first = plot._drawn(theme.LIGHT).cacheKey()
    hover(qtbot, plot, 7)
    plot.grab()
    assert plot._drawn(theme.LIGHT).cacheKey() == first
    plot.resize(500, plot.height())
    plot.grab()
    second = plot._drawn(theme.LIGHT).cacheKey()
    assert second != first
    theme.apply(app, "dark")
    plot.grab()
    assert plot._drawn(theme.DARK).cacheKey() != second


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_bars_have_the_colours_of_the_theme(qtbot, mode):
    theme.apply(QApplication.instance(), mode)
    plot = bar_plot(qtbot, Bars(("a", "b"), (BarSeries("n", (2.0, 3.0)),)))
    picture = plot.grab().toImage()
    centre = plot.spot(0).center().toPoint() * plot.devicePixelRatio()
    tokens = theme.LIGHT if mode == "light" else theme.DARK
    assert picture.pixelColor(centre) == QColor(tokens.accent)


def test_a_dense_line_keeps_its_peaks():
    line = [QPointF(place / 100, (place * 7919) % 251) for place in range(10_000)]
    kept = thinned(line)
    assert len(kept) <= 400
    assert max(spot.y() for spot in kept) == max(spot.y() for spot in line)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    assert thinned(line[::100]) == line[::100]
