import re

from core.test_sources import REFS, TEXTS, environment_with
from hypothesis import given

from elysia_desktop.core.sources import Sources, without_marks
from elysia_desktop.engine.tool_function import with_marks


def made():
    sources = Sources(environment_with(3))
    for ref in REFS:
        sources.number(ref)
    return sources


def squeezed(segments):
    """What is said, without white space, and what is cited."""
    text = re.sub(r"\s", "", "".join(segment["text"] for segment in segments))
    return text, [segment["ref_ids"] for segment in segments if segment["ref_ids"]]


@given(TEXTS.filter(lambda text: without_marks(without_marks(text)) == without_marks(text)))
def test_an_answer_that_gets_its_marks_back_cites_the_same(text):
    sources = made()
    segments = sources.segments(text)
    assert squeezed(sources.segments(with_marks(segments, sources))) == squeezed(segments)


def test_a_mark_stands_behind_the_words_and_before_the_white_space_that_follows():
    segments = [
        {"text": "A list:\n- one\n\n", "ref_ids": [REFS[1], REFS[0]]},
        {"text": "The end.", "ref_ids": []},
        {"text": ""},
    ]
    assert with_marks(segments, made()) == "A list:\n- one [source2] [source1]\n\nThe end."


def test_a_mark_that_a_model_copied_from_what_it_read_cites_nothing():
    assert with_marks([{"text": "See [source3].", "ref_ids": [REFS[0]]}], made()) == "See. [source1]"
