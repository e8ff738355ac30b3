import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.json_stream import TextPicker

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
REPLY = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "title", 'te"xt', "refs"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def picked(pieces):
    out = []
    picker = TextPicker(out.append)
    for piece in pieces:
        picker.feed(piece)
    assert all(out)
    return "".join(out)


def texts_in(value):
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    if isinstance(value, dict):
        return [
            text
            for key, item in value.items()
            for text in ([item] if key == "text" and isinstance(item, str) else texts_in(item))
        ]
    return []


def joined(texts):
    whole = ""
    for text in texts:
        if whole and text and not whole[-1].isspace() and not text[0].isspace():
            whole += " "
        whole += text
    return whole


@given(REPLY, st.lists(st.integers(0, 400)), st.booleans(), st.sampled_from([None, 2]))
def test_any_split_of_a_reply_gives_its_texts(value, cuts, escaped, indent):
    reply = json.dumps(value, ensure_ascii=escaped, indent=indent)
    places = [0, *sorted({cut for cut in cuts if cut < len(reply)}), len(reply)]
    pieces = [reply[a:b] for a, b in itertools.pairwise(places)]
    assert picked(pieces) == joined(texts_in(value))


@given(st.text(), st.text())
def test_what_is_no_json_does_no_harm(first, second):
    picked([first, second])


def test_half_a_character_passes_nothing_on():
    assert picked([r'{"text": "a\ud83d\u00e4\ude00b"}']) == "aäb"


def test_a_reply_that_broke_off_does_not_spoil_the_next():
    out = []
    picker = TextPicker(out.append)
    picker.feed('{"text": "half a sen')
    picker.reset()
    picker.feed('{"title": "No", "text": "A whole one."}')
    assert "".join(out) == "half a sen A whole one."
