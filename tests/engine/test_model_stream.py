from types import SimpleNamespace

import pytest

from elysia_desktop.engine.model_stream import CallPieces, DeltaStream


def pieces_of(*given):
    calls = CallPieces()
    for piece in given:
        calls.add(*piece)
    return calls.made


def test_pieces_of_calls_that_come_in_turns_are_put_together():
    made = pieces_of((0, "a", "add", ""), (1, "b", "say", '{"t"'), (0, "", "", "{}"), (1, "", "", ": 1}"))
    assert made == [("a", "add", "{}"), ("b", "say", '{"t": 1}')]


@pytest.mark.parametrize("call_id", ["a", ""])
def test_a_server_that_repeats_id_and_name_with_each_piece_makes_one_call(call_id):
    assert pieces_of((0, call_id, "add", '{"x"'), (0, call_id, "add", ": 1}")) == [
        (call_id, "add", '{"x": 1}')
    ]


def test_calls_that_all_have_one_number_are_told_apart():
    assert pieces_of((0, "a", "add", "{}"), (0, "b", "add", "{")) == [("a", "add", "{}"), ("b", "add", "{")]
    assert pieces_of((0, "", "add", "{}"), (0, "", "say", "{}")) == [("", "add", "{}"), ("", "say", "{}")]


def test_a_name_may_come_late():
    assert pieces_of((0, "a", "", ""), (0, "", "add", "{}")) == [("a", "add", "{}")]


async def test_thoughts_text_and_calls_all_count_towards_the_limit():
    heard = []
    stream = DeltaStream(heard.append, 1)

    async def take(content=None, **more):
        delta = SimpleNamespace(content=content, get=more.get)
        await stream.send(SimpleNamespace(choices=[SimpleNamespace(delta=delta)]))

    await take("four")
    await take(reasoning_content="four")
    await take(tool_calls=[{"index": 0, "id": "a", "function": {"name": "add", "arguments": "four"}}])
    assert not stream.is_too_long
    with pytest.raises(ValueError, match="limit"):
        await take("fives")
    assert stream.is_too_long
    assert (stream.text, heard, stream.calls) == ("four", ["four"], [("a", "add", "four")])
