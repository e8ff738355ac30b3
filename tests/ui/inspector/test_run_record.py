from typing import Any

from elysia_desktop.ui.inspector.run_record import Decision, RunRecord


def sent(type_: str, query_id: str = "q1", **content: Any) -> dict[str, Any]:
    return {
        "type": type_,
        "id": "x",
        "user_id": "u",
        "conversation_id": "c",
        "query_id": query_id,
        "payload": content,
    }


def used(
    purpose: str, tokens: tuple[int, int] = (612, 58), cost: float | None = 0.001, **more: Any
) -> dict[str, Any]:
    content = {"seconds": 0.5, "attempts": 1, "options": ["query", "aggregate"], **more}
    return sent(
        "model_used",
        purpose=purpose,
        model="m",
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost=cost,
        **content,
    )


def chose(node: str, decision: str, reasoning: str = "Because.") -> dict[str, Any]:
    return sent("tree_update", node=node, decision=decision, reasoning=reasoning, tree_index=0, reset=False)


def finished(
    node: str, seconds: float = 1.4, found: str = "Products · 10 objects", failed: bool = False
) -> dict[str, Any]:
    return sent("step_finished", node=node, seconds=seconds, found=found, failed=failed)


def test_a_decision_joins_the_model_call_before_it() -> None:
    record = RunRecord("q1")
    record.feed(used("decision", attempts=2))
    record.feed(chose("base", "query"))
    assert record.decisions == [
        Decision(0, "base", "query", "Because.", ("query", "aggregate"), 0.5, 612, 58, 2, "m", call=0),
    ]
    assert record.path == [("base", "query")]
    assert not record.decisions[0].is_forced


def test_a_choice_without_a_model_call_has_no_tokens() -> None:
    record = RunRecord("q1")
    record.feed(used("decision"))
    record.feed(chose("base", "query"))
    record.feed(chose("query", "query_postprocessing"))
    forced = record.decisions[1]
    assert forced.is_forced
    assert (forced.input_tokens, forced.output_tokens, forced.options) == (0, 0, ())


def test_a_step_belongs_to_the_decision_that_led_to_it() -> None:
    record = RunRecord("q1")
    record.feed(used("decision"))
    record.feed(chose("base", "query"))
    assert record.running == "query"
    record.feed(finished("query"))
    assert record.running is None
    step = record.step_of(record.decisions[0])
    assert step is not None
    assert (step.seconds, step.found, step.failed) == (1.4, "Products · 10 objects", False)


def test_a_tool_that_ran_by_itself_leaves_the_chosen_one_running() -> None:
    record = RunRecord("q1")
    record.feed(chose("base", "query"))
    record.feed(finished("reminder"))
    assert record.running == "query"
    assert record.steps[0].decision is None


def test_totals_add_every_call_and_know_no_cost_when_one_is_unknown() -> None:
    record = RunRecord("q1")
    assert record.totals.cost is None
    record.feed(used("decision", cost=0.001))
    record.feed(chose("base", "query"))
    record.feed(used("query", (100, 10), cost=0.002))
    record.feed(finished("query"))
    assert record.totals.input_tokens == 712
    assert record.totals.output_tokens == 68
    assert record.totals.cost == 0.003
    assert record.totals.seconds == 1.9  # the tool's own call is part of its step
    assert [call.purpose for call in record.further_calls] == ["query"]
    record.feed(used("query", cost=None))
    assert record.totals.cost is None


def test_errors_and_the_end_are_noted_and_words_are_not() -> None:
    record = RunRecord("q1")
    assert record.feed(sent("self_healing_error", feedback="No such field.", error_message="KeyError"))
    assert not record.feed(sent("text_delta", message_id="t", delta="Hello"))
    assert record.errors[0].feedback == "No such field."
    assert record.feed(sent("completed"))
    assert record.is_over


def test_payloads_of_another_run_are_left_alone() -> None:
    record = RunRecord("q1")
    assert not record.feed(sent("tree_update", query_id="q2", node="base", decision="query", reasoning=""))
    assert record.decisions == []


def test_a_stored_run_that_was_cut_off_is_over() -> None:
    record = RunRecord.of([used("decision"), chose("base", "query")])
    assert record.query_id == "q1"
    assert record.is_over
    assert record.running is None


def test_a_tool_that_ran_twice_has_two_visits() -> None:
    record = RunRecord("q1")
    for node in ("query", "aggregate", "query"):
        record.feed(chose("base", node))
        record.feed(finished(node))
    assert record.visits() == {"query": [1, 3], "aggregate": [2]}
    assert [decision.index for decision in record.decisions_about("query")] == [0, 2]
    assert len(record.decisions_about("base")) == 3


def test_missing_numbers_are_zero() -> None:
    record = RunRecord("q1")
    record.feed(sent("model_used", purpose="decision", model="m"))
    record.feed(sent("tree_update", node="base", decision="query"))
    assert record.decisions[0].seconds == 0.0
    assert record.decisions[0].reasoning == ""


def test_a_call_knows_its_requests() -> None:
    record = RunRecord("q1")
    record.feed(used("decision", exchanges=["e1", "e2"]))
    record.feed(used("query"))
    assert [call.exchanges for call in record.calls] == [("e1", "e2"), ()]


def test_a_step_leads_to_the_first_call_that_was_made_for_it() -> None:
    record = RunRecord("q1")
    for payload in (
        used("decision"),
        chose("base", "query"),
        used("query"),
        finished("query"),
        chose("query", "summarise_items"),
        used("summaries"),
        used("summaries"),
        finished("summarise_items"),
        finished("by_itself"),
        chose("base", "forced"),
        finished("forced"),
    ):
        record.feed(payload)
    assert [step.call for step in record.steps] == [0, 2, None, None]
    assert [decision.call for decision in record.decisions] == [0, None, None]
