"""What a sensible model would say when it is asked about the sample files' story."""

from __future__ import annotations

from support.scripted_model import Body, Call, Calls, Reply, Say

QUESTION = "Who lived below the arch of the bridge, and for how long?"
ANSWER = (
    "Dr. Agnes Weiß, the engineer, lived in a house below the arch for **nine winters** [source1]. "
    "When she left, the town named the square behind the bridge after her [source1]."
)


def reader(body: Body) -> Reply:
    """Search the files once for each question, then answer with citations."""
    if body["messages"][-1]["role"] == "tool":
        return Say(ANSWER, piece=12)
    arguments = {"text": "engineer who lived below the arch of the bridge", "documents": []}
    return Calls([Call("search_documents", arguments)])
