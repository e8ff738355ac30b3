from hypothesis import given, settings
from hypothesis import strategies as st
from stores.files.laws import kept

from elysia_desktop.core.files import PageStart
from elysia_desktop.stores.files.base import HeadingAt, ReadFile
from elysia_desktop.stores.files.passages import FEWEST, MOST, passages_of, words_in
from elysia_desktop.stores.files.reading import read_text

WORDS = [
    "the",
    "harbour",
    "Zürich",
    "of",
    "橋は三月に",
    "end.",
    "Why?",
    "No!",
    "x" * 90,
    "\n",
    "\n\n",
    "- item",
    "a;b",
    "—",
]


@st.composite
def files(draw):
    """Texts with headings and pages anywhere."""
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=900)))
    places = st.lists(st.integers(0, max(len(text) - 1, 0)), max_size=12, unique=True).map(sorted)
    headings = tuple(HeadingAt(at, draw(st.integers(1, 4)), f"h{at}") for at in draw(places))
    starts = draw(places)
    pages = tuple(PageStart(number, at) for number, at in enumerate([0, *starts], 1)) if starts else ()
    return ReadFile(draw(st.sampled_from(["text", "pdf", "csv"])), "", text, pages, headings)


@settings(deadline=None, max_examples=150)
@given(files())
def test_passages_are_what_stands_at_their_place_and_leave_nothing_out(read):
    kept(read)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=3_000))
def test_any_text_has_passages_by_the_same_laws(text):
    kept(ReadFile("text", "", text))


def sentences(count, words=10):
    return " ".join(f"Sentence {number} {'word ' * (words - 3)}ends." for number in range(count))


def test_passages_have_between_a_hundred_and_twenty_and_two_hundred_and_twenty_words():
    read = read_text("a.txt", "\n\n".join(sentences(5) for _ in range(40)))
    passages = kept(read)
    assert all(FEWEST <= words_in(passage.text) <= MOST for passage in passages[:-1])


def test_passages_end_with_a_paragraph_where_one_ends_in_time():
    read = read_text("a.txt", "\n\n".join(sentences(13) for _ in range(6)))
    for passage in kept(read):
        assert read.text[passage.end : passage.end + 2] in {"\n\n", ""}


def test_the_last_sentence_is_also_the_next_passages_first_within_a_part():
    first, second, *_ = kept(read_text("a.txt", sentences(60)))
    assert first.text.endswith(second.text[: second.text.index(".") + 1])


def test_a_long_last_sentence_is_not_repeated():
    first, second, *_ = kept(read_text("a.txt", sentences(12, words=60)))
    assert second.start >= first.end


def begun(*parts):
    passages = kept(read_text("a.md", "\n\n".join(parts)))
    return [(passage.text.split("\n")[0], passage.heading) for passage in passages]


def test_a_heading_begins_a_passage():
    parts = ("# One", sentences(8), "## Two", sentences(2), "## Three", sentences(8), "# Four", sentences(2))
    assert begun(*parts) == [("One", "One"), ("Two", "One › Two"), ("Three", "One › Three"), ("Four", "Four")]


def test_a_few_words_take_in_the_part_that_follows_and_a_short_part_those_below_it():
    assert begun("# One", "Short.", "# Two", "Short.", "# Three", sentences(8)) == [("One", "One")]
    assert begun("# One", sentences(4), "## Two", sentences(4), "# Three", sentences(8)) == [
        ("One", "One"),
        ("Three", "Three"),
    ]


def test_nothing_is_repeated_across_a_heading():
    text = f"# One\n\n{sentences(8)}\n\n# Two\n\n{sentences(8)}"
    first, second = kept(read_text("a.md", text))
    assert first.end < second.start


def test_rows_of_a_table_are_not_parted():
    rows = "\n".join(f"{number},It is good. It is cheap! {'word ' * 30}end" for number in range(40))
    passages = kept(read_text("a.csv", f"id,text\n{rows}"))
    assert len(passages) > 5
    for passage in passages:
        assert passage.text.startswith("id: ")
        assert passage.text.endswith("end")


def test_a_passage_knows_the_page_on_which_it_begins_past_empty_ones():
    text = f"{sentences(12)}\n\n{sentences(12)}"
    at = text.index("\n\n") + 2
    pages = (PageStart(1, 0), PageStart(2, at), PageStart(3, at))
    read = ReadFile("pdf", "", text, pages, (HeadingAt(at, 1, "Sentence"),))
    assert [passage.page for passage in passages_of("d", read)] == [1, 3]


def test_no_text_has_no_passages():
    assert passages_of("d", ReadFile("text", "", " \n ")) == []
