from typing import Any

from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_course import course_of, path_in_words


def test_a_finished_run_notes_order_and_seconds(tree: dict[str, Any], payloads: list[dict[str, Any]]) -> None:
    course = course_of(tree, RunRecord.of(payloads))
    assert dict(course.notes) == {"base": "2 decisions", "query": "1 · 1.4 s", "text_response": "2 · 2.0 s"}
    assert course.taken == {"base", "query", "text_response"}
    assert course.running is None


def test_the_chosen_tool_runs_and_then_its_options_are_decided(
    tree: dict[str, Any], payloads: list[dict[str, Any]]
) -> None:
    record = RunRecord("q1")
    assert course_of(tree, record).running == "base"
    record.feed(payloads[0])
    record.feed(payloads[1])
    course = course_of(tree, record)
    assert course.running == "query"
    assert course.notes["query"] == "1 · running…"
    record.feed(payloads[2])
    assert course_of(tree, record).running == "query"  # something may follow the tool


def test_a_failed_tool_says_so(tree: dict[str, Any], payloads: list[dict[str, Any]]) -> None:
    payloads[2]["payload"]["failed"] = True
    course = course_of(tree, RunRecord.of(payloads))
    assert course.failed == {"query"}
    assert course.notes["query"] == "1 · failed"


def test_the_path_is_told_in_words(payloads: list[dict[str, Any]]) -> None:
    words = path_in_words(RunRecord.of(payloads))
    assert words == "1. At base: query, 1.4 s; 2. At base: text_response, 2.0 s."
    assert path_in_words(None) == "No decision has been made yet."
