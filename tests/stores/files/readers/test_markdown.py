import pytest

from elysia_desktop.stores.files.reading import read_text


def read(text):
    return read_text("a.md", text)


def test_marks_are_gone_and_words_stay():
    page = read(
        "# The *title*\n\nOne **two** `three` [four](https://example.org) ![five](a.png)\nsix  \n"
        "seven ~~eight~~ &amp; \\*\n\n"
        "> quoted\n\n---\n\n```python\nx = 1\n\ny = 2\n```\n\n    z = 3\n\n<div>In <b>HTML</b></div>\n"
    )
    assert page.text == (
        "The title\n\nOne two three four five\nsix\nseven eight & *\n\nquoted\n\nx = 1\n\ny = 2\n\nz = 3\n\nIn HTML"
    )
    assert page.title == "The title"


def test_lists_keep_their_marks_and_numbers():
    assert read("- a\n- b\n  - c\n\n3. d\n4. e\n").text == "- a\n- b\n\n- c\n\n3. d\n4. e"


def test_a_row_of_a_table_is_a_line():
    assert read("| a | b |\n|---|--:|\n| *c* | d \\| e |\n\nafter").text == "a | b\nc | d | e\n\nafter"


def test_headings_of_both_styles_are_found_without_attributes():
    page = read("One\n===\n\ntext\n\nTwo\n---\n\n### Three {#three .x}\n\n```\n# none\n```\n")
    assert [(heading.level, heading.text) for heading in page.headings] == [
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
    ]
    assert all(page.text[heading.start :].startswith(heading.text) for heading in page.headings)


def test_fields_in_front_are_read_as_text_and_give_the_title():
    page = read('---\ntitle: "The Harbour"\nauthor: Weiß\n---\n\n# One\n')
    assert page.text == 'title: "The Harbour"\nauthor: Weiß\n\nOne'
    assert page.title == "The Harbour"
    assert [heading.text for heading in page.headings] == ["One"]


def test_a_line_at_the_beginning_is_no_field():
    assert read("---\n\nOne\n\n---\n\nTwo").text == "One\n\nTwo"


@pytest.mark.parametrize(
    "text", ["[" * 60_000, "> " * 20_000 + "x", "*a **b " * 12_000, "- " * 5_000 + "x", "`" * 49_000 + "a"]
)
def test_hostile_marks_do_not_freeze_it(text):
    assert read("Before\n\n" + text).text.startswith("Before")


def test_an_outline_may_be_deep_and_what_is_too_deep_is_said_to_be_left_out():
    outline = "".join(f"{'  ' * level}- level {level}\n" for level in range(40))
    page = read_text("a.md", outline)
    assert "level 39" in page.text
    assert page.note == ""
    page = read_text("a.md", f"Before.\n\n{'> ' * 2_000}Within.\n\nAfter.")
    assert page.text == "Before.\n\nAfter."
    assert "nested too deeply" in page.note
