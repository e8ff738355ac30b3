"""The guide for functions over a conversation, run from top to bottom."""

import re
import threading
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from support.scripted_model import Call, Calls, Say, ScriptedModel

from elysia_desktop.core.defaults import reset_settings

GUIDE = Path(__file__).parents[2] / "docs" / "state.md"
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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


def examples():
    """Each Python block with what it prints, and the line that it begins on."""
    text = GUIDE.read_text(encoding="utf-8")
    found = list(BLOCKS.finditer(text))
    for at, block in enumerate(found):
        if block[1] != "python":
            continue
        after = found[at + 1] if at + 1 < len(found) else None
        follows = after is not None and after[1] == "text" and not text[block.end() : after.start()].strip()
        yield block[2], after[2] if follows else "", text.count("\n", 0, block.start()) + 1


@pytest.fixture
def of_its_own(monkeypatch, tmp_path):
    """A computer without settings, on which a scripted model is set up as a person would do it."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with ScriptedModel(replies) as model:
        for role in ("BASE", "COMPLEX"):
            monkeypatch.setenv(f"{role}_MODEL", "scripted")
            monkeypatch.setenv(f"{role}_PROVIDER", "openai_compatible")
        monkeypatch.setenv("MODEL_API_BASE", model.address)
        reset_settings()
        yield model
    reset_settings()


def test_every_example_of_the_guide_prints_what_stands_under_it(of_its_own):
    threads = set(threading.enumerate())
    names = {"__name__": "guide"}
    ran = 0
    for source, expected, line in examples():
        printed = StringIO()
        code = compile("\n" * line + source, str(GUIDE), "exec", dont_inherit=True)
        with redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected, f"The example in line {line} of {GUIDE.name}"
        ran += 1
    assert ran > 7
    for _ in range(500):
        if set(threading.enumerate()) <= threads:
            return
        time.sleep(0.01)
    raise AssertionError(f"Left: {set(threading.enumerate()) - threads}")


def test_every_block_of_the_guide_is_code_or_its_output():
    text = GUIDE.read_text(encoding="utf-8")
    kinds = [block[1] for block in BLOCKS.finditer(text)]
    assert set(kinds) == {"python", "text"}
    assert text.count("```") == 2 * len(kinds)
    assert sum(bool(expected) for _, expected, _ in examples()) == kinds.count("text")
