from elysia_desktop.stores.files.reading import read_text


def test_a_text_stands_as_it_is_its_pages_as_paragraphs():
    assert read_text("a.txt", "  One\n\n  * two\n\fThree").text == "  One\n\n  * two\n\nThree"


def test_words_that_were_broken_to_fit_a_line_are_whole():
    assert read_text("a.txt", "to Ång\u2010\n   holmen, well-\nknown").text == "to Ångholmen, well-\nknown"
