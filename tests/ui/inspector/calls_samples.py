"""The payloads of a run that was answered by calling functions."""

from ui.chat.runs import decision, finished, payload


def called(call_id, name, arguments="{}", parent=""):
    content = {"call_id": call_id, "name": name, "arguments": arguments, "parent_id": parent}
    return payload("tool_called", content)


def returned(call_id, content="", outcome="done", seconds=0.4):
    return payload(
        "tool_returned", {"call_id": call_id, "outcome": outcome, "content": content, "seconds": seconds}
    )


def a_loop():
    """Two calls, the second with a failed call and a run of the tree within."""
    return [
        called("c1", "search_documents", '{"text": "arch", "limit": 8}'),
        returned("c1", "[source1] The engineer lived there."),
        called("c2", "summarize_document", '{"document": "a.pdf"}'),
        called("c3", "read_document", '{"page": 9}', "c2"),
        returned("c3", "There is no page 9.", "failed", 0.0),
        called("c4", "ask_collections", "not json", "c2"),
        decision("base", "query"),
        finished("query", 1.2, "Reviews · 3 objects"),
        decision("base", "cited_summarize"),
        finished("cited_summarize", 0.9),
        returned("c4", '{"answer": "None."}', seconds=2.3),
        returned("c2", "It opened in 1954.", seconds=3.1),
        payload("completed", {}),
    ]
