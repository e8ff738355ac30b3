import pytest

from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.reading import read_text


def read(text, name="a.csv"):
    return read_text(name, text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_each_value_told_with_its_name(delimiter):
    rows = [
        ["name", "price", "note"],
        ["Chair", "3,50" if delimiter != "," else "3.50", "a; b" if delimiter != ";" else "a, b"],
    ]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert read(text).text == f"name: Chair; price: {rows[1][1]}; note: {rows[1][2]}"


def test_quotes_line_breaks_blank_rows_and_empty_values_are_understood():
    text = 'name,note\r\n"A ""big"" one","two\r\nlines"\r\n\r\n,\r\nB,\r\n'
    assert read(text).text == 'name: A "big" one; note: two lines\nname: B'


def test_formulas_stay_text():
    assert read("name,total\nA,\"=cmd|' /C calc'!A0\"\n").text == "name: A; total: =cmd|' /C calc'!A0"


def test_a_table_without_names_has_numbered_columns():
    assert (
        read("Chair,3.50\nTable,80\n").text
        == "column 1: Chair; column 2: 3.50\ncolumn 1: Table; column 2: 80"
    )


def test_longer_and_shorter_rows_keep_their_values():
    assert read("a,b\n1,2,3\n4\n").text == "a: 1; b: 2; column 3: 3\na: 4"


def test_a_named_delimiter_is_used():
    assert read("sep=;\na;b\n1,5;2\n").text == "a: 1,5; b: 2"


def test_names_alone_are_read_too():
    assert read("name,price\n").text == "name | price"


def test_a_row_that_cannot_be_parsed_is_taken_as_it_stands_and_the_rest_goes_in():
    table = read(f'name,note\nA,one\nB,"{"x" * 140_000}\nC,three\nD,four\n')
    assert table.text.startswith("name: A; note: one\n")
    assert "name: D; note: four" in table.text or "D,four" in table.text
    assert "x" * 140_000 in table.text
    assert table.note == "1 row is damaged and was taken as it stands."


def test_a_million_rows_are_read_up_to_the_limit():
    table = read_text("a.csv", "id,name\n" + "1,a\n" * 1_000_000, Limits(characters=20_000))
    assert len(table.text) <= 20_000
    assert set(table.text.splitlines()[:-1]) == {"id: 1; name: a"}
    assert "The first 20,000 characters were read (row" in table.note


@pytest.mark.parametrize("rows", [2, 20_000])
def test_a_quotation_mark_that_is_never_closed_takes_in_no_other_row(rows):
    table = read('name,note\n"A,one\n' + "B,two\n" * rows)
    assert table.text == 'name: "A,one' + "\nname: B; note: two" * rows
    assert table.note == "1 row is damaged and was taken as it stands."
