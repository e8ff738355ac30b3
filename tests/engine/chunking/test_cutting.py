from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.sentences import sentences
from elysia_desktop.engine.chunking.cutting import OVERLAP, SENTENCES, Chunk, chunks_of


def numbered(count):
    return " ".join(f"Sentence number {n}." for n in range(count))


def test_five_sentences_a_time_the_last_being_the_next_ones_first():
    text = numbered(11)
    assert [chunk.text.replace("Sentence number ", "") for chunk in chunks_of("d", text)] == [
        "0. 1. 2. 3. 4.", "4. 5. 6. 7. 8.", "8. 9. 10.",
    ]  # fmt: skip


def test_a_text_without_words_has_no_chunks_and_a_short_one_has_one():
    assert chunks_of("d", " \n ") == []
    assert chunks_of("d", " One. ") == [Chunk("d", 1, 5, "One.")]


@settings(deadline=None)
@given(st.integers(0, 40))
def test_all_sentences_are_covered_and_no_chunk_lies_within_another(count):
    text = numbered(count)
    chunks = chunks_of("d", text)
    spans = sentences(text)
    covered = [span for chunk in chunks for span in spans if chunk.start <= span[0] and span[1] <= chunk.end]
    assert set(covered) == set(spans)
    assert len(covered) == len(spans) + OVERLAP * max(len(chunks) - 1, 0)
    for one, other in pairwise(chunks):
        assert one.start < other.start
        assert one.end < other.end


@settings(deadline=None)
@given(st.text(max_size=400))
def test_a_chunk_is_exactly_what_stands_at_its_place(text):
    for chunk in chunks_of("d", text):
        assert text[chunk.start : chunk.end] == chunk.text
        assert len(sentences(chunk.text)) >= 1


def test_a_chunk_is_known_again_unless_its_text_or_document_changed():
    text = numbered(SENTENCES)
    (chunk,) = chunks_of("d", text)
    assert chunk.uuid == chunks_of("d", text)[0].uuid
    assert chunk.uuid != chunks_of("other", text)[0].uuid
    assert chunk.uuid != chunks_of("d", text.replace("0", "9"))[0].uuid
