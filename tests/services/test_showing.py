"""Of texts only the answer's is shown, and of it no mark of a source."""

from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Status, TextDelta, TextReplaced, ToolCalled, ToolReturned
from elysia_desktop.core.sources import without_marks
from elysia_desktop.services.showing import Doing, Shown


def seen(items):
    """What stands on the screen after these items."""
    shown, text = Shown("answer"), ""
    for item in [each for told in items for each in shown.of(told)]:
        text = text + item.object["delta"] if isinstance(item, TextDelta) else item.object["text"]
    return text


def test_what_is_written_elsewhere_is_not_shown():
    assert seen([TextDelta("answer", "A"), TextDelta("aside", "B"), TextReplaced("aside", "C")]) == "A"


def test_everything_that_is_no_text_is_shown_as_it_is():
    status = Status("Thinking…")
    assert list(Shown("answer").of(status)) == [status]


def test_a_text_in_place_of_another_begins_anew():
    items = [TextDelta("answer", "Old [sour"), TextReplaced("answer", "New"), TextDelta("answer", "er.")]
    assert seen(items) == "Newer."


def passages(*refs):
    return Retrieval([{"_REF_ID": ref} for ref in refs], {"document_id": "d"}, "document")


def test_passages_are_shown_again_only_with_new_ones():
    first, again, more, objects = (
        passages("a", "b"),
        passages("b"),
        passages("b", "c"),
        Retrieval([{"_REF_ID": "a"}]),
    )
    shown = Shown("answer")
    assert [each for item in (first, again, more, again, objects) for each in shown.of(item)] == [
        first,
        more,
        objects,
    ]


@given(
    st.lists(st.sampled_from(["It is", " tall", " [source1]", "[", "source", "12]", ".", " "]), max_size=12)
)
def test_however_a_text_is_cut_no_mark_is_seen(pieces):
    screen = seen([TextDelta("answer", piece) for piece in pieces])
    assert without_marks("".join(pieces)).startswith(screen)


def test_it_is_said_when_the_model_thinks_and_writes_again():
    doing = Doing()
    items = [
        ToolCalled("1", "ask", "{}"),
        ToolCalled("2", "query", "{}", "1"),
        ToolReturned("2", "done", "", 0.1),
        TextDelta("answer", "The tool writes"),
        ToolReturned("1", "done", "", 0.1),
        TextDelta("answer", "A"),
        TextDelta("answer", "B"),
    ]
    told = [each for item in items for each in doing.of(item)]
    assert [each for each in told if not isinstance(each, Status)] == items
    order = [each.object["text"] if isinstance(each, Status) else items.index(each) for each in told]
    assert order == [0, 1, 2, 3, 4, "Thinking…", "Writing…", 5, 6]
