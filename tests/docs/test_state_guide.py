"""The guide for functions over a conversation, run from top to bottom."""

import re
import threading
import time

import pytest
from support import guides
from support.scripted_model import Call, Calls, Say

GUIDE = guides.guide("state.md")
SUM = Call("SumBinaryNumbers", {"x": "101", "y": "11"})


def replies(body):
    """What the model says where the guide asks it, by the question and how far it has come."""
    messages = body["messages"]
    asked = next(m["content"] for m in messages if m["role"] == "user")
    told = sum(m["role"] == "tool" for m in messages)
    named = {f["function"]["name"] for f in body.get("tools") or ()}
    match asked:
        case "Twelve seats, please.":
            return Say("Ten are booked.") if told == 2 else Calls([Call("Booking", {"seats": 12 - 2 * told})])
        case "Who am I?":
            return Say("You are Ada.") if told else Calls([Call("WhoAsks")])
        case "What is in it?":
            document_id = re.search(r"'(.+)'", messages[0]["content"])[1]
            return Calls([Call("SummarizeTool", {"document_id": document_id})])
        case "Ships sail. Their sails are white.":
            return Say("White sails, on ships.")
        case "Is there a seat in row B?":
            return Say("Three are free [source1].") if told else Calls([Call("seats_left", {"row": "B"})])
        case _ if told:
            return Say("It is 8.")
        case _:
            return Calls([SUM, Call("Nonsense")] if "Booking" in named else [SUM])


@pytest.fixture
def of_its_own(monkeypatch, tmp_path):
    with guides.of_its_own(monkeypatch, tmp_path, replies) as model:
        yield model


def test_every_example_of_the_guide_prints_what_stands_under_it(of_its_own):
    threads = set(threading.enumerate())
    assert guides.run(GUIDE) > 7
    for _ in range(500):
        if set(threading.enumerate()) <= threads:
            return
        time.sleep(0.01)
    raise AssertionError(f"Left: {set(threading.enumerate()) - threads}")


def test_every_block_of_the_guide_is_code_or_its_output():
    assert guides.is_code_or_its_output(GUIDE)
