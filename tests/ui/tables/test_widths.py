from elysia_desktop.ui.tables.columns import Column, Kind
from elysia_desktop.ui.tables.widths import fit_widths

COLUMNS = [Column("name", "Name"), Column("price", "Price", Kind.NUMBER), Column("text", "Text")]


def test_the_widest_text_takes_what_is_left():
    assert fit_widths([100, 300, 120], COLUMNS, 600) == [100, 300, 200]


def test_without_text_the_widest_column_takes_it():
    numbers = [Column("a", "A", Kind.NUMBER), Column("b", "B", Kind.NUMBER)]
    assert fit_widths([60, 80], numbers, 200) == [60, 140]


def test_long_texts_give_way_before_the_table_scrolls():
    assert fit_widths([200, 100, 360], COLUMNS, 500) == [200, 100, 200]
    assert fit_widths([200, 100, 360], COLUMNS, 400) == [140, 100, 160]


def test_where_that_is_not_enough_no_column_is_cut():
    assert fit_widths([200, 100, 360], COLUMNS, 300) == [200, 100, 360]


def test_no_columns_need_no_width():
    assert fit_widths([], [], 300) == []
