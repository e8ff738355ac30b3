"""The two examples that introduce the state manager, run as they are printed."""

import asyncio

import pytest
from state.loops import answers, asked, call, calls, is_valid, sent
from support.scripted_model import Say

from elysia_desktop.state import MemoryHome

# ruff: noqa: E501 - printed so

SUM = '''
from pydantic import BaseModel, Field
from elysia_desktop.state import Message, StateManager

class SumBinaryNumbers(BaseModel):
    """Add two binary numbers."""
    x: str = Field(..., description="first binary number")
    y: str = Field(..., description="second binary number")

    def run(self, call_id, state, extra=None, out=None):
        return int(self.x, 2) + int(self.y, 2)

state.context(Message.SYSTEM(f"Documents: {state.files.uploaded.values('id', 'name')}"), prepend=True) \\
     .register(SumBinaryNumbers).loop(out=state.last_ass_message)
'''

SUMMARIZE = '''
class SummarizeTool(BaseModel):
    """Summarise the document that the question is about."""
    document_id: str = Field(..., description="id of the document")

    def run(self, call_id, state, extra=None, out=None):
        document = state.files.get_by_id(self.document_id)
        if out:
            out.update("_Summarising…_")
        completion = state.llm.complete([Message.SYSTEM("Summarise the document."), Message.USER(document.content)], out=out)
        if not out:
            return completion

context = state.ctx.expand().keep(3000).append(Message.SYSTEM("Available documents: …"))
state.context(context).register(SummarizeTool).loop(" ".join(args), state.last_ass_message, "_Generating answer…_")
'''


@pytest.fixture
def home():
    """A conversation with one file."""
    made = MemoryHome()
    asyncio.run(made.documents.write("ships.txt", "Ships sail. Their sails are white."))
    return made


def run(source, **names):
    exec(compile(source, "spec", "exec", dont_inherit=True), names)
    return names


def test_the_first_example_adds_two_binary_numbers(home):
    replies = [calls(call("SumBinaryNumbers", x="101", y="11")), Say("It is 8.")]
    with asked(*replies, question="What is 101 + 11?", home=home) as state:
        run(SUM, state=state)
        first = sent(state, 0)
        assert first[0]["role"] == "system"
        assert "ships.txt" in first[0]["content"]
        assert first[1]["content"] == "What is 101 + 11?"
        assert answers(sent(state)) == ["8"]
        assert state.last_ass_message.content == "It is 8."
        assert is_valid(sent(state))


@pytest.fixture
def names():
    from pydantic import BaseModel, Field

    from elysia_desktop.state import Message, StateManager

    return {"BaseModel": BaseModel, "Field": Field, "Message": Message, "StateManager": StateManager}


def test_the_second_example_summarises_into_the_answer(home, names):
    (document,) = home.documents.listed()
    seen = []

    def script(body):
        seen.append(state.last_ass_message.content)
        if not seen[1:]:
            return calls(call("SummarizeTool", document_id=document.id))
        return Say("It is about ships.")

    with asked(script, question="", home=home) as state:
        run(SUMMARIZE, state=state, args=["Summarise", "ships.txt"], **names)
        assert seen == ["_Generating answer…_", "_Summarising…_"]
        assert sent(state, 0)[-1] == {"role": "user", "content": "Summarise ships.txt"}
        assert [m["content"] for m in sent(state)] == [
            "Summarise the document.",
            "Ships sail. Their sails are white.",
        ]
        assert state.last_ass_message.content == "It is about ships."
        assert answers(state.ctx.to_chat()) == ["It is about ships."]
        assert len(state.model.requests) == 2


def test_a_document_that_there_is_not_is_told_to_the_model(home, names):
    replies = [calls(call("SummarizeTool", document_id="nothing")), Say("There is none.")]
    with asked(*replies, home=home) as state:
        run(SUMMARIZE, state=state, args=["Summarise"], **names)
        assert "nothing" in answers(sent(state))[0]
        assert state.last_ass_message.content == "There is none."
