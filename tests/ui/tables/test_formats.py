from datetime import date, datetime

import pytest
from PySide6.QtCore import QLocale

from elysia_desktop.ui.tables.columns import Column, Kind
from elysia_desktop.ui.tables.formats import cell_text, full_text, number_text, parsed_date

ENGLISH = QLocale(QLocale.Language.English)
GERMAN = QLocale(QLocale.Language.German)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ("", ""),
        (True, "yes"),
        (False, "no"),
        (188247, "188,247"),
        (9.1, "9.1"),
        (160000000.0, "160,000,000"),
        ("2010-07-16", "2010-07-16"),
        ("2010-07-16T00:00:00Z", "2010-07-16"),
        ("2010-07-16T14:05:33.25Z", "2010-07-16 14:05"),
        (date(2010, 7, 16), "2010-07-16"),
        (["red", "navy", 3], "red, navy, 3"),
        ([], ""),
        ([{"a": 1}], '{"a": 1}'),
        ({"size": "é", "g": [1, 2]}, '{"size": "é", "g": [1, 2]}'),
        ("two\nlines  of text", "two lines of text"),
    ],
)
def test_a_value_is_shown_in_one_line(value, text):
    assert cell_text(value, locale=ENGLISH) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (349, 2, "349.00"),
        (64.954, 2, "64.95"),
        (0.00004, 2, "0.00004"),
        (0.0, 2, "0.00"),
        (2.5, 0, "2.5"),
        (1e300, 0, "1e+300"),
        (1e-9, 2, "1e-09"),
        (float("nan"), 2, "NaN"),
        (float("-inf"), 0, "−∞"),
        (10**30, 0, "1" + "0" * 30),
    ],
)
def test_numbers_of_a_column_have_its_decimals(value, decimals, text):
    assert number_text(value, decimals, ENGLISH) == text


def test_separators_are_the_locales():
    assert number_text(1234567.5, 1, GERMAN) == "1.234.567,5"


def test_the_c_locale_separates_as_english_does():
    assert number_text(1207, 0, QLocale(QLocale.Language.C)) == "1,207"


def test_a_year_has_no_separator():
    assert cell_text(2010, Column("year", "Year", Kind.NUMBER, grouped=False), ENGLISH) == "2010"


def test_a_full_text_keeps_lines_and_digits():
    assert full_text("two\nlines") == "two\nlines"
    assert full_text(0.123456789) == "0.123456789"


def test_a_long_text_is_cut_in_a_cell_and_whole_in_full():
    text = "word " * 1000
    assert len(cell_text(text)) <= 400
    assert full_text(text) == text


def test_only_dates_are_read_as_dates():
    assert parsed_date("2010-07-16") == datetime.fromisoformat("2010-07-16")
    assert parsed_date(date(2010, 7, 16)) == datetime.fromisoformat("2010-07-16")
    assert parsed_date("2010-99-99") is None
    assert parsed_date(7) is None
