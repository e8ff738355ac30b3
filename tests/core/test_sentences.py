import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.sentences import LONGEST, sentences

TEXTS = st.text(
    st.sampled_from("aB1. !?\n\r\t,;:()\"'-*#。！」字ह।é\u2028…") | st.characters(codec="utf-8"), max_size=900
)


def cut(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        ('"Really?" he asked. He said "No." Then left.', ['"Really?" he asked.', 'He said "No."', "Then left."]),
        (
            "Dr. Smith, e.g. Mr. J. R. Doe, came on Jan. 5. He paid 3.50 (see Fig. 3). Version 2.0.1 is out.",
            [
                "Dr. Smith, e.g. Mr. J. R. Doe, came on Jan. 5.",
                "He paid 3.50 (see Fig. 3).",
                "Version 2.0.1 is out.",
            ],
        ),
        ("The U.S. Army came. No. 5 won, he said no. Then it rained.", [
            "The U.S. Army came.", "No. 5 won, he said no.", "Then it rained.",
        ]),
        ("Er kam am 3. Oktober z. B. nach Ulm. Das war gut.", [
            "Er kam am 3. Oktober z. B. nach Ulm.", "Das war gut.",
        ]),
        ("今日は晴れ。「本当？」と言った！終わり", ["今日は晴れ。", "「本当？」", "と言った！", "終わり"]),
        ("यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_sees_them_end(text, expected):
    assert cut(text) == expected


def test_items_of_lists_headings_and_paragraphs_are_their_own():
    text = "# Tents\nMade of\ncotton. Dry them:\n- by air\n- in the sun\n1. First. Then\n2. Second\n\nThe end"
    assert cut(text) == [
        "# Tents", "Made of\ncotton.", "Dry them:", "- by air", "- in the sun", "1. First.", "Then", "2. Second",
        "The end",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["no stop in here " * 200, "字" * 2_000, "a,b,c\n" * 300, "x" * 1_000])
def test_what_never_ends_is_cut_all_the_same(text):
    parts = cut(text)
    assert len(parts) > 2
    assert all(len(part) <= LONGEST for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_an_end_is_found_wherever_it_stands_in_a_long_text():
    told = "\n\nIs it “dry”?!” Then take 1.5 kg of rope, e.g. hemp ... and go. The end…) No."
    for before in range(50_000 - len(told), 50_001):
        assert cut("x" * before + told)[-4:] == cut("x" * LONGEST + told)[-4:]


def test_a_pause_is_where_a_long_sentence_is_cut():
    text = f"{'word ' * 60}, and then {'word ' * 60}"
    first, *_ = cut(text)
    assert first.endswith("word ,")


@settings(deadline=None)
@given(TEXTS)
def test_every_character_that_can_be_seen_is_in_one_sentence(text):
    spans = sentences(text)
    place = 0
    for start, end in spans:
        assert place <= start < end <= start + LONGEST
        assert not text[place:start].strip()
        assert text[start:end].strip() == text[start:end]
        place = end
    assert not text[place:].strip()
