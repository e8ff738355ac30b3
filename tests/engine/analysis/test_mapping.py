import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.schema import DataType, Property
from elysia_desktop.engine.analysis.displays import DISPLAYS
from elysia_desktop.engine.analysis.mapping import can_be_kept, candidates, is_kept, with_table

DISPLAY = st.sampled_from(list(DISPLAYS.values()))
THRESHOLDS = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0]) | st.floats(0, 1)


@st.composite
def mappings(draw):
    """A display and a mapping of some of its fields, some of them to nothing."""
    display = draw(DISPLAY)
    fields = draw(st.lists(st.sampled_from(display.fields), unique=True))
    return display, {field: draw(st.sampled_from(["", "p"])) for field in fields}


@given(mappings(), THRESHOLDS)
def test_a_display_is_kept_when_enough_of_its_fields_are_mapped(drawn, threshold):
    display, mapping = drawn
    mapped = [field for field, prop in mapping.items() if prop]
    if is_kept(display, mapping, threshold):
        assert mapped
        assert set(display.required) <= set(mapped)
        assert len(mapped) / len(display.fields) >= threshold - 1e-6


@given(mappings(), THRESHOLDS)
def test_one_more_field_never_loses_a_display_and_a_lower_threshold_neither(drawn, threshold):
    display, mapping = drawn
    if is_kept(display, mapping, threshold):
        assert is_kept(display, {**mapping, display.fields[0]: "p"}, threshold)
        assert is_kept(display, mapping, threshold / 2)


@pytest.mark.parametrize(("number", "kept"), [(2, False), (3, True)])
def test_three_tenths_are_enough_exactly(number, kept):
    generic = DISPLAYS["generic"]
    assert len(generic.fields) == 10
    assert is_kept(generic, dict.fromkeys(generic.fields[:number], "p"), 0.3) is kept


def test_a_conversation_needs_both_ids():
    mapping = {"content": "text", "author": "by", "timestamp": "at", "conversation_id": "thread"}
    assert not is_kept(DISPLAYS["conversation"], mapping)
    assert is_kept(DISPLAYS["message"], mapping)
    assert is_kept(DISPLAYS["conversation"], {**mapping, "message_id": "id"})


@given(
    DISPLAY,
    st.lists(st.sampled_from(DataType), max_size=16),
    THRESHOLDS,
    st.data(),
)
def test_what_can_be_kept_is_never_ruled_out_by_types(display, types, threshold, data):
    properties = [Property(name=f"p{index}", type=kind) for index, kind in enumerate(types)]
    mapping = {}
    for field in display.fields:
        free = [name for name in candidates(field, properties) if name not in mapping.values()]
        if free:
            mapping[field] = data.draw(st.sampled_from([*free, ""]))
    if is_kept(display, mapping, threshold):
        assert can_be_kept(display, properties, threshold)


def test_numbers_alone_can_be_shown_as_a_table_only():
    properties = [Property(name=name, type="float") for name in ("width", "height", "weight")]
    assert not any(can_be_kept(display, properties) for display in DISPLAYS.values())


def test_the_table_shows_every_property_and_comes_last():
    properties = [Property(name="name", type="text"), Property(name="at", type="date")]
    found = with_table({"generic": {"title": "name"}, "product": {"name": "name"}}, properties)
    assert list(found) == ["product", "generic", "table"]
    assert found["table"] == {"name": "name", "at": "at"}
