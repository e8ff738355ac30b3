import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.documents import document_text
from elysia_desktop.ui.documents.document_text import DocumentText, Heading

TEXTS = st.text(st.sampled_from("abc \n😀ß\r\x0c\u2028İ"), max_size=120)


def given_out(source):
    runs = []
    while not source.is_given:
        runs += source.next_slice()
    return runs


@pytest.fixture(scope="module", autouse=True)
def small_slices():
    """Slices and lines so short that small texts have many."""
    kept = document_text.SLICE, document_text.LONGEST_LINE
    document_text.SLICE, document_text.LONGEST_LINE = 7, 5
    yield
    document_text.SLICE, document_text.LONGEST_LINE = kept


@given(TEXTS)
def test_every_character_stands_where_it_is_said_to_stand(text):
    source = DocumentText(text)
    shown = "".join(run.text for run in given_out(source)).encode("utf-16-le", "surrogatepass")
    for offset, character in enumerate(text):
        at = 2 * source.position(offset)
        unit = character.encode("utf-16-le")
        expected = " ".encode("utf-16-le") if character in "\r\x0c\u2028" else unit
        assert shown[at : at + len(expected)] == expected
        assert source.offset(source.position(offset)) == offset


@given(TEXTS)
def test_no_line_is_longer_than_is_quick_to_lay_out(text):
    shown = "".join(run.text for run in given_out(DocumentText(text)))
    assert all(len(line) <= document_text.LONGEST_LINE for line in shown.split("\n"))


@given(TEXTS, st.sampled_from(["a", "b", "ß", "A", "ab", "i"]))
def test_words_are_found_where_they_stand_whatever_their_case(text, words):
    source = DocumentText(text)
    given_out(source)
    found = source.matches(words, 1000)
    assert found == sorted(found)
    assert all(text[at : at + len(words)].lower() == words.lower() for at in found)
    assert len(found) == text.replace("İ", "?").lower().count(words.lower())


@given(TEXTS, st.tuples(st.integers(0, 60), st.integers(1, 20)))
def test_headings_are_runs_of_their_own(text, place):
    start, length = place
    end = min(len(text), start + length)
    headings = [Heading(start, end, 2)] if start < end else []
    runs = given_out(DocumentText(text, headings))
    strong = "".join(run.text for run in runs if run.level == 2).replace("\n", "")
    odd = str.maketrans("\r\x0c\u2028", "   ")
    assert strong == text[start:end].translate(odd).replace("\n", "")


def test_lines_broken_by_the_width_of_a_page_run_on_and_others_stay():
    document_text.SLICE, document_text.LONGEST_LINE = 1000, 1000
    lines = [
        "The bridge over the Elm was opened on 3 March 1954, two years",
        "later than planned, and larger ships have to wait until the",
        "keeper lifts it.",
        "Herring 14.50",
        "The market opens at five in the morning, and whoever comes to",
        "- bring a basket",
    ]
    source = DocumentText("\n".join(lines), flows=True)
    shown = "".join(run.text for run in given_out(source)).split("\n")
    assert shown == [" ".join(lines[:3]), *lines[3:]]
