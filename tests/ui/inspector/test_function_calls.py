from ui.chat.runs import decision, finished
from ui.inspector.calls_samples import a_loop, called, returned

from elysia_desktop.ui.inspector.calls_words import arguments_text, detail_text, spoken_text, total_text
from elysia_desktop.ui.inspector.function_calls import FunctionCalls
from elysia_desktop.ui.inspector.run_record import RunRecord


def fed(payloads):
    calls = FunctionCalls()
    for each in payloads:
        calls.feed(each["type"], each["payload"])
    return calls


def names(node):
    return [(child.name, names(child)) for child in node.children]


def test_calls_are_nested_under_the_call_within_which_they_were_made():
    calls = fed(a_loop())
    tree = [("query", []), ("cited_summarize", [])]
    assert names(calls.root) == [
        ("search_documents", []),
        ("summarize_document", [("read_document", []), ("ask_collections", tree)]),
    ]
    outcomes = [node.outcome for node in calls]
    assert outcomes == ["done", "done", "failed", "done", "done", "done"]


def test_a_way_through_a_branch_is_one_step():
    calls = fed([called("c1", "ask_collections"), decision("base", "search"), decision("search", "query")])
    assert names(calls.root) == [("ask_collections", [("query", [])])]


def test_a_tool_of_the_tree_that_was_called_tells_what_it_found():
    calls = fed([called("c1", "query"), called("c2", "aggregate"), finished("query", found="Products · 2")])
    assert [node.found for node in calls] == ["Products · 2", ""]
    assert names(calls.root) == [("query", []), ("aggregate", [])]


def test_what_runs_when_all_is_over_was_stopped():
    record = RunRecord()
    record.feed(called("c1", "search_documents"))
    record.end()
    assert [node.outcome for node in record.functions] == ["stopped"]


def test_an_unknown_call_that_returns_is_passed_over():
    assert list(fed([returned("c9")])) == []


def test_a_run_of_the_tree_alone_has_no_calls():
    assert not fed([decision("base", "query"), finished("query")])


def test_calls_are_told_in_words():
    calls = list(fed(a_loop()))
    assert arguments_text(calls[0].arguments) == 'text: "arch" · limit: 8'
    assert arguments_text("not json") == "not json"
    assert arguments_text("") == ""
    assert detail_text(calls[2]) == "failed · 0.0 s"
    assert detail_text(calls[4]) == "Reviews · 3 objects · 1.2 s"
    assert spoken_text(calls[0]) == 'search_documents, text: "arch" · limit: 8, done, 0.4 s'
    assert total_text(fed(a_loop())) == "4 calls"
