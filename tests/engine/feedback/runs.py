"""Payloads of a run, and records as a run would leave them."""

from datetime import UTC, datetime

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.payloads import envelope
from elysia_desktop.core.run_record import DecisionMade, RunRecord, StepTaken

REQUEST = {"collection": "Boats", "filters": {"property": "masts", "operator": ">", "value": 1}}


def sent(kind, **content):
    return envelope(kind, content, "u", "c", "q")


def used(purpose="decision", *options, model="scripted", tokens=10, cost=None):
    return sent(
        "model_used",
        purpose=purpose,
        model=model,
        seconds=0.5,
        input_tokens=tokens,
        output_tokens=1,
        attempts=1,
        cost=cost,
        options=list(options),
        exchanges=[],
    )


def chose(option, why="because", node="base"):
    return sent("tree_update", node=node, tree_index=0, decision=option, reasoning=why, reset=True)


def found(request=None, objects=({"name": "Merle"},), **metadata):
    asked = {"query_output": request} if request else {}
    return sent("result", type="table", objects=list(objects), metadata={**asked, **metadata})


def finished(tool, told="", failed=False):
    return sent("step_finished", node=tool, seconds=0.25, found=told, failed=failed)


def said(text, **metadata):
    return sent("text", type="response", metadata=metadata, objects=[{"text": text}])


def turn(*payloads, prompt="Which boats have masts?", query_id="q", **more):
    return Turn(query_id, prompt, datetime(2026, 3, 2, tzinfo=UTC), list(payloads), **more)


def record(
    question="Which boats have masts?", *, tools=("query", "cited_summarize"), request=REQUEST, **more
):
    """A run that chose these tools in turn, the first of which made the request."""
    steps = [StepTaken(tool=tool, inputs="", requests=()) for tool in tools]
    if request and steps:
        steps[0] = StepTaken(tool=tools[0], inputs="collection_names=['Boats']", requests=(request,))
    values = {
        "query_id": question,
        "conversation_id": "c",
        "question": question,
        "decisions": tuple(DecisionMade(node="base", option=tool) for tool in tools),
        "steps": tuple(steps),
    }
    return RunRecord(**{**values, **more})
